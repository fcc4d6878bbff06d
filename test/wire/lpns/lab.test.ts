/** Real clients over real wss, and the whole lab behind it. */
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import type { Results } from '../../../core/contract/results.ts'
import { createLabHost } from '../../../core/wire/labHost.ts'
import { createAuthority } from '../../../core/wire/certificates.ts'
import { INPUTS_RESERVED } from '../../../core/wire/attachment.ts'
import { listInterfaces } from '../../../core/wire/lpns/interfaces.ts'
import { dial, portOf, turnedAway, type Stranger } from './stranger.ts'
import { SCENARIO, wireLab, type WireLab } from './lab.ts'
import { after, eventually } from '../eventually.ts'

const open: WireLab[] = []
const made: string[] = []
afterEach(async () => {
  await Promise.all(open.splice(0).map((lab) => lab.close()))
  for (const dir of made.splice(0)) rmSync(dir, { recursive: true, force: true })
})
async function start(o: Parameters<typeof wireLab>[0] = {}): Promise<WireLab> {
  const lab = await wireLab(o)
  open.push(lab)
  return lab
}
function folder(): string {
  const dir = mkdtempSync(join(tmpdir(), 'push-lab-wire-'))
  made.push(dir)
  return dir
}

/** A client of the phone, welcomed. */
async function attach(lab: WireLab, o: { device?: string; token?: string; node?: number } = {}): Promise<Stranger> {
  const device = o.device ?? 'phone'
  const token = o.token ?? (await lab.token(device)).token
  const client = dial(lab.url(o.node), { ca: lab.ca, device, token })
  expect(JSON.parse(await client.next())).toMatchObject({ v: 1, type: 'welcome', keepaliveMs: 120_000, graceMs: 30_000 })
  return client
}

const ack = (frame: string): string => JSON.stringify({ v: 1, type: 'ack', id: (JSON.parse(frame) as { id: string }).id })

describe('a call for a real client', () => {
  it('[LPNS-05] [LPNS-11] is pushed over the socket, acknowledged, and rings on its phone', async () => {
    const lab = await start()
    const client = await attach(lab)
    await lab.do('call.place', { from: 'desk', to: '2000' })
    const push = await client.next()
    expect(JSON.parse(push)).toMatchObject({ v: 1, type: 'push', purpose: 'incoming call', node: 'ucm-pub' })
    client.socket.send(ack(push))
    const { flow, tracking } = await lab.hop({ message: 'local push acknowledged', outcome: 'acknowledged' })
    expect({ call: String(flow), id: tracking }).toEqual({ call: JSON.parse(push).call, id: JSON.parse(push).id })
    await lab.hop({ from: 'phone', message: 'REGISTER' })
    expect(lab.events.some((event) => event.to === 'apns')).toBe(false)
  })

  it('[LPNS-12] [DEC-06] that is not acknowledged goes to Apple after 2 s', async () => {
    const lab = await start()
    const client = await attach(lab)
    await lab.do('call.place', { from: 'desk', to: '2000' })
    await client.next()
    const silence = await lab.hop({ message: 'no response' })
    expect(silence.outcome).toBe('none within 2 s')
    await lab.hop({ to: 'push-rest' })
  })

  it('[LPNS-12] [LPNS-18] what it writes stands in one printable line: no trace is forged, no terminal drawn in', async () => {
    const lab = await start()
    const client = await attach(lab)
    await lab.do('call.place', { from: 'desk', to: '2000' })
    const { id } = JSON.parse(await client.next()) as { id: string }
    client.socket.send(JSON.stringify({ v: 1, type: 'error', id, code: 500, text: 'no\r\nFATAL forged \u001b[2J\u202ebackwards' }))
    const { outcome } = await lab.hop({ from: 'phone', message: 'error for a push' })
    expect(outcome).toBe('the client answered 500 no··FATAL forged ·[2J·backwards')
    client.socket.close(4000, 'bye\u001b[31m\u2066')
    const { message } = await lab.hop({ from: 'phone', message: 'close 4000' })
    expect(message).toBe('close 4000: bye·[31m·')
    const odd = await attach(lab)
    odd.socket.send('{"v":1,"type":"keepalive","seq":1,"\\u001b[2J":1}')
    expect((await odd.closed).reason).not.toContain('\u001b')
    expect((await lab.hop({ outcome: 'not understood' })).outcome).not.toContain('\u001b')
  })

  it('[LPNS-16] answers each keepalive', async () => {
    const lab = await start()
    const { token } = await lab.token()
    const client = await attach(lab, { token })
    client.socket.send(JSON.stringify({ v: 1, type: 'keepalive', seq: 7, token }))
    expect(JSON.parse(await client.next())).toEqual({ v: 1, type: 'keepalive-ack', seq: 7 })
  })
})

describe('who may come in', () => {
  it('[DEC-01] no token, an unknown one and one of another user are refused at the upgrade', async () => {
    const lab = await start()
    const { token: evil } = await lab.token('evil')
    const { token: sibling } = await lab.token('tablet')
    const wanted = { ca: lab.ca }
    expect(await turnedAway(lab.url(), { ...wanted, token: null })).toMatchObject({
      status: 401,
      body: { code: 401, reason: 'no access token' },
    })
    expect(await turnedAway(lab.url(), { ...wanted, token: 'x' })).toMatchObject({
      status: 401,
      body: { code: 401, reason: 'unknown access token' },
    })
    expect((await turnedAway(lab.url(), { ...wanted, token: evil })).status).toBe(403)
    expect((await turnedAway(lab.url(), { ...wanted, token: evil, device: 'nobody' })).status).toBe(404)
    await attach(lab, { token: sibling })
    await eventually(() => lab.wire()!.refused === 4)
  })

  it('[LPNS-16] [LPNS-17] [DEC-01] [DEC-02] [ALM-14] a keepalive is acknowledged; with an expired token it gets 401 in a message and a close with 4401', async () => {
    const lab = await start()
    const client = await attach(lab)
    client.socket.send(JSON.stringify({ v: 1, type: 'keepalive', seq: 1 }))
    expect(JSON.parse(await client.next())).toEqual({ v: 1, type: 'keepalive-ack', seq: 1 })
    await lab.do('device.expireAccessToken', { device: 'phone' })
    client.socket.send(JSON.stringify({ v: 1, type: 'keepalive', seq: 2 }))
    expect(JSON.parse(await client.next())).toMatchObject({ type: 'error', code: 401 })
    expect(await client.closed).toMatchObject({ code: 4401 })
    await eventually(() => lab.wire()!.sessions === 0)
    await eventually(() => lab.alarms.size > 0)
    expect([...lab.alarms.values()]).toMatchObject([
      { name: 'LocalPushNotificationInvalidOAuthToken', severity: 'Alert', node: 'ucm-pub', count: 1 },
    ])
  })

  it('[LPNS-17] [DEC-01] the token of another user ends a session in the same way', async () => {
    const lab = await start()
    const client = await attach(lab)
    const { token: evil } = await lab.token('evil')
    client.socket.send(JSON.stringify({ v: 1, type: 'keepalive', seq: 1, token: evil }))
    expect(JSON.parse(await client.next())).toMatchObject({ type: 'error', code: 401, reason: 'the access token belongs to another user' })
    expect(await client.closed).toMatchObject({ code: 4401 })
  })

  it('[DEC-01] a token that has run out is refused at the upgrade', async () => {
    const lab = await start()
    const { token } = await lab.token()
    await lab.do('device.expireAccessToken', { device: 'phone' })
    expect((await turnedAway(lab.url(), { ca: lab.ca, token })).body.reason).toContain('expired')
  })

  it('a second client of the device takes the place of the first', async () => {
    const lab = await start()
    const { token } = await lab.token()
    const first = await attach(lab, { token })
    await attach(lab, { token })
    expect((await first.closed).code).toBe(4409)
    await eventually(() => lab.wire()!.sessions === 1)
  })
})

describe('a failover', () => {
  it('[LPNS-20] LPNS that is killed breaks its connections and refuses new ones; the next node takes the client', async () => {
    const lab = await start()
    const { token } = await lab.token()
    const client = await attach(lab, { token })
    await lab.do('service.kill', { node: 'ucm-pub', service: 'LPNS' })
    expect((await client.closed).code).toBe(1006)
    await eventually(() => !lab.wire()!.nodes[0]!.listening)
    const again = await attach(lab, { token, node: 1 })
    expect(JSON.parse(again.frames[0]!)).toMatchObject({ node: 'ucm-sub1' })
    await eventually(() => lab.wire()!.nodes[1]!.sessions === 1)
  })

  it('[LPNS-20] [FO-02] a crashed node breaks its connections; calls and sessions go on over the next one', async () => {
    const lab = await start()
    const { token } = await lab.token()
    const client = await attach(lab, { token })
    await lab.do('node.crash', { node: 'ucm-pub' })
    expect((await client.closed).code).toBe(1006)
    const again = await attach(lab, { token, node: 1 })
    await lab.do('call.place', { from: 'desk', to: '2000' })
    expect(JSON.parse(await again.next())).toMatchObject({ type: 'push', node: 'ucm-sub1' })
  })

  it('[LPNS-20] a node that was cut off lets its client go when it is back: nobody holds on to a session that is no more', async () => {
    const lab = await start()
    const client = await attach(lab)
    await lab.do('node.isolate', { node: 'ucm-pub' })
    client.socket.send('{"v":1,"type":"keepalive","seq":1}')
    await lab.hop({ outcome: 'off network' })
    expect(client.socket.readyState).toBe(client.socket.OPEN)
    await lab.do('node.start', { node: 'ucm-pub' })
    expect((await client.closed).code).toBe(1006)
    expect(client.frames).toHaveLength(1)
    await lab.hop({ message: 'connection reset', outcome: 'broken towards' })
    await eventually(() => lab.wire()!.sessions === 0)
  })

  it('[LPNS-20] LPNS that is stopped says 1001', async () => {
    const lab = await start()
    const client = await attach(lab)
    await lab.do('service.stop', { node: 'ucm-pub', service: 'LPNS' })
    expect((await client.closed).code).toBe(1001)
    await eventually(() => !lab.wire()!.nodes[0]!.listening)
    await lab.do('service.start', { node: 'ucm-pub', service: 'LPNS' })
    await eventually(() => lab.wire()!.nodes[0]!.listening)
    await attach(lab)
  })
})

describe('a wire run', () => {
  it('[DEC-35] is given again in virtual time without sockets, and comes out the same line by line', async () => {
    const lab = await start()
    const { token } = await lab.token()
    const client = await attach(lab, { token })
    client.socket.send(JSON.stringify({ v: 1, type: 'keepalive', seq: 1, token }))
    await client.next()
    await lab.do('call.place', { from: 'desk', to: '2000' })
    client.socket.send(ack(await client.next()))
    await lab.hop({ message: 'local push acknowledged' })
    client.socket.send('{"v":1,"type":"nonsense"}')
    await client.closed
    await lab.do('wire.close')
    const { text } = await lab.do<Results['journal.export']>('journal.export')
    expect(text).not.toContain(token)
    const lines = text.split('\n').filter((line) => line.startsWith('{"seq":'))
    expect(lines.some((line) => line.includes('local push acknowledged'))).toBe(true)
    const other = await start({ open: false })
    const result = await other.do<{ events: number; compared: number }>('journal.import', { text })
    expect(result.compared).toBe(lines.length)
    expect(result.events).toBe(lines.length)
  })

  it('keeps no token on disk or in the log, and takes its run up again after a crash', async () => {
    const dataDir = folder()
    const lab = await start({ dataDir })
    const { token } = await lab.token()
    const client = await attach(lab, { token })
    client.socket.send(JSON.stringify({ v: 1, type: 'keepalive', seq: 1, token }))
    client.socket.send(`{"tokenn": "${token}"}`)
    await client.closed
    const file = (): string => readFileSync(join(dataDir, 'run.jsonl'), 'utf8')
    await eventually(() => file().includes('tokenn'))
    expect(file()).toContain('wire.received')
    expect(file()).not.toContain(token)
    expect(lab.logged.join('\n')).not.toContain(token)
    expect(JSON.stringify(lab.events)).not.toContain(token)

    // What a kill leaves behind: a run with open sockets. They are told closed when sockets are opened again.
    await attach(lab, { token })
    await eventually(() => (file().match(/wire.connected/g) ?? []).length === 2)
    const copy = folder()
    cpSync(dataDir, copy, { recursive: true })
    const again = createLabHost({ dataDir: copy, scenariosDir: '' })
    let reply = await again.dispatch({ name: 'wire.open', args: { port: 0 } })
    for (let i = 0; !reply.ok && reply.code === 'busy' && i < 100; i++) {
      await after(20)
      reply = await again.dispatch({ name: 'wire.open', args: { port: 0 } })
    }
    expect(reply.ok).toBe(true)
    const inputs = readFileSync(join(copy, 'run.jsonl'), 'utf8')
    await again.close()
    expect(inputs.match(/"do":"wire.connected"/g)).toHaveLength(2)
    const ends = readFileSync(join(copy, 'run.jsonl'), 'utf8').match(/"do":"wire.endpoint","with":\{"open":(true|false)/g)
    expect(ends?.map((each) => each.endsWith('true'))).toEqual([true, false, true, false])
  })

  it('lets its clients go before the run has more inputs than a journal may hold, and says so', async () => {
    const lab = await start({ maxInputs: INPUTS_RESERVED + 6 })
    const client = await attach(lab) // with the opening and the token: three inputs
    for (let seq = 1; seq <= 2; seq++) {
      client.socket.send(JSON.stringify({ v: 1, type: 'keepalive', seq }))
      await client.next()
    }
    expect(client.socket.readyState).toBe(1)
    client.socket.send(JSON.stringify({ v: 1, type: 'keepalive', seq: 3 }))
    expect(await client.closed).toMatchObject({
      code: 1001,
      reason: expect.stringContaining('as much of real clients as a journal may hold'),
    })
    await eventually(() => lab.last().wire === null)
    expect(lab.logged.join()).toContain('the real sockets are closed')
    await lab.do('call.place', { from: 'desk', to: '2000' })
  })
})

describe('while real clients are attached', () => {
  it('[DEC-35] the lab follows the wall clock', async () => {
    const lab = await start({ open: false })
    const opening = { lab: lab.last().clock.now, wall: performance.now() }
    await lab.do('wire.open', { port: 0 })
    await eventually(() => lab.last().clock.mode === 'running')
    expect(lab.last().clock).toMatchObject({ mode: 'running', speed: 1 })
    const before = { lab: lab.last().clock.now, wall: performance.now() }
    await after(500)
    const passed = performance.now() - before.wall
    await eventually(() => lab.last().clock.now - before.lab >= passed)
    // What is told may be late on a busy machine, but it is never ahead.
    expect(lab.last().clock.now - opening.lab).toBeLessThanOrEqual(performance.now() - opening.wall)
  })

  it.each([
    ['time.pause', {}],
    ['time.step', {}],
    ['time.speed', { speed: 10 }],
    ['time.express', {}],
    ['time.until', { time: 1_000 }],
    ['time.seek', { at: 0 }],
    ['time.fork', {}],
    ['time.cancel', {}],
    ['lab.open', { text: SCENARIO }],
    ['lab.restart', {}],
    ['journal.import', { text: '{}' }],
  ])('%s is refused with a sentence, and works again once the sockets are closed', async (name, args) => {
    const lab = await start()
    expect(await lab.try(name, args)).toMatchObject({
      ok: false,
      code: 'refused',
      message: expect.stringContaining('real clients are attached'),
    })
    await lab.do('wire.close')
    expect(await lab.try(name, args)).not.toMatchObject({ code: 'refused' })
  })

  it('questions and calls go on, and a journal is written meanwhile without stopping the clock', async () => {
    const lab = await start()
    const client = await attach(lab)
    const { text } = await lab.do<Results['journal.export']>('journal.export')
    expect(text).toContain('wire.connected')
    await lab.do('call.place', { from: 'desk', to: '2000' })
    expect(await client.next()).toContain('"push"')
    expect(lab.last().clock.mode).toBe('running')
  })

  it.each(['wire.tokenIssued', 'wire.connected', 'wire.received', 'wire.closed', 'wire.endpoint'])(
    'nobody but the endpoint gives %s',
    async (name) => {
      const lab = await start()
      expect(await lab.try(name, { session: 1, text: 'x' })).toMatchObject({
        ok: false,
        code: 'refused',
        message: expect.stringContaining('only the endpoint'),
      })
    },
  )
})

describe('the door for real clients', () => {
  it('is closed until it is asked for, and then on loopback', async () => {
    const lab = await start({ open: false })
    expect(lab.last().wire).toBeNull()
    expect(await lab.try('wire.token', { device: 'phone' })).toMatchObject({
      ok: false,
      message: expect.stringContaining('open them first'),
    })
    await lab.do('wire.open', { port: 0 })
    await eventually(() => lab.wire() !== null)
    expect(lab.wire()).toMatchObject({ address: '127.0.0.1', exposed: false, sessions: 0, refused: 0 })
    expect(lab.wire()!.nodes.map(({ node, listening }) => ({ node, listening }))).toEqual([
      { node: 'ucm-pub', listening: true },
      { node: 'ucm-sub1', listening: true },
    ])
    expect(await lab.try('wire.open', { port: 0 })).toMatchObject({ ok: false, message: expect.stringContaining('open already') })
    await lab.do('wire.close')
    await eventually(() => lab.last().wire === null)
    expect(await lab.try('wire.close')).toMatchObject({ ok: false, code: 'refused' })
  })

  it('takes no address that is not one of this machine, and no wildcard', async () => {
    const lab = await start({ open: false })
    for (const address of ['0.0.0.0', '::', '192.0.2.1'])
      expect(await lab.try('wire.open', { address, port: 0 })).toMatchObject({
        ok: false,
        message: expect.stringContaining('no interface with the address'),
      })
  })

  it('says when others than this machine can reach it', async (context) => {
    const outside = listInterfaces().find(({ loopback }) => !loopback)
    if (!outside) return context.skip('this machine has no other interface than loopback')
    const lab = await start({ open: false })
    await lab.do('wire.open', { address: outside.address, port: 0 })
    await eventually(() => lab.last().wire?.exposed === true)
    expect(lab.wire()!.certificate.names).toContain(outside.address)
  })

  it('names the port that is in use', async () => {
    const lab = await start()
    const other = await start({ open: false })
    const port = portOf(lab.url())
    expect(await other.try('wire.open', { port })).toMatchObject({
      ok: false,
      code: 'io',
      message: expect.stringContaining(`Port ${port}`),
    })
    expect(other.last().wire).toBeNull()
    await other.do('time.pause')
  })

  it('[LPNS-05] gives a token with its address and a line for wscat', async () => {
    const lab = await start()
    const { token, url, example, device, endsAt } = await lab.token('phone', 5)
    expect(url).toBe(`${lab.url()}/lpns?device=phone`)
    expect(device).toBe('phone')
    expect(endsAt - lab.last().clock.now).toBeGreaterThan(290_000)
    expect(example).toBe(
      `wscat --ca push-lab-ca.pem --subprotocol pushlab.lpns.v1 --header "Authorization: Bearer ${token}" --connect "${url}"`,
    )
    expect(await lab.try('wire.token', { device: 'nobody' })).toMatchObject({ ok: false, code: 'not-found' })
  })

  it('[LPNS-25] shows a pair of your own from the next handshake on, and goes back', async () => {
    const lab = await start()
    const authority = await createAuthority('Company CA')
    const { certificate, privateKey } = await authority.issue(['localhost', '127.0.0.1'])
    await attach(lab)
    await lab.do('wire.importCertificate', { certificate, privateKey, ca: authority.certificate })
    await eventually(() => lab.wire()!.certificate.source === 'imported')
    const { token } = await lab.token()
    const client = dial(lab.url(), { ca: authority.certificate, token })
    expect(await client.next()).toContain('welcome')
    await lab.do('wire.labCertificate')
    await attach(lab)
    expect(await lab.try('wire.importCertificate', { certificate, privateKey: 'x' })).toMatchObject({ ok: false, code: 'refused' })
  })

  it('answers device.config with the file that the device holds', async () => {
    const lab = await start({ open: false })
    expect(await lab.do('device.config', { device: 'phone' })).toMatchObject({ name: 'jabber-config.xml' })
    expect(await lab.try('device.config', { device: 'nobody' })).toMatchObject({ ok: false, code: 'not-found' })
  })

  it('says goodbye to its clients when the program ends', async () => {
    const lab = await start()
    const client = await attach(lab)
    await lab.close()
    expect(await client.closed).toEqual({ code: 1001, reason: 'Push Lab is closing' })
  })
})
