/**
 * `npm run dev`: edits show at once. The window reloads by Vite's hot module replacement; a change in core/ or
 * electron/ builds the main bundle again and restarts the lab.
 *
 *   npm run dev                Electron where it runs, else the browser
 *   npm run dev -- --browser   the browser
 */
import './needsNode.mjs'
import { spawn, type ChildProcess } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { rmSync } from 'node:fs'
import { createServer as createSocket, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { build, createServer } from 'vite'
import { ROOT } from './build.mjs'
import { APP_ARGUMENTS, findElectron } from './electronRuntime.mjs'

const config = (name: string): string => join(ROOT, `build/vite.${name}.config.ts`)
const wantsBrowser = process.argv.includes('--browser')
const devPort = process.env['PUSHLAB_PORT']
if (devPort !== undefined && !(/^\d{1,5}$/.test(devPort) && Number(devPort) <= 65_535)) {
  console.error(`PUSHLAB_PORT is a number from 0 to 65535, not ${JSON.stringify(devPort)}.`)
  process.exit(2)
}
const electron = wantsBrowser ? { why: 'you asked for it' } : await findElectron({ download: true })
if ('why' in electron) console.log(`In the browser, because ${electron.why}.`)

// What is built here is not what `npm start` would build.
rmSync(join(ROOT, 'dist/.stamp'), { force: true })

const port = await freePort()
const vite = await createServer({
  configFile: config('renderer'),
  // The page comes from the lab's own origin; only its hot-reload socket goes straight to Vite.
  server: { host: '127.0.0.1', port, strictPort: true, hmr: { protocol: 'ws', host: '127.0.0.1', clientPort: port } },
  configLoader: 'runner',
  logLevel: 'warn',
})
await vite.listen()

const env = { ...process.env, PUSHLAB_VITE: `http://127.0.0.1:${port}`, PUSHLAB_TOKEN: randomBytes(32).toString('base64url') }
if ('path' in electron) await build({ configFile: config('preload'), configLoader: 'runner', logLevel: 'warn' })

let child: ChildProcess | null = null
let restarting = false

async function restart(): Promise<void> {
  restarting = true
  await stop()
  restarting = false
  child =
    'path' in electron
      ? spawn(electron.path, [...process.argv.slice(2), ...APP_ARGUMENTS], { env, stdio: 'inherit' })
      : spawn(process.execPath, [join(ROOT, 'build/devHost.mjs')], { env, stdio: 'inherit' })
  child.once('exit', (code) => {
    if (!restarting && 'path' in electron) void leave(code ?? 0)
  })
}

async function stop(): Promise<void> {
  const old = child
  if (old === null || old.exitCode !== null || old.signalCode !== null) return
  const gone = new Promise((resolve) => old.once('exit', resolve))
  old.kill('SIGTERM')
  await gone
}

async function leave(code: number): Promise<void> {
  restarting = true
  await stop()
  await vite.close()
  process.exit(code)
}

for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => void leave(0))

const watcher = await build({
  configFile: config('path' in electron ? 'main' : 'serve'),
  build: { watch: {} },
  configLoader: 'runner',
  logLevel: 'warn',
})
if (!('on' in watcher)) throw new Error('Vite did not start to watch.')
// The old lab keeps running until the edit compiles; an END follows an ERROR, too.
let compiles = true
watcher.on('event', (event) => {
  if (event.code === 'START') compiles = true
  if (event.code === 'ERROR') {
    compiles = false
    console.error(event.error.message)
  }
  if (event.code === 'END' && compiles) void restart()
})

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createSocket().once('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const { port: free } = probe.address() as AddressInfo
      probe.close(() => resolve(free))
    })
  })
}
