// What the tables print: the text of one cell, and every release that they name. [REL-A1 to REL-D5]

import { COLUMN_NAME, COLUMNS, OS_COLUMN_NAME, REL_A, REL_C, REL_D } from './matrix.ts'
import type { CapabilityRow, Column, FeatureKey, OsColumn, SupportCell } from './matrix.ts'
import { compareReleases, readRelease } from './release.ts'
import type { Product, Release } from './release.ts'

const KEY_NAME: Readonly<Record<FeatureKey, string>> = {
  B: 'Basic Push Notification support',
  BC: 'Basic Cloud Push Notification support',
  '1CH': 'single push channel',
  '2CH': 'separate channels for calls and messages',
  CID: 'Caller ID in push',
  EXT: 'External Presentation Name and Number',
  NODE: 'registration node in push',
  LP: 'Local Push for calls',
}

/** What is printed in a cell such as 'REL-A3 Unified CM'; empty for a rule without a table. */
export function printOf(cell: string): string {
  const at = cell.indexOf(' ')
  if (at < 0) return ''
  const row = cell.slice(0, at)
  const name = cell.slice(at + 1)
  const column = COLUMNS.find((each) => COLUMN_NAME[each] === name)
  if (row in REL_A) {
    const cells: Readonly<Record<Column, string>> = REL_A[row as keyof typeof REL_A].cells
    return column === undefined ? '' : cells[column]
  }
  if (row in REL_C) {
    const { cells, remarks } = REL_C[row as keyof typeof REL_C]
    if (name === 'Remarks') return remarks
    if (column === undefined || column === 'os') return ''
    const found: SupportCell | null = cells[column]
    if (found === null) return ''
    return found.recommended === undefined ? found.minimum : `${found.minimum}, recommended ${found.recommended}`
  }
  const feature = REL_D.find(({ id }) => id === row)
  const os = (Object.keys(OS_COLUMN_NAME) as OsColumn[]).find((each) => OS_COLUMN_NAME[each] === name)
  if (!feature || !os) return ''
  const keys = feature.cells[os]
  return keys.length === 0 ? 'No support' : keys.map((key) => KEY_NAME[key]).join(', ')
}

/** Releases of a product that the tables name, oldest first, each once; those of an operating system by its own rows. */
export function namedReleases(product: Product, platform?: CapabilityRow['platform']): string[] {
  const texts: string[] = []
  for (const row of Object.values(REL_A)) if (platform === undefined || row.platform === platform) texts.push(row.cells[product])
  if (product !== 'os')
    for (const row of Object.values(REL_C)) {
      const cell: SupportCell | null = row.cells[product]
      if (cell !== null) texts.push(cell.minimum, cell.recommended ?? '')
    }
  if (product === 'unifiedCm') texts.push(...REL_D.map(({ from }) => from))
  const found = new Map<string, Release>()
  for (const text of texts.flatMap((each) => each.split(' and '))) {
    const read = readRelease(product, text)
    if (read.ok) found.set(read.value.name, read.value)
  }
  return [...found.values()].toSorted(compareReleases).map(({ name }) => name)
}
