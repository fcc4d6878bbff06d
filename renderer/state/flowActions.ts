/** What a person can do with a call or message, and with one arrow of it. */
import type { FlowRow, HopEvent } from '../../core/contract/index.ts'
import type { Action } from './action.ts'

/** States in which the caller still holds the line. */
const OPEN = new Set<FlowRow['state']>(['in progress', 'ringing', 'answered', 'waiting for tap'])

/** Seek to just before `at`, then drop the later commands. */
const forkBefore = (at: number, label: string): Action => ({
  id: `time.fork.${at}`,
  label,
  command: 'time.fork',
  args: {},
  first: [{ command: 'time.seek', args: { at: Math.max(0, at - 1) } }],
  destructive: true,
  disabled: false,
  group: 'Time',
})

const seek = (at: number, label: string): Action => ({
  id: `time.seek.${at}`,
  label,
  command: 'time.seek',
  args: { at },
  destructive: false,
  disabled: false,
  group: 'Time',
})

export const flowActions = (flow: FlowRow): Action[] => {
  const args = { flow: flow.flow }
  const view = { args, destructive: false, disabled: false as const }
  const actions: Action[] = [{ ...view, id: 'flow.ladder', label: 'Open the ladder', command: 'flow.ladder', group: 'View' }]
  if (flow.type === 'call') {
    actions.push({
      id: 'call.hangUp',
      label: 'Caller hangs up',
      command: 'call.hangUp',
      args,
      destructive: false,
      disabled: OPEN.has(flow.state) ? false : `The call is over: ${flow.state}.`,
      group: 'View',
    })
  }
  const formats = [
    ['text', 'Export as text'],
    ['svg', 'Export as SVG'],
    ['json', 'Export as JSON'],
  ] as const
  for (const [format, label] of formats) {
    actions.push({
      ...view,
      id: `flow.export.${format}`,
      label,
      command: 'flow.export',
      args: { flow: flow.flow, format },
      group: 'Export',
    })
  }
  actions.push(seek(flow.startedAt, 'Go to where it starts'), forkBefore(flow.startedAt, 'Fork before it'))
  return actions
}

export const eventActions = (event: HopEvent): Action[] => {
  const actions: Action[] = []
  if (event.flow > 0) {
    actions.push({
      id: 'flow.ladder',
      label: `Open the ladder of #${event.flow}`,
      command: 'flow.ladder',
      args: { flow: event.flow },
      destructive: false,
      disabled: false,
      group: 'View',
    })
  }
  actions.push(seek(event.at, 'Go to this moment'), forkBefore(event.sentAt, 'Fork before this arrow'))
  return actions
}
