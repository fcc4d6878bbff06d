/** Nodes and links as the layout needs them: rows change many times a second, the structure hardly ever, and only then is it another. */
import { computed } from 'vue'
import { useLab } from '../../state/lab.ts'
import type { LayoutNode } from './layout.ts'
import type { LinkEnds } from './routes.ts'

const sameList = <T>(a: readonly T[] | undefined, b: readonly T[], same: (x: T, y: T) => boolean): a is readonly T[] =>
  a !== undefined && a.length === b.length && a.every((x, i) => same(x, b[i] as T))

export function useStructure() {
  const lab = useLab()
  const layoutNodes = computed<readonly LayoutNode[]>((old) => {
    const next = [...lab.nodes.values()].map(({ id, family, role }) => ({ id, family, role }))
    return sameList(old, next, (x, y) => x.id === y.id && x.family === y.family && x.role === y.role) ? old : next
  })
  const linkEnds = computed<readonly LinkEnds[]>((old) => {
    const next = [...lab.links.values()].map(({ id, a, b }) => ({ id, a, b }))
    return sameList(old, next, (x, y) => x.id === y.id) ? old : next
  })
  return { layoutNodes, linkEnds }
}
