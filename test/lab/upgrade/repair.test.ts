import { describe, expect, it } from 'vitest'
import type { CliReply } from '../../../core/contract/admin.ts'
import { SPARE_ID } from '../../../core/upgrade/state.ts'
import { upgradeView } from '../../../core/upgrade/view.ts'
import { bench, twoPhones, type Bench } from '../bench.ts'
import { callsRing, messagePushed } from '../onboarding/fresh.ts'

const HOUR = 3_600_000

/** Two Unified CM nodes and one of IM and Presence, with a machine token that is dead for an hour. */
function dead(): Bench {
  const b = bench({
    ...twoPhones({ client: 'jabber', clientRelease: '12.9', osRelease: '13.5' }, { nodes: 2, im: true }),
    cluster: { release: '12.5(1)SU3', nodes: [{ id: 'ucm-pub' }, { id: 'ucm-sub1' }] },
  })
  b.runFor(1_000)
  b.give('machineAccount.break', { how: 'refresh token expired' })
  b.runFor(HOUR + 60_000)
  return b
}

const cli = (b: Bench, node: string, line: string): CliReply => {
  const reply = b.give('cli.run', { node, line }) as CliReply
  b.runFor(5_000)
  return reply
}

const refusal = (b: Bench, name: string, args: unknown = {}): string => {
  const reply = b.try(name, args)
  b.runFor(5_000)
  return reply.ok ? '' : reply.message
}

const tokenOn = (b: Bench, node: string): string =>
  /lab-rt-[0-9a-f-]+/.exec(cli(b, node, 'run sql select refreshtoken from machineaccountdetails').output)?.[0] ?? ''

function newServer(b: Bench, release?: string): void {
  expect(refusal(b, 'repair.install', release === undefined ? {} : { release })).toBe('')
  expect(refusal(b, 'repair.license')).toBe('')
  expect(refusal(b, 'repair.certificates')).toBe('')
  expect(refusal(b, 'repair.onboard')).toBe('')
}

const RESTARTS: [node: string, services: string[]][] = [
  ['ucm-pub', ['CMAS', 'CCMPNS', 'Cisco Tomcat']],
  ['ucm-sub1', ['CMAS', 'CCMPNS', 'Cisco Tomcat']],
  ['imp-pub', ['Cisco XCP Config Manager', 'Cisco XCP Router', 'Cisco Tomcat']],
]

function restart(b: Bench, nodes = RESTARTS.map(([node]) => node)): void {
  for (const [node, services] of RESTARTS)
    if (nodes.includes(node)) for (const service of services) cli(b, node, `utils service restart ${service}`)
}

const done = (b: Bench): number[] => upgradeView(b.lab.world).repair.steps.flatMap((step) => (step.state === 'done' ? [step.number] : []))

describe('a node without an access token', () => {
  it('[NET-02][TRB-11] is degraded from the end of its last token on, and up again with the next', () => {
    const b = bench(twoPhones({}, { nodes: 1 }))
    b.runFor(1_000)
    b.give('machineAccount.break', { how: 'refresh token expired' })
    const endsAt = b.lab.world.cluster.nodes.get('ucm-pub')!.agent.tokenEndsAt!
    b.lab.runUntil(endsAt - 1)
    expect(b.node('ucm-pub')).toMatchObject({ state: 'up', health: 'up' })
    b.lab.runUntil(endsAt)
    expect(b.node('ucm-pub')).toMatchObject({ state: 'up', health: 'degraded', note: 'no access token' })
    b.give('machineAccount.mend', {})
    b.runFor(11 * 60_000)
    expect(b.node('ucm-pub').health).toBe('up')
  })
})

describe('the CLI of the new server', () => {
  it('[UPG-09] answers like any other, and is gone from nowhere else', () => {
    const b = dead()
    expect(b.try('cli.run', { node: SPARE_ID, line: 'show status' }).ok).toBe(false)
    refusal(b, 'repair.install')
    for (const line of [
      'show status',
      'utils service list',
      'show version active',
      'utils network ping push.webexconnect.com',
      'run sql select name from device',
      'help',
      'show network eth0',
    ])
      expect(b.try('cli.run', { node: SPARE_ID, line }), line).toMatchObject({ ok: true })
    expect(cli(b, SPARE_ID, 'run sql select * from machineaccountdetails').output).toContain('No records found')
    expect(b.rows('link').some((row) => row.id.includes(SPARE_ID))).toBe(false)
    expect(refusal(b, 'repair.install')).toContain('installed already')
  })
})

describe('the machine token is dead', () => {
  it('[SCN-01][UPG-08] push counters stand still, 400 at Common Identity, alarms on both products', () => {
    const b = dead()
    const sent = b.counter('ucm-pub', 'NumberOfPushReqSent')
    expect(callsRing(b)).toMatchObject({ rang: false, why: 'ALM-03' })
    expect(messagePushed(b).pushed).toBe(false)
    expect(b.counter('ucm-pub', 'NumberOfPushReqSent')).toBe(sent)
    for (const name of ['AccessTokenInvalid', 'PushNotificationServiceAccessTokenUnavailable', 'AccessTokenFetchFailed'])
      expect(
        b.alarms(name).some((alarm) => alarm.clearedAt === null),
        name,
      ).toBe(true)
    expect(b.hops({ from: 'ci', to: 'imp-pub/XCP Config Manager', message: '400' }).length).toBeGreaterThan(0)
  })

  it('[SCN-01][UPG-09][UPG-10][DEC-16] the whole repair in eight steps: pushes are back after the last restart', () => {
    const b = dead()
    newServer(b)
    expect(done(b)).toEqual([1, 2, 3, 5])
    cli(b, SPARE_ID, 'utils service restart Cisco Push Notification service')
    expect(b.hops({ from: 'ci', to: `${SPARE_ID}/CPNS`, outcome: 'access token for' }).length).toBe(1)
    expect(upgradeView(b.lab.world).repair).toMatchObject({ tokenFetched: true, sameVersion: true })
    const fresh = tokenOn(b, SPARE_ID)
    const old = tokenOn(b, 'ucm-pub')
    expect(fresh).not.toBe(old)
    // The broken spelling gets the right form, and changes nothing.
    const wrong = b.try('cli.run', { node: 'ucm-pub', line: 'run sql * from machineaccountdetails' })
    expect(JSON.stringify(wrong)).toContain('select')
    const pkid = /[0-9a-f]{8}-[0-9a-f-]{27}/.exec(cli(b, 'ucm-pub', 'run sql select pkid from machineaccountdetails').output)?.[0]
    cli(b, 'ucm-pub', `run sql update machineaccountdetails set refreshtoken='${fresh}' where pkid='${pkid}'`)
    for (const node of ['ucm-pub', 'ucm-sub1', 'imp-pub']) expect(tokenOn(b, node), node).toBe(fresh)
    expect(callsRing(b).rang).toBe(false)
    restart(b)
    expect(done(b)).toEqual([1, 2, 3, 4, 5, 6, 7, 8])
    expect(callsRing(b).rang).toBe(true)
    expect(messagePushed(b).pushed).toBe(true)
  })

  it('[UPG-10] a node whose services did not restart, or that still shows the old token, keeps failing', () => {
    const b = dead()
    newServer(b)
    b.give('node.crash', { node: 'imp-pub' })
    b.give('repair.paste', {})
    b.runFor(5_000)
    expect(upgradeView(b.lab.world).repair.nodes).toMatchObject([
      { node: 'ucm-pub', database: true, inUse: false },
      { node: 'ucm-sub1', database: true, inUse: false },
      { node: 'imp-pub', database: false },
    ])
    restart(b, ['ucm-sub1'])
    expect(callsRing(b).rang).toBe(false)
    expect(b.node('ucm-sub1').note).toContain('access token until')
    expect(b.node('ucm-pub').note).toBe('no access token')
    restart(b, ['ucm-pub'])
    expect(callsRing(b).rang).toBe(true)
    // Back again, its database catches up with the publisher.
    b.give('node.start', { node: 'imp-pub' })
    b.runFor(5_000)
    expect(upgradeView(b.lab.world).repair.nodes[2]).toMatchObject({ database: true })
  })

  it('[UPG-09] a server of another version gives a token that does not help', () => {
    const b = dead()
    newServer(b, '14SU3')
    expect(upgradeView(b.lab.world).repair).toMatchObject({ sameVersion: false })
    expect(done(b)).not.toContain(1)
    b.give('repair.paste', {})
    b.runFor(5_000)
    restart(b)
    expect(callsRing(b)).toMatchObject({ rang: false, why: 'ALM-03' })
    expect(b.hops({ from: 'ci', to: 'ucm-pub/CPNS', message: '400 invalid_refresh_token' }).length).toBeGreaterThan(0)
  })

  it('[UPG-09] an unlicensed server gets no token, one without certificates does not even reach the cloud', () => {
    const unlicensed = dead()
    refusal(unlicensed, 'repair.install')
    refusal(unlicensed, 'repair.certificates')
    refusal(unlicensed, 'repair.onboard')
    expect(upgradeView(unlicensed.lab.world).repair).toMatchObject({ onboarded: false, problem: expect.stringContaining('voucher') })
    expect(refusal(unlicensed, 'repair.paste')).toContain('onboard it first')

    const bare = dead()
    refusal(bare, 'repair.install')
    refusal(bare, 'repair.license')
    refusal(bare, 'repair.onboard')
    expect(upgradeView(bare.lab.world).repair.problem).toContain('is missing in tomcat-trust of ucm-new')
    refusal(bare, 'repair.certificates')
    refusal(bare, 'repair.onboard')
    expect(upgradeView(bare.lab.world).repair).toMatchObject({ onboarded: true, problem: '' })
  })
})
