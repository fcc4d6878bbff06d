/** The console for a browser: the lab, its window and the door between them, in one Node process. */
import { homedir } from 'node:os'
import { join } from 'node:path'
import { folderFiles, viteFiles } from '../core/wire/http/appFiles.ts'
import { openBrowserHost, type BrowserHost } from '../core/wire/http/browserHost.ts'
import { isLoopback } from '../core/wire/http/origin.ts'
import { createLabHost } from '../core/wire/labHost.ts'
import { claimDataFolder, makeDataFolder, type Claim } from './dataFolder.ts'

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
  const claim = dataDir === null ? null : await claimed(dataDir, log)
  if (claim?.kind === 'elsewhere') return { url: claim.url, ticketUrl: claim.url, elsewhere: true, close: async () => {} }

  const lab = createLabHost({ dataDir, scenariosDir: join(o.root, 'scenarios'), log })
  let browserHost: BrowserHost
  try {
    browserHost = await listen(o, { host, lab })
  } catch (error) {
    await lab.close()
    claim?.release()
    throw error
  }
  claim?.tell(browserHost.url)
  if (!isLoopback(host)) log(`Everyone who reaches ${host} and has the token can use this lab; the connection is not encrypted.`)

  return {
    url: browserHost.url,
    ticketUrl: browserHost.ticketUrl(),
    elsewhere: false,
    async close() {
      await browserHost.close()
      await lab.close()
      // Last: who starts now reads what was just written.
      claim?.release()
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

async function claimed(dataDir: string, log: (line: string) => void): Promise<Claim> {
  makeDataFolder(dataDir)
  return await claimDataFolder(dataDir, log)
}

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
