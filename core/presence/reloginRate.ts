/**
 * The re-login rate calculator: users failing over ÷ (upper limit − lower limit) must be 4 users per second or lower
 * (HA-10). Limits are seconds, the numerator is the users of the failing node, and nothing is rounded but what is shown
 * (DEC-19).
 */
import { RELOGIN_LIMIT_MAX_SECONDS } from '../contract/presence.ts'
import { RELOGIN_PER_SECOND, RELOGIN_REFERENCE } from './parameters.ts'

export type ReloginFigures = { users: number; lowerSeconds: number; upperSeconds: number }

export type ReloginIssue = { field: keyof ReloginFigures; message: string; fix: string }

/** Figures that are not possible, each with what it may be; empty when all are. */
export function reloginIssues({ users, lowerSeconds, upperSeconds }: ReloginFigures): ReloginIssue[] {
  const issues: ReloginIssue[] = []
  const whole = (field: keyof ReloginFigures, value: number, most: number): void => {
    if (!Number.isInteger(value) || value < 0 || value > most)
      issues.push({ field, message: `${value} is not possible`, fix: `a whole number from 0 to ${most}` })
  }
  whole('users', users, 1_000_000)
  whole('lowerSeconds', lowerSeconds, RELOGIN_LIMIT_MAX_SECONDS)
  whole('upperSeconds', upperSeconds, RELOGIN_LIMIT_MAX_SECONDS)
  if (issues.length === 0 && lowerSeconds >= upperSeconds)
    issues.push({ field: 'upperSeconds', message: 'the upper limit is not above the lower one', fix: `more than ${lowerSeconds} s` })
  return issues
}

/** Users per second, unrounded. */
export const reloginRate = ({ users, lowerSeconds, upperSeconds }: ReloginFigures): number => users / (upperSeconds - lowerSeconds)

export const reloginPasses = (figures: ReloginFigures): boolean => reloginRate(figures) <= RELOGIN_PER_SECOND

/** The other way round: the least upper limit that keeps the rate. */
export const proposedUpperSeconds = (users: number, lowerSeconds: number): number =>
  lowerSeconds + Math.max(1, Math.ceil(users / RELOGIN_PER_SECOND))

export const RELOGIN_FORMULA = 'users failing over ÷ (upper limit − lower limit) ≤ 4 users/sec'

/** What the reference case was, and where its figures end to hold. */
export const RELOGIN_BOUNDS: readonly string[] = [
  `Reference: ${RELOGIN_REFERENCE.users}/(${RELOGIN_REFERENCE.upperSeconds}−${RELOGIN_REFERENCE.lowerSeconds}) = 4 users/sec.`,
  'Measured on an OVA of 15,000 users: on the publisher 2,000 Push v3 enabled and 5,500 not push enabled, on the subscriber 7,500 not push enabled.',
  'Platform: UCS-C220-M4S, Intel Xeon CPU E5-2660 v4 @ 2.00 GHz.',
]

/** The figures were measured for one release only (HA-10). */
export const releaseNote = (release: string): string | null =>
  release.startsWith('11.5') ? null : `Valid for 11.5: for IM and Presence ${release} the figures were not measured.`
