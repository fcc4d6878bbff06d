import type { Locator, Page } from '@playwright/test'
import { WebSocket } from 'ws'
import { expect, resize, savedText, test } from '../console.ts'
import { AXE_ELSEWHERE, axe } from '../axe.ts'
import { ANA, inspector, phone } from '../first.ts'

const view = (page: Page): Locator => page.getByRole('region', { name: 'Local push', exact: true })
const session = (page: Page, label: string): Locator => view(page).getByRole('row', { name: new RegExp(label) })
/** A column by its name: a small window leaves some out. */
const COLUMNS = ['Device', 'User', 'Wi-Fi', 'Client believes', 'Servers hold', 'Keepalive', 'Token left', 'Pushes', 'Gap'] as const
const cell = (page: Page, label: string, column: (typeof COLUMNS)[number]): Locator =>
  session(page, label).locator(`[aria-colindex="${COLUMNS.indexOf(column) + 1}"]`)
const wire = (page: Page): Locator => page.getByRole('banner').getByRole('button', { name: /^Wire: / })
const part = (page: Page, name: 'Sessions' | 'Mesh' | 'Real clients'): Locator =>
  view(page).getByRole('group', { name: 'Part of local push' }).getByText(name, { exact: true })

/** In a small window one part stands in front: this one from here on. */
async function front(page: Page, name: Parameters<typeof part>[1]): Promise<void> {
  await expect(view(page)).toBeVisible()
  if ((await part(page, name).count()) > 0) await part(page, name).click()
}

/** The ward, at its first instant, with its sessions in front. */
async function ward(page: Page): Promise<void> {
  await page.getByRole('button', { name: /Open another lab$/ }).click()
  await page.getByRole('menuitem', { name: 'Local push in the ward' }).click()
  await expect(page).toHaveTitle(/Local push in the ward/)
  await page.getByRole('tab', { name: 'Local push' }).click()
  await expect(session(page, ANA)).toBeVisible()
}
const run = (page: Page): Promise<void> => page.getByRole('button', { name: 'Run', exact: true }).click()

/** Seconds to the next keepalive of this phone. */
const nextKeepalive = async (page: Page, label: string): Promise<number> =>
  Number(/next in (\d+) s/.exec(await session(page, label).innerText())?.[1] ?? Number.NaN)

async function openEndpoint(page: Page): Promise<void> {
  await front(page, 'Real clients')
  const port = view(page).getByLabel('First port')
  await port.fill('0')
  await view(page).getByRole('button', { name: 'Open', exact: true }).click()
  await expect(view(page).getByText('listening on 127.0.0.1 only')).toBeVisible()
}

test('[LPNS-16] sessions count down to their keepalives, and stand still with the clock', async ({ lab }) => {
  const { page } = lab
  await ward(page)
  await expect(session(page, ANA)).toContainText('ucm-sub1')
  await expect(session(page, "Cem's iPhone")).toContainText('off')
  const before = await nextKeepalive(page, ANA)
  expect(before).toBeGreaterThan(10)
  await run(page)
  await expect.poll(() => nextKeepalive(page, ANA)).toBeLessThan(before)
  await page.getByRole('button', { name: 'Pause', exact: true }).click()
  await expect(page.getByRole('button', { name: 'Pause', exact: true })).toHaveAttribute('aria-pressed', 'true')
  // What is shown glides after the clock for a moment.
  await page.waitForTimeout(500)
  const still = await nextKeepalive(page, ANA)
  await page.waitForTimeout(1_500)
  expect(await nextKeepalive(page, ANA)).toBe(still)
})

test('[LPNS-11] a call wakes the phone by local push, and the ladder says how fast', async ({ lab }) => {
  const { page } = lab
  await ward(page)
  await session(page, ANA).click()
  await expect(inspector(page).getByRole('heading', { name: 'Local push' })).toBeVisible()
  // The lab is paused: the call lets it run.
  await page.keyboard.press('c')
  await page.getByRole('tab', { name: 'Topology' }).click()
  await expect(phone(page, ANA).getByText('Dr. Okafor')).toBeVisible()
  await page.keyboard.press('a')
  await page.getByRole('tab', { name: 'Flow' }).click()
  const flow = page.getByRole('region', { name: 'Flow' })
  await expect(flow.getByText(/^woken in \d+ ms by local push$/)).toBeVisible()
  await expect(flow.getByRole('option', { name: /ucm-sub1 LPNS to Ana's iPhone 14, LPNS, local push: incoming call/ })).toBeVisible()
  await expect(flow.getByRole('option', { name: /Push REST/ })).toHaveCount(0)
})

test('[LPNS-20] killing LPNS moves the session to the next node, and the gap is told', async ({ lab }) => {
  const { page } = lab
  await ward(page)
  await run(page)
  await expect.poll(() => nextKeepalive(page, ANA)).toBeGreaterThan(0)
  await front(page, 'Mesh')
  await view(page).getByRole('button', { name: 'Actions on ucm-sub1' }).click()
  await page.getByRole('menuitem', { name: 'Kill LPNS: no goodbye' }).click()
  await expect(view(page).getByText('ucm-sub1 LPNS stopped')).toBeVisible()
  await expect(view(page).getByText('2 nodes of 3')).toBeVisible()
  await front(page, 'Sessions')
  await expect(cell(page, ANA, 'Servers hold')).toHaveText('ucm-sub2')
  await expect(cell(page, ANA, 'Gap')).toHaveText(/^\s*\d+(\.\d+)? m?s$/)
})

test('[LPNS-05] real sockets open on this machine, hand out a token once, and are in sight until they close', async ({ lab }) => {
  const { page } = lab
  await ward(page)
  await expect(wire(page)).toContainText('Wire: off')
  await openEndpoint(page)
  await expect(wire(page)).toHaveText(/Wire: 127\.0\.0\.1:\d+/)
  await expect(page.getByRole('contentinfo').getByText(/real clients: 127\.0\.0\.1 port \d+, \d+, \d+, 0 sessions/)).toBeVisible()

  // Time follows the wall clock now, and says so where it would be moved.
  await expect(page.getByRole('button', { name: 'Run', exact: true })).toHaveAttribute('aria-pressed', 'true')
  await expect(page.getByRole('button', { name: 'Step', exact: true })).toHaveAttribute('aria-disabled', 'true')
  await page.keyboard.press('.')
  await expect(page.getByText(/Real clients are attached/).first()).toBeVisible()

  await view(page).getByRole('button', { name: 'Make a token' }).click()
  await expect(view(page).getByText('Shown once:')).toBeVisible()
  await expect(view(page).getByText(/^wscat .*Authorization: Bearer \S+".*wss:\/\/127\.0\.0\.1:\d+\/lpns/)).toBeVisible()
  const ca = await savedText(lab, () => view(page).getByRole('button', { name: "Export the lab's CA…" }).click())
  expect(ca).toMatch(/^-----BEGIN CERTIFICATE-----/)

  // A stranger's client, with nothing but what the panel gave away.
  const example = await view(page)
    .getByText(/^wscat /)
    .innerText()
  const [, subprotocol = '', token = '', url = ''] = /--subprotocol (\S+) .*Bearer (\S+)" --connect "(\S+)"/.exec(example) ?? []
  const socket = new WebSocket(url, subprotocol, { ca, headers: { authorization: `Bearer ${token}` } })
  const welcome = await new Promise<string>((resolve, reject) => {
    socket.once('message', (data: Buffer) => resolve(data.toString('utf8')))
    socket.once('error', reject)
  })
  expect(JSON.parse(welcome)).toMatchObject({ type: 'welcome', node: 'ucm-sub1' })
  await expect(view(page).getByText('1 real session', { exact: true })).toBeVisible()
  await front(page, 'Sessions')
  await expect(session(page, ANA).getByText('real', { exact: true })).toBeVisible()
  await expect(cell(page, ANA, 'Wi-Fi')).toHaveText(/^127\.0\.0\.1/)
  await front(page, 'Real clients')
  const ended = new Promise<number>((resolve) => socket.once('close', resolve))

  await view(page).getByRole('button', { name: 'Close', exact: true }).click()
  expect(await ended).toBe(1_001)
  await expect(wire(page)).toContainText('Wire: off')
  await expect(page.getByRole('button', { name: 'Step', exact: true })).not.toHaveAttribute('aria-disabled', 'true')
})

for (const colorScheme of ['dark', 'light'] as const) {
  test(`axe finds nothing with a split mesh and open sockets, ${colorScheme}`, async ({ lab }) => {
    test.skip(lab.carrier === 'electron', AXE_ELSEWHERE)
    test.slow()
    const { page } = lab
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    await expect(page.locator('html')).toHaveAttribute('data-theme', colorScheme)
    await ward(page)
    await session(page, ANA).click()
    await front(page, 'Mesh')
    await view(page).getByRole('button', { name: 'Split…' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Split the mesh' }).click()
    await page.getByRole('button', { name: '60×' }).click()
    await run(page)
    await expect(view(page).getByText(/^split in 2 parts/)).toBeVisible()
    await page.getByRole('button', { name: '1×' }).click()
    expect(await axe(lab)).toEqual([])
    await openEndpoint(page)
    await view(page).getByRole('button', { name: 'Make a token' }).click()
    await expect(view(page).getByText('Shown once:')).toBeVisible()
    expect(await axe(lab)).toEqual([])
    await page.getByRole('tab', { name: 'Topology' }).click()
    await expect(
      page
        .getByRole('tabpanel', { name: 'Topology' })
        .getByText(/^mesh lost/)
        .first(),
    ).toBeVisible()
    expect(await axe(lab)).toEqual([])
  })
}

test('at 1280 by 720 one part stands in front of the others, and all of it is in the window', async ({ lab }) => {
  const { page } = lab
  await ward(page)
  await resize(lab, 1_280, 720)
  for (const name of ['Real clients', 'Mesh', 'Sessions'] as const) {
    await part(page, name).click()
    const box = (await view(page).boundingBox())!
    const inside = await view(page).evaluate((root) =>
      [...root.querySelectorAll('button, input, select, [role="row"]')]
        .map((one) => ({ what: one.textContent?.trim() ?? '', ...one.getBoundingClientRect().toJSON() }))
        .filter(({ width, height }) => width > 0 && height > 0),
    )
    expect(inside.length, name).toBeGreaterThan(8)
    for (const one of inside) {
      expect(one.left, `${name}: ${one.what}`).toBeGreaterThanOrEqual(box.x)
      expect(one.right, `${name}: ${one.what}`).toBeLessThanOrEqual(box.x + box.width + 1)
    }
  }
  // The badge of the top bar leads to its part.
  await wire(page).click()
  await expect(view(page).getByRole('heading', { name: 'Attach a real client' })).toBeVisible()
})
