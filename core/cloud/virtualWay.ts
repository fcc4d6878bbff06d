/** The way to the cloud in virtual time: the lab's name server and network as the port of the one client. */
import type { Loss } from '../engine/network.ts'
import { routeBetween, tell, transmit, type Hop, type World } from '../world.ts'
import {
  connecting,
  CONNECTING,
  forgotten,
  hopOf,
  lossFailure,
  serve,
  trustFailure,
  unresolved,
  type Answer,
  type Carried,
} from './carried.ts'
import { dialProxy, lookUpProxy } from './virtualProxy.ts'
import { HTTPS_PORT, type CloudFailure, type CloudResult, type Line, type WayPort } from './way.ts'

export function virtualWay(world: World): WayPort<Carried> {
  return {
    clock: world.clock,
    cnonce: () => world.random('cnonce').uuid(),
    resolve(asked, name, done) {
      if (name !== asked.name && world.proxy) return lookUpProxy(world, world.proxy, asked, name, done)
      done(unresolved(world, asked, name, asked.host) ?? { ok: true, addresses: [name] })
    },
    dial(asked, target, done) {
      // What is dialled under another name than the cloud's own is the proxy.
      if (target.address !== asked.name && world.proxy) return dialProxy(world, world.proxy, asked, target, done)
      dialCloud(world, asked, done)
      return () => undefined
    },
    ...observers(world),
  }
}

/** What the machine itself has to say, on every kind of way. */
export function observers(world: World): Pick<WayPort<Carried>, 'tell' | 'wait'> {
  return {
    tell(asked, told) {
      const { message } = told.about === 'request' ? asked : connecting(world, asked)
      const hop = { ...hopOf(asked, told.message ?? message, told.sentAt), to: asked.from }
      const { seq } = tell(world, hop, told.outcome, told.status, told.why)
      // A wait for the proxy that is got over need not spoil a call; if its 13 s run out, this came first.
      const flow = told.status === 'warn' ? world.flows.get(asked.flow) : undefined
      if (flow) world.flows.suspect(flow, told.outcome, told.why, seq)
      return seq
    },
    wait(asked, name, ms, why) {
      const flow = world.flows.get(asked.flow)
      const bar = flow && world.flows.startTimer(flow, name, asked.from, ms, why)
      return (fired) => {
        if (flow && bar) world.flows.endTimer(flow, bar, fired)
      }
    },
  }
}

/** TCP and TLS with the cloud itself, with the failure of each told apart. */
function dialCloud(world: World, asked: Carried, done: (dialled: { ok: true; line: Line<Carried> } | CloudFailure) => void): void {
  const route = routeBetween(world, asked.node.id, asked.host)
  const hop = connecting(world, asked)
  transmit(
    world,
    route,
    hop,
    CONNECTING,
    () => {
      // TCP and TLS 1.3 take two round trips before the first request may leave; one way is done.
      world.clock.schedule(
        3 * (world.clock.now() - hop.sentAt),
        () => {
          const failure = trustFailure(world, asked, hop, [route], [])
          done(failure ?? { ok: true, line: directLine(world) })
        },
        'TLS handshake',
        'arrival',
      )
    },
    (loss) => done(lossFailure(world, 'connect', loss)),
  )
}

const nothing = (): void => undefined

function directLine(world: World): Line<Carried> {
  const noProxy = (): never => {
    throw new Error('a direct connection has no proxy to ask')
  }
  return {
    gone: false,
    tunnel: noProxy,
    secure: noProxy,
    exchange(asked, idleMs, done) {
      const route = routeBetween(world, asked.node.id, asked.host)
      const hop = hopOf(asked, asked.message, world.clock.now())
      if (forgotten(world, route, asked, hop, idleMs)) return nothing
      const lost = (loss: Loss): void => done(lossFailure(world, 'send', loss))
      transmit(
        world,
        route,
        hop,
        { port: HTTPS_PORT, device: asked.device },
        (arrived) => serve(world, asked, arrived, (answer) => respond(world, asked, answer, done)),
        lost,
      )
      return nothing
    },
    close: nothing,
  }
}

function respond(world: World, asked: Carried, answer: Answer, done: (result: CloudResult) => void): void {
  const hop: Hop = {
    flow: asked.flow,
    from: asked.host,
    to: asked.from,
    carrier: asked.carrier,
    message: `${answer.status} ${answer.text}`,
    sentAt: world.clock.now(),
    tracking: asked.tracking,
  }
  transmit(
    world,
    routeBetween(world, asked.host, asked.node.id),
    hop,
    { port: HTTPS_PORT, device: asked.device },
    (arrived) => {
      const event = tell(world, arrived, answer.outcome, answer.status < 400 ? 'ok' : 'fail', answer.why)
      done({ ok: true, status: answer.status, text: answer.text, seq: event.seq, given: answer.given })
    },
    (loss) => done(lossFailure(world, 'send', loss)),
  )
}
