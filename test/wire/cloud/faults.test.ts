/** Each fault of `clouds.fault`, as the client of the real socket sees it. */
import { connect as connectHttp2, type ClientHttp2Session } from 'node:http2'
import { afterEach, describe, expect, it } from 'vitest'
import type { CloudName, WireFault } from '../../../core/contract/clouds.ts'
import { ask, closeLabs, cloudLab, type Ask, type CloudLab } from './lab.ts'
import { eventually } from '../eventually.ts'

const sessions: ClientHttp2Session[] = []
afterEach(async () => {
  for (const session of sessions.splice(0)) session.destroy()
  await closeLabs()
})

/** Something that each server answers at once, without the lab. */
const PLAIN: Record<Exclude<CloudName, 'apns'>, Ask & { status: number }> = {
  fos: { path: '/none', status: 404 },
  ci: { path: '/none', status: 404 },
  'push-rest': { path: '/none', status: 404 },
  fcm: { path: '/v1/projects/push-lab/messages:send', status: 401, body: '{}' },
}
const OVER_HTTP1 = Object.entries(PLAIN) as [Exclude<CloudName, 'apns'>, Ask & { status: number }][]

const outcome = (asked: Promise<{ status: number; body: string }>): Promise<string> =>
  asked.then(
    ({ status, body }) => `${status} ${body.slice(0, 15)}`,
    (error: NodeJS.ErrnoException) => error.code ?? error.message,
  )

async function waiting(lab: CloudLab, cloud: CloudName, left: number): Promise<void> {
  await eventually(() => lab.server(cloud).faults.reduce((sum, each) => sum + each.left, 0) === left, `${left} faults waiting`)
}

describe.each(OVER_HTTP1)('%s over HTTP/1.1', (cloud, { status, ...plain }) => {
  it('[SCN-15] a reset, once, and the next request is served', async () => {
    const lab = await cloudLab()
    await lab.fault(cloud, { kind: 'reset' })
    await waiting(lab, cloud, 1)
    expect(await outcome(ask(lab, cloud, plain))).toBe('ECONNRESET')
    expect((await ask(lab, cloud, plain)).status).toBe(status)
    await waiting(lab, cloud, 0)
  })

  it('[SCN-15] no answer until the client gives up', async () => {
    const lab = await cloudLab()
    await lab.fault(cloud, { kind: 'stall' })
    const stalled = outcome(ask(lab, cloud, plain))
    expect((await ask(lab, cloud, plain)).status).toBe(status)
    const after = await Promise.race([stalled, new Promise((resolve) => setTimeout(resolve, 300, 'silence'))])
    expect(after).toBe('silence')
    await lab.do('clouds.close')
    expect(await stalled).not.toMatch(/^\d/)
  })

  it('[SCN-15] the answer byte by byte', async () => {
    const lab = await cloudLab()
    await lab.fault(cloud, { kind: 'slow-body', ms: 400 })
    const started = performance.now()
    const answer = await ask(lab, cloud, plain)
    expect(answer.status).toBe(status)
    expect(answer.body.length).toBeGreaterThan(10)
    expect(performance.now() - started).toBeGreaterThan(390)
  })

  it('[SCN-15] half an answer, and the end', async () => {
    const lab = await cloudLab()
    await lab.fault(cloud, { kind: 'half-close' })
    expect(await outcome(ask(lab, cloud, plain))).toBe('ECONNRESET')
  })

  it('[SCN-15] a login page in place of JSON', async () => {
    const lab = await cloudLab()
    await lab.fault(cloud, { kind: 'page' })
    const answer = await ask(lab, cloud, plain)
    expect([answer.status, answer.headers['content-type'], answer.body.slice(0, 15)]).toEqual([
      200,
      'text/html; charset=utf-8',
      '<!doctype html>',
    ])
    const [entry] = (await lab.log({ cloud })).exchanges
    expect(entry).toMatchObject({ fault: true, response: { status: 200 } })
  })

  it('[SCN-15] any status, with Retry-After', async () => {
    const lab = await cloudLab()
    await lab.fault(cloud, { kind: 'answer', status: 503, retryAfterS: 7 }, 2)
    for (let i = 0; i < 2; i++) {
      const answer = await ask(lab, cloud, plain)
      expect([answer.status, answer.headers['retry-after']]).toEqual([503, '7'])
    }
    expect((await ask(lab, cloud, plain)).status).toBe(status)
  })
})

describe('wrong certificates', () => {
  it.each([
    ['authority', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'],
    ['name', 'ERR_TLS_CERT_ALTNAME_INVALID'],
    ['expired', 'CERT_HAS_EXPIRED'],
  ] as const)('[SEC-03] [NET-03] %s: the client sees it before it says anything, on each server; then all is well', async (wrong, code) => {
    const lab = await cloudLab()
    for (const [cloud, { status, ...plain }] of OVER_HTTP1) {
      const before = lab.server(cloud).requests
      await lab.fault(cloud, { kind: 'certificate', wrong })
      expect(await outcome(ask(lab, cloud, plain)), cloud).toBe(code)
      expect(lab.server(cloud).requests, cloud).toBe(before)
      expect((await ask(lab, cloud, plain)).status, cloud).toBe(status)
    }
    await lab.fault('apns', { kind: 'certificate', wrong })
    expect((await apns(lab)).error).toBe(code)
    expect((await apns(lab)).status).toBe(405)
  })
})

type Seen = { status: number | null; body: string; error: string | null; goaway: string | null; ms: number; html: boolean }

/** A GET, which APNs answers with 405 at once. */
function apns(lab: CloudLab): Promise<Seen> {
  const started = performance.now()
  const seen: Seen = { status: null, body: '', error: null, goaway: null, ms: 0, html: false }
  const session = connectHttp2(`https://127.0.0.1:${lab.port('apns')}`, { ca: lab.ca, servername: 'api.push.apple.com' })
  sessions.push(session)
  session.on('goaway', (_code, _last, data) => (seen.goaway ??= data?.toString() ?? ''))
  return new Promise((resolve) => {
    const done = (): void => {
      seen.ms = performance.now() - started
      session.close()
      resolve(seen)
    }
    session.on('error', (error: NodeJS.ErrnoException) => {
      seen.error = error.code ?? error.message // says more than that of its stream
      done()
    })
    const stream = session.request({ ':method': 'GET', ':path': '/3/device/x' })
    stream.setEncoding('utf8')
    stream.on('response', (headers) => {
      seen.status = headers[':status'] ?? null
      seen.html = String(headers['content-type']).startsWith('text/html')
    })
    stream.on('data', (part: string) => (seen.body += part))
    stream.on('error', (error: NodeJS.ErrnoException) => (seen.error ??= error.code ?? error.message))
    stream.on('end', () => undefined)
    stream.on('close', () => setTimeout(done, 50))
    stream.end()
  })
}

describe('APNs over HTTP/2', () => {
  it.each([
    ['answer', { kind: 'answer', status: 429 }, { status: 429, body: '{"reason":"TooManyRequests"}' }],
    ['answer with a reason', { kind: 'answer', status: 503, reason: 'Shutdown' }, { status: 503, body: '{"reason":"Shutdown"}' }],
    ['page', { kind: 'page' }, { status: 200, html: true }],
    ['goaway', { kind: 'goaway', reason: 'IdleTimeout' }, { status: null, goaway: '{"reason":"IdleTimeout"}' }],
  ] as [string, WireFault, Partial<Seen>][])('[APNS-06] [APNS-08] %s', async (_which, fault, expected) => {
    const lab = await cloudLab()
    await lab.fault('apns', fault)
    expect(await apns(lab)).toMatchObject(expected)
    expect(await apns(lab)).toMatchObject({ status: 405, error: null })
  })

  it('[APNS-08] reset: the connection is gone with its streams', async () => {
    const lab = await cloudLab()
    await lab.fault('apns', { kind: 'reset' })
    const seen = await apns(lab)
    expect([seen.status, seen.error]).toEqual([null, 'ECONNRESET'])
  })

  it('[SCN-15] slow-body: the true answer, late', async () => {
    const lab = await cloudLab()
    await lab.fault('apns', { kind: 'slow-body', ms: 300 })
    const seen = await apns(lab)
    expect(seen).toMatchObject({ status: 405, body: '{"reason":"MethodNotAllowed"}' })
    expect(seen.ms).toBeGreaterThan(290)
  })

  it('[SCN-15] half-close: half of the true answer', async () => {
    const lab = await cloudLab()
    await lab.fault('apns', { kind: 'half-close' })
    const seen = await apns(lab)
    expect(seen.status).toBe(405)
    expect(seen.body).not.toContain('MethodNotAllowed"}')
  })

  it('[SCN-15] stall: nothing, until the clouds close', async () => {
    const lab = await cloudLab()
    await lab.fault('apns', { kind: 'stall' })
    const stalled = apns(lab)
    expect(await Promise.race([stalled, new Promise((resolve) => setTimeout(resolve, 300, 'silence'))])).toBe('silence')
    await lab.do('clouds.close')
    expect((await stalled).status).toBeNull()
  })
})

describe('what may be asked for', () => {
  it('refuses a GOAWAY elsewhere, a reason that APNs has not, a status without an answer, and more than a hundred', async () => {
    const lab = await cloudLab()
    const refused = async (cloud: CloudName, fault: WireFault): Promise<string> => {
      const reply = await lab.try('clouds.fault', { cloud, fault })
      return reply.ok ? 'taken' : reply.message
    }
    expect(await refused('ci', { kind: 'goaway', reason: 'Shutdown' })).toContain('no other cloud')
    expect(await refused('apns', { kind: 'goaway', reason: 'Because' })).toContain('is no reason of APNs')
    expect(await refused('ci', { kind: 'answer', status: 101 })).toContain('has no body')
    expect(await refused('fcm', { kind: 'answer', status: 204 })).toContain('has no body')
    expect(await refused('fos', { kind: 'slow-body', ms: 120_001 })).toContain('120 s at most')
    expect(await refused('fos', { kind: 'slow-body', ms: 120_000 })).toBe('taken')
    for (let i = 0; i < 100; i++) expect(await refused('ci', { kind: 'stall' })).toBe('taken')
    expect(await refused('ci', { kind: 'stall' })).toContain('clouds.mend')
    await lab.do('clouds.mend', { cloud: 'ci' })
    await waiting(lab, 'ci', 0)
    expect((await ask(lab, 'ci', { path: '/none' })).status).toBe(404)
  })
})
