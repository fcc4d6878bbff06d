/** What the user of a phone does on its screen. */
import type { DeviceRow } from '../../../core/contract/index.ts'
import { run } from '../../state/actions.ts'

type Act =
  | { command: 'device.answer' | 'device.decline' | 'device.hangUp'; label: string }
  | { command: 'device.tap'; label: string; banner: number }

export const actOn = (device: Pick<DeviceRow, 'id' | 'label'>, { command, label, ...more }: Act) =>
  run({
    id: `${command} ${device.id}`,
    label: `${label} on ${device.label}`,
    command,
    args: { device: device.id, ...more },
    destructive: false,
    disabled: false,
    group: 'Phone',
  })
