/**
 * Certificates for the lab's own endpoints on real sockets: an authority that lives as long as its lab, and
 * leaves for the names of the cloud. Whoever is to trust them is given the authority; nothing enters the
 * trust store of the machine.
 */
import { isIP } from 'node:net'
import { generate } from 'selfsigned'

/** All in PEM. */
export type Issued = { certificate: string; privateKey: string }

export type Authority = {
  /** What a client has to trust, PEM. */
  certificate: string
  /** A server certificate for these host names and IP addresses; the first one is its common name. */
  issue(names: readonly [string, ...string[]], validity?: Validity): Promise<Issued>
}

export type Validity = { from: Date; to: Date }

export const DAY_MS = 24 * 3_600_000

/** A clock that is a little behind must not make a fresh certificate invalid. */
const BACKDATED_MS = 5 * 60_000

/** Shorter than the 397 days that Apple's systems accept (DEC-32). */
const LEAF_DAYS = 30
const AUTHORITY_DAYS = 365

const P256 = { keyType: 'ec', curve: 'P-256', algorithm: 'sha256' } as const

/** Whole seconds, as in the certificate; the days that were asked for are never exceeded. */
export function lasting(days: number): Validity {
  const from = Math.floor((Date.now() - BACKDATED_MS) / 1_000) * 1_000
  return { from: new Date(from), to: new Date(from + days * DAY_MS) }
}

/** A new authority with a key of its own: no two labs trust each other by chance. */
export async function createAuthority(name = 'Push Lab authority'): Promise<Authority> {
  return authorityOf(await createAuthorityPair(name, AUTHORITY_DAYS))
}

export async function createAuthorityPair(name: string, days: number): Promise<Issued> {
  const { from, to } = lasting(days)
  const made = await generate([{ name: 'commonName', value: name }], {
    ...P256,
    notBeforeDate: from,
    notAfterDate: to,
    extensions: [
      { name: 'basicConstraints', cA: true, pathLenConstraint: 0, critical: true },
      { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
    ],
  })
  return { certificate: made.cert, privateKey: made.private }
}

/** An authority that was made before, to issue more. */
export function authorityOf(pair: Issued): Authority {
  return {
    certificate: pair.certificate,
    async issue(names, validity = lasting(LEAF_DAYS)) {
      const leaf = await generate([{ name: 'commonName', value: names[0] }], {
        ...P256,
        notBeforeDate: validity.from,
        notAfterDate: validity.to,
        ca: { key: pair.privateKey, cert: pair.certificate },
        extensions: [
          { name: 'basicConstraints', cA: false, critical: true },
          { name: 'keyUsage', digitalSignature: true, critical: true },
          { name: 'extKeyUsage', serverAuth: true },
          { name: 'subjectAltName', altNames: names.map((each) => (isIP(each) ? { type: 7, ip: each } : { type: 2, value: each })) },
        ],
      })
      return { certificate: leaf.cert, privateKey: leaf.private }
    },
  }
}
