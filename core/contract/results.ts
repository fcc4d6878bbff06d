/** What commands give back, for those that give something back. */
import type { ComparedRuns } from './compare.ts'
import type { AdminResults } from './admin.ts'
import type { HopDetail, HopEvent } from './event.ts'
import type { ProviderKit, WireExchange } from './clouds.ts'
import type { Issue } from './door.ts'
import type { FlowRow, FlowTimer, PushRow } from './rows.ts'
import type { CommandName } from './commands.ts'
import type { MraView, OAuthView } from './oauth.ts'
import type { UpgradeView } from './upgrade.ts'
import type { OnboardingView } from './onboarding.ts'
import type { ReleaseMatrix } from './releases.ts'

export type ScenarioListing = {
  file: string
  title: string
  about: string
  lesson: boolean
  /** Of a lesson: what its people say; the title tells the cause. */
  symptom: string
  proves: string[]
  bad: Issue[]
}

export type Place = { id: string; label: string; node: string }

export type LadderBar = FlowTimer & { text: string }

/** One flow, ready to draw: columns in the order of the hops, arrows, bars. */
export type Ladder = {
  flow: FlowRow
  places: Place[]
  hops: HopEvent[]
  bars: LadderBar[]
  pushes: PushRow[]
  /** True when early hops fell out of the kept events; seek back to see them. */
  cut: boolean
}

export type ExpectationResult = { index: number; text: string; met: boolean; found: string }

export type Verdict = { met: boolean; results: ExpectationResult[] }

/** One argument of a command, for palettes and forms. */
export type CommandField = {
  name: string
  type: 'text' | 'number' | 'integer' | 'yes-no' | 'choice' | 'duration' | 'list' | 'object'
  required: boolean
  choices: string[]
  default: unknown
}

export type CommandInfo = {
  name: CommandName
  title: string
  group: string
  on: 'device' | 'node' | 'link' | 'fault' | 'flow' | null
  destructive: boolean
  journalled: boolean
  fields: CommandField[]
}

/** The proxy of the lab, and what is set for it on the Cloud Onboarding page. Passwords are names of passwords. */
export type ProxyView = {
  id: string
  product: 'Cisco WSA' | 'other'
  kind: 'HTTP' | 'HTTPS'
  port: number
  fqdn: string | null
  addresses: string[]
  virtualAddress: string | null
  asks: 'none' | 'Basic' | 'Digest' | 'Negotiate'
  algorithm: 'MD5' | 'SHA-256'
  user: string
  secret: string
  failoverMs: number
  upstreamFailedAt: number | null
  settings: {
    enabled: boolean
    server: string
    port: number
    kind: 'HTTP' | 'HTTPS'
    authentication: 'none' | 'Basic' | 'Digest'
    user: string
    secret: string
  }
  /** Nodes that still use older settings, and the service to restart there (ONB-15). */
  waiting: { node: string; service: string }[]
}

/** Figures of the busy hour, as the calculator takes them (DEC-27). */
export type ProxyFigures = {
  callUsers: number
  callsPerUser: number
  secondPushShare: number
  messageUsers: number
  messagesPerUser: number
  suspendedShare: number
  nodes: number
  tokenMinutes: number
  alarmMinutes: number | null
  peakFactor: number
}

export type ProxyCapacity = {
  figures: ProxyFigures
  /** Those that this lab knows by itself, the rest as they usually are. */
  fromLab: ProxyFigures
  formula: string
  /** Transactions of the busy hour by what causes them, and what the busiest second needs. */
  needs: { calls: number; messages: number; tokens: number; alarms: number; perHour: number; perSecond: number }
  /** Transactions that this lab carried within the last hour, or since `spanMs` when it has not run that long. */
  counted: { spanMs: number; calls: number; messages: number; tokens: number; others: number; total: number; complete: boolean }
}

/** The re-login rate of an HA event (HA-10, DEC-19). */
export type ReloginResult = {
  figures: { users: number; lowerSeconds: number; upperSeconds: number }
  /** Users per second, unrounded, and with two decimals as it is shown. */
  perSecond: number
  shown: string
  limit: number
  pass: boolean
  /** The least upper limit that keeps the rate. */
  proposedUpperSeconds: number
  formula: string
  reference: { users: number; lowerSeconds: number; upperSeconds: number; perSecond: number }
  /** Where the reference was measured, and what the figures are valid for. */
  bounds: string[]
  notes: string[]
  /** Each node of this lab with its own users and limits. */
  nodes: { node: string; users: number; lowerSeconds: number; upperSeconds: number; perSecond: number; pass: boolean }[]
}

export type RuleInfo = { id: string; title: string; text: string; source: string }

export type Results = AdminResults & {
  'call.place': { flow: number }
  'message.send': { flow: number }
  'lab.scenarios': { labs: ScenarioListing[] }
  'lab.open': { title: string }
  'lab.source': { name: string; text: string }
  'lab.verdict': Verdict
  'runs.compare': ComparedRuns & { forkedAt: number }
  'events.query': { events: HopEvent[]; more: boolean; oldestKept: number }
  'event.detail': HopDetail
  'flow.ladder': Ladder
  'flow.export': { name: string; mediaType: string; text: string }
  'search.tracking': { pushes: PushRow[]; events: HopEvent[] }
  'journal.export': { name: string; mediaType: string; text: string }
  'rules.list': { rules: RuleInfo[] }
  'commands.list': { commands: CommandInfo[] }
  'settings.get': { settings: Record<string, unknown> }
  /** The jabber-config.xml that this device holds now; null when it has downloaded none. */
  'device.config': { name: string; text: string | null; ssids: string[]; downloadedAt: number | null; chain: Issue[] }
  'presence.relogin': ReloginResult
  'onboarding.show': OnboardingView
  'oauth.show': OAuthView
  'upgrade.show': UpgradeView
  'mra.show': MraView
  'release.matrix': ReleaseMatrix
  'proxy.show': { proxy: ProxyView | null }
  'proxy.capacity': ProxyCapacity
  'wire.interfaces': { interfaces: { address: string; name: string; loopback: boolean }[] }
  /** The token is told once, here; the lab keeps no copy that can be read. */
  'wire.token': { token: string; device: string; endsAt: number; url: string; example: string }
  'clouds.provider': ProviderKit
  'clouds.log': { exchanges: WireExchange[]; more: boolean }
  'clouds.keylog': { name: string; mediaType: string; text: string }
  'wire.ca': { name: string; mediaType: string; text: string }
}

/** Commands without an entry above answer with an empty object. */
export type CommandResult<N extends CommandName> = N extends keyof Results ? Results[N] : Record<string, never>
