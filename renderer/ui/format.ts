/** How times, spans and long IDs are written, the same everywhere. All times are virtual milliseconds. */

const pad = (value: number, width = 2): string => String(value).padStart(width, '0')

const parts = (atMs: number) => {
  const whole = Math.max(0, Math.floor(atMs))
  return {
    days: Math.floor(whole / 86_400_000),
    hours: Math.floor(whole / 3_600_000) % 24,
    minutes: Math.floor(whole / 60_000) % 60,
    seconds: Math.floor(whole / 1_000) % 60,
    ms: whole % 1_000,
  }
}

/** `03:14.301`; with hours and days only when there are some: `1:03:14.301`, `2d 01:03:14.301`. */
export const formatTime = (atMs: number): string => {
  const { days, hours, minutes, seconds, ms } = parts(atMs)
  const tail = `${pad(minutes)}:${pad(seconds)}.${pad(ms, 3)}`
  if (days > 0) return `${days}d ${pad(hours)}:${tail}`
  return hours > 0 ? `${hours}:${tail}` : tail
}

/** The clock in the top bar, always the same width within a day: `00:03:17.412`, `2d 00:03:17.412`. */
export const formatClock = (atMs: number): string => {
  const { days, hours, minutes, seconds, ms } = parts(atMs)
  return `${days > 0 ? `${days}d ` : ''}${pad(hours)}:${pad(minutes)}:${pad(seconds)}.${pad(ms, 3)}`
}

const trim = (value: number, digits: number): string => String(Number(value.toFixed(digits)))

/** `9 ms`, `3.1 s`, `20 min`, `1 h 5 min`, `12 d`. */
export const formatDuration = (spanMs: number): string => {
  if (spanMs < 0) return `-${formatDuration(-spanMs)}`
  if (spanMs < 1_000) return `${Math.round(spanMs)} ms`
  if (spanMs < 10_000) return `${trim(spanMs / 1_000, 2)} s`
  if (spanMs < 60_000) return `${trim(spanMs / 1_000, 1)} s`
  const minutes = Math.floor(spanMs / 60_000)
  const seconds = Math.floor((spanMs % 60_000) / 1_000)
  if (minutes < 60) return seconds > 0 && minutes < 10 ? `${minutes} min ${seconds} s` : `${minutes} min`
  const hours = Math.floor(minutes / 60)
  if (hours < 48) return minutes % 60 > 0 ? `${hours} h ${minutes % 60} min` : `${hours} h`
  const days = Math.floor(hours / 24)
  return hours % 24 > 0 && days < 10 ? `${days} d ${hours % 24} h` : `${days} d`
}

/** Head and tail of a long ID; the whole belongs into a tooltip. */
export const shortId = (id: string, head = 8, tail = 4): string =>
  id.length <= head + tail + 1 ? id : `${id.slice(0, head)}…${id.slice(-tail)}`

/** `1,234`. Grouping written here so that it does not depend on the machine's language. */
export const formatCount = (value: number): string => String(value).replace(/\B(?=(\d{3})+(?!\d))/g, ',')

/** `1 device`, `3 devices`. */
export const plural = (count: number, one: string, many = `${one}s`): string => `${formatCount(count)} ${count === 1 ? one : many}`
