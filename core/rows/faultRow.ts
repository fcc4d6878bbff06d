/** Faults: in words, as rows, and what they do to the health of a place. */
import type { Fault } from '../contract/fault.ts'
import type { FaultRow, Health } from '../contract/rows.ts'
import type { ActiveFault } from '../engine/faultBook.ts'

/** A fault in words, e.g. `answers 410, next 2`. */
export function faultTitle(fault: Fault): string {
  const what = ((): string => {
    switch (fault.kind) {
      case 'answer':
        return `answers ${fault.status}${fault.reason ? ` ${fault.reason}` : ''}`
      case 'drop':
        return 'drops'
      case 'delay':
        return `delays by ${fault.addMs} ms${fault.jitterMs ? ` to ${fault.addMs + fault.jitterMs} ms` : ''}`
      case 'reset':
        return 'resets connections'
      case 'black-hole':
        return fault.port ? `port ${fault.port} blocked silently` : 'swallows everything'
      case 'refuse':
        return fault.port ? `port ${fault.port} refused` : 'refuses connections'
      case 'idle-cut':
        return `forgets connections idle for ${fault.idleMinutes} min`
      case 'tls-inspect':
        return 'TLS inspection'
      case 'dns-fail':
        return 'name does not resolve'
      case 'blocked-address':
        return 'address on the blocked list'
      case 'start-fails':
        return 'cannot start: internal fault'
      case 'unsealed':
        return 'sends payloads unsealed'
    }
  })()
  const limits = [
    fault.probability !== undefined ? `${Math.round(fault.probability * 100)} %` : '',
    fault.direction === 'forward' || fault.direction === 'backward' ? `${fault.direction} only` : '',
    fault.device ? `for ${fault.device}` : '',
  ].filter((part) => part !== '')
  return limits.length > 0 ? `${what} (${limits.join(', ')})` : what
}

export const shortFault = (active: ActiveFault): string =>
  `${faultTitle(active.fault)}${active.left === null ? '' : `, next ${active.left}`}`

export function faultRow(active: ActiveFault): FaultRow {
  return {
    kind: 'fault',
    id: active.id,
    on: active.fault.on,
    title: shortFault(active),
    since: active.since,
    hits: active.hits,
    left: active.left,
    hidden: false,
  }
}

export function healthOf(faults: ActiveFault[]): Health {
  if (faults.length === 0) return 'up'
  const stops = faults.some(({ fault }) =>
    ['black-hole', 'refuse', 'reset', 'dns-fail', 'tls-inspect', 'blocked-address'].includes(fault.kind),
  )
  return stops ? 'down' : 'degraded'
}
