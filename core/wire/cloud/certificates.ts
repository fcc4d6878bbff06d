/** The certificate of one server, and the wrong ones that a fault shows to the next handshakes (NET-03, SEC-03). */
import type { Server as TlsServer } from 'node:tls'
import { createAuthority, DAY_MS, type Authority, type Issued } from '../certificates.ts'
import type { WireFaults, WrongCertificate } from './faults.ts'

export type Certificates = { good: Issued; wrong: Partial<Record<WrongCertificate, Issued>> }

/** What a certificate names that is for somebody else. */
const OTHER_NAME = 'inspection.example'

/** Made when the fault is asked for: one certificate takes some milliseconds. */
export async function issueWrong(kind: WrongCertificate, lab: Authority, names: readonly [string, ...string[]]): Promise<Issued> {
  const now = Date.now()
  switch (kind) {
    case 'authority':
      return (await createAuthority('Inspecting firewall')).issue(names)
    case 'name':
      return lab.issue([OTHER_NAME])
    case 'expired':
      return lab.issue(names, { from: new Date(now - 3 * DAY_MS), to: new Date(now - DAY_MS) })
  }
}

/** Decides for each connection, before its handshake, which certificate it is shown. */
export function presentAtHandshake(server: TlsServer, certificates: Certificates, faults: WireFaults): void {
  let shown = certificates.good
  server.prependListener('connection', () => {
    const wrong = faults.takeHandshake()
    const next = (wrong === null ? undefined : certificates.wrong[wrong]) ?? certificates.good
    if (next === shown) return
    shown = next
    server.setSecureContext({ cert: next.certificate, key: next.privateKey, minVersion: 'TLSv1.2' })
  })
}
