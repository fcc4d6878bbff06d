import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { HopEvent } from '../../core/contract/event.ts'
import { eventLine } from '../../core/engine/journal.ts'
import { JournalEncoder } from '../../core/engine/journalEncoder.ts'

const event = fc.record<HopEvent>({
  seq: fc.nat(),
  at: fc.nat(3_153_600_000_000 / 1_000),
  sentAt: fc.nat(),
  flow: fc.nat(),
  from: fc.string({ unit: 'grapheme' }),
  to: fc.string(),
  carrier: fc.constantFrom('SIP', 'APNs', 'device'),
  message: fc.string({ unit: 'binary', maxLength: 300 }),
  outcome: fc.string({ unit: 'grapheme' }),
  status: fc.constantFrom('ok', 'lost'),
  why: fc.constant('CALL-01'),
})

function encode(write: (encoder: JournalEncoder) => void): string {
  const chunks: Buffer[] = []
  const encoder = new JournalEncoder((chunk) => chunks.push(Buffer.from(chunk)))
  write(encoder)
  encoder.flush()
  return Buffer.concat(chunks).toString('utf8')
}

describe('the journal as bytes', () => {
  it('[DEC-35] is the same text as the journal in lines, whatever the names', () => {
    fc.assert(
      fc.property(fc.array(event, { maxLength: 30 }), (events) => {
        const lines = events.map((e) => `${eventLine(e)}\n`).join('')
        expect(encode((encoder) => events.forEach((e) => encoder.event(e)))).toBe(lines)
      }),
    )
  })

  it('takes lines longer than a chunk and hands on every chunk once', () => {
    const long = JSON.stringify({ text: 'ü'.repeat(100_000) })
    expect(encode((encoder) => [long, '{}', long].forEach((line) => encoder.line(line)))).toBe(`${long}\n{}\n${long}\n`)
  })

  it('writes whole numbers up to the end of the clock exactly', () => {
    for (const at of [0, 9, 10, 99, 100, 2_147_483_648, 315_360_000_000, Number.MAX_SAFE_INTEGER]) {
      const e = {
        seq: 0,
        at,
        sentAt: 0,
        flow: 0,
        from: 'a',
        to: 'b',
        carrier: 'SIP',
        message: '',
        outcome: '',
        status: 'ok',
        why: 'X',
      } as HopEvent
      expect(encode((encoder) => encoder.event(e))).toBe(`${eventLine(e)}\n`)
    }
  })
})
