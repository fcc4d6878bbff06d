/** Which device a key or the Call button means, and the action for it. */
import type { DeviceRow } from '../../core/contract/index.ts'
import { type Action, actionsFor } from './actions.ts'
import { useLab } from './lab.ts'
import { useSelection } from './selection.ts'

const isMobile = (device: DeviceRow): boolean => device.client !== 'deskphone' && device.os !== 'desktop'

/** The device that the selection is about: itself, or the far end of the selected call, push or arrow. */
export const deviceInFocus = (): DeviceRow | null => {
  const lab = useLab()
  const { current } = useSelection()
  if (!current) return null
  const ofFlow = (flow: number): DeviceRow | null => {
    const row = lab.flows.get(String(flow))
    if (!row) return null
    const known = lab.devices.get(row.to)
    if (known) return known
    for (const device of lab.devices.values()) if (device.lines.includes(row.to)) return device
    return null
  }
  switch (current.kind) {
    case 'device':
      return lab.devices.get(current.id) ?? null
    case 'flow':
      return ofFlow(Number(current.id))
    case 'push':
      return lab.devices.get(lab.pushes.get(current.id)?.device ?? '') ?? null
    case 'event': {
      const seq = Number(current.id)
      const event = lab.events.find((candidate) => candidate.seq === seq)
      return event ? ofFlow(event.flow) : null
    }
    case 'node':
    case 'link':
    case 'fault':
    case 'alarm':
      return null
  }
}

const firstDevice = (wanted: (device: DeviceRow) => boolean): DeviceRow | null => {
  for (const device of useLab().devices.values()) if (wanted(device)) return device
  return null
}

/** The device that Call rings: the one in focus, else the first mobile one. */
export const callTarget = (): DeviceRow | null => {
  const focused = deviceInFocus()
  if (focused && focused.lines.length > 0) return focused
  return firstDevice((device) => isMobile(device) && device.lines.length > 0) ?? firstDevice((device) => device.lines.length > 0)
}

/** Why nobody can be called. A large lab arrives in parts. */
export const noCall = (): string => {
  const { lab, devices } = useLab()
  if (!lab) return 'Open a lab first.'
  return lab.devices > devices.size ? 'The phones of this lab are still being read.' : 'No device of this lab has a line to call.'
}

export type Shortcut = 'call.place' | 'device.answer' | 'device.decline' | 'device.tap'

/** The action behind C, A, D and T, or why there is none right now. */
export const shortcutAction = (command: Shortcut): Action | string => {
  const find = (device: DeviceRow | null): Action | undefined =>
    device ? actionsFor({ kind: 'device', id: device.id }).find((action) => action.command === command) : undefined
  if (command === 'call.place') return find(callTarget()) ?? noCall()
  const focused = find(deviceInFocus())
  if (focused && focused.disabled === false) return focused
  const other =
    command === 'device.tap'
      ? firstDevice((device) => device.screen.banners.length > 0)
      : firstDevice((device) => (command === 'device.answer' ? device.screen.call?.canAnswer : device.screen.call?.canDecline) === true)
  return (
    find(other) ?? focused ?? (command === 'device.tap' ? 'No phone shows a notification right now.' : 'No phone is ringing right now.')
  )
}
