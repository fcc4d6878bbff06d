/** OAuth refresh logins: what each side has set, and which clients keep the mode from before (OAUTH-01 to OAUTH-07). */
import type { Scenario } from '../contract/scenario.ts'
import { startsFresh } from '../onboarding/state.ts'

export type Prompt = { since: number; text: string; why: string }

export type OAuth = {
  /** `Authorize by OAuth token with refresh` on Expressway: On by default (OAUTH-06). */
  expressway: boolean
  unity: { release: string; refreshLogin: boolean; authzServer: boolean } | null
  /** Clients that were not reset since the mode was changed, with the mode that they keep (OAUTH-04). */
  kept: Map<string, boolean>
  /** Whose user has to log in. */
  prompts: Map<string, Prompt>
}

/** Off in a new cluster (OAUTH-01). */
export const startsWithRefreshLogins = (scenario: Scenario): boolean => scenario.cluster.oauthRefreshLogins ?? !startsFresh(scenario)

export const newOAuth = (scenario: Scenario): OAuth => ({
  // A lab that does not speak of it has both sides alike, except where everything stands as it was delivered.
  expressway: scenario.edge.expressway?.oauthRefresh ?? (startsFresh(scenario) || startsWithRefreshLogins(scenario)),
  unity: scenario.cluster.unityConnection && { ...scenario.cluster.unityConnection },
  kept: new Map(),
  prompts: new Map(),
})
