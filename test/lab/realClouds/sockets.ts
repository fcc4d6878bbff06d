/**
 * Sockets that a test plays: each ask is answered after a while, as an input of the run, and requests come in at the lab's own
 * servers on their way. What a test plans differently is answered as planned, or never.
 */
import type { CloudName, Told } from '../../../core/contract/clouds.ts'
import type { LabCommandInput } from '../../../core/contract/commands.ts'
import type { ScenarioInput } from '../../../core/contract/scenario.ts'
import type { CloudAsk, CloudPort, RealAnswer, RealRequest } from '../../../core/cloud/real.ts'
import { Run } from '../../../core/run.ts'
import { nodeSealer } from '../../../core/wire/nodeSealer.ts'
import { scenarioSchema } from '../../../core/contract/scenario.ts'
import { bench, type Bench } from '../bench.ts'

/** One way through a socket. */
export const WAY_MS = 5

export type Plan = { after: number; told: Told } | 'never'
type Due = { at: number; act: () => void }
type Arrival = LabCommandInput<'wire.request'>['asked']

export class Sockets implements CloudPort {
  readonly b: Bench
  readonly asked: { at: number; number: number; what: CloudAsk }[] = []
  readonly dropped: number[] = []
  readonly hungUp: number[] = []
  readonly answers: { exchange: number; answer: RealAnswer }[] = []
  /** What becomes of an ask; null is as usual. */
  plan: (what: CloudAsk) => Plan | null = () => null
  /** How APNs and FCM answer. */
  platform: () => { status: number; reason: string | null } = () => ({ status: 200, reason: null })
  private due: Due[] = []
  private exchanges = 0
  private readonly waiting = new Map<number, (answer: RealAnswer) => void>()

  constructor(b: Bench) {
    this.b = b
    b.lab.world.real.port = this
  }

  ask(number: number, what: CloudAsk): void {
    this.asked.push({ at: this.b.lab.now, number, what })
    const planned = this.plan(what)
    if (planned === 'never') return
    if (planned) return this.later(planned.after, () => this.tell(number, planned.told))
    if (what.do === 'exchange') return this.exchange(number, what.request)
    if (what.do === 'forward') return this.forward(number, what.request)
    this.later(WAY_MS, () => this.tell(number, usual(what)))
  }

  drop(number: number): void {
    this.dropped.push(number)
  }

  hangUp(line: number): void {
    this.hungUp.push(line)
  }

  answer(exchange: number, answer: RealAnswer): void {
    this.answers.push({ exchange, answer })
    this.waiting.get(exchange)?.(answer)
    this.waiting.delete(exchange)
  }

  /** Runs on, with all that the sockets tell meanwhile. */
  run(ms: number): void {
    const end = this.b.lab.now + ms
    for (;;) {
      const next = this.due.reduce<Due | null>((first, each) => (first === null || each.at < first.at ? each : first), null)
      if (next === null || next.at > end) break
      if (next.at > this.b.lab.now && this.untilAsk(next.at)) continue
      this.due = this.due.filter((each) => each !== next)
      next.act()
    }
    if (this.untilAsk(end)) return this.run(end - this.b.lab.now)
  }

  tell(ask: number, told: Told): void {
    this.b.give('wire.told', { ask, told })
  }

  /** Somebody's request at one of the three servers. */
  arrive(cloud: 'fos' | 'ci' | 'push-rest', asked: Arrival, tracking: string | null = null, then?: (answer: RealAnswer) => void): number {
    const exchange = ++this.exchanges
    if (then) this.waiting.set(exchange, then)
    this.b.give('wire.request', { exchange, cloud, from: '127.0.0.1', tracking, asked })
    return exchange
  }

  /** What was asked so far, in short. */
  said(kind: CloudAsk['do']): string[] {
    return this.asked.filter(({ what }) => what.do === kind).map(({ at, what }) => `${at} ${short(what)}`)
  }

  /** The newest request that was written to a socket. */
  request(cloud: CloudName): RealRequest {
    const found = this.asked.findLast(({ what }) => (what.do === 'exchange' || what.do === 'forward') && what.request.cloud === cloud)
    if (!found || (found.what.do !== 'exchange' && found.what.do !== 'forward')) throw new Error(`nothing was asked of ${cloud}`)
    return found.what.request
  }

  private later(ms: number, act: () => void): void {
    this.due.push({ at: this.b.lab.now + ms, act })
  }

  /** Runs to this moment; stops, and answers true, as soon as something new was asked. */
  private untilAsk(at: number): boolean {
    const before = this.due.length
    while (this.due.length === before && this.b.lab.step(at));
    if (this.due.length !== before) return true
    this.b.runUntil(at)
    return false
  }

  private exchange(number: number, request: RealRequest): void {
    const tracking = request.headers.find(([name]) => name === 'TrackingID')?.[1] ?? null
    this.later(WAY_MS, () => {
      if (!this.b.lab.world.real.open) return // the servers are gone
      if (request.method === 'GET') return this.tell(number, { is: 'answer', status: 404, text: 'Not Found' })
      this.arrive(request.cloud as 'fos', arrivalOf(request), tracking, ({ status, text, ...given }) =>
        this.later(WAY_MS, () => this.tell(number, { is: 'answer', status, text, ...given })),
      )
    })
  }

  private forward(number: number, request: RealRequest): void {
    const answer = this.platform()
    const apns = request.cloud === 'apns'
    const body = JSON.parse(request.body) as { message?: { token: string; data: object } }
    this.later(WAY_MS, () => {
      if (!this.b.lab.world.real.open) return
      this.b.give('wire.push', {
        exchange: ++this.exchanges,
        platform: apns ? 'apns' : 'fcm',
        from: '127.0.0.1',
        id: apns
          ? (request.headers.find(([name]) => name === 'apns-id')?.[1] ?? '')
          : answer.status === 200
            ? 'projects/push-lab/messages/0:1%1'
            : 'refused-1',
        target: apns ? request.path.slice('/3/device/'.length) : (body.message?.token ?? ''),
        kind: 'voip',
        topic: '',
        collapse: null,
        keepMs: 0,
        bytes: request.body.length,
        payload: apns || answer.status !== 200 ? null : JSON.stringify(body.message?.data),
        answer,
      })
      this.later(WAY_MS, () => this.tell(number, { is: 'answer', status: answer.status, text: answer.reason ?? 'OK' }))
    })
  }
}

const usual = (what: CloudAsk): Told => {
  switch (what.do) {
    case 'resolve':
      return { is: 'addresses', addresses: ['127.0.0.1'] }
    case 'dial':
      return { is: 'line' }
    case 'tunnel':
      return { is: 'tunnel', status: 200, text: 'Connection established', challenges: [], closes: false }
    default:
      return { is: 'secured' }
  }
}

const short = (what: CloudAsk): string => {
  switch (what.do) {
    case 'resolve':
      return `${what.node} ${what.name}`
    case 'dial':
      return `${what.node} ${what.target.address}:${what.target.port}${what.target.tls === null ? '' : ` ${what.target.tls}`}`
    case 'tunnel':
      return `${what.name}${what.login ? ` ${what.login.scheme} ${what.login.user} ${what.login.secret}` : ''}`
    case 'secure':
      return what.name
    default:
      return `${what.request.method} ${what.request.cloud} ${what.request.path}`
  }
}

/** What a server reads of a request; a payload that is not sealed it does not even pass on (SEC-02). */
function arrivalOf({ cloud, body, bearer, refresh }: RealRequest): Arrival {
  if (cloud === 'ci') {
    const form = new URLSearchParams(body)
    return { what: 'token', grant: form.get('grant_type') ?? '', account: form.get('client_id') || null, refresh }
  }
  const read = JSON.parse(body) as Record<string, string>
  if (cloud === 'fos') return { what: 'subscribe', cluster: read['cluster'] ?? '', voucher: read['voucher'] ?? null }
  const payload = read['payload'] ?? ''
  return {
    what: 'push',
    token: bearer,
    service: read['service'] ?? '',
    type: read['type'] as 'voip',
    target: read['target'] ?? '',
    payload: payload.startsWith('{') ? null : payload,
  }
}

export const ALL: CloudName[] = ['fos', 'ci', 'push-rest', 'apns', 'fcm']

export type Open = { b: Bench; sockets: Sockets; journal: string[] }

/** A lab whose clouds are open before its first task, with these legs real. */
export function open(scenario: ScenarioInput, real: CloudName[] = ALL): Open {
  const journal: string[] = []
  const b = bench(scenario, { journal: (text) => void journal.push(text) })
  const sockets = new Sockets(b)
  b.give('wire.clouds', { open: true, address: '127.0.0.1', real })
  return { b, sockets, journal }
}

/** The same run without sockets: from its inputs alone (DEC-35). */
export function again(scenario: ScenarioInput, { b }: Open): string[] {
  const journal: string[] = []
  const run = new Run(
    scenarioSchema.parse(scenario),
    { sealer: nodeSealer, rehearse: true, journal: (text) => void journal.push(text) },
    b.lab.inputs,
  )
  while (run.stepOnce(b.lab.now));
  run.advance(b.lab.now)
  if (run.refused !== null) throw new Error(`an input was refused: ${JSON.stringify(run.refused)}`)
  return journal
}
