/**
 * What the user of a phone sees, from the row's screen: one of a few faces, with every word already
 * chosen. Pure; all times are virtual milliseconds.
 */
import type { Banner, CallScreen, DeviceRow } from '../../../core/contract/index.ts'
import type { MarkState } from '../../ui/state.ts'

export type Body = 'iPhone' | 'Android' | 'desktop' | 'desk phone'

export type CallFace = {
  /** Fills the screen, comes down as a notification, rings inside the app, or stands on a desk phone's display. */
  look: 'full' | 'banner' | 'in-app' | 'desk'
  flow: number
  /** Above the name, e.g. `Webex · Video Call`. */
  label: string
  name: string
  number: string
  /** What happens right now, in the words of the phone. */
  status: string
  ringing: boolean
  /** Since when the call is active, for its running time; null before. */
  activeSince: number | null
  answer: boolean
  decline: boolean
  hangUp: boolean
}

export type NoteFace = {
  id: number
  kind: Banner['kind']
  heading: string
  text: string
  /** Last moment at which a tap still gets the call (CN-02). */
  deadlineAt: number | null
  flow: number
  tappable: boolean
}

export type Face = {
  body: Body
  /** Under everything else. */
  ground: 'off' | 'lock screen' | 'home screen' | 'app' | 'display'
  groundText: string
  call: CallFace | null
  notes: NoteFace[]
}

const CLIENT: Record<DeviceRow['client'], string> = { jabber: 'Jabber', webex: 'Webex', deskphone: 'Desk phone' }
export const clientName = (client: DeviceRow['client']): string => CLIENT[client]

export const bodyOf = (d: Pick<DeviceRow, 'client' | 'os'>): Body => {
  if (d.client === 'deskphone') return 'desk phone'
  switch (d.os) {
    case 'ios':
      return 'iPhone'
    case 'android':
      return 'Android'
    case 'desktop':
      return 'desktop'
  }
}

const STATUS: Record<Exclude<CallScreen['state'], 'ringing'>, string> = {
  connecting: 'Connecting…',
  'waiting for SIP': 'Answered, waiting for the call over SIP',
  active: 'In call',
  'ring-back': 'Ringing…',
  dialing: 'Calling…',
}

const DESK_STATUS: Record<CallScreen['state'], string> = {
  ringing: 'Ringing',
  connecting: 'Off hook · connecting',
  'waiting for SIP': 'Off hook · connecting',
  active: 'Connected',
  'ring-back': 'Off hook · ring-back tone',
  dialing: 'Off hook · dialling',
}

/** Which screen it is, because that is what a trainer points at (CALL-10, CALL-11, AND-02). */
const RINGS: Record<CallScreen['style'], string> = {
  CallKit: 'CallKit',
  'call screen': 'call screen of the app',
  'in-app': 'rings inside the app',
  'desk phone': 'Ringing',
}

function callStatus(call: CallScreen, locked: boolean): string {
  if (call.style === 'desk phone') return DESK_STATUS[call.state]
  if (call.state !== 'ringing') return STATUS[call.state]
  return `${RINGS[call.style]}, ${locked ? 'locked' : 'unlocked'}`
}

function callLabel(d: Pick<DeviceRow, 'client'>, call: CallScreen): string {
  if (call.style === 'desk phone') return call.direction === 'incoming' ? 'From' : 'To'
  const kind = call.video ? 'Video Call' : 'Call'
  return `${clientName(d.client)} · ${kind}`
}

function callFace(d: DeviceRow, call: CallScreen): CallFace {
  const ringing = call.direction === 'incoming' && call.state === 'ringing'
  const desk = call.style === 'desk phone'
  const look = desk
    ? 'desk'
    : call.style === 'in-app'
      ? 'in-app'
      : ringing && call.style === 'CallKit' && !call.overLockScreen
        ? 'banner'
        : 'full'
  // CALL-07: a release without Caller ID leaves the fields empty; the phone then has nothing to show.
  const name = call.name !== '' ? call.name : call.number !== '' ? call.number : 'No caller ID'
  return {
    look,
    flow: call.flow,
    label: callLabel(d, call),
    name,
    number: call.name !== '' ? call.number : '',
    status: callStatus(call, d.screen.locked),
    ringing,
    activeSince: call.state === 'active' ? call.since : null,
    answer: call.canAnswer,
    decline: call.canDecline,
    hangUp: !ringing && !call.canAnswer,
  }
}

const HEADING: Record<Banner['kind'], string> = {
  'call toast': 'Incoming call',
  'missed call': 'Missed call',
  'answered elsewhere': 'Answered elsewhere',
  message: 'Message',
  'call ended': 'Call ended',
}

const TAPPABLE: Record<Banner['kind'], boolean> = {
  'call toast': true,
  'missed call': true,
  'answered elsewhere': false,
  message: true,
  'call ended': false,
}

const noteFace = (b: Banner): NoteFace => ({
  id: b.id,
  kind: b.kind,
  heading: b.title !== '' ? b.title : HEADING[b.kind],
  text: b.text,
  deadlineAt: b.deadlineAt,
  flow: b.flow,
  tappable: TAPPABLE[b.kind],
})

/** Newest first, as on a lock screen. */
const notesOf = (d: DeviceRow): NoteFace[] => d.screen.banners.toSorted((a, b) => b.at - a.at || b.id - a.id).map(noteFace)

export function faceOf(d: DeviceRow): Face {
  const { screen } = d
  const body = bodyOf(d)
  const call = screen.call ? callFace(d, screen.call) : null
  if (body === 'desk phone') {
    return { body, ground: 'display', groundText: d.registeredTo ? (d.lines[0] ?? 'no line') : 'not registered', call, notes: notesOf(d) }
  }
  if (!screen.lit) return { body, ground: 'off', groundText: 'screen off', call: null, notes: [] }
  const notes = notesOf(d)
  if (screen.locked) return { body, ground: 'lock screen', groundText: '', call, notes }
  if (!screen.appOnScreen)
    return {
      body,
      ground: 'home screen',
      groundText: `${clientName(d.client)} ${d.app === 'killed' ? 'is not running' : 'in the background'}`,
      call,
      notes,
    }
  return {
    body,
    ground: 'app',
    groundText: d.signedIn ? `${clientName(d.client)} is open` : `${clientName(d.client)}: signed out`,
    call,
    notes,
  }
}

/** Time left until `deadlineAt`, in tenths of a second and never negative: `9.2 s`. */
export const countdown = (deadlineAt: number, nowMs: number): string =>
  `${(Math.ceil(Math.max(0, deadlineAt - nowMs) / 100) / 10).toFixed(1)} s`

/** Running time of a call: `0:07`, `1:02:33`. */
export function callTime(sinceMs: number, nowMs: number): string {
  const s = Math.max(0, Math.floor((nowMs - sinceMs) / 1_000))
  const tail = `${String(Math.floor(s / 60) % 60).padStart(s >= 3_600 ? 2 : 1, '0')}:${String(s % 60).padStart(2, '0')}`
  return s >= 3_600 ? `${Math.floor(s / 3_600)}:${tail}` : tail
}

/** The clock of the phone is the clock of the lab: hours and minutes of virtual time. */
export const wallClock = (nowMs: number): string => {
  const minutes = Math.floor(Math.max(0, nowMs) / 60_000)
  return `${String(Math.floor(minutes / 60) % 24).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`
}

export type Badge = { word: string; because: string }

/** Foreground or suspended (CH-02), and why; null for what has no such state. */
export function badgeOf(d: Pick<DeviceRow, 'client' | 'os' | 'signedIn' | 'app' | 'suspended' | 'suspendedBecause'>): Badge | null {
  if (d.client === 'deskphone') return null
  if (!d.signedIn) return { word: 'signed out', because: '' }
  if (d.app === 'killed') return { word: 'not running', because: 'the app was killed' }
  if (d.suspended) return { word: 'suspended', because: d.suspendedBecause.join(', ') }
  return { word: 'foreground', because: '' }
}

/** `Wi-Fi Ward · local push ucm-sub1`: where its session is, or how it stands; `short` for under a phone. Null for what never has one. */
export function localLine(d: Pick<DeviceRow, 'localPush' | 'network'>): { open: boolean; text: string; short: string } | null {
  const { localPush, network } = d
  // Where it was never set up, or can never be (LPNS-01, LPNS-08), the inspector says so and the card has room for better.
  if (!localPush || (localPush.state === 'off' && localPush.ssids.length === 0)) return null
  const open = localPush.state === 'open'
  const where = network.wifi === null ? 'no Wi-Fi' : `Wi-Fi ${network.wifi}`
  const how = open ? (localPush.node ?? 'open') : localPush.state
  return { open, text: `${where} · local push ${how}`, short: `${network.wifi ?? 'no Wi-Fi'} · LPNS ${how}` }
}

/** Would a call reach it now, as a mark and a word. */
export function reachMark(reach: DeviceRow['reach']): { state: MarkState; word: string } {
  switch (reach.verdict) {
    case 'yes':
      return { state: 'up', word: reach.path === '' ? 'reachable' : `by ${reach.path}` }
    case 'no':
      return { state: 'down', word: 'unreachable' }
    case 'unknown':
      return { state: 'idle', word: 'unknown' }
  }
}

function groundWord(d: DeviceRow, ground: Face['ground']): string {
  switch (ground) {
    case 'display':
      return d.registeredTo ? 'on hook' : 'not registered'
    case 'off':
      return 'screen off'
    case 'app':
      return 'app on screen'
    case 'lock screen':
    case 'home screen':
      return ground
  }
}

/** One line for a screen reader: what it is, what it shows, whether a call would reach it. */
export function describeDevice(d: DeviceRow): string {
  const face = faceOf(d)
  const badge = badgeOf(d)
  const parts = [d.label, `${clientName(d.client)}${d.client === 'deskphone' ? '' : ` ${d.clientRelease}, ${face.body}`}`]
  if (badge) parts.push(badge.because === '' ? badge.word : `${badge.word}: ${badge.because}`)
  if (face.call)
    parts.push(
      `${face.call.ringing ? `incoming call, ${face.call.status}` : face.call.status}, ${[face.call.name, face.call.number].filter((t) => t !== '').join(' ')}`,
    )
  else parts.push(groundWord(d, face.ground))
  for (const note of face.notes.slice(0, 2)) parts.push(note.heading)
  const local = localLine(d)
  if (local) parts.push(local.text)
  parts.push(
    d.reach.verdict === 'yes'
      ? `a call would reach it ${reachMark(d.reach).word}`
      : d.reach.verdict === 'no'
        ? 'a call would not reach it'
        : 'whether a call would reach it is unknown',
  )
  return parts.join(', ')
}
