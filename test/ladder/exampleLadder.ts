/** A background call as the lab reports it, for tests of exports and of the flow view. */
import type { FlowRow, HopEvent, HopStatus, Carrier, Ladder, PushRow } from '../../core/contract/index.ts'

type HopLine = [
  sentAt: number,
  at: number,
  from: string,
  to: string,
  carrier: Carrier,
  message: string,
  outcome: string,
  status: HopStatus,
  why: string,
]

export const TRACKING = 'CPNS_4c1e77a0-52aa-4b0f-9f07-1d2a6c5b7e10'

export const hopsOf = (flow: number, firstSeq: number, lines: HopLine[]): HopEvent[] =>
  lines.map(([sentAt, at, from, to, carrier, message, outcome, status, why], index) => ({
    seq: firstSeq + index,
    sentAt,
    at,
    flow,
    from,
    to,
    carrier,
    message,
    outcome,
    status,
    why,
    ...(carrier === 'SIP' ? {} : { tracking: TRACKING }),
  }))

export const flowRow = (over: Partial<FlowRow> = {}): FlowRow => ({
  kind: 'flow',
  id: '18',
  flow: 18,
  type: 'call',
  title: 'Call Okafor → Ana',
  from: 'okafor-desk',
  to: 'ana-iphone',
  state: 'answered',
  startedAt: 194_301,
  endedAt: null,
  pushAt: 194_304,
  offeredAt: 197_124,
  answeredAt: 199_660,
  timers: [
    {
      name: 'ring-back to the caller',
      place: 'ucm-sub1/CallManager',
      startAt: 194_304,
      dueAt: 199_304,
      endedAt: 197_131,
      fired: false,
      why: 'CALL-02',
    },
    {
      name: 'INVITE held, drop',
      place: 'ucm-sub1/CallManager',
      startAt: 194_304,
      dueAt: 207_304,
      endedAt: 197_124,
      fired: false,
      why: 'CALL-03',
    },
  ],
  tracking: [TRACKING],
  cause: '',
  causeSeq: null,
  causeWhy: '',
  linkedTo: null,
  hops: 11,
  ...over,
})

export const pushRow = (over: Partial<PushRow> = {}): PushRow => ({
  kind: 'push',
  id: TRACKING,
  flow: 18,
  device: 'ana-iphone',
  purpose: 'incoming call',
  channel: 'VoIP',
  path: 'cloud',
  sender: 'ucm-sub1/CPNS',
  state: 'used',
  createdAt: 194_304,
  changedAt: 197_118,
  reason: '',
  queuedMs: 0,
  ...over,
})

/** Answered after a local push that met a half-open socket: every kind of arrow is in it. */
export function exampleLadder(over: Partial<Ladder> = {}): Ladder {
  const flow = over.flow ?? flowRow()
  return {
    flow,
    places: [
      { id: 'okafor-desk', label: 'Okafor', node: '' },
      { id: 'ucm-sub1/CallManager', label: 'ucm-sub1 CallManager', node: 'ucm-sub1' },
      { id: 'ucm-sub1/CPNS', label: 'ucm-sub1 CPNS', node: 'ucm-sub1' },
      { id: 'push-rest', label: 'Push REST', node: 'push-rest' },
      { id: 'apns', label: 'APNs', node: 'apns' },
      { id: 'ana-iphone', label: 'Ana · iPhone', node: '' },
    ],
    hops: hopsOf(18, 311, [
      [194_300, 194_301, 'okafor-desk', 'ucm-sub1/CallManager', 'SIP', 'INVITE 5012', 'held: device suspended', 'wait', 'CALL-01'],
      [194_302, 194_302, 'ucm-sub1/CallManager', 'ucm-sub1/CPNS', 'CPNS', 'push request', 'local CPNS over 9966', 'ok', 'NET-04'],
      [
        194_304,
        196_304,
        'ucm-sub1/CallManager',
        'ana-iphone',
        'LPNS',
        'push voip, sealed 312 B',
        'no answer, half-open socket',
        'lost',
        'LPNS-12',
      ],
      [196_304, 196_391, 'ucm-sub1/CPNS', 'push-rest', 'HTTPS', 'POST push', 'after 2 s: cloud path', 'ok', 'DEC-06'],
      [
        196_391,
        196_480,
        'push-rest',
        'apns',
        'APNs',
        'POST /3/device/9f3a… voip, priority 10',
        '200, accepted (not yet delivered)',
        'ok',
        'APNS-10',
      ],
      [196_480, 196_742, 'apns', 'ana-iphone', 'APNs', 'deliver', 'app woken in background', 'ok', 'CALL-07'],
      [
        196_742,
        196_742,
        'ana-iphone',
        'ana-iphone',
        'device',
        'CallKit: Dr. Okafor +1 555 0143',
        'shown on the lock screen',
        'ok',
        'CALL-07',
      ],
      [197_100, 197_118, 'ana-iphone', 'ucm-sub1/CallManager', 'SIP', 'REGISTER', '200 OK, node named in the push', 'ok', 'FO-04'],
      [197_118, 197_124, 'ucm-sub1/CallManager', 'ana-iphone', 'SIP', 'INVITE', 'offered at 2.82 s of 13 s', 'ok', 'CALL-03'],
      [197_124, 197_131, 'ana-iphone', 'ucm-sub1/CallManager', 'SIP', '180 Ringing', 'before 5 s: no ring-back needed', 'ok', 'CALL-02'],
      [199_650, 199_660, 'ana-iphone', 'ucm-sub1/CallManager', 'SIP', '200 OK', 'answered by the user, locked', 'ok', 'CALL-10'],
    ]),
    bars: flow.timers.map((timer) => ({ ...timer, text: timer.name })),
    pushes: [pushRow()],
    cut: false,
    ...over,
  }
}

/** Dropped after 13 s: APNs answers 410, the phone never registers. */
export function droppedLadder(): Ladder {
  const flow = flowRow({
    id: '21',
    flow: 21,
    title: 'Call Okafor → Bo',
    to: 'bo-iphone',
    state: 'dropped',
    startedAt: 300_000,
    pushAt: 300_004,
    offeredAt: null,
    answeredAt: null,
    endedAt: 313_004,
    cause: 'APNs refused the push token: 410 Unregistered',
    causeSeq: 503,
    causeWhy: 'SEC-05',
    hops: 6,
    timers: [
      {
        name: 'ring-back to the caller',
        place: 'ucm-sub1/CallManager',
        startAt: 300_004,
        dueAt: 305_004,
        endedAt: 305_004,
        fired: true,
        why: 'CALL-02',
      },
      {
        name: 'INVITE held, drop',
        place: 'ucm-sub1/CallManager',
        startAt: 300_004,
        dueAt: 313_004,
        endedAt: 313_004,
        fired: true,
        why: 'CALL-03',
      },
    ],
  })
  return exampleLadder({
    flow,
    hops: hopsOf(21, 500, [
      [300_000, 300_001, 'okafor-desk', 'ucm-sub1/CallManager', 'SIP', 'INVITE 5013', 'held: device suspended', 'wait', 'CALL-01'],
      [300_002, 300_003, 'ucm-sub1/CallManager', 'ucm-sub1/CPNS', 'CPNS', 'push request', 'local CPNS over 9966', 'ok', 'NET-04'],
      [300_004, 300_091, 'ucm-sub1/CPNS', 'push-rest', 'HTTPS', 'POST push', 'passed on', 'ok', 'SEC-07'],
      [300_091, 300_180, 'push-rest', 'apns', 'APNs', 'POST /3/device/77b0… voip', '410 Unregistered', 'fail', 'SEC-05'],
      [305_004, 305_005, 'ucm-sub1/CallManager', 'okafor-desk', 'SIP', '180 Ringing', 'CM ring-back to caller', 'info', 'CALL-02'],
      [
        313_004,
        313_005,
        'ucm-sub1/CallManager',
        'okafor-desk',
        'SIP',
        '480 Temporarily Unavailable',
        'dropped after 13 s',
        'fail',
        'CALL-03',
      ],
    ]),
    pushes: [pushRow({ flow: 21, device: 'bo-iphone', state: 'failed', reason: '410 Unregistered' })],
  })
}
