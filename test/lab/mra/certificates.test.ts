import { describe, expect, it } from 'vitest'
import { CERTIFICATE_LAYOUTS, type MraLinkId } from '../../../core/contract/oauth.ts'
import type { LinkRow } from '../../../core/contract/rows.ts'
import { needsOf } from '../../../core/edge/mraCertificates.ts'
import { mraView } from '../../../core/oauth/view.ts'
import { bench, finding, MRA_WITH_IM, twoPhones, type Bench } from '../bench.ts'

function lab(expressway: object = {}, phone: object = {}): Bench {
  const { links = [] } = MRA_WITH_IM()
  return bench(
    twoPhones(
      { client: 'jabber', clientRelease: '12.9', osRelease: '13.5', mra: true, wifi: null, ...phone },
      { im: true, edge: { expressway }, links },
    ),
  )
}

const red = (b: Bench): MraLinkId[] => mraView(b.lab.world).links.flatMap((each) => (each.health === 'down' ? [each.link] : []))
const drawn = (b: Bench, id: string): string | undefined => b.rows<LinkRow>('link').find((row) => row.id === id)?.health

describe('three layouts of certificates', () => {
  it.each(CERTIFICATE_LAYOUTS)('[MRA-04] %s: all green; without any one item exactly the connections that need it are red', (layout) => {
    const b = lab({ certificates: { layout } })
    expect(red(b)).toEqual([])
    expect(drawn(b, 'expressway-c~ucm-pub')).toBe('up')
    for (const [item, links] of needsOf(layout)) {
      b.give('mra.certificate', { item, present: false })
      expect(red(b).toSorted(), item).toEqual([...links].toSorted())
      for (const link of links) expect(finding(b, `mra:link:${link}`)).toMatchObject({ level: 'Fail', text: expect.stringContaining(item) })
      expect(drawn(b, 'expressway-c~imp-pub')).toBe(links.includes('IM and Presence, HTTPS') ? 'down' : 'up')
      expect(drawn(b, 'expressway-c~ucm-pub')).toBe(
        links.some((link) => link === 'Unified CM, HTTPS' || link === 'Unified CM, SIP') ? 'down' : 'up',
      )
      b.give('mra.certificate', { item, present: true })
      expect(red(b)).toEqual([])
    }
  })

  it('[MRA-04] an item of another layout is refused, and names those of this one', () => {
    const b = lab({ certificates: { layout: 'self-signed' } })
    const reply = b.try('mra.certificate', { item: 'root chain on Unified CM', present: true })
    expect(reply).toMatchObject({ ok: false, issues: [{ fix: expect.stringContaining('Tomcat of Unified CM on Expressway-C') }] })
  })

  it('[MRA-04] what a red connection costs: the login, the REGISTER after a push, the message push', () => {
    const login = lab({ certificates: { layout: 'self-signed', lacks: ['Tomcat of Unified CM on Expressway-C'] } }, { signedIn: false })
    login.give('device.signIn', { device: 'phone' })
    login.runFor(5_000)
    expect(login.device('phone').signedIn).toBe(false)
    expect(login.hop({ message: 'login', status: 'fail' }).why).toBe('MRA-04')

    const sip = lab({ certificates: { layout: 'self-signed', lacks: ['CallManager of Unified CM on Expressway-C'] } })
    const call = sip.call('5001')
    sip.runFor(20_000)
    expect(sip.flow(call)).toMatchObject({ offeredAt: null, causeWhy: 'MRA-04' })

    const messages = lab({ certificates: { layout: 'self-signed', lacks: ['Tomcat of IM and Presence on Expressway-C'] } })
    const { flow } = messages.give('message.send', { from: 'okafor', to: 'ana', text: 'x' }) as { flow: number }
    messages.runFor(5_000)
    expect(messages.flow(flow)).toMatchObject({ state: 'failed', causeWhy: 'MRA-04' })
  })
})

describe('the Authz certificate', () => {
  it('[MRA-01] regenerated on Unified CM it differs, logins over MRA fail, and Refresh Servers brings it in line', () => {
    const b = lab({}, { signedIn: false })
    expect(mraView(b.lab.world).authz).toMatchObject({ equal: true })
    b.give('authz.regenerate', {})
    expect(mraView(b.lab.world).authz).toEqual({ unifiedCm: 2, expressway: 1, equal: false })
    expect(finding(b, 'mra:authz')).toMatchObject({ level: 'Warning', why: 'MRA-01' })
    b.give('device.signIn', { device: 'phone' })
    b.runFor(5_000)
    expect(b.hop({ message: 'login', status: 'fail' }).why).toBe('MRA-01')
    b.give('expressway.refresh', {})
    expect(mraView(b.lab.world).authz).toEqual({ unifiedCm: 2, expressway: 2, equal: true })
    b.give('device.signIn', { device: 'phone' })
    b.runFor(5_000)
    expect(b.device('phone').signedIn).toBe(true)
    expect(finding(b, 'mra:authz')).toBeUndefined()
  })
})
