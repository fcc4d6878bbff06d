/** What lies under a point of the axis, and in words. Pure; pixels of the axis, virtual milliseconds. */
import { formatDuration, formatTime } from '../../ui/format.ts'
import { AXIS_FROM_BOTTOM, barBox, MARK_Y, type Scene } from './draw.ts'
import { type Bin, type FlowBar, timeAt, xOf } from './scale.ts'

/** A bar may be a pixel wide: so much beside it still is it. */
const BESIDE_BAR_PX = 2
const BESIDE_MARK_PX = 6
const UNDER_MARK_PX = 10
const BESIDE_DUE_PX = 5

export const MARK_WORD = { command: 'command', fault: 'fault', alarm: 'alarm', call: 'call' } as const

export const onRuler = (y: number, scene: Pick<Scene, 'height'>): boolean => y >= scene.height - AXIS_FROM_BOTTOM

export const barAt = (x: number, y: number, { bars }: Pick<Scene, 'bars'>): FlowBar | undefined =>
  bars.find((bar) => {
    const box = barBox(bar)
    return x >= box.x - BESIDE_BAR_PX && x <= box.x + box.width + BESIDE_BAR_PX && y >= box.y && y <= box.y + box.height
  })
export const binAt = (x: number, y: number, { bins }: Pick<Scene, 'bins'>): Bin | undefined =>
  y > MARK_Y + UNDER_MARK_PX ? undefined : bins.find((bin) => Math.abs(bin.x - x) < BESIDE_MARK_PX)

const barText = ({ flow }: FlowBar): string =>
  `#${flow.flow} ${flow.title}: ${flow.state}, ${formatTime(flow.startedAt)}${flow.endedAt === null ? '' : ` to ${formatTime(flow.endedAt)}`}`
const binText = (bin: Bin): string => {
  if (bin.count === 1) return `${formatTime(bin.at)} ${MARK_WORD[bin.kind]}: ${bin.text}`
  const more = bin.count > bin.texts.length ? `, and ${bin.count - bin.texts.length} more` : ''
  return `${formatTime(bin.at)}: ${bin.texts.join(' · ')}${more}`
}

/** The number of the flow that a click here opens; 0 for none. */
export const flowAt = (x: number, y: number, scene: Scene): number => barAt(x, y, scene)?.flow.flow ?? binAt(x, y, scene)?.flow ?? 0

/** Null where there is nothing to be said. */
export function textAt(x: number, y: number, scene: Scene): string | null {
  const bar = barAt(x, y, scene)
  if (bar) return barText(bar)
  const bin = binAt(x, y, scene)
  if (bin) return binText(bin)
  const due = scene.dues.find((candidate) => Math.abs(xOf(candidate.at, scene.span, scene.width) - x) < BESIDE_DUE_PX)
  if (due) return `#${due.flow} ${due.text}: due ${formatTime(due.at)}, in ${formatDuration(due.at - scene.now)}`
  return onRuler(y, scene) ? formatTime(Math.max(0, timeAt(x, scene.span, scene.width))) : null
}
