/** The roots that cloud hosts prove themselves with, and which host needs which (ONB-10). */
import type { CloudHost } from '../cloud/carried.ts'

export const IDENTRUST = 'IdenTrust Commercial Root CA 1'
export const GO_DADDY = 'Go Daddy Class 2 Certification Authority'
/** Root of Common Identity and Push REST before the change of FN72120 (SCN-02). */
export const QUOVADIS = 'QuoVadis Root CA 2'

export const ROOTS = [IDENTRUST, GO_DADDY, QUOVADIS] as const
export type Root = (typeof ROOTS)[number]

export type CloudRoots = Record<CloudHost, Root>

export const HOSTS: readonly CloudHost[] = ['push-rest', 'ci', 'fos']

/** CI and Push REST trust one root, FOS the other. */
export const rootsOfCloud = (root: Root): CloudRoots => ({ 'push-rest': root, ci: root, fos: GO_DADDY })

/** What the file that a server was installed from brings along: an older one knows nothing of the change (ONB-08, ONB-09). */
export const INSTALLED: Readonly<Record<'current' | 'older', readonly Root[]>> = {
  current: [IDENTRUST, GO_DADDY],
  older: [QUOVADIS, GO_DADDY],
}
