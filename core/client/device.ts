/** A phone (or desk phone, or desktop client) as state: what it is, where it stands, what its user sees. */
import type { Banner, CallScreen, DeviceRow } from '../contract/rows.ts'
import type { ScenarioDevice } from '../contract/scenario.ts'
import type { Call, Leg } from '../cluster/call.ts'
import type { Timer } from '../engine/clock.ts'
import type { LastFew } from '../engine/lastFew.ts'
import type { DownloadedConfig } from '../lpns/jabberConfig.ts'
import type { AccessToken, LocalPushClient } from '../lpns/types.ts'
import type { ImSession } from '../presence/types.ts'
import type { Push } from '../pushBook.ts'

export type SubscriberService = NonNullable<ScenarioDevice['subscriberService']>

/** Tracking IDs that a client remembers, to drop a push that comes twice (DEC-15). */
export const SEEN_PUSHES = 100
/** Calls that a client remembers, so that each is reported once. */
export const SEEN_CALLS = 100
export const MISSED_FLOWS = 200

export type Habits = {
  answersAfterMs: number | null
  declinesAfterMs: number | null
  tapsAfterMs: number | null
  hangsUpAfterMs: number | null
}

/** The SIP registration as both sides know it. */
export type Registration = {
  /** Node that holds it. */
  node: string
  /** Whether SIP messages reach the client: not while it is suspended (CH-03). */
  connected: boolean
}

/** What the cluster knows of a device's push subscription. */
export type PushSubscription = {
  token: string
  /** Key of the client as the servers know it (SEC-01). */
  key: Uint8Array
  keyFingerprint: string
  /** A 410 was answered, to Unified CM or to IM and Presence: no more pushes from there until a new token is set (ALM-02, FCM-04). */
  stopped: boolean
  imStopped: boolean
}

export type Device = {
  id: string
  label: string
  owner: string
  ownerName: string
  client: DeviceRow['client']
  clientRelease: string
  os: DeviceRow['os']
  osRelease: string
  pool: string
  lines: string[]
  mra: boolean
  region: DeviceRow['region']
  /** The region that the servers and the client go by: the one reported at sign-in (DEC-24). */
  reportedRegion: DeviceRow['region']
  service: SubscriberService
  targetApiLevel: number | undefined
  signedIn: boolean
  app: DeviceRow['app']
  locked: boolean
  screenOn: boolean
  wifi: string | null
  /** Its traffic leaves by Wi-Fi while it has one (LPNS-09). */
  wifiIsMainRoute: boolean
  /** The private root of the servers' certificates is in its trust store (LPNS-25). */
  trustsPrivateCa: boolean
  cellular: boolean
  internet: boolean
  notificationsAllowed: boolean
  voipSocket: boolean
  keepaliveSurvives: boolean
  /** Reports a call to CallKit for each VoIP push, how often it did not, and how often iOS bears that (APNS-11). */
  reportsCalls: boolean
  voipFailures: number
  voipFailuresAllowed: number
  wakeMs: number
  habits: Habits

  registration: Registration | null
  /** Node of the client's last registration, which it tries first without a hint (FO-03). */
  lastNode: string | null
  registering: boolean
  /** Woken for this flow: SIP stays up although the app is not on screen. */
  awakeFor: number | null

  token: string
  tokenSetAt: number
  /** Newest first; older ones still open pushes that were sealed before the last renewal (SEC-01). */
  keys: { key: Uint8Array; fingerprint: string; setAt: number }[]
  subscription: PushSubscription | null
  /** Tracking IDs already seen: a resent push is dropped (DEC-15). */
  seenPushes: LastFew<string>
  /** Calls that it was told of, by push or INVITE: each is reported to its user once (DEC-07). */
  seenCalls: LastFew<number>

  /** jabber-config.xml as downloaded last; null when it never was (LPNS-08). */
  config: DownloadedConfig | null
  local: LocalPushClient
  accessToken: AccessToken | null
  /** When its refresh token ends; 0 when it has none. */
  refreshEndsAt: number
  /** It is starting up: no network, no app (LPNS-15). */
  booting: boolean
  /** A client on a real socket holds its session. */
  realClient: boolean
  trustsSelfSigned: boolean

  /** IM and Presence session, Jabber only. */
  im: ImSession | null
  /** Messages that it has read: the server keeps them whatever becomes of the session (HA-02). */
  history: number
  /** What it sees of the people it watches, by their names (MSG-03). */
  contacts: Map<string, string>
  /** When its user last did something in this client; negative before the start of the lab (MSG-04). */
  lastUsedAt: number
  /** Node where its session counts as one that push can wake; null when it does not (ALM-22). */
  pushSession: string | null
  /** What it shows now, and what its user has chosen: it comes back with the app (MSG-03). */
  presence: string
  status: string

  call: CallScreen | null
  /** The called leg whose INVITE is here, and the call that this device itself placed. */
  leg: Leg | null
  placed: Call | null
  /** What this device waits for in a call, each with a time limit of its own. */
  waits: { flow: number; timer: Timer }[]
  /** Legs whose INVITE the cluster holds until this device registers. */
  heldLegs: Leg[]
  /** REGISTER under way: told the node, or null when every node failed. */
  registerWaiters: ((node: string | null) => void)[]
  /** Answer to the REGISTER under way, called by its 200 OK. */
  registerAnswered: ((node: string) => void) | null
  /** Push behind the present call screen or toast. */
  callPush: Push | null
  /** The user chose before the INVITE was there (CH-07). */
  choice: 'answer' | 'decline' | null
  banners: (Banner & { push: Push | null })[]
  missedCalls: number
  /** Flows whose missed call is already listed: one entry per call, however often it is told. */
  missedFlows: LastFew<number>
  pushes: number
}

/** Any one of three conditions makes a client suspended (CH-02); desk phones and desktops never are. */
export function suspendedBecause(device: Device): string[] {
  if (device.os === 'desktop') return []
  const causes: string[] = []
  if (device.app !== 'on screen') causes.push(device.app === 'killed' ? 'app killed' : 'app off screen')
  if (device.locked) causes.push('locked')
  if (!device.screenOn) causes.push('screen off')
  return causes
}

export const isSuspended = (device: Device): boolean =>
  device.os !== 'desktop' && (device.app !== 'on screen' || device.locked || !device.screenOn)

export const isMobile = (device: Device): boolean => device.os !== 'desktop'

/** Whether its network reaches the enterprise: inside by Wi-Fi, from outside through Expressway. */
export function reachesCluster(device: Device): boolean {
  if (device.client === 'deskphone') return true
  if (device.booting) return false
  return device.mra ? device.internet && (device.wifi !== null || device.cellular) : device.wifi !== null
}

export const reachesInternet = (device: Device): boolean => !device.booting && device.internet && (device.wifi !== null || device.cellular)

/** Which platform cloud carries its pushes. */
export const platformOf = (device: Device): 'apns' | 'fcm' => (device.os === 'android' ? 'fcm' : 'apns')

export const appName = (device: Device): Banner['app'] => (device.client === 'webex' ? 'Webex' : 'Jabber')

/**
 * What the user of this phone experiences on a call push; the client's release decides (CALL-12).
 * `app opens` is iOS 12 (CH-06), `app registers` Jabber before 12.9 on a later iOS (CALL-11).
 */
export type Experience = 'CallKit' | 'app opens' | 'app registers' | 'call screen' | 'toast'

/** What was waited for in this call has come, or the call is over. */
export function stopWaiting(device: Device, flow: number): void {
  if (device.waits.length === 0) return
  device.waits = device.waits.filter((wait) => {
    if (wait.flow !== flow) return true
    wait.timer.cancel()
    return false
  })
}
