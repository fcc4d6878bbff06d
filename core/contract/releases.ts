/** What a set of releases permits, as the four tables of the documents say it (REL-01). */
import { z } from 'zod'
import { spec } from './spec.ts'
import { id } from './values.ts'

const release = z.string().trim().min(1).max(40)

/** What is left out is as in the lab; the client is that of `device`, or of the first phone with an app. */
export const matrixQuery = spec({
  title: 'Hold releases against the support matrix',
  group: 'View',
  args: z.strictObject({
    device: id.optional(),
    unifiedCm: release.optional(),
    /** Null: there is none. */
    presence: release.nullable().optional(),
    expressway: release.nullable().optional(),
    client: z.enum(['jabber', 'webex']).optional(),
    clientRelease: release.optional(),
    os: z.enum(['ios', 'android']).optional(),
    osRelease: release.optional(),
    mra: z.boolean().optional(),
  }),
})

export type ChosenReleases = {
  unifiedCm: string
  presence: string | null
  expressway: string | null
  client: 'jabber' | 'webex'
  clientRelease: string
  os: 'ios' | 'android'
  osRelease: string
  mra: boolean
}

/** `print`: what stands in the deciding cell; empty where a rule decides, not a table. */
export type MatrixFeature = {
  feature: string
  title: string
  on: boolean
  cell: string
  print: string
  reason: string
  /** Works, but not as it should: below what is supported, for instance. */
  warnings: { id: string; text: string }[]
}

export type MatrixProduct = 'unifiedCm' | 'presence' | 'expressway' | 'jabber' | 'webex' | 'os'

export type MatrixUpgrade = {
  product: MatrixProduct
  name: string
  from: string
  to: string
  /** Titles of features, and rows of support, that it mends. */
  gains: string[]
  text: string
}

export type ReleaseMatrix = {
  chosen: ChosenReleases
  fromLab: ChosenReleases
  /** The device whose client and system `fromLab` has; null when the lab has no phone with an app. */
  device: string | null
  features: MatrixFeature[]
  /** Rows of REL-C that speak of this system. */
  support: { row: string; os: string; supported: boolean; meetsMinimum: boolean; cell: string; reason: string }[]
  upgrades: MatrixUpgrade[]
  warnings: { id: string; text: string }[]
  advisories: { id: string; severity: 'warning' | 'information'; title: string; text: string }[]
  /** One sentence per release name that cannot be read, and which product it is of. */
  problems: string[]
  /** Releases that the tables name, oldest first. */
  known: Record<Exclude<MatrixProduct, 'os'> | 'ios' | 'android', string[]>
}
