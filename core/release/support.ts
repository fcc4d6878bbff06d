// Whether the chosen releases are supported for basic push on the device's system. [REL-C1 to REL-C4]
// A combination may work without being supported; gate.ts turns that into a warning. [DEC-10]

import { minimumOf, obstacleAt } from './capability.ts'
import type { Upgrade } from './capability.ts'
import { reaches } from './chosen.ts'
import type { Chosen, Part, Parts } from './chosen.ts'
import { COLUMN_NAME, REL_C } from './matrix.ts'
import type { SupportCell, SupportRow } from './matrix.ts'
import { meetsMinimum, nearestUpgrade } from './release.ts'

export interface Support {
  readonly row: SupportRow['id']
  /** The OS entry of the row, e.g. 'iOS13 and above (APNS)'. */
  readonly os: string
  /** Every component reaches the minimum of its cell. */
  readonly meetsMinimum: boolean
  /** Meets the minimum and the row itself is not withdrawn. */
  readonly supported: boolean
  /** The deciding cell. */
  readonly cell: string
  readonly reason: string
  /** To reach the minimum, or, where that is met, the recommended release. */
  readonly upgrades: readonly Upgrade[]
}

/** The rows that speak of the device; empty for a desktop and for systems older than every row. */
export function supportOf(chosen: Chosen, parts: Parts): Support[] {
  return rowsFor(chosen, parts).map((row) => supportBy(row, chosen, parts))
}

function rowsFor(chosen: Chosen, parts: Parts): SupportRow[] {
  switch (chosen.os.kind) {
    case 'desktop':
      return []
    case 'android':
      return reaches(parts.os, '8.0') ? [REL_C['REL-C4']] : []
    case 'ios':
      if (reaches(parts.os, '16.5')) {
        // LPNS never serves a client over MRA, so its row does not ask about one. [MRA-07]
        return chosen.mra ? [REL_C['REL-C3']] : [REL_C['REL-C1'], REL_C['REL-C3']]
      }
      if (reaches(parts.os, '13')) return [REL_C['REL-C3']]
      return reaches(parts.os, '12') ? [REL_C['REL-C2']] : []
  }
}

const SUPPORT_COLUMNS = ['unifiedCm', 'presence', 'jabber', 'webex', 'expressway'] as const

function partFor(column: (typeof SUPPORT_COLUMNS)[number], chosen: Chosen, parts: Parts): Part | null {
  switch (column) {
    case 'unifiedCm':
      return parts.unifiedCm
    case 'presence':
      return chosen.client.kind === 'webex' ? null : parts.presence
    case 'jabber':
    case 'webex':
      return chosen.client.kind === column ? parts.client : null
    case 'expressway':
      return chosen.mra ? parts.expressway : null
  }
}

function supportBy(row: SupportRow, chosen: Chosen, parts: Parts): Support {
  const obstacles = []
  const recommended: Upgrade[] = []
  for (const column of SUPPORT_COLUMNS) {
    const cell: SupportCell | null = row.cells[column]
    const part = partFor(column, chosen, parts)
    if (cell === null || part === null) continue
    const name = `${row.id} ${COLUMN_NAME[column]}`
    const obstacle = obstacleAt(name, chosen, part, cell.minimum, row.os)
    if (obstacle) obstacles.push(obstacle)
    else if (cell.recommended !== undefined && part.release !== null) {
      const advised = minimumOf(part.product, cell.recommended)
      const to = meetsMinimum(part.release, advised) ? null : nearestUpgrade(part.release, advised)
      if (to) recommended.push({ product: part.product, from: part.name, to: to.name })
    }
  }
  const [first] = obstacles
  const withdrawn = row.id === 'REL-C2'
  const base = { row: row.id, os: row.os, meetsMinimum: first === undefined }
  if (first) {
    const upgrades = obstacles.map((each) => each.upgrade).filter((each) => each !== null)
    return { ...base, supported: false, cell: first.cell, reason: first.reason, upgrades }
  }
  if (withdrawn) {
    const reason = 'The minimum is met, but push to iOS 12 is withdrawn by field notice FN70555.'
    return { ...base, supported: false, cell: `${row.id} Remarks`, reason, upgrades: recommended }
  }
  const reason = `Every component involved reaches its minimum for ${row.os}.`
  return { ...base, supported: true, cell: `${row.id} Unified CM`, reason, upgrades: recommended }
}
