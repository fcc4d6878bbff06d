/** A fresh cluster with Ana's suspended iPhone, and the documented steps to its first push, each by its name. */
import type { ScenarioInput } from '../../../core/contract/scenario.ts'
import type { OnboardingView } from '../../../core/contract/onboarding.ts'
import { onboardingView } from '../../../core/onboarding/view.ts'
import { bench, twoPhones, type Bench } from '../bench.ts'

type Onboarding = NonNullable<ScenarioInput['cluster']>['onboarding']

export function fresh(onboarding: Onboarding = {}, options: { release?: string; nodes?: 1 | 2; im?: boolean } = {}): Bench {
  const { release = '14SU3', nodes = 2, im = true } = options
  const scenario = twoPhones({ client: 'jabber', clientRelease: '12.9', osRelease: '13.5' }, { nodes, im, cluster: undefined as never })
  const ids = scenario.cluster?.nodes ?? []
  return bench({
    ...scenario,
    cluster: {
      release,
      nodes: ids.length > 0 ? ids : nodes === 2 ? [{ id: 'ucm-pub' }, { id: 'ucm-sub1' }] : [{ id: 'ucm-pub' }],
      onboarding: { start: 'fresh', ...onboarding },
    },
  })
}

export const view = (b: Bench): OnboardingView => onboardingView(b.lab.world)

export const task = (b: Bench, number: number): OnboardingView['tasks'][number] => {
  const found = view(b).tasks.find((each) => each.number === number)
  if (!found) throw new Error(`no task ${number}`)
  return found
}

/** Long enough for a service to start, and for a page to load. */
const SETTLE_MS = 10_000

const nodesOf = (b: Bench): string[] => [...b.lab.world.cluster.nodes.keys()]
const imNodesOf = (b: Bench): string[] => [...(b.lab.world.presence?.nodes.keys() ?? [])]

function restart(b: Bench, nodes: string[], service: string): void {
  for (const node of nodes) {
    b.give('service.restart', { node, service })
    b.runFor(SETTLE_MS)
  }
}

/** A step may be refused: then it says why, and the person goes on, as people do. */
export type Step = { name: string; run(b: Bench): string | null }

const give =
  (name: string, args: unknown = {}): Step['run'] =>
  (b) => {
    const reply = b.try(name, args)
    b.runFor(SETTLE_MS)
    return reply.ok ? null : reply.message
  }

const restarting =
  (of: (b: Bench) => string[], service: string): Step['run'] =>
  (b) => {
    restart(b, of(b), service)
    return null
  }

const LICENCE: Record<'11.5' | 'later', Step> = {
  '11.5': { name: 'synchronise licences', run: give('license.synchronize') },
  later: { name: 'Smart Licensing', run: give('license.register', {}) },
}

/** Steps 1 to 12 of Enable Push Notifications, and what comes before. */
export function steps(release: '11.5' | 'later' = 'later'): Step[] {
  return [
    LICENCE[release],
    { name: 'open the page', run: give('onboarding.open') },
    { name: 'voucher', run: give('onboarding.voucher') },
    { name: 'tick Enable Push Notifications', run: give('onboarding.tick', { push: true }) },
    { name: 'tick the certificate box', run: give('onboarding.tick', { manageCertificates: true }) },
    { name: 'first Save', run: give('onboarding.save') },
    { name: 'Tomcat on the other nodes', run: restarting((b) => [...nodesOf(b).slice(1), ...imNodesOf(b)], 'Tomcat') },
    { name: 'Tomcat on the publisher', run: restarting((b) => nodesOf(b).slice(0, 1), 'Tomcat') },
    { name: 'open the page again', run: give('onboarding.open') },
    { name: 'tick Enable Push Notifications again', run: give('onboarding.tick', { push: true }) },
    { name: 'tick the certificate box again', run: give('onboarding.tick', { manageCertificates: true }) },
    { name: 'second Save', run: give('onboarding.save') },
    { name: 'CPNS on all nodes', run: restarting(nodesOf, 'CPNS') },
    { name: 'XCP Config Manager', run: restarting(imNodesOf, 'XCP Config Manager') },
    { name: 'XCP Router', run: restarting(imNodesOf, 'XCP Router') },
  ]
}

/** Runs the steps, leaving some out; answers with what was refused, by step. */
export function follow(b: Bench, all: readonly Step[], without: readonly string[] = []): Record<string, string> {
  const refused: Record<string, string> = {}
  for (const name of without) if (!all.some((step) => step.name === name)) throw new Error(`no step "${name}"`)
  for (const step of all) {
    if (without.includes(step.name)) continue
    const said = step.run(b)
    if (said !== null) refused[step.name] = said
  }
  return refused
}

/** Whether a call to Ana is pushed and rings, and what it ended with when not. */
export function callsRing(b: Bench): { rang: boolean; cause: string; why: string } {
  const flow = b.call('5001')
  b.runFor(20_000)
  const { offeredAt, cause, causeWhy } = b.flow(flow)
  b.try('call.hangUp', { flow })
  b.runFor(5_000)
  return { rang: offeredAt !== null, cause, why: causeWhy }
}

export function messagePushed(b: Bench): { pushed: boolean; cause: string; why: string } {
  const { flow } = b.give('message.send', { from: 'okafor', to: 'ana', text: 'hello' }) as { flow: number }
  b.runFor(5_000)
  const row = b.flow(flow)
  return { pushed: b.pushes({ flow, purpose: 'message' }).some((push) => push.state === 'shown'), cause: row.cause, why: row.causeWhy }
}
