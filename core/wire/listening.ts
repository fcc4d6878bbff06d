/** Opening a port, the same way for every server, and why one cannot be had, in a sentence that says how to mend it. */
import type { Server } from 'node:net'
import type { AddressInfo } from 'node:net'
import { hostPort } from '../edge/hostPort.ts'

export type Place = { address: string; /** 0 takes any free one. */ port: number }

/** Resolves to the port. Rejects with a sentence that names it; afterwards errors of the listening socket are nobody's. */
export function listen(server: Server, { address, port }: Place, backlog?: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const refused = (error: Error): void => reject(new Error(whyNot(error, { address, port }), { cause: error }))
    server.once('error', refused)
    server.listen({ host: address, port, exclusive: true, ...(backlog === undefined ? {} : { backlog }) }, () => {
      server.off('error', refused)
      server.on('error', () => undefined)
      resolve((server.address() as AddressInfo).port)
    })
  })
}

export function whyNot(error: Error & { code?: string }, { address, port }: Place): string {
  switch (error.code) {
    case 'EADDRINUSE':
      return `Port ${port} on ${address} is in use: choose another one, or 0 for a free one.`
    case 'EACCES':
      return `This user may not listen on port ${port}: choose one above 1023.`
    case 'EADDRNOTAVAIL':
      return `This machine has no address ${address} any more: choose another interface.`
    default:
      return `Cannot listen on ${hostPort(address, port)}: ${error.message}`
  }
}
