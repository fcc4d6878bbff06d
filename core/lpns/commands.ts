/** Commands around local push: sessions, mesh, certificates, and what arrives on real sockets. */
import type { Device } from '../client/device.ts'
import { reboot } from '../client/user.ts'
import { serviceNamed } from '../cluster/nodes.ts'
import { setService } from '../cluster/operations.ts'
import type { LabCommandArgs, LabCommandName } from '../contract/commands.ts'
import type { CloudInput } from '../contract/clouds.ts'
import { failure, ok, type Reply } from '../contract/door.ts'
import { look } from './client.ts'
import { SPLIT } from './mesh.ts'
import { LPNS_PORT } from './protocol.ts'
import { certificateOf, refusalOf } from './nodeCertificate.ts'
import { lpnsOf, touchSession } from './places.ts'
import { closed, connected, endpoint, received, tokenIssued } from './realClients.ts'
import { admin, missing, onDevice, refused } from '../replies.ts'
import type { LabNode, World } from '../world.ts'

type Names = Extract<
  Exclude<LabCommandName, CloudInput>,
  | `wire.${string}`
  | `mesh.${string}`
  | 'device.reboot'
  | 'device.expireAccessToken'
  | 'device.trust'
  | 'node.certificate'
  | 'service.kill'
  | 'cluster.localPush'
>

const onNode = (world: World, id: string, act: (node: LabNode) => string | null): Reply => {
  const node = world.cluster.nodes.get(id)
  return node ? refused(act(node)) : missing('node', id, world.cluster.nodes.keys())
}

export const lpnsHandlers: { [N in Names]: (world: World, args: LabCommandArgs<N>) => Reply } = {
  'wire.tokenIssued': tokenIssued,
  'wire.endpoint': endpoint,
  'wire.connected': connected,
  'wire.received': received,
  'wire.closed': closed,
  'mesh.split': (world, { nodes }) => {
    const apart = new Set(nodes)
    for (const node of apart) if (!world.cluster.nodes.has(node)) return missing('node', node, world.cluster.nodes.keys())
    const others = [...world.cluster.nodes.keys()].filter((node) => !apart.has(node))
    if (others.length === 0) return failure('refused', 'these are all nodes: name those that stand on one side of the split')
    let added = 0
    for (const a of apart) {
      for (const b of others) {
        const link = world.network.links.has(`${a}~${b}`) ? `${a}~${b}` : `${b}~${a}`
        const fault = world.faults.add({ id: `${SPLIT}${link.replace('~', '-')}`, on: link, kind: 'black-hole', port: LPNS_PORT })
        if (fault.ok) added++
      }
    }
    if (added === 0) return failure('refused', 'the mesh is already split there')
    for (const node of world.cluster.nodes.keys()) world.touch('node', node)
    admin(
      world,
      lpnsOf([...apart][0] as string),
      'LPNS mesh split',
      `${[...apart].join(', ')} without port 9560 to ${others.join(', ')}`,
      'LPNS-19',
    )
    return ok({ links: added })
  },
  'mesh.heal': (world) => {
    const splits = [...world.faults.all()].filter((each) => each.id.startsWith(SPLIT))
    if (splits.length === 0) return failure('refused', 'the mesh is not split by this command')
    for (const each of splits) world.faults.remove(each.id)
    for (const node of world.cluster.nodes.keys()) world.touch('node', node)
    admin(world, world.cluster.publisher.id, 'LPNS mesh healed', 'port 9560 is open again between the nodes', 'LPNS-19')
    return ok({ links: splits.length })
  },
  'device.reboot': (world, { device }) => onDevice(world, device, (found) => reboot(world, found)),
  'device.expireAccessToken': (world, { device, refresh }) =>
    onDevice(world, device, (found) => {
      const tokens = [...world.accessTokens.values()].filter((token) => token.device === found.id)
      if (tokens.length === 0) return `${found.label} has no access token`
      const now = world.clock.now()
      for (const token of tokens) token.endsAt = Math.min(token.endsAt, now)
      if (refresh) found.refreshEndsAt = Math.min(found.refreshEndsAt, now)
      admin(
        world,
        found.id,
        refresh ? 'access token and refresh token expire' : 'access token expires',
        'the server learns of it with the next keepalive or response',
        'LPNS-17',
      )
      touchSession(world, found.id)
      return null
    }),
  'device.trust': (world, { device, trusted }) =>
    onDevice(world, device, (found) => {
      if (found.os !== 'ios') return `${found.label} has no iOS trust store`
      found.trustsPrivateCa = trusted
      found.trustsSelfSigned = trusted
      admin(world, found.id, trusted ? 'root certificate imported' : 'root certificate removed', 'iOS trust store', 'LPNS-25')
      world.touch('device', found.id)
      tryAgain(world, [found])
      return null
    }),
  'node.certificate': (world, { node, issuer, validDays, ageDays, names }) =>
    onNode(world, node, (found) => {
      const { certificate } = found
      if (issuer !== undefined) certificate.issuer = issuer
      if (validDays !== undefined) certificate.validDays = validDays
      certificate.issuedAt = world.clock.now() - (ageDays ?? 0) * 86_400_000
      if (names !== undefined) certificate.names = [...names]
      const { issuer: by, validDays: days, ageDays: age } = certificateOf(world, found)
      admin(
        world,
        found.id,
        'new server certificate',
        `${by}, valid for ${days} days, ${age} days old; sessions that are open stay`,
        'LPNS-25',
      )
      world.touch('node', found.id)
      tryAgain(world, world.devices.values())
      return null
    }),
  'service.kill': (world, { node, service }) => {
    const kill = (found: LabNode): string | null => {
      const name = serviceNamed(found, service)
      return name ? setService(world, found, name, 'kill') : `${found.id} has no service "${service}"`
    }
    const presence = world.presence?.nodes.get(node)
    return presence ? refused(kill(presence)) : onNode(world, node, kill)
  },
  'cluster.localPush': (world, { graceMs, responseMs }) => {
    const { localPush } = world.cluster
    if (graceMs !== undefined) localPush.graceMs = graceMs
    if (responseMs !== undefined) localPush.responseMs = responseMs
    admin(
      world,
      world.cluster.publisher.id,
      'times of local push',
      `grace ${localPush.graceMs / 1_000} s from the next keepalive on, response ${localPush.responseMs / 1_000} s`,
      graceMs === undefined ? 'DEC-06' : 'DEC-02',
    )
    return ok({})
  },
}

/** Clients that wait because of a certificate need not wait any longer. */
function tryAgain(world: World, devices: Iterable<Device>): void {
  for (const device of devices) {
    if (device.os !== 'ios' || device.local.state !== 'waiting') continue
    const fits = [...world.cluster.nodes.values()].some((node) => refusalOf(world, node, device) === '')
    if (fits) look(world, device)
  }
}
