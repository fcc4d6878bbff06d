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

const PRIVATE_KEY = /-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----/

/** Why a text is not the PEM that it should be, and how it becomes one. */
function noPem(text: string, what: string, wanted: 'CERTIFICATE' | 'PRIVATE KEY', fromDer: string): string {
  if (wanted === 'CERTIFICATE' && PRIVATE_KEY.test(text)) return `${what} is a private key: give the certificate here`
  if (wanted === 'PRIVATE KEY' && text.includes('-----BEGIN CERTIFICATE-----')) return `${what} is a certificate: give its private key here`
  // DER and PKCS #12 begin with an ASN.1 sequence and are no text.
  if (/^0[^\x20-\x7e]/.test(text))
    return `${what} is binary: make PEM of DER (${fromDer}) or of PKCS #12 (openssl pkcs12 -in pair.p12 -nodes -out pair.pem)`
  return `${what} is no PEM: it begins with -----BEGIN ${wanted}-----`
}

/** All certificates of a PEM text, in its order; an unreadable one throws a sentence. */
export function readChain(pem: string, what = 'the certificate'): X509Certificate[] {
  const blocks = pem.match(BLOCK) ?? []
  if (blocks.length === 0) throw new Error(noPem(pem, what, 'CERTIFICATE', 'openssl x509 -inform der -in cert.der -out cert.pem'))
  return blocks.map((block) => {
    try {
      return new X509Certificate(block)
    } catch {
      throw new Error(`${what} cannot be read: its PEM is damaged`)
    }
  })
}

/** The certificates of a text and nothing else, each on lines of its own: files are pasted together in any way, keys among them. */
export const certificatesOf = (pem: string): string => `${(pem.match(BLOCK) ?? []).join('\n')}\n`

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
  const leaf = chain[0] as X509Certificate
  const facts = factsOf(leaf)
  return {
    issuer: facts.selfSigned ? 'self-signed' : endsInPublicRoot(chain) ? 'public CA' : 'private CA',
    validDays: facts.validDays,
    expired: nowMs > facts.to.getTime(),
    notYetValid: nowMs < facts.from.getTime(),
    names: facts.names,
    rsaBits: leaf.publicKey.asymmetricKeyType === 'rsa' ? (leaf.publicKey.asymmetricKeyDetails?.modulusLength ?? null) : null,
    forServers: usagesOf(leaf).includes(SERVER_AUTH),
  }
}

const SERVER_AUTH = '1.3.6.1.5.5.7.3.1'
const ANY_USAGE = '2.5.29.37.0'

/** Extended key usages; empty for a certificate that names none. */
const usagesOf = (certificate: X509Certificate): readonly string[] => certificate.keyUsage ?? []

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
    const key = readKey(privateKey)
    const own = chain.findIndex((each) => each.checkPrivateKey(key))
    if (own < 0) return 'the private key does not belong to this certificate: export both together'
    if (own > 0) return `the private key belongs to certificate ${own + 1} of the chain: put that one first, then its issuer, and so on`
    if (nowMs > facts.to.getTime()) return `the certificate expired on ${facts.to.toISOString().slice(0, 10)}: have it renewed`
    if (nowMs < facts.from.getTime()) return `the certificate is valid from ${facts.from.toISOString().slice(0, 10)} only`
    if (facts.names.length === 0) return 'the certificate names no host: it needs a Subject Alternative Name'
    const usages = usagesOf(leaf)
    if (usages.length > 0 && !usages.includes(SERVER_AUTH) && !usages.includes(ANY_USAGE))
      return 'the certificate is not for servers: have it issued with the extended key usage serverAuth'
    for (const [index, each] of chain.slice(1).entries()) {
      if (nowMs > factsOf(each).to.getTime())
        return `certificate ${index + 2} of the chain expired on ${factsOf(each).to.toISOString().slice(0, 10)}: take the newer one of its CA`
      if (!issuedBy(chain[index] as X509Certificate, each))
        return `certificate ${index + 2} of the chain has not issued certificate ${index + 1}: begin with the server certificate, then its issuer, and so on`
    }
    if (
      ca !== null &&
      !readChain(ca, 'the CA').some((root) => issuedBy(chain.at(-1) as X509Certificate, root) || sameAs(root, chain.at(-1)))
    )
      return 'this CA has not issued the certificate: give the CA that did, or put the certificates between them after that of the server'
    createSecureContext({ cert: certificatesOf(certificate), key: privateKey, minVersion: 'TLSv1.2' })
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
  if (!PRIVATE_KEY.test(pem))
    throw new Error(noPem(pem, 'the private key', 'PRIVATE KEY', 'openssl pkey -inform der -in key.der -out key.pem'))
  if (pem.includes('ENCRYPTED'))
    throw new Error('the private key has a passphrase: take it off first (openssl pkey -in key.pem -out plain.pem)')
  try {
    return createPrivateKey(pem)
  } catch {
    throw new Error('the private key cannot be read: its PEM is damaged')
  }
}
