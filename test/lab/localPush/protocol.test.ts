import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MAX_FRAME_BYTES, plainFrame, readClientFrame } from '../../../core/lpns/protocol.ts'

describe('[DEC-34] frames of a client', () => {
  it('read at a glance or in full, mean the same', () => {
    const frame = fc.oneof(
      fc.record({ v: fc.constant(1), type: fc.constant('keepalive'), seq: fc.integer({ min: 0, max: 2 ** 31 }) }),
      fc.record({ v: fc.constant(1), type: fc.constant('ack'), id: fc.stringMatching(/^[\w-]{1,80}$/) }),
    )
    let plain = 0
    fc.assert(
      fc.property(frame, (value) => {
        const text = JSON.stringify(value)
        const glance = plainFrame(text)
        if (glance !== null) plain++
        const spaced = readClientFrame(JSON.stringify(value, null, 1)) // no glance for this one
        expect(spaced).toEqual({ ok: true, frame: value })
        expect(readClientFrame(text)).toEqual(spaced)
        if (glance !== null) expect(glance).toEqual(value)
      }),
      { seed: 5 },
    )
    expect(plain).toBeGreaterThan(50)
  })

  it('are not taken at a glance when they are no JSON, or hold anything more', () => {
    for (const text of [
      '{"v":1,"type":"keepalive","seq":007}',
      '{"v":1,"type":"keepalive","seq":-1}',
      '{"v":1,"type":"keepalive","seq":1,"token":"t"}',
      '{"v":1,"type":"ack","id":""}',
      `{"v":1,"type":"ack","id":"${'a'.repeat(81)}"}`,
      ' {"v":1,"type":"keepalive","seq":1}',
    ]) {
      expect(plainFrame(text), text).toBeNull()
    }
    expect(readClientFrame('{"v":1,"type":"keepalive","seq":007}')).toEqual({ ok: false, problem: 'the frame is not JSON' })
  })

  it('are read up to 4,096 bytes', () => {
    const withText = (length: number): string => JSON.stringify({ v: 1, type: 'error', id: 'x', code: 500, text: 'y'.repeat(length) })
    expect(readClientFrame(withText(200)).ok).toBe(true)
    expect(readClientFrame(withText(201)).ok).toBe(false)
    expect(readClientFrame(' '.repeat(MAX_FRAME_BYTES))).toEqual({ ok: false, problem: 'the frame is not JSON' })
    expect(readClientFrame(' '.repeat(MAX_FRAME_BYTES + 1))).toEqual({ ok: false, problem: 'a frame has at most 4096 bytes' })
  })

  it.each([
    ['{"v":2,"type":"keepalive","seq":1}', '"v" is 1, the version of this protocol'],
    ['{"v":1,"type":"hello"}', '"type" is keepalive, ack or error'],
    ['{"v":1,"type":"keepalive"}', '"seq" is a whole number from 0 to 2147483648'],
    ['{"v":1,"type":"ack"}', '"id" is that of the push, of 1 to 80 characters'],
    ['{"v":1,"type":"keepalive","seq":1,"token":""}', '"token" is an access token of 1 to 2048 characters, or is left out'],
    ['{"v":1,"type":"error","id":"x","code":399}', '"code" is a whole number from 400 to 599'],
    [
      `{"v":1,"type":"error","id":"x","code":400,"text":"${'x'.repeat(201)}"}`,
      '"text" is a text of at most 200 characters, or is left out',
    ],
    ['{"v":1,"type":"ack","id":"x","extra":1}', 'a frame of this type has no field "extra"'],
    ['[]', 'a frame is one JSON object'],
    ['null', 'a frame is one JSON object'],
    ['{', 'the frame is not JSON'],
  ])('that are not understood are told what belongs there: %s', (text, problem) => {
    expect(readClientFrame(text)).toEqual({ ok: false, problem })
  })

  it('are told in a close frame, which has 123 bytes for it', () => {
    const read = readClientFrame(`{"v":1,"type":"ack","id":"x","${'k'.repeat(500)}":1}`)
    expect(read.ok ? '' : read.problem.length).toBeLessThanOrEqual(100)
  })
})
