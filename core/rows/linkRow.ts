import type { LinkRow } from '../contract/rows.ts'
import { HTTPS_PORT } from '../cloud/way.ts'
import { linkIsRed } from '../edge/mraCertificates.ts'
import type { Link } from '../engine/network.ts'
import { SPARE_ID } from '../upgrade/state.ts'
import type { World } from '../world.ts'
import { healthOf } from './faultRow.ts'

/** A node's link to itself carries CPNS traffic; it is drawn inside the node, not as a link. */
export const isDrawn = (linkId: string): boolean => {
  const [a, b] = linkId.split('~')
  return a !== b && a !== SPARE_ID // the second server of a repair is no part of the cluster
}

export function linkRow(world: World, link: Link): LinkRow {
  const faults = world.faults.on(link.id).filter((fault) => !fault.hidden)
  return {
    kind: 'link',
    id: link.id,
    a: link.a,
    b: link.b,
    latencyMs: link.latencyMs,
    jitterMs: link.jitterMs,
    // Expressway-C and this node do not trust each other (MRA-04).
    health: link.a === 'expressway-c' && linkIsRed(world, link.b) ? 'down' : healthOf(faults),
    faults: faults.map((fault) => fault.id),
    lastAt: link.lastAt,
    carrier: (world.real.legs as ReadonlySet<string>).has(link.b) ? 'real' : 'virtual',
    cloudPort: world.proxy && link.b === world.proxy.id ? world.proxy.port : HTTPS_PORT,
  }
}
