/** What axe finds in the view in front, or in `within`: the window around the views need not be looked at each time. */
import { AxeBuilder } from '@axe-core/playwright'
import type { Console } from './console.ts'

const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']

/** The page is the same in both carriers, and axe takes seconds for each look: it looks in the browser. */
export const AXE_ELSEWHERE = 'axe looks at the same page in the browser'

export async function axe({ page }: Console, within = '[role="tabpanel"]'): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).include(within).withTags(TAGS).analyze()
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' | ')}`)
}
