// Advice that follows from dates and defects rather than from a feature. [AND-04, AND-05, REL-05]

import { known, labelOf, partsOf, reaches, targetApiLevelOf } from './chosen.ts'
import type { Chosen, Part, Parts } from './chosen.ts'
import { minimumOf } from './capability.ts'
import { compareReleases, meetsMinimum, nearestUpgrade, PRODUCT_NAME } from './release.ts'
import type { Product } from './release.ts'

/** Google Play's date for API level 34. [AND-04] */
export const API_LEVEL_34_DEADLINE = 'August 31st, 2024'

/** What an FCM-only Jabber needs on the server side. [AND-04] */
const FCM_ONLY_MINIMUM = {
  unifiedCm: '12.5(1)SU3 and 14',
  presence: '12.5(1)SU3',
  expressway: 'X12.6.2',
} as const

/** The one combination that the documents clear of the defect. [AND-05] */
const CLEARED_OF_CSCVV12541 = { presence: '12.5(1)SU3', expressway: 'X12.6', jabber: '12.9' } as const

export interface TooOld {
  readonly product: Product
  readonly chosen: string
  readonly minimum: string
}

export interface Advisory {
  /** Ledger ID of the rule. */
  readonly id: 'AND-04' | 'AND-05' | 'REL-05'
  readonly severity: 'warning' | 'information'
  readonly title: string
  readonly text: string
  /** Components to upgrade, oldest rule first; empty when all reach their minimum. */
  readonly tooOld: readonly TooOld[]
}

/** Advisories for a chosen set, most pressing first. Pure; never throws on typed names. */
export function advise(chosen: Chosen): Advisory[] {
  const parts = partsOf(chosen)
  return [androidDeadline(chosen, parts), defect(chosen, parts), iosTwelve(chosen, parts)].filter((advisory) => advisory !== null)
}

function isJabberOnAndroid(chosen: Chosen): boolean {
  return chosen.os.kind === 'android' && chosen.client.kind === 'jabber'
}

function androidDeadline(chosen: Chosen, parts: Parts): Advisory | null {
  if (!isJabberOnAndroid(chosen)) return null
  const tooOld: TooOld[] = []
  const check = (part: Part | null, text: string): void => {
    if (part === null || part.release === null) return
    const minimum = minimumOf(part.product, text)
    if (meetsMinimum(part.release, minimum)) return
    const target = nearestUpgrade(part.release, minimum)
    tooOld.push({ product: part.product, chosen: part.name, minimum: target?.name ?? text })
  }
  check(parts.unifiedCm, FCM_ONLY_MINIMUM.unifiedCm)
  check(parts.presence, FCM_ONLY_MINIMUM.presence)
  if (chosen.mra) check(parts.expressway, FCM_ONLY_MINIMUM.expressway)
  const level = targetApiLevelOf(chosen, parts) ?? 0
  const client =
    level >= 34
      ? 'This Jabber is built for API level 34: without its VoIP socket only FCM reaches it in background.'
      : `Jabber for Android had to move to API level 34 by ${API_LEVEL_34_DEADLINE}; from then on only FCM reaches it in background.`
  const upgrades = tooOld.map((each) => `${PRODUCT_NAME[each.product]} ${each.chosen} to ${each.minimum} or later`)
  return {
    id: 'AND-04',
    severity: tooOld.length > 0 ? 'warning' : 'information',
    title: `API level 34 (Android 14), ${API_LEVEL_34_DEADLINE}`,
    text: tooOld.length > 0 ? `${client} Upgrade at once: ${upgrades.join('; ')}.` : `${client} The servers chosen here are new enough.`,
    tooOld,
  }
}

// Silent for exactly the cleared set. About any other set the documents say nothing, and so do we,
// beyond naming the defect to look up.
function defect(chosen: Chosen, parts: Parts): Advisory | null {
  if (!isJabberOnAndroid(chosen)) return null
  const same = (part: Part | null, text: string): boolean =>
    part !== null && part.release !== null && compareReleases(part.release, known(part.product, text)) === 0
  const cleared =
    same(parts.presence, CLEARED_OF_CSCVV12541.presence) &&
    same(parts.expressway, CLEARED_OF_CSCVV12541.expressway) &&
    same(parts.client, CLEARED_OF_CSCVV12541.jabber)
  if (cleared) return null
  return {
    id: 'AND-05',
    severity: 'information',
    title: 'Look up defect CSCvv12541',
    text: 'Only IM and Presence 12.5(1)SU3 with Expressway X12.6 and Jabber 12.9 is named as free of CSCvv12541; whether it touches the set chosen here is not stated.',
    tooOld: [],
  }
}

function iosTwelve(chosen: Chosen, parts: Parts): Advisory | null {
  if (chosen.os.kind !== 'ios' || parts.os === null) return null
  if (!reaches(parts.os, '12') || reaches(parts.os, '13')) return null
  return {
    id: 'REL-05',
    severity: 'warning',
    title: 'iOS 12 is not supported, FN70555',
    text: `${labelOf(parts.os, chosen)} over APNS is withdrawn by field notice FN70555 (fn70555); move the device to iOS 13 or later.`,
    tooOld: [{ product: 'os', chosen: parts.os.name, minimum: '13' }],
  }
}
