/** What support in the cloud can see: alarms by Customer Cluster ID, PII by support token, its logs by tracking ID. */
import type { SupportAlarm, SupportView } from '../contract/admin.ts'
import { failure, ok, type Reply } from '../contract/door.ts'
import type { HopEvent } from '../contract/event.ts'
import type { World } from '../world.ts'
import type { FiledAlarm } from './state.ts'

/** The cloud keeps its logs about this long (TRB-12); the same is taken for uploaded alarms. */
export const CLOUD_KEEPS_DAYS = 20
const CLOUD_KEEPS_MS = CLOUD_KEEPS_DAYS * 86_400_000

/** Alarms that the cloud has room for; the oldest go first. Modelled. */
const FILED_MAX = 20_000

const HOPS_SHOWN = 2_000

export function file(world: World, clusterId: string, tracking: string, alarm: FiledAlarm): void {
  const { support } = world.admin
  support.push({ clusterId, tracking, alarm })
  if (support.length > FILED_MAX) support.splice(0, support.length - FILED_MAX)
}

/** Newest first. Another cluster's ID finds nothing, and no list of IDs is there to look through (TRB-03). */
export function supportAlarms(world: World, asked: { clusterId: string; token?: string | undefined; limit: number }): Reply<SupportView> {
  const since = world.clock.now() - CLOUD_KEEPS_MS
  const key = keyOf(asked.token)
  const alarms: SupportAlarm[] = []
  let more = false
  let found = false
  for (let i = world.admin.support.length - 1; i >= 0; i--) {
    const entry = world.admin.support[i]
    if (!entry || entry.clusterId !== asked.clusterId.trim()) continue
    if (entry.alarm.receivedAt < since) break
    found = true
    if (alarms.length >= asked.limit) {
      more = true
      break
    }
    alarms.push(seen(world, entry.alarm, key))
  }
  const sealed = alarms.some((alarm) => alarm.pii.state === 'sealed')
  const text = !found
    ? `nothing is filed under this Customer Cluster ID within the last ${CLOUD_KEEPS_DAYS} days`
    : sealed
      ? 'personal data is sealed: only the Cisco Support Token of the customer opens it'
      : ''
  return ok({ found, alarms, more, text })
}

/** The token is the key, in hexadecimal; anything else opens nothing. */
function keyOf(token: string | undefined): Uint8Array | null {
  const text = token?.trim().toLowerCase() ?? ''
  if (!/^[0-9a-f]{64}$/.test(text)) return null
  return Uint8Array.from({ length: 32 }, (_, i) => Number.parseInt(text.slice(2 * i, 2 * i + 2), 16))
}

function seen(world: World, { sealed, ...alarm }: FiledAlarm, key: Uint8Array | null): SupportAlarm {
  if (sealed === null) return { ...alarm, pii: { state: 'absent', text: '', details: [] } }
  const text = key && world.sealer.open(key, sealed)
  if (text === null) return { ...alarm, pii: { state: 'sealed', text: sealed, details: [] } }
  const pairs = JSON.parse(text) as [string, string][]
  return { ...alarm, pii: { state: 'open', text: sealed, details: pairs.map(([name, value]) => ({ name, value })) } }
}

const CLOUD: ReadonlySet<string> = new Set(['push-rest', 'ci', 'fos', 'apns', 'fcm'])

/** Hops of this tracking ID that the cloud took part in, for as long as it keeps its logs (TRB-12). */
export function supportTracking(world: World, id: string): Reply<{ hops: HopEvent[]; text: string }> {
  const since = world.clock.now() - CLOUD_KEEPS_MS
  const hops: HopEvent[] = []
  let older = false
  for (const event of world.log.since(0)) {
    if (event.tracking?.startsWith(id) !== true || event.status === 'lost' || !(CLOUD.has(event.from) || CLOUD.has(event.to))) continue
    if (event.at < since) older = true
    else if (hops.length < HOPS_SHOWN) hops.push(event)
  }
  if (hops.length > 0) return ok({ hops, text: '' })
  if (older) return failure('not-found', `the cloud keeps its logs about ${CLOUD_KEEPS_DAYS} days: nothing is left of ${id}`)
  const gone = world.log.oldest > 0 ? ` among the newest hops, which are all that the lab keeps (from ${world.log.oldest} on)` : ''
  return failure('not-found', `the cloud has nothing with the tracking ID ${id}${gone}`)
}
