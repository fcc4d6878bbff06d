/**
 * `npm start`: the desktop window where Electron runs, else the same console in the browser.
 *
 *   npm start -- --browser          the browser console, even where Electron runs
 *   npm start -- --port 5000        ... on this port
 *   npm start -- --no-open          ... and do not open it
 */
import './needsNode.mjs'
import { spawn } from 'node:child_process'
// As a whole: an older Node has no parseArgs and would stop before it is told that it is too old.
import util from 'node:util'
import { buildWhenStale, ROOT } from './build.mjs'
import { APP_ARGUMENTS, findElectron } from './electronRuntime.mjs'
import { openBrowser } from './openBrowser.mjs'

/** Electron that ends this soon with an error never showed a window. */
const FALSE_START_MS = 8_000

const USAGE = `Usage: npm start -- [--browser] [--port N] [--no-open]

  --browser   the console in the browser, even where the desktop window runs
  --port N    the same, on this port (0: any free one)
  --no-open   and it is not opened in the browser`

const options = readOptions()
await buildWhenStale().catch((error) => {
  console.error(`Push Lab could not be built. ${error instanceof Error ? error.message : error}`)
  process.exit(1)
})
if (options.browser) {
  await inBrowser('as you asked')
} else {
  const electron = await findElectron({ download: true })
  if ('why' in electron) await inBrowser(`because ${electron.why}`)
  else await inElectron(electron.path)
}

/** @param {string} path of the executable */
async function inElectron(path) {
  const started = Date.now()
  let lastWords = ''
  const child = spawn(path, APP_ARGUMENTS, { stdio: ['ignore', 'inherit', 'pipe'] })
  child.stderr.on('data', (chunk) => {
    process.stderr.write(chunk)
    lastWords = String(chunk).trim().split('\n').at(-1) ?? ''
  })
  process.on('SIGINT', () => child.kill('SIGINT'))
  process.on('SIGTERM', () => child.kill('SIGTERM'))
  /** @type {{ code: number, words: string }} */
  const end = await new Promise((resolve) => {
    child.once('error', (error) => resolve({ code: 1, words: error.message }))
    child.once('close', (code, signal) =>
      resolve({ code: code ?? (signal === 'SIGINT' || signal === 'SIGTERM' ? 0 : 1), words: lastWords }),
    )
  })
  if (end.code === 0) return
  if (Date.now() - started > FALSE_START_MS) process.exit(end.code)
  await inBrowser(`because Electron did not start (${end.words || `exit code ${end.code}`})`)
}

/** @param {string} why half a sentence: `because ...` */
async function inBrowser(why) {
  const { serve } = await import(new URL('../dist/serve/serve.js', import.meta.url).href)
  let served
  try {
    served = await serve({ root: ROOT, ...(options.port === undefined ? {} : { port: options.port }) })
  } catch (error) {
    console.error(error instanceof Error ? error.message : error)
    process.exit(1)
  }
  if (served.elsewhere) console.log(`Push Lab is running in the browser already: ${served.url}`)
  else console.log(`Push Lab runs in your browser, ${why}: ${served.url}`)
  if (options.open) openBrowser(served.ticketUrl)
  if (served.elsewhere) return
  for (const signal of ['SIGINT', 'SIGTERM']) {
    process.once(signal, () => void served.close().finally(() => process.exit(0)))
  }
}

function readOptions() {
  /** @type {import('node:util').ParseArgsConfig['options']} */
  const options = {
    browser: { type: 'boolean' },
    port: { type: 'string' },
    'no-open': { type: 'boolean' },
    help: { type: 'boolean', short: 'h' },
  }
  const { values, positionals } = util.parseArgs({ options, strict: false, allowPositionals: true })
  if (values.help === true) {
    console.log(USAGE)
    process.exit(0)
  }
  const unknown = Object.keys(values).find((name) => !(name in options))
  const port = values.port
  if (unknown !== undefined) stop(`There is no option --${unknown}.`)
  if (positionals[0] !== undefined) stop(`npm start takes no ${JSON.stringify(positionals[0])}: a lab is opened in the window.`)
  if (port !== undefined && !(typeof port === 'string' && /^\d{1,5}$/.test(port) && Number(port) <= 65_535))
    stop(`--port takes a number from 0 to 65535${typeof port === 'string' ? `, not ${JSON.stringify(port)}` : ''}.`)
  return {
    browser: values.browser === true || port !== undefined,
    port: port === undefined ? undefined : Number(port),
    open: values['no-open'] !== true,
  }
}

/** @param {string} message */
function stop(message) {
  console.error(`${message}\n${USAGE}`)
  process.exit(2)
}
