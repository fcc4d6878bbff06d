/** What iOS asks of a server certificate before it opens a session (LPNS-25, DEC-32). */

export type ServerCertificate = {
  issuer: 'public CA' | 'private CA' | 'self-signed'
  /** From its first to its last day. */
  validDays: number
  expired: boolean
  notYetValid?: boolean
  names: readonly string[]
  /** A length of RSA keys in bits; null for other keys, which are strong enough. Left out where nobody looks at keys. */
  rsaBits?: number | null
  /** Whether it may be used by TLS servers (extended key usage). */
  forServers?: boolean
}

/** A certificate that lives this long or longer is refused: 396 days pass, 397 fail. */
export const CERTIFICATE_DAYS_LIMIT = 397

/** The shortest RSA key that iOS 13 and later take of a server (Apple, HT210176; beyond the ledger). */
const RSA_BITS = 2_048

/**
 * Why iOS refuses this certificate for a host, in one sentence; empty when it takes it. `trusted`: its root, or
 * itself when it is self-signed, was imported into the trust store.
 */
export function iosRefusal(certificate: ServerCertificate, host: string, trusted: boolean): string {
  const { issuer, validDays, names } = certificate
  if (certificate.expired) return 'the certificate has expired'
  if (certificate.notYetValid === true) return 'the certificate is not valid yet'
  if (!names.some((name) => fits(name, host))) return `the certificate names ${names.slice(0, 3).join(', ') || 'nobody'}, not ${host}`
  if (issuer === 'self-signed' && !trusted) return 'the certificate is self-signed'
  if (issuer === 'private CA' && !trusted) return 'its private CA is not in the trust store of the device'
  if (validDays >= CERTIFICATE_DAYS_LIMIT) return `the certificate lives ${validDays} days: iOS takes less than ${CERTIFICATE_DAYS_LIMIT}`
  if (certificate.forServers === false) return 'the certificate is not for servers: iOS wants the extended key usage serverAuth'
  if ((certificate.rsaBits ?? RSA_BITS) < RSA_BITS) return `its RSA key has ${certificate.rsaBits} bits: iOS takes ${RSA_BITS} or more`
  return ''
}

/** Host names compare without case; `*.example.com` stands for one label. */
function fits(name: string, host: string): boolean {
  const pattern = name.toLowerCase()
  const wanted = host.toLowerCase()
  if (pattern === wanted) return true
  if (!pattern.startsWith('*.')) return false
  const dot = wanted.indexOf('.')
  return dot > 0 && wanted.slice(dot) === pattern.slice(1)
}
