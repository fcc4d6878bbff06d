import { describe, expect, it } from 'vitest'
import { passes } from '../../../core/admin/agent.ts'
import { PUSH_LEVELS } from '../../../core/admin/state.ts'
import type { SupportAlarm } from '../../../core/contract/admin.ts'
import { SEVERITIES, SEVERITY_DIGIT } from '../../../core/serviceability/alarms.ts'
import { bench, twoPhones, type Bench } from '../bench.ts'
import { ask, cli, DAY, MINUTE, query, says } from './desk.ts'

const AGENT = 'ucm-pub/CMAS'

/** A lab with one alarm of level Error (dead push token of Ana's phone) and one of level Alert (CPNS of ucm-pub does not answer). */
function withAlarms(rest: Parameters<typeof twoPhones>[1] = {}): Bench {
  const b = bench(twoPhones({}, { nodes: 2, faults: [{ fault: { kind: 'answer', on: 'push-rest', status: 410, count: 1 } }], ...rest }))
  b.runUntil(1_000)
  b.call('5001')
  b.runFor(20_000)
  return b
}

const uploads = (b: Bench) => b.hops({ from: AGENT, to: 'fos', message: 'POST' }).map(({ at, message }) => ({ at, message }))

describe('upload of alarms', () => {
  it('[TRB-02][TRB-06] comes by itself every 30 minutes once push is enabled, at 30:00.000 and not before', () => {
    const b = withAlarms()
    b.runUntil(30 * MINUTE - 1)
    expect(uploads(b)).toEqual([])
    expect(ask(b, 'agent.show')).toMatchObject({ send: true, nextAt: 30 * MINUTE, waiting: 1, frequencyMinutes: 30, minPushLevel: 'Error' })
    b.runUntil(31 * MINUTE)
    expect(uploads(b)).toMatchObject([{ message: 'POST 1 alarm' }])
    expect(b.hop({ from: AGENT, message: 'connect' }).sentAt).toBe(30 * MINUTE)
    expect(ask(b, 'agent.show')).toMatchObject({ nextAt: 60 * MINUTE, waiting: 0, uploads: [{ state: 'sent', now: false, alarms: 1 }] })
    b.runUntil(61 * MINUTE)
    expect(uploads(b)).toMatchObject([{ message: 'POST 1 alarm' }, { message: 'POST 0 alarms' }])
  })

  it('[TRB-02] begins with onboarding, ends with offboarding and with the cleared box', () => {
    const b = bench(twoPhones({}, { cluster: { nodes: [{ id: 'ucm-pub' }], onboarded: false } }))
    b.runUntil(40 * MINUTE)
    expect(ask(b, 'agent.show')).toMatchObject({ send: false, nextAt: null, clusterId: null, supportToken: null })
    b.give('cluster.onboard', {})
    b.runFor(10_000)
    const { send, nextAt, clusterId } = ask(b, 'agent.show')
    expect(send).toBe(true)
    expect(clusterId).toMatch(/^[0-9a-f-]{36}$/)
    b.runUntil((nextAt ?? 0) + 1_000)
    expect(uploads(b)).toHaveLength(1)
    b.give('agent.options', { send: false })
    expect(ask(b, 'agent.show')).toMatchObject({ send: false, nextAt: null })
    expect(cli(b, 'ucm-pub', 'utils managementAgent alarms pushnow').output).toContain('not checked on the Cloud Onboarding page')
    b.runFor(100 * MINUTE)
    expect(uploads(b)).toHaveLength(1)
    b.give('agent.options', { send: true })
    // The Customer Cluster ID is kept (TRB-03).
    expect(ask(b, 'agent.show').clusterId).toBe(clusterId)
    b.give('cluster.offboard', {})
    b.runFor(100 * MINUTE)
    expect(uploads(b)).toHaveLength(1)
    expect(cli(b, 'ucm-pub', 'utils managementAgent alarms pushnow').output).toContain('not onboarded')
  })

  it('[TRB-02] what was raised while the box was clear stays at home', () => {
    const b = withAlarms({})
    b.give('agent.options', { send: false })
    b.give('device.expireToken', { device: 'phone' })
    b.runFor(1_000)
    b.give('agent.options', { send: true })
    says(b, 'ucm-pub', 'utils managementAgent alarms pushnow')
    b.runFor(5_000)
    expect(uploads(b)).toMatchObject([{ message: 'POST 0 alarms' }])
  })

  it('[TRB-01] is skipped while the service is stopped, with a word each time; afterwards the alarms go', () => {
    const b = withAlarms()
    says(b, 'ucm-pub', 'utils service stop Cisco Management Agent Service')
    b.runUntil(61 * MINUTE)
    expect(uploads(b)).toEqual([])
    const skipped = b.hops({ from: AGENT, outcome: 'skipped: Cisco Management Agent Service does not run', why: 'TRB-01' })
    expect(skipped.map(({ at }) => at)).toEqual([30 * MINUTE, 60 * MINUTE])
    expect(ask(b, 'agent.show')).toMatchObject({ running: false, waiting: 1, uploads: [{ state: 'skipped' }, { state: 'skipped' }] })
    expect(ask(b, 'support.alarms', { clusterId: ask(b, 'agent.show').clusterId }).found).toBe(false)
    expect(cli(b, 'ucm-pub', 'utils managementAgent alarms pushnow')).toMatchObject({ failed: true })
    says(b, 'ucm-pub', 'utils service start Cisco Management Agent Service')
    b.runUntil(91 * MINUTE)
    expect(uploads(b)).toMatchObject([{ message: 'POST 1 alarm' }])
  })

  it('[TRB-01] is skipped while the publisher is down', () => {
    const b = withAlarms()
    b.give('node.crash', { node: 'ucm-pub' })
    b.runUntil(31 * MINUTE)
    expect(b.hop({ from: AGENT, outcome: 'skipped: ucm-pub is crashed' }).at).toBe(30 * MINUTE)
  })

  it.each([
    ['5', 5],
    ['90', 90],
    ['030', 30],
  ])('[TRB-06] %s minutes are taken, and the next upload follows the new value', (text, minutes) => {
    const b = withAlarms()
    b.runUntil(10 * MINUTE)
    expect(says(b, 'ucm-pub', `utils managementAgent alarms pushfrequency ${text}`)).toBe(`Alarm push frequency set to ${minutes} minutes`)
    expect(ask(b, 'agent.show').nextAt).toBe((10 + minutes) * MINUTE)
    b.runUntil((10 + minutes) * MINUTE - 1)
    expect(uploads(b)).toEqual([])
    b.runFor(2_000)
    expect(uploads(b)).toHaveLength(1)
    expect(says(b, 'ucm-pub', 'utils managementAgent alarms pushfrequency')).toBe(`Alarm push frequency: ${minutes} minutes`)
  })

  it.each(['4', '91', '7.5', '-5', 'ten', '5 5', '99999', '1e1'])('[TRB-06] %s minutes are refused, and nothing changes', (text) => {
    const b = withAlarms()
    const { output, failed } = cli(b, 'ucm-pub', `utils managementAgent alarms pushfrequency ${text}`)
    expect(failed).toBe(true)
    expect(output).toContain('not a whole number of minutes from 5 to 90')
    expect(output).toContain('Right form: utils managementAgent alarms pushfrequency 30')
    expect(ask(b, 'agent.show')).toMatchObject({ frequencyMinutes: 30, nextAt: 30 * MINUTE })
  })

  it('[TRB-08] pushnow sends at once and leaves the schedule as it is', () => {
    const b = withAlarms()
    b.runUntil(17 * MINUTE)
    expect(says(b, 'ucm-pub', 'utils managementAgent alarms pushnow')).toMatch(
      /^Pushing 1 alarms to the Cisco cloud, tracking ID CMAS_[0-9a-f-]{36}$/,
    )
    expect(cli(b, 'ucm-pub', 'utils managementAgent alarms pushnow').output).toContain('an upload is under way')
    b.runFor(1_000)
    expect(ask(b, 'agent.show')).toMatchObject({ nextAt: 30 * MINUTE, uploads: [{ now: true, state: 'sent' }] })
    b.runUntil(31 * MINUTE)
    expect(uploads(b)).toMatchObject([{ message: 'POST 1 alarm' }, { message: 'POST 0 alarms' }])
  })

  it('[NET-01] what could not be sent waits for the next upload, and is sent once', () => {
    const b = withAlarms()
    b.give('fault.add', { fault: { id: 'no-fos', kind: 'refuse', on: 'fos' } })
    b.runUntil(31 * MINUTE)
    expect(ask(b, 'agent.show')).toMatchObject({ waiting: 1, uploads: [{ state: 'failed' }] })
    b.give('fault.remove', { fault: 'no-fos' })
    b.runUntil(61 * MINUTE)
    expect(ask(b, 'agent.show')).toMatchObject({ waiting: 0, uploads: [{ state: 'sent', alarms: 1 }, { state: 'failed' }] })
    expect(ask(b, 'support.alarms', { clusterId: ask(b, 'agent.show').clusterId }).alarms).toHaveLength(1)
  })

  it('[PROXY-01] goes through the proxy, on connections of its own', () => {
    const b = bench(
      twoPhones(
        {},
        {
          edge: { proxy: { fqdn: 'proxy.lab.example', addresses: ['10.0.0.80'] } },
          links: [
            { link: 'ucm-pub~proxy', latencyMs: 1, jitterMs: 0 },
            { link: 'proxy~firewall', latencyMs: 1, jitterMs: 0 },
          ],
        },
      ),
    )
    b.runUntil(31 * MINUTE)
    expect(b.hops({ from: AGENT, to: 'proxy', message: 'CONNECT fos-a.wbx2.com:443' })).toHaveLength(1)
    expect(b.hops({ from: 'proxy', to: 'fos', message: 'POST 0 alarms' })).toHaveLength(1)
  })
})

describe('level', () => {
  const cases = PUSH_LEVELS.flatMap((level) => SEVERITIES.map((severity) => [level, severity] as const))

  it('[TRB-07][DEC-04] there are five levels and six severities', () => {
    expect(cases).toHaveLength(30)
    expect(SEVERITIES.map((severity) => SEVERITY_DIGIT[severity])).toEqual([1, 2, 3, 4, 5, 6])
  })

  it.each(cases)(
    '[TRB-07][DEC-04] at %s an alarm of severity %s is sent exactly when it is as severe; Alert always is',
    (level, severity) => {
      const digit = { Critical: 2, Error: 3, Warning: 4, Notice: 5, Information: 6 }[level]
      expect(passes(severity, level)).toBe(severity === 'Alert' || SEVERITY_DIGIT[severity] <= digit)
    },
  )

  it.each([
    ['Critical', 1, ['PushNotificationServiceUnavailable']],
    ['Error', 2, ['PushNotificationServiceUnavailable', 'PushNotificationInvalidDeviceTokenResponse']],
  ] as const)('[TRB-07] at %s the uploaded alarms are %i; what is below stays local for good', (level, count, names) => {
    const b = withAlarms()
    says(b, 'ucm-pub', `utils managementAgent alarms minpushlevel ${level}`)
    b.give('fault.add', { fault: { id: 'no-9966', kind: 'refuse', on: 'ucm-pub', port: 9_966, count: 1 } })
    b.give('device.signOut', { device: 'phone' })
    b.runFor(1_000)
    b.give('device.signIn', { device: 'phone' })
    b.runFor(2_000)
    b.give('device.background', { device: 'phone' })
    b.call('5001')
    b.runUntil(31 * MINUTE)
    const { clusterId, below } = ask(b, 'agent.show')
    const { alarms } = ask(b, 'support.alarms', { clusterId })
    expect(alarms.map(({ name }) => name)).toEqual(names)
    expect(alarms).toHaveLength(count)
    expect(below).toBe(2 - count)
    says(b, 'ucm-pub', 'utils managementAgent alarms minpushlevel Information')
    says(b, 'ucm-pub', 'utils managementAgent alarms pushnow')
    b.runFor(2_000)
    expect(ask(b, 'support.alarms', { clusterId }).alarms).toHaveLength(count)
  })

  it('[DEC-03][TRB-07] minpushlevel and pushlevel are one setting; the help shows the first only', () => {
    const b = withAlarms()
    expect(says(b, 'ucm-pub', 'utils managementAgent alarms pushlevel')).toBe('Minimum alarm push level: Error')
    says(b, 'ucm-pub', 'utils managementAgent alarms pushlevel warning')
    expect(says(b, 'ucm-pub', 'utils managementAgent alarms minpushlevel')).toBe('Minimum alarm push level: Warning')
    says(b, 'ucm-pub', 'utils managementAgent alarms minpushlevel Notice')
    expect(says(b, 'ucm-pub', 'utils managementAgent alarms pushlevel')).toBe('Minimum alarm push level: Notice')
    const help = says(b, 'ucm-pub', 'utils managementAgent alarms ?')
    expect(help).toContain('minpushlevel')
    expect(help).not.toMatch(/ pushlevel/)
    expect(b.hop({ from: AGENT, message: 'minimum alarm push level', outcome: 'Notice' }).why).toBe('TRB-07')
  })

  it('[DEC-04][TRB-07] Alert and unknown words are refused as values', () => {
    const b = withAlarms()
    const levels = 'Levels, most severe first: Critical, Error, Warning, Notice, Information'
    expect(cli(b, 'ucm-pub', 'utils managementAgent alarms minpushlevel Alert')).toMatchObject({
      failed: true,
      output: expect.stringMatching(/Alert is always sent/),
    })
    expect(cli(b, 'ucm-pub', 'utils managementAgent alarms minpushlevel Fatal').output).toContain(levels)
    expect(ask(b, 'agent.show').minPushLevel).toBe('Error')
  })

  it.each(['pushfrequency 10', 'minpushlevel Critical', 'pushlevel Critical', 'pushnow'])(
    '[TRB-06][TRB-07][TRB-08] %s is refused on a subscriber and on IM and Presence, with a hint where to go',
    (command) => {
      const b = withAlarms({ im: true })
      for (const node of ['ucm-sub1', 'imp-pub']) {
        const { output, failed } = cli(b, node, `utils managementAgent alarms ${command}`)
        expect(failed).toBe(true)
        expect(output).toContain('No valid command entered')
        expect(output).toContain('on the Unified CM publisher only: log in to ucm-pub')
      }
      expect(ask(b, 'agent.show')).toMatchObject({ frequencyMinutes: 30, minPushLevel: 'Error', uploads: [] })
    },
  )
})

describe('personal data', () => {
  const personal = /ucm-pub|ucm-sub1|\bphone\b|\bana\b|Ana Ruiz|5001|StandAloneCluster/

  function uploaded(encryptPii: boolean): { b: Bench; alarm: SupportAlarm; clusterId: string; token: string } {
    const b = withAlarms()
    if (encryptPii) b.give('agent.options', { encryptPii })
    says(b, 'ucm-pub', 'utils managementAgent alarms pushnow')
    b.runFor(2_000)
    const { clusterId, supportToken } = ask(b, 'agent.show')
    const { alarms } = ask(b, 'support.alarms', { clusterId })
    expect(alarms).toHaveLength(1)
    return { b, alarm: alarms[0]!, clusterId: clusterId ?? '', token: supportToken ?? '' }
  }

  it('[TRB-04] option off: none is sent, and nothing in the record names anybody', () => {
    const { alarm } = uploaded(false)
    expect(alarm.pii).toEqual({ state: 'absent', text: '', details: [] })
    expect(JSON.stringify(alarm)).not.toMatch(personal)
  })

  it('[TRB-04][DEC-34] the message in the inspector has cipher text or no such field, and is labelled modelled', () => {
    for (const encryptPii of [false, true]) {
      const { b, alarm } = uploaded(encryptPii)
      const detail = b.detail(b.hop({ from: AGENT, to: 'fos', message: 'POST' }))
      expect(detail).toMatchObject({ startLine: 'POST /alarms HTTP/1.1', modelled: true })
      expect(detail.body.includes('"pii":"eyJ')).toBe(encryptPii)
      expect(detail.body).toContain(`"name":"${alarm.name}"`)
      expect(detail.body).not.toMatch(personal)
    }
  })

  it('[TRB-04][TRB-05] option on: it is cipher text, which only the support token opens', () => {
    const { b, alarm, clusterId, token } = uploaded(true)
    expect(alarm.pii.state).toBe('sealed')
    expect(alarm.pii.text).toMatch(/^eyJ/)
    expect(JSON.stringify(alarm)).not.toMatch(personal)
    const open = ask(b, 'support.alarms', { clusterId, token: ` ${token.toUpperCase()} ` }).alarms[0]!
    expect(open.pii.state).toBe('open')
    expect(open.pii.details).toEqual(
      expect.arrayContaining([
        { name: 'NodeID', value: 'ucm-pub' },
        { name: 'DeviceName', value: 'phone' },
        { name: 'UserID', value: 'ana' },
      ]),
    )
  })

  it.each([
    ['wrong by one digit', (token: string) => `${token.slice(0, -1)}${token.endsWith('0') ? '1' : '0'}`],
    ['one digit short', (token: string) => token.slice(0, -1)],
    ['empty', () => ''],
    ['nonsense', () => 'please'],
  ])('[TRB-05] a token that is %s opens nothing', (_how, change) => {
    const { b, clusterId, token } = uploaded(true)
    const view = ask(b, 'support.alarms', { clusterId, token: change(token) })
    expect(view.alarms[0]!.pii).toMatchObject({ state: 'sealed', details: [] })
    expect(view.text).toContain('only the Cisco Support Token')
  })

  it('[TRB-05] the token is in no hop, journal or trace', () => {
    const journal: string[] = []
    const b = bench(twoPhones({}), { journal: (line) => void journal.push(line) })
    b.runUntil(31 * MINUTE)
    const { supportToken } = ask(b, 'agent.show')
    expect(supportToken).toMatch(/^[0-9a-f]{64}$/)
    expect(journal.join('\n')).not.toContain(supportToken)
    expect(ask(b, 'traces.export').text).not.toContain(supportToken)
  })

  it('[TRB-03] another cluster ID finds nothing; blanks around the right one do not matter', () => {
    const { b, clusterId } = uploaded(false)
    expect(ask(b, 'support.alarms', { clusterId: '00000000-0000-4000-8000-000000000000' })).toMatchObject({ found: false, alarms: [] })
    expect(ask(b, 'support.alarms', { clusterId: clusterId.slice(0, 8) })).toMatchObject({ found: false, alarms: [] })
    expect(ask(b, 'support.alarms', { clusterId: ` ${clusterId} ` })).toMatchObject({ found: true, alarms: [{ severity: 'Error' }] })
  })
})

describe('what the cloud keeps', () => {
  it('[TRB-12] alarms and logs by tracking ID are found for 20 days, and not after 21', () => {
    const b = bench(
      twoPhones(
        {},
        {
          cluster: { nodes: [{ id: 'ucm-pub' }], accessTokenMinutes: 1_440 },
          faults: [{ fault: { kind: 'answer', on: 'push-rest', status: 410, count: 1 } }],
        },
      ),
      { eventsKept: 1_000_000 },
    )
    says(b, 'ucm-pub', 'utils managementAgent alarms pushfrequency 90')
    b.call('5001')
    b.runFor(20_000)
    says(b, 'ucm-pub', 'utils managementAgent alarms pushnow')
    b.runFor(1_000)
    const push = b.pushes()[0]!
    const { clusterId } = ask(b, 'agent.show')
    b.runUntil(20 * DAY)
    const hops = ask(b, 'support.tracking', { id: push.id }).hops
    expect(hops.length).toBeGreaterThan(1)
    // The cloud knows nothing of what stays inside the cluster.
    expect(hops.every(({ from, to }) => [from, to].some((place) => ['push-rest', 'ci', 'fos', 'apns', 'fcm'].includes(place)))).toBe(true)
    expect(ask(b, 'support.alarms', { clusterId }).alarms).toHaveLength(1)
    b.runUntil(21 * DAY)
    expect(query(b, 'support.tracking', { id: push.id })).toMatchObject({
      ok: false,
      code: 'not-found',
      message: expect.stringContaining('about 20 days'),
    })
    expect(ask(b, 'support.alarms', { clusterId })).toMatchObject({ found: false, text: expect.stringContaining('20 days') })
    // The cluster itself has it still.
    expect(b.lab.world.log.oldest).toBe(0)
    expect(query(b, 'support.tracking', { id: 'CPNS_never' })).toMatchObject({ ok: false, message: expect.stringContaining('has nothing') })
  })
})
