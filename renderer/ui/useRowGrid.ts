/**
 * A grid of rows of one height. The grid itself is its one stop in the tab order (see rowKeys.ts), and of many
 * thousands of rows only those in sight are in the document. RowGrid.vue draws it; rowGrid.css is its look.
 */
import { computed, ref } from 'vue'
import { useVirtualizer } from '@tanstack/vue-virtual'
import { rowKey } from './rowKeys.ts'
import './rowGrid.css'

export type RowKey = string | number

export type RowGridOptions = {
  rowPx: number
  count: () => number
  /** What stays with a row while others come and go. */
  keyAt: (index: number) => RowKey
  /** Index of the current row, as in `rowKey`. */
  at: () => number
  moveTo: (index: number) => void
  /** Enter or Space. */
  open: () => void
  /** Rows by which a page is shorter than the pane: the heads and, unless told, one row of the page before. */
  pageLessRows?: number
}

export function useRowGrid({ rowPx, count, keyAt, at, moveTo, open, pageLessRows = 2 }: RowGridOptions) {
  const scroller = ref<HTMLElement | null>(null)
  const virtualizer = useVirtualizer(
    computed(() => ({
      count: count(),
      getScrollElement: () => scroller.value,
      estimateSize: () => rowPx,
      overscan: 8,
      // As long as the pane has no size: before it is mounted, and in tests.
      initialRect: { width: 1_000, height: 400 },
      getItemKey: keyAt,
    })),
  )
  /** Scrolls no further than it must. */
  const reveal = (index: number): void => virtualizer.value.scrollToIndex(index, { align: 'auto' })
  return {
    scroller,
    reveal,
    /** Rows in sight and a few around them: their index, and where they stand in the body. */
    inSight: computed(() => virtualizer.value.getVirtualItems().map(({ index, start }) => ({ index, top: start }))),
    heightPx: computed(() => virtualizer.value.getTotalSize()),
    /** False when the key means nothing to a list of rows. */
    onKey: (event: KeyboardEvent): boolean =>
      rowKey(event, {
        count,
        at,
        page: () => Math.max(1, Math.floor((scroller.value?.clientHeight ?? 0) / rowPx) - pageLessRows),
        moveTo: (to) => {
          moveTo(to)
          reveal(to)
        },
        choose: open,
      }),
  }
}

/** What others may ask of a RowGrid. */
export type RowGridHandle = { reveal: (index: number) => void; focus: () => void }
