/** What arrives on the real sockets of the clouds, carried out on the lab; and the commands that break what CI knows. */
import { askTold, failAsks } from './asks.ts'
import { takeMachineAccount } from '../admin/machineAccount.ts'
import { dropToken, startFetching } from './accessAgent.ts'
import { answerTokenRequest, breakMachineAccount, freshMachineAccount } from './ci.ts'
import { legsChanged } from './connection.ts'
import { answerSubscription, tellProvisioning } from './fos.ts'
import { serveOwn } from './ownRequests.ts'
import { mayTell, OUTSIDE, providerPush, strangerPush } from './provider.ts'
import type { RealAnswer } from './real.ts'
import { allNodes, isRunning, pushServiceOf } from '../cluster/nodes.ts'
import type { CloudInput, CloudName, FarEndCommand } from '../contract/clouds.ts'
import type { LabCommandArgs } from '../contract/commands.ts'
import { failure, ok, type Reply } from '../contract/door.ts'
import { admin, onDevice } from '../replies.ts'
import { tell, type Hop, type World } from '../world.ts'

type Handlers = { [N in CloudInput | FarEndCommand]: (world: World, args: LabCommandArgs<N>) => Reply }

export const cloudHandlers: Handlers = {
  'wire.clouds': opened,
  'wire.told': (world, { ask, told }) => {
    askTold(world, ask, told)
    return ok({})
  },
  'wire.request': (world, args) => {
    if (!world.real.open) return CLOSED
    requested(world, args)
    return ok({})
  },
  'wire.push': (world, args) => {
    if (!world.real.open) return CLOSED
    providerPush(world, args)
    return ok({})
  },
  'machineAccount.break': (world, { how }) => {
    const done = breakMachineAccount(world, how)
    if (done !== null) return failure('refused', done)
    const text =
      how === 'account deleted' ? 'its access tokens are good no more' : 'access tokens stay good until they end, no new ones come'
    admin(world, 'ci', `machine account: ${how}`, text, 'UPG-08')
    return ok({})
  },
  'machineAccount.mend': (world) => {
    if (!world.cluster.onboarded) return failure('refused', 'the cluster is not onboarded: it has no machine account (cluster.onboard)')
    const details = freshMachineAccount(world)
    if (!details) return failure('refused', 'Common Identity makes no more machine accounts')
    takeMachineAccount(world, details.account, details.refresh)
    const place = world.cluster.publisher.id
    admin(world, place, 'machine account mended', 'new refresh token on every node; the push services restart with it', 'UPG-10')
    for (const node of allNodes(world)) {
      if (!isRunning(node, pushServiceOf(node))) continue
      dropToken(node)
      startFetching(world, node)
      world.touch('node', node.id)
    }
    return ok({})
  },
  'device.callKit': (world, { device, reports, failuresAllowed }) =>
    onDevice(world, device, (found) => {
      if (found.os !== 'ios') return `${found.label} is no iPhone: CallKit is iOS`
      found.reportsCalls = reports
      if (failuresAllowed !== undefined) found.voipFailuresAllowed = failuresAllowed
      const text = reports ? 'reports a call for each VoIP push' : `reports none: iOS bears that ${found.voipFailuresAllowed} times`
      admin(world, found.id, 'CallKit', text, 'APNS-11')
      world.touch('device', found.id)
      return null
    }),
}

const CLOSED = failure('refused', 'the clouds are not open on real sockets')

/** Legs become real or virtual. What is under way on one that is left fails at once, and says why. */
function opened(world: World, { open, address, real: named }: LabCommandArgs<'wire.clouds'>): Reply {
  const { real } = world
  const legs = new Set<CloudName>(open ? named : [])
  const changed = [...new Set([...real.legs, ...legs])].filter((leg) => real.legs.has(leg) !== legs.has(leg))
  if (real.open === open && changed.length === 0) return ok({})
  const text = open ? `open on ${address}, real: ${named.length > 0 ? [...legs].join(', ') : 'none'}` : 'closed: all ways are virtual'
  admin(world, world.cluster.publisher.id, 'the clouds on real sockets', text, 'NET-02')
  const left = new Set(changed.filter((leg) => !legs.has(leg)))
  real.open = open
  real.legs = legs
  if (changed.length > 0) {
    const why = open ? 'the way became virtual while it was under way' : 'the real sockets were closed'
    legsChanged(world, allNodes(world), why)
    failAsks(world, (cloud) => left.has(cloud), why)
  }
  for (const { id, b } of world.network.links.values()) if ((changed as string[]).includes(b)) world.touch('link', id)
  return ok({})
}

/** The lab's own request is served by the exchange that it belongs to; any other is a stranger's. */
function requested(world: World, { exchange, cloud, from, tracking, asked }: LabCommandArgs<'wire.request'>): void {
  const answer = (said: RealAnswer): void => {
    const { status, text, token, expiresInS, account, refresh } = said
    world.real.port?.answer(exchange, {
      status,
      text,
      ...(token === undefined ? null : { token }),
      ...(expiresInS === undefined ? null : { expiresInS }),
      ...(account === undefined ? null : { account }),
      ...(refresh === undefined ? null : { refresh }),
    })
  }
  if (serveOwn(world, tracking, cloud, asked, answer)) return
  if (asked.what === 'push') return strangerPush(world, asked, from, tracking, answer)
  const [message, carrier] = asked.what === 'token' ? (['token request', 'OAuth'] as const) : (['subscription', 'HTTPS'] as const)
  const said = asked.what === 'token' ? answerTokenRequest(world, asked) : answerSubscription(world, asked)
  if (mayTell(world, cloud, said.outcome)) {
    const hop: Hop = { flow: 0, from: OUTSIDE, to: cloud, carrier, message: `${message} from ${from}`, sentAt: world.clock.now() }
    tell(world, hop, said.outcome, said.status === 200 ? 'ok' : 'fail', said.why)
    if (asked.what === 'subscribe') tellProvisioning(world, asked, said, 0)
  }
  answer({ status: said.status, text: said.text, ...said.given })
}
