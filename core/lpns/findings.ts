/** What the set-up of local push itself says: the chain of settings, ports between the nodes, certificates. */
import type { Device } from '../client/device.ts'
import { LPNS } from '../cluster/nodes.ts'
import type { FindingRow } from '../contract/rows.ts'
import { counted } from '../figures.ts'
import { routeBetween, type LabNode, type World } from '../world.ts'
import { configFor } from './jabberConfig.ts'
import { certificateOf, refusalOf } from './nodeCertificate.ts'
import { canLocalPush, runsLpns } from './places.ts'
import { KEEPALIVE_MS, LPNS_PORT } from './protocol.ts'

/** At most this many devices get findings of their own. */
const DEVICE_FINDINGS = 50

type Finding = Omit<FindingRow, 'kind'>

const isSetUp = (world: World): boolean => {
  for (const service of world.cluster.ucServices.values()) if (service.ssids.length > 0) return true
  return false
}

export function* localPushFindings(world: World): Iterable<Finding> {
  if (!isSetUp(world)) return
  const nodes = [...world.cluster.nodes.values()].filter((node) => node.services.has(LPNS))
  if (nodes.length === 0) {
    yield {
      id: 'lpns:release',
      level: 'Fail',
      subject: 'Local push',
      text: `LocalPushSSIDList is set, but release ${world.cluster.release} has no Cisco Local Push Notification Service.`,
      fix: 'Upgrade Unified CM to 14SU3 or later.',
      why: 'REL-04',
    }
    return
  }
  if (!world.cluster.onboarded) {
    yield {
      id: 'lpns:onboarded',
      level: 'Fail',
      subject: 'Local push',
      text: 'The cluster is not onboarded for APNs: local push is inactive.',
      fix: 'Subscribe the cluster for push; the restarts for IM and Presence are not needed for local push.',
      why: 'LPNS-03',
    }
  }
  if (!world.cluster.oauthRefreshLogins) {
    yield {
      id: 'lpns:oauth',
      level: 'Fail',
      subject: 'Local push',
      text: 'OAuth with Refresh Login Flow is Disabled: no session opens.',
      fix: 'Set the enterprise parameter OAuth with Refresh Login Flow to Enabled.',
      why: 'LPNS-06',
    }
  }
  yield* services(nodes)
  yield* mesh(world, nodes)
  yield* idle(world)
  yield* clients(world, nodes)
}

function* services(nodes: readonly LabNode[]): Iterable<Finding> {
  for (const node of nodes) {
    if (runsLpns(node) || node.state !== 'up') continue
    yield {
      id: `lpns:${node.id}`,
      level: 'Fail',
      subject: node.id,
      text: 'Cisco Local Push Notification Service is not running: calls processed here are pushed through Apple only.',
      fix: 'Start it in Control Center - Network Services.',
      why: 'LPNS-04',
    }
  }
}

function* mesh(world: World, nodes: readonly LabNode[]): Iterable<Finding> {
  for (const [i, a] of nodes.entries()) {
    for (const b of nodes.slice(i + 1)) {
      if (!runsLpns(a) || !runsLpns(b)) continue
      const blocked =
        world.network.obstacle(routeBetween(world, a.id, b.id), { port: LPNS_PORT }) ??
        world.network.obstacle(routeBetween(world, b.id, a.id), { port: LPNS_PORT })
      if (!blocked) continue
      yield {
        id: `9560:${a.id}~${b.id}`,
        level: 'Fail',
        subject: `${a.id} – ${b.id}`,
        text: `Port 9560 between the nodes is blocked (${blocked.text}): a call on one does not find sessions on the other.`,
        fix: 'Open 9560 in the firewall between the nodes.',
        why: 'LPNS-05',
      }
    }
  }
}

/** Keepalives come every 120 s: what forgets sooner cuts every session (LPNS-24). */
function* idle(world: World): Iterable<Finding> {
  for (const { fault, id, hidden } of world.faults.all()) {
    if (fault.kind !== 'idle-cut' || hidden || !fault.on.startsWith('devices~') || fault.idleMinutes * 60_000 >= KEEPALIVE_MS) continue
    yield {
      id: `lpns:idle:${id}`,
      level: 'Warning',
      subject: fault.on,
      text: `It forgets connections idle for ${fault.idleMinutes} min, before the next keepalive of a local push session: sessions are half open most of the time.`,
      fix: 'Let NAT and firewalls keep the WebSocket to LPNS for more than 120 s of silence.',
      why: 'LPNS-24',
    }
  }
}

function* clients(world: World, nodes: readonly LabNode[]): Iterable<Finding> {
  let count = 0
  for (const device of world.devices.values()) {
    if (device.os !== 'ios' || !device.signedIn || device.mra) continue
    for (const finding of ofClient(world, device, nodes)) {
      if (++count <= DEVICE_FINDINGS) yield finding
    }
  }
  if (count > DEVICE_FINDINGS) {
    yield {
      id: 'lpns:more',
      level: 'Warning',
      subject: 'Local push',
      text: `${counted(count - DEVICE_FINDINGS, 'more finding on clients is', 'more findings on clients are')} not listed.`,
      fix: 'Mend the listed ones first.',
      why: 'LPNS-08',
    }
  }
}

function* ofClient(world: World, device: Device, nodes: readonly LabNode[]): Iterable<Finding> {
  if (!canLocalPush(world, device)) return
  const { broken } = configFor(world, device)
  if (broken) {
    yield {
      id: `lpns:chain:${device.id}`,
      level: 'Warning',
      subject: device.label,
      text: `No local push: ${broken.text}.`,
      fix: `${broken.fix}.`,
      why: 'LPNS-08',
    }
    return
  }
  const refusals = nodes.map((node) => ({ node, text: refusalOf(world, node, device) })).filter((each) => each.text !== '')
  for (const { node, text } of refusals) {
    yield {
      id: `lpns:certificate:${device.id}:${node.id}`,
      level: 'Fail',
      subject: `${device.label} → ${node.id}`,
      text: `iOS refuses the certificate of ${node.id}: ${text}. The server raises no alarm for it.`,
      fix: certificateFix(text, certificateOf(world, node).issuer),
      why: 'LPNS-25',
    }
  }
}

const certificateFix = (text: string, issuer: string): string =>
  issuer === 'private CA' && text.includes('trust store')
    ? 'Import the root of the private CA into the iOS trust store of the device.'
    : 'Use a certificate signed by a CA, valid for less than 397 days, that carries the name of the node.'
