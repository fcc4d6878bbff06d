/**
 * Push REST on a real socket: HTTPS on the loopback interface, with the format that the virtual lab shows
 * (modelled: no public source describes it, DEC-34). It passes on and answers; what it was given lives in
 * one exchange and nowhere else (SEC-07).
 */
import { z } from 'zod'
import { PLATFORM_TIMEOUT_MS } from '../cloud/pushRest.ts'
import { looksSealed } from '../engine/sealer.ts'
import type { Issued } from './certificates.ts'
import { openDoor } from './cloud/door.ts'
import { jsonAnswer, type Asked } from './cloud/http.ts'
import { WireFaults } from './cloud/faults.ts'

export const PUSH_PATH = '/v1/push'

/** A platform payload has at most 5,120 bytes; sealed, in base64url and with its envelope this is ample. */
export const MAX_PUSH_BYTES = 16 * 1_024

/** What leaves a server: two items in the clear beside service details, all else inside the seal (SEC-04). */
const pushSchema = z.strictObject({
  version: z.literal(1),
  service: z.string().regex(/^(APNS|FCM)(:(beta|dev|test|load))?$/),
  type: z.enum(['voip', 'alert']),
  target: z.string().regex(/^[\x21-\x7e]{8,512}$/),
  payload: z.string(),
})

export type WirePush = z.output<typeof pushSchema> & { trackingId: string }

/** What the platform cloud made of it: an HTTP status and a reason in its own words. */
export type PlatformAnswer = { status: number; reason: string }

export type PushRestOptions = Issued & {
  /** Hands a push to its platform cloud. Push REST waits 4 s, aborts, and answers 503. */
  forward: (push: WirePush, signal: AbortSignal) => Promise<PlatformAnswer>
  /** Whether this access token is good; every one is when left out. */
  authorized?: (token: string) => boolean
  /** 0 takes any free port. */
  port?: number
}

export type PushRest = {
  readonly port: number
  close(): Promise<void>
}

/** Rejects when it cannot listen. */
export async function openPushRest(options: PushRestOptions): Promise<PushRest> {
  const door = await openDoor({
    cloud: 'push-rest',
    certificates: { good: options, wrong: {} },
    faults: new WireFaults(),
    maxBytes: MAX_PUSH_BYTES,
    answer: async (asked) => pushAnswer(await answer(options, asked).catch(() => bad(500, 'Push REST failed'))),
    forced: (status, reason) => pushAnswer(bad(status, reason ?? '')),
    ...(options.port === undefined ? {} : { port: options.port }),
    limits: { closeMs: 0 },
  })
  return { port: door.port, close: () => door.close() }
}

/** An answer of Push REST in its form. */
export const pushAnswer = ({ status, reason }: PlatformAnswer): ReturnType<typeof jsonAnswer> => jsonAnswer(status, { reason })

const bad = (status: number, reason: string): PlatformAnswer => ({ status, reason })

/** SEC-02. */
export const NOT_SEALED = bad(400, 'payload not encrypted')
export const NO_TOKEN = bad(401, 'no valid access token')

export type ReadPush = { ok: true; push: WirePush; token: string; sealed: boolean } | { ok: false; answer: PlatformAnswer }

/** What HTTP and the format have to say about a request, in this order. The seal is for the caller to judge. */
export async function readPush(asked: Asked, authorized: (token: string) => boolean): Promise<ReadPush> {
  const refused = (status: number, reason: string): ReadPush => ({ ok: false, answer: bad(status, reason) })
  const { headers, tracking } = asked
  if (asked.path !== PUSH_PATH) return refused(404, `only ${PUSH_PATH} is served`)
  if (asked.method !== 'POST') return refused(405, 'a push is sent with POST; nothing can be read here')
  if (headers['content-type']?.split(';')[0]?.trim() !== 'application/json') return refused(415, 'the body must be application/json')
  const token = /^Bearer ([\x21-\x7e]{1,4096})$/.exec(headers.authorization ?? '')?.[1]
  if (token === undefined || !authorized(token)) return { ok: false, answer: NO_TOKEN }
  if (tracking === null) return refused(400, 'the header TrackingID is missing or malformed')
  const text = await asked.body()
  if (text === null) return refused(413, `a push has at most ${MAX_PUSH_BYTES} bytes`)
  const read = pushSchema.safeParse(parse(text))
  if (!read.success)
    return refused(400, `not a push: ${read.error.issues[0]?.path.join('.') ?? ''} ${read.error.issues[0]?.message ?? ''}`.trim())
  return { ok: true, push: { ...read.data, trackingId: tracking }, token, sealed: looksSealed(read.data.payload) }
}

async function answer(options: PushRestOptions, asked: Asked): Promise<PlatformAnswer> {
  const read = await readPush(asked, options.authorized ?? (() => true))
  if (!read.ok) return read.answer
  return read.sealed ? passOn(options, read.push) : NOT_SEALED
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return null
  }
}

async function passOn(options: PushRestOptions, push: WirePush): Promise<PlatformAnswer> {
  const signal = AbortSignal.timeout(PLATFORM_TIMEOUT_MS)
  const silence = new Promise<PlatformAnswer>((resolve) =>
    signal.addEventListener('abort', () => resolve(bad(503, 'no answer from the platform cloud')), { once: true }),
  )
  try {
    return await Promise.race([options.forward(push, signal), silence])
  } catch {
    return bad(503, 'the platform cloud cannot be reached')
  }
}
