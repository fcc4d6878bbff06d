/**
 * What FCM keeps for devices that are offline (FCM-02): nothing with a lifetime of 0, nothing beyond its
 * lifetime, of one collapse key the newest only.
 */
import { MAX_COLLAPSE_KEYS, MAX_STORED } from './limits.ts'
import type { Accepted } from './send.ts'

type Kept<T> = { message: T; token: string; collapseKey: string | null; expiresAt: number }

/** `gone`: what had to give way, and is never delivered. */
export type Stored<T> = { kept: boolean; gone: T[]; why: string }

export class OfflineStore<T extends Pick<Accepted, 'ttlMs' | 'collapseKey'>> {
  private readonly waiting = new Map<string, Kept<T>[]>()

  keep(token: string, message: T, now: number): Stored<T> {
    if (message.ttlMs === 0) return { kept: false, gone: [], why: 'dropped: a ttl of 0s is now or never' }
    const kept: Kept<T> = { message, token, collapseKey: message.collapseKey, expiresAt: now + message.ttlMs }
    const before = this.waiting.get(token) ?? []
    const alive = before.filter(({ expiresAt }) => expiresAt > now)
    const gone = before.filter((each) => !alive.includes(each))
    const same = kept.collapseKey === null ? -1 : alive.findIndex(({ collapseKey }) => collapseKey === kept.collapseKey)
    if (same >= 0) {
      gone.push(...alive.splice(same, 1))
    } else if (kept.collapseKey !== null && keysOf(alive) >= MAX_COLLAPSE_KEYS) {
      // Which of the keys stays is not promised; here it is the newer ones.
      gone.push(
        ...alive.splice(
          alive.findIndex(({ collapseKey }) => collapseKey !== null),
          1,
        ),
      )
    } else if (kept.collapseKey === null && alive.length - keysOf(alive) >= MAX_STORED) {
      // Past 100 all of them are discarded: the app is told that something is missing, and syncs.
      gone.push(...alive.filter(({ collapseKey }) => collapseKey === null))
      this.waiting.set(token, [...alive.filter(({ collapseKey }) => collapseKey !== null), kept])
      return { kept: true, gone: gone.map(({ message }) => message), why: `more than ${MAX_STORED} messages: those before are discarded` }
    }
    this.waiting.set(token, [...alive, kept])
    return {
      kept: true,
      gone: gone.map(({ message }) => message),
      why: same >= 0 ? 'kept, in place of the one before it' : 'kept until the device is back',
    }
  }

  /** The device is back: what is still alive, oldest first; `expired` is what waited for too long. */
  take(token: string, now: number): { delivered: T[]; expired: T[] } {
    const all = this.waiting.get(token) ?? []
    this.waiting.delete(token)
    return {
      delivered: all.filter(({ expiresAt }) => expiresAt > now).map(({ message }) => message),
      expired: all.filter(({ expiresAt }) => expiresAt <= now).map(({ message }) => message),
    }
  }
}

const keysOf = <T>(all: readonly Kept<T>[]): number => all.filter(({ collapseKey }) => collapseKey !== null).length
