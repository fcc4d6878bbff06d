/**
 * Test tokens for real clients. The string is told once, to the person who asked; from then on the lab, its
 * journal and its traces know the token by its ID. What is kept here is a hash, so that not even a memory
 * dump of the table gives a token away, and a look-up tells nothing by its duration.
 */
import { createHash, randomBytes } from 'node:crypto'
import { MAX_FRAME_BYTES, plainFrame } from '../../lpns/protocol.ts'
import type { Bucket } from './limits.ts'

const PREFIX = 'pl_'
const TOKEN = /pl_[A-Za-z0-9_-]{43}/g

/** What the run is told of a token that nobody issued. */
export const UNKNOWN = 'unknown'

/** Tokens that are kept; the oldest goes. */
export const MAX_TOKENS = 20_000

export type IssuedToken = { id: string; device: string; connects: Bucket }

const hashOf = (token: string): string => createHash('sha256').update(token).digest('base64')

export class TokenTable {
  private readonly known = new Map<string, IssuedToken>()
  private readonly burst: number

  /** `burst`: upgrades that a new token may make at once. */
  constructor(burst: number) {
    this.burst = burst
  }

  issue(device: string): { id: string; token: string } {
    const token = PREFIX + randomBytes(32).toString('base64url')
    const id = `token-${randomBytes(5).toString('hex')}`
    if (this.known.size >= MAX_TOKENS) this.known.delete(this.known.keys().next().value as string)
    this.known.set(hashOf(token), { id, device, connects: { level: this.burst, filledAt: 0 } })
    return { id, token }
  }

  find(token: string): IssuedToken | null {
    return this.known.get(hashOf(token)) ?? null
  }

  /** The run in view is another one now: no token of the old one is good in it. */
  clear(): void {
    this.known.clear()
  }

  /**
   * A frame as it may enter the run: each `token` in it is the ID of that token, or "unknown". What is no JSON
   * is told by its length alone: nobody knows what is in it.
   */
  withoutToken(text: string): string {
    if (!text.includes(PREFIX) && plainFrame(text) !== null) return text
    // An escape may spell the word in another way.
    const named = text.includes('token') || text.includes('\\')
    let frame: unknown
    try {
      frame = named ? JSON.parse(text, (key, value: unknown) => this.replaced(key, value)) : JSON.parse(text)
    } catch {
      return `(no JSON, ${text.length} characters)`
    }
    if (!named && !text.includes(PREFIX)) return text
    const told = cleaned(JSON.stringify(frame))
    return told.length <= MAX_FRAME_BYTES ? told : `(no frame, ${text.length} characters)`
  }

  /** An empty token stays what it is: a fault of the frame. */
  private replaced(key: string, value: unknown): unknown {
    return key === 'token' && typeof value === 'string' && value !== '' ? (this.find(value)?.id ?? UNKNOWN) : value
  }
}

/** Takes out whatever has the form of a token of this lab. */
export const cleaned = (text: string): string => text.replace(TOKEN, '(a token)')
