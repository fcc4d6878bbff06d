/**
 * Links between hosts, with latency, jitter and faults. A message travels along a route of links; what
 * becomes of it is decided when it leaves, and told when it arrives or is known to be lost. Messages of
 * one route keep their order, as on a TCP connection.
 */
import type { Clock } from './clock.ts'
import type { FaultBook, Traffic } from './faultBook.ts'
import { Random } from './random.ts'

export type Link = {
  id: string
  a: string
  b: string
  latencyMs: number
  jitterMs: number
  /** Last crossing; -1 for never. */
  lastAt: number
}

type Leg = { link: Link; forward: boolean }

export type Relay = { place: string; afterLegs: number }
export type RoutePath = { hosts: readonly string[]; relays: readonly Relay[] }

export type Route = {
  from: string
  to: string
  legs: Leg[]
  /** Places that pass the message on and are drawn as hops of their own; `afterLegs` links lie before each. */
  relays: readonly Relay[]
  random: Random
  /** No message of this route arrives before an earlier one. */
  lastArrivalAt: number
}

/**
 * `silent`: nobody is told, the sender runs into its own timeout. `reset`: the connection breaks.
 * `refused`: the other side says no at once. `no route`: the sender knows before it sends.
 */
export type Loss = { how: 'silent' | 'reset' | 'refused' | 'no route'; where: string; text: string; why: string; afterMs: number }

export type HostState = { up: true } | { up: false; how: Loss['how']; text: string; why: string }

/** `legDelaysMs` holds the time after each link, for routes with relays. */
export type Delivery = { ok: true; delayMs: number; legDelaysMs: number[] | null } | { ok: false; loss: Loss }

/** Longer than a run may last: what takes longer never arrives, and must not overrun the clock. */
const LONGEST_WAY_MS = 400 * 24 * 3_600_000

/** Link IDs name both ends; the same pair gives the same ID, whoever asks. */
export const linkId = (a: string, b: string): string => `${a}~${b}`

export class Network {
  readonly links = new Map<string, Link>()
  private readonly routes = new Map<string, Map<string, Route>>()
  private readonly clock: Clock
  private readonly faults: FaultBook
  private readonly seed: number
  /** Whether a host takes part; port 0 asks for the host as a sender. */
  private readonly hostState: (host: string, peer: string, port: number) => HostState
  private readonly touched: (link: Link) => void

  constructor(
    clock: Clock,
    faults: FaultBook,
    seed: number,
    hostState: (host: string, peer: string, port: number) => HostState,
    touched: (link: Link) => void,
  ) {
    this.clock = clock
    this.faults = faults
    this.seed = seed
    this.hostState = hostState
    this.touched = touched
  }

  addLink(a: string, b: string, latencyMs: number, jitterMs: number): Link {
    const link: Link = { id: linkId(a, b), a, b, latencyMs, jitterMs, lastAt: -1 }
    this.links.set(link.id, link)
    return link
  }

  /**
   * The route between two hosts, made once. `path` names the link ends in turn; they stand for the hosts
   * themselves, but for phones, which share the links of `devices`.
   * @throws RangeError when two neighbours share no link.
   */
  route(from: string, to: string, path: (from: string, to: string) => RoutePath): Route {
    const fromHere = this.routes.get(from)
    const known = fromHere?.get(to)
    if (known) return known
    const { hosts, relays } = path(from, to)
    const legs: Leg[] = []
    for (let i = 1; i < hosts.length; i++) {
      const one = hosts[i - 1] as string
      const other = hosts[i] as string
      const forward = this.links.get(linkId(one, other))
      const backward = this.links.get(linkId(other, one))
      if (forward) legs.push({ link: forward, forward: true })
      else if (backward) legs.push({ link: backward, forward: false })
      else throw new RangeError(`no link between ${one} and ${other}`)
    }
    const route: Route = {
      from,
      to,
      legs,
      relays,
      random: new Random(this.seed, `route ${from}>${to}`),
      lastArrivalAt: 0,
    }
    if (fromHere) fromHere.set(to, route)
    else this.routes.set(from, new Map([[to, route]]))
    return route
  }

  /** Decides what becomes of one message that leaves now. */
  travel(route: Route, traffic: Traffic): Delivery {
    const now = this.clock.now()
    let delayMs = 0
    const legDelaysMs: number[] | null = route.relays.length > 0 ? [] : null
    const sender = this.hostState(route.from, route.to, 0)
    if (!sender.up) {
      return { ok: false, loss: { how: 'no route', where: route.from, text: sender.text, why: sender.why, afterMs: 0 } }
    }
    for (const leg of route.legs) {
      const { link } = leg
      if (link.lastAt !== now) {
        link.lastAt = now
        this.touched(link)
      }
      delayMs += link.latencyMs
      if (link.jitterMs > 0) delayMs += route.random.upTo(link.jitterMs)
      if (this.faults.size > 0) {
        const loss = this.struck(link.id, traffic, leg.forward, delayMs)
        if (loss) return { ok: false, loss }
        const slow = this.faults.strike(link.id, 'delay', traffic, leg.forward)
        if (slow) delayMs += slow.addMs + route.random.upTo(slow.jitterMs ?? 0)
      }
      delayMs = Math.min(delayMs, LONGEST_WAY_MS)
      legDelaysMs?.push(delayMs)
    }
    if (this.faults.size > 0) {
      const loss =
        this.struck(route.to, traffic, true, delayMs) ?? (route.from === route.to ? null : this.struck(route.from, traffic, false, delayMs))
      if (loss) return { ok: false, loss }
    }
    const receiver = this.hostState(route.to, route.from, traffic.port)
    if (!receiver.up) {
      return { ok: false, loss: { how: receiver.how, where: route.to, text: receiver.text, why: receiver.why, afterMs: delayMs } }
    }
    const arrivalAt = Math.max(now + delayMs, route.lastArrivalAt)
    route.lastArrivalAt = arrivalAt
    return { ok: true, delayMs: arrivalAt - now, legDelaysMs }
  }

  /**
   * What faults do to something that takes this route outside of the lab's time, on a real socket: lost, or later by so
   * many milliseconds. Latency is the socket's own.
   */
  passage(route: Route, traffic: Traffic): { loss: Loss | null; addMs: number } {
    const now = this.clock.now()
    let addMs = 0
    for (const { link, forward } of route.legs) {
      if (link.lastAt !== now) {
        link.lastAt = now
        this.touched(link)
      }
      if (this.faults.size === 0) continue
      const loss = this.struck(link.id, traffic, forward, 0)
      if (loss) return { loss, addMs }
      const slow = this.faults.strike(link.id, 'delay', traffic, forward)
      if (slow) addMs = Math.min(addMs + slow.addMs + route.random.upTo(slow.jitterMs ?? 0), LONGEST_WAY_MS)
    }
    const loss = this.faults.size === 0 ? null : (this.struck(route.to, traffic, true, 0) ?? this.struck(route.from, traffic, false, 0))
    return { loss, addMs }
  }

  /** What stands in the way for sure, as far as the model knows; null when the way is free. */
  obstacle(route: Route, traffic: Traffic): Loss | null {
    const ends = [
      [route.from, route.to, 0],
      [route.to, route.from, traffic.port],
    ] as const
    for (const [host, peer, port] of ends) {
      const state = this.hostState(host, peer, port)
      if (!state.up) return { how: state.how, where: host, text: state.text, why: state.why, afterMs: 0 }
    }
    if (this.faults.size === 0) return null
    const places = route.legs.map((leg) => ({ id: leg.link.id, forward: leg.forward }))
    places.push({ id: route.from, forward: false }, { id: route.to, forward: true })
    for (const place of places) {
      for (const kind of ['drop', 'black-hole', 'reset', 'refuse'] as const) {
        if (this.faults.certain(place.id, kind, traffic, place.forward)) return lossOf(kind, place.id, traffic.port, 0)
      }
    }
    return null
  }

  /**
   * The idle limit in milliseconds that has cut a connection which was idle for `idleMs`, or null when it
   * still stands. A fault that cuts it counts as a hit.
   */
  idleCut(route: Route, traffic: Traffic, idleMs: number, firewallIdleMs: number): number | null {
    for (const { link, forward } of route.legs) {
      if ((link.a === 'firewall' || link.b === 'firewall') && idleMs > firewallIdleMs) return firewallIdleMs
      for (const { fault } of this.faults.on(link.id)) {
        if (fault.kind !== 'idle-cut' || idleMs <= fault.idleMinutes * 60_000) continue
        const cut = this.faults.strike(link.id, 'idle-cut', traffic, forward)
        if (cut) return cut.idleMinutes * 60_000
      }
    }
    return null
  }

  private struck(target: string, traffic: Traffic, forward: boolean, afterMs: number): Loss | null {
    for (const kind of ['black-hole', 'drop', 'reset', 'refuse'] as const) {
      if (this.faults.strike(target, kind, traffic, forward)) return lossOf(kind, target, traffic.port, afterMs)
    }
    return null
  }
}

function lossOf(kind: 'drop' | 'black-hole' | 'reset' | 'refuse', where: string, port: number, afterMs: number): Loss {
  const why = port === 9966 ? 'NET-04' : port === 443 ? 'NET-01' : port === 9560 ? 'LPNS-05' : 'SCN-15'
  switch (kind) {
    case 'drop':
      return { how: 'silent', where, text: `lost on ${where}`, why, afterMs }
    case 'black-hole':
      return { how: 'silent', where, text: `swallowed by ${where}, port ${port}: no answer, no error`, why, afterMs }
    case 'reset':
      return { how: 'reset', where, text: `connection reset on ${where}`, why: port === 443 ? 'NET-07' : why, afterMs }
    case 'refuse':
      return { how: 'refused', where, text: `port ${port} refused at ${where}`, why, afterMs }
  }
}
