/** Two IM and Presence nodes that back each other up, with exact delays; users are assigned by name. */
import type { ScenarioInput } from '../../../core/contract/scenario.ts'
import type { ImNodeRow } from '../../../core/contract/rows.ts'
import { bench, line, twoPhones, type Bench } from '../bench.ts'

type Presence = NonNullable<ScenarioInput['presence']>
type Phone = Partial<NonNullable<ScenarioInput['devices']>[number]>

const EXACT = [
  ...['imp-pub', 'imp-sub'].flatMap((node) => [
    { link: `devices~${node}`, latencyMs: 10, jitterMs: 0 },
    { link: `${node}~firewall`, latencyMs: 1, jitterMs: 0 },
  ]),
  { link: 'imp-pub~imp-sub', latencyMs: 1, jitterMs: 0 },
]

/**
 * Ana (phone, in background) and Dee (tablet, in foreground) on imp-pub, Rex (pc, a desktop) and Ben (ben-phone, in
 * background) on imp-sub. Failover after 10 s, fallback 60 s after the node is back, re-login within 5 s.
 */
export function pair(presence: Partial<Presence> = {}, phone: Phone = {}, rest: Partial<ScenarioInput> = {}): Bench {
  const { users = [], devices = [], ...others } = rest
  const scenario = twoPhones(
    { client: 'jabber', ...phone },
    {
      presence: { nodes: [{ id: 'imp-pub' }, { id: 'imp-sub' }], ...presence },
      users: [
        { id: 'dee', name: 'Dee Novak', number: '5002', presenceNode: 'imp-pub' },
        { id: 'rex', name: 'Rex Moreau', number: '5003', presenceNode: 'imp-sub' },
        { id: 'ben', name: 'Ben Ito', number: '5004', presenceNode: 'imp-sub' },
        ...users,
      ],
      devices: [
        { id: 'tablet', owner: 'dee', client: 'jabber' },
        { id: 'pc', owner: 'rex', client: 'jabber', os: 'desktop' },
        { id: 'ben-phone', owner: 'ben', client: 'jabber', app: 'off screen' },
        ...devices,
      ],
      ...others,
      links: [
        { link: 'devices~ucm-pub', latencyMs: 10, jitterMs: 0 },
        { link: 'firewall~push-rest', latencyMs: 30, jitterMs: 0 },
        { link: 'firewall~ci', latencyMs: 30, jitterMs: 0 },
        { link: 'push-rest~apns', latencyMs: 20, jitterMs: 0 },
        { link: 'apns~devices', latencyMs: 200, jitterMs: 0 },
        ...EXACT,
      ],
    },
  )
  scenario.users = (scenario.users ?? []).map((user) => ({ presenceNode: user.id === 'okafor' ? 'imp-sub' : 'imp-pub', ...user }))
  return bench(scenario)
}

/** A message, 100 ms ahead of what is looked at. */
export function say(b: Bench, from: string, to: string, text = 'Bed 4 is free'): number {
  const { flow } = b.give('message.send', { from, to, text }) as { flow: number }
  b.runFor(100)
  return flow
}

export const imNode = (b: Bench, id: string): ImNodeRow => {
  const row = b.rows<ImNodeRow>('imNode').find((each) => each.id === id)
  if (!row) throw new Error(`no imNode ${id}`)
  return row
}

export const story = (b: Bench): string => b.events.map(line).join('\n')
