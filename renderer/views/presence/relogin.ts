/** The inputs of the re-login calculator: what is typed, and what is asked of the lab (HA-10). */
import type { CommandInput, ReloginResult } from '../../../core/contract/index.ts'

export type ReloginDraft = { users: string; lowerSeconds: string; upperSeconds: string; release: string }
export type ReloginField = keyof ReloginResult['figures']

export const FIELDS: readonly { field: ReloginField; label: string; unit: string }[] = [
  { field: 'users', label: 'Users failing over', unit: '' },
  { field: 'lowerSeconds', label: 'Lower re-login limit', unit: 's' },
  { field: 'upperSeconds', label: 'Upper re-login limit', unit: 's' },
]

export const draftOf = (figures: ReloginResult['figures'], release: string): ReloginDraft => ({
  users: String(figures.users),
  lowerSeconds: String(figures.lowerSeconds),
  upperSeconds: String(figures.upperSeconds),
  release,
})

/** Fields that are no number; an empty upper limit is one to be proposed. */
export const unreadable = (draft: ReloginDraft): ReloginField[] =>
  FIELDS.map(({ field }) => field).filter((field) => {
    const text = draft[field].trim()
    return text === '' ? field !== 'upperSeconds' : !Number.isFinite(Number(text))
  })

export function questionOf(draft: ReloginDraft): CommandInput<'presence.relogin'> {
  const upper = draft.upperSeconds.trim()
  const release = draft.release.trim()
  return {
    users: Number(draft.users),
    lowerSeconds: Number(draft.lowerSeconds),
    upperSeconds: upper === '' ? null : Number(upper),
    ...(release === '' ? {} : { release }),
  }
}
