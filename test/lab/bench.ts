/**
 * A lab on the bench: built from the scenario schema and driven through the public contract, as the window
 * does. Times are exact: links of these labs have no jitter unless a test asks for it.
 */
import { expect } from 'vitest'
import type { LabCommandInput, LabCommandName } from '../../core/contract/commands.ts'
import type { HopEvent } from '../../core/contract/event.ts'
import type { AlarmRow, CounterRow, DeviceRow, FindingRow, FlowRow, NodeRow, PushRow, Row, RowKind } from '../../core/contract/rows.ts'
import { scenarioSchema, type ScenarioInput } from '../../core/contract/scenario.ts'
import type { Reply } from '../../core/contract/door.ts'
import { detailOf } from '../../core/detail.ts'
import { createLab, type Lab, type LabOptions } from '../../core/lab.ts'
import { nodeSealer } from '../../core/wire/nodeSealer.ts'

export type Bench = {
  lab: Lab
  events: HopEvent[]
  /** Gives a command and expects it to be carried out. */
  give<N extends LabCommandName>(name: N, args: LabCommandInput<N>): unknown
  /** Gives a command and returns its reply, whatever it is. */
  try(name: string, args: unknown): Reply
  /** Places a call and returns its flow number. */
  call(to: string, from?: string): number
  runUntil(ms: number): void
  runFor(ms: number): void
  device(id: string): DeviceRow
  node(id: string): NodeRow
  flow(number: number): FlowRow
  pushes(where?: Partial<PushRow>): PushRow[]
  alarms(name?: string): AlarmRow[]
  counter(node: string, name: string): number
  rows<R extends Row>(kind: R['kind'] & RowKind): R[]
  /** Hops that match all the texts given (contained, case matters). */
  hops(where: Partial<Record<'from' | 'to' | 'carrier' | 'message' | 'outcome' | 'status' | 'why', string>> & { flow?: number }): HopEvent[]
  /** The message behind a hop, as the inspector shows it. */
  detail(event: HopEvent): ReturnType<typeof detailOf>
  /** The one hop that matches; fails with what there was when it is not exactly one. */
  hop(where: Parameters<Bench['hops']>[0]): HopEvent
}

export function bench(scenario: ScenarioInput, options: Partial<LabOptions> = {}): Bench {
  const lab = createLab(scenarioSchema.parse(scenario), { sealer: nodeSealer, rehearse: true, ...options })
  const events: HopEvent[] = []
  lab.onEvent = (event) => {
    events.push(event)
    // DEC-33: at every instant the states of the pushes sum to the pushes created.
    if (!lab.world.pushes.balanced()) throw new Error(`pushes out of balance at event ${event.seq}`)
    if (!lab.world.messages.balanced()) throw new Error(`messages out of balance at event ${event.seq}`)
  }
  const rows = <R extends Row>(kind: RowKind): R[] => lab.rows(kind) as R[]
  const one = <R extends Row>(kind: RowKind, id: string): R => {
    const found = rows<R>(kind).find((row) => row.id === id)
    if (!found)
      throw new Error(
        `no ${kind} row "${id}"; there are ${rows(kind)
          .map((row) => row.id)
          .join(', ')}`,
      )
    return found
  }
  const hops: Bench['hops'] = ({ flow, ...texts }) =>
    events.filter(
      (event) =>
        (flow === undefined || event.flow === flow) &&
        Object.entries(texts).every(([key, text]) => String(event[key as keyof HopEvent]).includes(text)),
    )
  const self: Bench = {
    lab,
    events,
    give(name, args) {
      const reply = lab.command(name, args)
      if (!reply.ok) throw new Error(`${name} refused: ${reply.message} ${JSON.stringify(reply.issues)}`)
      return reply.value
    },
    try: (name, args) => lab.command(name, args),
    call: (to, from) => (self.give('call.place', from === undefined ? { to } : { to, from }) as { flow: number }).flow,
    runUntil: (ms) => lab.runUntil(ms),
    runFor: (ms) => lab.runUntil(lab.now + ms),
    device: (id) => one('device', id),
    node: (id) => one('node', id),
    flow: (number) => one('flow', String(number)),
    pushes: (where = {}) =>
      rows<PushRow>('push').filter((row) => Object.entries(where).every(([key, value]) => row[key as keyof PushRow] === value)),
    alarms: (name) => rows<AlarmRow>('alarm').filter((row) => name === undefined || row.name === name),
    counter: (node, name) => rows<CounterRow>('counter').find((row) => row.node === node && row.name === name)?.value ?? 0,
    rows,
    hops,
    detail: (event) => detailOf(lab.world, event),
    hop(where) {
      const found = hops(where)
      expect(found.length, `hops like ${JSON.stringify(where)} among\n${events.map(line).join('\n')}`).toBe(1)
      return found[0] as HopEvent
    },
  }
  return self
}

type Step = Parameters<Bench['hops']>[0]

/** Expects these hops in this order (others may stand between) and returns them. */
export function inOrder(b: Bench, steps: Step[]): HopEvent[] {
  const found: HopEvent[] = []
  let after = -1
  for (const step of steps) {
    const next = b.hops(step).find((event) => event.seq > after)
    if (!next) throw new Error(`no hop like ${JSON.stringify(step)} after event ${after} among\n${b.events.map(line).join('\n')}`)
    found.push(next)
    after = next.seq
  }
  return found
}

/** A finding by its ID, if there is one. */
export const finding = (b: Bench, id: string): FindingRow | undefined => b.rows<FindingRow>('finding').find((row) => row.id === id)

/** Releases of all servers, for `rest`. */
export const onRelease = (release: string): Pick<ScenarioInput, 'cluster'> => ({ cluster: { release, nodes: [{ id: 'ucm-pub' }] } })

/** Expressway with exact delays, for phones with `mra: true`. */
export const MRA = (release = 'X12.6.2'): Pick<ScenarioInput, 'edge' | 'links'> => ({
  edge: { expressway: { release } },
  links: [
    { link: 'devices~expressway-e', latencyMs: 40, jitterMs: 0 },
    { link: 'expressway-e~expressway-c', latencyMs: 1, jitterMs: 0 },
    { link: 'expressway-c~ucm-pub', latencyMs: 1, jitterMs: 0 },
  ],
})

/** The same with an IM and Presence node behind it. */
export const MRA_WITH_IM = (release?: string): Pick<ScenarioInput, 'edge' | 'links'> => {
  const { edge, links = [] } = MRA(release)
  return { edge, links: [...links, { link: 'expressway-c~imp-pub', latencyMs: 1, jitterMs: 0 }] }
}

export const line = (e: HopEvent): string =>
  `${e.at} #${e.flow} ${e.from} → ${e.to} [${e.carrier}] ${e.message} | ${e.outcome} (${e.status} ${e.why})`

/** Delays without jitter, so that a test can name the millisecond. */
export const EXACT_LINKS: NonNullable<ScenarioInput['links']> = [
  { link: 'firewall~push-rest', latencyMs: 30, jitterMs: 0 },
  { link: 'firewall~ci', latencyMs: 30, jitterMs: 0 },
  { link: 'firewall~fos', latencyMs: 30, jitterMs: 0 },
  { link: 'push-rest~apns', latencyMs: 20, jitterMs: 0 },
  { link: 'push-rest~fcm', latencyMs: 20, jitterMs: 0 },
  { link: 'apns~devices', latencyMs: 200, jitterMs: 0 },
  { link: 'fcm~devices', latencyMs: 200, jitterMs: 0 },
  { link: 'ucm-pub~firewall', latencyMs: 1, jitterMs: 0 },
  { link: 'devices~ucm-pub', latencyMs: 10, jitterMs: 0 },
]

const SECOND_NODE: NonNullable<ScenarioInput['links']> = [
  { link: 'ucm-sub1~firewall', latencyMs: 1, jitterMs: 0 },
  { link: 'devices~ucm-sub1', latencyMs: 10, jitterMs: 0 },
  { link: 'ucm-pub~ucm-sub1', latencyMs: 2, jitterMs: 0 },
]

const IMP_LINKS: NonNullable<ScenarioInput['links']> = [
  { link: 'imp-pub~firewall', latencyMs: 1, jitterMs: 0 },
  { link: 'devices~imp-pub', latencyMs: 10, jitterMs: 0 },
]

type Phone = Partial<NonNullable<ScenarioInput['devices']>[number]>

/**
 * Dr. Okafor's desk phone (5010) and Ana's suspended phone (5001) on one node; `phone` changes Ana's phone,
 * `rest` anything else of the scenario. `nodes: 2` adds ucm-sub1, `presence: true` an IM and Presence node.
 */
export function twoPhones(phone: Phone = {}, rest: Partial<ScenarioInput> & { nodes?: 1 | 2; im?: boolean } = {}): ScenarioInput {
  const { nodes = 1, im = false, cluster, links, users, devices, ...other } = rest
  return {
    pushlab: 1,
    title: 'Two phones',
    seed: 7,
    cluster: { nodes: nodes === 2 ? [{ id: 'ucm-pub' }, { id: 'ucm-sub1' }] : [{ id: 'ucm-pub' }], ...cluster },
    ...(im ? { presence: { nodes: [{ id: 'imp-pub' }] } } : {}),
    users: [{ id: 'okafor', name: 'Dr. Okafor', number: '5010' }, { id: 'ana', name: 'Ana Ruiz', number: '5001' }, ...(users ?? [])],
    devices: [
      { id: 'desk', owner: 'okafor', client: 'deskphone' },
      { id: 'phone', owner: 'ana', app: 'off screen', locked: true, screenOn: false, wakeMs: 400, ...phone },
      ...(devices ?? []),
    ],
    links: [...EXACT_LINKS, ...(nodes === 2 ? SECOND_NODE : []), ...(im ? IMP_LINKS : []), ...(links ?? [])],
    ...other,
  }
}
