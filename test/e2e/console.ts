/** Push Lab as a person meets it: started for real, on either carrier, with a fresh data folder. */
import { _electron, chromium, errors, expect, test as base, type ElectronApplication, type Page } from '@playwright/test'
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ROOT } from '../../build/build.mjs'
import { installedChromium } from '../../build/chromium.ts'
import { APP_ARGUMENTS, installedElectron } from '../../build/electronRuntime.mjs'

export type Carrier = 'electron' | 'browser'

export type Console = {
  page: Page
  carrier: Carrier
  /** Errors and warnings of the page, refused loads and CSP violations among them. Empty when all is well. */
  complaints: string[]
  /** Electron only. */
  app: ElectronApplication | null
  close: () => Promise<void>
  /** Ends the process that holds the lab without a word, as a power cut would. Its data folder stays. */
  kill: () => Promise<void>
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

type Started = Pick<Console, 'page' | 'app' | 'complaints' | 'close' | 'kill'>

async function startElectron(dataDir: string, executable: string | undefined): Promise<Started> {
  const executablePath = executable ?? installedElectron()
  if (executablePath === null) throw new Error('There is no Electron runtime here.')
  const app = await launchElectron({
    executablePath,
    args: [...rootArguments(), `--user-data-dir=${dataDir}`, ...(executable === undefined ? APP_ARGUMENTS : [])],
    timeout: 12_000,
  })
  inItsOwnTurn(app)
  const page = await app.firstWindow()
  const complaints = listen(page)
  await page.waitForLoadState('load')
  return {
    page,
    app,
    complaints,
    close: () => app.close(),
    async kill() {
      const gone = app.waitForEvent('close')
      app.process().kill('SIGKILL')
      await gone
    },
  }
}

/**
 * Playwright asks Electron's debugger for its globals at the start, and about one answer in some hundreds never
 * comes, in any app. What it started is killed then and started anew, in sight; an app that does not start fails.
 */
async function launchElectron(options: Parameters<typeof _electron.launch>[0], tries = 3): Promise<ElectronApplication> {
  try {
    return await _electron.launch(options)
  } catch (error) {
    if (tries === 1 || !(error instanceof errors.TimeoutError)) throw error
    console.error(`Electron's debugger did not answer Playwright within ${options?.timeout} ms; Electron is started anew.`)
    return await launchElectron(options, tries - 1)
  }
}

/**
 * Electron's debugger reads what is asked in the middle of whatever its main process is doing, and a plain answer
 * that waits there for the end of a long turn is swept away by V8 ("promise was garbage collected"): 139 of 150 beside
 * a main process that is always at work. So a question waits for a turn of its own, and a timer holds its promise.
 */
function inItsOwnTurn(app: ElectronApplication): void {
  const evaluate = app.evaluate.bind(app)
  const ask = (question: unknown, argument: unknown): Promise<unknown> =>
    evaluate(
      (electron, [source, given]) =>
        new Promise<unknown>((resolve, reject) => {
          setTimeout(() => {
            try {
              const { runInThisContext } = process.getBuiltinModule('node:vm')
              resolve(runInThisContext(`(${source})`)(electron, given))
            } catch (error) {
              reject(error)
            }
          })
        }),
      [String(question), argument] as const,
    )
  app.evaluate = ask as ElectronApplication['evaluate']
}

/** The host in a process of its own, as `npm start` runs it, so that it can be killed. */
const HOST = `
  const [module, root, dataDir] = process.argv.slice(1)
  const { serve } = await import(module)
  const served = await serve({ root, port: 0, dataDir })
  process.once('SIGTERM', () => void served.close().finally(() => process.exit(0)))
  // A test run that was broken off takes its hosts with it.
  process.stdin.resume().once('end', () => process.exit(1))
  console.log(served.url)
`

async function startBrowser(dataDir: string): Promise<Started> {
  const executablePath = installedChromium()
  if (executablePath === null) throw new Error('There is no Chromium here.')
  const host = spawn(process.execPath, ['--input-type=module', '-e', HOST, join(ROOT, 'dist/serve/serve.js'), ROOT, dataDir], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const gone = new Promise<void>((resolve) => host.once('exit', () => resolve()))
  const url = await new Promise<string>((resolve, reject) => {
    host.stdout.once('data', (line) => resolve(String(line).trim()))
    host.once('exit', (code) => reject(new Error(`The host ended with exit code ${code}.`)))
  })
  const browser = await chromium.launch({ executablePath, args: rootArguments() })
  const context = await browser.newContext({ viewport: { width: 1600, height: 1000 } })
  const page = await context.newPage()
  const complaints = listen(page)
  await page.goto(url)
  return {
    page,
    app: null,
    complaints,
    async close() {
      await browser.close()
      host.kill('SIGTERM')
      await gone
    },
    async kill() {
      host.kill('SIGKILL')
      await gone
      await browser.close()
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

/** What the person gets when `act` hands them a file. */
export async function savedText(lab: Console, act: () => Promise<void>): Promise<string> {
  if (lab.app === null) {
    const download = lab.page.waitForEvent('download')
    await act()
    return readFileSync(await (await download).path(), 'utf8')
  }
  // Electron would ask where to put it; the answer is given ahead.
  const folder = mkdtempSync(join(tmpdir(), 'push-lab-saved-'))
  try {
    const path = join(folder, 'file')
    await lab.app.evaluate(({ session }, savePath) => {
      const saved = new Promise<void>((resolve) => {
        session.defaultSession.once('will-download', (_event, item) => {
          item.setSavePath(savePath)
          item.once('done', () => resolve())
        })
      })
      Object.assign(globalThis, { saved })
    }, path)
    await act()
    await lab.app.evaluate(() => (globalThis as unknown as { saved: Promise<void> }).saved)
    return readFileSync(path, 'utf8')
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Sets the size of the page, not of its frame. */
export async function resize({ page, app }: Console, width: number, height: number): Promise<void> {
  if (app === null) return await page.setViewportSize({ width, height })
  await app.evaluate(({ BrowserWindow }, size) => BrowserWindow.getAllWindows()[0]!.setContentSize(size.width, size.height), {
    width,
    height,
  })
  await expect.poll(() => page.evaluate(() => [innerWidth, innerHeight])).toEqual([width, height])
}

/**
 * `lab` is a started console of the project's carrier, closed after the test. A test that provokes
 * complaints takes them out with `lab.complaints.splice(0)`; what is left fails it.
 */
export const test = base.extend<{ carrier: Carrier; lab: Console }>({
  carrier: ['browser', { option: true }],
  // Its own time, so that a slow start does not take it from the test.
  lab: [
    async ({ carrier }, use) => {
      const lab = await startConsole(carrier)
      await use(lab)
      const { complaints } = lab
      await lab.close()
      expect(complaints).toEqual([])
    },
    { timeout: 60_000 },
  ],
})

export { expect }
