/**
 * The way through the proxy in virtual time: its name in DNS, its addresses, CONNECT and its login, and then a tunnel that it
 * carries without looking inside, unless it inspects (PROXY-01, DEC-26, NET-03).
 */
import { answersAt, checkLogin, failsOverAt, lookUp, WRONG_LOGIN, type LabProxy, type LoginVerdict } from '../edge/proxy.ts'
import { challengeLine, credentialsOf, type ProxyLogin } from '../edge/proxyAuth.ts'
import type { Traffic } from '../engine/faultBook.ts'
import type { Loss } from '../engine/network.ts'
import { routeBetween, tell, transmit, type Hop, type World } from '../world.ts'
import { CONNECTING, forgotten, hopOf, lossFailure, serve, STATUS_TEXT, trustFailure, type Answer, type Carried } from './carried.ts'
import { HTTPS_PORT, PROXY_ADDRESS_TTL_MS, type CloudResult, type Line, type Target, type WayPort } from './way.ts'

type Resolved = Parameters<WayPort<Carried>['resolve']>[2]
type Dialled = Parameters<WayPort<Carried>['dial']>[2]

/** The proxy itself gives up a connection to the cloud after this long: squid's own default. */
export const UPSTREAM_TIMEOUT_MS = 60_000

export function lookUpProxy(world: World, proxy: LabProxy, asked: Carried, name: string, done: Resolved): void {
  const { node } = asked
  const hop: Hop = { ...hopOf(asked, `look up ${name}`, world.clock.now()), to: asked.from }
  const noDns = !node.dns || world.faults.strike(node.id, 'dns-fail', CONNECTING) || world.faults.strike(proxy.id, 'dns-fail', CONNECTING)
  const addresses = noDns ? null : lookUp(proxy, name)
  if (addresses) {
    tell(world, hop, `${addresses.join(', ')}; kept for ${PROXY_ADDRESS_TTL_MS / 1_000} s`, 'ok', 'PROXY-07')
    return done({ ok: true, addresses })
  }
  const why = noDns ? 'NET-09' : 'PROXY-03'
  const text = noDns ? `${name} cannot be resolved on ${node.id}` : `DNS knows no ${name}: the server name of the proxy is wrong`
  const event = tell(world, hop, text, 'fail', why)
  done({ ok: false, stage: noDns ? 'dns' : 'proxy', text, why, seq: event.seq })
}

export function dialProxy(world: World, proxy: LabProxy, asked: Carried, target: Target, done: Dialled): () => void {
  const { address, port, tls } = target
  let wanted = true
  const hop: Hop = { ...hopOf(asked, `connect ${address}:${port}${tls === null ? '' : ', TLS'}`, world.clock.now()), to: proxy.id }
  const refuse = (stage: 'connect' | 'proxy', text: string, why: string): void => {
    const event = tell(world, hop, text, 'fail', why)
    done({ ok: false, stage, text, why, seq: event.seq })
  }
  toAddress(
    world,
    proxy,
    asked,
    target,
    hop,
    (arrived) => {
      const oneWayMs = world.clock.now() - arrived.sentAt
      // TCP is one round trip, TLS 1.3 another; one way is done.
      world.clock.schedule(
        tls === null ? oneWayMs : 3 * oneWayMs,
        () => {
          if (!wanted) return void tell(world, hop, 'connected too late: given up before', 'warn', 'PROXY-03')
          if (port !== proxy.port) return refuse('connect', `port ${port} refused at ${address}`, 'PROXY-02')
          if (tls !== null && proxy.kind === 'HTTP')
            return refuse('proxy', `no TLS on ${address}:${port}: this is an HTTP proxy, and HTTPS is set`, 'PROXY-01')
          tell(world, hop, tls === null ? 'connected' : 'connected, TLS with the proxy', 'ok', 'PROXY-01')
          done({ ok: true, line: tunnelLine(world, proxy, target) })
        },
        'TCP handshake with the proxy',
        'arrival',
      )
    },
    (loss) => done(lossFailure(world, 'connect', loss)),
  )
  return () => {
    wanted = false
  }
}

/** To one address of the proxy, where it may not be any more, or where a fault sits. */
function toAddress(
  world: World,
  proxy: LabProxy,
  asked: Carried,
  { address, port }: Target,
  hop: Hop,
  arrive: (hop: Hop) => void,
  lost: (loss: Loss) => void,
  device?: string,
): void {
  const traffic: Traffic = { port, device }
  if (!answersAt(proxy, address)) {
    const why = proxy.former.has(address) ? 'PROXY-07' : 'PROXY-03'
    tell(world, hop, `lost: nobody answers at ${address}${why === 'PROXY-07' ? ' any more, the proxy has moved' : ''}`, 'lost', why)
    return
  }
  for (const kind of ['black-hole', 'drop'] as const) {
    if (!world.faults.strike(address, kind, traffic)) continue
    tell(world, hop, `swallowed by ${address}, port ${port}: no answer, no error`, 'lost', 'PROXY-03')
    return
  }
  for (const kind of ['reset', 'refuse'] as const) {
    if (!world.faults.strike(address, kind, traffic)) continue
    const text = kind === 'reset' ? `connection reset at ${address}` : `port ${port} refused at ${address}`
    const why = kind === 'reset' ? 'NET-07' : 'PROXY-03'
    tell(world, hop, text, 'fail', why)
    return lost({ how: kind === 'reset' ? 'reset' : 'refused', where: address, text, why, afterMs: 0 })
  }
  const slow = world.faults.strike(address, 'delay', traffic)
  const send = (): void => transmit(world, routeBetween(world, asked.node.id, proxy.id), hop, traffic, arrive, lost)
  if (slow) world.clock.schedule(slow.addMs + world.random('proxy delay').upTo(slow.jitterMs ?? 0), send, hop.message, 'arrival')
  else send()
}

/** A connection to the proxy; after CONNECT a tunnel to the cloud. */
function tunnelLine(world: World, proxy: LabProxy, target: Target): Line<Carried> {
  return {
    gone: false,
    tunnel: (asked, login, done) => connectThrough(world, proxy, target, asked, login, done),
    secure(asked, done) {
      const hop = hopOf(asked, `connect ${asked.name}:${HTTPS_PORT}, TLS inside the tunnel`, world.clock.now())
      const failed = (loss: Loss): void => done(lossFailure(world, 'connect', loss))
      const routes = [routeBetween(world, asked.node.id, proxy.id), routeBetween(world, proxy.id, asked.host)]
      throughTunnel(
        world,
        proxy,
        target,
        asked,
        hop,
        undefined,
        () =>
          world.clock.schedule(
            world.clock.now() - hop.sentAt,
            () => done(trustFailure(world, asked, hop, routes, [proxy.id, target.address]) ?? { ok: true }),
            'TLS handshake',
            'arrival',
          ),
        failed,
      )
    },
    exchange(asked, idleMs, done) {
      const hop = hopOf(asked, asked.message, world.clock.now())
      const failed = (loss: Loss): void => done(lossFailure(world, 'send', loss))
      const serveIt = (arrived: Hop): void => serve(world, asked, arrived, (answer) => respond(world, proxy, asked, answer, done))
      throughTunnel(world, proxy, target, asked, hop, asked.device, serveIt, failed, idleMs)
      return nothing
    },
    close: () => undefined,
  }
}

/** To the proxy, and from there to the cloud; two hops, as two connections carry it. */
function throughTunnel(
  world: World,
  proxy: LabProxy,
  target: Target,
  asked: Carried,
  hop: Hop,
  device: string | undefined,
  arrive: (hop: Hop) => void,
  lost: (loss: Loss) => void,
  idleMs: number | null = null,
): void {
  if (forgotten(world, routeBetween(world, asked.node.id, proxy.id), asked, { ...hop, to: proxy.id }, idleMs)) return
  const passOn = (arrived: Hop): void => {
    tell(world, arrived, 'passed on', 'ok', 'PROXY-01')
    const now = world.clock.now()
    const onwards: Hop = { ...hop, from: proxy.id, sentAt: now }
    if (failsOverAt(proxy, now) !== null) {
      tell(world, onwards, 'lost: the connection of the proxy to the cloud has failed, and it holds on to it', 'lost', 'PROXY-05')
      return
    }
    const route = routeBetween(world, proxy.id, asked.host)
    if (forgotten(world, route, asked, onwards, idleMs)) return
    transmit(world, route, onwards, { port: HTTPS_PORT, device }, arrive, lost)
  }
  toAddress(world, proxy, asked, target, { ...hop, to: proxy.id }, passOn, lost, device)
}

function respond(world: World, proxy: LabProxy, asked: Carried, answer: Answer, done: (result: CloudResult) => void): void {
  const message = `${answer.status} ${answer.text}`
  const failed = (loss: Loss): void => done(lossFailure(world, 'send', loss))
  const back: Hop = { ...hopOf(asked, message, world.clock.now()), from: asked.host, to: proxy.id }
  const traffic: Traffic = { port: HTTPS_PORT, device: asked.device }
  transmit(
    world,
    routeBetween(world, asked.host, proxy.id),
    back,
    traffic,
    (arrived) => {
      tell(world, arrived, 'passed on', 'ok', 'PROXY-01')
      const last: Hop = { ...back, from: proxy.id, to: asked.from, sentAt: world.clock.now() }
      transmit(
        world,
        routeBetween(world, proxy.id, asked.node.id),
        last,
        traffic,
        (returned) => {
          const event = tell(world, returned, answer.outcome, answer.status < 400 ? 'ok' : 'fail', answer.why)
          done({ ok: true, status: answer.status, text: answer.text, seq: event.seq, given: answer.given })
        },
        failed,
      )
    },
    failed,
  )
}

/** CONNECT as events name it; a login by its scheme only. */
export const connectText = (uri: string, login: ProxyLogin | null): string =>
  `CONNECT ${uri}${login === null ? '' : `, ${login.scheme} login`}`

const nothing = (): void => undefined

type Said = { status: number; text: string; outcome: string; why: string; challenges: string[] }

/** CONNECT: the login first, then the proxy's own connection to the cloud. */
function connectThrough(
  world: World,
  proxy: LabProxy,
  target: Target,
  asked: Carried,
  login: ProxyLogin | null,
  done: Parameters<Line<Carried>['tunnel']>[2],
): void {
  const uri = `${asked.name}:${HTTPS_PORT}`
  // Two names of passwords that are alike fit: in virtual time the name is the password.
  const credentials = login && credentialsOf(login, login.secret, { method: 'CONNECT', uri }, world.sealer)
  const hop: Hop = { ...hopOf(asked, connectText(uri, login), world.clock.now()), to: proxy.id }
  const failed = (loss: Loss): void => done(lossFailure(world, 'connect', loss))
  const say = ({ status, text, outcome, why, challenges }: Said): void => {
    const reply: Hop = { ...hop, from: proxy.id, to: asked.from, message: `${status} ${text}`, sentAt: world.clock.now() }
    transmit(
      world,
      routeBetween(world, proxy.id, asked.node.id),
      reply,
      { port: target.port },
      (arrived) => {
        const asks = status === 407 && credentials === null
        const event = tell(world, arrived, outcome, status < 300 ? 'ok' : asks ? 'info' : 'fail', why)
        done({ ok: true, status, text, challenges, closes: false, seq: event.seq })
      },
      failed,
    )
  }
  toAddress(
    world,
    proxy,
    asked,
    target,
    hop,
    (arrived) => {
      if (proxy.kind === 'HTTPS' && target.tls === null) {
        tell(world, arrived, 'no TLS: an HTTPS proxy was spoken to in the clear', 'fail', 'PROXY-01')
        return say({
          status: 400,
          text: 'Bad Request',
          outcome: 'this is an HTTPS proxy, and HTTP is set',
          why: 'PROXY-01',
          challenges: [],
        })
      }
      const look = (shown: string | null): LoginVerdict =>
        checkLogin(proxy, shown, { method: 'CONNECT', uri }, world.clock.now(), world.sealer, () => world.random('proxy nonce').uuid())
      const forced = world.faults.strike(proxy.id, 'answer', CONNECTING)
      if (forced && forced.status !== 407) {
        const text = forced.reason ?? STATUS_TEXT[forced.status] ?? 'answer set by a fault'
        tell(world, arrived, `answers ${forced.status} because of a fault`, 'warn', 'SCN-15')
        return say({ status: forced.status, text, outcome: text, why: 'PROXY-01', challenges: [] })
      }
      // A fault that answers 407 takes every password for a wrong one.
      const verdict = look(forced ? null : credentials)
      if (!verdict.ok) {
        const refused = credentials !== null && (forced !== null || !verdict.asksOnly)
        const outcome = refused ? WRONG_LOGIN : verdict.text
        tell(world, arrived, outcome, refused ? 'fail' : 'info', 'PROXY-02')
        return say({ status: 407, text: STATUS_TEXT[407] ?? '', outcome, why: 'PROXY-02', challenges: [challengeLine(verdict.challenge)] })
      }
      tell(world, arrived, verdict.text, 'ok', 'PROXY-02')
      reachCloud(world, proxy, asked, say)
    },
    failed,
  )
}

/** The proxy connects to the cloud, when it can: while it holds on to a failed connection it only waits (PROXY-05). */
function reachCloud(world: World, proxy: LabProxy, asked: Carried, say: (said: Said) => void): void {
  let open = true
  const finish = (said: Omit<Said, 'challenges'>): void => {
    if (!open) return
    open = false
    timer.cancel()
    say({ ...said, challenges: [] })
  }
  const name = `${asked.name}:${HTTPS_PORT}`
  const timer = world.clock.schedule(
    UPSTREAM_TIMEOUT_MS,
    () => finish({ status: 504, text: 'Gateway Timeout', outcome: `the proxy has no connection to ${name}`, why: 'PROXY-05' }),
    'connect timeout of the proxy',
  )
  const connect = (): void => {
    const now = world.clock.now()
    const hop: Hop = { ...hopOf(asked, `connect ${name}`, now), from: proxy.id }
    const failsOver = failsOverAt(proxy, now)
    if (failsOver !== null) {
      const text = `waits: its connection to the cloud has failed, the other one is used in ${Math.ceil((failsOver - now) / 1_000)} s`
      tell(world, hop, text, 'wait', 'PROXY-05')
      world.clock.schedule(failsOver - now, connect, 'the proxy fails over')
      return
    }
    const badGateway = (outcome: string, why: string): void => finish({ status: 502, text: 'Bad Gateway', outcome, why })
    if (world.faults.strike(asked.host, 'dns-fail', CONNECTING)) {
      tell(world, hop, `${asked.name} cannot be resolved by the proxy`, 'fail', 'NET-09')
      return badGateway(`the proxy cannot resolve ${asked.name}`, 'NET-09')
    }
    transmit(
      world,
      routeBetween(world, proxy.id, asked.host),
      hop,
      CONNECTING,
      () =>
        world.clock.schedule(
          world.clock.now() - now,
          () => {
            tell(world, hop, 'connected', 'ok', 'PROXY-01')
            finish({ status: 200, text: 'Connection established', outcome: `tunnel to ${name}`, why: 'PROXY-01' })
          },
          'TCP handshake of the proxy',
          'arrival',
        ),
      (loss) => badGateway(loss.text, loss.why),
    )
  }
  connect()
}
