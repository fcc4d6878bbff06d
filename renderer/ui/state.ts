/** From the many states of rows to the four marks, and the word that stands beside them. */
import type { DeviceRow, FlowState, HopStatus, NodeRow, PushState, ServiceState, Severity } from '../../core/contract/index.ts'

export type MarkState = 'up' | 'degraded' | 'down' | 'idle'
export type Mark = { state: MarkState; word: string }

export const nodeMark = (node: Pick<NodeRow, 'state' | 'health'>): Mark =>
  node.state === 'up' ? { state: node.health, word: node.health } : { state: 'down', word: node.state }

/** `CMAS stopped`: what of a node that is up does not run; empty when it is well, or down as a whole. */
export const notRunning = (node: Pick<NodeRow, 'state' | 'health' | 'services'>): string =>
  node.state !== 'up' || node.health === 'up'
    ? ''
    : node.services.flatMap(({ short, state }) => (state === 'running' ? [] : [`${short} ${state}`])).join(', ')

const SERVICE: Record<ServiceState, MarkState> = { running: 'up', starting: 'degraded', stopped: 'idle', failed: 'down' }
export const serviceMark = (state: ServiceState): Mark => ({ state: SERVICE[state], word: state })

const DEVICE: Record<DeviceRow['state'], MarkState> = {
  idle: 'up',
  waking: 'degraded',
  ringing: 'up',
  'in call': 'up',
  unreachable: 'down',
  'signed out': 'idle',
  suspended: 'idle',
}
export const deviceMark = (state: DeviceRow['state']): Mark => ({ state: DEVICE[state], word: state === 'idle' ? 'ready' : state })

const HOP: Record<HopStatus, MarkState> = { ok: 'up', info: 'idle', wait: 'idle', warn: 'degraded', fail: 'down', lost: 'down' }
export const hopMark = (status: HopStatus): Mark => ({ state: HOP[status], word: status })

const FLOW: Record<FlowState, MarkState> = {
  'in progress': 'idle',
  ringing: 'up',
  answered: 'up',
  ended: 'up',
  missed: 'degraded',
  dropped: 'down',
  declined: 'up',
  diverted: 'degraded',
  failed: 'down',
  delivered: 'up',
  'waiting for tap': 'idle',
  done: 'up',
}
export const flowMark = (state: FlowState): Mark => ({ state: FLOW[state], word: state })

const PUSH: Record<PushState, MarkState> = {
  created: 'idle',
  sent: 'idle',
  // Accepted by the cloud is not delivered: it stays a ring (DEC-33).
  accepted: 'idle',
  delivered: 'up',
  shown: 'up',
  used: 'up',
  failed: 'down',
  expired: 'degraded',
  superseded: 'idle',
}
export const pushMark = (state: PushState): Mark => ({ state: PUSH[state], word: state === 'accepted' ? 'accepted by the cloud' : state })

const SEVERITY: Record<Severity, MarkState> = {
  Alert: 'down',
  Critical: 'down',
  Error: 'down',
  Warning: 'degraded',
  Notice: 'idle',
  Information: 'idle',
}
export const severityMark = (severity: Severity): Mark => ({ state: SEVERITY[severity], word: severity })
