/**
 * One page talking to the lab over one WebSocket: requests and acknowledgements in, replies and batches
 * out. Whatever arrives is untrusted; everything that can grow has a limit.
 */
import { z } from 'zod'
import type { CloseCode, ServerFrame } from '../../contract/carrier.ts'
import { failure, type LabDoor, type Reply, type Subscription } from '../../contract/door.ts'

/** What a conversation needs of a socket; `ws` has it, and so has a test. */
export interface Socket {
  readonly bufferedAmount: number
  send(text: string, sent: (error?: Error | null) => void): void
  close(code: number, reason: string): void
}

export type Limits = {
  /** One incoming frame. A journal (64 Mi characters) is the largest thing a page sends. */
  frameBytes: number
  /** Requests of one page without an answer that has left the process. */
  inFlight: number
  /** Written but not yet read by the page, when there is more to write. */
  unreadBytes: number
  connections: number
  pingMs: number
}

export const LIMITS: Limits = {
  frameBytes: 80 * 1024 * 1024,
  inFlight: 64,
  unreadBytes: 32 * 1024 * 1024,
  connections: 16,
  pingMs: 30_000,
}

const frame = z.union([
  z.strictObject({ ack: z.int().min(0) }),
  z.strictObject({ subscribe: z.literal(true) }),
  z.strictObject({ id: z.int().min(0), name: z.string().max(200), args: z.unknown().optional() }),
])

export interface Conversation {
  receive(text: string): void
  /** The socket is gone, or the lab closes. */
  end(): void
}

export function converse(o: { socket: Socket; door: LabDoor; limits: Limits }): Conversation {
  const { socket, door, limits } = o
  let ended = false
  let inFlight = 0
  let subscription: Subscription | null = null

  function end(): void {
    ended = true
    subscription?.close()
    subscription = null
  }

  function close(code: CloseCode, reason: string): void {
    if (ended) return
    end()
    socket.close(code, reason)
  }

  function send(message: ServerFrame, sent: () => void = () => {}): void {
    if (ended) return sent()
    if (socket.bufferedAmount > limits.unreadBytes) return close(4408, 'The page reads slower than the lab writes. Reload it.')
    socket.send(encode(message), sent)
  }

  async function answer(id: number, name: string, args: unknown): Promise<void> {
    if (inFlight >= limits.inFlight) {
      const text = `${inFlight} requests of this page are still without an answer. Wait for one before sending the next.`
      return send({ id, reply: failure('busy', text) })
    }
    inFlight += 1
    let reply: Reply
    try {
      reply = await door.dispatch({ name, args })
    } catch {
      reply = failure('internal', `The lab failed while working on ${name}. This is a defect in Push Lab.`)
    }
    // Counted until it has left: a page that asks and does not read runs into the limit.
    send({ id, reply }, () => {
      inFlight -= 1
    })
  }

  function receive(text: string): void {
    if (ended) return
    const parsed = parse(text)
    if (parsed === null) return close(4400, 'A frame must be JSON: {id, name, args}, {subscribe: true} or {ack}.')
    if ('ack' in parsed) return subscription?.ack(parsed.ack)
    if ('subscribe' in parsed) {
      subscription?.close()
      subscription = null
      try {
        subscription = door.subscribe((batch) => send({ batch }))
      } catch (error) {
        close(4429, error instanceof Error ? error.message : 'The lab has too many windows.')
      }
      return
    }
    void answer(parsed.id, parsed.name, parsed.args)
  }

  return { receive, end }
}

function parse(text: string): z.infer<typeof frame> | null {
  try {
    return frame.safeParse(JSON.parse(text)).data ?? null
  } catch {
    return null
  }
}

function encode(message: ServerFrame): string {
  try {
    return JSON.stringify(message)
  } catch {
    if (!('id' in message)) throw new Error('A batch holds something that JSON cannot say.')
    return JSON.stringify({ id: message.id, reply: failure('internal', 'The answer holds something that JSON cannot say.') })
  }
}
