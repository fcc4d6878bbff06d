/** `npm run lab -- serve`: the console for browsers, until Ctrl-C. */
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { openBrowser } from '../openBrowser.mjs'
import type { serve as Serve } from '../serve.ts'

export async function serveCommand(args: string[], root: string): Promise<number> {
  let values: { port?: string; host?: string; data?: string; open?: boolean }
  try {
    values = parseArgs({
      args,
      options: { port: { type: 'string' }, host: { type: 'string' }, data: { type: 'string' }, open: { type: 'boolean' } },
    }).values
    if (values.port !== undefined && !/^\d{1,5}$/.test(values.port)) throw new Error('--port takes a number from 0 to 65535.')
  } catch (error) {
    console.error(error instanceof Error ? error.message : error)
    return 2
  }
  try {
    // A bundle of its own, with sockets and files; `run` starts without them.
    const entry = pathToFileURL(join(root, 'dist/serve/serve.js')).href
    const { serve } = (await import(/* @vite-ignore */ entry)) as { serve: typeof Serve }
    const served = await serve({
      root,
      ...(values.port === undefined ? {} : { port: Number(values.port) }),
      ...(values.host === undefined ? {} : { host: values.host }),
      ...(values.data === undefined ? {} : { dataDir: values.data }),
    })
    console.log(served.elsewhere ? `Push Lab is being served already: ${served.url}` : `Push Lab: ${served.url}`)
    if (values.open === true) openBrowser(served.ticketUrl)
    if (served.elsewhere) return 0
    await new Promise<void>((resolve) => {
      process.once('SIGINT', () => resolve())
      process.once('SIGTERM', () => resolve())
    })
    await served.close()
    return 0
  } catch (error) {
    console.error(error instanceof Error ? error.message : error)
    return 1
  }
}
