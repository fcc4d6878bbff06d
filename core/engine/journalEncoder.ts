/**
 * The journal as bytes: the same text as `eventLine`, written straight into a buffer. A busy run writes
 * hundreds of thousands of lines a second; as strings they would be most of its garbage.
 */
import type { HopEvent } from '../contract/event.ts'

const CHUNK_BYTES = 64 * 1024

/** Room that one line may need at most before the chunk is handed on early. */
const LINE_BYTES = 16 * 1024

const ascii = (text: string): Uint8Array => Uint8Array.from(text, (char) => char.charCodeAt(0))

const SEQ = ascii('{"seq":')
const AT = ascii(',"at":')
const SENT_AT = ascii(',"sentAt":')
const FLOW = ascii(',"flow":')
const FROM = ascii(',"from":')
const TO = ascii(',"to":')
const CARRIER = ascii(',"carrier":')
const MESSAGE = ascii(',"message":')
const OUTCOME = ascii(',"outcome":')
const STATUS = ascii(',"status":')
const WHY = ascii(',"why":')
const TRACKING = ascii(',"tracking":')

const QUOTE = 34
const BACKSLASH = 92
const NEWLINE = 10
const BRACE = 125
const ZERO = 48

export class JournalEncoder {
  private buffer = new Uint8Array(CHUNK_BYTES + LINE_BYTES)
  private length = 0
  private readonly out: (chunk: Uint8Array) => void

  /** `out` gets each chunk once; it is only valid until `out` returns. */
  constructor(out: (chunk: Uint8Array) => void) {
    this.out = out
  }

  event(e: HopEvent): void {
    this.bytes(SEQ)
    this.whole(e.seq)
    this.bytes(AT)
    this.whole(e.at)
    this.bytes(SENT_AT)
    this.whole(e.sentAt)
    this.bytes(FLOW)
    this.whole(e.flow)
    this.bytes(FROM)
    this.quoted(e.from)
    this.bytes(TO)
    this.quoted(e.to)
    this.bytes(CARRIER)
    this.quoted(e.carrier)
    this.bytes(MESSAGE)
    this.quoted(e.message)
    this.bytes(OUTCOME)
    this.quoted(e.outcome)
    this.bytes(STATUS)
    this.quoted(e.status)
    this.bytes(WHY)
    this.quoted(e.why)
    if (e.tracking !== undefined) {
      this.bytes(TRACKING)
      this.quoted(e.tracking)
    }
    this.buffer[this.length++] = BRACE
    this.endLine()
  }

  /** A line that is already JSON. */
  line(json: string): void {
    this.text(json)
    this.endLine()
  }

  flush(): void {
    if (this.length === 0) return
    this.out(this.buffer.subarray(0, this.length))
    this.length = 0
  }

  private endLine(): void {
    this.buffer[this.length++] = NEWLINE
    if (this.length >= CHUNK_BYTES) this.flush()
  }

  private bytes(bytes: Uint8Array): void {
    const { buffer } = this
    let at = this.length
    for (let i = 0; i < bytes.length; i++) buffer[at++] = bytes[i] as number
    this.length = at
  }

  /** A whole number from 0 on, in decimal. */
  private whole(value: number): void {
    let digits = 1
    for (let limit = 10; value >= limit; limit *= 10) digits++
    let rest = value
    let at = this.length + digits
    this.length = at
    for (let i = 0; i < digits; i++) {
      const next = Math.floor(rest / 10)
      this.buffer[--at] = ZERO + (rest - next * 10)
      rest = next
    }
  }

  /** JSON text of a string; nearly all of them are plain ASCII and only need quotes. */
  private quoted(value: string): void {
    const start = this.length
    this.room(value.length + 2)
    const { buffer } = this
    let at = this.length
    buffer[at++] = QUOTE
    for (let i = 0; i < value.length; i++) {
      const code = value.charCodeAt(i)
      if (code < 32 || code > 126 || code === QUOTE || code === BACKSLASH) {
        this.length = start
        this.text(JSON.stringify(value))
        return
      }
      buffer[at++] = code
    }
    buffer[at++] = QUOTE
    this.length = at
  }

  /** Any text, as UTF-8. */
  private text(value: string): void {
    this.room(value.length * 3)
    const { buffer } = this
    let at = this.length
    for (const char of value) {
      const code = char.codePointAt(0) as number
      if (code < 0x80) buffer[at++] = code
      else if (code < 0x800) {
        buffer[at++] = 0xc0 | (code >> 6)
        buffer[at++] = 0x80 | (code & 63)
      } else if (code < 0x10000) {
        buffer[at++] = 0xe0 | (code >> 12)
        buffer[at++] = 0x80 | ((code >> 6) & 63)
        buffer[at++] = 0x80 | (code & 63)
      } else {
        buffer[at++] = 0xf0 | (code >> 18)
        buffer[at++] = 0x80 | ((code >> 12) & 63)
        buffer[at++] = 0x80 | ((code >> 6) & 63)
        buffer[at++] = 0x80 | (code & 63)
      }
    }
    this.length = at
  }

  /** Makes room for `bytes` more; the numbers and names of one line fit into what always stays free. */
  private room(bytes: number): void {
    if (this.length + bytes + 512 <= this.buffer.length) return
    const larger = new Uint8Array(this.buffer.length + bytes + LINE_BYTES)
    larger.set(this.buffer)
    this.buffer = larger
  }
}
