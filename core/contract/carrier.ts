/**
 * What travels between a window and the lab, on either carrier. Types only: the preload and the page
 * import them, and both hosts check every incoming frame before they believe it.
 */
import type { Batch } from './batch.ts'
import type { Reply, Subscription } from './door.ts'

/** What the Electron preload puts on `window.pushLab`: exactly this, nothing of Electron itself. */
export interface PreloadBridge {
  /** `request` is `{ name, args }`. */
  invoke(request: unknown): Promise<Reply>
  /** A window has one subscription; a second one replaces the first. */
  subscribe(listener: (batch: Batch) => void): Subscription
}

/**
 * Browser mode. The page first exchanges the secret of its address for the lasting token by
 * `POST /hello`, then opens `/door` with the sub-protocols `push-lab` and that token.
 */
export type Hello = { secret: string }
export type Welcome = { token: string }

/** Browser mode, page to lab: one JSON text frame each. */
export type ClientFrame = { id: number; name: string; args: unknown } | { subscribe: true } | { ack: number }

/** Browser mode, lab to page. */
export type ServerFrame = { id: number; reply: Reply } | { batch: Batch }

/** Why the lab closed a WebSocket; the reason text says the rest. 4000-4999 belong to the application. */
export type CloseCode =
  | 4400 // a frame that is not of this protocol
  | 4408 // reads slower than the lab writes
  | 4429 // too many pages
