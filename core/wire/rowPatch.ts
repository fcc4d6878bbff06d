/** What is different in a row, so that a window of 15,000 devices gets kilobytes and not megabytes for each step of time. */
import type { RowPatch } from '../contract/batch.ts'
import type { DeviceRow, Row, SessionRow } from '../contract/rows.ts'

export type Patched = DeviceRow | SessionRow

export const isPatched = (row: Row): row is Patched => row.kind === 'device' || row.kind === 'session'

/** Null when nothing is different; the row itself when it lost a field, which a patch cannot say. */
export function difference(before: Patched, after: Patched): RowPatch | Patched | null {
  const fields: Record<string, unknown> = {}
  let different = false
  const [old, now] = [before as Record<string, unknown>, after as Record<string, unknown>]
  for (const name in now) {
    if (same(old[name], now[name])) continue
    if (now[name] === undefined) return after
    fields[name] = now[name]
    different = true
  }
  for (const name in old) if (!(name in now)) return after
  return different ? ({ kind: after.kind, id: after.id, fields } as RowPatch) : null
}

/** For what JSON can say. */
function same(a: unknown, b: unknown): boolean {
  if (a === b) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  if (Array.isArray(a)) return Array.isArray(b) && a.length === b.length && a.every((each, index) => same(each, b[index]))
  if (Array.isArray(b)) return false
  const [one, other] = [a as Record<string, unknown>, b as Record<string, unknown>]
  for (const name in one) if (!same(one[name], other[name])) return false
  for (const name in other) if (!(name in one)) return false
  return true
}
