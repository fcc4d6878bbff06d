import { EventEmitter } from 'node:events'
import type { IpcMain, IpcMainInvokeEvent } from 'electron'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Reply } from '../../core/contract/door.ts'
import { isOwnTopFrame, MAX_IN_FLIGHT, serveDoor } from '../../electron/ipc.ts'
import { batch, recordingDoor } from '../doubles/door.ts'

class Page extends EventEmitter {
  sent: { channel: string; message: unknown }[] = []
  gone = false
  isDestroyed(): boolean {
    return this.gone
  }
  send(channel: string, message: unknown): void {
    this.sent.push({ channel, message })
  }
}

const OWN = { origin: 'lab://app', parent: null }

function start() {
  const door = recordingDoor()
  let handler: ((event: IpcMainInvokeEvent, message: unknown) => Promise<Reply>) | undefined
  const ipcMain: Pick<IpcMain, 'handle'> = {
    handle(channel, listener) {
      expect(channel).toBe('lab')
      handler = listener
    },
  }
  const end = serveDoor(ipcMain, door)
  const page = new Page()
  const call = (message: unknown, frame: unknown = OWN, sender = page): Promise<Reply> =>
    handler!({ sender, senderFrame: frame } as unknown as IpcMainInvokeEvent, message)
  return { door, page, call, end }
}

describe('the sender', () => {
  it.each([
    ['our top frame', OWN, true],
    ['a frame inside the page', { origin: 'lab://app', parent: OWN }, false],
    ['another origin', { origin: 'https://example.com', parent: null }, false],
    ['an opaque origin', { origin: 'null', parent: null }, false],
    ['another host of the scheme', { origin: 'lab://app.evil', parent: null }, false],
    ['a frame that is gone', null, false],
    ['no frame', undefined, false],
  ])('%s: %j', async (_who, frame, trusted) => {
    expect(isOwnTopFrame(frame)).toBe(trusted)
    const { call, door } = start()
    const reply = await call({ op: 'dispatch', request: { name: 'x', args: {} } }, frame === undefined ? null : frame)
    expect(reply).toMatchObject(trusted ? { ok: true } : { ok: false, code: 'refused' })
    expect(door.requests).toHaveLength(trusted ? 1 : 0)
  })
})

/** By luck a random value may be a good call. */
const isCall = (value: unknown): boolean => typeof value === 'object' && value !== null && 'op' in value

describe('calls', () => {
  it('carries a request to the door as it is and the answer back', async () => {
    const { call, door } = start()
    expect(await call({ op: 'dispatch', request: { name: 'time.run', args: {} } })).toEqual({
      ok: true,
      value: { echo: { name: 'time.run', args: {} } },
    })
    expect(door.requests).toEqual([{ name: 'time.run', args: {} }])
  })

  it('answers every malformed call with the right form, and never throws', async () => {
    await fc.assert(
      fc.asyncProperty(fc.anything(), async (message) => {
        fc.pre(!isCall(message))
        const reply = await start().call(message)
        expect(reply).toMatchObject({ ok: false, code: 'bad-request', message: expect.stringContaining('A call is') })
      }),
    )
    const { call } = start()
    for (const message of [
      undefined,
      { op: 'dispatch' },
      { op: 'subscribe' },
      { op: 'subscribe', stream: 'x'.repeat(65) },
      { op: 'ack', stream: 'a', seq: '1' },
      { op: 'quit', stream: 'a' },
    ]) {
      expect(await call(message)).toMatchObject({ ok: false, code: 'bad-request' })
    }
  })

  it(`answers busy to the request after ${MAX_IN_FLIGHT} without an answer`, async () => {
    const { call, door } = start()
    const finish: (() => void)[] = []
    door.answer = () => new Promise((resolve) => finish.push(() => resolve({ ok: true, value: null })))
    const waiting = Array.from({ length: MAX_IN_FLIGHT }, () => call({ op: 'dispatch', request: {} }))
    expect(await call({ op: 'dispatch', request: {} })).toMatchObject({ ok: false, code: 'busy' })
    finish[0]!()
    await waiting[0]
    const next = call({ op: 'dispatch', request: {} })
    for (const done of finish) done()
    expect(await next).toMatchObject({ ok: true })
  })

  it('answers internal, without the details, when the door throws', async () => {
    const { call, door } = start()
    door.answer = () => Promise.reject(new Error('secret stack'))
    const reply = await call({ op: 'dispatch', request: {} })
    expect(reply).toMatchObject({ ok: false, code: 'internal' })
    expect(JSON.stringify(reply)).not.toContain('secret')
  })
})

describe('batches', () => {
  it('go to the page that subscribed, with the name of its stream', async () => {
    const { call, door, page } = start()
    await call({ op: 'subscribe', stream: 'one' })
    door.push(batch(1))
    expect(page.sent).toEqual([{ channel: 'lab:batch', message: { stream: 'one', batch: batch(1) } }])
  })

  it('are acknowledged and ended only under the name of the running stream', async () => {
    const { call, door } = start()
    await call({ op: 'subscribe', stream: 'old' })
    await call({ op: 'subscribe', stream: 'new' })
    expect(door.open).toBe(1)
    await call({ op: 'ack', stream: 'old', seq: 1 })
    expect(door.acks).toEqual([])
    await call({ op: 'ack', stream: 'new', seq: 2 })
    expect(door.acks).toEqual([2])
    await call({ op: 'close', stream: 'old' })
    expect(door.open).toBe(1)
    await call({ op: 'close', stream: 'new' })
    expect(door.open).toBe(0)
  })

  it.each(['render-process-gone', 'destroyed'])('end when the page is gone (%s)', async (event) => {
    const { call, door, page } = start()
    await call({ op: 'subscribe', stream: 'one' })
    page.emit(event)
    expect(door.open).toBe(0)
  })

  it('are not sent to a destroyed page, and end with the app', async () => {
    const { call, door, page, end } = start()
    await call({ op: 'subscribe', stream: 'one' })
    page.gone = true
    door.push(batch(1))
    expect(page.sent).toEqual([])
    end()
    expect(door.open).toBe(0)
  })

  it('listen once to each page, however often it subscribes', async () => {
    const { call, page } = start()
    for (let n = 0; n < 20; n += 1) await call({ op: 'subscribe', stream: `s${n}` })
    expect(page.listenerCount('render-process-gone')).toBe(1)
    expect(page.listenerCount('destroyed')).toBe(1)
  })
})
