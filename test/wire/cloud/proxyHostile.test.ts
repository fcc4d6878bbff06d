/** Clients that mean no good, at the lab's own proxy: it leads to the clouds of the lab only, and nobody keeps others out. */
import { createServer, connect, type Server, type Socket } from 'node:net'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { CloudName } from '../../../core/contract/clouds.ts'
import { newProxy } from '../../../core/edge/proxy.ts'
import { parseScenario } from '../../../core/scenario/parse.ts'
import { createAuthority, type Authority, type Issued } from '../../../core/wire/certificates.ts'
import type { ServerExchange } from '../../../core/wire/cloud/http.ts'
import { WireFaults } from '../../../core/wire/cloud/faults.ts'
import { openProxyDoor, type ProxyDoor, type ProxyLimits } from '../../../core/wire/cloud/proxyDoor.ts'
import { eventually } from '../eventually.ts'
import { SCENARIO } from './lab.ts'

let authority: Authority
let good: Issued
beforeAll(async () => {
  authority = await createAuthority()
  good = await authority.issue(['proxy.example'])
})

const ending: (() => unknown)[] = []
afterEach(async () => {
  for (const end of ending.splice(0).toReversed()) await end()
})

/** A cloud that says one word and sends back what it hears. */
async function cloud(): Promise<{ port: number; server: Server; arrived: Socket[] }> {
  const arrived: Socket[] = []
  const server = createServer((socket) => {
    arrived.push(socket)
    socket.on('error', () => undefined)
    socket.pipe(socket)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  ending.push(() => {
    for (const socket of arrived) socket.destroy()
    server.close()
  })
  return { port: (server.address() as { port: number }).port, server, arrived }
}

type Opened = { door: ProxyDoor; faults: WireFaults; log: ServerExchange[]; asked: CloudName[]; arrived: Socket[] }

async function open(limits: Partial<ProxyLimits> = {}, edge = ''): Promise<Opened> {
  const behind = await cloud()
  const parsed = parseScenario(`${SCENARIO}edge:\n  proxy: { id: webproxy, addresses: [10.1.1.9]${edge} }\n`, 'x.yaml')
  if (!parsed.ok || !parsed.scenario.edge.proxy) throw new Error('no proxy')
  const proxy = newProxy(parsed.scenario.edge.proxy)
  const faults = new WireFaults()
  const log: ServerExchange[] = []
  const asked: CloudName[] = []
  const door = await openProxyDoor({
    proxy: () => proxy,
    now: () => 0,
    newNonce: () => 'nonce',
    password: () => 'secret',
    portOf: (name) => {
      asked.push(name)
      return behind.port
    },
    certificates: { good, wrong: {} },
    faults,
    exchanged: (exchange) => log.push(exchange),
    keylog: () => undefined,
    changed: () => undefined,
    address: '127.0.0.1',
    port: 0,
    limits,
  })
  ending.push(() => door.close())
  return { door, faults, log, asked, arrived: behind.arrived }
}

/** Says something, keeps its own half open, and hears what comes until the other side ends. */
function client(port: number, text = ''): { socket: Socket; heard: () => string; closed: Promise<string> } {
  let heard = ''
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true }, () => text !== '' && socket.write(text))
  ending.push(() => socket.destroy())
  socket.on('error', () => undefined)
  socket.on('data', (part: Buffer) => (heard += part.toString('latin1')))
  // Half open it has no 'close' of its own.
  const closed = new Promise<string>((resolve) => socket.once('end', () => resolve(heard)).once('close', () => resolve(heard)))
  return { socket, heard: () => heard, closed }
}

const ask = (target: string): string => `CONNECT ${target} HTTP/1.1\r\nhost: ${target}\r\n\r\n`
const CLOUD = 'push.webexconnect.com:443'

describe('[SEC-03] it is no way out', () => {
  it.each([
    'example.com:443',
    '127.0.0.1:22',
    '[::1]:22',
    'localhost:443',
    'push.webexconnect.com.evil.example:443',
    'evil.example/push.webexconnect.com:443',
    'push.webexconnect.com@evil.example:443',
    'http://push.webexconnect.com:443',
    'push.webexconnect.com%00.evil.example:443',
  ])('%s is 403', async (target) => {
    const { door, asked } = await open({ closeMs: 50 })
    expect(await client(door.port, ask(target)).closed).toMatch(/^HTTP\/1\.1 (403|400) /)
    expect(asked).toEqual([])
    expect(door.row().tunnels).toBe(0)
  })

  it('whatever port is asked for of a cloud, it is the cloud of the lab that answers', async () => {
    const { door, asked } = await open()
    for (const port of [443, 22, 25]) {
      const one = client(door.port, ask(`push.webexconnect.com:${port}`))
      await eventually(() => one.heard().startsWith('HTTP/1.1 200 '), 'the tunnel')
    }
    expect(asked).toEqual(['push-rest', 'push-rest', 'push-rest'])
  })
})

describe('nobody keeps others out', () => {
  it.each([
    ['says nothing', ''],
    ['stops amid its headers', 'CONNECT push.webexconnect.com:443 HTTP/1.1\r\nhost'],
    ['was refused and does not hang up', ask('example.com:443')],
  ])('a crowd that %s: who comes after it gets a tunnel', async (_which, text) => {
    const { door } = await open({ connections: 8 })
    const tunnel = client(door.port, ask(CLOUD))
    await eventually(() => tunnel.heard().includes(' 200 '), 'a tunnel')
    for (let n = 0; n < 40; n++) client(door.port, text)
    await eventually(() => door.row().refused >= 33, 'the crowd')
    const late = client(door.port, ask(CLOUD))
    await eventually(() => late.heard().includes(' 200 '), 'another tunnel')
    expect(door.row().connections).toBeLessThanOrEqual(8)
    tunnel.socket.write('still here')
    await eventually(() => tunnel.heard().endsWith('still here'), 'the first tunnel, which stays')
  })

  it('of tunnels there are so many and no more; those that are open stay', async () => {
    const { door } = await open({ connections: 3 })
    const all = Array.from({ length: 3 }, () => client(door.port, ask(CLOUD)))
    await eventually(() => all.every((each) => each.heard().includes(' 200 ')), 'the tunnels')
    expect(await client(door.port, ask(CLOUD)).closed).toBe('')
    expect(door.row()).toMatchObject({ tunnels: 3, connections: 3, refused: 1 })
  })

  it.each([
    ['silence', '', {}, ''],
    ['half a head', 'CONNECT x', {}, ''],
    ['a 403', ask('example.com:443'), {}, 'HTTP/1.1 403 '],
    ['a stalled CONNECT', ask(CLOUD), { kind: 'stall' }, ''],
    ['half of an answer', ask(CLOUD), { kind: 'half-close' }, 'HTTP/1.1 200 Conn'],
    ['a page', ask(CLOUD), { kind: 'page' }, 'HTTP/1.1 200 OK'],
  ])('after %s a client that does not hang up is hung up on', async (_which, text, fault, answer) => {
    const { door, faults } = await open({ headersMs: 200, stallMs: 200, closeMs: 200 })
    if ('kind' in fault) faults.add(fault as never, 1)
    const one = client(door.port, text)
    const began = performance.now()
    await eventually(() => door.row().connections === 1, 'the client')
    await eventually(() => door.row().connections === 0, 'its end', 3_000)
    expect(performance.now() - began).toBeGreaterThan(150)
    expect(one.heard().startsWith(answer)).toBe(true)
  })

  it('a tunnel that the cloud ends passes on its last words, though its client reads late', async () => {
    const { door, arrived } = await open()
    const one = client(door.port, ask(CLOUD))
    await eventually(() => one.heard().includes('\r\n\r\n'), 'the tunnel')
    one.socket.pause()
    arrived[0]!.end('x'.repeat(1_000_000))
    await eventually(() => door.row().tunnels === 0 || arrived[0]!.writableFinished, 'the last byte of the cloud')
    one.socket.resume()
    expect((await one.closed).split('\r\n\r\n')[1]).toHaveLength(1_000_000)
  })
})

it('what is typed as the reason of a fault stays in its line', async () => {
  const { door, faults } = await open({ closeMs: 50 })
  faults.add({ kind: 'answer', status: 503, reason: 'Gone\r\nSet-Cookie: a=b\r\n\r\n<html>' }, 1)
  const heard = await client(door.port, ask(CLOUD)).closed
  expect(heard.split('\r\n\r\n')[0]!.split('\r\n')).toEqual(['HTTP/1.1 503 Gone Set-Cookie: a=b <html>', 'content-length: 0'])
})

it('[PROXY-01] an HTTPS proxy counts a handshake that fails once', async () => {
  const { door } = await open({}, ', kind: HTTPS')
  await client(door.port, 'GET / HTTP/1.1\r\n\r\n').closed
  await eventually(() => door.row().connections === 0, 'its end')
  expect(door.row().refused).toBe(1)
})
