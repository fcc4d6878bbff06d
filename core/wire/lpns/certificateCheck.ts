/** Reads certificates in PEM: what is in them, whether a pair fits together, and what iOS would say (LPNS-25). */
import { createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto'
import { createSecureContext, rootCertificates } from 'node:tls'
import type { ServerCertificate } from '../../lpns/certificate.ts'
import { DAY_MS } from '../certificates.ts'

export type CertificateFacts = {
  subject: string
  issuer: string
  names: string[]
  from: Date
  to: Date
  validDays: number
  selfSigned: boolean
  /** SHA-256, as tools show it. */
  fingerprint: string
}

const BLOCK = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g

/** All certificates of a PEM text, in its order; an unreadable one throws a sentence. */
export function readChain(pem: string, what = 'the certificate'): X509Certificate[] {
  const blocks = pem.match(BLOCK) ?? []
  if (blocks.length === 0) throw new Error(`${what} is no PEM: it begins with -----BEGIN CERTIFICATE-----`)
  return blocks.map((block) => {
    try {
      return new X509Certificate(block)
    } catch {
      throw new Error(`${what} cannot be read: its PEM is damaged`)
    }
  })
}

const oneLine = (name: string): string => name.replaceAll('\n', ', ')

const issuedBy = (certificate: X509Certificate, issuer: X509Certificate): boolean =>
  certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey)

function factsOf(certificate: X509Certificate): CertificateFacts {
  const from = new Date(certificate.validFrom)
  const to = new Date(certificate.validTo)
  return {
    subject: oneLine(certificate.subject),
    issuer: oneLine(certificate.issuer),
    names: namesOf(certificate),
    from,
    to,
    // A day that has begun counts: the limit of iOS is a limit.
    validDays: Math.ceil((to.getTime() - from.getTime()) / DAY_MS),
    selfSigned: issuedBy(certificate, certificate),
    fingerprint: certificate.fingerprint256,
  }
}

/** The server certificate of a PEM text: its first one. */
export const describeCertificate = (pem: string): CertificateFacts => factsOf(readChain(pem)[0] as X509Certificate)

/** `DNS:localhost, IP Address:127.0.0.1`; iOS has not looked at the common name for years. */
const namesOf = (certificate: X509Certificate): string[] =>
  (certificate.subjectAltName ?? '').split(', ').flatMap((each) => /^(?:DNS|IP Address):(.+)$/.exec(each)?.[1] ?? [])

/** How iOS sees it. A chain that ends in a root of the system's own list is one of a public CA. */
export function asIosSees(pem: string, nowMs: number): ServerCertificate {
  const chain = readChain(pem)
  const facts = factsOf(chain[0] as X509Certificate)
  return {
    issuer: facts.selfSigned ? 'self-signed' : endsInPublicRoot(chain) ? 'public CA' : 'private CA',
    validDays: facts.validDays,
    expired: nowMs > facts.to.getTime(),
    notYetValid: nowMs < facts.from.getTime(),
    names: facts.names,
  }
}

function endsInPublicRoot(chain: readonly X509Certificate[]): boolean {
  const last = chain.at(-1) as X509Certificate
  return rootCertificates.some((pem) => {
    const root = new X509Certificate(pem)
    return root.fingerprint256 === last.fingerprint256 || issuedBy(last, root)
  })
}

export type Pair = { certificate: string; privateKey: string; ca: string | null }

/** What is wrong with a pair of the user's, in one sentence; null when it can be used. */
export function faultOfPair({ certificate, privateKey, ca }: Pair, nowMs: number): string | null {
  try {
    const chain = readChain(certificate)
    const leaf = chain[0] as X509Certificate
    const facts = factsOf(leaf)
    if (!belongTogether(certificate, privateKey)) return 'the private key does not belong to this certificate: export both together'
    if (nowMs > facts.to.getTime()) return `the certificate expired on ${facts.to.toISOString().slice(0, 10)}: have it renewed`
    if (nowMs < facts.from.getTime()) return `the certificate is valid from ${facts.from.toISOString().slice(0, 10)} only`
    if (facts.names.length === 0) return 'the certificate names no host: it needs a Subject Alternative Name'
    for (const [index, each] of chain.slice(1).entries())
      if (!issuedBy(chain[index] as X509Certificate, each))
        return `certificate ${index + 2} of the chain has not issued certificate ${index + 1}: begin with the server certificate, then its issuer, and so on`
    if (
      ca !== null &&
      !readChain(ca, 'the CA').some((root) => issuedBy(chain.at(-1) as X509Certificate, root) || sameAs(root, chain.at(-1)))
    )
      return 'this CA has not issued the certificate (or the chain between them is missing)'
    createSecureContext({ cert: certificate, key: privateKey, minVersion: 'TLSv1.2' })
    return null
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

/** Throws when one of them cannot be read. */
export const belongTogether = (certificate: string, privateKey: string): boolean =>
  (readChain(certificate)[0] as X509Certificate).checkPrivateKey(readKey(privateKey))

const sameAs = (a: X509Certificate, b: X509Certificate | undefined): boolean => a.fingerprint256 === b?.fingerprint256

function readKey(pem: string): KeyObject {
  if (!pem.includes('PRIVATE KEY-----')) throw new Error('the private key is no PEM: it begins with -----BEGIN PRIVATE KEY-----')
  if (pem.includes('ENCRYPTED'))
    throw new Error('the private key has a passphrase: take it off first (openssl pkey -in key.pem -out plain.pem)')
  try {
    return createPrivateKey(pem)
  } catch {
    throw new Error('the private key cannot be read: its PEM is damaged')
  }
}
