import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ROOT } from '../../../build/build.mjs'
import { expect, test } from '../console.ts'

// The two commands that people type, on a machine without a display.
let home: string
let children: ChildProcess[]
test.beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'push-lab-home-'))
  children = []
})
test.afterEach(() => {
  for (const child of children) child.kill('SIGKILL')
  rmSync(home, { recursive: true, force: true })
})

const ADDRESS = /http:\S+#token=\S+/

type Run = { child: ChildProcess; text: () => string; ended: Promise<number | null> }

function run(args: string[]): Run {
  const { DISPLAY: _x, WAYLAND_DISPLAY: _w, ...env } = process.env
  const child = spawn(process.execPath, args, {
    cwd: ROOT,
    env: { ...env, HOME: home, XDG_DATA_HOME: home, LOCALAPPDATA: home },
    stdio: 'pipe',
  })
  children.push(child)
  let text = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (part) => (text += part))
  return { child, text: () => text, ended: new Promise((resolve) => child.once('exit', resolve)) }
}

const address = async (started: Run): Promise<string> => {
  let ended = false
  void started.ended.then(() => (ended = true))
  await expect.poll(() => ended || ADDRESS.test(started.text()), { timeout: 40_000 }).toBe(true)
  expect(started.text()).toMatch(ADDRESS)
  return ADDRESS.exec(started.text())![0]
}

test('npm start serves the same console, says so in one plain sentence, and ends cleanly', async () => {
  test.skip(process.platform !== 'linux', 'elsewhere there is always a display')
  const started = run(['build/start.mjs', '--no-open'])
  const url = await address(started)
  expect(started.text()).toContain(`Push Lab runs in your browser, because there is no display: ${url}`)
  const page = await fetch(url)
  expect(page.status).toBe(200)
  expect(await page.text()).toContain('<title>Push Lab</title>')
  started.child.kill('SIGTERM')
  expect(await started.ended).toBe(0)
})

test('a second start finds the first one instead of its files, and only the owner can read where it is', async () => {
  const first = run(['build/start.mjs', '--browser', '--no-open'])
  const url = await address(first)
  const second = run(['build/start.mjs', '--browser', '--no-open'])
  expect(await second.ended).toBe(0)
  expect(second.text()).toContain(`Push Lab is running in the browser already: ${url}`)
  const note = join(home, process.platform === 'win32' ? 'Push Lab/browser/served.json' : 'push-lab/browser/served.json')
  test.skip(process.platform !== 'linux', 'folders and modes are those of Linux below')
  expect(statSync(note).mode & 0o777).toBe(0o600)
})

test('npm run lab -- serve takes port and data folder, and refuses what it does not understand', async () => {
  const started = run(['build/lab.mjs', 'serve', '--port', '0', '--data', join(home, 'data')])
  expect((await fetch(await address(started))).status).toBe(200)
  started.child.kill('SIGINT')
  expect(await started.ended).toBe(0)

  const wrong = run(['build/lab.mjs', 'serve', '--port', 'http'])
  expect(await wrong.ended).toBe(2)
  expect(wrong.text()).toContain('--port takes a number from 0 to 65535, not "http".')
})
