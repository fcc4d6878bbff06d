// One explanation as the window shows it beside an arrow, an alarm or a decision.

export interface Rule {
  /** At most 60 characters. */
  readonly title: string
  /** One or two plain sentences for the person who asks "why did this happen?". */
  readonly text: string
  /** Where the rule comes from: a part of the guide, published material, or a decision of this lab. */
  readonly source: string
}

export function rule(title: string, text: string, source: string): Rule {
  return { title, text, source }
}
