/** One request and what became of it, as the flow view shows it. Secrets do not get here. */
import type { IncomingHttpHeaders } from 'node:http'
import { TOKEN_PATH } from './oauth.ts'

export type FcmExchange = {
  /** Counted from 1; several exchanges share one. */
  connection: number
  peer: string
  protocol: 'HTTP/2' | 'HTTP/1.1'
  /** `TLSv1.3` */
  tls: string
  stream: number | null
  /** When the headers were there, and how long it took, in ms of the endpoint's clock. */
  at: number
  ms: number
  method: string
  path: string
  requestHeaders: Record<string, string>
  /** Null: too long, or it never came whole. */
  requestBody: string | null
  /** Null: none was sent. */
  status: number | null
  responseHeaders: Record<string, string>
  responseBody: string
  outcome: 'answered' | 'stalled' | 'reset' | 'timed out' | 'client went away'
  /** It came from a fault and not from the state of things. */
  fault: boolean
}

const SECRET = '(not shown)'

/** Pseudo-headers are told as method and path; what proves who somebody is, is not told. */
export function shownHeaders(headers: IncomingHttpHeaders): Record<string, string> {
  const shown: Record<string, string> = {}
  for (const [name, value] of Object.entries(headers)) {
    if (name.startsWith(':') || value === undefined) continue
    const text = Array.isArray(value) ? value.join(', ') : value
    shown[name] =
      name === 'authorization' || name === 'cookie'
        ? text.replace(/^(\S{1,20}) .*$|^.*$/s, (_all, scheme?: string) => `${scheme ?? ''} ${SECRET}`.trim())
        : text
  }
  return shown
}

/** Of the token endpoint all bodies are secrets. */
export const shownBody = <T extends string | null>(path: string, body: T): T | string =>
  body !== null && isTokenPath(path) ? SECRET : body

export const isTokenPath = (path: string): boolean => path.split('?')[0] === TOKEN_PATH
