import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Batch } from '../../core/contract/batch.ts'
import type { PreloadBridge } from '../../core/contract/carrier.ts'
import { openPort } from '../../renderer/openPort.ts'
import type { Port, PortState } from '../../renderer/port.ts'
import { batch } from '../doubles/door.ts'

class Socket extends EventTarget {
  static readonly OPEN = 1
  static all: Socket[] = []
  readyState = 0
  sent: unknown[] = []
  url: string
  protocols: string[]
  constructor(url: string, protocols: string[]) {
    super()
    this.url = url
    this.protocols = protocols
    Socket.all.push(this)
  }
  send(text: string): void {
    this.sent.push(JSON.parse(text))
  }
  opens(): void {
    this.readyState = 1
    this.dispatchEvent(new Event('open'))
  }
  says(frame: unknown): void {
    this.dispatchEvent(new MessageEvent('message', { data: JSON.stringify(frame) }))
  }
  closes(code: number, reason = ''): void {
    this.readyState = 3
    this.dispatchEvent(new CloseEvent('close', { code, reason }))
  }
}

type Hello = { status: number; body: string }
let hello: () => Hello
let hellos: string[]
const settle = (): Promise<void> => vi.advanceTimersByTimeAsync(0).then(() => {})
const last = (): Socket => Socket.all.at(-1)!

beforeEach(() => {
  vi.useFakeTimers()
  Socket.all = []
  hellos = []
  hello = () => ({ status: 200, body: '{"token":"lasting"}' })
  vi.stubGlobal('WebSocket', Socket)
  window.fetch = ((_url: string, init: { body: string }) => {
    hellos.push(JSON.parse(init.body).secret)
    const { status, body } = hello()
    return Promise.resolve(new Response(body, { status }))
  }) as unknown as typeof window.fetch
  window.sessionStorage.clear()
  window.location.href = 'http://127.0.0.1:4747/#token=ticket'
})
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

async function connected(): Promise<{ port: Port; states: PortState['kind'][] }> {
  const port = openPort(window)
  const states: PortState['kind'][] = []
  port.onState(({ kind }) => states.push(kind))
  await settle()
  last().opens()
  return { port, states }
}

describe('the browser carrier', () => {
  it('exchanges the secret of the address, takes it out of the address, and opens the door with the token', async () => {
    const { port, states } = await connected()
    expect(hellos).toEqual(['ticket'])
    expect(window.location.hash).toBe('')
    expect(window.sessionStorage.getItem('push-lab-token')).toBe('lasting')
    expect([last().url, last().protocols]).toEqual(['ws://127.0.0.1:4747/door', ['push-lab', 'lasting']])
    expect(states).toEqual(['open'])
    expect(port.state).toEqual({ kind: 'open' })
  })

  it('stays in after a reload, from the memory of the tab', async () => {
    await connected()
    window.location.href = 'http://127.0.0.1:4747/'
    await connected()
    expect(hellos).toEqual(['ticket', 'lasting'])
  })

  it('says what to do when the address has no token, and asks nobody', async () => {
    window.location.href = 'http://127.0.0.1:4747/'
    const port = openPort(window)
    await settle()
    expect(port.state).toEqual({ kind: 'closed', reason: expect.stringContaining('Open the address that the terminal shows') })
    expect(hellos).toEqual([])
    expect(await port.invoke('time.run', {})).toMatchObject({ ok: false, code: 'io' })
  })

  it('passes on what the lab says to a wrong token, and does not try again', async () => {
    hello = () => ({ status: 401, body: 'This address is old.\n' })
    const port = openPort(window)
    await settle()
    expect(port.state).toEqual({ kind: 'closed', reason: 'This address is old.' })
    await vi.advanceTimersByTimeAsync(60_000)
    expect(hellos).toHaveLength(1)
  })

  it('matches answers to calls by number, in whatever order they come', async () => {
    const { port } = await connected()
    const [first, second] = [port.invoke('time.run', {}), port.invoke('time.pause', {})]
    expect(last().sent).toEqual([
      { id: 1, name: 'time.run', args: {} },
      { id: 2, name: 'time.pause', args: {} },
    ])
    last().says({ id: 2, reply: { ok: true, value: 'second' } })
    last().says({ id: 99, reply: { ok: true, value: 'nobody asked' } })
    last().says({ id: 1, reply: { ok: true, value: 'first' } })
    expect(await first).toEqual({ ok: true, value: 'first' })
    expect(await second).toEqual({ ok: true, value: 'second' })
  })

  it('holds calls and the subscription while the first connection is made', async () => {
    const port = openPort(window)
    port.subscribe(() => {})
    const call = port.invoke('time.run', {})
    await settle()
    expect(last().sent).toEqual([])
    last().opens()
    expect(last().sent).toEqual([{ subscribe: true }, { id: 1, name: 'time.run', args: {} }])
    last().says({ id: 1, reply: { ok: true, value: null } })
    expect(await call).toEqual({ ok: true, value: null })
  })

  it('hands batches to the listener, sends acknowledgements, and is silent after close', async () => {
    const { port } = await connected()
    const got: Batch[] = []
    const subscription = port.subscribe((next) => got.push(next))
    last().says({ batch: batch(1) })
    subscription.ack(1)
    expect(got).toEqual([batch(1)])
    expect(last().sent).toEqual([{ subscribe: true }, { ack: 1 }])
    subscription.close()
    last().says({ batch: batch(2) })
    expect(got).toHaveLength(1)
  })

  it('fails every pending call when the connection breaks, and says that the outcome is not known', async () => {
    const { port, states } = await connected()
    const call = port.invoke('time.run', {})
    last().closes(1006)
    expect(await call).toEqual({ ok: false, code: 'io', message: expect.stringContaining('is not known'), issues: [] })
    expect(states).toEqual(['open', 'lost'])
    expect(await port.invoke('time.run', {})).toMatchObject({ ok: false, code: 'io' })
  })

  it('comes back by itself, subscribes again, and sends no call twice', async () => {
    const { port, states } = await connected()
    port.subscribe(() => {})
    void port.invoke('time.run', {})
    last().closes(1006)
    await vi.advanceTimersByTimeAsync(249)
    expect(Socket.all).toHaveLength(1)
    await vi.advanceTimersByTimeAsync(1)
    expect(Socket.all).toHaveLength(2)
    last().opens()
    expect(last().sent).toEqual([{ subscribe: true }])
    expect(states).toEqual(['open', 'lost', 'open'])
  })

  it('waits longer after each failure, at most five seconds', async () => {
    await connected()
    hello = () => {
      throw new Error('refused')
    }
    last().closes(1006)
    const at: number[] = []
    for (let ms = 0; ms < 30_000 && at.length < 8; ms += 50) {
      const before = hellos.length
      await vi.advanceTimersByTimeAsync(50)
      if (hellos.length > before) at.push(ms + 50)
    }
    expect(at.map((ms, n) => ms - (at[n - 1] ?? 0))).toEqual([250, 500, 1_000, 2_000, 4_000, 5_000, 5_000, 5_000])
  })

  it.each([4400, 4429])('gives up at close code %i with its reason', async (code) => {
    const { port } = await connected()
    last().closes(code, 'Because.')
    expect(port.state).toEqual({ kind: 'closed', reason: 'Because.' })
    await vi.advanceTimersByTimeAsync(60_000)
    expect(Socket.all).toHaveLength(1)
  })

  it('refuses the call after 64 without an answer', async () => {
    const { port } = await connected()
    for (let n = 0; n < 64; n += 1) void port.invoke('time.run', {})
    expect(last().sent).toHaveLength(64)
    expect(await port.invoke('time.run', {})).toMatchObject({ ok: false, code: 'io', message: expect.stringContaining('64 requests') })
    expect(last().sent).toHaveLength(64)
  })
})

describe('the Electron carrier', () => {
  it('is taken when the preload is there, and opens no socket', async () => {
    const calls: unknown[] = []
    let listener: (batch: Batch) => void = () => {}
    const acks: number[] = []
    const bridge: PreloadBridge = {
      invoke: (request) => {
        calls.push(request)
        return Promise.resolve({ ok: true, value: null })
      },
      subscribe: (next) => {
        listener = next
        return { ack: (seq) => void acks.push(seq), close: () => {} }
      },
    }
    const port = openPort(Object.assign(Object.create(window), { pushLab: bridge }))
    expect(port.state).toEqual({ kind: 'open' })
    expect(await port.invoke('time.run', {})).toEqual({ ok: true, value: null })
    expect(calls).toEqual([{ name: 'time.run', args: {} }])
    const got: Batch[] = []
    port.subscribe((next) => got.push(next)).ack(3)
    listener(batch(1))
    expect([got, acks]).toEqual([[batch(1)], [3]])
    expect(Socket.all).toEqual([])
  })

  it('turns a request that cannot be copied into a reply', async () => {
    const bridge: PreloadBridge = {
      invoke: () => Promise.reject(new Error('An object could not be cloned.')),
      subscribe: () => ({ ack() {}, close() {} }),
    }
    const port = openPort(Object.assign(Object.create(window), { pushLab: bridge }))
    expect(await port.invoke('time.run', {})).toMatchObject({
      ok: false,
      code: 'io',
      message: expect.stringContaining('could not be cloned'),
    })
  })
})
