/** The whole lab with its endpoint open, for tests with real clients. */
import { createLabHost, type LabHost } from '../../../core/wire/labHost.ts'
import type { Batch, WireState } from '../../../core/contract/batch.ts'
import type { Reply } from '../../../core/contract/door.ts'
import type { HopEvent } from '../../../core/contract/event.ts'
import type { Results } from '../../../core/contract/results.ts'
import type { AlarmRow } from '../../../core/contract/rows.ts'
import { eventually } from '../eventually.ts'

const SCENARIOS = new URL('../../../scenarios', import.meta.url).pathname

/** Two nodes; a desk phone on the second one calls a suspended Jabber on an iPhone of the first, whose place a real client takes. */
export const SCENARIO = `pushlab: 1
title: Real clients
cluster:
  release: 14SU3
  nodes: [{ id: ucm-pub }, { id: ucm-sub1 }]
  groups: [{ id: first, nodes: [ucm-pub, ucm-sub1] }, { id: second, nodes: [ucm-sub1, ucm-pub] }]
  pools: [{ id: office, group: first }, { id: desks, group: second }]
users:
  - { id: ana, number: "1000" }
  - { id: bob, number: "2000" }
  - { id: eve, number: "3000" }
devices:
  - { id: desk, owner: ana, client: deskphone, os: desktop, pool: desks }
  - { id: phone, owner: bob, client: jabber, os: ios, app: off screen, locked: true, pool: office }
  - { id: tablet, owner: bob, client: jabber, os: ios, app: off screen, locked: true, pool: office, lines: ["2001"] }
  - { id: evil, owner: eve, client: jabber, os: ios, app: off screen, locked: true, pool: office }
`

export type WireLab = {
  host: LabHost
  events: HopEvent[]
  /** Alarms raised so far, as the window has them. */
  alarms: Map<string, AlarmRow>
  logged: string[]
  wire(): WireState | null
  last(): Batch
  try(name: string, args?: unknown): Promise<Reply>
  do<T = Record<string, never>>(name: string, args?: unknown): Promise<T>
  token(device?: string, minutes?: number): Promise<Results['wire.token']>
  url(node?: number): string
  ca: string
  /** Waits for a hop that holds these texts. */
  hop(where: Partial<Record<'from' | 'to' | 'message' | 'outcome', string>>): Promise<HopEvent>
  close(): Promise<void>
}

export async function wireLab(
  o: { dataDir?: string | null; scenario?: string; open?: boolean; maxInputs?: number } = {},
): Promise<WireLab> {
  const logged: string[] = []
  const host = createLabHost({
    dataDir: o.dataDir ?? null,
    scenariosDir: SCENARIOS,
    log: (line) => void logged.push(line),
    ...(o.maxInputs === undefined ? {} : { maxInputs: o.maxInputs }),
  })
  const events: HopEvent[] = []
  const alarms = new Map<string, AlarmRow>()
  let last: Batch | null = null
  const subscription = host.subscribe((batch) => {
    last = batch
    if (batch.reset) events.length = 0
    events.push(...batch.events)
    for (const row of batch.upsert) if (row.kind === 'alarm') alarms.set(row.id, row)
    queueMicrotask(() => subscription.ack(batch.seq))
  })
  const lab: WireLab = {
    host,
    events,
    alarms,
    logged,
    wire: () => lab.last().wire,
    last: () => {
      if (!last) throw new Error('no batch yet')
      return last
    },
    try: (name, args = {}) => host.dispatch({ name, args }),
    async do<T>(name: string, args: unknown = {}) {
      const reply = await host.dispatch({ name, args })
      if (!reply.ok) throw new Error(`${name}: ${reply.message}`)
      return reply.value as T
    },
    token: (device = 'phone', minutes = 60) => lab.do<Results['wire.token']>('wire.token', { device, minutes }),
    url: (node = 0) => lab.wire()!.nodes[node]!.url,
    ca: '',
    async hop(where) {
      const fits = (event: HopEvent): boolean =>
        Object.entries(where).every(([key, text]) => String(event[key as keyof HopEvent]).includes(text))
      await eventually(() => events.some(fits), JSON.stringify(where))
      return events.find(fits)!
    },
    close: () => host.close(),
  }
  await lab.do('lab.open', { text: o.scenario ?? SCENARIO, name: 'real-clients.yaml' })
  lab.ca = (await lab.do<Results['wire.ca']>('wire.ca')).text
  if (o.open !== false) {
    await lab.do('wire.open', { port: 0 })
    await eventually(() => Boolean(last?.wire), 'the state of the endpoint')
  }
  return lab
}
