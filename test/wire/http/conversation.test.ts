import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Reply } from '../../../core/contract/door.ts'
import { ok } from '../../../core/contract/door.ts'
import { converse, LIMITS, type Limits } from '../../../core/wire/http/conversation.ts'
import { batch, recordingDoor } from '../../doubles/door.ts'

function start(limits: Partial<Limits> = {}) {
  const door = recordingDoor()
  const sent: Record<string, unknown>[] = []
  const written: (() => void)[] = []
  const closed: { code: number; reason: string }[] = []
  const socket = {
    bufferedAmount: 0,
    send(text: string, done: () => void) {
      sent.push(JSON.parse(text))
      written.push(done)
    },
    close: (code: number, reason: string) => void closed.push({ code, reason }),
  }
  const conversation = converse({ socket, door, limits: { ...LIMITS, ...limits } })
  return { door, sent, written, closed, socket, say: (frame: unknown) => conversation.receive(JSON.stringify(frame)), conversation }
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

describe('a conversation over a WebSocket', () => {
  it('carries requests to the door and each answer back under its number', async () => {
    const { say, sent, door } = start()
    say({ id: 7, name: 'time.pause', args: {} })
    say({ id: 8, name: 'time.run' })
    await settled()
    expect(door.requests).toEqual([
      { name: 'time.pause', args: {} },
      { name: 'time.run', args: undefined },
    ])
    expect(sent.map(({ id }) => id)).toEqual([7, 8])
    expect(sent[0]).toEqual({ id: 7, reply: { ok: true, value: { echo: { name: 'time.pause', args: {} } } } })
  })

  it('sends batches only after subscribe, passes acknowledgements on, and ends its stream with the socket', () => {
    const { say, sent, door, conversation } = start()
    door.push(batch(1))
    expect(sent).toEqual([])
    say({ subscribe: true })
    door.push(batch(2))
    expect(sent).toEqual([{ batch: batch(2) }])
    say({ ack: 2 })
    expect(door.acks).toEqual([2])
    conversation.end()
    expect(door.open).toBe(0)
  })

  it('is closed, and the process lives, when the lab takes no more windows', () => {
    const { say, door, closed } = start()
    door.subscribe = () => {
      throw new RangeError('at most 16 windows can watch one lab')
    }
    say({ subscribe: true })
    expect(closed).toEqual([{ code: 4429, reason: 'at most 16 windows can watch one lab' }])
  })

  it('has one stream, however often a page subscribes', () => {
    const { say, door } = start()
    say({ subscribe: true })
    say({ subscribe: true })
    expect(door.open).toBe(1)
  })

  it.each([
    '',
    '{',
    '[]',
    'null',
    '7',
    '{}',
    '{"id":-1,"name":"x"}',
    '{"id":1.5,"name":"x"}',
    '{"id":1}',
    '{"ack":"1"}',
    '{"id":1,"name":"x","more":1}',
    '{"subscribe":false}',
  ])('closes with 4400 and the right form on %j', (text) => {
    const { conversation, closed, door } = start()
    conversation.receive(text)
    expect(closed).toEqual([{ code: 4400, reason: 'A frame must be JSON: {id, name, args}, {subscribe: true} or {ack}.' }])
    conversation.receive('{"id":1,"name":"time.run"}')
    expect(door.requests).toEqual([])
  })

  it('never throws, whatever text arrives, and gives reasons that fit a close frame', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        const { conversation, closed } = start()
        conversation.receive(text)
        for (const { reason } of closed) expect(Buffer.byteLength(reason)).toBeLessThanOrEqual(123)
      }),
    )
  })

  it('answers busy beyond the limit of unanswered requests, and takes the next one when an answer has left', async () => {
    const { say, sent, door, written } = start({ inFlight: 2 })
    const waiting: ((reply: Reply) => void)[] = []
    door.answer = () => new Promise((resolve) => waiting.push(resolve))
    say({ id: 1, name: 'a' })
    say({ id: 2, name: 'b' })
    say({ id: 3, name: 'c' })
    expect(sent).toMatchObject([{ id: 3, reply: { ok: false, code: 'busy' } }])
    expect(door.requests).toHaveLength(2)

    waiting[0]!(ok(null))
    await settled()
    // Answered, but the page has not read it: still counted.
    say({ id: 4, name: 'd' })
    expect(sent.at(-1)).toMatchObject({ id: 4, reply: { code: 'busy' } })
    written[1]!()
    say({ id: 5, name: 'e' })
    expect(door.requests).toHaveLength(3)
  })

  it('answers internal when the door breaks its word, and goes on', async () => {
    const { say, sent, door } = start()
    door.answer = () => Promise.reject(new Error('secret stack'))
    say({ id: 1, name: 'x' })
    await settled()
    expect(sent).toMatchObject([{ id: 1, reply: { ok: false, code: 'internal' } }])
    expect(JSON.stringify(sent)).not.toContain('secret stack')
    door.answer = () => Promise.resolve(ok(1n))
    say({ id: 2, name: 'y' })
    await settled()
    expect(sent.at(-1)).toMatchObject({ id: 2, reply: { ok: false, code: 'internal' } })
  })

  it('closes with 4408 on a reader that is behind by more than the limit, not at the limit', () => {
    const { say, sent, closed, door, socket } = start({ unreadBytes: 1_000 })
    say({ subscribe: true })
    socket.bufferedAmount = 1_000
    door.push(batch(1))
    expect(sent).toHaveLength(1)
    socket.bufferedAmount = 1_001
    door.push(batch(2))
    expect(sent).toHaveLength(1)
    expect(closed).toMatchObject([{ code: 4408 }])
    expect(door.open).toBe(0)
  })
})
