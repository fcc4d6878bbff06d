/** How a number of waiting stanzas went up and down: a sample a second at most, coarser the longer it gets. */
export const DEPTH_SAMPLES = 240

const FINEST_MS = 1_000

export class DepthLog {
  private readonly samples: { at: number; n: number }[] = []
  private readonly keep: number
  private stepMs = FINEST_MS

  constructor(keep = DEPTH_SAMPLES) {
    this.keep = keep
  }

  note(at: number, n: number): void {
    const { samples } = this
    const last = samples.at(-1)
    if (last !== undefined && at - last.at < this.stepMs) {
      last.n = n
      return
    }
    samples.push({ at, n })
    if (samples.length <= this.keep) return
    this.stepMs *= 2
    let kept = 0
    for (let i = 0; i < samples.length; i += 2) samples[kept++] = samples[Math.min(i + 1, samples.length - 1)] as { at: number; n: number }
    samples.length = kept
  }

  all(): { at: number; n: number }[] {
    return this.samples.map(({ at, n }) => ({ at, n }))
  }
}
