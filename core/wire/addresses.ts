/** Addresses as they are written, and whose they are. */
import { isIP } from 'node:net'

/** Of this machine alone. A name is none, whatever it begins with: who knows where DNS says it leads. */
export const isLoopback = (address: string): boolean => address === '::1' || (isIP(address) === 4 && address.startsWith('127.'))

/** An address as it stands in a URL. */
export const inUrl = (address: string): string => (address.includes(':') ? `[${address}]` : address)

export const placeOf = (address: string, port: number): string => `${inUrl(address)}:${port}`

/** The other end of a socket; a TLS socket and the TCP socket below it have the same. Empty when it has gone already. */
export const peerOf = ({ remoteAddress, remotePort }: { remoteAddress?: string | undefined; remotePort?: number | undefined }): string =>
  remoteAddress === undefined ? '' : placeOf(remoteAddress, remotePort ?? 0)
