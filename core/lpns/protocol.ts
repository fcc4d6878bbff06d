/**
 * The local push protocol, version 1: JSON text frames over a secure WebSocket on port 9560. Modelled: Cisco
 * publishes no wire format of LPNS (DEC-34). Documented in docs/lpns-protocol.md. The same frames cross the
 * links of virtual time and real sockets.
 */
import { z } from 'zod'

export const LPNS_PORT = 9_560 // LPNS-05
export const LPNS_PATH = '/lpns'
export const SUBPROTOCOL = 'pushlab.lpns.v1'
export const PROTOCOL_VERSION = 1

/** The client sends a keepalive this often (LPNS-16). */
export const KEEPALIVE_MS = 120_000
/** What the server waits beyond that, by default and at most (DEC-02). */
export const GRACE_DEFAULT_MS = 30_000
export const GRACE_MAX_MS = 60_000
/** How long the server waits for the client's response to a push: default, least, most (DEC-06). */
export const RESPONSE_DEFAULT_MS = 2_000
export const RESPONSE_MIN_MS = 500
export const RESPONSE_MAX_MS = 5_000

/** Longest frame that the server reads; a client never needs a tenth of it. */
export const MAX_FRAME_BYTES = 4_096

/** Why a session ends, in the range that RFC 6455 leaves to applications (DEC-01: 401 itself is no legal close code). */
export const CLOSE = {
  normal: 1_000,
  goingAway: 1_001,
  tooBig: 1_009,
  badFrame: 4_400,
  unauthorized: 4_401,
  forbidden: 4_403,
  moved: 4_409,
  tooMany: 4_429,
} as const

const v = z.literal(PROTOCOL_VERSION)
const id = z.string().min(1).max(80)
/** An access token. Only its bearer and the server ever see it; journals and traces hold its ID at most. */
const token = z.string().min(1).max(2_048)

const clientFrame = z.discriminatedUnion('type', [
  z.strictObject({
    v,
    type: z.literal('keepalive'),
    seq: z
      .int()
      .min(0)
      .max(2 ** 31),
    token: token.optional(),
  }),
  z.strictObject({ v, type: z.literal('ack'), id, token: token.optional() }),
  /** The push came, but the client can do nothing with it. */
  z.strictObject({ v, type: z.literal('error'), id, code: z.int().min(400).max(599), text: z.string().max(200).optional() }),
])

export type ClientFrame = z.infer<typeof clientFrame>

export type PushFrame = {
  v: 1
  type: 'push'
  /** Tracking ID; to be repeated in the answer. */
  id: string
  purpose: 'incoming call' | 'missed call' | 'answered elsewhere'
  /** One call keeps this number over all its pushes. */
  call: string
  name: string
  number: string
  /** Node where to register for the call. */
  node: string
}

export type ServerFrame =
  | { v: 1; type: 'welcome'; session: string; node: string; keepaliveMs: number; graceMs: number }
  | { v: 1; type: 'keepalive-ack'; seq: number }
  | PushFrame
  /** Sent before the close of the same code (DEC-01). */
  | { v: 1; type: 'error'; code: number; reason: string }

type Field = 'v' | 'type' | 'seq' | 'id' | 'token' | 'code' | 'text'

/** What stands in the fields of a frame, for whoever wrote something else. */
const FIELDS: Readonly<Record<Field, string>> = {
  v: `${PROTOCOL_VERSION}, the version of this protocol`,
  type: 'keepalive, ack or error',
  seq: `a whole number from 0 to ${2 ** 31}`,
  id: 'that of the push, of 1 to 80 characters',
  token: 'an access token of 1 to 2048 characters, or is left out',
  code: 'a whole number from 400 to 599',
  text: 'a text of at most 200 characters, or is left out',
}

export type ReadFrame = { ok: true; frame: ClientFrame } | { ok: false; problem: string }

const ACK_HEAD = '{"v":1,"type":"ack","id":"'
const ACK_TAIL = '"}'
const PLAIN_ID = /^[\w-]{1,80}$/
const KEEPALIVE_HEAD = '{"v":1,"type":"keepalive","seq":'
const PLAIN_SEQ = /^(?:0|[1-9]\d{0,8})$/

/**
 * The two frames of which nearly all traffic consists, as every serializer writes them and without a token: what they
 * hold is seen at a glance. Null for all others.
 */
export function plainFrame(text: string): ClientFrame | null {
  if (text.length > 128) return null
  // Cut out rather than captured: a page brings thousands of them within a second.
  if (text.startsWith(ACK_HEAD) && text.endsWith(ACK_TAIL)) {
    const id = text.slice(ACK_HEAD.length, -ACK_TAIL.length)
    return PLAIN_ID.test(id) ? { v: 1, type: 'ack', id } : null
  }
  if (!text.startsWith(KEEPALIVE_HEAD) || !text.endsWith('}')) return null
  const seq = text.slice(KEEPALIVE_HEAD.length, -1)
  return PLAIN_SEQ.test(seq) ? { v: 1, type: 'keepalive', seq: Number(seq) } : null
}

/** Reads one text frame of a client; never throws, and says what is wrong in one sentence. */
export function readClientFrame(text: string): ReadFrame {
  const plain = plainFrame(text)
  if (plain !== null) return { ok: true, frame: plain }
  if (text.length > MAX_FRAME_BYTES) return { ok: false, problem: `a frame has at most ${MAX_FRAME_BYTES} bytes` }
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return { ok: false, problem: 'the frame is not JSON' }
  }
  const read = clientFrame.safeParse(value)
  if (read.success) return { ok: true, frame: read.data }
  const issue = read.error.issues[0]
  const field = String(issue?.path[0] ?? '')
  if (issue?.code === 'unrecognized_keys')
    return { ok: false, problem: `a frame of this type has no field "${issue.keys[0]?.slice(0, 40)}"` }
  return { ok: false, problem: field in FIELDS ? `"${field}" is ${FIELDS[field as Field]}` : 'a frame is one JSON object' }
}
