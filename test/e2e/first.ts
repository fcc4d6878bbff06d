/** The first lab as a person uses it, for tests of both carriers and of the package. */
import type { Locator, Page } from '@playwright/test'
import { expect } from './console.ts'

export const phone = (page: Page, label: string): Locator => page.getByRole('group', { name: `Screen of ${label}` })
export const ANA = "Ana's iPhone 14"

/** Waits until the phone rings as an iPhone does: the caller on the whole screen, and two buttons. */
export async function rings(page: Page): Promise<Locator> {
  const screen = phone(page, ANA)
  await expect(screen.getByText('Webex · Video Call')).toBeVisible()
  await expect(screen.getByText('Dr. Okafor')).toBeVisible()
  await expect(screen.getByText('5010')).toBeVisible()
  await expect(screen.getByRole('button', { name: 'Decline Dr. Okafor, 5010' })).toBeVisible()
  return screen
}

export const ladder = (page: Page): Locator => page.getByRole('listbox', { name: /^Hops of #1 / })
export const inspector = (page: Page): Locator => page.getByRole('complementary', { name: 'Inspector' })
export const flowState = (page: Page, word: string): Locator => page.getByRole('region', { name: 'Flow' }).getByText(word, { exact: true })

/** The call is answered and its ladder is open: what it says from the top to the bottom, read with the arrow keys. */
export async function hopsOf(page: Page): Promise<string[]> {
  await ladder(page).focus()
  await page.keyboard.press('Home')
  const hops: string[] = []
  for (;;) {
    const active = await ladder(page).getAttribute('aria-activedescendant')
    const hop = await page.locator(`[id="${active}"]`).getAttribute('aria-label')
    if (hop === null || hops.at(-1) === hop) return hops
    hops.push(hop)
    await page.keyboard.press('ArrowDown')
  }
}

/** A newcomer's first minute with the mouse: call, watch, answer, ladder, why. */
export async function firstCall(page: Page): Promise<void> {
  // Before anything is pressed, the lab already says that this phone can be reached, and how (CH-07).
  await expect(page.getByRole('button', { name: new RegExp(`^${ANA}.*a call would reach it by cloud push`) })).toBeVisible()
  await page.getByRole('button', { name: /^Call / }).click()
  const screen = await rings(page)
  await expect(screen.getByText('CallKit, locked')).toBeVisible()
  await screen.getByRole('button', { name: 'Answer Dr. Okafor, 5010' }).click()
  await page.getByRole('tab', { name: 'Flow' }).click()
  await expect(flowState(page, 'answered')).toBeVisible()
  await expect(page.getByRole('timer', { name: 'Virtual time' })).toHaveText(/^00:00:\d\d\.\d{3}$/)

  const first = ladder(page).getByRole('option', { name: /INVITE 5001: held: device suspended/ })
  await first.scrollIntoViewIfNeeded()
  await first.click()
  await expect(inspector(page).getByRole('heading', { name: 'Why' })).toBeVisible()
  await expect(inspector(page).locator('.why')).toContainText(/CALL-\d+ · \w/)
}
