/**
 * APNs of a lab in virtual time, and Push REST as its provider: requests that the real server would get, without
 * the bytes. Bundle IDs and provider token are modelled; nobody publishes those of Cisco's cloud.
 */
import type { Device } from '../../client/device.ts'
import type { Push } from '../../pushBook.ts'
import type { PlatformToken, World } from '../../world.ts'
import { isUuid, TOPIC_SUFFIX, type HeaderList } from './headers.ts'
import { createApns, type Apns, type ApnsAnswer, type ApnsConnection, type DeviceToken } from './machine.ts'
import type { Environment, ProviderToken } from './providerToken.ts'

/** Push REST renews its provider token this often: between the 20 and the 60 min of APNS-02. */
const PROVIDER_RENEWS_MS = 40 * 60_000

const JABBER = 'com.cisco.jabberIM'
const WEBEX = 'com.cisco.squared'

/** Bundle ID of the app on a device. */
export const bundleOf = (device: Device): string => (device.client === 'webex' ? WEBEX : JABBER)

/** Apps under development get tokens of the sandbox. */
const environmentOf = (service: string): Environment => (service === 'APNS:dev' ? 'sandbox' : 'production')

type LabApns = {
  apns: Apns
  connections: Map<Environment, ApnsConnection>
  /** When each token that is no longer good ended. */
  endedMs: WeakMap<PlatformToken, number>
}

const ofWorld = new WeakMap<World, LabApns>()

function labApns(world: World): LabApns {
  let made = ofWorld.get(world)
  if (!made) {
    const apns = createApns({ tokenOf: (hex) => tokenOf(world, hex), verify: ownToken, uuid: () => world.random('apns-id').uuid() })
    ofWorld.set(world, (made = { apns, connections: new Map(), endedMs: new WeakMap() }))
  }
  return made
}

/** A device token of this lab as APNs knows it; the real server asks here too. */
export function tokenOf(world: World, hex: string): DeviceToken | null {
  const known = world.platformTokens.apns.get(hex)
  if (!known) return null
  const { device, alive } = known
  return {
    topic: bundleOf(device),
    environment: environmentOf(device.service),
    state: alive ? 'live' : 'unregistered',
    sinceMs: alive ? device.tokenSetAt : (labApns(world).endedMs.get(known) ?? 0),
  }
}

/** The token stopped working now; 410 tells since when (APNS-05). */
export function tokenEnded(world: World, token: PlatformToken): void {
  token.alive = false
  labApns(world).endedMs.set(token, world.clock.now())
}

/** In virtual time a provider token is its date of issue: there is nobody who could forge it. */
function ownToken(jwt: string): ProviderToken | null {
  const issuedAtMs = Number(jwt)
  return Number.isFinite(issuedAtMs) ? { keyId: 'push-rest', teamId: 'push-rest', issuedAtMs, topics: null, environment: null } : null
}

/** APNS-10: a call is VoIP and now or never, a message waits for its device. Who sends it is added by whoever can prove it. */
export function headersOf(world: World, push: Push): HeaderList {
  const device = world.platformTokens.apns.get(push.target)?.device
  const bundle = device ? bundleOf(device) : JABBER
  const headers: [string, string][] = [
    ['apns-topic', bundle + TOPIC_SUFFIX[push.pushType]],
    ['apns-push-type', push.pushType],
    ['apns-priority', '10'],
  ]
  const id = push.id.slice(push.id.indexOf('_') + 1)
  if (isUuid(id)) headers.push(['apns-id', id])
  const waits = push.provider ? push.provider.keepMs !== 0 : push.purpose === 'message'
  if (!waits) headers.push(['apns-expiration', '0'])
  return headers
}

/** What goes to Apple: everything of the push that is not sealed is Apple's own (SEC-04). */
export const providerBody = (push: Push): string => `{"aps":{},"sealed":"${push.payload}"}`

/** What APNs answers to this push of Push REST. */
export function askApns(world: World, push: Push): ApnsAnswer {
  const { apns, connections } = labApns(world)
  const environment = environmentOf(push.service)
  let connection = connections.get(environment)
  if (!connection) connections.set(environment, (connection = apns.connect(environment)))
  const now = world.clock.now()
  const text = providerBody(push)
  const answer = apns.answer(connection, {
    method: 'POST',
    path: `/3/device/${push.target}`,
    headers: [['authorization', `bearer ${now - (now % PROVIDER_RENEWS_MS)}`], ...headersOf(world, push)],
    body: { bytes: text.length, text },
    atMs: now,
  })
  if (answer.goAway) connections.delete(environment) // the next push comes on a new one
  return answer
}
