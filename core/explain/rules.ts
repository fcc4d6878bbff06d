// Why things happen: one explanation for every rule that an event, alarm or decision may cite.

import { ALARM_RULES } from './alarms.ts'
import { AVAILABILITY_RULES } from './availability.ts'
import { CALL_RULES } from './calls.ts'
import { CLOUD_RULES } from './clouds.ts'
import { DECISION_RULES } from './decisions.ts'
import { LOCAL_RULES } from './local.ts'
import { NETWORK_RULES } from './network.ts'
import { RELEASE_RULES } from './releases.ts'
import type { Rule } from './rule.ts'
import { SCENARIO_RULES } from './scenarios.ts'
import { SETUP_RULES } from './setup.ts'

const ALL = {
  ...CALL_RULES,
  ...AVAILABILITY_RULES,
  ...NETWORK_RULES,
  ...RELEASE_RULES,
  ...SETUP_RULES,
  ...LOCAL_RULES,
  ...ALARM_RULES,
  ...CLOUD_RULES,
  ...SCENARIO_RULES,
  ...DECISION_RULES,
} as const

export type { Rule } from './rule.ts'
export type RuleId = keyof typeof ALL

export const RULES: Readonly<Record<RuleId, Rule>> = ALL

export const RULE_IDS = Object.keys(ALL) as RuleId[]

export function explain(id: RuleId): Rule {
  return RULES[id]
}

/** For text from outside, such as a scenario file; own keys only, so 'constructor' is no rule. */
export function isRuleId(text: string): text is RuleId {
  return Object.hasOwn(ALL, text)
}
