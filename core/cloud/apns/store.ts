/** What APNs keeps for a device that is not connected: of each app the newest notification, until it expires (APNS-09). */

/** How long a notification without `apns-expiration` waits. */
export const KEPT_MS = 30 * 24 * 3_600_000

/** Until when it may wait; null is now or never, as is a date that has passed. */
export function keptUntil(expiration: number | null, atMs: number): number | null {
  if (expiration === null) return atMs + KEPT_MS
  const untilMs = Math.min(expiration * 1_000, atMs + KEPT_MS)
  return untilMs > atMs ? untilMs : null
}

/** One app of one device: what the newest notification replaces the older one by. */
export const storeKey = (device: string, bundle: string): string => `${device} ${bundle}`

/** Keeps it and gives back the one that it replaces. */
export function keepNewest<T>(store: Map<string, T>, key: string, item: T): T | null {
  const older = store.get(key) ?? null
  store.delete(key) // the newest is also the last in order
  store.set(key, item)
  return older
}
