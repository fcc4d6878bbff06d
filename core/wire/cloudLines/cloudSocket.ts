/** A connection from Push REST to a platform: its name in the lab's DNS, TCP, and TLS that trusts the lab's authority only (SEC-03). */
import type { Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { CONNECT_TIMEOUT_MS } from '../../cloud/way.ts'
import { DOCUMENTED_PORT, type LinesOptions } from '../cloud/site.ts'
import { connectText, failed, tlsText, type Failed } from './failures.ts'
import type { Names } from './names.ts'
import { openTcp, openTls } from './sockets.ts'

export type CloudSockets = {
  open(name: string, protocols: readonly string[]): Promise<TLSSocket | Failed>
  /** Ends those that are not open yet. */
  close(): void
}

export function cloudSockets({ site, keylog }: Pick<LinesOptions, 'site' | 'keylog'>, names: Names): CloudSockets {
  const opening = new Set<Socket>()

  function secured(name: string, address: string, port: number, protocols: readonly string[]): Promise<TLSSocket | Failed> {
    return new Promise((resolve) => {
      const finish = (opened: TLSSocket | Failed): void => {
        clearTimeout(late)
        opening.delete(tcp)
        if ('is' in opened) tcp.destroy()
        resolve(opened)
      }
      const late = setTimeout(
        () => finish(failed('connect', `no connection to ${name}:${DOCUMENTED_PORT} within ${CONNECT_TIMEOUT_MS / 1_000} s`)),
        CONNECT_TIMEOUT_MS,
      )
      const tcp = openTcp(address, port, (error) => {
        if (error) return finish(failed('connect', connectText(error, address, port)))
        const tls = openTls(tcp, name, [site.ca], protocols, keylog, (problem) =>
          finish(problem ? failed('tls', tlsText(problem, name)) : tls),
        )
      })
      opening.add(tcp)
    })
  }

  return {
    async open(name, protocols) {
      const [address] = await names.addressesOf(name).catch(() => [])
      if (address === undefined) return failed('dns', `${name} cannot be resolved`)
      return secured(name, address, site.portOf(name) ?? DOCUMENTED_PORT, protocols)
    },
    close() {
      for (const socket of opening) socket.destroy()
    },
  }
}
