/** HTTPS and WebSocket of the libraries, within the bounds of the endpoint. Ports are not opened here. */
import { createServer, type Server } from 'node:https'
import { WebSocketServer, type WebSocket } from 'ws'
import { MAX_FRAME_BYTES, SUBPROTOCOL } from '../../lpns/protocol.ts'
import type { Issued } from '../certificates.ts'
import type { EndpointLimits } from './limits.ts'

export type Carrier = { https: Server; websockets: WebSocketServer }

export function createCarrier(credentials: Issued, limits: EndpointLimits): Carrier {
  const https = createServer({
    cert: credentials.certificate,
    key: credentials.privateKey,
    minVersion: 'TLSv1.2',
    handshakeTimeout: limits.handshakeMs,
    maxHeaderSize: limits.headerBytes,
    headersTimeout: limits.handshakeMs,
    requestTimeout: limits.handshakeMs,
    keepAliveTimeout: 1_000,
  })
  https.on('request', (request, response) => {
    response.writeHead(426, { 'content-type': 'application/json', connection: 'close', upgrade: 'websocket' })
    response.end(`${JSON.stringify({ code: 426, reason: `this is a WebSocket endpoint (${SUBPROTOCOL}), not a web page` })}\n`)
    request.resume()
  })
  // Options of the library that its types do not list yet.
  const unlisted = { maxFragments: limits.fragments, maxBufferedChunks: limits.chunks, closeTimeout: limits.closeMs }
  const websockets = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    // A ping costs a permit like any frame, so the endpoint answers it.
    autoPong: false,
    maxPayload: MAX_FRAME_BYTES,
    ...unlisted,
    handleProtocols: () => SUBPROTOCOL,
  })
  return { https, websockets }
}

/** Ends when every client is gone; the library ends each after its close timeout at the latest. */
export async function endCarrier({ https, websockets }: Carrier): Promise<void> {
  await Promise.all([...websockets.clients].filter((socket) => socket.readyState !== socket.CLOSED).map(closed))
  https.closeAllConnections()
  https.close()
}

const closed = (socket: WebSocket): Promise<unknown> => new Promise((resolve) => socket.once('close', resolve))
