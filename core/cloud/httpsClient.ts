/**
 * The client of the cloud that a push service runs: one pooled connection for each service, requests on it, five seconds for
 * the confirmation. An error on an existing connection is the end of its request (NET-07); silence is followed by one more
 * try over the proxy's next address, with the same tracking ID, when there is one (PROXY-04, DEC-15).
 */
import { newProxyMemory, openThroughProxy, type ProxyMemory } from './proxyWay.ts'
import {
  ANSWER_TIMEOUT_MS,
  CONNECT_TIMEOUT_MS,
  HTTPS_PORT,
  POOL_IDLE_MS,
  type Asked,
  type CloudFailure,
  type CloudResult,
  type Line,
  type ProxySettings,
  type WayPort,
} from './way.ts'

/** A pooled connection. Every dial makes a new one, so that what befalls an old one cannot harm it. */
export type Pooled<A extends Asked> = {
  state: 'opening' | 'open' | 'closed'
  lastUsedAt: number
  waiting: ((opened: Opened<A>) => void)[]
  line: Line<A> | null
  /** Which address of the proxy it goes through, from 0 on, and the one after that; 0 and null without a proxy. */
  place: number
  next: string | null
}

/** `further`: place of the proxy's address that may do better, after silence. */
type Opened<A extends Asked> =
  | { ok: true; pooled: Pooled<A>; fresh: boolean }
  | { ok: false; failure: CloudFailure; further: number | null }

export type HttpsClient<A extends Asked> = {
  readonly pool: Map<string, Pooled<A>>
  /** In use since the service started; null for direct connections. */
  readonly settings: ProxySettings | null
  readonly memory: ProxyMemory
  /** Runs one request; `done` is told exactly once. */
  request(asked: A, done: (result: CloudResult) => void): void
  /** Lets all connections go, and tells those who wait for one. */
  close(text: string, seq: number | null): void
}

export function createHttpsClient<A extends Asked>(
  port: WayPort<A>,
  settings: ProxySettings | null,
  pool: Map<string, Pooled<A>> = new Map(),
): HttpsClient<A> {
  const { clock } = port
  const memory = newProxyMemory()
  const proxy = settings?.enabled === true ? settings : null

  /** `from`: first address of the proxy that may be used; a pooled connection over an earlier one is passed by. */
  function open(asked: A, from: number, opened: (result: Opened<A>) => void): void {
    const known = pool.get(asked.host)
    if (known?.state === 'opening') {
      known.waiting.push(opened)
      return
    }
    if (known?.state === 'open' && known.place >= from && known.line?.gone !== true) {
      if (clock.now() - known.lastUsedAt < POOL_IDLE_MS) return opened({ ok: true, pooled: known, fresh: false })
      release(known) // the pool has let it go by itself
    }
    const pooled: Pooled<A> = { state: 'opening', lastUsedAt: 0, waiting: [opened], line: null, place: from, next: null }
    pool.set(asked.host, pooled)
    const finish = (line: Line<A> | null, failure: CloudFailure | null, further: number | null): void => {
      if (pooled.state !== 'opening') {
        line?.close()
        return
      }
      pooled.state = line ? 'open' : 'closed'
      pooled.line = line
      pooled.lastUsedAt = clock.now()
      const { waiting } = pooled
      pooled.waiting = []
      for (const each of waiting) each(failure ? { ok: false, failure, further } : { ok: true, pooled, fresh: true })
    }
    if (proxy) {
      openThroughProxy({ port, settings: proxy, memory }, asked, from, (way) => {
        pooled.place = way.place
        pooled.next = way.next
        if (way.ok) finish(way.line, null, null)
        else finish(null, way.failure, way.silent && way.next !== null ? way.place + 1 : null)
      })
    } else {
      openDirect(asked, (result) => (result.ok ? finish(result.line, null, null) : finish(null, result, null)))
    }
  }

  /** Name, TCP and TLS. */
  function openDirect(asked: A, done: (result: { ok: true; line: Line<A> } | CloudFailure) => void): void {
    port.resolve(asked, asked.name, (found) => {
      if (!found.ok) return done(found)
      const sentAt = clock.now()
      const timer = clock.schedule(
        CONNECT_TIMEOUT_MS,
        () => {
          abandon()
          const text = `no connection to ${asked.name}:${HTTPS_PORT} within ${CONNECT_TIMEOUT_MS / 1000} s`
          const seq = port.tell(asked, { about: 'connection', sentAt, outcome: text, status: 'fail', why: 'NET-01' })
          done({ ok: false, stage: 'connect', text, why: 'NET-01', seq })
        },
        'connect timeout',
      )
      const abandon = port.dial(asked, { address: found.addresses[0] ?? asked.name, port: HTTPS_PORT, tls: asked.name }, (dialled) => {
        timer.cancel()
        done(dialled)
      })
    })
  }

  function release(pooled: Pooled<A>): void {
    pooled.state = 'closed'
    pooled.line?.close()
  }

  function attempt(asked: A, from: number, again: boolean, done: (result: CloudResult) => void): void {
    open(asked, from, (opened) => {
      if (opened.ok) return exchange(asked, opened.pooled, opened.fresh, again, done)
      if (again || opened.further === null) return done(opened.failure)
      attempt(asked, opened.further, true, done) // nothing was sent yet
    })
  }

  function exchange(asked: A, pooled: Pooled<A>, fresh: boolean, again: boolean, done: (result: CloudResult) => void): void {
    const { line, next } = pooled
    if (!line) return done({ ok: false, stage: 'connect', text: 'the connection is closed', why: 'NET-07', seq: null })
    const sentAt = clock.now()
    if (!again) asked.leaving?.()
    let waiting = true
    const finish = (result: CloudResult | null): void => {
      if (!waiting) return
      waiting = false
      timer.cancel()
      if (result === null || (!result.ok && result.stage === 'timeout')) abandon()
      endBar?.(result === null || (!result.ok && result.stage === 'timeout'))
      if (result?.ok) pooled.lastUsedAt = clock.now()
      else release(pooled)
      if (result) done(result)
      else attempt(asked, pooled.place + 1, true, done)
    }
    const endBar = proxy ? port.wait(asked, 'confirmation through the proxy', ANSWER_TIMEOUT_MS, 'PROXY-04') : null
    const timer = clock.schedule(
      ANSWER_TIMEOUT_MS,
      () => {
        const text = `no answer from ${asked.name} within ${ANSWER_TIMEOUT_MS / 1000} s`
        if (asked.repeatable && !again && next !== null) {
          const outcome = `${text}: sent again, with the same tracking ID, through the proxy's next address, ${next}`
          port.tell(asked, { about: 'request', sentAt, outcome, status: 'warn', why: 'PROXY-04' })
          return finish(null)
        }
        const end = again ? `${text}, the second time: no further try` : `${text}; not sent again on a new connection`
        const why = again ? 'DEC-15' : 'NET-07'
        const seq = port.tell(asked, { about: 'request', sentAt, outcome: end, status: 'fail', why })
        finish({ ok: false, stage: 'timeout', text: end, why, seq })
      },
      'answer timeout',
    )
    const idleMs = fresh ? null : sentAt - pooled.lastUsedAt
    pooled.lastUsedAt = sentAt
    const abandon = line.exchange(asked, idleMs, finish)
  }

  return {
    pool,
    settings,
    memory,
    request: (asked, done) => attempt(asked, 0, false, done),
    close(text, seq) {
      for (const pooled of pool.values()) {
        release(pooled)
        const { waiting } = pooled
        pooled.waiting = []
        for (const each of waiting) each({ ok: false, failure: { ok: false, stage: 'connect', text, why: 'NET-01', seq }, further: null })
      }
    },
  }
}
