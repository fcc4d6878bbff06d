/** The server certificate of a node, as clients of local push meet it (LPNS-25). */
import type { Device } from '../client/device.ts'
import type { NodeCertificate } from '../contract/rows.ts'
import type { LabNode, World } from '../world.ts'
import { iosRefusal } from './certificate.ts'

const DAY_MS = 86_400_000

export function certificateOf(world: World, node: LabNode): NodeCertificate {
  const { issuer, validDays, issuedAt, names } = node.certificate
  return { issuer, validDays, ageDays: Math.floor((world.clock.now() - issuedAt) / DAY_MS), names: names ?? [node.id] }
}

/** Why iOS on this device refuses the node's certificate now; empty when it takes it. */
export function refusalOf(world: World, node: LabNode, device: Device): string {
  const { issuer, validDays, issuedAt, names } = node.certificate
  const expired = world.clock.now() - issuedAt >= validDays * DAY_MS
  const trusted = issuer === 'self-signed' ? device.trustsSelfSigned : device.trustsPrivateCa
  return iosRefusal({ issuer, validDays, expired, names: names ?? [node.id] }, node.id, trusted)
}
