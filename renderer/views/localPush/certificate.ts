/** What iOS says of a server certificate (LPNS-25, DEC-32). */
import type { NodeCertificate } from '../../../core/contract/index.ts'
import type { Mark } from '../../ui/state.ts'

/** iOS takes less than this, whoever issued it. */
export const VALID_DAYS_LIMIT = 397

export type Verdict = Mark & { text: string }

/** Host names compare without case; `*.example.com` stands for one label. */
function fits(name: string, host: string): boolean {
  const [pattern, wanted] = [name.toLowerCase(), host.toLowerCase()]
  if (!pattern.startsWith('*.')) return pattern === wanted
  return wanted.includes('.') && wanted.slice(wanted.indexOf('.')) === pattern.slice(1)
}

/** `host` is the name under which clients look for the node. */
export function iosVerdict(certificate: NodeCertificate, host: string): Verdict {
  const refused = (text: string): Verdict => ({ state: 'down', word: 'refused by iOS', text })
  if (certificate.validDays >= VALID_DAYS_LIMIT)
    return refused(`It lives ${certificate.validDays} days; iOS takes less than ${VALID_DAYS_LIMIT}.`)
  if (certificate.ageDays >= certificate.validDays)
    return refused(`It has expired: ${certificate.ageDays} days old, good for ${certificate.validDays}.`)
  if (!certificate.names.some((name) => fits(name, host))) return refused(`It names ${certificate.names.join(', ')}, not ${host}.`)
  switch (certificate.issuer) {
    case 'self-signed':
      return refused('It is self-signed: no phone trusts it unless it was imported as a root.')
    case 'private CA':
      return {
        state: 'up',
        word: 'good with the private root',
        text: 'iOS takes it on phones that have the private root in their trust store.',
      }
    case 'public CA':
      return { state: 'up', word: 'good', text: 'iOS takes it: a public CA issued it, and it lives short enough.' }
  }
}
