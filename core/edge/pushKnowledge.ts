/**
 * What Expressway knows of push on IM and Presence: nothing until Expressway-C is refreshed and restarted and Expressway-E
 * is restarted (MRA-02, MRA-03), and nothing when it was upgraded before IM and Presence (MRA-05, MRA-06).
 */
import type { Scenario } from '../contract/scenario.ts'
import { compareReleases, readRelease } from '../release/index.ts'

export type PushKnowledge = {
  /** Servers refreshed since push was enabled; only then does a restart of Expressway-C help. */
  refreshed: boolean
  c: boolean
  e: boolean
  /** Upgraded before IM and Presence: the ledger row of the rule that was broken. */
  wrongOrder: 'MRA-05' | 'MRA-06' | null
  /** Further IM and Presence clusters behind this Expressway, by name: of them only the release counts here. */
  others: Map<string, string>
  /** Restarts that are under way. */
  restarting: { c: boolean; e: boolean }
}

export function pushKnowledgeOf(spec: Scenario['edge']['expressway']): PushKnowledge {
  const { refreshed = true, restartedC = true, restartedE = true, otherPresence = [] } = spec ?? {}
  return {
    refreshed,
    c: refreshed && restartedC,
    e: restartedE,
    wrongOrder: null,
    others: new Map(otherPresence.map(({ id, release }) => [id, release])),
    restarting: { c: false, e: false },
  }
}

/** Push was enabled on IM and Presence: Expressway has to learn of it. */
export function pushWasEnabled(knows: PushKnowledge): void {
  knows.refreshed = false
  knows.c = false
  knows.e = false
}

/** Why messages to MRA clients are not pushed, with its ledger row; null when they are. */
export function mraObstacle(knows: PushKnowledge): { reason: string; why: string } | null {
  if (knows.wrongOrder) return { reason: 'Expressway was upgraded before IM and Presence', why: knows.wrongOrder }
  if (!knows.c) {
    const reason = knows.refreshed
      ? 'Expressway-C was not restarted since its servers were refreshed'
      : 'Expressway-C was not refreshed and restarted'
    return { reason: `${reason}: it does not know of push on IM and Presence`, why: 'MRA-02' }
  }
  if (!knows.e) return { reason: 'Expressway-E was not restarted: it does not know of push on IM and Presence', why: 'MRA-03' }
  return null
}

/** One short line under the name; Expressway without IM and Presence has nothing to know. */
export function expresswayNote(knows: PushKnowledge, server: 'c' | 'e', messages: boolean): string {
  if (knows.restarting[server]) return 'restarting'
  return messages && !knows[server] ? 'knows nothing of message push' : ''
}

/** From X12.7 on at least one IM and Presence cluster has to be upgraded first (MRA-06). */
const ORDER_FROM = 'X12.7'
/** Minimum release of Expressway for iOS 13 and later, and of IM and Presence by its train (MRA-05). */
const EXPRESSWAY_MINIMUM = 'X12.6'
const PRESENCE_MINIMUM: Readonly<Record<string, string>> = { '11': '11.5(1)SU8', '12': '12.5(1)SU3' }

const atLeast = (product: 'expressway' | 'presence', release: string, minimum: string): boolean => {
  const have = readRelease(product, release)
  const need = readRelease(product, minimum)
  return have.ok && need.ok && compareReleases(have.value, need.value) >= 0
}

/** Whether IM and Presence has the minimum release for push over MRA: 11.x and 12.x have one each, from 14 on all are new enough. */
function presenceIsReady(release: string): boolean {
  const train = /^\d+/.exec(release)?.[0] ?? ''
  const minimum = PRESENCE_MINIMUM[train]
  return minimum === undefined ? Number(train) > 12 : atLeast('presence', release, minimum)
}

/**
 * Expressway goes to this release now, with push on and these releases of the IM and Presence clusters behind it: which rule of
 * the order it breaks. To the minimum releases all clusters go first (MRA-05), to X12.7 or later at least one (MRA-06).
 */
export function brokenOrder(release: string, clusters: readonly string[]): PushKnowledge['wrongOrder'] {
  const ready = clusters.filter(presenceIsReady).length
  if (atLeast('expressway', release, ORDER_FROM)) return ready === 0 ? 'MRA-06' : null
  return ready < clusters.length && atLeast('expressway', release, EXPRESSWAY_MINIMUM) ? 'MRA-05' : null
}

/** Clusters that keep the order broken, for those who have to upgrade them. */
export const tooOld = (clusters: Iterable<readonly [name: string, release: string]>): string[] =>
  [...clusters].filter(([, release]) => !presenceIsReady(release)).map(([name, release]) => `${name} on ${release}`)
