/** Dates for logs: the lab's time counts from 0, a log line has a day. Modelled: every lab starts at the same instant, in UTC. */

/** Day on which every lab starts, at 00:00:00.000 UTC. */
const START_YEAR = 2026

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const
const DAY_MS = 86_400_000

/** Seconds from 1970 to the start of every lab; 2026-01-01. */
export const START_EPOCH_S = 1_767_225_600

const leap = (year: number): boolean => (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0
const daysIn = (year: number, month: number): number => (month === 1 ? (leap(year) ? 29 : 28) : [3, 5, 8, 10].includes(month) ? 30 : 31)

type Moment = { year: number; month: number; day: number; hour: number; minute: number; second: number; ms: number }

function momentOf(atMs: number): Moment {
  const at = Math.max(0, Math.trunc(atMs))
  const rest = at % DAY_MS
  return {
    ...dayOf(Math.floor(at / DAY_MS)),
    hour: Math.floor(rest / 3_600_000),
    minute: Math.floor(rest / 60_000) % 60,
    second: Math.floor(rest / 1_000) % 60,
    ms: rest % 1_000,
  }
}

type Day = Pick<Moment, 'year' | 'month' | 'day'>
/** Lines of a log come day by day. */
let lastDay: { number: number; day: Day } | null = null

function dayOf(number: number): Day {
  if (lastDay?.number === number) return lastDay.day
  let days = number
  let year = START_YEAR
  while (days >= (leap(year) ? 366 : 365)) days -= leap(year++) ? 366 : 365
  let month = 0
  while (days >= daysIn(year, month)) days -= daysIn(year, month++)
  const day = { year, month, day: days + 1 }
  lastDay = { number, day }
  return day
}

const two = (value: number): string => (value < 10 ? `0${value}` : `${value}`)
const three = (value: number): string => (value < 10 ? `00${value}` : value < 100 ? `0${value}` : `${value}`)
const clock = ({ hour, minute, second }: Moment): string => `${two(hour)}:${two(minute)}:${two(second)}`

/** Lines of a log come second by second: all but the milliseconds is made once for each. */
let lastSecond: { number: number; text: string } | null = null

/** `2026-01-01 00:10:05,164`, as log4j writes it (TRB-10). */
export function log4jDate(atMs: number): string {
  const at = Math.max(0, Math.trunc(atMs))
  const number = Math.floor(at / 1_000)
  if (lastSecond?.number !== number) {
    const moment = momentOf(at)
    lastSecond = { number, text: `${moment.year}-${two(moment.month + 1)}-${two(moment.day)} ${clock(moment)}` }
  }
  return `${lastSecond.text},${three(at % 1_000)}`
}

/** `Jan  1 2026 00:10:05.164 UTC`, as CiscoLog writes it (ALM-24). */
export function ciscoDate(atMs: number): string {
  const moment = momentOf(atMs)
  const day = String(moment.day).padStart(2, ' ')
  return `${MONTHS[moment.month]} ${day} ${moment.year} ${clock(moment)}.${three(moment.ms)} UTC`
}

/** `Thu Jan 01 00:10:05 UTC 2026`, as `show status` writes it. */
export function longDate(atMs: number): string {
  const moment = momentOf(atMs)
  // The first of January 2026 is a Thursday.
  const weekday = ['Thu', 'Fri', 'Sat', 'Sun', 'Mon', 'Tue', 'Wed'][Math.floor(Math.max(0, atMs) / DAY_MS) % 7]
  return `${weekday} ${MONTHS[moment.month]} ${two(moment.day)} ${clock(moment)} UTC ${moment.year}`
}
