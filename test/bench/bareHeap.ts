/**
 * The peer for the engine benchmark: the event loop as a textbook has it. An array as a binary heap of
 * `{at, seq, fn}`, take the least, run it. No ranks, no cancelling, no labels, no limits.
 */
type Item = { at: number; seq: number; fn: () => void }

export class BareHeap {
  private readonly items: Item[] = []
  private seq = 0
  now = 0

  push(delayMs: number, fn: () => void): void {
    const { items } = this
    const item: Item = { at: this.now + delayMs, seq: this.seq++, fn }
    let i = items.length
    items.push(item)
    while (i > 0) {
      const up = (i - 1) >> 1
      const parent = items[up]!
      if (parent.at < item.at || (parent.at === item.at && parent.seq < item.seq)) break
      items[i] = parent
      i = up
    }
    items[i] = item
  }

  step(): boolean {
    const { items } = this
    const top = items[0]
    if (top === undefined) return false
    const last = items.pop()!
    if (items.length > 0) {
      let i = 0
      for (;;) {
        let child = 2 * i + 1
        if (child >= items.length) break
        const right = items[child + 1]
        let least = items[child]!
        if (right !== undefined && (right.at < least.at || (right.at === least.at && right.seq < least.seq))) {
          least = right
          child += 1
        }
        if (last.at < least.at || (last.at === least.at && last.seq < least.seq)) break
        items[i] = least
        i = child
      }
      items[i] = last
    }
    this.now = top.at
    top.fn()
    return true
  }
}
