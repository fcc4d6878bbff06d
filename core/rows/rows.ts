/** The rows that the window shows, whole, made from the state of the lab. */
import type { Row, RowKind } from '../contract/rows.ts'
import { findings } from '../cluster/findings.ts'
import { sessionRow } from '../lpns/rows.ts'
import { imNodeRow } from '../presence/rows.ts'
import type { World } from '../world.ts'
import { deviceRow } from './deviceRow.ts'
import { faultRow } from './faultRow.ts'
import { labRow } from './labRow.ts'
import { isDrawn, linkRow } from './linkRow.ts'
import { nodeIds, nodeRow } from './nodeRow.ts'

/** The row of this kind and ID as it is now, or null when the thing is gone. */
export function rowOf(world: World, kind: RowKind, id: string): Row | null {
  switch (kind) {
    case 'lab':
      return labRow(world)
    case 'node':
      return nodeRow(world, id)
    case 'imNode':
      return imNodeRow(world, id)
    case 'link': {
      const link = world.network.links.get(id)
      return link && isDrawn(id) ? linkRow(world, link) : null
    }
    case 'device': {
      const device = world.devices.get(id)
      return device ? deviceRow(world, device) : null
    }
    case 'session':
      return sessionRow(world, id)
    case 'flow': {
      const flow = world.flows.get(Number(id))
      return flow ? world.flows.row(flow) : null
    }
    case 'push': {
      const push = world.pushes.get(id)
      return push ? world.pushes.row(push) : null
    }
    case 'fault': {
      const fault = world.faults.get(id)
      return fault && !fault.hidden ? faultRow(fault) : null
    }
    case 'alarm': {
      const alarm = world.alarms.get(id)
      return alarm ? world.alarms.row(alarm) : null
    }
    case 'counter': {
      const counter = world.counters.get(id)
      return counter ? world.counters.row(counter) : null
    }
    case 'finding':
      return findings(world).find((finding) => finding.id === id) ?? null
  }
}

/** All rows of a kind. */
export function rowsOf(world: World, kind: RowKind): Row[] {
  const rows: Row[] = []
  const add = (id: string): void => {
    const row = rowOf(world, kind, id)
    if (row) rows.push(row)
  }
  switch (kind) {
    case 'lab':
      add('lab')
      break
    case 'node':
      for (const id of nodeIds(world)) add(id)
      break
    case 'imNode':
      for (const id of world.presence?.im.keys() ?? []) add(id)
      break
    case 'link':
      for (const id of world.network.links.keys()) if (isDrawn(id)) add(id)
      break
    case 'device':
      for (const id of world.devices.keys()) add(id)
      break
    case 'session':
      for (const id of world.devices.keys()) add(id)
      break
    case 'flow':
      for (const flow of world.flows.all()) rows.push(world.flows.row(flow))
      break
    case 'push':
      for (const push of world.pushes.all()) rows.push(world.pushes.row(push))
      break
    case 'fault':
      for (const fault of world.faults.all()) if (!fault.hidden) rows.push(faultRow(fault))
      break
    case 'alarm':
      for (const alarm of world.alarms.all()) rows.push(world.alarms.row(alarm))
      break
    case 'counter':
      for (const counter of world.counters.all()) rows.push(world.counters.row(counter))
      break
    case 'finding':
      return findings(world)
  }
  return rows
}
