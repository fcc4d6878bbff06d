/** What onboarding adds to the findings: checks that are not met, services that have to restart, advice on upgrades. */
import { CPNS } from '../cluster/nodes.ts'
import type { Prerequisite } from '../contract/onboarding.ts'
import type { World } from '../world.ts'
import { prerequisites } from './prerequisites.ts'
import { licensedByPlm } from './state.ts'

/** These have findings of their own already: CPNS and port 9966 with the cluster, logins with OAuth, high availability with presence. */
const TOLD_ELSEWHERE = new RegExp(`^pre:(way:9966|oauth|ha|${CPNS}:)`)

/** Those that are not met, for the list of findings. */
export function* onboardingFindings(world: World): Iterable<Prerequisite> {
  for (const check of prerequisites(world)) if (check.level !== 'Pass' && !TOLD_ELSEWHERE.test(check.id)) yield check
  yield* upgradeAdvice(world)
  yield* rejectedLogs(world)
  yield* restarts(world)
}

/** Advice before an upgrade to Smart Licensing (UPG-06). */
function* upgradeAdvice(world: World): Iterable<Prerequisite> {
  if (!world.cluster.onboarded || !licensedByPlm(world.cluster.release)) return
  yield {
    id: 'upgrade:advice',
    level: 'Warning',
    subject: 'Upgrade to 12.0 or later',
    text: 'Push is on: an upgrade deletes the voucher and puts the cluster in evaluation mode.',
    fix: 'Disable push notifications before the upgrade, and onboard again afterwards by the new flow.',
    why: 'UPG-06',
  }
}

/** Logs of a cluster that was upgraded from 11.5(1)SU2 with push on (UPG-07). */
function* rejectedLogs({ admin }: World): Iterable<Prerequisite> {
  if (admin.agent.refusal === null) return
  yield {
    id: 'upgrade:logs',
    level: 'Fail',
    subject: 'Troubleshooting logs',
    text: `The cloud takes none of this cluster: ${admin.agent.refusal}.`,
    fix: 'Clear Enable Push Notifications and both troubleshooting boxes, Save, and onboard again by the whole procedure.',
    why: 'UPG-07',
  }
}

/** Services that run with old settings (ONB-11, ONB-15, ONB-16). */
function* restarts(world: World): Iterable<Prerequisite> {
  for (const { node, service, effect, why } of dueRestarts(world)) {
    yield {
      id: `restart:${node}:${service}`,
      level: 'Warning',
      subject: node,
      text: `${service} has to restart: ${effect}.`,
      fix: `utils service restart ${service}`,
      why,
    }
  }
}

export function* dueRestarts(world: World): Iterable<{ node: string; service: string; effect: string; why: string }> {
  const { due, phase } = world.onboarding
  for (const node of due.tomcat)
    yield { node, service: 'Cisco Tomcat', effect: 'the managed certificates are not installed here', why: 'ONB-11' }
  const off = phase === 'off'
  for (const node of due.cpns)
    yield {
      node,
      service: CPNS,
      effect: off ? 'calls are still pushed from here' : 'it runs with the old settings',
      why: off ? 'ONB-18' : 'ONB-15',
    }
  for (const node of due.xcpConfig)
    yield { node, service: 'Cisco XCP Config Manager', effect: 'no message pushes with the new settings', why: 'ONB-16' }
  for (const node of due.xcpRouter)
    yield {
      node,
      service: 'Cisco XCP Router',
      effect: off ? 'messages are still pushed from here' : 'no message pushes with the new settings',
      why: off ? 'ONB-18' : 'ONB-16',
    }
}
