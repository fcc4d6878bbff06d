/**
 * What the endpoint shows to clients: a certificate of the lab's own CA, made at first use and kept in the data
 * folder, or a pair of the user's. Keys are for this user's eyes only and never leave the folder.
 */
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import type { WireState } from '../../contract/batch.ts'
import { iosRefusal } from '../../lpns/certificate.ts'
import { authorityOf, createAuthorityPair, lasting, type Authority, type Issued } from '../certificates.ts'
import { asIosSees, belongTogether, certificatesOf, describeCertificate, faultOfPair, type Pair } from './certificateCheck.ts'

/** The longest that iOS takes: 397 is refused (DEC-32). */
export const SERVER_DAYS = 396
/** A phone that was given the CA once is to be content with it for long. */
export const LAB_CA_DAYS = 3_650
const LAB_CA_NAME = 'Push Lab CA'
/** A CA that ends before a fresh server certificate would is replaced. */
const CA_DAYS_LEFT = SERVER_DAYS

export type Presented = Issued & { about: WireState['certificate'] }

export class CertificateStore {
  private readonly dir: string | null
  private labCa: Promise<Issued> | null = null
  private imported: Pair | null = null

  private readonly now: () => number

  /** `dataDir` null keeps everything for this process only; `now` in ms since 1970. */
  constructor(dataDir: string | null, now = Date.now) {
    this.now = now
    this.dir = dataDir === null ? null : join(dataDir, 'certificates')
    const certificate = this.read('server.pem')
    const privateKey = this.read('server.key')
    if (certificate !== null && privateKey !== null) this.imported = { certificate, privateKey, ca: this.read('server-ca.pem') }
  }

  /** For these addresses and nodes; a pair of the user's is shown as it is, until it expires. */
  async presented(address: string, nodes: readonly string[]): Promise<Presented> {
    const { imported } = this
    const fault = imported === null ? '' : (faultOfPair(imported, this.now()) ?? '')
    if (imported !== null && fault === '')
      return { ...imported, about: { ...about(imported.certificate, imported.ca, address), source: 'imported', setAside: '' } }
    const ca = await this.ca()
    const issued = await authorityOf(ca).issue(namesFor(address, nodes), lasting(SERVER_DAYS))
    return { ...issued, about: { ...about(issued.certificate, ca.certificate, address), source: 'lab', setAside: fault } }
  }

  /** The certificate of the lab's CA, for a trust store; its key stays here. */
  async caCertificate(): Promise<string> {
    return (await this.ca()).certificate
  }

  /** Takes a pair of the user's; answers what is wrong with it, or null. */
  import(pair: Pair): string | null {
    const fault = faultOfPair(pair, this.now())
    if (fault !== null) return fault
    this.imported = { ...pair, certificate: certificatesOf(pair.certificate) }
    this.write('server.key', pair.privateKey)
    this.write('server.pem', this.imported.certificate)
    if (pair.ca === null) this.remove('server-ca.pem')
    else this.write('server-ca.pem', pair.ca)
    return null
  }

  /** Forgets the pair of the user's. */
  useLab(): void {
    this.imported = null
    for (const name of ['server.key', 'server.pem', 'server-ca.pem']) this.remove(name)
  }

  /** To issue more: the clouds on real sockets are of the same CA. */
  async authority(): Promise<Authority> {
    return authorityOf(await this.ca())
  }

  /** Made once, however many ask for it at a time. */
  private ca(): Promise<Issued> {
    this.labCa ??= this.makeCa().catch((error: unknown) => {
      this.labCa = null
      throw error
    })
    return this.labCa
  }

  private async makeCa(): Promise<Issued> {
    const kept = this.keptCa()
    if (kept !== null) return kept
    const made = await createAuthorityPair(LAB_CA_NAME, LAB_CA_DAYS)
    this.write('lab-ca.key', made.privateKey)
    this.write('lab-ca.pem', made.certificate)
    return made
  }

  private keptCa(): Issued | null {
    const certificate = this.read('lab-ca.pem')
    const privateKey = this.read('lab-ca.key')
    if (certificate === null || privateKey === null) return null
    try {
      const fresh = describeCertificate(certificate).to.getTime() > lasting(CA_DAYS_LEFT).to.getTime()
      return fresh && belongTogether(certificate, privateKey) ? { certificate, privateKey } : null
    } catch {
      return null
    }
  }

  private read(name: string): string | null {
    const path = this.dir === null ? null : join(this.dir, name)
    return path !== null && existsSync(path) ? readFileSync(path, 'utf8') : null
  }

  private write(name: string, text: string): void {
    if (this.dir === null) return
    mkdirSync(this.dir, { recursive: true, mode: 0o700 })
    const path = join(this.dir, name)
    writeFileSync(`${path}.new`, text, { mode: 0o600 })
    renameSync(`${path}.new`, path)
  }

  private remove(name: string): void {
    if (this.dir !== null) rmSync(join(this.dir, name), { force: true })
  }
}

/** Names by which a client may know this machine: itself, the chosen address, and the nodes it stands for. */
function namesFor(address: string, nodes: readonly string[]): [string, ...string[]] {
  const names = ['localhost', '127.0.0.1', '::1', address, hostname(), ...nodes].filter((name) => /^[A-Za-z0-9.:-]+$/.test(name))
  return [...new Set(names)] as [string, ...string[]]
}

function about(certificate: string, ca: string | null, host: string): Omit<WireState['certificate'], 'source' | 'setAside'> {
  const facts = describeCertificate(certificate)
  return {
    subject: facts.subject,
    issuer: facts.issuer,
    names: facts.names,
    from: facts.from.toISOString(),
    to: facts.to.toISOString(),
    validDays: facts.validDays,
    caFingerprint: ca === null ? '' : describeCertificate(ca).fingerprint,
    // With the CA in its trust store, as the panel tells to do; without it no private CA is taken.
    iosRefuses: iosRefusal(asIosSees(certificate, Date.now()), host, ca !== null),
  }
}
