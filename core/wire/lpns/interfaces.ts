/** Addresses of this machine on which the endpoint may listen. Never a wildcard: what is open is to be chosen. */
import { networkInterfaces } from 'node:os'
import type { Results } from '../../contract/results.ts'
import { isLoopback } from '../addresses.ts'

type Interface = Results['wire.interfaces']['interfaces'][number]

export function listInterfaces(): Interface[] {
  const found = Object.entries(networkInterfaces()).flatMap(([name, addresses = []]) =>
    addresses
      // A link-local IPv6 address needs a zone, which no URL of a client can name.
      .filter(({ address }) => !address.toLowerCase().startsWith('fe80:'))
      .map(({ address, internal }): Interface => ({ address, name, loopback: internal })),
  )
  return found.toSorted((a, b) => Number(b.loopback) - Number(a.loopback))
}

/** Loopback, or one that an interface of this machine has now. */
export const isOfThisMachine = (address: string): boolean =>
  isLoopback(address) || listInterfaces().some((each) => each.address === address)

/** Why nothing can listen there, or null. */
export function notOfThisMachine(address: string): string | null {
  if (isOfThisMachine(address)) return null
  const list = listInterfaces()
    .map((each) => `${each.address} (${each.name})`)
    .join(', ')
  return `this machine has no interface with the address ${address}: it has ${list}`
}
