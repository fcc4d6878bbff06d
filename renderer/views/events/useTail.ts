/** The lower end of a list that grows: it stays in sight until somebody scrolls up, and what came meanwhile is counted. */
import { type Ref, computed, nextTick, onMounted, onScopeDispose, ref, watch } from 'vue'
import type { HopEvent } from '../../../core/contract/index.ts'
import { indexOfSeq } from './eventFilter.ts'

export type Line = { key: string | number; event: HopEvent; index: number; top: number }

type TailOptions = {
  rowPx: number
  rows: () => readonly HopEvent[]
  scroller: Ref<HTMLElement | null>
  /** Which rows are in sight where the list was scrolled to. */
  inSight: Ref<readonly { index: number; top: number }[]>
}

export function useTail({ rowPx, rows, scroller, inSight }: TailOptions) {
  const pinned = ref(true)
  /** Came since somebody scrolled up. */
  const unseen = ref(0)
  /** As many as the pane can show, and as are drawn before its height is known. */
  const tailRows = ref(40)
  /** Rows that left at the top since the list was made. */
  const left = ref(0)

  const lines = computed<Line[]>(() => {
    // At the tail the last rows are known without asking where the list was scrolled to a frame ago: at 60x it would be blank.
    if (pinned.value) {
      const from = Math.max(0, rows().length - tailRows.value)
      // What leaves the pane is written anew at its lower end: at 60x all that is in sight changes ten times a second.
      const key = (index: number): string => `tail-${(left.value + index) % tailRows.value}`
      return rows()
        .slice(from)
        .map((event, i) => ({ key: key(from + i), event, index: from + i, top: (from + i) * rowPx }))
    }
    return inSight.value.flatMap(({ index, top }) => {
      const event = rows()[index]
      return event === undefined ? [] : [{ key: event.seq, event, index, top }]
    })
  })

  const toTail = (): void => {
    pinned.value = true
    if (scroller.value) scroller.value.scrollTop = scroller.value.scrollHeight
  }
  const onScroll = (): void => {
    const box = scroller.value
    if (!box) return
    pinned.value = box.scrollHeight - box.scrollTop - box.clientHeight < rowPx
  }

  watch(rows, (next, before) => {
    const box = scroller.value
    const first = next[0]?.seq
    const gone = first === undefined || before.length === 0 ? 0 : indexOfSeq(before, first)
    left.value += gone
    if (pinned.value) {
      unseen.value = 0
      void nextTick(toTail)
      return
    }
    const last = before.at(-1)?.seq ?? -1
    unseen.value += next.length - indexOfSeq(next, last + 1)
    // Old events leave at the top: what is being read stays where it is.
    if (box && gone > 0 && gone < before.length) box.scrollTop -= gone * rowPx
  })
  watch(pinned, (now) => {
    if (now) unseen.value = 0
  })
  // The panel is opened or made taller: the tail is still the tail.
  let sizes: ResizeObserver | undefined
  onMounted(() => {
    if (!scroller.value) return
    sizes = new ResizeObserver(() => {
      tailRows.value = Math.ceil((scroller.value?.clientHeight ?? 0) / rowPx) + 1
      if (pinned.value) toTail()
    })
    sizes.observe(scroller.value)
  })
  onScopeDispose(() => sizes?.disconnect())

  return { lines, pinned, unseen, toTail, onScroll }
}
