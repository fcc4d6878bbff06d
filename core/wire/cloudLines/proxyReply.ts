/** What a proxy says to CONNECT, read from the bytes of its connection: a head, and a body only when it refuses (RFC 9110, 9.3.6). */
import { cut } from './failures.ts'
import { MAX_HEAD_BYTES, MAX_HEAD_LINES, MAX_REPLY_BYTES } from './limits.ts'

export type ProxyReply = {
  status: number
  text: string
  headers: [name: string, value: string][]
  /** Values of Proxy-Authenticate, one for each line. */
  challenges: string[]
  body: string
  /** The connection is of no use after this answer: the proxy says so, or where its body ends is not told ahead. */
  closes: boolean
}

type Read = { is: 'more' } | { is: 'reply'; reply: ProxyReply } | { is: 'bad'; text: string }

const MORE: Read = { is: 'more' }
const bad = (text: string): Read => ({ is: 'bad', text })

const STATUS_LINE = /^HTTP\/(1\.[01]) (\d{3})(?: ([^\r\n]*))?$/
const HEADER_LINE = /^([\w!#$%&'*+.^`|~-]+):[ \t]*(.*?)[ \t]*$/
/** First byte of a TLS alert and of a TLS handshake. */
const TLS_BYTES = new Set([0x15, 0x16])
const MAX_CHALLENGES = 8
const MAX_CHALLENGE = 1_000

/** Reads one answer; the bytes that come are given to it one after the other. */
export function replyReader(): (chunk: Buffer) => Read {
  let bytes: Buffer = Buffer.alloc(0)
  let reply: ProxyReply | null = null
  let bodyBytes = 0
  return (chunk) => {
    bytes = bytes.length === 0 ? chunk : Buffer.concat([bytes, chunk])
    while (reply === null) {
      if (TLS_BYTES.has(bytes[0] ?? 0)) return bad('it answers in TLS: this is an HTTPS proxy, and HTTP is set')
      const end = bytes.indexOf('\r\n\r\n')
      if (end === -1) return bytes.length > MAX_HEAD_BYTES ? bad('the head of its answer is too long') : MORE
      const head = headOf(bytes.subarray(0, end).toString('latin1'))
      if (typeof head === 'string') return bad(head)
      bytes = bytes.subarray(end + 4)
      if (head.status < 200) continue // 100 Continue announces an answer
      bodyBytes = lengthOf(head)
      reply = head
      if (head.status < 300)
        return bytes.length > 0 ? bad('it goes on after saying yes: a web page in place of a tunnel') : { is: 'reply', reply }
    }
    if (bodyBytes < 0 || bodyBytes > MAX_REPLY_BYTES) return { is: 'reply', reply: { ...reply, closes: true } }
    if (bytes.length < bodyBytes) return MORE
    return {
      is: 'reply',
      reply: { ...reply, body: bytes.subarray(0, bodyBytes).toString('utf8'), closes: reply.closes || bytes.length > bodyBytes },
    }
  }
}

function headOf(text: string): ProxyReply | string {
  const [first = '', ...lines] = text.split('\r\n', MAX_HEAD_LINES + 2)
  const [, version, status, phrase = ''] = STATUS_LINE.exec(first) ?? []
  if (version === undefined) return 'it answers something that is not HTTP'
  if (lines.length > MAX_HEAD_LINES) return 'its answer has too many headers'
  const headers: [string, string][] = []
  for (const line of lines) {
    const [, name, value = ''] = HEADER_LINE.exec(line) ?? []
    if (name === undefined) return 'it answers something that is not HTTP'
    headers.push([name.toLowerCase(), value])
  }
  const reply = { status: Number(status), text: cut(phrase), headers, challenges: [] as string[], body: '', closes: false }
  reply.challenges = valuesOf(reply, 'proxy-authenticate')
    .slice(0, MAX_CHALLENGES)
    .map((value) => value.slice(0, MAX_CHALLENGE))
  const wishes = [...valuesOf(reply, 'connection'), ...valuesOf(reply, 'proxy-connection')].join(',').toLowerCase()
  reply.closes = wishes.includes('close') || (version === '1.0' && !wishes.includes('keep-alive'))
  return reply
}

const valuesOf = ({ headers }: ProxyReply, name: string): string[] => headers.flatMap(([each, value]) => (each === name ? [value] : []))

/** Bytes of the body; -1 when that is not told ahead. */
function lengthOf(reply: ProxyReply): number {
  const [length, ...more] = valuesOf(reply, 'content-length')
  const plain = valuesOf(reply, 'transfer-encoding').length === 0 && more.length === 0
  return plain && length !== undefined && /^\d{1,9}$/.test(length) ? Number(length) : -1
}
