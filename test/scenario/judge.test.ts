import { describe, expect, it } from 'vitest'
import type { HopEvent } from '../../core/contract/event.ts'
import type { Row, RowKind } from '../../core/contract/rows.ts'
import { PUSH_STATES } from '../../core/contract/rows.ts'
import { expectationSchema } from '../../core/contract/scenario.ts'
import { createJudge } from '../../core/scenario/judge.ts'

const hop = (at: number, part: Partial<HopEvent> = {}): HopEvent => ({
  seq: 0,
  at,
  sentAt: at,
  flow: 1,
  from: 'ucm-pub/CallManager',
  to: 'ana-iphone',
  carrier: 'SIP',
  message: 'INVITE sip:5001',
  outcome: 'received',
  status: 'ok',
  why: 'CALL-01',
  ...part,
})

const judged = (expectation: unknown, events: readonly HopEvent[], rows: Partial<Record<RowKind, Row[]>> = {}) => {
  const judge = createJudge({ expect: [expectationSchema.parse(expectation)] })
  for (const event of events) judge.onEvent(event)
  const verdict = judge.verdict({ rows: (kind) => rows[kind] ?? [], now: 0 })
  const [result] = verdict.results
  expect(verdict.met).toBe(result!.met)
  return result!
}

describe('expectations about hops', () => {
  it('hold when one hop fits all that is said', () => {
    const result = judged({ event: { message: 'invite', to: 'ana', status: 'ok' } }, [hop(5_012)])
    expect(result).toMatchObject({ met: true, found: 'found once, at 00:00:05.012' })
  })

  it('name the closest hop and what differs', () => {
    const result = judged({ event: { message: 'INVITE', outcome: 'refused' } }, [hop(100), hop(200, { message: 'BYE' })])
    expect(result.met).toBe(false)
    expect(result.found).toContain('closest is 00:00:00.100')
    expect(result.found).toContain('outcome is "received"')
  })

  it('say so when there is nothing like it', () => {
    expect(judged({ event: { message: 'CANCEL' } }, [hop(1)])).toMatchObject({ met: false, found: 'nothing like it' })
  })

  it.each([
    [{ before: 5_000 }, 4_999, true],
    [{ before: 5_000 }, 5_000, false],
    [{ after: 5_000 }, 5_001, true],
    [{ after: 5_000 }, 5_000, false],
    [{ at: 5_000 }, 5_000, true],
    [{ at: 5_000 }, 4_999, false],
    [{ at: 5_000 }, 5_001, false],
  ])('hold in their time only: %j at %i', (when, at, met) => {
    const result = judged({ event: { message: 'INVITE' }, ...when }, [hop(at)])
    expect(result.met).toBe(met)
    const seen = `found ${met ? '' : 'at another time: '}once, at 00:00:0${(at / 1_000).toFixed(3)}`
    expect(result.found).toBe(seen)
  })

  it('[DEC-25] may count from t0, the first push of the flow, and from its first hop', () => {
    const events = [
      hop(1_000, { flow: 7 }),
      hop(1_012, { flow: 7, sentAt: 1_010, carrier: 'CPNS', message: 'push' }),
      hop(2_012, { flow: 7, sentAt: 2_010, carrier: 'CPNS', message: 'push' }),
      hop(6_010, { flow: 7, message: 'ring-back' }),
    ]
    expect(judged({ event: { message: 'ring-back' }, at: 5_000, since: 'push' }, events).met).toBe(true)
    expect(judged({ event: { message: 'ring-back' }, at: 5_010, since: 'flow' }, events).met).toBe(true)
    expect(judged({ event: { message: 'ring-back' }, at: 5_000 }, events).met).toBe(false)
    const later = judged({ event: { message: 'ring-back' }, at: 5_000, since: 'push' }, [
      ...events.slice(0, 3),
      hop(6_011, { flow: 7, message: 'ring-back' }),
    ])
    expect(later).toMatchObject({ met: false, found: 'found at another time: once, at 5.001 s after t0' })
  })

  it('without a push, nothing is since the push', () => {
    expect(judged({ event: { message: 'INVITE' }, after: 0, since: 'push' }, [hop(10)]).met).toBe(false)
  })

  it.each([
    [0, 0, true],
    [0, 1, false],
    [2, 1, false],
    [2, 2, true],
    [2, 3, false],
  ])('count: %i expected, %i seen', (times, seen, met) => {
    const events = Array.from({ length: seen }, (_, i) => hop(i))
    expect(judged({ event: { message: 'INVITE' }, times }, events).met).toBe(met)
  })

  it('hold in order, and tell where the order broke', () => {
    const events = [hop(1), hop(2, { message: 'REGISTER' }), hop(3, { message: 'OK', outcome: 'answered' })]
    expect(judged({ order: ['invite', 'register', 'answered'] }, events)).toMatchObject({ met: true })
    expect(judged({ order: ['register', 'invite'] }, events)).toMatchObject({
      met: false,
      found: '"register" at 00:00:00.002, then no "invite" (it was seen only before that, last at 00:00:00.001)',
    })
    expect(judged({ order: ['CPNS: push', 'invite'] }, events)).toMatchObject({ met: false, found: 'no "CPNS: push"' })
    expect(judged({ order: ['ucm-pub/CallManager -> ana-iphone SIP: INVITE', '| answered'] }, events).met).toBe(true)
  })

  it('hold in order within one flow only when a flow is named', () => {
    const events = [hop(1, { flow: 1 }), hop(2, { flow: 2, message: 'BYE' })]
    expect(judged({ order: ['invite', 'bye'] }, events).met).toBe(true)
    expect(judged({ order: ['invite', 'bye'], flow: 1 }, events).met).toBe(false)
  })
})

const alarm = (part: object): Row =>
  ({
    kind: 'alarm',
    id: '1',
    name: 'PushNotificationServiceUnavailable',
    severity: 'Alert',
    service: '',
    node: 'ucm-pub',
    raisedAt: 5_000,
    clearedAt: null,
    count: 1,
    text: '',
    action: '',
    causeSeq: null,
    ciscoLog: '',
    why: 'ALM-01',
    ...part,
  }) as Row
const counter = (node: string, name: string, value: number): Row => ({
  kind: 'counter',
  id: `${node}/x/${name}`,
  node,
  object: 'x',
  name,
  value,
  why: '',
})
const lab = (pushStates: object, pushesCreated: number): Row =>
  ({
    kind: 'lab',
    id: 'lab',
    pushesCreated,
    pushStates: { ...Object.fromEntries(PUSH_STATES.map((state) => [state, 0])), ...pushStates },
  }) as unknown as Row

describe('expectations about rows', () => {
  it('alarms: raised or not, where, when, how often, cleared or standing', () => {
    const rows = { alarm: [alarm({}), alarm({ node: 'ucm-sub1', raisedAt: 7_000, clearedAt: 9_000, count: 2 })] }
    expect(judged({ alarm: 'ServiceUnavailable' }, [], rows).met).toBe(true)
    expect(judged({ alarm: 'ServiceUnavailable', raised: false }, [], rows).met).toBe(false)
    expect(judged({ alarm: 'AccessToken', raised: false }, [], rows).met).toBe(true)
    expect(judged({ alarm: 'ServiceUnavailable', node: 'ucm-sub1', cleared: true, times: 2 }, [], rows).met).toBe(true)
    expect(judged({ alarm: 'ServiceUnavailable', node: 'ucm-pub', cleared: true }, [], rows).met).toBe(false)
    expect(judged({ alarm: 'ServiceUnavailable', before: 5_000 }, [], rows)).toMatchObject({ met: false })
    expect(judged({ alarm: 'ServiceUnavailable', at: 5_000 }, [], rows).met).toBe(true)
    expect(judged({ alarm: 'AccessToken' }, [], rows).found).toContain('only PushNotificationServiceUnavailable on ucm-pub at 00:00:05.000')
    expect(judged({ alarm: 'x' }, []).found).toBe('no alarm was raised')
  })

  it('counters: by exact name, over all nodes or one; an unknown one never holds', () => {
    const rows = {
      counter: [
        counter('a', 'NumberOfPushReqSent', 2),
        counter('b', 'NumberOfPushReqSent', 3),
        counter('b', 'CustomNumberOfPushReqSent', 9),
      ],
    }
    expect(judged({ counter: 'NumberOfPushReqSent', is: 5 }, [], rows).met).toBe(true)
    expect(judged({ counter: 'NumberOfPushReqSent', node: 'b', is: 3 }, [], rows).met).toBe(true)
    expect(judged({ counter: 'NumberOfPushReqSent', atLeast: 6 }, [], rows)).toMatchObject({
      met: false,
      found: 'it is 5: a/x/NumberOfPushReqSent 2, b/x/NumberOfPushReqSent 3',
    })
    expect(judged({ counter: 'NumberOfPush', is: 0 }, [], {}).met).toBe(false)
    expect(judged({ counter: 'NumberOfPushReqSent', is: 0 }, [], {})).toMatchObject({ met: true, found: 'it is 0' })
    expect(judged({ counter: 'NumberOfPushReqSent', is: 1 }, [], {}).met).toBe(false)
  })

  it('states: nested fields, stars, durations, null, patterns', () => {
    const row = {
      kind: 'device',
      id: 'd',
      state: 'in call',
      suspended: false,
      registeredTo: null,
      offeredAt: 13_000,
      screen: { call: { style: 'CallKit' }, banners: [{ kind: 'message' }, { kind: 'missed call' }] },
      lines: ['5001'],
    } as unknown as Row
    const rows = { device: [row] }
    const has = (fields: object) => judged({ state: { device: 'd' }, has: fields }, [], rows)
    expect(has({ state: 'In Call', suspended: false, registeredTo: null, offeredAt: '13s', lines: ['5001'] }).met).toBe(true)
    expect(has({ 'screen.call.style': '/^call/', 'screen.banners.*.kind': 'missed call', 'screen.banners.length': 2 }).met).toBe(true)
    expect(has({ 'screen.call': { style: 'CallKit' } }).met).toBe(true)
    expect(has({ state: 'in' })).toMatchObject({ met: false, found: 'state is "in call"' })
    expect(has({ 'screen.banners.*.kind': 'call toast' }).found).toBe('screen.banners.*.kind is "message", "missed call"')
    expect(has({ 'screen.toString': 'x' }).found).toBe('screen.toString is not there')
    expect(has({ suspended: 'false' }).met).toBe(false)
    expect(judged({ state: { flow: 9 }, has: { state: 'x' } }, [], rows).found).toBe('there is no flow 9')
  })

  it('pushes: by their number in the order of creation, and by state', () => {
    const push = (id: string, createdAt: number) => ({ kind: 'push', id, createdAt, purpose: id }) as unknown as Row
    const rows = { push: [push('late', 5), push('first', 1), push('also late', 5)], lab: [lab({ used: 2, failed: 1 }, 3)] }
    expect(judged({ state: { push: 1 }, has: { purpose: 'first' } }, [], rows).met).toBe(true)
    expect(judged({ state: { push: 3 }, has: { purpose: 'also late' } }, [], rows).met).toBe(true)
    expect(judged({ pushes: { used: 2, failed: 1, total: 3, sent: 0 } }, [], rows).met).toBe(true)
    expect(judged({ pushes: { used: 3 } }, [], rows)).toMatchObject({ met: false, found: 'used 2, failed 1; 3 in total' })
  })

  it('findings: by text and level', () => {
    const rows = {
      finding: [
        {
          kind: 'finding',
          id: 'f',
          level: 'Warning',
          subject: 'Voicemail of ana',
          text: 'takes calls after 6 s',
          fix: '',
          why: 'CALL-15',
        } as Row,
      ],
    }
    expect(judged({ finding: 'voicemail', level: 'Warning' }, [], rows).met).toBe(true)
    expect(judged({ finding: 'ana: takes' }, [], rows).met).toBe(true)
    expect(judged({ finding: 'voicemail', level: 'Fail' }, [], rows).met).toBe(false)
    expect(judged({ finding: 'proxy' }, [], rows).found).toBe('nothing like it among 1 findings')
  })
})
