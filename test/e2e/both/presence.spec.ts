import type { Locator, Page } from '@playwright/test'
import { expect, resize, savedText, test } from '../console.ts'
import { AXE_ELSEWHERE, axe } from '../axe.ts'
import { inspector } from '../first.ts'

const view = (page: Page): Locator => page.getByRole('region', { name: 'Messages', exact: true })
const node = (page: Page, name: string): Locator => view(page).getByRole('article', { name })
const part = (page: Page, name: 'Nodes' | 'Who is reached' | 'Losses' | 'Re-login rate'): Promise<void> =>
  view(page).getByRole('group', { name: 'Part of messages' }).getByText(name, { exact: true }).click()
const press = (page: Page, name: string): Promise<void> => page.getByRole('button', { name, exact: true }).click()
const client = (page: Page, name: RegExp): Locator => view(page).getByRole('row', { name })

/** A lesson goes by its symptom: the title tells the cause. */
const NODE_FAILURE = 'Ana is sure that Rex wrote to her twice'

async function open(page: Page, title: string): Promise<void> {
  page.setDefaultTimeout(15_000)
  await page.getByRole('button', { name: /Open another lab$/ }).click()
  await page.getByRole('menuitem', { name: title }).click()
  // A lab of thousands takes its time on a busy machine.
  await expect(page).toHaveTitle(new RegExp(title), { timeout: 45_000 })
  await page.getByRole('tab', { name: 'Messages' }).click()
  await expect(view(page)).toBeVisible()
}

/** Runs to this moment of the lab, through the dialog as a person does. */
async function until(page: Page, time: string): Promise<void> {
  await press(page, 'Until…')
  const dialog = page.getByRole('dialog')
  await dialog.getByRole('textbox').fill(time)
  await page.keyboard.press('Enter')
  await expect(dialog).toBeHidden()
  await expect(page.getByRole('button', { name: 'Pause', exact: true })).toHaveAttribute('aria-pressed', 'true')
}

test('[HA-03] a node crashes: whose messages are lost, who takes over, and who cannot be reached meanwhile', async ({ lab }) => {
  const { page } = lab
  await open(page, NODE_FAILURE)
  // The commands of the lab send two messages and an invitation to a phone that sleeps.
  await until(page, '5s')
  await expect(node(page, 'imp-pub')).toContainText('Waiting3')
  await node(page, 'imp-pub').getByRole('button', { name: 'Crash', exact: true }).click()
  await expect(node(page, 'imp-pub')).toContainText(/crashed.*imp-sub takes over in 10 s/)
  await expect(view(page).getByText('3 messages lost', { exact: true })).toBeVisible()

  await part(page, 'Losses')
  await expect(view(page).getByRole('row', { name: /Ana Ruiz.*3 .*2 messages, 1 chat room invitation; imp-pub crashed/ })).toBeVisible()
  await part(page, 'Who is reached')
  await expect(client(page, /ana-iphone/)).toContainText(/Not before \S+: imp-pub is crashed, imp-sub is about to take over/)
  await client(page, /ana-iphone/).click()
  await expect(inspector(page).getByText(/imp-sub is about to take over/)).toBeVisible()

  await until(page, '25s')
  await expect(client(page, /ana-iphone/)).toContainText(/imp-sub, not imp-pub/)
  await part(page, 'Nodes')
  await expect(node(page, 'imp-sub')).toContainText(/Silence, failover, 1 session/)
})

test('[HA-08] [HA-09] 15,000 users: the rebuild counts, the reason is told once, the grid shows it and leads to a phone', async ({
  lab,
}) => {
  test.slow()
  const { page } = lab
  await open(page, '15,000 users, an IM node fails and comes back')
  await node(page, 'imp-pub').getByRole('button', { name: 'Crash', exact: true }).click()
  await until(page, '2min')
  await expect(node(page, 'imp-sub')).toContainText(/failover: sessions rebuilt \d[\d,]* of 5,994/)
  await expect(node(page, 'imp-sub')).toContainText(/about 1\d min left/)
  await expect(node(page, 'imp-sub').getByRole('progressbar')).toBeVisible()

  await part(page, 'Who is reached')
  await expect(view(page).getByRole('list', { name: 'Why not' })).toContainText(/12,000.*imp-sub rebuilds 5994 sessions/)
  await view(page).getByLabel('Filter clients').fill('nurse-14999')
  await expect(client(page, /Nurse 14999/)).toBeVisible()
  await expect(view(page).getByText('1 of 15,000 clients', { exact: true })).toBeVisible()

  await page.getByRole('tab', { name: 'Devices' }).click()
  await page.getByRole('group', { name: 'Colour by' }).getByText('Messages', { exact: true }).click()
  await expect(page.getByRole('button', { name: /not yet 1[23],\d{3}/ })).toBeVisible()
  const grid = page.getByRole('grid', { name: /^Devices, one cell each/ })
  await expect(grid).toHaveAccessibleDescription(/15,001 devices: .*1[23],\d{3} not yet/)
  // Its last row of cells is in the window, and not below the edge of its tab.
  const bottomOf = async (part: Locator): Promise<number> => ((box) => box!.y + box!.height)(await part.boundingBox())
  expect(await bottomOf(grid)).toBeLessThanOrEqual(await bottomOf(page.getByRole('tabpanel', { name: 'Devices' })))
  await grid.focus()
  await page.keyboard.press('End')
  await page.keyboard.press('Enter')
  const phone = page.getByRole('complementary', { name: 'Phone' })
  await expect(phone.getByRole('group', { name: /^Screen of Nurse 15000/ })).toBeVisible()
  await page.keyboard.press('Escape')
  await expect(phone).toBeHidden()
  await expect(grid).toBeFocused()
})

test('[CH-02] a storm is offered beside the grid, with its spread', async ({ lab }) => {
  test.slow()
  const { page } = lab
  await open(page, '15,000 phones, and everybody at once')
  await page.getByRole('tab', { name: 'Devices' }).click()
  await press(page, 'Storm…')
  await page.getByRole('menuitem', { name: 'Everyone leaves the app…' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Spread evenly over').fill('20s')
  await page.keyboard.press('Enter')
  await expect(dialog).toBeHidden()
  await until(page, '30s')
  await expect(page.getByRole('button', { name: /suspended 15,00\d/ })).toBeVisible()
})

test('[HA-10] the calculator works the example out, refuses one second less, and sets the limits of the lab', async ({ lab }) => {
  const { page } = lab
  await open(page, NODE_FAILURE)
  await part(page, 'Re-login rate')
  await press(page, 'Worked example')
  await expect(view(page).getByText('pass: not more than 4')).toBeVisible()
  await view(page).getByLabel('Upper re-login limit, s').fill('2074')
  await expect(view(page).getByText('fail: more than 4')).toBeVisible()
  await press(page, 'Take 2,075 s')
  await expect(view(page).getByText('pass: not more than 4')).toBeVisible()
  await press(page, 'Set these limits in the lab')
  await expect(view(page).getByRole('row', { name: /imp-pub 2 200 2,075/ })).toBeVisible()
})

test('[HA-03] [HA-04] a crash beside a shutdown a second earlier: what a fork changes is listed and exported', async ({ lab }) => {
  const { page } = lab
  await open(page, NODE_FAILURE)
  await until(page, '3min')
  await page.keyboard.press('Control+k')
  await page.keyboard.type('time.seek')
  await page.keyboard.press('Enter')
  await page.getByRole('dialog').getByLabel('Moment').fill('9s')
  await page.keyboard.press('Enter')
  await expect(page.getByRole('timer', { name: 'Virtual time' })).toHaveText('00:00:09.000')
  await node(page, 'imp-pub').getByRole('button', { name: 'Shut down', exact: true }).click()
  await until(page, '3min')
  await page.getByRole('tab', { name: 'Compare' }).click()
  const compare = page.getByRole('region', { name: 'Compare', exact: true })
  await compare.getByRole('button', { name: 'Compare', exact: true }).click()
  await expect(compare.getByText(/^forked at 00:09\.000, both run to 03:00/)).toBeVisible()
  await expect(compare.getByRole('row', { name: /Message Rex Moreau.*failed.*HA-03.*delivered/ }).first()).toBeVisible()
  const text = await savedText(lab, () => compare.getByRole('button', { name: 'Export JSON' }).click())
  expect(JSON.parse(text)).toMatchObject({ type: 'comparison', same: false, forkedAt: 9_000 })
})

for (const colorScheme of ['dark', 'light'] as const) {
  test(`axe finds nothing in messages, grid and comparison, ${colorScheme}`, async ({ lab }) => {
    test.skip(lab.carrier === 'electron', AXE_ELSEWHERE)
    test.slow()
    const { page } = lab
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    await expect(page.locator('html')).toHaveAttribute('data-theme', colorScheme)
    await open(page, '15,000 users, an IM node fails and comes back')
    await node(page, 'imp-pub').getByRole('button', { name: 'Crash', exact: true }).click()
    await until(page, '2min')
    expect(await axe(lab)).toEqual([])
    await part(page, 'Who is reached')
    expect(await axe(lab)).toEqual([])
    await part(page, 'Re-login rate')
    await expect(
      view(page)
        .getByText(/^pass|^fail/)
        .first(),
    ).toBeVisible()
    expect(await axe(lab)).toEqual([])
    await page.getByRole('tab', { name: 'Devices' }).click()
    const grid = page.getByRole('grid', { name: /^Devices, one cell each/ })
    await grid.focus()
    await page.keyboard.press('Enter')
    expect(await axe(lab)).toEqual([])
    await page.getByRole('tab', { name: 'Compare' }).click()
    expect(await axe(lab)).toEqual([])
  })
}

test('at 1280 by 720 nothing of the nodes stands outside of the window', async ({ lab }) => {
  const { page } = lab
  await open(page, NODE_FAILURE)
  await resize(lab, 1_280, 720)
  for (const name of ['Nodes', 'Who is reached', 'Re-login rate'] as const) {
    await part(page, name)
    const box = (await view(page).boundingBox())!
    const beyond = await view(page).evaluate(
      (root, right) =>
        [...root.querySelectorAll('button, input, [role="row"], dd')]
          .filter((one) => one.getBoundingClientRect().width > 0 && one.getBoundingClientRect().right > right + 1)
          .map((one) => one.textContent),
      box.x + box.width,
    )
    expect(beyond, name).toEqual([])
  }
})
