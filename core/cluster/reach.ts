/** Would a call or a message reach this device now? Asked of the model itself, hop by hop, never guessed. */
import type { Reach } from '../contract/rows.ts'
import { isSuspended, platformOf, reachesCluster, reachesInternet, type Device } from '../client/device.ts'
import { voipStopped } from '../client/callKit.ts'
import { experienceOf } from '../client/phone.ts'
import { hasToken } from '../cloud/accessAgent.ts'
import { connectionTo, HTTPS_PORT } from '../cloud/connection.ts'
import { wayObstacle } from '../cloud/wayObstacle.ts'
import { attendedDesktop } from '../presence/mdm.ts'
import { silenceOf } from '../presence/reach.ts'
import { ownerOf } from '../presence/subcluster.ts'
import { routeBetween, type LabNode, type World } from '../world.ts'
import { CPNS_PORT } from './cpns.ts'
import { hasLocalSession } from '../lpns/deliver.ts'
import { locate } from '../lpns/mesh.ts'
import { lpnsOn } from '../lpns/places.ts'
import { LPNS_PORT } from '../lpns/protocol.ts'
import { activeNodeOf } from './nodes.ts'
import { callPushPlan, messagePushPlan } from './pushPlan.ts'

const no = (text: string, why: string): Reach => ({ verdict: 'no', path: '', text, why })

export function callReach(world: World, device: Device): Reach {
  if (!device.signedIn) return no('No: it is logged out.', 'CH-11')
  const node = activeNodeOf(world, device)
  if (!node) return no('No: no node of its CM group is up.', 'FO-01')
  if (device.registration?.connected && device.registration.node === node.id) {
    const blocked = world.network.obstacle(routeBetween(world, node.id, device.id), { port: 5_061, device: device.id })
    if (blocked) return no(`No: ${blocked.text}.`, blocked.why)
    const path = isSuspended(device) && device.awakeFor === null ? 'VoIP socket' : 'SIP'
    return { verdict: 'yes', path, text: `Yes, over ${path} from ${node.id}.`, why: path === 'SIP' ? 'CH-04' : 'AND-03' }
  }
  if (device.os === 'desktop') return no('No: it is not registered.', 'CH-01')
  const localPush = localReach(world, node, device)
  if (localPush?.verdict === 'yes') return localPush
  const cloud = cloudReach(world, node, device)
  if (localPush === null || cloud.verdict !== 'yes') return cloud
  return { ...cloud, text: `${cloud.text} ${localPush.text}` }
}

/** By local push, which comes first; null when this device has no session (LPNS-12). */
function localReach(world: World, node: LabNode, device: Device): Reach | null {
  if (!hasLocalSession(world, node, device)) return null
  const holder = locate(lpnsOn(world, node.id), device.id)?.node
  if (holder === undefined) return null
  const traffic = { port: LPNS_PORT, device: device.id }
  const seconds = world.cluster.localPush.responseMs / 1_000
  const late = (text: string, why: string): Reach => no(`Only after ${seconds} s, as local push fails first: ${text}.`, why)
  if (holder !== node.id) {
    const between = world.network.obstacle(routeBetween(world, node.id, holder), traffic)
    if (between) return late(between.text, 'LPNS-19')
  }
  const session = lpnsOn(world, holder).sessions.get(device.id)
  if (!session) return late(`${holder} has no session of it any more`, 'LPNS-19')
  const last = world.network.obstacle(routeBetween(world, holder, device.id), traffic)
  if (last) return late(last.text, last.why)
  const halfOpen = !session.link.real && (device.local.node !== holder || device.local.link?.cut === true)
  if (halfOpen) return late(`the session on ${holder} is half open`, 'LPNS-24')
  if (session.token.endsAt <= world.clock.now()) return late('the access token of its session has expired', 'ALM-14')
  if (!reachesCluster(device)) return late('it could not register', 'CH-01')
  const over = holder === node.id ? holder : `${holder}, relayed by ${node.id}`
  return { verdict: 'yes', path: 'local push', text: `Yes, by local push over ${over}.`, why: holder === node.id ? 'LPNS-11' : 'LPNS-19' }
}

function cloudReach(world: World, node: LabNode, device: Device): Reach {
  const plan = callPushPlan(world, device)
  if (!plan.push) return no(`No: ${plan.reason}.`, plan.why)
  const local = world.network.obstacle(routeBetween(world, node.id, node.id), { port: CPNS_PORT, device: device.id })
  if (local) return no(`No: CallManager on ${node.id} does not reach its CPNS.`, 'ALM-01')
  const cloud = cloudObstacle(world, node, device)
  if (cloud) return cloud
  if (!reachesCluster(device)) {
    return no(
      device.mra
        ? 'No: it could not register, it has no internet.'
        : 'No: the push would wake it, but it could not register: it is not in the enterprise network.',
      'CH-01',
    )
  }
  if (plan.pushType === 'voip' && device.os === 'ios' && voipStopped(device) && isSuspended(device))
    return no('No: iOS no longer launches its app for VoIP pushes; its user has to open it.', 'APNS-11')
  if (plan.china && !device.notificationsAllowed) return no('No: a toast cannot be shown, notifications are disabled.', 'CH-12')
  const tap = experienceOf(world, device) === 'toast' ? ' Its user has to tap within 13 s.' : ''
  return {
    verdict: 'yes',
    path: 'cloud push',
    text: `Yes, by push from ${node.id} through ${platformOf(device) === 'apns' ? 'APNs' : 'FCM'}.${tap}`,
    why: tap !== '' ? 'CN-01' : device.os === 'android' ? 'AND-02' : 'CH-07',
  }
}

export function messageReach(world: World, device: Device): Reach {
  if (device.client === 'webex')
    return { verdict: 'unknown', path: '', text: 'The Webex App cloud handles its messages; this lab does not model it.', why: 'MSG-07' }
  if (device.client === 'deskphone') return no('A desk phone has no messages.', 'MSG-07')
  if (!device.signedIn) return no('No: it is logged out.', 'CH-11')
  if (!world.presence) return no('No: there is no IM and Presence Service.', 'MSG-06')
  const silence = silenceOf(world, device)
  if (silence) return silence
  const node = ownerOf(world, device)?.node
  if (!node) return no('No: it has no IM session.', 'MSG-06')
  if (device.im?.connected) return { verdict: 'yes', path: 'XMPP', text: `Yes, over XMPP from ${node.id}.`, why: 'CH-05' }
  const plan = messagePushPlan(world, device)
  if (!plan.push) return no(`No: ${plan.reason}.`, plan.why)
  const desktop = attendedDesktop(world, device)
  if (desktop) return no(`No push: ${desktop.label} is attended and was used last. It has the message.`, 'MSG-04')
  const cloud = cloudObstacle(world, node, device)
  if (cloud) return cloud
  if (!device.notificationsAllowed) return no('No: the notification would not be shown, notifications are disabled.', 'CH-12')
  return { verdict: 'yes', path: 'cloud push', text: 'A notification reaches it; the message itself follows the tap.', why: 'CH-08' }
}

/** What stands between a node and the device on the way through the clouds, for sure. */
function cloudObstacle(world: World, node: LabNode, device: Device): Reach | null {
  const { agent } = node
  if (!hasToken(world, agent) && !agent.fetching && !agent.starting) return no(`No: ${agent.place} has no access token.`, 'NET-02')
  const traffic = { port: HTTPS_PORT, device: device.id }
  const connection = connectionTo(world, node, 'push-rest')
  const toCloud = wayObstacle(world, node, device.id)
  if (toCloud) return no(`No: ${toCloud.text}.`, toCloud.why)
  if (connection?.state !== 'open' && world.faults.certain('push-rest', 'tls-inspect', traffic))
    return no('No: TLS inspection breaks the trust in Push REST.', 'NET-03')
  const platform = platformOf(device)
  for (const host of ['push-rest', platform]) {
    const forced = world.faults.certain(host, 'answer', traffic)
    if (forced && forced.status >= 400)
      return no(
        `No: ${host === 'push-rest' ? 'Push REST' : platform === 'apns' ? 'APNs' : 'FCM'} would answer ${forced.status}.`,
        forced.status === 410 ? 'ALM-02' : 'ALM-17',
      )
  }
  const partner = world.network.obstacle(routeBetween(world, 'push-rest', platform), traffic)
  if (partner) return no(`No: ${partner.text}.`, partner.why)
  if (world.faults.certain(agent.place, 'unsealed', traffic))
    return no('No: Push REST would refuse a payload that is not sealed.', 'SEC-02')
  if (!reachesInternet(device)) return no('No: the cloud would accept the push, but the device has no internet.', 'NET-10')
  const known = world.platformTokens[platform].get(device.subscription?.token ?? '')
  if (!known?.alive) return no('No: its push token is stale, the cloud would answer 410.', 'SEC-05')
  const last = world.network.obstacle(routeBetween(world, platform, device.id), { port: 5_223, device: device.id })
  if (last) return no(`No: the cloud accepts the push, but ${last.text}.`, 'NET-10')
  return null
}
