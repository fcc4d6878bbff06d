/** The secret that a page must know before the lab talks to it. From the system's randomness, never from a seed. */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'

/** 256 bits, safe in a URL fragment. */
export const newToken = (): string => randomBytes(32).toString('base64url')

/** Compares in a time that depends on neither length nor content of what was offered. */
export function sameToken(offered: string, expected: string): boolean {
  return timingSafeEqual(digest(offered), digest(expected))
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest()

/** How long a one-use ticket lives: long enough for a browser to start. */
export const TICKET_LIFE_MS = 120_000
const MAX_TICKETS = 8

export interface Gate {
  /** The lasting secret; it stands in the address that the person reads. */
  readonly token: string
  /**
   * A secret for one use. The address with it goes to the browser's command line, which every user of
   * the machine can read, so it must be worth nothing afterwards.
   */
  ticket(): string
  /** True for the token, or for a ticket that is fresh and was not used before. */
  admits(offered: string): boolean
}

export function createGate(token: string, nowMs: () => number = Date.now): Gate {
  let tickets: { secret: string; until: number }[] = []
  return {
    token,
    ticket() {
      const secret = newToken()
      tickets = [...tickets, { secret, until: nowMs() + TICKET_LIFE_MS }].slice(-MAX_TICKETS)
      return secret
    },
    admits(offered) {
      if (sameToken(offered, token)) return true
      tickets = tickets.filter((ticket) => ticket.until > nowMs())
      const found = tickets.findIndex((ticket) => sameToken(offered, ticket.secret))
      if (found === -1) return false
      tickets.splice(found, 1)
      return true
    },
  }
}
