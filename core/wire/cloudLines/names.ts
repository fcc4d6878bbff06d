/**
 * Names as the servers of the lab see them: first the lab's own DNS, then the resolver of this machine. The names of the cloud
 * are never asked for outside, or a lab would ring the real one (NET-09).
 */
import { NODATA } from 'node:dns'
import { lookup, Resolver } from 'node:dns/promises'
import { isIP } from 'node:net'
import { hostPort } from '../../edge/hostPort.ts'
import { cloudOf, type Site } from '../cloud/site.ts'
import { codeOf } from './failures.ts'
import { DNS_TIMEOUT_MS, DNS_TRIES } from './limits.ts'

/** As many addresses as an answer may tell. */
const MAX_ADDRESSES = 16

export type Names = {
  /** In the order of the answer. Rejects when nobody knows the name. */
  addressesOf(name: string): Promise<string[]>
  close(): void
}

export function createNames({ dns }: Pick<Site, 'dns'>): Names {
  const resolver = new Resolver({ timeout: DNS_TIMEOUT_MS, tries: DNS_TRIES })
  resolver.setServers([hostPort(dns.address, dns.port)])
  let open = true

  /** The clouds listen on one address; that may be of version 6, and then there is none of version 4. */
  async function addressesHere(name: string): Promise<string[]> {
    try {
      return await resolver.resolve4(name)
    } catch (error) {
      if (codeOf(error) !== NODATA) throw error
      return resolver.resolve6(name)
    }
  }

  return {
    async addressesOf(name) {
      if (isIP(name) !== 0) return [name]
      try {
        return (await addressesHere(name)).slice(0, MAX_ADDRESSES)
      } catch (error) {
        if (!open || cloudOf(name) !== null) throw error
        const found = await lookup(name, { all: true })
        return [...new Set(found.map(({ address }) => address))].slice(0, MAX_ADDRESSES)
      }
    },
    close() {
      open = false
      resolver.cancel()
    },
  }
}
