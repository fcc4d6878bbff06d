/**
 * A ward with exact delays: Wi-Fi 10 ms, between nodes 2 ms, inside a node 1 ms. Ana's phone (5001) lies locked on the
 * listed Wi-Fi and holds a session from the start; Dr. Okafor's desk phone (5010) is on the publisher.
 */
import type { SessionRow } from '../../../core/contract/rows.ts'
import type { ScenarioInput } from '../../../core/contract/scenario.ts'
import { bench, EXACT_LINKS, type Bench } from '../bench.ts'

type Phone = Partial<NonNullable<ScenarioInput['devices']>[number]>
type ClusterInput = Partial<ScenarioInput['cluster']>

const NODES = ['ucm-pub', 'ucm-sub1', 'ucm-sub2'] as const

export type WardOptions = {
  /** 1 to 3 nodes; the phone's CM group is `group`, the publisher alone when there is one node. */
  nodes?: 1 | 2 | 3
  group?: string[]
  phone?: Phone
  cluster?: ClusterInput
  rest?: Partial<ScenarioInput>
}

export function ward({ nodes = 1, group, phone = {}, cluster = {}, rest = {} }: WardOptions = {}): Bench {
  const ids = NODES.slice(0, nodes)
  const { links = [], devices = [], users = [], ...others } = rest
  return bench({
    pushlab: 1,
    title: 'Ward',
    seed: 7,
    ...others,
    cluster: {
      nodes: ids.map((id) => ({ id })),
      groups: [
        { id: 'phones', nodes: group ?? [...ids] },
        { id: 'desks', nodes: ['ucm-pub'] },
      ],
      pools: [
        { id: 'phones', group: 'phones' },
        { id: 'desks', group: 'desks' },
      ],
      ucServices: [{ id: 'wifi', localPushSsidList: 'Ward3;Ward4' }],
      serviceProfiles: [{ id: 'nurses', mobile: 'wifi' }],
      ...cluster,
    },
    users: [
      { id: 'okafor', name: 'Dr. Okafor', number: '5010' },
      { id: 'ana', name: 'Ana Ruiz', number: '5001', serviceProfile: 'nurses' },
      ...users,
    ],
    devices: [
      { id: 'desk', owner: 'okafor', client: 'deskphone', pool: 'desks' },
      { id: 'phone', owner: 'ana', pool: 'phones', wifi: 'Ward3', app: 'off screen', locked: true, screenOn: false, ...phone },
      ...devices,
    ],
    links: [
      ...EXACT_LINKS,
      ...ids.slice(1).flatMap((id) => [
        { link: `${id}~firewall`, latencyMs: 1, jitterMs: 0 },
        { link: `devices~${id}`, latencyMs: 10, jitterMs: 0 },
        { link: `ucm-pub~${id}`, latencyMs: 2, jitterMs: 0 },
      ]),
      ...(nodes === 3 ? [{ link: 'ucm-sub1~ucm-sub2', latencyMs: 2, jitterMs: 0 }] : []),
      ...links,
    ],
  })
}

/** The session of a device as the window sees it; throws when there is none. */
export function sessionOf(b: Bench, device = 'phone'): SessionRow {
  const found = b.rows<SessionRow>('session').find((row) => row.id === device)
  if (!found) throw new Error(`no session row of ${device}`)
  return found
}

/** Brings the lab to the instant at which the phone's next keepalive leaves. */
export function toNextKeepalive(b: Bench, device = 'phone'): number {
  const at = sessionOf(b, device).nextKeepaliveAt
  if (at === null) throw new Error(`${device} sends no keepalive`)
  b.runUntil(at)
  return at
}

/** A frame that arrives from a real client, as the endpoint gives it. */
export const frame = (value: object): string => JSON.stringify({ v: 1, ...value })
