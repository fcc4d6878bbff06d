// Which row of the feature table a Unified CM release uses, and what that row gives to a device.
// The printed table has gaps; DEC-11 says which row stands in for each. [REL-D1 to REL-D5, DEC-11]

import { known } from './chosen.ts'
import type { Part } from './chosen.ts'
import { OS_COLUMN_NAME, REL_D } from './matrix.ts'
import type { FeatureKey, FeatureRow, OsColumn } from './matrix.ts'
import { compareReleases } from './release.ts'
import type { Release } from './release.ts'

export interface RowChoice {
  /** null: older than the table, where only REL-A decides. */
  readonly row: FeatureRow | null
  /** Why a release that the table does not print uses this row; null when it is printed. */
  readonly gap: string | null
}

/** Row used by a Unified CM release. [DEC-11] */
export function featureRowOf(release: Release): RowChoice {
  const row = REL_D.findLast((candidate) => compareReleases(release, known('unifiedCm', candidate.from)) >= 0)
  if (!row) {
    return {
      row: null,
      gap: `The feature table begins at 11.5(1)SU4; for Unified CM ${release.name} only the support matrix decides.`,
    }
  }
  return isPrinted(row, release)
    ? { row, gap: null }
    : { row, gap: `The feature table has no row for Unified CM ${release.name}; row ${row.id} (${row.release}) stands in.` }
}

function isPrinted(row: FeatureRow, release: Release): boolean {
  const [, , maintenance = 0, su = 0] = release.rank
  switch (row.id) {
    case 'REL-D1':
      return release.train === '11.5'
    case 'REL-D2':
      return release.train === '11.5' && maintenance === 1 && su === 8
    case 'REL-D3':
      return release.train === '12.5'
    case 'REL-D4':
      return release.train === '12.5' && maintenance === 1 && su === 3
    case 'REL-D5':
      return release.train === '14' && maintenance === 1 && su === 3
  }
}

/** Columns that speak for a device, the deciding one first; empty when no column covers it. */
export function osColumnsOf(kind: 'ios' | 'android', os: Part): readonly OsColumn[] {
  const release = os.release
  if (release === null) return []
  const from = (text: string): boolean => compareReleases(release, known('os', text)) >= 0
  if (kind === 'android') return from('8.0') ? ['android'] : []
  if (from('16.5')) return ['ios165', 'ios13']
  if (from('13')) return ['ios13']
  return from('12') ? ['ios12'] : []
}

export interface Grant {
  readonly keys: ReadonlySet<FeatureKey>
  /** Cell that grants or, failing that, refuses a key. */
  cellOf(key: FeatureKey): string
  /** The printed cell says 'No support', yet the model runs on. [DEC-11] */
  readonly notSupported: boolean
}

const CARRIED_ON = 'REL-D4'

/**
 * What a row gives to a device. From iOS 16.5 on it is the union with the iOS 13 column; where row
 * REL-D5 says 'No support' for iOS 12 and iOS 13 the device runs as on REL-D4; two channels come
 * with every Caller ID. [DEC-11]
 */
export function grantOf(row: FeatureRow, columns: readonly OsColumn[]): Grant {
  const decider = new Map<FeatureKey, string>()
  const collect = (from: FeatureRow, label: string): void => {
    for (const column of columns) {
      for (const key of from.cells[column]) {
        if (!decider.has(key)) decider.set(key, `${label} ${OS_COLUMN_NAME[column]}`)
      }
    }
  }
  collect(row, row.id)
  const printedEmpty = decider.size === 0
  const isIos = columns.some((column) => column !== 'android')
  const notSupported = printedEmpty && isIos && row.id === 'REL-D5'
  if (notSupported) {
    const older = REL_D.find((candidate) => candidate.id === CARRIED_ON)
    if (older) collect(older, row.id)
  }
  const callerId = decider.get('CID')
  if (callerId !== undefined) {
    decider.delete('1CH')
    if (!decider.has('2CH')) decider.set('2CH', callerId)
  }
  const [first] = columns
  const fallback = `${row.id} ${first === undefined ? 'Mobile OS' : OS_COLUMN_NAME[first]}`
  return {
    keys: new Set(decider.keys()),
    cellOf: (key) => decider.get(key) ?? fallback,
    notSupported,
  }
}

/** First later release whose row gives the key to such a device; null when none does. */
export function releaseGranting(after: Release, keys: readonly FeatureKey[], columns: readonly OsColumn[]): string | null {
  const row = REL_D.find((candidate) => {
    if (compareReleases(known('unifiedCm', candidate.from), after) <= 0) return false
    const grant = grantOf(candidate, columns)
    return !grant.notSupported && keys.some((key) => grant.keys.has(key))
  })
  return row?.from ?? null
}
