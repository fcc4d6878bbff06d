import { describe, expect, it } from 'vitest'
import { createHttpsClient, type HttpsClient } from '../../core/cloud/httpsClient.ts'
import type { Asked, CloudFailure, CloudResult, Line, ProxySettings, Target, Told, TunnelReply, WayPort } from '../../core/cloud/way.ts'
import {
  challengeLine,
  credentialsOf,
  digestFits,
  readCredentials,
  type Challenge,
  type DigestChallenge,
} from '../../core/edge/proxyAuth.ts'
import { VirtualClock } from '../../core/engine/virtualClock.ts'
import { nodeSealer } from '../../core/wire/nodeSealer.ts'

const SETTINGS: ProxySettings = {
  enabled: true,
  server: 'proxy.clinic.example',
  port: 3_128,
  kind: 'HTTP',
  authentication: 'none',
  user: 'cucm',
  password: 'secret',
}
const PUSH: Asked = { host: 'push-rest', name: 'push.webexconnect.com', repeatable: true }
const TOKEN: Asked = { host: 'ci', name: 'idbroker.webex.com', repeatable: false }
const DIGEST: DigestChallenge = {
  scheme: 'Digest',
  realm: 'clinic',
  nonce: 'n1',
  algorithm: 'SHA-256',
  qop: true,
  opaque: null,
  stale: false,
}

const tunnel = (status: number, challenges: Challenge[] = [], closes = false): TunnelReply => ({
  ok: true,
  status,
  text: '',
  challenges: challenges.map(challengeLine),
  closes,
  seq: null,
})
const failure = (stage: CloudFailure['stage']): CloudFailure => ({ ok: false, stage, text: `${stage} failed`, why: 'NET-01', seq: null })
const OK: CloudResult = { ok: true, status: 200, text: 'OK', seq: 0 }

/** After how long something is answered, and with what; never, when there is nothing. */
type Plan<T> = { after: number; with?: T } | 'never'

/** A world outside that does what a test says, and writes down what it was asked. */
class Outside implements WayPort<Asked> {
  readonly clock = new VirtualClock()
  readonly log: string[] = []
  readonly told: Told[] = []
  readonly lookups: string[] = []
  readonly credentials: (string | null)[] = []
  names: string[] | CloudFailure = ['10.0.0.1', '10.0.0.2']
  dials: Record<string, Plan<CloudFailure>> = {}
  tunnels: (asked: Asked, credentials: string | null) => Plan<TunnelReply | CloudFailure> = () => ({ after: 0, with: tunnel(200) })
  secures: Plan<CloudFailure> = { after: 0 }
  answers: (address: string) => Plan<CloudResult> = () => ({ after: 10 })
  /** Addresses whose connections the other side ends as soon as they are open. */
  readonly gone = new Set<string>()
  private cnonces = 0

  cnonce(): string {
    return `c${++this.cnonces}`
  }

  resolve(_asked: Asked, name: string, done: Parameters<WayPort<Asked>['resolve']>[2]): void {
    this.lookups.push(`${this.clock.now()} ${name}`)
    if (Array.isArray(this.names)) done({ ok: true, addresses: this.names })
    else done(this.names)
  }

  dial(_asked: Asked, target: Target, done: Parameters<WayPort<Asked>['dial']>[2]): () => void {
    this.write(`dial ${target.address}${target.tls === null ? '' : ` TLS ${target.tls}`}`)
    const plan = this.dials[target.address] ?? { after: 0 }
    this.answer(plan, (failed) => done(failed ?? { ok: true, line: this.line(target.address) }))
    return () => void this.write(`give up ${target.address}`)
  }

  tell(_asked: Asked, told: Told): number {
    this.told.push(told)
    return this.write(`told ${told.why}`)
  }

  wait(): () => void {
    return () => undefined
  }

  private line(address: string): Line<Asked> {
    return {
      gone: this.gone.has(address),
      tunnel: (asked, login, done) => {
        const credentials = login && credentialsOf(login, login.secret, { method: 'CONNECT', uri: `${asked.name}:443` }, nodeSealer)
        this.write(`CONNECT ${asked.name} by ${address}`)
        this.credentials.push(credentials)
        this.answer(this.tunnels(asked, credentials), (reply) => reply && done(reply))
      },
      secure: (asked, done) => {
        this.write(`TLS with ${asked.name}`)
        this.answer(this.secures, (failed) => done(failed ?? { ok: true }))
      },
      exchange: (asked, idleMs, done) => {
        this.write(`send ${asked.host} by ${address}${idleMs === null ? ', new' : `, idle ${idleMs}`}`)
        this.answer(this.answers(address), (result) => done(result ?? OK))
        return () => void this.write(`wait for ${address} no more`)
      },
      close: () => void this.write(`close ${address}`),
    }
  }

  private answer<T>(plan: Plan<T>, done: (value: T | undefined) => void): void {
    if (plan !== 'never') this.clock.schedule(plan.after, () => done(plan.with), 'answer', 'arrival')
  }

  private write(text: string): number {
    return this.log.push(`${this.clock.now()} ${text}`)
  }
}

type Lab = { outside: Outside; client: HttpsClient<Asked>; ask(asked?: Asked): CloudResult[]; run(ms: number): void }

function lab(settings: Partial<ProxySettings> | null = {}, change: (outside: Outside) => void = () => undefined): Lab {
  const outside = new Outside()
  change(outside)
  const client = createHttpsClient(outside, settings && { ...SETTINGS, ...settings })
  return {
    outside,
    client,
    ask(asked = PUSH) {
      const results: CloudResult[] = []
      client.request(asked, (result) => results.push(result))
      return results
    },
    run: (ms) => void outside.clock.runUntil(outside.clock.now() + ms),
  }
}

describe('the way through a proxy', () => {
  it('[PROXY-01][DEC-26] HTTP: plain hop, CONNECT, TLS end to end; HTTPS: TLS hop as well', () => {
    const http = lab()
    expect(http.ask()).toEqual([])
    http.run(100)
    expect(http.outside.log).toEqual([
      '0 dial 10.0.0.1',
      '0 CONNECT push.webexconnect.com by 10.0.0.1',
      '0 TLS with push.webexconnect.com',
      '0 send push-rest by 10.0.0.1, new',
    ])
    const https = lab({ kind: 'HTTPS' })
    https.ask()
    https.run(100)
    expect(https.outside.log[0]).toBe('0 dial 10.0.0.1 TLS proxy.clinic.example')
    expect(https.outside.log.slice(1)).toEqual(http.outside.log.slice(1))
  })

  it('[PROXY-02] switched off: direct connections only', () => {
    const { outside, ask, run } = lab({ enabled: false })
    const results = ask()
    run(100)
    expect(outside.lookups).toEqual(['0 push.webexconnect.com'])
    expect(outside.log[0]).toBe('0 dial 10.0.0.1 TLS push.webexconnect.com')
    expect(results).toEqual([OK])
  })

  it('[PROXY-03] an IP address is not looked up', () => {
    const { outside, ask, run } = lab({ server: '10.9.9.9' })
    ask()
    run(100)
    expect(outside.lookups).toEqual([])
    expect(outside.log[0]).toBe('0 dial 10.9.9.9')
  })

  it.each([
    [1_999, '10.0.0.1'],
    [2_000, '10.0.0.1'],
    [2_001, '10.0.0.2'],
  ])('[PROXY-03] an address that connects after %i ms: %s is used', (after, used) => {
    const { outside, ask, run } = lab({}, (out) => (out.dials['10.0.0.1'] = { after }))
    const results = ask()
    run(3_000)
    expect(results).toEqual([OK])
    expect(outside.log.filter((line) => line.includes('send'))).toEqual([`${Math.min(after, 2_000)} send push-rest by ${used}, new`])
    expect(outside.log.includes('2000 dial 10.0.0.2')).toBe(used === '10.0.0.2')
    // What connects too late is given up, and hung up on if it comes all the same.
    expect(outside.log.includes('2000 give up 10.0.0.1')).toBe(used === '10.0.0.2')
    expect(outside.log.includes('2001 close 10.0.0.1')).toBe(used === '10.0.0.2')
  })

  it('[PROXY-03] an address that refuses needs no 2 s; when all fail, the request does, and the next one starts with the first', () => {
    const { outside, ask, run } = lab({}, (out) => {
      out.dials = { '10.0.0.1': { after: 3, with: failure('connect') }, '10.0.0.2': 'never' }
    })
    const results = ask()
    run(2_002)
    expect(results).toEqual([])
    run(1)
    expect(results).toMatchObject([{ ok: false, stage: 'connect', why: 'PROXY-03', text: expect.stringContaining('10.0.0.1 or 10.0.0.2') }])
    expect(outside.log).toContain('3 dial 10.0.0.2')
    ask()
    expect(outside.log.at(-1)).toBe('2003 dial 10.0.0.1')
  })

  it.each([
    [3_599_000, 1],
    [3_599_999, 1],
    [3_600_000, 2],
  ])('[PROXY-07] %i ms after the lookup there were %i lookups', (at, lookups) => {
    const { outside, ask, run } = lab()
    ask()
    run(at)
    outside.names = ['10.0.0.7']
    const results = ask()
    run(100)
    expect(results).toEqual([OK])
    expect(outside.lookups).toHaveLength(lookups)
    expect(outside.log.filter((line) => line.includes('dial')).at(-1)).toContain(lookups === 2 ? '10.0.0.7' : '10.0.0.1')
  })

  it('[PROXY-07] a failed lookup is not kept', () => {
    const { outside, ask, run } = lab({}, (out) => (out.names = failure('dns')))
    expect(ask()).toMatchObject([{ ok: false, stage: 'dns' }])
    outside.names = ['10.0.0.1']
    const results = ask()
    run(100)
    expect(results).toEqual([OK])
  })
})

describe('the confirmation', () => {
  it.each([
    [4_999, 1],
    [5_000, 1],
    [5_001, 2],
  ])('[PROXY-04] after %i ms: %i sends', (after, sends) => {
    const { outside, ask, run } = lab({}, (out) => (out.answers = (address) => ({ after: address === '10.0.0.1' ? after : 10 })))
    let left = 0
    const results = ask({ ...PUSH, leaving: () => void left++ })
    run(6_000)
    expect(results).toEqual([OK])
    expect(left).toBe(1)
    expect(outside.log.filter((line) => line.includes('send'))).toEqual([
      '0 send push-rest by 10.0.0.1, new',
      ...(sends === 2 ? ['5000 send push-rest by 10.0.0.2, new'] : []),
    ])
    expect(outside.told.map(({ why, status }) => `${why} ${status}`)).toEqual(sends === 2 ? ['PROXY-04 warn'] : [])
  })

  it('[DEC-15] one resend and no more: silence there too is the end, at 10 s', () => {
    const { outside, ask, run } = lab({}, (out) => {
      out.names = ['10.0.0.1', '10.0.0.2', '10.0.0.3']
      out.answers = () => 'never'
    })
    const results = ask()
    run(9_999)
    expect(results).toEqual([])
    run(1)
    expect(results).toMatchObject([{ ok: false, stage: 'timeout', why: 'DEC-15' }])
    run(60_000)
    expect(outside.log.filter((line) => line.includes('send'))).toHaveLength(2)
    expect(results).toHaveLength(1)
  })

  it('[DEC-15][NET-07] an error on an existing connection: one attempt, and the next request opens a new connection', () => {
    const { outside, ask, run } = lab()
    ask()
    run(1_000)
    outside.answers = () => ({ after: 5, with: failure('send') })
    const results = ask()
    run(10_000)
    expect(results).toMatchObject([{ ok: false, stage: 'send' }])
    expect(outside.log.filter((line) => line.includes('send'))).toHaveLength(2)
    ask()
    expect(outside.log.at(-1)).toBe('11000 dial 10.0.0.1')
  })

  it('[DEC-15] silence with no further address, or of a request that is no push: not sent again', () => {
    const single = lab({}, (out) => {
      out.names = ['10.0.0.1']
      out.answers = () => 'never'
    })
    const results = single.ask()
    single.run(5_000)
    expect(results).toMatchObject([{ ok: false, stage: 'timeout', why: 'NET-07' }])
    const token = lab({}, (out) => (out.answers = () => 'never'))
    const failed = token.ask(TOKEN)
    token.run(5_000)
    expect(failed).toMatchObject([{ ok: false, stage: 'timeout', why: 'NET-07' }])
    expect(token.outside.log.filter((line) => line.includes('send'))).toHaveLength(1)
  })

  it('[DEC-15] a proxy that takes the connection and then says nothing for 5 s: the next address, once', () => {
    const { outside, ask, run } = lab({}, (out) => (out.tunnels = () => 'never'))
    const results = ask()
    run(5_000)
    expect(outside.log.at(-1)).toBe('5000 CONNECT push.webexconnect.com by 10.0.0.2')
    run(4_999)
    expect(results).toEqual([])
    run(1)
    expect(results).toMatchObject([{ ok: false, stage: 'timeout', why: 'PROXY-05' }])
  })

  it('[PROXY-04] several pushes on one silent connection move on together; none takes the new connection down', () => {
    const { outside, ask, run } = lab({}, (out) => (out.answers = (address) => (address === '10.0.0.1' ? 'never' : { after: 10 })))
    const first = ask()
    run(1)
    const second = ask()
    run(5_020)
    expect([first, second]).toEqual([[OK], [OK]])
    expect(outside.log.filter((line) => line.includes('dial'))).toEqual(['0 dial 10.0.0.1', '5000 dial 10.0.0.2'])
    ask()
    expect(outside.log.at(-1)).toMatch(/send push-rest by 10\.0\.0\.2, idle/)
  })

  it('[NET-06][NET-07] a connection that the other side has ended is no existing one: the next request opens another', () => {
    const { outside, ask, run } = lab({}, (out) => void out.gone.add('10.0.0.1'))
    ask()
    run(1_000)
    const results = ask()
    run(100)
    expect(results).toEqual([OK])
    expect(outside.log.filter((line) => line.includes('dial'))).toEqual(['0 dial 10.0.0.1', '1000 dial 10.0.0.1'])
  })

  it.each([
    [1_799_999, 1],
    [1_800_000, 2],
  ])('[NET-06] the pool keeps an idle connection for 30 minutes: after %i ms there were %i dials', (idle, dials) => {
    const { outside, ask, run } = lab()
    ask()
    run(10)
    run(idle)
    ask()
    expect(outside.log.filter((line) => line.includes('dial'))).toHaveLength(dials)
  })
})

describe('the login at the proxy', () => {
  const asks = (challenge: Challenge, right: (credentials: string) => boolean) => (_: Asked, credentials: string | null) => ({
    after: 1,
    with: credentials !== null && right(credentials) ? tunnel(200) : tunnel(407, [challenge]),
  })
  const knows =
    (password: string, challenge = DIGEST) =>
    (credentials: string) => {
      const shown = readCredentials(credentials)
      const request = { method: 'CONNECT', uri: 'push.webexconnect.com:443' }
      return shown.scheme === 'Digest' && digestFits(shown.params, { user: 'cucm', password }, challenge, request, nodeSealer)
    }

  it('[PROXY-02] Basic: asked, answered, and from then on without being asked', () => {
    const basic = (credentials: string) => credentials === `Basic ${nodeSealer.base64('cucm:secret')}`
    const { outside, ask, run } = lab({ authentication: 'Basic' }, (out) => (out.tunnels = asks({ scheme: 'Basic', realm: 'r' }, basic)))
    const results = [ask(), ask(TOKEN)]
    run(100)
    expect(results).toEqual([[OK], [OK]])
    run(1_800_000)
    ask()
    run(100)
    expect(outside.credentials.at(-1)).toBe(`Basic ${nodeSealer.base64('cucm:secret')}`)
    expect(outside.log.filter((line) => line.includes('CONNECT push'))).toHaveLength(3) // asked, answered; known
  })

  it('[PROXY-02] Digest: a response of its own for each tunnel, counted up, with a new cnonce', () => {
    const { outside, ask, run } = lab({ authentication: 'Digest' }, (out) => (out.tunnels = asks(DIGEST, knows('secret'))))
    for (let i = 0; i < 3; i++) {
      const results = ask()
      run(1_800_100)
      expect(results).toEqual([OK])
    }
    const [asked, ...shown] = outside.credentials
    expect(asked).toBeNull()
    expect(shown.map((value) => /nc=(\d+), cnonce="(\w+)"/.exec(value ?? '')?.slice(1))).toEqual([
      ['00000001', 'c1'],
      ['00000002', 'c2'],
      ['00000003', 'c3'],
    ])
  })

  it.each(['Basic', 'Digest'] as const)('[PROXY-02] %s with the wrong password: the second 407 is the end', (authentication) => {
    const challenge: Challenge = authentication === 'Basic' ? { scheme: 'Basic', realm: 'r' } : DIGEST
    const { outside, ask, run } = lab({ authentication }, (out) => (out.tunnels = () => ({ after: 1, with: tunnel(407, [challenge]) })))
    const results = ask()
    run(100)
    expect(results).toMatchObject([{ ok: false, stage: 'proxy', why: 'PROXY-02', text: expect.stringMatching(/407.*"cucm".*wrong/) }])
    expect(outside.credentials).toHaveLength(2)
    expect(JSON.stringify(results)).not.toContain('secret')
  })

  it('[PROXY-02] a nonce that has grown old is no wrong password', () => {
    const renewed: DigestChallenge = { ...DIGEST, nonce: 'n2', stale: true }
    const { outside, ask, run } = lab({ authentication: 'Digest' }, (out) => (out.tunnels = asks(DIGEST, knows('secret'))))
    ask()
    run(1_800_100)
    outside.tunnels = asks(renewed, knows('secret', renewed))
    const results = ask()
    run(100)
    expect(results).toEqual([OK])
    expect(outside.credentials).toHaveLength(4)
  })

  it('[PROXY-02] a login is asked for and none is set; Digest is asked for and Basic is set', () => {
    for (const authentication of ['none', 'Basic'] as const) {
      const { outside, ask, run } = lab({ authentication }, (out) => (out.tunnels = () => ({ after: 1, with: tunnel(407, [DIGEST]) })))
      const results = ask()
      run(100)
      expect(results).toMatchObject([
        {
          ok: false,
          stage: 'proxy',
          why: 'PROXY-02',
          text: expect.stringContaining(`asks for Digest; authentication is set to ${authentication}`),
        },
      ])
      expect(outside.credentials).toEqual([null])
    }
  })

  it.each([
    [[{ scheme: 'other', name: 'Negotiate' } as const, { scheme: 'other', name: 'NTLM' } as const], 407, /asks for Negotiate, NTLM/],
    [[], 405, /405 .* neither of the two call flows/],
    [[], 400, /400 .* neither of the two call flows/],
    [[], 403, /403 .* forbid/],
  ])('[PROXY-01] what follows neither call flow fails with a reason (%#)', (challenges, status, text) => {
    const { ask, run } = lab({ authentication: 'Digest' }, (out) => (out.tunnels = () => ({ after: 1, with: tunnel(status, challenges) })))
    const results = ask()
    run(100)
    expect(results).toMatchObject([{ ok: false, stage: 'proxy', why: 'PROXY-01', text: expect.stringMatching(text) }])
  })

  it('[PROXY-05] 502 to 504 say that the proxy does not reach the cloud: the login is not to blame', () => {
    for (const status of [502, 503, 504]) {
      const { ask, run } = lab({}, (out) => (out.tunnels = () => ({ after: 1, with: tunnel(status) })))
      const results = ask()
      run(100)
      expect(results).toMatchObject([{ ok: false, stage: 'connect', why: 'PROXY-05' }])
    }
  })

  it('[PROXY-02] a proxy that hangs up after asking is dialled again, and told at once', () => {
    const { outside, ask, run } = lab({ authentication: 'Digest' }, (out) => {
      const answer = asks(DIGEST, knows('secret'))
      out.tunnels = (asked, credentials) => {
        const plan = answer(asked, credentials)
        return { ...plan, with: { ...plan.with, closes: plan.with.status === 407 } }
      }
    })
    const results = ask()
    run(100)
    expect(results).toEqual([OK])
    expect(outside.log.map((line) => line.replace(/^\d+ /, ''))).toEqual([
      'dial 10.0.0.1',
      'CONNECT push.webexconnect.com by 10.0.0.1',
      'close 10.0.0.1',
      'dial 10.0.0.1',
      'CONNECT push.webexconnect.com by 10.0.0.1',
      'TLS with push.webexconnect.com',
      'send push-rest by 10.0.0.1, new',
    ])
  })

  it('[NET-03] inspection inside the tunnel breaks the trust: no second address helps', () => {
    const { outside, ask, run } = lab({}, (out) => (out.secures = { after: 1, with: failure('tls') }))
    const results = ask()
    run(10_000)
    expect(results).toMatchObject([{ ok: false, stage: 'tls' }])
    expect(outside.log.filter((line) => line.includes('dial'))).toHaveLength(1)
  })
})
