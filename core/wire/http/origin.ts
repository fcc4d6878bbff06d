/**
 * Who may ask. A web page elsewhere can make a browser send requests here (cross-site), and can point a
 * name of its own at 127.0.0.1 (DNS rebinding). Both show in headers that a page cannot forge.
 */
import { isIP } from 'node:net'

export type Listening = {
  /** What was asked for with --host: a name, an address, or a wildcard such as 0.0.0.0. */
  host: string
  port: number
}

/**
 * The Host header must name this server. An address literal cannot be rebound, so any is fine where the
 * server listens on all addresses; a name is fine only when it is the one the person gave, or localhost.
 */
export function hostAllowed(header: string | undefined, listening: Listening): boolean {
  const asked = splitHost(header)
  if (asked === null || asked.port !== listening.port) return false
  if (asked.name === 'localhost' || asked.name === bare(listening.host)) return true
  if (isIP(asked.name) === 0) return false
  return isWildcard(listening.host) || isLoopback(asked.name)
}

/** The Origin header must be this very server, as the Host header names it. Absent means: not a browser's page. */
export function originAllowed(origin: string | undefined, hostHeader: string | undefined): boolean {
  return origin !== undefined && hostHeader !== undefined && origin.toLowerCase() === `http://${hostHeader.toLowerCase()}`
}

export const isWildcard = (host: string): boolean => ['0.0.0.0', '::'].includes(bare(host))

export const isLoopback = (host: string): boolean => {
  const name = bare(host)
  return name === 'localhost' || name === '::1' || (isIP(name) === 4 && name.startsWith('127.'))
}

/** An IPv6 literal without its brackets. */
export const bare = (host: string): string => host.toLowerCase().replace(/^\[|\]$/g, '')

function splitHost(header: string | undefined): { name: string; port: number } | null {
  const match = /^(\[[0-9a-f:.]+\]|[a-z0-9.-]+)(?::(\d{1,5}))?$/i.exec(header ?? '')
  if (!match?.[1]) return null
  return { name: bare(match[1]), port: match[2] === undefined ? 80 : Number(match[2]) }
}
