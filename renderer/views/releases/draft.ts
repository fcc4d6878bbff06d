/** Releases as they are typed; an empty field means that there is none of it. */
import type { ChosenReleases, CommandInput, MatrixProduct } from '../../../core/contract/index.ts'

export type Draft = { [K in keyof ChosenReleases]: ChosenReleases[K] extends boolean ? boolean : Exclude<ChosenReleases[K], null> }

export const draftOf = (chosen: ChosenReleases): Draft => ({
  ...chosen,
  presence: chosen.presence ?? '',
  expressway: chosen.expressway ?? '',
})

const orNull = (text: string): string | null => (text.trim() === '' ? null : text.trim())

export const questionOf = (draft: Draft): CommandInput<'release.matrix'> => ({
  ...draft,
  presence: orNull(draft.presence),
  expressway: orNull(draft.expressway),
  mra: draft.mra && orNull(draft.expressway) !== null,
})

type Component = CommandInput<'cluster.release'>['component']
/** `component`: what `cluster.release` calls it; null where the lab cannot be changed like this. */
export type Difference = { label: string; component: Component | null; release: string | null; was: string | null }

/** In the order of an upgrade: the edge, then IM and Presence, then Unified CM (MRA-05). */
const SERVERS = [
  { field: 'expressway', label: 'Expressway', component: 'Expressway' },
  { field: 'presence', label: 'IM and Presence', component: 'IM and Presence' },
  { field: 'unifiedCm', label: 'Unified CM', component: 'Unified CM' },
] as const

/** What differs from the lab. A server that the lab does not have, or that is taken away, is not applied. */
export function differences(draft: Draft, lab: ChosenReleases): Difference[] {
  const found: Difference[] = []
  for (const { field, label, component } of SERVERS) {
    const release = orNull(draft[field])
    const was = lab[field]
    if (release === was) continue
    found.push({ label, component: release === null || was === null ? null : component, release, was })
  }
  for (const [field, label] of [
    ['client', 'client'],
    ['clientRelease', 'release of the client'],
    ['os', 'system'],
    ['osRelease', 'release of the system'],
  ] as const)
    if (draft[field] !== lab[field]) found.push({ label, component: null, release: draft[field], was: lab[field] })
  if (draft.mra !== lab.mra) found.push({ label: 'way in', component: null, release: draft.mra ? 'over Expressway' : 'direct', was: null })
  return found
}

/** The field that an upgrade belongs to. */
export const fieldOf = (product: MatrixProduct): 'unifiedCm' | 'presence' | 'expressway' | 'clientRelease' | 'osRelease' =>
  product === 'jabber' || product === 'webex' ? 'clientRelease' : product === 'os' ? 'osRelease' : product
