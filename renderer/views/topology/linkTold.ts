/** What is to be said of a link beyond its own row: that its ends have lost each other, or where it leaves the lab to. Pure. */
import type { CloudsState, LinkRow, NodeRow } from '../../../core/contract/index.ts'
import { CLOUD_LABEL } from '../../state/clouds.ts'
import { lostSince, meshNodes, takesPart } from '../localPush/mesh.ts'

/** Links of pairs of nodes that run LPNS and have lost each other, and since when (LPNS-19). */
export function tornLinks(nodes: Iterable<NodeRow>, links: ReadonlyMap<string, unknown>): Map<string, number> {
  const found = new Map<string, number>()
  const members = meshNodes(nodes).filter(takesPart)
  for (const [i, a] of members.entries()) {
    for (const b of members.slice(i + 1)) {
      const since = lostSince(a, b)
      if (since === null) continue
      for (const id of [`${a.id}~${b.id}`, `${b.id}~${a.id}`]) if (links.has(id)) found.set(id, since)
    }
  }
  return found
}

/** Where a link over real sockets goes to, for its tooltip; empty for one in virtual time. */
export function realText(link: LinkRow, clouds: CloudsState | null): string {
  if (link.carrier !== 'real') return ''
  if (!clouds) return 'in the run that is given again here'
  const at = (place: string) => clouds.servers.find(({ cloud }) => cloud === place)
  // Push REST is at both ends: it is asked by the servers, and asks the platforms.
  const server = at(link.b) ?? at(link.a)
  return server ? `${CLOUD_LABEL[server.cloud]} on ${clouds.address} port ${server.port}` : `clouds on ${clouds.address}`
}
