/** A line of a trace, taken apart for the eye: nothing is added and nothing left out. */

export type LineLevel = 'FATAL' | 'ERROR' | 'WARN' | 'INFO' | 'DEBUG'

export type TraceParts = {
  time: string
  /** As written, with its padding. */
  level: string
  /** `[thread] class (file:line) - `, or what stands before the text of an alarm. */
  origin: string
  text: string
  /** Null where a line has no level that is known. */
  kind: LineLevel | null
}

const LOG4J = /^(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} )(FATAL|ERROR|WARN|INFO|DEBUG)( *)(\[[^\]]*\] .*? - )(.*)$/s
/** `12: ucm-pub: ... : %UC_CPNS-3-Name: ...`: the digit is the severity of syslog. */
const CISCO_LOG = /^(.*?)(%[A-Z0-9_]+-([0-7])-)(.*)$/s

const OF_SYSLOG: readonly LineLevel[] = ['FATAL', 'FATAL', 'FATAL', 'ERROR', 'WARN', 'INFO', 'INFO', 'DEBUG']

export function partsOf(line: string): TraceParts {
  const log4j = LOG4J.exec(line)
  if (log4j) {
    const [, time = '', level = '', gap = '', origin = '', text = ''] = log4j
    return { time, level: `${level}${gap}`, origin, text, kind: level as LineLevel }
  }
  const alarm = CISCO_LOG.exec(line)
  if (alarm) {
    const [, head = '', level = '', digit = '7', text = ''] = alarm
    return { time: '', level, origin: '', text, kind: OF_SYSLOG[Number(digit)] ?? null, ...(head === '' ? {} : { time: head }) }
  }
  return { time: '', level: '', origin: '', text: line, kind: null }
}

const ORDER: readonly LineLevel[] = ['FATAL', 'ERROR', 'WARN', 'INFO', 'DEBUG']
/** What has no level is always shown. */
export const atLeast = (line: string, least: LineLevel): boolean => {
  const { kind } = partsOf(line)
  return kind === null || ORDER.indexOf(kind) <= ORDER.indexOf(least)
}

/** Tracking IDs in a line, each once (SEC-06). */
export const trackingIn = (line: string): string[] => [
  ...new Set([...line.matchAll(/TRACKING ID:+\s*([\w.-]+)|TrackingID[=:]\s*([\w.-]+)/gi)].map(([, one, other]) => one ?? other ?? '')),
]

/** The text around a search, cut where it matches, in any letter case. */
export function marked(text: string, wanted: string): { text: string; hit: boolean }[] {
  const needle = wanted.trim().toLowerCase()
  if (needle === '') return [{ text, hit: false }]
  const hay = text.toLowerCase()
  const parts: { text: string; hit: boolean }[] = []
  let from = 0
  for (let at = hay.indexOf(needle); at >= 0; at = hay.indexOf(needle, from)) {
    if (at > from) parts.push({ text: text.slice(from, at), hit: false })
    parts.push({ text: text.slice(at, at + needle.length), hit: true })
    from = at + needle.length
  }
  if (from < text.length) parts.push({ text: text.slice(from), hit: false })
  return parts
}

/** `/var/log/active/cm/trace/ccmpns/log4j/ccmpns00000001.log`: folder and name. */
export const split = (path: string): { folder: string; name: string } => {
  const at = path.lastIndexOf('/')
  return { folder: path.slice(0, at), name: path.slice(at + 1) }
}

export const formatBytes = (bytes: number): string =>
  bytes < 1_024 ? `${bytes} B` : bytes < 1_048_576 ? `${(bytes / 1_024).toFixed(1)} KiB` : `${(bytes / 1_048_576).toFixed(1)} MiB`
