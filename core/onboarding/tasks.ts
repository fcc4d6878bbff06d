/** The task flow: eight tasks in order, with what each waits for and what follows from leaving it out (ONB-01). */
import { allNodes } from '../cluster/nodes.ts'
import type { OnboardingTask } from '../contract/onboarding.ts'
import type { World } from '../world.ts'
import { licensedByPlm } from './state.ts'
import { prerequisites } from './prerequisites.ts'

type Task = Omit<OnboardingTask, 'number'>

const DONE: Pick<Task, 'state' | 'optional'> = { state: 'done', optional: false }

export function tasks(world: World): OnboardingTask[] {
  const all = [
    synchronizeLicenses,
    openPorts,
    enablePush,
    highAvailability,
    refreshLogins,
    refreshExpressway,
    restartExpresswayE,
    troubleshooting,
  ]
  return all.map((each, index) => ({ number: index + 1, ...each(world) }))
}

const state = (done: boolean): 'done' | 'open' => (done ? 'done' : 'open')

function synchronizeLicenses({ cluster, onboarding }: World): Task {
  const task = { title: 'Synchronize Licenses', optional: false, why: 'ONB-03', commands: ['license.synchronize'] }
  if (!licensedByPlm(cluster.release))
    return {
      ...task,
      state: 'not applicable',
      text: `${cluster.release} uses Smart Licensing: Prime License Manager ended with 11.5.`,
      effect: '',
    }
  const { synchronised } = onboarding.licensing
  return {
    ...task,
    state: state(synchronised),
    text: 'Prime License Manager: Product Instance > Synchronize Licenses, also when no licence was added.',
    effect: synchronised ? '' : 'No voucher, and Save is refused.',
  }
}

function openPorts(world: World): Task {
  const bad = [...prerequisites(world)].filter((check) => check.id.startsWith('pre:way') && check.level === 'Fail')
  return {
    title: 'Open Ports for Push Notifications',
    ...DONE,
    state: state(bad.length === 0),
    text: '443/TLS from all nodes to the Cisco cloud; 9966 between the Unified CM nodes.',
    effect: bad.map((check) => `${check.subject}: ${check.text}`).join(' '),
    why: 'NET-01',
    commands: ['check.reachability'],
  }
}

function enablePush(world: World): Task {
  const { cluster, onboarding } = world
  const waiting = [...allNodes(world)].filter(({ agent, family }) => !agent.enabled || (family === 'imp' && !agent.routerKnows))
  const done = cluster.onboarded && waiting.length === 0
  return {
    title: 'Enable Push Notifications',
    ...DONE,
    state: state(done),
    text: 'The Cisco Cloud Onboarding page: voucher, boxes, Save, Tomcat, boxes, Save; then CPNS, and on IM and Presence Cisco XCP Config Manager and Cisco XCP Router.',
    effect: done
      ? ''
      : cluster.onboarded
        ? `No pushes from ${waiting.map((node) => node.id).join(', ')}: restart the services there.`
        : 'No push leaves the cluster.',
    why: onboarding.phase === 'pending' ? 'ONB-14' : 'ONB-11',
    commands: ['onboarding.open', 'onboarding.voucher', 'onboarding.tick', 'onboarding.save', 'service.restart'],
  }
}

function highAvailability({ presence }: World): Task {
  const task = {
    title: 'Enable Push Notifications High Availability',
    optional: false,
    why: 'ONB-19',
    commands: ['presence.parameters', 'service.restart'],
  }
  if (!presence) return { ...task, state: 'not applicable', text: 'There is no IM and Presence Service.', effect: '' }
  const waiting = [...presence.im.values()].filter((im) => im.highAvailability !== presence.parameters.highAvailability)
  const done = presence.parameters.highAvailability && waiting.length === 0
  return {
    ...task,
    state: state(done),
    text: 'System > Service Parameters, service Cisco XCP Router (Active), Push Notifications (Clusterwide).',
    effect: done
      ? ''
      : waiting.length > 0
        ? `Cisco XCP Router on ${waiting.map((im) => im.id).join(', ')} has to restart.`
        : 'When a node fails, its users in background get no message pushes.',
  }
}

function refreshLogins(world: World): Task {
  const { cluster } = world
  return {
    title: 'Configure OAuth Refresh Logins',
    optional: true,
    state: state(cluster.oauthRefreshLogins),
    text: 'System > Enterprise Parameters, OAuth with Refresh Login Flow; the same on Expressway and Unity Connection.',
    effect: cluster.oauthRefreshLogins ? '' : 'Users log in again after a network change; no local push.',
    why: 'OAUTH-01',
    commands: ['cluster.oauth', 'client.reset'],
  }
}

function refreshExpressway({ expresswayRelease, knowsPush, presence }: World): Task {
  const task = {
    title: 'Refresh Settings from Expressway-C',
    optional: false,
    why: 'MRA-01',
    commands: ['expressway.refresh', 'expressway.restart'],
  }
  if (expresswayRelease === null) return { ...task, state: 'not applicable', text: 'There is no Expressway.', effect: '' }
  const done = knowsPush.refreshed && (knowsPush.c || !presence)
  return {
    ...task,
    state: state(done),
    text: 'Refresh Servers, then restart Expressway-C.',
    effect: done ? '' : 'Its Authz certificate may differ, and messages to MRA clients are not pushed.',
  }
}

function restartExpresswayE({ expresswayRelease, knowsPush, presence }: World): Task {
  const task = { title: 'Restart Expressway-E', optional: false, why: 'MRA-03', commands: ['expressway.restart'] }
  if (expresswayRelease === null) return { ...task, state: 'not applicable', text: 'There is no Expressway.', effect: '' }
  if (!presence)
    return { ...task, state: 'not applicable', text: 'There is no IM and Presence Service: only messages need it.', effect: '' }
  return {
    ...task,
    state: state(knowsPush.e),
    text: 'Restart Expressway-E once push is on.',
    effect: knowsPush.e ? '' : 'Messages to MRA clients are not pushed.',
  }
}

function troubleshooting({ admin, cluster }: World): Task {
  const done = admin.agent.send && cluster.onboarded
  return {
    title: 'Configure Troubleshooting Options',
    optional: true,
    state: state(done),
    text: 'Interval and severity of the alarms that go to the Cisco cloud.',
    effect: done ? '' : 'Support cannot see the alarms of this cluster.',
    why: 'ONB-13',
    commands: ['agent.options', 'cli.run'],
  }
}
