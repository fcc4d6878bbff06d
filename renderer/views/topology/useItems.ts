/**
 * Everything on the drawing that can be selected, as one stop in the tab order: arrow keys go to the neighbour in that
 * direction, Home and End to the rims.
 */
import { computed, nextTick, type Ref, ref } from 'vue'
import { actionsFor } from '../../state/actions.ts'
import { useLab } from '../../state/lab.ts'
import { useSelection } from '../../state/selection.ts'
import { useContextMenu } from '../../ui/contextMenu.ts'
import { type Direction, nearestInDirection, type Rect } from './geometry.ts'
import { DEVICES } from './routes.ts'

type Kind = 'node' | 'link' | 'device'
export type Key = `${Kind}:${string}`
export type Item = [key: Key, place: Rect]

const ARROWS: Record<string, Direction> = { ArrowLeft: 'left', ArrowRight: 'right', ArrowUp: 'up', ArrowDown: 'down' }

export const split = (key: Key): { kind: Kind; id: string } => {
  const at = key.indexOf(':')
  return { kind: key.slice(0, at) as Kind, id: key.slice(at + 1) }
}

/** `reveal` brings a node into sight before it gets the focus. */
export function useItems(items: Readonly<Ref<readonly Item[]>>, root: Readonly<Ref<HTMLElement | null>>, reveal: (node: string) => void) {
  const lab = useLab()
  const selection = useSelection()
  const menu = useContextMenu()

  const wanted = ref<Key | null>(null)
  /** The one item in the tab order. */
  const current = computed<Key | null>(() => {
    const keys = items.value
    if (wanted.value && keys.some(([k]) => k === wanted.value)) return wanted.value
    return keys[0]?.[0] ?? null
  })
  const tabindexOf = (key: Key): number => (current.value === key ? 0 : -1)

  const select = (key: Key) => {
    wanted.value = key
    const { kind, id } = split(key)
    selection.select(kind, id)
  }
  const placeName = (id: string): string => (id === DEVICES ? 'devices' : lab.placeLabel(id))
  const labelOf = (key: Key): string => {
    const { kind, id } = split(key)
    if (kind !== 'link') return lab.placeLabel(id)
    const l = lab.links.get(id)
    return l ? `${placeName(l.a)} – ${placeName(l.b)}` : id
  }
  const openMenu = (key: Key, event: MouseEvent | KeyboardEvent) => {
    select(key)
    const { kind, id } = split(key)
    menu.open(event, actionsFor({ kind, id }), labelOf(key))
  }

  /** The ladder of what a node holds or a phone shows. */
  const flowOf = (key: Key): number => {
    const { kind, id } = split(key)
    if (kind === 'node') return lab.nodes.get(id)?.held[0]?.flow ?? 0
    if (kind !== 'device') return 0
    const screen = lab.devices.get(id)?.screen
    return screen?.call?.flow ?? screen?.banners.find((b) => b.flow > 0)?.flow ?? 0
  }
  const openLadder = (key: Key) => {
    const flow = flowOf(key)
    if (flow > 0) selection.openFlow(flow)
  }

  const focus = async (key: Key) => {
    wanted.value = key
    const { kind, id } = split(key)
    if (kind === 'node') {
      reveal(id)
    }
    await nextTick()
    const el = root.value?.querySelector<HTMLElement | SVGElement>(`[data-key="${CSS.escape(key)}"]`)
    el?.focus({ preventScroll: kind !== 'device' })
  }

  /** False when the key does not move the focus of `held`. */
  const onMoveKey = (event: KeyboardEvent, held: Key): boolean => {
    const direction = ARROWS[event.key]
    if (direction) {
      const from = items.value.find(([key]) => key === held)?.[1]
      const others = items.value.filter(([key]) => key !== held)
      const next = from && nearestInDirection(from, others, direction)
      if (next) void focus(next)
      return true
    }
    const rim = event.key === 'Home' ? items.value[0] : event.key === 'End' ? items.value.at(-1) : undefined
    if (rim) void focus(rim[0])
    return rim !== undefined
  }

  return { wanted, current, tabindexOf, placeName, select, openMenu, flowOf, openLadder, onMoveKey }
}
