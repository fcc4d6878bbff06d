/** A second flow beside the one that is shown: both ladders, step by step, and in what they differ. */
import { type Ref, computed } from 'vue'
import type { Ladder } from '../../../core/contract/index.ts'
import { alignSteps, differences, sideBySide, summaryOf, wakesOf } from './compare.ts'

const compare = (a: Ladder, b: Ladder) => {
  const pairs = alignSteps(a, b)
  return {
    a,
    b,
    steps: sideBySide(pairs),
    summary: [wakesOf(a, b), summaryOf(a.flow, b.flow)].filter((part) => part !== '').join('; '),
    lines: differences(a, b, pairs),
  }
}
export type Comparison = ReturnType<typeof compare>

/** Null until both are read. */
export const useComparison = (a: Readonly<Ref<Ladder | null>>, b: Readonly<Ref<Ladder | null>>) =>
  computed<Comparison | null>(() => (a.value === null || b.value === null ? null : compare(a.value, b.value)))
