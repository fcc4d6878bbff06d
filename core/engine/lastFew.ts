/** The last few things that came by, for has-it-been-here-before; holds nothing until there is one (15,000 phones have several). */
export class LastFew<T> {
  private readonly limit: number
  private kept: Set<T> | null = null
  /** In the order in which they came, written round: the first of a set that much was deleted from is far to seek. */
  private ring: T[] = []
  private next = 0

  constructor(limit: number) {
    this.limit = limit
  }

  has(one: T): boolean {
    return this.kept !== null && this.kept.has(one)
  }

  /** The oldest is forgotten for one above the limit. */
  add(one: T): void {
    this.kept ??= new Set()
    if (this.kept.has(one)) return
    this.kept.add(one)
    if (this.ring.length < this.limit) {
      this.ring.push(one)
      return
    }
    this.kept.delete(this.ring[this.next] as T)
    this.ring[this.next] = one
    this.next = (this.next + 1) % this.limit
  }
}
