import type { Page } from '@playwright/test'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, resize, savedText, startConsole, test } from '../console.ts'
import { AXE_ELSEWHERE, axe } from '../axe.ts'
import { ANA, firstCall, flowState, hopsOf, inspector, ladder, phone, rings } from '../first.ts'
import { wrongOnTheWay } from '../theWay.ts'

const TABS = ['Topology', 'Flow', 'Devices', 'Local push', 'Alarms', 'Counters', 'Lessons'] as const

const clock = (page: Page): Promise<number> =>
  page
    .getByRole('timer', { name: 'Virtual time' })
    .innerText()
    .then((text) => {
      const [, h = '', m = '', s = '', ms = ''] = /(\d+):(\d\d):(\d\d)\.(\d{3})/.exec(text) ?? []
      return ((Number(h) * 60 + Number(m)) * 60 + Number(s)) * 1_000 + Number(ms)
    })

/** The call by keys alone, answered and paused. */
async function answeredCall(page: Page): Promise<void> {
  await expect(phone(page, ANA)).toBeVisible()
  // Not at the very first instant, so that there is a moment before the call.
  await page.keyboard.press('.')
  await expect.poll(() => clock(page)).toBeGreaterThan(0)
  await page.keyboard.press('c')
  await rings(page)
  await page.keyboard.press('a')
  await page.keyboard.press('2')
  await expect(flowState(page, 'answered')).toBeVisible()
  await page.keyboard.press(' ')
  await expect(page.getByRole('button', { name: 'Pause', exact: true })).toHaveAttribute('aria-pressed', 'true')
}

async function command(page: Page, words: string): Promise<void> {
  await page.keyboard.press('Control+k')
  await page.getByRole('combobox', { name: 'Command, device, node or tab' }).fill(words)
  await page.keyboard.press('Enter')
}

async function goToStart(page: Page): Promise<void> {
  await page.getByRole('slider', { name: 'Moment of the run' }).focus()
  await page.keyboard.press('Home')
  await expect.poll(() => clock(page)).toBe(0)
  await expect(page.getByText('of the recorded run lie ahead')).toBeVisible()
}

async function forkHere(page: Page): Promise<void> {
  await page.keyboard.press('f')
  await expect(page.getByText('of the recorded run lie ahead')).toBeHidden()
}

test('[CH-10] a newcomer calls, answers on the phone, and reads why, in well under a minute', async ({ lab }) => {
  test.setTimeout(45_000)
  const { page } = lab
  await firstCall(page)
  expect(wrongOnTheWay(await hopsOf(page))).toBeNull()
})

test('[CH-10] the same by keyboard alone', async ({ lab }) => {
  const { page } = lab
  await answeredCall(page)
  const focused = (): Promise<string> => page.evaluate(() => document.activeElement?.getAttribute('aria-label') ?? '')
  let tabs = 0
  while (!(await focused()).startsWith('Hops of #1')) {
    await page.keyboard.press('Tab')
    expect(++tabs, 'the ladder is reached with the Tab key').toBeLessThan(100)
  }
  await page.keyboard.press('Home')
  await page.keyboard.press('Enter')
  await expect(inspector(page).getByRole('heading', { name: 'INVITE 5001' })).toBeVisible()
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('Enter')
  await expect(inspector(page).getByRole('heading', { name: "call for Ana's iPhone 14" })).toBeVisible()
  await expect(inspector(page).locator('.why')).toContainText(/[A-Z]+-\d+ · \w/)
})

test('seeking back shows the lab as it was, forward gives the same again, and a fork goes another way', async ({ lab }) => {
  const { page } = lab
  await answeredCall(page)
  const before = await hopsOf(page)
  const end = await clock(page)
  await goToStart(page)
  await expect(page.getByRole('region', { name: 'Flow' }).getByText('No call or message yet')).toBeVisible()

  await page.getByRole('button', { name: 'Back to its end' }).click()
  await expect.poll(() => clock(page)).toBe(end)
  await expect(flowState(page, 'answered')).toBeVisible()
  expect(await hopsOf(page)).toEqual(before)

  await goToStart(page)
  await forkHere(page)
  await page.keyboard.press('1')
  await page.keyboard.press('c')
  await rings(page)
  await page.keyboard.press('d')
  await page.keyboard.press('2')
  await expect(flowState(page, 'declined')).toBeVisible()
})

test('a run is exported as a journal, and the journal brings it back', async ({ lab }) => {
  const { page } = lab
  await answeredCall(page)
  const end = await clock(page)
  const hops = await hopsOf(page)
  const journal = await savedText(lab, () => command(page, 'Export the run'))
  const lines = journal.trimEnd().split('\n')
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({ seed: 7, file: 'first-call.yaml' })
  expect(lines.filter((line) => line.startsWith('{"input"')).map((line) => JSON.parse(line).input.do)).toEqual([
    'call.place',
    'device.answer',
  ])

  await goToStart(page)
  await forkHere(page)
  // The palette presses the same input; the system's own file dialog is no part of the page.
  await page.locator('[data-open-run]').setInputFiles({ name: 'run.jsonl', mimeType: 'application/x-ndjson', buffer: Buffer.from(journal) })
  await expect.poll(() => clock(page)).toBe(end)
  await expect(flowState(page, 'answered')).toBeVisible()
  expect(await hopsOf(page)).toEqual(hops)
})

test('a kill loses nothing: the next start stands where the last one stood', async ({ carrier }) => {
  const dataDir = mkdtempSync(join(tmpdir(), 'push-lab-'))
  try {
    const first = await startConsole(carrier, { dataDir })
    await answeredCall(first.page)
    const end = await clock(first.page)
    const hops = await hopsOf(first.page)
    await first.kill()

    const second = await startConsole(carrier, { dataDir })
    try {
      const { page } = second
      await expect(phone(page, ANA).getByRole('button', { name: /^Hang up/ })).toBeVisible()
      await page.getByRole('tab', { name: 'Flow' }).click()
      await expect(flowState(page, 'answered')).toBeVisible()
      expect(await clock(page)).toBe(end)
      expect(await hopsOf(page)).toEqual(hops)
      expect(second.complaints).toEqual([])
    } finally {
      await second.close()
    }
  } finally {
    rmSync(dataDir, { recursive: true, force: true })
  }
})

for (const colorScheme of ['dark', 'light'] as const) {
  test(`axe finds nothing on any tab after a call, ${colorScheme}`, async ({ lab }) => {
    test.skip(lab.carrier === 'electron', AXE_ELSEWHERE)
    test.slow() // axe looks at every element of seven tabs
    const { page } = lab
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    await expect(page.locator('html')).toHaveAttribute('data-theme', colorScheme)
    await answeredCall(page)
    await ladder(page).getByRole('option').first().click()
    const found: string[] = []
    for (const tab of TABS) {
      await page.getByRole('tab', { name: tab }).click()
      await expect(page.getByRole('tabpanel', { name: tab })).toBeVisible()
      await expect(page.getByRole('tabpanel', { name: tab })).not.toHaveText('')
      found.push(...(await axe(lab, tab === 'Flow' ? 'body' : undefined)).map((each) => `${tab}: ${each}`))
    }
    expect(found).toEqual([])
  })
}

test('at 1280 by 720 everything has its place: nothing overlaps, nothing runs out of the window', async ({ lab }) => {
  const { page } = lab
  // Only then is Electron's main process at rest; before, its collector may take the answer to a question.
  await expect(phone(page, ANA)).toBeVisible()
  await resize(lab, 1_280, 720)
  await answeredCall(page)
  const panes = {
    top: page.getByRole('banner'),
    tree: page.getByRole('navigation', { name: 'Lab' }),
    middle: page.getByRole('main'),
    inspector: inspector(page),
    bottom: page.getByRole('region', { name: 'Timeline and events' }),
    status: page.getByRole('contentinfo'),
  }
  for (const tab of TABS) {
    await page.getByRole('tab', { name: tab }).click()
    await expect(page.getByRole('tabpanel', { name: tab })).not.toHaveText('')
    const overflow = await page.evaluate(() => {
      const { scrollWidth, scrollHeight } = document.documentElement
      return [scrollWidth - innerWidth, scrollHeight - innerHeight]
    })
    expect(overflow, tab).toEqual([0, 0])
    const boxes = await Promise.all(
      Object.entries(panes).map(async ([name, pane]) => ({ name, ...((await pane.boundingBox()) ?? { x: 0, y: 0, width: 0, height: 0 }) })),
    )
    for (const box of boxes) {
      expect(box.width * box.height, `${tab}: ${box.name} has room`).toBeGreaterThan(1_000)
      expect(Math.round(box.x + box.width), `${tab}: ${box.name}`).toBeLessThanOrEqual(1_280)
      expect(Math.round(box.y + box.height), `${tab}: ${box.name}`).toBeLessThanOrEqual(720)
    }
    const overlaps = boxes.flatMap((a, at) =>
      boxes
        .slice(at + 1)
        .filter((b) => a.x < b.x + b.width - 1 && b.x < a.x + a.width - 1 && a.y < b.y + b.height - 1 && b.y < a.y + a.height - 1)
        .map((b) => `${tab}: ${a.name} over ${b.name}`),
    )
    expect(overlaps).toEqual([])
  }
  // The bar on top holds more than any other row: each of its parts is whole, and beside the next.
  const parts = await page.getByRole('banner').evaluate((bar) =>
    [...bar.children]
      .map((part) => ({ name: part.textContent?.trim() ?? '', box: part.getBoundingClientRect() }))
      .filter(({ name, box }) => name !== '' && box.width > 0)
      .map(({ name, box }) => ({ name, left: box.left, right: box.right })),
  )
  for (const [at, part] of parts.entries()) expect(part.left, part.name).toBeGreaterThanOrEqual((parts[at - 1]?.right ?? 0) - 0.5)
  expect(parts.at(-1)?.name).toBe('Call')
  expect(parts.at(-1)?.right).toBeLessThanOrEqual(1_280)
})
