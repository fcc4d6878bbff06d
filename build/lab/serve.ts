/** `npm run lab -- serve`: the console for browsers, until Ctrl-C. */
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { openBrowser } from '../openBrowser.mjs'
import type { serve as Serve } from '../serve.ts'
import { complain } from './complain.ts'
import { createOutput } from './output.ts'

const USAGE = `Usage: npm run lab -- serve [--port N] [--host H] [--data DIR] [--open]

Serves the console to a browser until Ctrl-C, and prints the address with its token.

  --port N    a port from 0 to 65535, 0 for any free one; 4747 otherwise, or any free one when that is taken
  --host H    the address to listen on; 127.0.0.1 otherwise, which only this machine reaches
  --data DIR  folder for the run and the settings of the window; one in your home otherwise
  --open      opens it in the browser

Exit code 0: ended by Ctrl-C, or it is being served already; 1: it cannot be served; 2: the command line is bad.`

type Options = { port?: string; host?: string; data?: string; open?: boolean; help?: boolean }

const TEXTS = { port: 'a number from 0 to 65535', host: 'an address of this machine', data: 'a folder' } as const

function readOptions(args: string[]): { values: Options } | { bad: string } {
  const text = { type: 'string' } as const
  const flag = { type: 'boolean' } as const
  const options = { port: text, host: text, data: text, open: flag, help: { ...flag, short: 'h' } } as const
  // Read once without complaint, for words of our own.
  const { tokens } = parseArgs({ args, options, strict: false, tokens: true })
  const values: Options = {}
  for (const token of tokens) {
    if (token.kind === 'option-terminator') continue
    if (token.kind === 'positional') return { bad: `serve takes no ${JSON.stringify(token.value)}: each value follows its option.` }
    const { name, value } = token
    if (name === 'open' || name === 'help') {
      if (value !== undefined) return { bad: `--${name} takes no value.` }
      values[name] = true
    } else if (name === 'port' || name === 'host' || name === 'data') {
      const given = value ?? ''
      const fits = name === 'port' ? /^\d{1,5}$/.test(given) && Number(given) <= 65_535 : given !== '' && !given.startsWith('--')
      if (!fits) return { bad: `--${name} takes ${TEXTS[name]}${value === undefined ? '' : `, not ${JSON.stringify(value)}`}.` }
      values[name] = given
    } else return { bad: `There is no option ${token.rawName}.` }
  }
  return { values }
}

export async function serveCommand(args: string[], root: string): Promise<number> {
  const read = readOptions(args)
  if ('bad' in read) return complain(read.bad, USAGE, 'serve')
  const { values } = read
  if (values.help === true) {
    const output = createOutput(process.stdout)
    output.line(USAGE)
    await output.settle()
    return 0
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
