/** The same steps with virtual and with real legs: the hops say the same, only their times differ (DEC-35). */
import { afterAll, describe, expect, it } from 'vitest'
import { CLOUD_NAMES, type CloudName } from '../../../core/contract/clouds.ts'
import type { HopEvent } from '../../../core/contract/event.ts'
import { closeLabs, cloudLab, type CloudLab } from '../cloud/lab.ts'
import { eventually } from '../eventually.ts'

// Each run has a lab of its own and mostly waits, so they wait side by side.
afterAll(closeLabs)

const SCENARIO = `pushlab: 1
title: Either way
cluster: { nodes: [{ id: ucm-pub }] }
users: [{ id: ana, number: "1000" }, { id: bob, number: "2000" }, { id: eve, number: "3000" }]
devices:
  - { id: desk, owner: ana, client: deskphone, os: desktop }
  - { id: phone, owner: bob, client: jabber, os: ios, app: off screen, locked: true }
  - { id: droid, owner: eve, client: jabber, os: android, app: off screen, locked: true }
`

const PLACES = new Set<string>([...CLOUD_NAMES, 'ucm-pub/CPNS'])
/** What only a socket has to tell. */
const ONLY_REAL = /^(connection ends|the clouds on real sockets)/

/** Hops to, from and between the clouds, by flow; the words that say that a socket was in it are taken off. */
function told(events: readonly HopEvent[]): Record<number, string[]> {
  const flows: Record<number, string[]> = {}
  for (const { flow, from, to, carrier, message, outcome, status, why } of events) {
    if (
      !(PLACES.has(from) && PLACES.has(to)) ||
      carrier === 'admin' ||
      ONLY_REAL.test(message) ||
      outcome.startsWith('written to the socket')
    )
      continue
    const line = [from, '>', to, carrier, message, '|', outcome.replace(', over a real socket', ''), status, why].join(' ')
    ;(flows[flow] ??= []).push(line)
  }
  return flows
}

type Steps = (lab: CloudLab, hop: (text: string, count?: number) => Promise<HopEvent>, real: readonly CloudName[]) => Promise<void>

type Ran = { told: Record<number, string[]>; asked: Record<string, number> }

async function run(real: readonly CloudName[], steps: Steps): Promise<Ran> {
  const lab = await cloudLab({ scenario: SCENARIO })
  // What the lab asks when it opens is asked before a leg can be real.
  await eventually(() => lab.events.some(({ from, message }) => from === 'ci' && message === '200 OK'), 'the first token')
  await lab.do('clouds.legs', { real })
  const before = lab.events.length
  const seen = (text: string): HopEvent[] =>
    lab.events.slice(before).filter(({ from, to, message, outcome }) => `${from} > ${to} ${message}: ${outcome}`.includes(text))
  await steps(
    lab,
    async (text, count = 1) => {
      await eventually(() => seen(text).length >= count, `${count} of "${text}"`, 15_000)
      return seen(text)[count - 1] as HopEvent
    },
    real,
  )
  const asked = Object.fromEntries(lab.state().servers.map(({ cloud, requests }) => [cloud, requests]))
  return { told: told(lab.events.slice(before)), asked }
}

/** The virtual run is the same for every choice of legs. */
const virtualRuns = new Map<Steps, ReturnType<typeof run>>()
const virtually = (steps: Steps): ReturnType<typeof run> => {
  const made = virtualRuns.get(steps) ?? run([], steps)
  virtualRuns.set(steps, made)
  return made
}

const STEPS: [string, Steps][] = [
  [
    '[NET-02] a token, a call that wakes an iPhone, and its end',
    async (lab, hop) => {
      await lab.do('service.restart', { node: 'ucm-pub', service: 'CPNS' })
      await hop('access token for 60 min')
      const { flow } = await lab.do<{ flow: number }>('call.place', { from: 'desk', to: '2000' })
      await hop('phone > ucm-pub/CallManager REGISTER')
      await lab.do('call.hangUp', { flow })
      await hop('push-rest > ucm-pub/CPNS 200 OK', 2)
    },
  ],
  [
    '[FCM-01] a call to an Android phone',
    async (lab, hop) => {
      await lab.do('call.place', { from: 'desk', to: '3000' })
      await hop('push-rest > ucm-pub/CPNS 200 OK')
    },
  ],
  [
    '[SEC-02] a payload that is not sealed',
    async (lab, hop) => {
      await lab.do('fault.add', { fault: { kind: 'unsealed', on: 'ucm-pub/CPNS', id: 'open' } })
      await lab.do('call.place', { from: 'desk', to: '2000' })
      await hop('400')
    },
  ],
  [
    '[SEC-05] a target that is gone',
    async (lab, hop) => {
      await lab.do('device.expireToken', { device: 'phone' })
      await lab.do('call.place', { from: 'desk', to: '2000' })
      await hop('push-rest > ucm-pub/CPNS 410')
    },
  ],
  [
    '[NET-03] a certificate of somebody else’s',
    async (lab, hop, real) => {
      if (real.includes('push-rest')) await lab.fault('push-rest', { kind: 'certificate', wrong: 'authority' })
      else await lab.do('fault.add', { fault: { kind: 'tls-inspect', on: 'push-rest', id: 'inspected' } })
      await lab.do('call.place', { from: 'desk', to: '2000' })
      await hop("not the cloud's own")
    },
  ],
]

describe.concurrent.each(STEPS)('%s', (_title, steps) => {
  it.each<[string, readonly CloudName[]]>([
    ['the legs of the cluster', ['fos', 'ci', 'push-rest']],
    ['the legs of Push REST', ['apns', 'fcm']],
    ['all legs', CLOUD_NAMES],
  ])('tells the same with %s real', { timeout: 40_000 }, async (_which, real) => {
    const virtual = await virtually(steps)
    const onSockets = await run(real, steps)
    expect(Object.values(virtual.told).flat().length).toBeGreaterThan(0)
    expect(onSockets.told).toEqual(virtual.told)
    const sum = (asked: Record<string, number>): number => Object.values(asked).reduce((all, each) => all + each)
    expect({
      virtually: sum(virtual.asked),
      others: sum(onSockets.asked) - real.reduce((all, each) => all + (onSockets.asked[each] ?? 0), 0),
    }).toEqual({ virtually: 0, others: 0 })
  })
})
