/** The last few things that came by, for has-it-been-here-before; holds nothing until there is one (15,000 phones have several). */
export class LastFew<T> {
  private readonly limit: number
  private kept: Set<T> | null = null

  constructor(limit: number) {
    this.limit = limit
  }

  has(one: T): boolean {
    return this.kept?.has(one) ?? false
  }

  /** The oldest is forgotten for one above the limit. */
  add(one: T): void {
    this.kept ??= new Set()
    this.kept.add(one)
    if (this.kept.size <= this.limit) return
    const [oldest] = this.kept
    this.kept.delete(oldest as T)
  }
}
