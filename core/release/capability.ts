// Holds the chosen releases against one row of the support matrix. [REL-A1 to REL-A6]

import { labelOf } from './chosen.ts'
import type { Chosen, Part, Parts } from './chosen.ts'
import { COLUMN_NAME, COLUMNS } from './matrix.ts'
import type { CapabilityRow, Column } from './matrix.ts'
import { meetsMinimum, nearestUpgrade, readMinimum } from './release.ts'
import type { Minimum, Product } from './release.ts'

/** One cell that forbids a feature. */
export interface Obstacle {
  /** e.g. 'REL-A3 Unified CM': row and column of the table. */
  readonly cell: string
  readonly reason: string
  /** What to upgrade, or null when no upgrade would help. */
  readonly upgrade: Upgrade | null
}

export interface Upgrade {
  readonly product: Product
  readonly from: string
  readonly to: string
}

const minima = new Map<string, Minimum>()

/** A minimum from our own tables; read once. A table entry that cannot be read throws. */
export function minimumOf(product: Product, text: string): Minimum {
  const key = `${product} ${text}`
  const cached = minima.get(key)
  if (cached) return cached
  const read = readMinimum(product, text)
  if (!read.ok) throw new Error(read.message)
  minima.set(key, read.value)
  return read.value
}

/** A minimum in a sentence: the tables join trains by 'and', yet a release needs only that of its own. */
export function eitherOf(text: string): string {
  return text.split(' and ').join(' or ')
}

/** null when the part reaches the minimum, else the cell that forbids and the upgrade that mends it. */
export function obstacleAt(cell: string, chosen: Chosen, part: Part, text: string, purpose: string): Obstacle | null {
  if (part.release === null) {
    return { cell, reason: part.problem ?? `${part.name} cannot be read.`, upgrade: null }
  }
  const minimum = minimumOf(part.product, text)
  if (meetsMinimum(part.release, minimum)) return null
  const target = nearestUpgrade(part.release, minimum)
  return {
    cell,
    reason: `${labelOf(part, chosen)} does not reach ${eitherOf(text)}, the minimum for ${purpose}.`,
    upgrade: target && { product: part.product, from: part.name, to: target.name },
  }
}

/** All cells of the row that forbid it, in the order of the columns; empty when it is permitted. */
export function obstaclesOf(row: CapabilityRow, chosen: Chosen, parts: Parts): Obstacle[] {
  const foreign = platformObstacle(row, chosen)
  if (foreign) return [foreign]
  return COLUMNS.map((column) => columnObstacle(row, column, chosen, parts)).filter((obstacle) => obstacle !== null)
}

function platformObstacle(row: CapabilityRow, chosen: Chosen): Obstacle | null {
  if (row.platform === chosen.os.kind) return null
  const needed = row.platform === 'ios' ? 'iOS' : 'Android'
  return {
    cell: `${row.id} ${COLUMN_NAME.os}`,
    reason: `${row.capability} exists on ${needed} only; this device runs ${osName(chosen)}.`,
    upgrade: null,
  }
}

export function osName(chosen: Chosen): string {
  switch (chosen.os.kind) {
    case 'ios':
      return 'iOS'
    case 'android':
      return 'Android'
    case 'desktop':
      return 'a desktop system'
  }
}

// Which columns concern the chosen set: Expressway only with MRA, IM and Presence only where it is
// deployed and the client uses it (a Webex App never does, MSG-07), and the column of one client.
function columnObstacle(row: CapabilityRow, column: Column, chosen: Chosen, parts: Parts): Obstacle | null {
  const text = row.cells[column]
  const cell = `${row.id} ${COLUMN_NAME[column]}`
  const check = (part: Part | null): Obstacle | null => {
    if (part === null || text === 'NA' || text === 'N/A') return null
    return obstacleAt(cell, chosen, part, text, row.capability)
  }
  switch (column) {
    case 'unifiedCm':
      return check(parts.unifiedCm)
    case 'presence':
      return chosen.client.kind === 'webex' ? null : check(parts.presence)
    case 'expressway':
      if (!chosen.mra) return null
      if (text === 'Not Supported') {
        return { cell, reason: `${row.capability} is not supported over MRA.`, upgrade: null }
      }
      if (parts.expressway === null) {
        return { cell, reason: 'The client uses MRA, but no Expressway is chosen.', upgrade: null }
      }
      return check(parts.expressway)
    case 'jabber':
      return chosen.client.kind === 'jabber' ? check(parts.client) : null
    case 'webex':
      if (chosen.client.kind !== 'webex') return null
      if (text === 'N/A') {
        return {
          cell,
          reason: 'Webex App messages come from the Webex cloud and never pass IM and Presence. [MSG-07]',
          upgrade: null,
        }
      }
      return check(parts.client)
    case 'os':
      return check(parts.os)
  }
}
