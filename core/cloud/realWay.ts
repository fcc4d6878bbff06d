/**
 * The way to the cloud over real sockets, as the port of the one client (issue 4). What is asked leaves through `world.real`,
 * what comes of it are inputs of the run; waits, retries and choices stay the machine's own. Faults of the lab hold here too.
 */
import type { Told } from '../contract/clouds.ts'
import { hostPort } from '../edge/hostPort.ts'
import type { Loss } from '../engine/network.ts'
import { routeBetween, tell, type Hop, type World } from '../world.ts'
import { ask, dropAsk, unexpected } from './asks.ts'
import { connecting, forgotten, hopOf, lossFailure, trustFailure, unresolved, type Carried } from './carried.ts'
import { noteOwn } from './ownRequests.ts'
import type { RealRequest } from './real.ts'
import { connectText } from './virtualProxy.ts'
import { observers } from './virtualWay.ts'
import {
  HTTPS_PORT,
  PROXY_ADDRESS_TTL_MS,
  type CloudFailure,
  type CloudResult,
  type Line,
  type Stage,
  type Target,
  type WayPort,
} from './way.ts'

/** What events say of everything that took this way. */
export const REAL = ', over a real socket'

/** How long a name server is waited for; our choice, longer than two questions of 1 s each. */
export const LOOKUP_TIMEOUT_MS = 5_000

const DIRECT_WHY: Readonly<Record<Stage, string>> = {
  dns: 'NET-09',
  connect: 'NET-01',
  tls: 'NET-03',
  proxy: 'PROXY-01',
  send: 'NET-07',
  timeout: 'NET-07',
}
const PROXY_WHY: Readonly<Record<Stage, string>> = { ...DIRECT_WHY, dns: 'PROXY-03', connect: 'PROXY-03', tls: 'PROXY-01' }

export function realWay(world: World): WayPort<Carried> {
  return {
    clock: world.clock,
    cnonce: () => world.random('cnonce').uuid(),
    resolve: (asked, name, done) => resolve(world, asked, name, done),
    dial: (asked, target, done) => dial(world, asked, target, done),
    ...observers(world),
  }
}

const proxyPlace = (world: World): string => world.proxy?.id ?? 'proxy'

/** Writes a failure where it is known, and gives it to the machine. */
function failed(world: World, hop: Hop, stage: Stage, text: string, why: string): CloudFailure {
  const { seq } = tell(world, hop, `${text}${REAL}`, 'fail', why)
  return { ok: false, stage, text, why, seq }
}

/** Told something that is no success: a failure with its stage, or what nobody asked. */
function failureOf(world: World, hop: Hop, told: Told, why: Readonly<Record<Stage, string>>): CloudFailure {
  const { stage, text } = told.is === 'failed' ? told : unexpected(told)
  return failed(world, hop, stage, text, why[stage])
}

function resolve(world: World, asked: Carried, name: string, done: Parameters<WayPort<Carried>['resolve']>[2]): void {
  const ofProxy = name !== asked.name
  const refused = unresolved(world, asked, name, ofProxy ? proxyPlace(world) : asked.host)
  if (refused) return done(refused)
  const hop: Hop = { ...hopOf(asked, `look up ${name}`, world.clock.now()), to: asked.from }
  const timer = world.clock.schedule(
    LOOKUP_TIMEOUT_MS,
    () => {
      dropAsk(world, number)
      done(failed(world, hop, 'dns', `no answer about ${name} within ${LOOKUP_TIMEOUT_MS / 1_000} s`, 'NET-09'))
    },
    'lookup timeout',
  )
  const number = ask(world, asked.host, { do: 'resolve', node: asked.node.id, name }, (told) => {
    timer.cancel()
    if (told.is !== 'addresses' || told.addresses.length === 0) {
      const none: Told = { is: 'failed', stage: 'dns', text: `${name} has no address` }
      return done(failureOf(world, hop, told.is === 'addresses' ? none : told, ofProxy ? PROXY_WHY : DIRECT_WHY))
    }
    const { addresses } = told
    if (ofProxy) tell(world, hop, `${addresses.join(', ')}; kept for ${PROXY_ADDRESS_TTL_MS / 1_000} s${REAL}`, 'ok', 'PROXY-07')
    done({ ok: true, addresses })
  })
}

/** Lets it leave when no fault of the lab is in its way; after a silent loss nothing happens, and the machine waits. */
function leave(
  world: World,
  hop: Hop,
  stages: readonly Stretch[],
  device: string | undefined,
  go: () => void,
  lost: (loss: Loss) => void,
): void {
  let delayMs = 0
  for (const { from, to, port } of stages) {
    const { loss, addMs } = world.network.passage(routeBetween(world, from, to), { port, device })
    delayMs += addMs
    if (!loss) continue
    tell(world, hop, loss.text, loss.how === 'silent' ? 'lost' : 'fail', loss.why)
    if (loss.how !== 'silent') lost(loss)
    return
  }
  if (delayMs > 0) world.clock.schedule(delayMs, go, hop.message, 'arrival')
  else go()
}

type Stretch = { from: string; to: string; port: number }

/** An address that is dialled under the cloud's own name is the cloud; any other is the proxy. */
function dial(world: World, asked: Carried, target: Target, done: Parameters<WayPort<Carried>['dial']>[2]): () => void {
  const direct = target.tls === asked.name
  const { address, port, tls } = target
  const hop: Hop = direct
    ? connecting(world, asked)
    : { ...hopOf(asked, `connect ${hostPort(address, port)}${tls === null ? '' : ', TLS'}`, world.clock.now()), to: proxyPlace(world) }
  let number = 0
  let wanted = true
  const go = (): void => {
    if (!wanted) return
    const dialled = ask(world, asked.host, { do: 'dial', node: asked.node.id, target }, (told) => {
      number = 0
      if (told.is !== 'line') {
        const failure = failureOf(world, hop, told, direct ? DIRECT_WHY : PROXY_WHY)
        // Whoever speaks no TLS there is not the proxy that was set; the next address would be the same.
        return done(failure.stage === 'tls' && !direct ? { ...failure, stage: 'proxy' } : failure)
      }
      const line = realLine(world, asked, target, dialled)
      if (!direct) {
        tell(world, hop, `connected${tls === null ? '' : ', TLS with the proxy'}${REAL}`, 'ok', 'PROXY-01')
        return done({ ok: true, line })
      }
      const distrust = trustFailure(world, asked, hop, [routeBetween(world, asked.node.id, asked.host)], [], REAL)
      if (distrust) line.close()
      done(distrust ?? { ok: true, line })
    })
    number = dialled
  }
  const stretch = { from: asked.node.id, to: direct ? asked.host : proxyPlace(world), port }
  leave(world, hop, [stretch], undefined, go, (loss) => done(lossFailure(world, 'connect', loss)))
  return () => {
    wanted = false
    dropAsk(world, number)
  }
}

/** A connection that stands. It is watched under its own number, for the other side may end it at any time. */
function realLine(world: World, first: Carried, target: Target, number: number): Line<Carried> {
  const { real } = world
  const open = new Set<number>()
  let gone = false
  let closing = false
  real.asks.set(number, {
    cloud: first.host,
    told(told) {
      gone = true
      const text = told.is === 'failed' ? told.text : unexpected(told).text
      if (!closing)
        tell(world, { ...hopOf(first, 'connection ends', world.clock.now()), flow: 0, tracking: undefined }, text, 'info', 'NET-06')
    },
  })
  const hangUp = (): void => {
    if (!closing || open.size > 0 || !real.asks.delete(number)) return
    real.port?.hangUp(number)
  }
  /** Puts a question about this line; the answer gives up. */
  const question = (what: Parameters<typeof ask>[2], then: (told: Told) => void): (() => void) => {
    let asked = 0
    let settled = false
    asked = ask(world, first.host, what, (told) => {
      settled = true
      open.delete(asked)
      then(told)
      hangUp()
    })
    if (!settled) open.add(asked)
    return () => {
      if (!open.delete(asked)) return
      dropAsk(world, asked)
      hangUp()
    }
  }
  const viaProxy = target.tls !== first.name
  const nextHost = (asked: Carried): string => (viaProxy ? proxyPlace(world) : asked.host)
  const toProxy = (asked: Carried): Stretch => ({ from: asked.node.id, to: proxyPlace(world), port: target.port })
  const toCloud = (asked: Carried): Stretch[] =>
    viaProxy
      ? [toProxy(asked), { from: proxyPlace(world), to: asked.host, port: HTTPS_PORT }]
      : [{ from: asked.node.id, to: asked.host, port: HTTPS_PORT }]
  return {
    get gone() {
      return gone
    },
    tunnel(asked, login, done) {
      const uri = `${asked.name}:${HTTPS_PORT}`
      const hop: Hop = { ...hopOf(asked, connectText(uri, login), world.clock.now()), to: proxyPlace(world) }
      const go = (): void => {
        tell(world, hop, `written to the socket of ${target.address}`, 'info', 'PROXY-01')
        question({ do: 'tunnel', line: number, name: asked.name, login }, (told) => {
          if (told.is !== 'tunnel') return done(failureOf(world, hop, told, PROXY_WHY))
          const { status, text, challenges, closes } = told
          const reply: Hop = { ...hop, from: hop.to, to: asked.from, message: `${status} ${text}`.trim(), sentAt: world.clock.now() }
          const [outcome, why] = status === 407 ? [asksFor(challenges), 'PROXY-02'] : [status < 300 ? `tunnel to ${uri}` : text, 'PROXY-01']
          const judged = status < 300 ? 'ok' : status === 407 && login === null ? 'info' : 'fail'
          const { seq } = tell(world, reply, `${outcome}${REAL}`, judged, why)
          done({ ok: true, status, text, challenges, closes, seq })
        })
      }
      leave(world, hop, [toProxy(asked)], undefined, go, (loss) => done(lossFailure(world, 'connect', loss)))
    },
    secure(asked, done) {
      const hop = hopOf(asked, `connect ${asked.name}:${HTTPS_PORT}, TLS inside the tunnel`, world.clock.now())
      const stretches = toCloud(asked)
      const go = (): void =>
        void question({ do: 'secure', line: number, name: asked.name }, (told) => {
          if (told.is !== 'secured') return done(failureOf(world, hop, told, DIRECT_WHY))
          const routes = stretches.map(({ from, to }) => routeBetween(world, from, to))
          done(trustFailure(world, asked, hop, routes, [proxyPlace(world), target.address], REAL) ?? { ok: true })
        })
      leave(world, hop, stretches, undefined, go, (loss) => done(lossFailure(world, 'connect', loss)))
    },
    exchange(asked, idleMs, done) {
      const hop = hopOf(asked, asked.message, world.clock.now())
      if (forgotten(world, routeBetween(world, asked.node.id, nextHost(asked)), asked, hop, idleMs)) return nothing
      let abandon = nothing
      let wanted = true
      const go = (): void => {
        if (!wanted) return
        noteOwn(world, asked, hop.sentAt)
        abandon = question({ do: 'exchange', line: number, request: requestOf(asked) }, (told) => done(resultOf(world, asked, hop, told)))
      }
      leave(world, hop, toCloud(asked), asked.device, go, (loss) => done(lossFailure(world, 'send', loss)))
      return () => {
        wanted = false
        abandon()
      }
    },
    close() {
      closing = true
      hangUp()
    },
  }
}

const nothing = (): void => undefined

const EMPTY = { method: 'POST', path: '/', headers: [], body: '', bearer: null, refresh: null } as const

/** Its tracking ID is how the lab knows it again at the other end (DEC-22). */
function requestOf(asked: Carried): RealRequest {
  const { headers, ...request } = asked.real?.() ?? EMPTY
  const tracking = asked.tracking === undefined ? [] : [['TrackingID', asked.tracking] as const]
  return { cloud: asked.host, ...request, headers: [...headers, ...tracking] }
}

const asksFor = (challenges: readonly string[]): string => {
  const names = challenges.map((each) => each.trim().split(/[\s,]/)[0] ?? '').filter((each) => each !== '')
  return names.length > 0 ? `asks for ${names.join(', ')}` : 'asks for a login of no named kind'
}

/** The answer as the sender gets it; its meaning is that of the lab's own machine, when that gave it. */
function resultOf(world: World, asked: Carried, hop: Hop, told: Told): CloudResult {
  if (told.is !== 'answer') return failureOf(world, hop, told, DIRECT_WHY)
  const { status, text } = told
  const given = world.real.own.get(asked.tracking ?? '')?.answer
  const known = given?.status === status ? given : null
  const back: Hop = {
    flow: asked.flow,
    from: asked.host,
    to: asked.from,
    carrier: asked.carrier,
    message: `${status} ${text}`.trim(),
    sentAt: world.clock.now(),
    tracking: asked.tracking,
  }
  const outcome = known?.outcome ?? (status < 400 ? 'answered' : `answered ${status} by the server itself`)
  const why = known?.why ?? (status === 410 ? 'ALM-02' : status < 400 ? 'SEC-03' : 'ALM-17')
  const { seq } = tell(world, back, `${outcome}${REAL}`, status < 400 ? 'ok' : 'fail', why)
  const { token, expiresInS, account, refresh } = told
  return {
    ok: true,
    status,
    text,
    seq,
    given: {
      ...(token === undefined ? null : { token }),
      ...(expiresInS === undefined ? null : { expiresInS }),
      ...(account === undefined ? null : { account }),
      ...(refresh === undefined ? null : { refresh }),
    },
  }
}
