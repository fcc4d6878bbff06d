/**
 * The window on the lab of 15,000 users while it runs at 60x: how long its frames take and how soon it answers to
 * keys and clicks. The console is started as `npm start -- --browser` starts it, the page is a headless Chromium. A
 * process of its own: prints one line of JSON (`Watched`).
 */
import type { Page } from '@playwright/test'
import { existsSync } from 'node:fs'
import { loadavg } from 'node:os'
import { join } from 'node:path'
import { ROOT } from '../../build/build.mjs'
import { installedChromium } from '../../build/chromium.ts'
import { startConsole } from '../e2e/console.ts'

const LAB = '15,000 users, an IM node fails and comes back'

/** Each view is looked at for so long. */
const LOOK_MS = 8_000
/** Between two inputs; a person is slower. */
const INPUT_EVERY_MS = 250

export type Looked = {
  view: string
  /** Milliseconds between two frames. */
  frames: number[]
  /** From the input to the frame that shows what it did. */
  inputs: number[]
}

export type Watched =
  | {
      ok: true
      looked: Looked[]
      /** Of the machine, in the last minute. */ load: number
      /** Frames of an empty page just before: what this machine can do at all. */ bare: number[]
      clock: string
      complaints: string[]
    }
  | { ok: false; missing: string }

/** Why this machine cannot measure it, or null. */
function noWindow(): string | null {
  if (installedChromium() === null) return 'no Chromium is installed (set PUSHLAB_CHROMIUM to one)'
  return existsSync(join(ROOT, 'dist/serve/serve.js')) ? null : 'the console is not built (npm run build)'
}

/** Runs in the page: notes frames and answers until it is asked for them. */
function watchFrames(): void {
  const noted = { frames: [] as number[], inputs: [] as number[], last: 0, on: true }
  const frame = (now: number): void => {
    if (!noted.on) return
    if (noted.last > 0) noted.frames.push(now - noted.last)
    noted.last = now
    requestAnimationFrame(frame)
  }
  requestAnimationFrame(frame)
  for (const type of ['keydown', 'pointerdown'] as const) {
    addEventListener(
      type,
      (event) => {
        const came = event.timeStamp
        // The task after the next frame: what the input changed has been drawn.
        requestAnimationFrame(() => {
          const { port1, port2 } = new MessageChannel()
          port1.addEventListener('message', () => noted.inputs.push(performance.now() - came), { once: true })
          port1.start()
          port2.postMessage(null)
        })
      },
      { capture: true },
    )
  }
  Object.assign(globalThis, { noted })
}

async function look(page: Page, view: string, act: (n: number) => Promise<void>): Promise<Looked> {
  await page.evaluate(() => {
    const { noted } = globalThis as unknown as { noted: { frames: number[]; inputs: number[]; last: number } }
    Object.assign(noted, { frames: [], inputs: [], last: 0 })
  })
  const until = performance.now() + LOOK_MS
  for (let n = 0; performance.now() < until; n++) {
    await act(n)
    await page.waitForTimeout(INPUT_EVERY_MS)
  }
  const { frames, inputs } = await page.evaluate(() => {
    const { noted } = globalThis as unknown as { noted: { frames: number[]; inputs: number[] } }
    return noted
  })
  return { view, frames, inputs }
}

/** Frames of a page with nothing in it. */
async function emptyPage(page: Page): Promise<number[]> {
  const empty = await page.context().newPage()
  await empty.evaluate('globalThis.__name = (named) => named')
  await empty.evaluate(watchFrames)
  const { frames } = await look(empty, 'empty', () => Promise.resolve())
  await empty.close()
  return frames
}

/** The failover with four views in front, one after the other. */
async function measureWindow(): Promise<Watched> {
  const lab = await startConsole('browser')
  const { page } = lab
  page.setDefaultTimeout(20_000)
  try {
    await page.setViewportSize({ width: 1_280, height: 720 })
    const bare = await emptyPage(page)
    await page.getByRole('button', { name: /Open another lab$/ }).click()
    await page.getByRole('menuitem', { name: LAB }).click()
    await page.waitForFunction((title) => document.title.startsWith(title), LAB)
    await page.getByRole('button', { name: '60×' }).click()
    await page.getByRole('button', { name: 'Run', exact: true }).click()
    // The loader that runs this file gives functions their names with it; the page has no such thing.
    await page.evaluate('globalThis.__name = (named) => named')
    await page.evaluate(watchFrames)
    const looked: Looked[] = []
    const tab = (name: string): Promise<void> => page.getByRole('tab', { name, exact: true }).click()
    const keys =
      (...names: string[]) =>
      (n: number): Promise<void> =>
        page.keyboard.press(names[n % names.length] ?? '')

    await tab('Messages')
    const way = page.getByRole('group', { name: 'What imp-pub can do' }).getByRole('button', { name: 'Crash', exact: true })
    // The crash itself is within this look, and so is the takeover ten virtual seconds later.
    looked.push(await look(page, 'Messages, the node crashes', (n) => (n === 4 ? way.click() : page.keyboard.press('Tab'))))
    await page.getByRole('group', { name: 'Part of messages' }).getByText('Who is reached', { exact: true }).click()
    await page.getByRole('grid', { name: /^Clients and whether/ }).focus()
    looked.push(await look(page, 'Who is reached', keys('ArrowDown', 'PageDown', 'End', 'Home')))
    await tab('Devices')
    await page.getByRole('grid', { name: /^Devices, one cell each/ }).focus()
    looked.push(await look(page, 'Devices', keys('ArrowRight', 'ArrowDown', 'PageDown', 'Home')))
    await tab('Topology')
    looked.push(await look(page, 'Topology', keys('Tab')))
    const clock = (await page.getByRole('timer', { name: 'Virtual time' }).textContent()) ?? ''
    return { ok: true, looked, bare, load: loadavg()[0] ?? NaN, clock, complaints: [...lab.complaints] }
  } finally {
    await lab.close()
  }
}

const missing = noWindow()
console.log(JSON.stringify(missing === null ? await measureWindow() : ({ ok: false, missing } satisfies Watched)))
