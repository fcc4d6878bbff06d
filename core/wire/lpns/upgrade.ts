/** The upgrade of a real client: what it asks for, and how it is turned away. Pure, but for writing the answer. */
import { STATUS_CODES, type IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { id } from '../../contract/values.ts'
import { LPNS_PATH, SUBPROTOCOL } from '../../lpns/protocol.ts'

export type Asked = { ok: true; device: string; token: string | null } | { ok: false; status: number; reason: string }

const bad = (status: number, reason: string): Asked => ({ ok: false, status, reason })

/** Reads the request line and the headers; what is wrong is said in one sentence with its HTTP status. */
export function readUpgrade({ method, url = '', headers }: Pick<IncomingMessage, 'method' | 'url' | 'headers'>): Asked {
  const [path, query = ''] = url.split('?', 2)
  if (path !== LPNS_PATH) return bad(404, `local push is at ${LPNS_PATH}`)
  // A browser names the page that opens a WebSocket: no web page is a phone (and none may use a phone's token).
  if (headers.origin !== undefined) return bad(403, 'no web page may open a session: leave the header Origin out')
  if (method !== 'GET' || headers.upgrade?.toLowerCase() !== 'websocket')
    return bad(400, 'a session begins with GET and Upgrade: websocket')
  const offered = (headers['sec-websocket-protocol'] ?? '').split(',').map((each) => each.trim())
  if (!offered.includes(SUBPROTOCOL)) return bad(400, `offer the sub-protocol ${SUBPROTOCOL} (Sec-WebSocket-Protocol)`)
  const device = id.safeParse(new URLSearchParams(query).get('device'))
  if (!device.success) return bad(400, `name the device: ${LPNS_PATH}?device=ID`)
  const token = /^Bearer +([\x21-\x7e]{1,2048})$/i.exec(headers.authorization ?? '')?.[1] ?? null
  return { ok: true, device: device.data, token }
}

/** Answers in HTTP and ends the connection. */
export function refuse(stream: Duplex, status: number, reason: string): void {
  const body = `${JSON.stringify({ code: status, reason })}\n`
  const more = status === 401 ? 'www-authenticate: Bearer\r\n' : status === 429 ? 'retry-after: 1\r\n' : ''
  stream.once('finish', () => stream.destroy())
  stream.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n` +
      `cache-control: no-store\r\n${more}connection: close\r\n\r\n${body}`,
  )
}
