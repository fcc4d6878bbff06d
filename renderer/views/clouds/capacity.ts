/** The inputs of the capacity calculator: symbol of the formula, words, and what is typed as a number (PROXY-08, DEC-27). */
import type { ProxyFigures } from '../../../core/contract/index.ts'

export type Figure = keyof ProxyFigures

export const FIGURES: readonly { field: Figure; symbol: string; label: string; group: 'Calls' | 'Messages' | 'Servers' }[] = [
  { field: 'callUsers', symbol: 'Uc', label: 'users whose calls are pushed', group: 'Calls' },
  { field: 'callsPerUser', symbol: 'C', label: 'calls to each in the busy hour', group: 'Calls' },
  { field: 'secondPushShare', symbol: 'm', label: 'share with a second push', group: 'Calls' },
  { field: 'messageUsers', symbol: 'Um', label: 'users of Jabber messaging', group: 'Messages' },
  { field: 'messagesPerUser', symbol: 'M', label: 'messages to each in the busy hour', group: 'Messages' },
  { field: 'suspendedShare', symbol: 's', label: 'share that comes while suspended', group: 'Messages' },
  { field: 'nodes', symbol: 'N', label: 'nodes that fetch tokens', group: 'Servers' },
  { field: 'tokenMinutes', symbol: 'T', label: 'minutes between two tokens', group: 'Servers' },
  { field: 'alarmMinutes', symbol: 'F', label: 'minutes between alarm uploads', group: 'Servers' },
  { field: 'peakFactor', symbol: 'peak', label: 'factor of the busiest second', group: 'Servers' },
]

export type Draft = Record<Figure, string>

export const draftOf = (figures: ProxyFigures): Draft =>
  Object.fromEntries(
    FIGURES.map(({ field }) => [field, figures[field] === null ? '' : String(Number(figures[field]?.toFixed(3)))]),
  ) as Draft

/** Fields that are no number: told beside them, the rest the lab checks. */
export const unreadable = (draft: Draft): Figure[] =>
  FIGURES.map(({ field }) => field).filter((field) => {
    const text = draft[field].trim()
    return text === '' ? field !== 'alarmMinutes' : !Number.isFinite(Number(text))
  })

/** Empty is "none" for alarms; `unreadable` has refused it for all others. */
export const figuresOf = (draft: Draft): ProxyFigures =>
  Object.fromEntries(
    FIGURES.map(({ field }) => [field, draft[field].trim() === '' ? null : Number(draft[field])]),
  ) as unknown as ProxyFigures

/** `12,345`, `0.31`: a transaction less or more means nothing in a thousand, and much in one. */
export const rate = (value: number): string => {
  const digits = value >= 100 ? 0 : value >= 10 ? 1 : 2
  return value.toFixed(digits).replace(/\B(?=(\d{3})+(?!\d)(?=\.|$))/g, ',')
}
