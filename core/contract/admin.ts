/**
 * What an administrator works with beside the pages: the command line of a node, traces, the Cisco Management Agent, and what
 * support in the cloud sees of it.
 */
import { z } from 'zod'
import type { HopEvent } from './event.ts'
import type { Severity } from './rows.ts'
import { spec } from './spec.ts'
import { id } from './values.ts'

const node = id.describe('node')

/** Longest line that a terminal takes. */
export const CLI_LINE_MAX = 2_000

const line = z.string().max(CLI_LINE_MAX, `a command line has at most ${CLI_LINE_MAX} characters`)

export const TRACED = [
  'Cisco Push Notification Service',
  'Cisco Local Push Notification Service',
  'Cisco Management Agent Service',
  'Cisco XCP Config Manager',
  'Cisco XCP Router',
] as const
export type TraceService = (typeof TRACED)[number]

export const traceLevel = z.enum(['Fatal', 'Error', 'Warn', 'Info', 'Debug'])
export type TraceLevel = z.output<typeof traceLevel>

/** Full path of a trace file, e.g. `/var/log/active/cm/trace/ccmpns/log4j/ccmpns00000001.log`. */
const path = z.string().min(1).max(300)

export const adminInputs = {
  'cli.run': spec({
    title: 'Run a command on the CLI of a node',
    group: 'Node',
    on: 'node',
    args: z.strictObject({ node, line }),
  }),
  'trace.level': spec({
    title: 'Set the trace level of a service',
    group: 'Service',
    args: z.strictObject({ node, service: z.enum(TRACED), level: traceLevel }),
  }),
  'agent.options': spec({
    title: 'Send troubleshooting information to the Cisco Cloud, with encrypted PII or without',
    group: 'Cluster',
    /** The two boxes on the Cloud Onboarding page (ONB-13). */
    args: z.strictObject({ send: z.boolean().optional(), encryptPii: z.boolean().optional() }),
  }),
} as const

export type AdminInput = keyof typeof adminInputs

export const adminCommands = {
  'cli.complete': spec({ title: 'Complete a line of the CLI', group: 'View', args: z.strictObject({ node, line }) }),
  'traces.list': spec({ title: 'List the trace files', group: 'View', args: z.strictObject({ node: node.optional() }) }),
  'traces.read': spec({
    title: 'Read a trace file',
    group: 'View',
    args: z.strictObject({
      node,
      path,
      /** First line, from 1; the last `limit` lines when left out. */
      from: z.int().min(1).optional(),
      limit: z.int().min(1).max(5_000).default(1_000),
    }),
  }),
  'traces.search': spec({
    title: 'Search all traces for a tracking ID or a text',
    group: 'View',
    args: z.strictObject({ text: z.string().min(2).max(200), node: node.optional(), limit: z.int().min(1).max(2_000).default(500) }),
  }),
  'traces.export': spec({ title: 'Export the traces as a bundle (.tar)', group: 'View', args: z.strictObject({ node: node.optional() }) }),
  'agent.show': spec({ title: 'Show the Cisco Management Agent', group: 'View', args: z.strictObject({}) }),
  'support.alarms': spec({
    title: 'See what support in the cloud has of a cluster',
    group: 'View',
    args: z.strictObject({
      /** Customer Cluster ID, told by the customer (TRB-03). */
      clusterId: z.string().min(1).max(80),
      /** Cisco Support Token, told by the customer; without it PII stays sealed (TRB-05). */
      token: z.string().max(200).optional(),
      limit: z.int().min(1).max(1_000).default(200),
    }),
  }),
  'support.tracking': spec({
    title: 'Search the logs of the cloud for a tracking ID',
    group: 'View',
    args: z.strictObject({ id: z.string().min(4).max(80) }),
  }),
} as const

export type AdminCommand = keyof typeof adminCommands

/** What a line gave. `failed`: the CLI said no; nothing has changed then. */
export type CliReply = { node: string; line: string; output: string; failed: boolean }

/** `words` are what may stand next, with what they do; `line` is the line as far as all of them agree. */
export type CliCompletion = { line: string; words: { word: string; help: string }[] }

export type TraceFile = {
  node: string
  service: TraceService | 'syslog'
  path: string
  lines: number
  bytes: number
  /** ms of the run. */
  firstAt: number
  lastAt: number
  /** Its beginning fell out of the events that are kept. */
  cut: boolean
  /** Path or lines are not published (DEC-34). */
  modelled: boolean
}

export type TraceHit = { node: string; path: string; line: number; at: number; text: string; seq: number | null }

export type TraceView = {
  files: TraceFile[]
  levels: { node: string; service: TraceService; level: TraceLevel }[]
  /** Events before this one are no longer kept: go back in time to have their lines again. */
  oldestEvent: number
}

/** One upload of alarms to the cloud, or why there was none. */
export type AgentUpload = {
  number: number
  at: number
  /** `skipped`: its service did not run; `under way`: the answer is still to come. */
  state: 'under way' | 'sent' | 'failed' | 'skipped'
  /** Asked for by `pushnow`, not by the interval (TRB-08). */
  now: boolean
  tracking: string
  alarms: number
  text: string
}

export type AgentView = {
  node: string
  running: boolean
  send: boolean
  encryptPii: boolean
  frequencyMinutes: number
  minPushLevel: Severity
  /** Null until the sending of troubleshooting data has been on (TRB-03). */
  clusterId: string | null
  /** Shown on the Cloud Onboarding page of the customer and nowhere else (TRB-05). */
  supportToken: string | null
  /** When the interval ends; null while nothing is sent. */
  nextAt: number | null
  /** Alarms that the next upload would carry, those that stay below the level, and those lost before they were sent. */
  waiting: number
  below: number
  lost: number
  /** Newest first. */
  uploads: AgentUpload[]
}

/** An alarm as it lies in the cloud. */
export type SupportAlarm = {
  receivedAt: number
  raisedAt: number
  name: string
  severity: Severity
  service: string
  /** Details that name nobody. */
  details: { name: string; value: string }[]
  /** `absent`: none was sent; `sealed`: `text` is cipher text; `open`: the token fits. */
  pii: { state: 'absent' | 'sealed' | 'open'; text: string; details: { name: string; value: string }[] }
}

export type SupportView = { found: boolean; alarms: SupportAlarm[]; more: boolean; text: string }

export type AdminResults = {
  'cli.run': CliReply
  'cli.complete': CliCompletion
  'traces.list': TraceView
  /** `seqs`: the event behind each line, null where there is none. */
  'traces.read': { path: string; from: number; lines: string[]; seqs: (number | null)[]; total: number; cut: boolean }
  'traces.search': { hits: TraceHit[]; more: boolean; oldestEvent: number }
  'traces.export': { name: string; mediaType: string; text: string; leftOut: string[] }
  'agent.show': AgentView
  'support.alarms': SupportView
  'support.tracking': { hops: HopEvent[]; text: string }
}
