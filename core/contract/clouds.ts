/**
 * The clouds on real sockets: what arrives there as inputs of the run, and the commands that open, break and read them.
 * A leg of the way is named by the cloud it leads to: servers to FOS, CI and Push REST, Push REST to APNs and FCM.
 */
import { z } from 'zod'
import { spec } from './spec.ts'
import { durationMs, id, secretName } from './values.ts'

export const CLOUD_NAMES = ['fos', 'ci', 'push-rest', 'apns', 'fcm'] as const
export type CloudName = (typeof CLOUD_NAMES)[number]
const cloud = z.enum(CLOUD_NAMES)
const breakable = z.enum([...CLOUD_NAMES, 'proxy'])

/** How a request or connection on a socket failed; the same stages as in virtual time. */
export const STAGES = ['dns', 'connect', 'tls', 'proxy', 'send', 'timeout'] as const

const line = z.string().max(200)
const number = z.int().min(1)
const status = z.int().min(100).max(599)

/** What a socket told of one thing that the lab asked of it. Tokens are named by ID, and texts are cut. */
export const toldSchema = z.discriminatedUnion('is', [
  z.strictObject({ is: z.literal('addresses'), addresses: z.array(z.string().max(60)).max(16) }),
  z.strictObject({ is: z.literal('line') }),
  z.strictObject({ is: z.literal('tunnel'), status, text: line, challenges: z.array(z.string().max(1_000)).max(8), closes: z.boolean() }),
  z.strictObject({ is: z.literal('secured') }),
  z.strictObject({
    is: z.literal('answer'),
    status,
    /** Status text, or the reason in the words of the cloud. */
    text: line,
    /** ID of the access token in it, and how long that is good. */
    token: id.optional(),
    expiresInS: z.int().min(0).max(31_536_000).optional(),
    /** Machine account that a subscription made, and the ID of its refresh token (NET-02). */
    account: id.optional(),
    refresh: id.optional(),
  }),
  /** Of a line that is open: the other side hung up, and nothing was under way on it. */
  z.strictObject({ is: z.literal('failed'), stage: z.enum(STAGES), text: line }),
])
export type Told = z.output<typeof toldSchema>

/** A platform's answer to a provider, as the stand-in gave it. */
const answer = z.strictObject({ status, reason: z.string().max(80).nullable() })

export const cloudInputs = {
  'wire.clouds': spec({
    title: 'The clouds were opened or closed on real sockets',
    group: 'Real clouds',
    /** `real`: legs that leave the lab from here on. Closing makes all of them virtual, and what was asked fails. */
    args: z.strictObject({ open: z.boolean(), address: z.string().max(80), real: z.array(cloud).max(5) }),
  }),
  'wire.told': spec({
    title: 'A socket answers the lab',
    group: 'Real clouds',
    args: z.strictObject({ ask: number, told: toldSchema }),
  }),
  'wire.request': spec({
    title: 'A request arrived at a cloud',
    group: 'Real clouds',
    args: z.strictObject({
      exchange: number,
      cloud: z.enum(['fos', 'ci', 'push-rest']),
      /** Address of the client, as seen by the cloud. */
      from: z.string().max(80),
      tracking: z.string().max(80).nullable(),
      asked: z.discriminatedUnion('what', [
        /** `payload` is null when it is not sealed: what is in it is nobody's business here (SEC-02). */
        z.strictObject({
          what: z.literal('push'),
          token: id.nullable(),
          service: z.string().max(20),
          type: z.enum(['voip', 'alert']),
          target: z.string().max(512),
          payload: z.string().max(16_384).nullable(),
        }),
        /** `refresh` and `account` are IDs; null when nobody has such a one. */
        z.strictObject({ what: z.literal('token'), grant: z.string().max(80), account: id.nullable(), refresh: id.nullable() }),
        z.strictObject({ what: z.literal('subscribe'), cluster: z.string().max(80), voucher: z.string().max(80).nullable() }),
      ]),
    }),
  }),
  'wire.push': spec({
    title: 'A provider sent a push to APNs or FCM',
    group: 'Real clouds',
    args: z.strictObject({
      exchange: number,
      platform: z.enum(['apns', 'fcm']),
      from: z.string().max(80),
      /** apns-id, or the message name; the lab knows its own pushes by it. */
      id: z.string().max(200),
      target: z.string().max(512),
      /** `voip` and high priority wake the app; anything else is shown by the system. */
      kind: z.enum(['voip', 'alert', 'background']),
      topic: z.string().max(200),
      collapse: z.string().max(64).nullable(),
      /** How long it may wait for an offline device, from now; 0 is now or never, null as long as the platform keeps one. */
      keepMs: durationMs.nullable(),
      bytes: z.int().min(0).max(65_536),
      /** JSON of what may stand in a journal: `sealed`, the text that is sealed as the cluster seals, and `tracking`, its ID. */
      payload: z.string().max(8_192).nullable(),
      answer,
    }),
  }),
} as const

export type CloudInput = keyof typeof cloudInputs

/** What breaks and mends the far end of a push: the machine account at Common Identity, and how an app takes its pushes. */
export const farEndCommands = {
  'machineAccount.break': spec({
    title: 'Break the machine account at Common Identity',
    group: 'Cluster',
    destructive: true,
    /** Access tokens stay good until they end, but for a deleted account (UPG-08, SCN-01). */
    args: z.strictObject({
      how: z
        .enum(['refresh token expired', 'account deleted', 'token limit reached', 'refresh token lost'])
        .default('refresh token expired'),
    }),
  }),
  'machineAccount.mend': spec({
    title: 'Mend the machine account: new refresh token on every node',
    group: 'Cluster',
    /** What the eight steps of the manual repair come to; the push services restart with it (UPG-10). */
    args: z.strictObject({}),
  }),
  'device.callKit': spec({
    title: 'Let the app report its VoIP pushes to CallKit, or not',
    group: 'Device',
    on: 'device',
    args: z.strictObject({
      device: id,
      reports: z.boolean(),
      /** VoIP pushes without a call after which iOS launches the app for none (APNS-11). */
      failuresAllowed: z.int().min(1).max(100).optional(),
    }),
  }),
} as const

export type FarEndCommand = keyof typeof farEndCommands

/** Faults on a real socket, from the next requests on. `page`: an HTML login page instead of the answer (captive portal). */
export const wireFaultSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('answer'),
    status,
    reason: z.string().max(80).optional(),
    retryAfterS: z.int().min(0).max(3_600).optional(),
  }),
  z.strictObject({ kind: z.literal('reset') }),
  z.strictObject({ kind: z.literal('stall') }),
  /** The answer comes byte after byte, over this time. */
  z.strictObject({ kind: z.literal('slow-body'), ms: durationMs.default(10_000) }),
  z.strictObject({ kind: z.literal('half-close') }),
  z.strictObject({ kind: z.literal('page') }),
  /** From the next handshake on: a certificate of nobody's, of another name, or one that is over. */
  z.strictObject({ kind: z.literal('certificate'), wrong: z.enum(['authority', 'name', 'expired']).default('authority') }),
  /** APNs only: GOAWAY with this reason, cutting the streams in flight. */
  z.strictObject({ kind: z.literal('goaway'), reason: z.string().max(80).default('Shutdown') }),
])
export type WireFault = z.output<typeof wireFaultSchema>

export const cloudCommands = {
  'clouds.open': spec({
    title: 'Open the clouds on real sockets',
    group: 'Real clouds',
    args: z.strictObject({
      address: z.string().min(2).max(60).default('127.0.0.1'),
      /** Of FOS; CI, Push REST, APNs and FCM follow, then DNS. 0 takes free ones. */
      port: z.int().min(0).max(65_000).default(0),
    }),
  }),
  'clouds.close': spec({ title: 'Close the clouds on real sockets', group: 'Real clouds', args: z.strictObject({}) }),
  'clouds.legs': spec({
    title: 'Choose which ways to the cloud are real',
    group: 'Real clouds',
    args: z.strictObject({ real: z.array(cloud).max(5) }),
  }),
  'clouds.secret': spec({
    title: 'Keep the password behind a name, for a real proxy',
    group: 'Real clouds',
    /** Kept in memory only, never in a run. */
    args: z.strictObject({ name: secretName, value: z.string().min(1).max(200) }),
  }),
  'clouds.fault': spec({
    title: 'Break a cloud on its real socket',
    group: 'Real clouds',
    /** `proxy`: the lab's own proxy on its real socket. */
    args: z.strictObject({ cloud: breakable, fault: wireFaultSchema, times: z.int().min(1).max(1_000).default(1) }),
  }),
  'clouds.mend': spec({
    title: 'Take the faults off the real clouds',
    group: 'Real clouds',
    args: z.strictObject({ cloud: breakable.optional() }),
  }),
  'clouds.provider': spec({
    title: 'Make what a real provider needs: key, token, example',
    group: 'Real clouds',
    args: z.strictObject({ cloud, device: id.optional() }),
  }),
  'clouds.log': spec({
    title: 'Show what went over the real sockets',
    group: 'Real clouds',
    args: z.strictObject({
      cloud: cloud.optional(),
      connection: number.optional(),
      tracking: z.string().max(80).optional(),
      flow: number.optional(),
      /** Entries with a lower number than this; the newest when left out. */
      before: number.optional(),
      limit: z.int().min(1).max(500).default(100),
    }),
  }),
  'clouds.keylog': spec({ title: 'Export the TLS keys (SSLKEYLOGFILE)', group: 'Real clouds', args: z.strictObject({}) }),
} as const

export type CloudCommand = keyof typeof cloudCommands

/** One real server of a cloud. */
export type CloudServer = {
  cloud: CloudName
  /** Documented names that the lab's DNS has for it. */
  names: string[]
  port: number
  connections: number
  requests: number
  /** Handshakes and requests refused or broken off. */
  refused: number
  /** Requests that faults will still hit, and what the fault is. */
  faults: { text: string; left: number }[]
}

/** The lab's own proxy on a real socket. */
export type ProxyServer = {
  kind: 'HTTP' | 'HTTPS'
  port: number
  connections: number
  tunnels: number
  requests: number
  refused: number
  faults: CloudServer['faults']
}

/** The clouds while they are open on real sockets. */
export type CloudsState = {
  address: string
  exposed: boolean
  servers: CloudServer[]
  dns: { port: number; queries: number }
  /** Null in a lab without a proxy. */
  proxy: ProxyServer | null
  /** Legs that are real. */
  real: CloudName[]
  /** Names of proxy passwords that are known. */
  secrets: string[]
}

/** One request and its answer on a real socket, without secrets: those show as their first characters. */
export type WireExchange = {
  number: number
  /** Which socket, and which side of it the lab is on. */
  connection: string
  side: 'server' | 'client'
  cloud: CloudName
  peer: string
  protocol: 'HTTP/1.1' | 'HTTP/2'
  tls: string
  stream: number | null
  /** ms of the run, and how long it took. */
  at: number
  ms: number
  request: { method: string; path: string; headers: [string, string][]; body: string }
  response: { status: number; headers: [string, string][]; body: string } | null
  /** How it ended, in words. */
  outcome: string
  tracking: string | null
  flow: number | null
  fault: boolean
}

/** What a provider outside the lab is given. */
export type ProviderKit = {
  /** E.g. AuthKey.p8, service-account.json, push-lab-ca.pem. */
  files: { name: string; mediaType: string; text: string }[]
  /** What to export before the examples of docs/ work as printed, e.g. PORT, KEY_ID, DEVICE. */
  environment: [name: string, value: string][]
  /** A line for a shell. */
  example: string
}
