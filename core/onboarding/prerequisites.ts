/** What has to be in place for push, each as a check with its repair: services, licences, network, certificates, settings (ONB-02). */
import { allNodes, CMAS, CPNS, isRunning } from '../cluster/nodes.ts'
import { HTTPS_PORT } from '../cloud/way.ts'
import type { Prerequisite } from '../contract/onboarding.ts'
import { routeBetween, type World } from '../world.ts'
import { mismatch } from '../oauth/obstacle.ts'
import { decide, featureOf } from '../release/index.ts'
import { licenceObstacle } from './licensing.ts'
import { HOSTS } from './roots.ts'
import { licensedByPlm } from './state.ts'
import { missingRoots } from './trust.ts'

const CPNS_PORT = 9_966 // NET-04

const DAY_MS = 86_400_000

export function* prerequisites(world: World): Iterable<Prerequisite> {
  yield* services(world)
  yield* licences(world)
  yield* ways(world)
  yield* certificates(world)
  yield* highAvailability(world)
  yield* logins(world)
  yield* releases(world)
}

function* services(world: World): Iterable<Prerequisite> {
  for (const node of world.cluster.nodes.values()) {
    if (node.state !== 'up') continue
    for (const name of [CPNS, CMAS]) {
      const runs = isRunning(node, name)
      yield {
        id: `pre:${name}:${node.id}`,
        level: runs ? 'Pass' : 'Fail',
        subject: node.id,
        text: runs ? `${name} runs.` : `${name} is not running.`,
        fix: runs ? '' : 'Start it in Control Center - Network Services.',
        why: 'ONB-02',
      }
    }
  }
}

function* licences(world: World): Iterable<Prerequisite> {
  const obstacle = licenceObstacle(world)
  const kind = licensedByPlm(world.cluster.release) ? 'Prime License Manager' : 'Smart Licensing'
  yield {
    id: 'pre:licence',
    level: obstacle ? 'Fail' : 'Pass',
    subject: kind,
    text: obstacle
      ? `Before onboarding: ${obstacle.text}.`
      : kind === 'Smart Licensing'
        ? 'The cluster is registered.'
        : 'Licences are synchronised.',
    fix: obstacle?.fix ?? '',
    why: obstacle?.why ?? (kind === 'Smart Licensing' ? 'ONB-04' : 'ONB-03'),
  }
  const { evaluationEndsAt, provisioningDisabled } = world.onboarding.licensing
  if (provisioningDisabled) {
    yield {
      id: 'pre:provisioning',
      level: 'Fail',
      subject: kind,
      text: 'Evaluation mode has ended and provisioning is disabled: no push leaves.',
      fix: 'Register with Cisco Smart Software Manager (CSSM) or CSSM Satellite.',
      why: 'UPG-04',
    }
  } else if (evaluationEndsAt !== null) {
    const days = Math.ceil((evaluationEndsAt - world.clock.now()) / DAY_MS)
    yield {
      id: 'pre:evaluation',
      level: 'Warning',
      subject: kind,
      text: `Evaluation mode: ${days} days left, then provisioning is disabled and pushes stop.`,
      fix: 'Register with Cisco Smart Software Manager (CSSM) or CSSM Satellite before it ends.',
      why: 'UPG-03',
    }
  }
}

function* ways(world: World): Iterable<Prerequisite> {
  for (const node of allNodes(world)) {
    if (node.state !== 'up') continue
    const dns = node.dns
    const blocked = HOSTS.filter((host) => host !== 'fos' || node === world.cluster.publisher).filter(
      (host) => world.network.obstacle(routeBetween(world, node.id, host), { port: HTTPS_PORT }) !== null,
    )
    const bad = !dns || blocked.length > 0
    yield {
      id: `pre:way:${node.id}`,
      level: bad ? 'Fail' : 'Pass',
      subject: node.id,
      text: !dns
        ? 'No DNS: external names do not resolve.'
        : bad
          ? `443/TLS is blocked to ${blocked.join(', ')}.`
          : 'DNS, and 443/TLS to the Cisco cloud.',
      fix: !dns ? 'Configure DNS on this node.' : bad ? 'Open outbound 443/TLS, by host name.' : '',
      why: dns ? 'NET-01' : 'NET-09',
    }
  }
  const nodes = [...world.cluster.nodes.values()].filter((node) => node.state === 'up')
  const closed: string[] = []
  for (const [i, a] of nodes.entries())
    for (const b of nodes.slice(i + 1))
      if (world.network.obstacle(routeBetween(world, a.id, b.id), { port: CPNS_PORT })) closed.push(`${a.id} – ${b.id}`)
  yield {
    id: 'pre:way:9966',
    level: closed.length > 0 ? 'Fail' : 'Pass',
    subject: 'Port 9966',
    text: closed.length > 0 ? `Blocked between ${closed.join(', ')}.` : 'Open between all nodes.',
    fix: closed.length > 0 ? 'Open 9966 in the firewall between the nodes.' : '',
    why: 'NET-04',
  }
}

function* certificates(world: World): Iterable<Prerequisite> {
  // A fresh page has its own way to them; what it has not begun with cannot be missing yet.
  if (world.onboarding.phase === 'none') return
  for (const node of allNodes(world)) {
    const missing = missingRoots(world, node.id, world.onboarding.saved.manageCertificates)
    const waits = world.onboarding.due.tomcat.has(node.id)
    yield {
      id: `pre:trust:${node.id}`,
      level: missing.length === 0 ? 'Pass' : waits ? 'Warning' : 'Fail',
      subject: node.id,
      text: missing.length === 0 ? 'The roots of the Cisco cloud are in tomcat-trust.' : `Missing in tomcat-trust: ${missing.join(', ')}.`,
      fix:
        missing.length === 0
          ? ''
          : waits
            ? 'Restart Cisco Tomcat on this node to install the managed certificates.'
            : 'Upload them by hand, or let Cisco manage the certificates; then restart Tomcat (publisher), CPNS (all nodes), Cisco XCP Router, Cisco XCP Config Manager.',
      why: waits ? 'ONB-11' : 'ONB-10',
    }
  }
}

function* highAvailability(world: World): Iterable<Prerequisite> {
  const { presence } = world
  if (!presence || presence.subclusters.every((each) => each.nodes.length < 2)) return
  const on = presence.parameters.highAvailability
  yield {
    id: 'pre:ha',
    level: on ? 'Pass' : 'Warning',
    subject: 'Push Notifications High Availability',
    text: on ? 'Enabled.' : 'Disabled: nothing is taken over when a node fails.',
    fix: on
      ? ''
      : 'Set it to Enabled (System > Service Parameters, Cisco XCP Router (Active)), then restart Cisco XCP Router on all nodes.',
    why: 'ONB-19',
  }
}

function* logins(world: World): Iterable<Prerequisite> {
  if (world.expresswayRelease === null) return
  const apart = mismatch(world)
  yield {
    id: 'pre:oauth',
    level: apart ? 'Fail' : 'Pass',
    subject: 'OAuth refresh logins',
    text: apart ? `MRA logins fail: ${apart.text}.` : 'Expressway and Unified CM match.',
    fix: apart ? 'Set Authorize by OAuth token with refresh to On with Enabled, Off with Disabled.' : '',
    why: 'OAUTH-06',
  }
}

/** Asked with the newest client: what the servers permit at best. */
const BEST_CLIENT = { client: { kind: 'jabber', release: '14.2' }, os: { kind: 'ios', release: '16.5' }, mra: false } as const

function* releases(world: World): Iterable<Prerequisite> {
  const { cluster, presence } = world
  const decision = decide({ unifiedCm: cluster.release, presence: presence?.release ?? null, expressway: null, ...BEST_CLIENT })
  const check = (what: 'calls' | 'messages', feature: 'calling' | 'messaging'): Prerequisite => {
    const { on, reason, cell } = featureOf(decision, feature)
    return {
      id: `pre:release:${what}`,
      level: on ? 'Pass' : 'Fail',
      subject: `Releases for ${what}`,
      text: on ? `The servers can push ${what}.` : reason,
      fix: on ? '' : `Upgrade to a release that fits ${cell}.`,
      why: 'REL-01',
    }
  }
  yield check('calls', 'calling')
  if (presence) yield check('messages', 'messaging')
}
