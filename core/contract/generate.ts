/**
 * Users and devices by the thousand from a few lines: how many there are, and how their differences are spread.
 * The loader (`core/scenario/generate.ts`) makes plain users and devices of it.
 */
import { z } from 'zod'
import { durationMs, id } from './values.ts'

export const GENERATE_LIMITS = { cohorts: 20, users: 60_000, options: 40 } as const

/** What a user can be given, and the client and system behind the word. */
export const DEVICE_KINDS = {
  'jabber-ios': { client: 'jabber', os: 'ios', label: 'Jabber iPhone' },
  'jabber-android': { client: 'jabber', os: 'android', label: 'Jabber Android' },
  'jabber-desktop': { client: 'jabber', os: 'desktop', label: 'Jabber desktop' },
  'webex-ios': { client: 'webex', os: 'ios', label: 'Webex iPhone' },
  'webex-android': { client: 'webex', os: 'android', label: 'Webex Android' },
  'webex-desktop': { client: 'webex', os: 'desktop', label: 'Webex desktop' },
  deskphone: { client: 'deskphone', os: 'desktop', label: 'desk phone' },
} as const

export type DeviceKind = keyof typeof DEVICE_KINDS

const SHARE = /^\s*(\d{1,3}(?:\.\d{1,4})?)\s*%\s*$/

/** `60%` as millionths, so that shares add up without rounding. */
export function shareOf(text: string): number {
  return Math.round(Number(SHARE.exec(text)?.[1] ?? NaN) * 10_000)
}

export const WHOLE = 1_000_000

const share = z
  .string()
  .max(12)
  .regex(SHARE, 'is not a share: write a percentage such as 60%')
  .refine((text) => !SHARE.test(text) || shareOf(text) <= WHOLE, 'is more than 100%')

const addedUp = (shares: Record<string, string>): number => Object.values(shares).reduce((sum, text) => sum + shareOf(text), 0)

const percent = (millionths: number): string => `${Number((millionths / 10_000).toFixed(4))}%`

/** Shares that leave nothing over. */
const shares = (what: string, names: readonly string[] | null) =>
  z
    .record(z.string().max(64), share)
    .refine((all) => Object.keys(all).length > 0, `names no ${what}`)
    .refine((all) => Object.keys(all).length <= GENERATE_LIMITS.options, `names more than ${GENERATE_LIMITS.options} of them`)
    .superRefine((all, ctx) => {
      const sum = addedUp(all)
      if (Object.keys(all).length > 0 && Number.isFinite(sum) && sum !== WHOLE)
        ctx.addIssue({ code: 'custom', message: `the shares add up to ${percent(sum)}: they have to give 100%` })
    })
    .meta(names === null ? {} : { propertyNames: { enum: [...names] } })

/** One value for all, or values with their shares. */
const spread = (what: string, names: readonly string[] | null = null) => z.union([z.string().min(1).max(64), shares(what, names)])

/** A duration, or any between two. */
const span = z.union([
  durationMs,
  z.strictObject({ from: durationMs, to: durationMs }).refine(({ from, to }) => from <= to, '"from" is later than "to"'),
])

const KINDS = Object.keys(DEVICE_KINDS) as DeviceKind[]

export const cohortSchema = z.strictObject({
  users: z.int().min(1).max(GENERATE_LIMITS.users),
  /** User IDs: `nurse` gives nurse-00001 and so on; a device is called nurse-00001-jabber-ios. */
  prefix: id.max(40).default('user'),
  name: z.string().min(1).max(40).optional(),
  /** Number of the first user; the others follow it. */
  numbersFrom: z.string().regex(/^\+?[0-9]{1,20}$/, 'must be the first of the numbers, in quotes: digits only, e.g. "500000"'),
  /** Each user has exactly one of these. */
  devices: shares('device', KINDS),
  /** Each user has these besides, with this share. */
  also: z
    .record(z.string().max(64), share)
    .default({})
    .meta({ propertyNames: { enum: [...KINDS] } }),
  pool: spread('device pool').optional(),
  serviceProfile: spread('service profile').optional(),
  presenceNode: spread('IM and Presence node').optional(),
  app: spread('state of the app', ['on screen', 'off screen', 'killed']).optional(),
  /** Of the phones whose app is not on screen. */
  locked: share.default('0%'),
  signedIn: share.default('100%'),
  mra: share.default('0%'),
  notificationsAllowed: share.default('100%'),
  /** Android in background (AND-03). */
  keepaliveSurvives: share.default('0%'),
  region: spread('region', ['mainland-china', 'elsewhere']).optional(),
  wifi: spread('Wi-Fi').optional(),
  releases: z
    .record(z.string().max(64), z.strictObject({ clientRelease: spread('release').optional(), osRelease: spread('release').optional() }))
    .default({})
    .meta({ propertyNames: { enum: [...KINDS] } }),
  wakeMs: span.optional(),
  habits: z
    .strictObject({
      /** Share of the phones whose users do anything by themselves. */
      share: share.default('100%'),
      answersAfterMs: span.optional(),
      declinesAfterMs: span.optional(),
      tapsAfterMs: span.optional(),
      hangsUpAfterMs: span.optional(),
    })
    .optional(),
})

export const generateSchema = z
  .array(cohortSchema)
  .max(GENERATE_LIMITS.cohorts)
  .superRefine((cohorts, ctx) => {
    const sum = cohorts.reduce((total, { users }) => total + users, 0)
    if (sum > GENERATE_LIMITS.users)
      ctx.addIssue({ code: 'custom', message: `these are ${sum} users; ${GENERATE_LIMITS.users} can be generated` })
  })

export type Cohort = z.output<typeof cohortSchema>
export type Span = z.output<typeof span>
