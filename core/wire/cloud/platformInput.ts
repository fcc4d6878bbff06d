/** What APNs and FCM tell the lab of a push of a provider: accepted or refused, without its texts (SEC-04). */
import type { LabCommandInput } from '../../contract/commands.ts'
import { MAX_DURATION_MS } from '../../contract/values.ts'
import { looksSealed } from '../../engine/sealer.ts'
import type { World } from '../../world.ts'
import type { Certificates } from './certificates.ts'
import { TRACKING_ID, type ServerExchange } from './http.ts'
import type { WireFaults } from './faults.ts'

const MAX_FIELDS = 20
/** With a tracking ID beside it, it still is as short as the input may be. */
const MAX_SEALED = 8_000

export type PushInput = LabCommandInput<'wire.push'>
/** The exchange is numbered where it is told. */
export type NewPush = Omit<PushInput, 'exchange'>

/** What the site of a platform is opened with, whichever it is. */
export type PlatformSiteOptions = {
  certificates: Certificates
  faults: WireFaults
  address: string
  port: number
  world(): World
  /** Throws when the lab does not take what was accepted. */
  push(push: NewPush, accepted: boolean): void
  exchanged(exchange: ServerExchange): void
  keylog(line: string): void
  changed(): void
}

/** A lifetime as the lab may have it. */
export const keepMs = (ms: number): number => Math.min(MAX_DURATION_MS, Math.max(0, Math.round(ms)))

/**
 * What the lab is told of a payload: the first text in it that is sealed as the cluster seals, and its tracking ID. Of
 * anything else it learns nothing: a provider's words would stand in the journal.
 */
export function sealedIn(value: unknown): string | null {
  if (value === null || typeof value !== 'object') return null
  const entries = Object.entries(value).slice(0, MAX_FIELDS) as [string, unknown][]
  const sealed = entries.find(([, text]) => typeof text === 'string' && text.length <= MAX_SEALED && looksSealed(text))?.[1]
  const tracking = entries.find(([name, text]) => name === 'tracking' && typeof text === 'string' && TRACKING_ID.test(text))?.[1]
  if (sealed === undefined && tracking === undefined) return null
  return JSON.stringify({ sealed, tracking })
}

export function parsed(text: string | null): unknown {
  try {
    return text === null ? null : (JSON.parse(text) as unknown)
  } catch {
    return null
  }
}
