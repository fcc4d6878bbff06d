/**
 * A WebSocket text frame as a server sends it (RFC 6455, 5.2): whole, without a mask, in one piece. The library writes
 * head and text apart, which a page to thousands of clients would wait for.
 */

const FIN_TEXT = 0x81
const LENGTH_IN_16_BITS = 126

/** `text` has at most 65,535 bytes in UTF-8: no frame of local push comes near. */
export function textFrame(text: string): Buffer {
  const length = Buffer.byteLength(text)
  if (length > 0xffff) throw new RangeError(`a frame of ${length} bytes: local push has none beyond 65535`)
  const head = length < LENGTH_IN_16_BITS ? 2 : 4
  const frame = Buffer.allocUnsafe(head + length)
  frame[0] = FIN_TEXT
  if (head === 2) frame[1] = length
  else {
    frame[1] = LENGTH_IN_16_BITS
    frame[2] = length >>> 8
    frame[3] = length & 255
  }
  frame.write(text, head)
  return frame
}
