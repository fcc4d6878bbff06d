import { spawn, type ChildProcess } from 'node:child_process'
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { chromium, type Browser } from '@playwright/test'
import { ROOT } from '../../../build/build.mjs'
import { installedChromium } from '../../../build/chromium.ts'
import { expect, test } from '../console.ts'

// `npm run dev -- --browser` in a copy of the sources, so that nothing of the tree is edited. The copy lies inside
// the tree and has no package.json of its own: libraries are found where they are.
const COPY = join(ROOT, '.cache/dev-copy')

let dev: ChildProcess
let browser: Browser
let said = ''

test.beforeEach(() => {
  rmSync(COPY, { recursive: true, force: true })
  mkdirSync(COPY, { recursive: true })
  for (const name of ['core', 'electron', 'renderer', 'build', 'scenarios', 'tsconfig.json', 'tsconfig.base.json'])
    cpSync(join(ROOT, name), join(COPY, name), { recursive: true })
  said = ''
})
test.afterEach(async () => {
  await browser?.close()
  // Nothing of it stays, whatever failed: tsx, Vite and the lab are three processes of one group.
  if (dev?.pid !== undefined && dev.exitCode === null) process.kill(process.platform === 'win32' ? dev.pid : -dev.pid, 'SIGKILL')
  rmSync(COPY, { recursive: true, force: true })
})

function edit(file: string, from: string, to: string): void {
  const path = join(COPY, file)
  const text = readFileSync(path, 'utf8')
  if (!text.includes(from)) throw new Error(`${file} does not hold ${from}`)
  writeFileSync(path, text.replace(from, to))
}

const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as AddressInfo
      probe.close(() => resolve(port))
    })
  })

const starts = (): number => said.split('Push Lab, developing: ').length - 1

test('an edit of the window reaches the open page; an edit of the core restarts the lab, once it compiles', async () => {
  test.slow() // Vite prepares the libraries of the window for the copy first
  const port = await freePort()
  dev = spawn(process.execPath, [join(ROOT, 'node_modules/tsx/dist/cli.mjs'), 'build/dev.ts', '--browser'], {
    cwd: COPY,
    env: { ...process.env, PUSHLAB_PORT: String(port) },
    stdio: 'pipe',
    detached: process.platform !== 'win32',
  })
  const ended = new Promise<number | null>((resolve) => dev.once('exit', resolve))
  for (const stream of [dev.stdout, dev.stderr]) stream?.on('data', (part) => (said += part))
  const patient = { timeout: 30_000 }
  await expect.poll(() => said, patient).toContain('Push Lab, developing: ')

  browser = await chromium.launch({ executablePath: installedChromium()!, args: process.getuid?.() === 0 ? ['--no-sandbox'] : [] })
  const page = await browser.newPage()
  await page.goto(/http:\S+/.exec(said)?.[0] ?? '')
  await expect(page.getByRole('treeitem', { name: /Push REST/ })).toBeVisible(patient)
  // Lives as long as the page is not loaded again.
  await page.evaluate(() => Object.assign(window, { stayed: true }))

  edit('renderer/views/shell/TopBar.vue', 'Push Lab</h1>', 'Push Lab, edited</h1>')
  await expect(page.getByRole('heading', { name: 'Push Lab, edited' })).toBeVisible(patient)
  expect(await page.evaluate(() => 'stayed' in window)).toBe(true)
  expect(starts()).toBe(1)

  edit('core/rows/places.ts', "'Push REST'", "'Push REST, edited")
  await expect.poll(() => said, patient).toContain('core/rows/places.ts')
  // Time to do the wrong thing: to restart with what did not compile.
  await page.waitForTimeout(1_000)
  expect(starts()).toBe(1)
  await expect(page.getByRole('treeitem', { name: /Push REST$/ })).toBeVisible()

  edit('core/rows/places.ts', "'Push REST, edited", "'Push REST, edited'")
  await expect(async () => {
    // Saved again, in case the watcher was still at work with the edit before.
    edit('core/rows/places.ts', "'Push REST, edited'", "'Push REST, edited'")
    await expect(page.getByRole('treeitem', { name: /Push REST, edited/ })).toBeVisible({ timeout: 6_000 })
  }).toPass(patient)
  expect(starts()).toBeGreaterThan(1)
  expect(await page.evaluate(() => 'stayed' in window)).toBe(true)

  dev.kill('SIGINT')
  expect(await ended).toBe(0)
})
