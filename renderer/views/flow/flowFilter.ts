/** Which flows the list shows, and which one the view follows. */
import type { FlowRow, FlowState } from '../../../core/contract/index.ts'

export type FlowFilter = { text: string; state: 'all' | 'running' | 'bad' }

const BAD = new Set<FlowState>(['missed', 'dropped', 'failed', 'diverted'])
export const endedBadly = (flow: FlowRow): boolean => BAD.has(flow.state) || flow.cause !== ''

/** Newest first. The text is looked for in number, title, both ends, state and tracking IDs. */
export function filterFlows(flows: readonly FlowRow[], filter: FlowFilter): FlowRow[] {
  const words = filter.text
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '')
  return flows
    .filter((flow) => {
      if (filter.state === 'running' && flow.endedAt !== null) return false
      if (filter.state === 'bad' && !endedBadly(flow)) return false
      if (words.length === 0) return true
      const hay = `#${flow.flow} ${flow.title} ${flow.from} ${flow.to} ${flow.state} ${flow.type} ${flow.tracking.join(' ')}`.toLowerCase()
      return words.every((word) => hay.includes(word))
    })
    .toSorted((a, b) => b.flow - a.flow)
}

/** What a person would want to watch: the newest call or message, not the push that belongs to another flow. */
export function newestToFollow(flows: Iterable<FlowRow>): number {
  let newest = 0
  let anyKind = 0
  for (const flow of flows) {
    if (flow.flow > anyKind) anyKind = flow.flow
    if ((flow.type === 'call' || flow.type === 'message') && flow.linkedTo === null && flow.flow > newest) newest = flow.flow
  }
  return newest || anyKind
}

/** Flows that belong together: the one this is linked to, and those that link to this one. */
export function linkedFlows(flow: FlowRow, flows: Iterable<FlowRow>): FlowRow[] {
  const linked: FlowRow[] = []
  for (const other of flows) {
    if (other.flow !== flow.flow && (other.flow === flow.linkedTo || other.linkedTo === flow.flow)) linked.push(other)
  }
  return linked.toSorted((a, b) => a.flow - b.flow)
}
