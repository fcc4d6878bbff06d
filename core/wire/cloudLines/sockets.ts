/** TCP and TLS as the lines need them: a handshake that has ended, or why it has not; nobody is trusted but who is named (SEC-03). */
import { connect as connectTcp, isIP, type Socket } from 'node:net'
import { connect as connectTls, type TLSSocket } from 'node:tls'

export type Handshake<S> = (error: Error | null, socket: S) => void

/** Answers the socket at once; `done` is told once, later, unless it was destroyed before. */
export function openTcp(address: string, port: number, done: Handshake<Socket>): Socket {
  const socket = connectTcp({ host: address, port, noDelay: true, keepAlive: true })
  once(socket, 'connect', done)
  return socket
}

/** `name` has to be in the certificate, and goes as SNI when it is no address. `trust`: authorities, PEM. */
export function openTls(
  below: Socket,
  name: string,
  trust: readonly string[],
  protocols: readonly string[],
  keylog: (line: string) => void,
  done: Handshake<TLSSocket>,
): TLSSocket {
  const socket = connectTls({
    socket: below,
    host: name, // for the check of the certificate
    ...(isIP(name) === 0 ? { servername: name } : {}),
    ca: [...trust],
    minVersion: 'TLSv1.2',
    rejectUnauthorized: true,
    ALPNProtocols: [...protocols],
  })
  socket.on('keylog', (line) => keylog(line.toString('latin1')))
  once(socket, 'secureConnect', done)
  return socket
}

/** An error or a hang-up before the event is its failure; errors after it are left to whoever uses the socket. */
function once<S extends Socket>(socket: S, event: 'connect' | 'secureConnect', done: Handshake<S>): void {
  let open = true
  const finish = (error: Error | null): void => {
    if (!open) return
    open = false
    done(error, socket)
  }
  socket.on('error', (error) => finish(error))
  socket.once('close', () => finish(Object.assign(new Error('the other side hung up'), { code: 'ECONNRESET' })))
  socket.once(event, () => finish(null))
}
