/** Which actions a thing has. One that makes no sense right now stays in the list and says why. */
import type { Action } from './action.ts'
import { cloudActions } from './cloudActions.ts'
import { deviceActions } from './deviceActions.ts'
import { eventActions, flowActions } from './flowActions.ts'
import { useLab } from './lab.ts'
import { faultActions, linkActions, nodeActions } from './placeActions.ts'
import { fallbackActions } from './presenceActions.ts'
import type { Selection } from './selection.ts'

/** While sockets are open, time goes its own way: what would move it stays in the list and says so. */
const inRealTime = (action: Action): Action => {
  const { pinned } = useLab()
  const refused = [action.command, ...(action.first ?? []).map((step) => step.command)].map((command) => pinned(command)).find(Boolean)
  return refused && action.disabled === false ? { ...action, disabled: refused } : action
}

/** Everything that may be done to the selected thing, in the order a person looks for it. */
export const actionsFor = (selection: Selection | null): Action[] => allActionsFor(selection).map(inRealTime)

const allActionsFor = (selection: Selection | null): Action[] => {
  if (!selection) return []
  const lab = useLab()
  switch (selection.kind) {
    case 'device': {
      const device = lab.devices.get(selection.id)
      return device ? deviceActions(device, [...lab.devices.values()]) : []
    }
    case 'node': {
      const node = lab.nodes.get(selection.id)
      if (!node) return []
      return [
        ...nodeActions(node, [...lab.faults.values()], [...lab.links.values()], lab.placeLabel),
        ...fallbackActions(node, lab.imNodes.get(node.id)),
        ...cloudActions(node, lab.clouds),
      ]
    }
    case 'link': {
      const link = lab.links.get(selection.id)
      return link ? linkActions(link, [...lab.faults.values()], lab.placeLabel) : []
    }
    case 'fault': {
      const fault = lab.faults.get(selection.id)
      return fault ? faultActions(fault) : []
    }
    case 'flow': {
      const flow = lab.flows.get(selection.id)
      return flow ? flowActions(flow) : []
    }
    case 'event': {
      const seq = Number(selection.id)
      const event = lab.events.find((candidate) => candidate.seq === seq)
      return event ? eventActions(event) : []
    }
    case 'push': {
      const push = lab.pushes.get(selection.id)
      const flow = push ? lab.flows.get(String(push.flow)) : undefined
      return flow ? flowActions(flow) : []
    }
    case 'alarm': {
      const cause = lab.alarms.get(selection.id)?.causeSeq
      const event = cause === undefined || cause === null ? undefined : lab.events.find((candidate) => candidate.seq === cause)
      return event ? eventActions(event) : []
    }
  }
}
