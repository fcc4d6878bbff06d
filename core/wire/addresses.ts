/** Addresses as they are written, and whose they are. */
import { isIP } from 'node:net'
import { hostPort } from '../edge/hostPort.ts'

/** Of this machine alone. A name is none, whatever it begins with: who knows where DNS says it leads. */
export const isLoopback = (address: string): boolean => address === '::1' || (isIP(address) === 4 && address.startsWith('127.'))

/** The other end of a socket; a TLS socket and the TCP socket below it have the same. Empty when it has gone already. */
export const peerOf = ({ remoteAddress, remotePort }: { remoteAddress?: string | undefined; remotePort?: number | undefined }): string =>
  remoteAddress === undefined ? '' : hostPort(remoteAddress, remotePort ?? 0)
