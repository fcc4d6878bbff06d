/** Keys of a grid whose one stop in the tab order is the grid itself: which row is current is told by aria-activedescendant. */

export type Rows = {
  count: () => number
  /** Index of the current row; -1 for none, or `count` to come in from below. */
  at: () => number
  /** Rows that are in sight at once. */
  page: () => number
  /** `to` is a row that there is. */
  moveTo: (to: number) => void
  /** Enter or Space on the current row. */
  choose: () => void
}

/** Does what the key means to a list of rows; false when it means nothing, and then the event is left alone. */
export function rowKey(event: KeyboardEvent, rows: Rows): boolean {
  if (event.ctrlKey || event.metaKey || event.altKey) return false
  const count = rows.count()
  const to = (index: number): void => {
    if (count > 0) rows.moveTo(Math.min(count - 1, Math.max(0, index)))
  }
  switch (event.key) {
    case 'ArrowDown':
      to(rows.at() + 1)
      break
    case 'ArrowUp':
      to(rows.at() - 1)
      break
    case 'PageDown':
      to(rows.at() + rows.page())
      break
    case 'PageUp':
      to(rows.at() - rows.page())
      break
    case 'Home':
      to(0)
      break
    case 'End':
      to(count - 1)
      break
    case 'Enter':
    case ' ':
      rows.choose()
      break
    default:
      return false
  }
  event.preventDefault()
  event.stopPropagation()
  return true
}
