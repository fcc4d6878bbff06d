/**
 * The lab's own servers on real sockets: what the client machine of the cloud asks is carried out here, and its outcome told
 * exactly once, never from within the ask (issue 4). How long anybody waits is the lab's matter; here is how much there may be.
 */
import type { Told } from '../../contract/clouds.ts'
import type { CloudAsk, RealRequest } from '../../cloud/real.ts'
import type { Lines, LinesOptions } from '../cloud/site.ts'
import { createApnsProvider } from './apnsProvider.ts'
import { failed, type Failed } from './failures.ts'
import { createFcmProvider } from './fcmProvider.ts'
import { Line } from './line.ts'
import { FORGOTTEN_MS, MAX_FORWARDS, MAX_LINES } from './limits.ts'
import { createNames } from './names.ts'
import type { Provider } from './provider.ts'

/** How often forgotten asks are looked for. */
const SWEEP_MS = 5_000

/** One ask until its outcome is known. `dials`: its number is that of the line, too. */
type Waiting = { line: number | null; dials: boolean; since: number; giveUp: () => void }

const CLOSED_HERE = 'the lab has closed this connection'

export function createLines(options: LinesOptions): Lines {
  const lines = new Map<number, Line>()
  const waiting = new Map<number, Waiting>()
  const names = createNames(options.site)
  const apns = createApnsProvider(options, names)
  const fcm = createFcmProvider(options, names)
  let forwards = 0
  let closed = false

  function tell(number: number, told: Told): void {
    const ask = waiting.get(number)
    if (!ask) return
    waiting.delete(number)
    if (ask.dials && told.is === 'failed') lines.delete(number)
    options.told(number, told)
    if (ask.line !== null) tellGone(ask.line)
  }

  /** The other side has ended a line: the lab learns it once nothing is under way there, and need not find out by a push. */
  function tellGone(number: number): void {
    if (lines.get(number)?.alive !== false) return
    for (const ask of waiting.values()) if (ask.line === number) return
    lines.delete(number)
    options.told(number, failed('connect', 'the other side has closed this connection'))
  }

  async function carryOut(number: number, what: CloudAsk): Promise<void> {
    try {
      tell(number, await outcome(number, what))
    } catch (error) {
      options.log(`the lines: ${what.do} failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`)
      tell(number, failed('send', 'Push Lab itself failed at this; its log says how'))
    }
  }

  async function outcome(number: number, what: CloudAsk): Promise<Told> {
    const ask: Waiting = { line: null, dials: what.do === 'dial', since: performance.now(), giveUp: () => undefined }
    waiting.set(number, ask)
    switch (what.do) {
      case 'resolve':
        return resolve(what.name)
      case 'forward':
        return forward(ask, what)
      case 'dial': {
        if (!roomForOne()) return failed('connect', `${MAX_LINES} connections to the cloud are open already`)
        const line = new Line(number, options, () => tellGone(number))
        lines.set(number, line)
        ask.line = number
        ask.giveUp = () => line.close()
        return line.dial(what.target)
      }
      case 'tunnel':
      case 'secure':
      case 'exchange': {
        const line = lines.get(what.line)
        if (!line) return failed(what.do === 'exchange' ? 'send' : 'connect', CLOSED_HERE)
        ask.line = what.line
        if (what.do === 'exchange') return line.exchange(what.request, abortable(ask))
        // What came after all would be taken for the answer to the next ask.
        ask.giveUp = () => line.close()
        return what.do === 'tunnel' ? line.tunnel(what) : line.secure(what.name)
      }
    }
  }

  async function resolve(name: string): Promise<Told> {
    try {
      return { is: 'addresses', addresses: await names.addressesOf(name) }
    } catch {
      return failed('dns', `${name} cannot be resolved`)
    }
  }

  async function forward(ask: Waiting, { name, request }: { name: string; request: RealRequest }): Promise<Told> {
    const provider: Provider | null = request.cloud === 'apns' ? apns : request.cloud === 'fcm' ? fcm : null
    if (!provider) return failed('send', `${request.cloud} is no platform that Push REST forwards to`)
    if (forwards >= MAX_FORWARDS) return failed('send', `${MAX_FORWARDS} pushes to the platforms are in flight already`)
    forwards++
    try {
      return await provider.send(name, request, abortable(ask))
    } finally {
      forwards--
    }
  }

  function abortable(ask: Waiting): AbortSignal {
    const controller = new AbortController()
    ask.giveUp = () => controller.abort()
    return controller.signal
  }

  /** Lines that their other side has closed make room for new ones. */
  function roomForOne(): boolean {
    if (lines.size < MAX_LINES) return true
    for (const [number, line] of lines) if (!line.alive) lines.delete(number)
    return lines.size < MAX_LINES
  }

  function hangUp(number: number): void {
    lines.get(number)?.close(CLOSED_HERE)
    lines.delete(number)
  }

  const sweep = setInterval(() => {
    const before = performance.now() - FORGOTTEN_MS
    const late: Failed = failed('timeout', `nothing came of it within ${FORGOTTEN_MS / 1_000} s`)
    for (const [number, ask] of waiting) {
      if (ask.since > before) break // they are in the order in which they were asked
      ask.giveUp()
      tell(number, late)
    }
  }, SWEEP_MS).unref()

  return {
    get open() {
      let open = 0
      for (const line of lines.values()) if (line.alive) open++
      return open
    },
    ask(number, what) {
      if (!closed) void carryOut(number, what)
    },
    drop(number) {
      const ask = waiting.get(number)
      waiting.delete(number)
      ask?.giveUp()
      if (!ask || ask.dials) hangUp(number)
    },
    hangUp,
    async close() {
      closed = true
      clearInterval(sweep)
      waiting.clear()
      names.close()
      for (const number of lines.keys()) hangUp(number)
      await Promise.all([apns.close(), fcm.close()])
    },
  }
}
