/**
 * Takes the pictures of the README from the console itself: `npm run build && npx tsx test/e2e/pictures.ts [name ...]`.
 * Each in a lab of its own, at the moment that the text beside it tells of.
 */
import type { Locator, Page } from '@playwright/test'
import { join } from 'node:path'
import { ROOT } from '../../build/build.mjs'
import { startConsole } from './console.ts'
import { ANA, rings } from './first.ts'

const SIZE = { width: 1440, height: 900 }

const tab = (page: Page, name: string): Promise<void> => page.getByRole('tab', { name }).click()
const view = (page: Page, name: string): Locator => page.getByRole('region', { name, exact: true })
const press = (within: Page | Locator, name: string): Promise<void> => within.getByRole('button', { name, exact: true }).first().click()
const inTree = (page: Page, name: RegExp): Promise<void> => page.getByRole('treeitem', { name }).first().click()

async function openLab(page: Page, title: string): Promise<void> {
  await page.getByRole('button', { name: /Open another lab$/ }).click()
  await page.getByRole('menuitem', { name: title }).click()
  await page.waitForFunction((words) => document.title.startsWith(words), title)
}

/** Runs to this moment of the lab, through the dialog as a person does; `clock` is what the top bar says then. */
async function until(page: Page, time: string, clock: string): Promise<void> {
  await press(page, 'Until…')
  await page.getByRole('dialog').getByRole('textbox').fill(time)
  await page.keyboard.press('Enter')
  await page.getByRole('dialog').waitFor({ state: 'detached' })
  await page.getByRole('timer', { name: 'Virtual time' }).getByText(clock).waitFor({ timeout: 120_000 })
}

/** One message to the phone of this name, found in the tree. */
async function messageTo(page: Page, name: string): Promise<void> {
  await page.getByRole('searchbox', { name: 'Filter nodes and devices' }).fill(name)
  await inTree(page, new RegExp(name))
  await press(page, 'Message…')
  await page.getByRole('dialog').getByLabel('Message').waitFor()
  await page.keyboard.press('Enter')
  await page.getByRole('dialog').waitFor({ state: 'detached' })
  await page.getByRole('searchbox', { name: 'Filter nodes and devices' }).fill('')
}

const PICTURES: Record<string, (page: Page) => Promise<void>> = {
  async console(page) {
    await page.keyboard.press('c')
    await rings(page)
    await inTree(page, /Ana's iPhone/)
    await press(page, 'Pause')
  },
  async ladder(page) {
    await page.keyboard.press('c')
    const screen = await rings(page)
    await screen.getByRole('button', { name: /^Answer/ }).click()
    await until(page, '6s', '00:00:06.000')
    await tab(page, 'Flow')
    await page.getByRole('option', { name: /CPNS to Push REST, HTTPS, POST push/ }).click()
  },
  async 'local-push'(page) {
    await openLab(page, 'Local push in the ward')
    await until(page, '90s', '00:01:30.000')
    await tab(page, 'Local push')
    await inTree(page, /Ana's iPhone/)
    const real = view(page, 'Local push').getByRole('group', { name: 'Part of local push' }).getByText('Real clients', { exact: true })
    if ((await real.count()) > 0) await real.click()
    await press(view(page, 'Local push'), 'Open')
    await press(view(page, 'Local push'), 'Make a token')
    await page.waitForTimeout(2_000)
  },
  async clouds(page) {
    await tab(page, 'Clouds')
    const clouds = view(page, 'Clouds')
    await press(clouds, 'Open')
    for (const way of ['Servers → Push REST', 'Push REST → APNs']) {
      await clouds.getByRole('switch', { name: new RegExp(`^${way}:`) }).click()
      await clouds.getByRole('switch', { name: new RegExp(`^${way}:`), checked: true }).waitFor()
    }
    await tab(page, 'Topology')
    await page.keyboard.press('c')
    await (await rings(page)).getByRole('button', { name: /^Answer/ }).click()
    await tab(page, 'Flow')
    await page.getByRole('option', { name: /CPNS to Push REST, HTTPS, POST .*over a real socket$/ }).click()
    await page.waitForTimeout(1_500)
  },
  async messages(page) {
    await openLab(page, '15,000 users, an IM node fails')
    await until(page, '30s', '00:00:30.000')
    for (const nurse of ['Nurse 00002', 'Nurse 00004', 'Nurse 00006']) await messageTo(page, nurse)
    await until(page, '1min', '00:01:00.000')
    await tab(page, 'Messages')
    await press(view(page, 'Messages').getByRole('article', { name: 'imp-pub' }), 'Crash')
    await until(page, '3min', '00:03:00.000')
    for (const nurse of ['Nurse 00001', 'Nurse 00003', 'Nurse 00005']) await messageTo(page, nurse)
    await until(page, '6min', '00:06:00.000')
    await tab(page, 'Messages')
  },
}

const asked = process.argv.slice(2)
for (const [name, show] of Object.entries(PICTURES)) {
  if (asked.length > 0 && !asked.includes(name)) continue
  const lab = await startConsole('browser')
  try {
    lab.page.setDefaultTimeout(30_000)
    await lab.page.setViewportSize(SIZE)
    await lab.page.emulateMedia({ colorScheme: 'dark', reducedMotion: 'reduce' })
    await lab.page.getByRole('group', { name: `Screen of ${ANA}` }).waitFor()
    await show(lab.page)
    // No ring around the last button pressed, and no hint over it.
    await lab.page.mouse.move(SIZE.width - 4, SIZE.height / 2)
    await lab.page.waitForTimeout(600)
    await lab.page.screenshot({ path: join(ROOT, 'docs/images', `${name}.png`) })
    console.log(`docs/images/${name}.png`)
  } finally {
    await lab.close()
  }
}
