/** Text frames of the server, read by the library. */
import type { Writable } from 'node:stream'
import * as library from 'ws'
import { describe, expect, it } from 'vitest'
import { textFrame } from '../../../core/wire/lpns/textFrame.ts'

/** Exported by the library, and not by its types. */
const { Receiver } = library as unknown as { Receiver: new (o: { isServer: boolean }) => Writable }

function read(frame: Buffer): Promise<{ text: string; binary: boolean }> {
  return new Promise((resolve, reject) => {
    const receiver = new Receiver({ isServer: false })
    receiver.on('message', (data: Buffer, binary: boolean) => resolve({ text: data.toString(), binary }))
    receiver.on('error', reject)
    receiver.write(frame)
  })
}

describe('a text frame', () => {
  it.each([0, 1, 125, 126, 127, 255, 256, 65_535])('of %i bytes is one message of the library', async (length) => {
    const text = 'x'.repeat(length)
    expect(await read(textFrame(text))).toEqual({ text, binary: false })
  })

  it('counts bytes and not signs', async () => {
    for (const text of ['é'.repeat(62), 'é'.repeat(63), '電話'.repeat(21), '📞'.repeat(40)])
      expect((await read(textFrame(text))).text).toBe(text)
  })

  it('is refused beyond what its head can say', () => {
    expect(() => textFrame('x'.repeat(65_536))).toThrow('65536 bytes')
  })
})
