/**
 * Long work in steps: whoever must not be held up lets others go on between two of them; everybody else has it done at once. What
 * is looked at may have moved on in between.
 */
export type Steps<T> = Generator<void, T>

export function atOnce<T>(steps: Steps<T>): T {
  for (;;) {
    const step = steps.next()
    if (step.done === true) return step.value
  }
}
