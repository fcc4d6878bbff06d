/**
 * The newest of many things, by key. Beyond the limit the oldest finished one is forgotten; one that is
 * still going on gets another turn. (Deleting from the front of a Map and looking for its new front again
 * walks over all that was deleted before; the queue beside it does not.)
 */
const TURNS = 100

export class Recent<K, V> {
  private readonly map = new Map<K, V>()
  private queue: K[] = []
  private head = 0
  /** How many may still come before the next look. */
  private pause = 0
  private readonly limit: number
  private readonly finished: (value: V) => boolean
  private readonly forgotten: (key: K) => void

  constructor(limit: number, finished: (value: V) => boolean, forgotten: (key: K) => void) {
    this.limit = limit
    this.finished = finished
    this.forgotten = forgotten
  }

  get(key: K): V | undefined {
    return this.map.get(key)
  }

  values(): Iterable<V> {
    return this.map.values()
  }

  get size(): number {
    return this.map.size
  }

  add(key: K, value: V): void {
    this.map.set(key, value)
    this.queue.push(key)
    if (this.map.size > this.limit && --this.pause < 0) this.forget()
  }

  private forget(): void {
    for (let turn = 0; turn < TURNS && this.map.size > this.limit; turn++) {
      const key = this.queue[this.head++] as K
      const value = this.map.get(key) as V
      if (!this.finished(value)) this.queue.push(key)
      else {
        this.map.delete(key)
        this.forgotten(key)
      }
    }
    // Everything may be going on at once; then the limit gives way for a while, and nobody looks again at every turn.
    if (this.map.size > this.limit) this.pause = TURNS / 2
    if (this.head > this.limit) {
      this.queue = this.queue.slice(this.head)
      this.head = 0
    }
  }
}
