/** The door over Electron's IPC: one call channel in, one batch channel out, and nobody but our own top frame. */
import type { IpcMain, IpcMainInvokeEvent, WebContents } from 'electron'
import type { Batch } from '../core/contract/batch.ts'
import { failure, ok, type LabDoor, type Reply, type Subscription } from '../core/contract/door.ts'
import { APP_ORIGIN } from './protocol.ts'

export const CALL_CHANNEL = 'lab'
export const BATCH_CHANNEL = 'lab:batch'

/** What the preload sends; checked here, because a page that was taken over would send what it likes. */
export type Call =
  | { op: 'dispatch'; request: unknown }
  | { op: 'subscribe'; stream: string }
  | { op: 'ack'; stream: string; seq: number }
  | { op: 'close'; stream: string }

/** `stream` tells a reloaded page's batches from those of the page before it. */
export type BatchMessage = { stream: string; batch: Batch }

/** Requests of one window without an answer. */
export const MAX_IN_FLIGHT = 64

type Frame = { origin: string; parent: unknown }
type Stream = { id: string; subscription: Subscription }

/** Our origin AND the top frame: a frame inside the page has the same origin, and no business here. */
export function isOwnTopFrame(frame: Frame | null | undefined): boolean {
  return frame !== null && frame !== undefined && frame.parent === null && frame.origin === APP_ORIGIN
}

/** Returns a function that ends every stream. */
export function serveDoor(ipcMain: Pick<IpcMain, 'handle'>, door: LabDoor): () => void {
  const streams = new Map<WebContents, Stream>()
  const inFlight = new Map<WebContents, number>()

  ipcMain.handle(CALL_CHANNEL, async (event: IpcMainInvokeEvent, message: unknown): Promise<Reply> => {
    if (!isOwnTopFrame(event.senderFrame)) return failure('refused', 'Only the window of Push Lab may talk to the lab.')
    const call = readCall(message)
    if (call === null) {
      return failure('bad-request', 'A call is { op: "dispatch", request } or { op: "subscribe" | "ack" | "close", stream }.')
    }
    switch (call.op) {
      case 'dispatch':
        return await dispatch(event.sender, call.request)
      case 'subscribe':
        open(event.sender, call.stream)
        return ok(null)
      case 'ack':
        if (streams.get(event.sender)?.id === call.stream) streams.get(event.sender)?.subscription.ack(call.seq)
        return ok(null)
      case 'close':
        if (streams.get(event.sender)?.id === call.stream) close(event.sender)
        return ok(null)
    }
  })

  async function dispatch(sender: WebContents, request: unknown): Promise<Reply> {
    const waiting = inFlight.get(sender) ?? 0
    if (waiting >= MAX_IN_FLIGHT)
      return failure('busy', `${waiting} requests are still without an answer. Wait for one before sending the next.`)
    inFlight.set(sender, waiting + 1)
    try {
      return await door.dispatch(request)
    } catch {
      return failure('internal', 'The lab failed while working on this request. This is a defect in Push Lab.')
    } finally {
      inFlight.set(sender, (inFlight.get(sender) ?? 1) - 1)
    }
  }

  function open(sender: WebContents, id: string): void {
    if (!streams.has(sender)) watch(sender)
    close(sender)
    const subscription = door.subscribe((batch) => {
      if (!sender.isDestroyed()) sender.send(BATCH_CHANNEL, { stream: id, batch } satisfies BatchMessage)
    })
    streams.set(sender, { id, subscription })
  }

  function close(sender: WebContents): void {
    streams.get(sender)?.subscription.close()
    streams.delete(sender)
  }

  const watched = new WeakSet<WebContents>()
  function watch(sender: WebContents): void {
    if (watched.has(sender)) return
    watched.add(sender)
    sender.on('render-process-gone', () => close(sender))
    sender.once('destroyed', () => {
      close(sender)
      inFlight.delete(sender)
    })
  }

  return () => {
    for (const sender of streams.keys()) close(sender)
  }
}

function readCall(message: unknown): Call | null {
  if (typeof message !== 'object' || message === null || !('op' in message)) return null
  if (message.op === 'dispatch') return 'request' in message ? { op: 'dispatch', request: message.request } : null
  if (!('stream' in message) || typeof message.stream !== 'string' || message.stream.length > 64) return null
  switch (message.op) {
    case 'subscribe':
    case 'close':
      return { op: message.op, stream: message.stream }
    case 'ack':
      return 'seq' in message && Number.isSafeInteger(message.seq) ? { op: 'ack', stream: message.stream, seq: Number(message.seq) } : null
    default:
      return null
  }
}
