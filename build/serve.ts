/** The console for a browser: the lab, its window and the door between them, in one Node process. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { folderFiles, viteFiles } from '../core/wire/http/appFiles.ts'
import { HELLO_PATH, openBrowserHost, type BrowserHost } from '../core/wire/http/browserHost.ts'
import { isLoopback } from '../core/wire/http/origin.ts'
import { createLabHost } from '../core/wire/labHost.ts'

/** Kept the same between runs, because a browser remembers layout and theme per address. */
export const DEFAULT_PORT = 4747

export type ServeOptions = {
  /** Folder with `dist/renderer` and `scenarios`. */
  root: string
  host?: string
  /** Left out: 4747, or any free one when that is taken. */
  port?: number
  /** Where the journal lies; null keeps nothing. Left out: the user's own data folder. */
  dataDir?: string | null
  /** Vite's origin while developing. */
  vite?: string
  /** Fixed while developing, so that a restart does not lock the page out. */
  token?: string
  log?: (line: string) => void
}

export type Served = {
  url: string
  /** For a browser's command line: opens one page, then is worth nothing. */
  ticketUrl: string
  /** True when another process serves this data folder already, and `url` is its address. */
  elsewhere: boolean
  close: () => Promise<void>
}

/** Rejects with a sentence for people when the port is taken or the data folder cannot be written. */
export async function serve(o: ServeOptions): Promise<Served> {
  const log = o.log ?? ((line: string) => console.error(line))
  const host = o.host ?? '127.0.0.1'
  const dataDir = o.dataDir === undefined ? userDataDir() : o.dataDir
  if (dataDir !== null) {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 })
    const url = await alreadyServed(dataDir)
    if (url !== null) return { url, ticketUrl: url, elsewhere: true, close: async () => {} }
  }

  const lab = createLabHost({ dataDir, scenariosDir: join(o.root, 'scenarios'), log })
  let browserHost: BrowserHost
  try {
    browserHost = await listen(o, { host, lab })
  } catch (error) {
    await lab.close()
    throw error
  }
  if (dataDir !== null) writeFileSync(noteFile(dataDir), JSON.stringify({ url: browserHost.url }), { mode: 0o600 })
  if (!isLoopback(host)) log(`Everyone who reaches ${host} and has the token can use this lab; the connection is not encrypted.`)

  return {
    url: browserHost.url,
    ticketUrl: browserHost.ticketUrl(),
    elsewhere: false,
    async close() {
      if (dataDir !== null) rmSync(noteFile(dataDir), { force: true })
      await browserHost.close()
      await lab.close()
    },
  }
}

async function listen(o: ServeOptions, at: { host: string; lab: ReturnType<typeof createLabHost> }): Promise<BrowserHost> {
  const options = {
    door: at.lab,
    files: o.vite === undefined ? folderFiles(join(o.root, 'dist/renderer')) : viteFiles(o.vite),
    host: at.host,
    ...(o.token === undefined ? {} : { token: o.token }),
    ...(o.vite === undefined ? {} : { policy: { development: true, connect: [o.vite.replace(/^http/, 'ws')] } }),
  }
  if (o.port !== undefined) return await openBrowserHost({ ...options, port: o.port })
  try {
    return await openBrowserHost({ ...options, port: DEFAULT_PORT })
  } catch {
    return await openBrowserHost({ ...options, port: 0 })
  }
}

/** One journal, one writer: a second start finds the first one's address instead of its files. */
async function alreadyServed(dataDir: string): Promise<string | null> {
  try {
    const { url } = JSON.parse(readFileSync(noteFile(dataDir), 'utf8'))
    const { origin, hash } = new URL(url)
    const answer = await fetch(`${origin}${HELLO_PATH}`, {
      method: 'POST',
      headers: { origin, 'content-type': 'application/json' },
      body: JSON.stringify({ secret: hash.replace('#token=', '') }),
      signal: AbortSignal.timeout(1_000),
    })
    return answer.ok ? String(url) : null
  } catch {
    return null
  }
}

const noteFile = (dataDir: string): string => join(dataDir, 'served.json')

function userDataDir(): string {
  switch (process.platform) {
    case 'win32':
      return join(process.env['LOCALAPPDATA'] ?? join(homedir(), 'AppData/Local'), 'Push Lab', 'browser')
    case 'darwin':
      return join(homedir(), 'Library/Application Support/Push Lab/browser')
    default:
      return join(process.env['XDG_DATA_HOME'] ?? join(homedir(), '.local/share'), 'push-lab/browser')
  }
}
