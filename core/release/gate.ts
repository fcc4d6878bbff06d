// What the chosen set of releases permits, with the table cell that decides each feature. [REL-01]
// Pure: the same choice always gives an equal decision, so a caller may keep the result.

import type { Upgrade } from './capability.ts'
import { labelOf, partsOf, problemsOf, reaches } from './chosen.ts'
import type { Chosen } from './chosen.ts'
import { FEATURES, FEATURE_TITLE } from './features.ts'
import type { Feature, Warning } from './features.ts'
import { featureRowOf, grantOf, osColumnsOf } from './featureTable.ts'
import { PRODUCT_NAME } from './release.ts'
import { supportOf } from './support.ts'
import type { Support } from './support.ts'
import { notSupportedWarning, verdictOn } from './verdict.ts'
import type { Setting, Verdict } from './verdict.ts'

export interface FeatureDecision {
  readonly feature: Feature
  readonly on: boolean
  /** The deciding cell, row and column, e.g. 'REL-A3 Unified CM'; or the rule's ID where no table decides. */
  readonly cell: string
  readonly reason: string
  readonly warnings: readonly Warning[]
}

/** One upgrade and all that it would mend. */
export interface Advice extends Upgrade {
  /** Features that this upgrade alone or with its neighbours would turn on. */
  readonly features: readonly Feature[]
  /** Rows of REL-C that it helps to satisfy. */
  readonly supportRows: readonly string[]
  readonly text: string
}

export interface Decision {
  readonly features: readonly FeatureDecision[]
  readonly support: readonly Support[]
  readonly warnings: readonly Warning[]
  readonly advice: readonly Advice[]
  /** One sentence per release name that cannot be read; what depends on it is off. */
  readonly problems: readonly string[]
}

/** Never throws on what a person typed: an unreadable name is a problem and turns off what needs it. */
export function decide(chosen: Chosen): Decision {
  const parts = partsOf(chosen)
  const problems = problemsOf(parts)
  const gap = parts.unifiedCm.release && featureRowOf(parts.unifiedCm.release)
  const columns = parts.os && chosen.os.kind !== 'desktop' ? osColumnsOf(chosen.os.kind, parts.os) : []
  const grant = gap?.row && columns.length > 0 ? grantOf(gap.row, columns) : null
  const setting: Setting = { chosen, parts, grant }

  const verdicts = FEATURES.map((feature) => ({ feature, verdict: verdictOn(feature, setting) }))
  const support = supportOf(chosen, parts)
  const supportGaps = support.filter((row) => !row.meetsMinimum)
  const features = verdicts.map(({ feature, verdict }): FeatureDecision => ({
    feature,
    on: verdict.on,
    cell: verdict.cell,
    reason: verdict.reason,
    warnings: [...(verdict.warnings ?? []), ...(verdict.on ? belowSupport(feature, supportGaps) : [])],
  }))
  const rowWarning: Warning[] = gap?.gap && chosen.os.kind !== 'desktop' ? [{ id: 'DEC-11', text: gap.gap }] : []
  const warnings = distinct([...rowWarning, ...osWarnings(setting), ...features.flatMap((each) => each.warnings)])
  return { features, support, warnings, advice: adviceFrom(verdicts, support), problems }
}

/** The entry of one feature; every decision has one for each. */
export function featureOf(decision: Decision, feature: Feature): FeatureDecision {
  const found = decision.features.find((each) => each.feature === feature)
  if (!found) throw new Error(`decision without feature ${feature}`)
  return found
}

export function isOn(decision: Decision, feature: Feature): boolean {
  return featureOf(decision, feature).on
}

/** Features that a row of REL-C speaks of; the others are no question of "supported". */
const CLOUD_PUSH: ReadonlySet<Feature> = new Set<Feature>(['messaging', 'calling', 'callkit', 'chinaRegion', 'fcm', 'basicPush'])

// REL-A says whether a feature works, REL-C whether it is supported; between them it works with a
// warning. [DEC-10]
function belowSupport(feature: Feature, gaps: readonly Support[]): Warning[] {
  return gaps
    .filter((gap) => (gap.row === 'REL-C1' ? feature === 'localPush' : CLOUD_PUSH.has(feature)))
    .map((gap) => ({
      id: 'DEC-10',
      text: `Works, but below the minimum for supported push: ${gap.reason} [${gap.cell}]`,
    }))
}

function osWarnings(setting: Setting): Warning[] {
  const { chosen, parts, grant } = setting
  const warnings: Warning[] = []
  if (chosen.os.kind === 'ios' && parts.os && reaches(parts.os, '12') && !reaches(parts.os, '13')) {
    warnings.push({
      id: 'REL-05',
      text: `Not supported: ${labelOf(parts.os, chosen)} over APNS is withdrawn, see field notice FN70555. The lab still runs it.`,
    })
  }
  if (grant?.notSupported) warnings.push(notSupportedWarning(setting))
  return warnings
}

function distinct(warnings: readonly Warning[]): Warning[] {
  const seen = new Map(warnings.map((each) => [`${each.id} ${each.text}`, each]))
  return [...seen.values()]
}

function adviceFrom(verdicts: readonly { readonly feature: Feature; readonly verdict: Verdict }[], support: readonly Support[]): Advice[] {
  const merged = new Map<string, Upgrade & { features: Feature[]; supportRows: string[] }>()
  const entry = (upgrade: Upgrade): { features: Feature[]; supportRows: string[] } => {
    const key = `${upgrade.product} ${upgrade.to}`
    const found = merged.get(key) ?? { ...upgrade, features: [], supportRows: [] }
    merged.set(key, found)
    return found
  }
  for (const { feature, verdict } of verdicts) {
    for (const upgrade of verdict.upgrades ?? []) entry(upgrade).features.push(feature)
  }
  for (const row of support) {
    for (const upgrade of row.upgrades) entry(upgrade).supportRows.push(row.row)
  }
  return [...merged.values()].map((each) => ({ ...each, text: adviceText(each) }))
}

function adviceText(each: Upgrade & { features: readonly Feature[]; supportRows: readonly string[] }): string {
  const gains = [...each.features.map((feature) => FEATURE_TITLE[feature]), ...each.supportRows.map((row) => `support by ${row}`)]
  return `${PRODUCT_NAME[each.product]}: go from ${each.from} to ${each.to} or later for ${gains.join(', ')}.`
}
