/** Errors of sockets in the words of the lab: how far it came, what it looks like from here, and what that usually means. */
import { STATUS_CODES } from 'node:http'
import type { STAGES, Told } from '../../contract/clouds.ts'
import { printable } from '../../ladder/words.ts'
import { hostPort } from '../../edge/hostPort.ts'

export type Stage = (typeof STAGES)[number]
/** The lab has dropped what it asked. */
export const GIVEN_UP = 'given up: the lab waits no longer'

export type Failed = Extract<Told, { is: 'failed' }>

/** Longest text that is told. */
const MAX_TEXT = 200

/** One printable line: what a stranger answered must not draw in a terminal. */
export function cut(text: string, max = MAX_TEXT): string {
  // eslint-disable-next-line no-control-regex
  const breaks = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g
  const line = printable(text.replace(breaks, ' ')).trim()
  return line.length > max ? `${line.slice(0, max - 1)}…` : line
}

export const failed = (stage: Stage, text: string): Failed => ({ is: 'failed', stage, text: cut(text) })

export const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''

const textOf = (error: unknown): string => (error instanceof Error ? error.message || codeOf(error) : String(error))

/** The certificate is of somebody else's authority: whoever inspects TLS shows one of his own (NET-03). */
const NOT_OURS = new Set([
  'SELF_SIGNED_CERT_IN_CHAIN',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'CERT_SIGNATURE_FAILURE',
  'CERT_UNTRUSTED',
  'INVALID_CA',
])

/** What OpenSSL says when the other side does not speak TLS at all. */
const NO_TLS = new Set(['ERR_SSL_WRONG_VERSION_NUMBER', 'ERR_SSL_PACKET_LENGTH_TOO_LONG', 'ERR_SSL_HTTP_REQUEST', 'EPROTO'])

export const speaksNoTls = (error: unknown): boolean => NO_TLS.has(codeOf(error))

/** A handshake with `name` that failed (SEC-03). */
export function tlsText(error: unknown, name: string): string {
  const code = codeOf(error)
  if (NOT_OURS.has(code)) return `TLS handshake failed: the certificate of ${name} is not the cloud's own`
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') return `TLS handshake failed: the certificate is for other names than ${name}`
  if (code === 'CERT_HAS_EXPIRED') return `TLS handshake failed: the certificate of ${name} has expired`
  if (code === 'CERT_NOT_YET_VALID') return `TLS handshake failed: the certificate of ${name} is not valid yet`
  if (speaksNoTls(error)) return `TLS handshake failed: whoever answers for ${name} does not speak TLS`
  if (code === 'ECONNRESET' || code === 'EPIPE') return `TLS handshake with ${name} broken off: the connection was reset`
  return `TLS handshake with ${name} failed: ${textOf(error)}`
}

/** TCP to `place`, e.g. `127.0.0.1:443`, that did not come about. */
export function connectText(error: unknown, address: string, port: number): string {
  switch (codeOf(error)) {
    case 'ECONNREFUSED':
      return `port ${port} refused at ${address}`
    case 'ECONNRESET':
      return `connection reset at ${address}`
    case 'ETIMEDOUT':
      return `no answer from ${hostPort(address, port)}`
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
    case 'EADDRNOTAVAIL':
      return `no route to ${address}`
    default:
      return `no connection to ${hostPort(address, port)}: ${textOf(error)}`
  }
}

/** A request that was on its way, or on a connection that was gone (NET-07). */
export function sendText(error: unknown, name: string): string {
  const code = codeOf(error)
  if (code === 'ECONNRESET' || code === 'EPIPE') return `connection reset by ${name}`
  if (code === 'UND_ERR_SOCKET') return `${name} hung up before its answer was complete`
  if (code === 'UND_ERR_RES_EXCEEDED_MAX_SIZE') return `the answer of ${name} is longer than an answer may be`
  if (code === 'UND_ERR_HEADERS_OVERFLOW') return `the headers of ${name} are longer than headers may be`
  if (code === 'UND_ERR_HEADERS_TIMEOUT' || code === 'UND_ERR_BODY_TIMEOUT') return `no answer from ${name}`
  if (code.startsWith('HPE_') || (error instanceof Error && error.name === 'HTTPParserError'))
    return `${name} answers something that is not HTTP`
  return textOf(error)
}

export const statusText = (status: number): string => STATUS_CODES[status] ?? ''
