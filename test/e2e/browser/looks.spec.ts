import type { Page } from '@playwright/test'
import { expect, resize, test } from '../console.ts'
import { ANA, phone, rings } from '../first.ts'

/** Texts that are cut by their box, as `text (shown of wanted px)`. */
const cutTexts = (page: Page, selector: string): Promise<string[]> =>
  page
    .locator(selector)
    .evaluateAll((all) =>
      all
        .filter((one) => one.scrollWidth > one.clientWidth + 1 || one.scrollHeight > one.clientHeight + 1)
        .map((one) => `${one.textContent?.trim()} (${one.clientWidth} of ${one.scrollWidth} px)`),
    )

test('at 1280 by 720 no node of the first lab has its name or note cut, and no screen runs over', async ({ lab }) => {
  const { page } = lab
  await expect(phone(page, ANA)).toBeVisible()
  await resize(lab, 1_280, 720)
  await page.keyboard.press('c')
  await rings(page)
  await page.keyboard.press('a')
  await expect(phone(page, ANA).getByRole('button', { name: /^Hang up/ })).toBeVisible()
  expect(await page.locator('.node .name').count()).toBeGreaterThan(8)
  expect(await cutTexts(page, '.node .name, .node .said')).toEqual([])
  expect(await cutTexts(page, '.phone-card .body')).toEqual([])
})

test('at a zoom of 200 % time and Call stay in sight, and the middle keeps more room than any pane', async ({ lab }) => {
  const { page } = lab
  await expect(phone(page, ANA)).toBeAttached()
  await resize(lab, 640, 360)
  const inside = async (name: string, part: ReturnType<Page['locator']>): Promise<void> => {
    const box = await part.boundingBox()
    expect(box, name).not.toBeNull()
    expect(box!.x, name).toBeGreaterThanOrEqual(0)
    expect(box!.x + box!.width, name).toBeLessThanOrEqual(640)
    // A button of the status bar reaches half a pixel over its line.
    expect(Math.floor(box!.y + box!.height), name).toBeLessThanOrEqual(360)
  }
  await inside('clock', page.getByRole('timer', { name: 'Virtual time' }))
  await inside('Call', page.getByRole('banner').getByRole('button', { name: /^Call / }))
  await inside('keys', page.getByRole('button', { name: /keys$/ }))
  const widthOf = async (pane: ReturnType<Page['locator']>): Promise<number> => (await pane.boundingBox())!.width
  const middle = await widthOf(page.getByRole('main'))
  expect(middle).toBeGreaterThan(300)
  expect(middle).toBeGreaterThan(await widthOf(page.getByRole('navigation', { name: 'Lab' })))
  expect(middle).toBeGreaterThan(await widthOf(page.getByRole('complementary', { name: 'Inspector' })))
})

test('in Windows high contrast what is chosen, pressed and under the keys still stands out', async ({ lab }) => {
  const { page } = lab
  await expect(phone(page, ANA)).toBeVisible()
  await page.emulateMedia({ forcedColors: 'active' })
  const highlight = await page.evaluate(() => {
    document.body.style.color = 'Highlight'
    const colour = getComputedStyle(document.body).color
    document.body.style.color = ''
    return colour
  })
  const ground = (part: ReturnType<Page['locator']>): Promise<string> => part.evaluate((one) => getComputedStyle(one).backgroundColor)
  await page.getByRole('treeitem', { name: ANA }).click()
  expect(await ground(page.getByRole('treeitem', { name: ANA }))).toBe(highlight)
  expect(await ground(page.getByRole('tab', { name: 'Topology' }))).toBe(highlight)
  expect(await ground(page.getByRole('tab', { name: 'Flow' }))).not.toBe(highlight)
  expect(await ground(page.getByRole('button', { name: 'Pause', exact: true }))).toBe(highlight)
  await page.keyboard.press('Control+k')
  await page.keyboard.press('ArrowDown')
  expect(await ground(page.getByRole('option', { selected: true }))).toBe(highlight)
})

test('a message stands beside an open dialog, and closing it does not close the dialog', async ({ lab }) => {
  const { page } = lab
  await expect(phone(page, ANA)).toBeVisible()
  await resize(lab, 1_280, 720)
  // A file that is no scenario is refused with a message.
  await page.locator('input[type=file][accept]').setInputFiles({ name: 'bad.yaml', mimeType: 'text/yaml', buffer: Buffer.from('title: 3') })
  const message = page.locator('.toast').first()
  await expect(message).toBeVisible()
  await page.keyboard.press('?')
  const dialog = page.getByRole('dialog', { name: 'Keys' })
  await expect(dialog).toBeVisible()
  const [edge, beside] = [(await dialog.boundingBox())!, (await message.boundingBox())!]
  expect(beside.x).toBeGreaterThanOrEqual(edge.x + edge.width)
  await message.locator('.close').click()
  await expect(message).toBeHidden()
  await expect(dialog).toBeVisible()
})
