/** Short notes at the edge of the window, and the log that keeps them for later reading. */
import { defineStore } from 'pinia'
import { computed, shallowRef } from 'vue'
import type { Failure, Issue } from '../../core/contract/index.ts'

export type Tone = 'bad' | 'warn' | 'info'
export type Toast = {
  id: number
  tone: Tone
  /** What went wrong (or what was done). */
  title: string
  /** Where, and how to mend it. */
  lines: string[]
  /** Wall time, for the log. */
  at: Date
  open: boolean
}

const LOG_KEPT = 200
/** Toasts on screen at once; older ones are in the log. */
const SHOWN = 4
/** Lines of a message that are kept; a scenario file may have hundreds of faults. */
const LINES_KEPT = 50
export const INFO_SHOWN_MS = 6_000

/** `line 12, devices[2].osRelease: must be a release — for example 16.5` */
const issueLine = ({ path, message, fix, line }: Issue): string => {
  const where = [line === undefined ? '' : `line ${line}`, path].filter((part) => part !== '').join(', ')
  return `${where === '' ? '' : `${where}: `}${message}${fix ? ` — ${fix}` : ''}`
}

export const useToasts = defineStore('toasts', () => {
  const log = shallowRef<Toast[]>([])
  let nextId = 1

  const dismiss = (id: number): void => {
    log.value = log.value.map((toast) => (toast.id === id ? { ...toast, open: false } : toast))
  }

  const add = (tone: Tone, title: string, lines: string[] = []): number => {
    const id = nextId
    nextId += 1
    log.value = [...log.value, { id, tone, title, lines, at: new Date(), open: true }].slice(-LOG_KEPT)
    // Errors stay until they are read; a note that all went well leaves by itself.
    if (tone === 'info') setTimeout(() => dismiss(id), INFO_SHOWN_MS)
    return id
  }

  /** A refused command: what was tried, why not, where in the input, how to mend it. */
  const fail = (tried: string, { message, issues }: Failure): number => {
    // The first issue is told once, in its own line with its place.
    const told = issues[0] ? `: ${issues[0].message}` : ''
    const headline = told !== '' && message.endsWith(told) ? message.slice(0, -told.length) : message
    return add('bad', `${tried}: ${headline}`, [
      ...issues.slice(0, LINES_KEPT).map(issueLine),
      ...(issues.length > LINES_KEPT ? [`and ${issues.length - LINES_KEPT} more`] : []),
    ])
  }

  const dismissNewest = (): void => {
    const newest = log.value.findLast((toast) => toast.open)
    if (newest) dismiss(newest.id)
  }

  return {
    log,
    shown: computed(() => log.value.filter((toast) => toast.open).slice(-SHOWN)),
    add,
    fail,
    dismiss,
    dismissNewest,
    clear: (): void => {
      log.value = []
    },
  }
})
