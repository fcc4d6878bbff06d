/**
 * The question in a datagram, read by hand: what a stranger sends is not decoded further than its one question, and what is
 * refused goes back byte for byte as it came, so that no answer but a good one is longer than what was asked.
 */

/** Fixed part of every message (RFC 1035, 4.1.1). */
export const HEADER_BYTES = 12
const MAX_LABEL_BYTES = 63
const MAX_NAME_BYTES = 255
/** Type and class behind the name. */
const TAIL_BYTES = 4
const DOT = 0x2e

export const TYPE_A = 1
export const TYPE_AAAA = 28
export const CLASS_IN = 1

export type DnsQuestion = {
  /** In the letters of whoever asks; empty for a name that nobody can have, such as one with a dot within a label. */
  name: string
  type: number
  class: number
  /** Header and question, without whatever else was sent. */
  end: number
}

/** Null for what is no question. A name in a question is never compressed: there is nothing before it to point to. */
export function readQuestion(message: Buffer): DnsQuestion | null {
  const labels: string[] = []
  let odd = false
  let at = HEADER_BYTES
  for (;;) {
    const length = message[at++]
    if (length === undefined || length > MAX_LABEL_BYTES || at + length - HEADER_BYTES > MAX_NAME_BYTES) return null
    if (length === 0) break
    const label = message.subarray(at, (at += length))
    odd ||= label.includes(DOT)
    labels.push(label.toString('latin1'))
  }
  if (at + TAIL_BYTES > message.length) return null
  return { name: odd ? '' : labels.join('.'), type: message.readUInt16BE(at), class: message.readUInt16BE(at + 2), end: at + TAIL_BYTES }
}
