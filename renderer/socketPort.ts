/** Browser mode: the door over a WebSocket that comes back by itself. */
import type { Batch } from '../core/contract/batch.ts'
import type { ClientFrame, CloseCode, ServerFrame, Welcome } from '../core/contract/carrier.ts'
import type { CommandInput, CommandName } from '../core/contract/commands.ts'
import type { Reply } from '../core/contract/door.ts'
import type { CommandResult } from '../core/contract/results.ts'
import type { Port, PortState } from './port.ts'

const FIRST_RETRY_MS = 250
const LONGEST_RETRY_MS = 5_000
/** Calls that may wait for a connection that is being made. */
const MAX_WAITING = 64
/** Kept for this tab only, and per port: a reload stays in, a new tab needs the address. */
const TOKEN_KEY = 'push-lab-token'

type Pending = { frame: ClientFrame; done: (reply: Reply) => void }

const NO_TOKEN = 'This address has no token. Open the address that the terminal shows, the part after # included.'

export function socketPort(window: Window): Port {
  const base = window.location.origin
  let state: PortState = { kind: 'connecting' }
  let socket: WebSocket | null = null
  let retryMs = FIRST_RETRY_MS
  let nextId = 1
  let listener: ((batch: Batch) => void) | null = null
  const pending = new Map<number, Pending>()
  const watchers = new Set<(state: PortState) => void>()

  function become(next: PortState): void {
    state = next
    for (const watcher of watchers) watcher(next)
  }

  async function connect(): Promise<void> {
    const secret = takeSecret(window)
    if (secret === null) return giveUp(NO_TOKEN)
    let token: string
    try {
      const answer = await window.fetch(`${base}/hello`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ secret }),
      })
      if (answer.status === 401) return giveUp((await answer.text()).trim())
      if (!answer.ok) return lose(`The lab answered ${answer.status}.`)
      token = ((await answer.json()) as Welcome).token
    } catch {
      return lose('The lab does not answer. Is it still running in the terminal?')
    }
    window.sessionStorage.setItem(TOKEN_KEY, token)
    open(token)
  }

  function open(token: string): void {
    const opening = new WebSocket(`${base.replace(/^http/, 'ws')}/door`, ['push-lab', token])
    socket = opening
    opening.addEventListener('open', () => {
      retryMs = FIRST_RETRY_MS
      if (listener !== null) send({ subscribe: true })
      for (const { frame } of pending.values()) send(frame)
      become({ kind: 'open' })
    })
    opening.addEventListener('message', (event) => receive(JSON.parse(String(event.data)) as ServerFrame))
    opening.addEventListener('close', (event) => {
      socket = null
      const code = event.code as CloseCode
      if (code === 4400 || code === 4429) return giveUp(event.reason)
      lose(event.reason || 'The connection to the lab broke.')
    })
  }

  function receive(frame: ServerFrame): void {
    if ('batch' in frame) return listener?.(frame.batch)
    const call = pending.get(frame.id)
    pending.delete(frame.id)
    call?.done(frame.reply)
  }

  function send(frame: ClientFrame): void {
    if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify(frame))
  }

  /** Every pending call ends now: whether the lab did the work is not known, so nothing is sent twice. */
  function failPending(reason: string): void {
    const calls = [...pending.values()]
    pending.clear()
    for (const call of calls) call.done(failed(`${reason} Whether the lab did this is not known.`))
  }

  function lose(reason: string): void {
    failPending(reason)
    become({ kind: 'lost', reason })
    window.setTimeout(() => void connect(), retryMs)
    retryMs = Math.min(retryMs * 2, LONGEST_RETRY_MS)
  }

  function giveUp(reason: string): void {
    failPending(reason)
    become({ kind: 'closed', reason })
  }

  void connect()

  return {
    get state() {
      return state
    },
    onState(watcher) {
      watchers.add(watcher)
      return () => watchers.delete(watcher)
    },
    invoke<N extends CommandName>(name: N, args: CommandInput<N>) {
      if (state.kind === 'lost' || state.kind === 'closed') return Promise.resolve(failed(state.reason))
      if (pending.size >= MAX_WAITING) {
        return Promise.resolve(failed(`${MAX_WAITING} requests are still without an answer. Wait for one of them.`))
      }
      const id = nextId++
      return new Promise<Reply<CommandResult<N>>>((resolve) => {
        const frame: ClientFrame = { id, name, args }
        pending.set(id, { frame, done: (reply) => resolve(reply as Reply<CommandResult<N>>) })
        if (state.kind === 'open') send(frame)
      })
    },
    subscribe(next) {
      listener = next
      if (state.kind === 'open') send({ subscribe: true })
      return {
        ack: (seq) => send({ ack: seq }),
        close() {
          if (listener === next) listener = null
        },
      }
    },
  }
}

const failed = (message: string): { ok: false; code: 'io'; message: string; issues: [] } => ({ ok: false, code: 'io', message, issues: [] })

/** From the address (and out of it, so that a shared screen does not show it), else from this tab's memory. */
function takeSecret(window: Window): string | null {
  const match = /[#&]token=([\w-]+)/.exec(window.location.hash)
  if (match?.[1] === undefined) return window.sessionStorage.getItem(TOKEN_KEY)
  window.history.replaceState(null, '', window.location.pathname)
  window.sessionStorage.setItem(TOKEN_KEY, match[1])
  return match[1]
}
