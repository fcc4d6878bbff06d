/** What a person can do to a cloud that may be reached over real sockets. */
import type { CloudName, CloudsState, NodeRow } from '../../core/contract/index.ts'
import type { Action } from './action.ts'
import { CLOUDS, wayLabel } from './clouds.ts'

const isCloud = (id: string): id is CloudName => (CLOUDS as readonly string[]).includes(id)

/** Nothing for what is no cloud; while the sockets are closed the action stays in the list and says so. */
export function cloudActions(node: NodeRow, state: CloudsState | null): Action[] {
  if (!isCloud(node.id)) return []
  const cloud = node.id
  const real = state?.real ?? []
  const isReal = real.includes(cloud)
  const closed = state === null ? 'The real clouds are closed: open them in the Clouds tab.' : false
  const actions: Action[] = [
    {
      id: 'clouds.legs',
      label: `${wayLabel(cloud)}: ${isReal ? 'back to virtual' : 'over real sockets'}`,
      command: 'clouds.legs',
      args: { real: CLOUDS.filter((each) => (each === cloud ? !isReal : real.includes(each))) },
      destructive: false,
      disabled: closed,
      group: 'Real sockets',
    },
  ]
  const faulty = state?.servers.some((server) => server.cloud === cloud && server.faults.length > 0) === true
  if (faulty) {
    actions.push({
      id: 'clouds.mend',
      label: 'Mend its real socket',
      command: 'clouds.mend',
      args: { cloud },
      destructive: false,
      disabled: false,
      group: 'Real sockets',
    })
  }
  return actions
}
