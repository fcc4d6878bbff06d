/** Short notes at the edge of the window, and the log that keeps them for later reading. */
import { defineStore } from 'pinia'
import { computed, shallowRef } from 'vue'
import type { Failure } from '../../core/contract/index.ts'

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
export const INFO_SHOWN_MS = 6_000

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
  const fail = (tried: string, reply: Failure): number =>
    add('bad', `${tried}: ${reply.message}`, [
      ...reply.issues
        .slice(0, 6)
        .map((issue) => `${issue.path === '' ? '' : `${issue.path}: `}${issue.message}${issue.fix ? ` — ${issue.fix}` : ''}`),
      ...(reply.issues.length > 6 ? [`and ${reply.issues.length - 6} more`] : []),
    ])

  return {
    log,
    shown: computed(() => log.value.filter((toast) => toast.open).slice(-SHOWN)),
    add,
    fail,
    dismiss,
    clear: (): void => {
      log.value = []
    },
  }
})
