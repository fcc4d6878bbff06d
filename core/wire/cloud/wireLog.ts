/**
 * What went over the real sockets, the newest of it: a ring with bounds of number and size. Texts come here cut
 * (shown.ts); keys of TLS are kept beside, for a capture that somebody takes meanwhile.
 */
import type { CloudName, WireExchange } from '../../contract/clouds.ts'

export const MAX_EXCHANGES = 5_000
export const MAX_LOG_BYTES = 16 * 1_024 * 1_024
export const MAX_KEYLOG_BYTES = 4 * 1_024 * 1_024

export type NewExchange = Omit<WireExchange, 'number'>

export type LogQuery = {
  cloud?: CloudName | undefined
  connection?: number | undefined
  tracking?: string | undefined
  flow?: number | undefined
  before?: number | undefined
  limit: number
}

/** Oldest first; what is taken off the front is freed from time to time. */
class Ring<T extends { bytes: number }> {
  items: T[] = []
  private first = 0
  private bytes = 0

  push(item: T, maxItems: number, maxBytes: number): void {
    this.items.push(item)
    this.bytes += item.bytes
    while (this.items.length - this.first > 1 && (this.items.length - this.first > maxItems || this.bytes > maxBytes))
      this.bytes -= (this.items[this.first++] as T).bytes
    if (this.first <= maxItems && this.first * 2 <= this.items.length) return
    this.items = this.items.slice(this.first)
    this.first = 0
  }

  get size(): number {
    return this.items.length - this.first
  }

  /** From the newest to the oldest. */
  *newestFirst(): Generator<T> {
    for (let i = this.items.length - 1; i >= this.first; i--) yield this.items[i] as T
  }

  clear(): void {
    this.items = []
    this.first = 0
    this.bytes = 0
  }
}

export class WireLog {
  private readonly exchanges = new Ring<{ exchange: WireExchange; bytes: number }>()
  private readonly keys = new Ring<{ line: string; bytes: number }>()
  private numbers = 0

  add(made: NewExchange): WireExchange {
    const exchange = { number: ++this.numbers, ...made }
    this.exchanges.push({ exchange, bytes: sizeOf(exchange) }, MAX_EXCHANGES, MAX_LOG_BYTES)
    return exchange
  }

  key(line: string): void {
    this.keys.push({ line: line.endsWith('\n') ? line : `${line}\n`, bytes: line.length }, Infinity, MAX_KEYLOG_BYTES)
  }

  get size(): { exchanges: number; keys: number } {
    return { exchanges: this.exchanges.size, keys: this.keys.size }
  }

  /** Newest first. `flowOf`: the flow of a tracking ID, for entries that came before their flow was known. */
  query(asked: LogQuery, flowOf: (tracking: string) => number | null): { exchanges: WireExchange[]; more: boolean } {
    const found: WireExchange[] = []
    for (const { exchange } of this.exchanges.newestFirst()) {
      if (asked.before !== undefined && exchange.number >= asked.before) continue
      if (asked.cloud !== undefined && exchange.cloud !== asked.cloud) continue
      if (asked.connection !== undefined && numberOf(exchange.connection) !== asked.connection) continue
      if (asked.tracking !== undefined && exchange.tracking !== asked.tracking) continue
      exchange.flow ??= exchange.tracking === null ? null : flowOf(exchange.tracking)
      if (asked.flow !== undefined && exchange.flow !== asked.flow) continue
      if (found.length === asked.limit) return { exchanges: found, more: true }
      found.push(exchange)
    }
    return { exchanges: found, more: false }
  }

  /** In the form of NSS, as Wireshark reads it. */
  keylog(): string {
    return [...this.keys.newestFirst()]
      .toReversed()
      .map(({ line }) => line)
      .join('')
  }

  clear(): void {
    this.exchanges.clear()
    this.keys.clear()
  }
}

/** `apns 12` is asked for as 12. */
const numberOf = (connection: string): number => Number(/(\d+)$/.exec(connection)?.[1] ?? NaN)

function sizeOf({ request, response }: WireExchange): number {
  const headers = (list: readonly (readonly [string, string])[]): number =>
    list.reduce((sum, [name, value]) => sum + name.length + value.length + 32, 0)
  const answer = response === null ? 0 : response.body.length + headers(response.headers)
  return 2 * (request.path.length + request.body.length + headers(request.headers) + answer) + 500
}
