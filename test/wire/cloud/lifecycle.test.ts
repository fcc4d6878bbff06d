/** Opening, closing, what is pinned meanwhile, what a crash leaves, and a run that is given again without sockets. */
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { INPUTS_RESERVED } from '../../../core/wire/attachment.ts'
import { createLabHost } from '../../../core/wire/labHost.ts'
import { ask, asPush, asToken, closeLabs, cloudLab, SCENARIO, type CloudLab } from './lab.ts'
import { eventually } from '../eventually.ts'

const made: string[] = []
afterEach(async () => {
  await closeLabs()
  for (const dir of made.splice(0)) rmSync(dir, { recursive: true, force: true })
})
function folder(): string {
  const dir = mkdtempSync(join(tmpdir(), 'push-lab-clouds-'))
  made.push(dir)
  return dir
}

async function traffic(lab: CloudLab): Promise<string[]> {
  const ci = await lab.kit('ci')
  const token = await ask(lab, 'ci', asToken(ci.env))
  const rest = await lab.kit('push-rest', 'phone')
  await ask(lab, 'push-rest', asPush(rest.env))
  await ask(lab, 'push-rest', asPush(rest.env, { payload: 'plain' }))
  await lab.hop({ from: 'apns', to: 'phone' })
  const fcm = await lab.kit('fcm')
  const secrets = [
    ci.env['SECRET'],
    ci.env['REFRESH'],
    rest.env['TOKEN'],
    fcm.env['TOKEN'],
    (JSON.parse(token.body) as { access_token: string }).access_token,
  ]
  await ask(lab, 'fcm', {
    path: '/v1/projects/push-lab/messages:send',
    headers: { authorization: `Bearer ${fcm.env['TOKEN']}` },
    body: JSON.stringify({ message: { token: fcm.env['DEVICE'], data: { words: 'meet me at nine' } } }),
  })
  return secrets as string[]
}

const journalOf = async (lab: CloudLab): Promise<string> => (await lab.do<{ text: string }>('journal.export')).text

describe('while the clouds are open', () => {
  it('the lab follows the wall clock, and what would move it is refused and told to the window', async () => {
    const lab = await cloudLab()
    expect(lab.last().clock.mode).toBe('running')
    for (const name of ['time.pause', 'time.express', 'lab.restart'])
      expect(await lab.try(name)).toMatchObject({
        ok: false,
        code: 'refused',
        message: 'the clouds are open on real sockets: the lab follows the wall clock; close the real sockets first',
      })
    expect(lab.last().pinned?.commands).toContain('time.seek')
    await lab.do('clouds.close')
    await eventually(() => lab.last().clouds === null && lab.last().pinned === null, 'the end of the state')
    await lab.do('time.pause')
  })

  it('local push may be open too, and closing one does not end the other', async () => {
    const lab = await cloudLab({ scenario: SCENARIO.replace('15SU2', '14SU3') })
    await lab.do('wire.open', { port: 0 })
    const refused = await lab.try('time.pause')
    expect(refused).toMatchObject({ issues: [{ fix: 'give clouds.close and wire.close first' }] })
    const { env } = await lab.kit('ci')
    await lab.do('wire.close')
    expect((await ask(lab, 'ci', asToken(env))).status).toBe(200)
    await lab.do('wire.open', { port: 0 })
    await lab.do('clouds.close')
    await eventually(() => lab.last().clouds === null && lab.wire() !== null, 'local push alone')
    expect(await lab.try('time.pause')).toMatchObject({
      ok: false,
      message: expect.stringContaining('real clients are attached') as string,
    })
    await lab.do('wire.close')
    await lab.do('time.pause')
  })

  it('opens on loopback, and on no address that this machine has not', async () => {
    const lab = await cloudLab({ open: false })
    expect(await lab.try('clouds.open', { address: '192.0.2.1', port: 0 })).toMatchObject({
      ok: false,
      message: expect.stringContaining('no interface') as string,
    })
    expect(await lab.try('clouds.close')).toMatchObject({ ok: false, message: expect.stringContaining('clouds.open') as string })
    await lab.do('clouds.open', { port: 0 })
    await eventually(() => lab.last().clouds !== null, 'the state')
    expect(lab.state()).toMatchObject({ address: '127.0.0.1', exposed: false, real: [] })
    expect(await lab.try('clouds.open', { port: 0 })).toMatchObject({ ok: false, code: 'refused' })
  })

  it('a port that is taken is named, nothing stays open, and time can be moved again', async () => {
    const taken = createServer()
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve))
    const { port } = taken.address() as { port: number }
    const lab = await cloudLab({ open: false })
    expect(await lab.try('clouds.open', { port: port - 2 })).toMatchObject({
      ok: false,
      code: 'io',
      message: expect.stringContaining('in use') as string,
    })
    await lab.do('time.pause')
    await new Promise((resolve) => taken.close(resolve))
    await lab.do('clouds.open', { port: 0 })
  })
})

describe('what is kept', () => {
  it('[SEC-04] [SEC-07] no token, password or text in inputs, events, journal, log or state', async () => {
    const lab = await cloudLab()
    await lab.do('clouds.secret', { name: 'proxy', value: 'swordfish-of-the-proxy' })
    const secrets = await traffic(lab)
    await eventually(() => lab.state().secrets.length === 1, 'the name of the password')
    const seen = JSON.stringify([lab.events, await lab.log({ limit: 500 }), lab.logged, lab.last()])
    await lab.do('clouds.close')
    const everywhere = seen + (await journalOf(lab))
    for (const secret of [...secrets, 'swordfish', 'meet me']) {
      expect(secret.length).toBeGreaterThan(6)
      expect(everywhere).not.toContain(secret)
    }
    expect(lab.events.length).toBeGreaterThan(5)
  })

  it('[SEC-06] the log has each request with its answer, newest first, by cloud, tracking ID and flow', async () => {
    const lab = await cloudLab()
    await traffic(lab)
    await eventually(() => lab.server('push-rest').requests === 2, 'the counters')
    expect(lab.server('push-rest')).toMatchObject({ refused: 1, connections: 0 })
    expect(lab.server('ci')).toMatchObject({ requests: 1, refused: 0 })
    const { exchanges, more } = await lab.log()
    expect(more).toBe(false)
    expect(exchanges.map(({ cloud, response }) => `${cloud} ${response?.status}`)).toEqual([
      'fcm 200',
      'push-rest 400',
      'push-rest 200',
      'ci 200',
    ])
    const numbers = exchanges.map(({ number }) => number)
    expect(numbers).toEqual(numbers.toSorted((a, b) => b - a))
    const push = exchanges[2]!
    expect(push).toMatchObject({
      side: 'server',
      protocol: 'HTTP/1.1',
      tls: 'TLSv1.3',
      request: { method: 'POST', path: '/v1/push' },
      outcome: 'answered',
    })
    expect(Object.fromEntries(push.request.headers)['authorization']).toMatch(/^Bearer .{8}…$/)
    expect((await lab.log({ tracking: push.tracking })).exchanges).toHaveLength(2)
    expect((await lab.log({ cloud: 'ci' })).exchanges).toHaveLength(1)
    expect((await lab.log({ before: push.number })).exchanges).toHaveLength(1)
    expect((await lab.log({ limit: 1 })).more).toBe(true)
  })

  it('the keys of every connection are there in the form of SSLKEYLOGFILE', async () => {
    const lab = await cloudLab()
    await traffic(lab)
    const { text, mediaType } = await lab.do<{ text: string; mediaType: string }>('clouds.keylog')
    const lines = text.trimEnd().split('\n')
    expect(mediaType).toBe('text/plain')
    for (const line of lines) expect(line).toMatch(/^[A-Z0-9_]+ [0-9a-f]{64} [0-9a-f]{64,96}$/)
    expect(lines.filter((line) => line.startsWith('CLIENT_TRAFFIC_SECRET_0')).length).toBeGreaterThanOrEqual(4)
  })

  it('a run that is full lets the clouds go, and stays one that can be read again', async () => {
    const lab = await cloudLab({ maxInputs: INPUTS_RESERVED + 6 })
    const { env } = await lab.kit('ci')
    // Once they are closed there is nobody to ask.
    for (let i = 0; i < 6; i++)
      await Promise.resolve()
        .then(() => ask(lab, 'ci', asToken(env)))
        .catch(() => null)
    await eventually(() => lab.last().clouds === null, 'the end')
    expect(lab.logged.join('\n')).toContain('as much of real clients as a journal may hold')
    await lab.do('time.pause')
  })
})

describe('the journal', () => {
  it('[DEC-35] gives the run again without sockets, byte for byte', async () => {
    const lab = await cloudLab()
    await traffic(lab)
    await lab.do('clouds.legs', { real: ['push-rest', 'ci'] })
    await lab.do('call.place', { from: 'desk', to: '2000' })
    await lab.hop({ from: 'provider', to: 'push-rest' })
    await lab.do('clouds.close')
    await lab.do('time.pause')
    const text = await journalOf(lab)
    expect(text).toContain('"do":"wire.request"')
    const again = createLabHost({ dataDir: null, scenariosDir: new URL('../../../scenarios', import.meta.url).pathname })
    const imported = await again.dispatch({ name: 'journal.import', args: { text } })
    expect(imported).toMatchObject({ ok: true })
    const exported = await again.dispatch({ name: 'journal.export', args: {} })
    expect(exported.ok && (exported.value as { text: string }).text).toBe(text)
    await again.close()
  })

  it('after a kill the clouds are closed by an input once the lab goes on, and can be opened again', async () => {
    const dataDir = folder()
    const lab = await cloudLab({ dataDir })
    await traffic(lab)
    await eventually(() => readFileSync(join(dataDir, 'run.jsonl'), 'utf8').includes('"do":"wire.push"'), 'the journal on disk')
    const killed = folder()
    cpSync(dataDir, killed, { recursive: true })
    const again = createLabHost({ dataDir: killed, scenariosDir: new URL('../../../scenarios', import.meta.url).pathname })
    let clock = { mode: '', now: 0 }
    const events: { message: string; outcome: string }[] = []
    const watching = again.subscribe((batch) => {
      clock = batch.clock
      events.push(...batch.events)
      queueMicrotask(() => watching.ack(batch.seq))
    })
    await eventually(() => clock.mode === 'paused' && clock.now > 0, 'the run of last time')
    expect(await again.dispatch({ name: 'time.run', args: {} })).toMatchObject({ ok: true })
    await eventually(() => events.some(({ outcome }) => outcome.startsWith('closed')), 'the closing')
    expect(await again.dispatch({ name: 'clouds.open', args: { port: 0 } })).toMatchObject({ ok: true })
    await again.close()
    const inputs = readFileSync(join(killed, 'run.jsonl'), 'utf8')
      .split('\n')
      .filter((line) => line.includes('"do":"wire.clouds"'))
    expect(inputs.map((line) => (JSON.parse(line) as { input: { with: { open: boolean } } }).input.with.open)).toEqual([
      true,
      false,
      true,
      false,
    ])
  })
})

describe('the lab as the client of its own clouds', () => {
  it('[NET-02] [APNS-01] a call wakes the phone with every way real, and both ends stand in the log', async () => {
    const lab = await cloudLab()
    await lab.do('clouds.legs', { real: ['ci', 'push-rest', 'apns'] })
    const { flow } = await lab.do<{ flow: number }>('call.place', { from: 'desk', to: '2000' })
    await lab.hop({ from: 'apns', to: 'phone' })
    await lab.hop({ from: 'phone', message: 'REGISTER' })
    const { exchanges } = await lab.log({ flow })
    const sides = exchanges.map(({ cloud, side }) => `${cloud} ${side}`)
    for (const each of ['push-rest client', 'push-rest server', 'apns client', 'apns server']) expect(sides).toContain(each)
  })
})
