/** The small values that inputs are made of, with messages that tell how to mend them. */
import { z } from 'zod'

/** Names of nodes, devices, users, pools...: they appear in place IDs, so `/` and `~` are not allowed. */
export const id = z
  .string()
  .min(1, 'must not be empty')
  .max(64, 'must have at most 64 characters')
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, 'may hold letters, digits, dot, dash and underscore, and starts with a letter or digit')

export const directoryNumber = z
  .string()
  .regex(/^\+?[0-9*#]{1,24}$/, 'must be a directory number: 1 to 24 digits, * or #, optionally with a leading +')

/** Longest span a run may cover: 400 days, so that a refresh token's 365 days fit. */
export const MAX_DURATION_MS = 400 * 24 * 3_600_000

const UNITS: Record<string, number> = { ms: 1, s: 1_000, m: 60_000, min: 60_000, h: 3_600_000, d: 86_400_000 }

/** Turns `250`, `"250ms"`, `"13s"`, `"2.5s"`, `"20min"`, `"1h"`, `"60d"` into whole milliseconds; null when it is none of these. */
export function parseDurationMs(text: string): number | null {
  const found = /^(\d+(?:\.\d+)?)(ms|s|min|m|h|d)?$/.exec(text.trim())
  if (!found) return null
  const ms = Number(found[1]) * (UNITS[found[2] ?? 'ms'] ?? 1)
  return Math.round(ms)
}

/** Milliseconds, written as a number or with a unit. */
export const durationMs = z.union([z.number(), z.string()]).transform((value, ctx): number => {
  const ms = typeof value === 'number' ? value : parseDurationMs(value)
  if (ms === null || !Number.isFinite(ms) || ms < 0 || ms > MAX_DURATION_MS || !Number.isInteger(ms)) {
    ctx.addIssue({
      code: 'custom',
      message: `"${String(value).slice(0, 40)}" is not a duration: write whole milliseconds or a unit, e.g. 250, "13s", "20min", "60d" (at most 400 days)`,
    })
    return z.NEVER
  }
  return ms
})

/** Most Wi-Fi names of LocalPushSSIDList, and of iOS (LPNS-07). */
export const SSIDS_MAX = 10

/** The value of LocalPushSSIDList as an administrator types it; `core/lpns/ssidList.ts` says what is in it. */
export const ssidList = z.string().max(1_000, 'holds at most ten Wi-Fi names of 32 characters')

/** Four numbers from 0 to 255. */
const IPV4 = /^(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)(?:\.(?!$)|$)){4}$/
const FQDN = /^(?=.{1,120}$)[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z](?:[A-Za-z0-9-]*[A-Za-z0-9])?)+$/

export const ipAddress = z.string().regex(IPV4, 'must be an IPv4 address, e.g. 10.0.0.80')

/** A fully qualified domain name: its last part begins with a letter, so no address is taken for one. */
export const hostName = z.string().regex(FQDN, 'must be a full host name, e.g. proxy.clinic.example')

/** What stands in the field for the server of a proxy. */
export const proxyServer = z.union(
  [ipAddress, hostName],
  'must be a full host name or an IPv4 address, e.g. proxy.clinic.example or 10.0.0.80',
)

/**
 * What stands for a password in a lab: two that are alike fit, two that differ do not. Never a real one, as it stands in
 * the file and in the journal of the run.
 */
export const secretName = z.string().min(1).max(60)
