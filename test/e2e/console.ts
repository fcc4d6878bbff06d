/** Push Lab as a person meets it: started for real, on either carrier, with a fresh data folder. */
import { _electron, chromium, expect, test as base, type ElectronApplication, type Page } from '@playwright/test'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ROOT } from '../../build/build.mjs'
import { installedChromium } from '../../build/chromium.ts'
import { APP_ARGUMENTS, installedElectron } from '../../build/electronRuntime.mjs'
import type * as Serving from '../../build/serve.ts'

export type Carrier = 'electron' | 'browser'

export type Console = {
  page: Page
  carrier: Carrier
  /** Errors and warnings of the page, refused loads and CSP violations among them. Empty when all is well. */
  complaints: string[]
  /** Electron only. */
  app: ElectronApplication | null
  close: () => Promise<void>
}

export type StartOptions = {
  /** Kept over a restart by those who pass their own. */
  dataDir?: string
  /** A packaged app instead of the tree. */
  executable?: string
}

export async function startConsole(carrier: Carrier, options: StartOptions = {}): Promise<Console> {
  const own = options.dataDir === undefined
  const dataDir = options.dataDir ?? mkdtempSync(join(tmpdir(), 'push-lab-'))
  const started = carrier === 'electron' ? await startElectron(dataDir, options.executable) : await startBrowser(dataDir)
  return {
    ...started,
    carrier,
    async close() {
      await started.close()
      if (own) rmSync(dataDir, { recursive: true, force: true })
    },
  }
}

/** Chromium's own sandbox does not run as root, which is who tests are in a container. */
const rootArguments = (): string[] => (process.platform === 'linux' && process.getuid?.() === 0 ? ['--no-sandbox'] : [])

type Started = Pick<Console, 'page' | 'app' | 'complaints' | 'close'>

async function startElectron(dataDir: string, executable: string | undefined): Promise<Started> {
  const executablePath = executable ?? installedElectron()
  if (executablePath === null) throw new Error('There is no Electron runtime here.')
  const app = await _electron.launch({
    executablePath,
    args: [...rootArguments(), `--user-data-dir=${dataDir}`, ...(executable === undefined ? APP_ARGUMENTS : [])],
    timeout: 30_000,
  })
  const page = await app.firstWindow()
  const complaints = listen(page)
  await page.waitForLoadState('load')
  return { page, app, complaints, close: () => app.close() }
}

async function startBrowser(dataDir: string): Promise<Started> {
  const executablePath = installedChromium()
  if (executablePath === null) throw new Error('There is no Chromium here.')
  const { serve } = (await import(join(ROOT, 'dist/serve/serve.js'))) as typeof Serving
  const served = await serve({ root: ROOT, port: 0, dataDir, log: () => {} })
  const browser = await chromium.launch({ executablePath, args: rootArguments() })
  const context = await browser.newContext({ viewport: { width: 1600, height: 1000 } })
  const page = await context.newPage()
  const complaints = listen(page)
  await page.goto(served.url)
  return {
    page,
    app: null,
    complaints,
    async close() {
      await browser.close()
      await served.close()
    },
  }
}

function listen(page: Page): string[] {
  const complaints: string[] = []
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(`${message.type()}: ${message.text()}`)
  })
  page.on('pageerror', (error) => complaints.push(`uncaught: ${error.message}`))
  page.on('requestfailed', (request) => {
    // A reload breaks off what the page before it was still loading.
    const why = request.failure()?.errorText
    if (why !== 'net::ERR_ABORTED') complaints.push(`failed: ${request.url()} (${why})`)
  })
  page.on('crash', () => complaints.push('the page crashed'))
  return complaints
}

/**
 * `lab` is a started console of the project's carrier, closed after the test. A test that provokes
 * complaints takes them out with `lab.complaints.splice(0)`; what is left fails it.
 */
export const test = base.extend<{ carrier: Carrier; lab: Console }>({
  carrier: ['browser', { option: true }],
  lab: async ({ carrier }, use) => {
    const lab = await startConsole(carrier)
    await use(lab)
    const { complaints } = lab
    await lab.close()
    expect(complaints).toEqual([])
  },
})

export { expect }
