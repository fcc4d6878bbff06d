/** The queue depths of several nodes on one axis of time. Pure; virtual milliseconds. */
import type { DepthSample } from '../../../core/contract/index.ts'

export type DepthLine = { name: string; n: number; samples: readonly DepthSample[] }

export type LineLook = { token: string; dash: readonly number[] }

/** Never colour alone: each line has a dash of its own. */
const LINE_LOOKS: readonly LineLook[] = [
  { token: '--im', dash: [] },
  { token: '--accent', dash: [8, 4] },
  { token: '--local', dash: [2, 3] },
  { token: '--token', dash: [10, 3, 2, 3] },
]

export const lookOf = (index: number): LineLook => LINE_LOOKS[index % LINE_LOOKS.length] as LineLook

/** Columns for the plot: times, then one column a line, null where it has no sample. All lines reach to now. */
export function plotData(lines: readonly DepthLine[], now: number): (number | null)[][] {
  const times = new Set<number>()
  for (const { samples } of lines) for (const { at } of samples) if (at <= now) times.add(at)
  times.add(0)
  times.add(now)
  const at = [...times].toSorted((a, b) => a - b)
  const columns = lines.map(({ samples, n }) => {
    const known = new Map(samples.map((sample) => [sample.at, sample.n]))
    return at.map((time) => (time === now ? n : (known.get(time) ?? (time === 0 ? 0 : null))))
  })
  return [at, ...columns]
}
