/** The map moved and magnified by wheel, drag and button; fitted until somebody does. */
import { computed, type Ref, shallowRef, watch } from 'vue'
import type { Point, Rect } from './geometry.ts'
import { bringIntoSight, clampView, fitted, type ViewBox, zoomAt } from './panZoom.ts'

type Size = { width: number; height: number }
const WHEEL_STEP = 1.0015
/** A hand that trembles does not drag. */
const DRAG_MIN_PX = 4

/** `onClick`: the ground was clicked and not dragged. */
export function usePanZoom(drawing: Readonly<Ref<Size & { scale: number }>>, stage: Readonly<Ref<Size>>, onClick: () => void) {
  /** Null while everything is fitted. */
  const moved = shallowRef<ViewBox | null>(null)
  const view = computed(() => moved.value ?? fitted(drawing.value, stage.value))
  const fit = (): void => {
    moved.value = null
  }
  watch(drawing, fit)
  const move = (next: ViewBox): void => {
    moved.value = clampView(next, drawing.value, stage.value)
  }
  const zoom = (factor: number, at: Point = { x: stage.value.width / 2, y: stage.value.height / 2 }): void =>
    move(zoomAt(view.value, factor, at.x, at.y))
  const toView = (p: Point): Point => ({ x: view.value.x + p.x * view.value.k, y: view.value.y + p.y * view.value.k })
  const reveal = (rect: Rect): void => {
    const next = bringIntoSight(view.value, rect, stage.value)
    if (next !== view.value) moved.value = next
  }

  const drag = shallowRef<{ x: number; y: number; from: ViewBox } | null>(null)
  /** Further than a hand trembles. */
  const dragging = shallowRef(false)
  const end = (): void => {
    drag.value = null
    dragging.value = false
  }
  const on = {
    wheel: (event: WheelEvent): void => {
      event.preventDefault()
      const box = (event.currentTarget as Element).getBoundingClientRect()
      zoom(WHEEL_STEP ** -event.deltaY, { x: event.clientX - box.left, y: event.clientY - box.top })
    },
    pointerdown: (event: PointerEvent): void => {
      if (event.button !== 0 || (event.target as Element).closest('[data-key], .zoom')) return
      drag.value = { x: event.clientX, y: event.clientY, from: view.value }
      ;(event.currentTarget as Element).setPointerCapture?.(event.pointerId)
    },
    pointermove: (event: PointerEvent): void => {
      if (!drag.value) return
      const { x, y, from } = drag.value
      const [dx, dy] = [event.clientX - x, event.clientY - y]
      if (!dragging.value && Math.hypot(dx, dy) < DRAG_MIN_PX) return
      dragging.value = true
      move({ k: from.k, x: from.x + dx, y: from.y + dy })
    },
    pointerup: (): void => {
      if (drag.value && !dragging.value) onClick()
      end()
    },
    pointercancel: end,
  }
  return { view, moved: computed(() => moved.value !== null), fit, zoom, toView, reveal, dragging, on }
}
