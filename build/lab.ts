/** `npm run lab -- <command>`: the lab without a window of its own. Exit code 2 means: not understood. */

type Subcommand = { usage: string; about: string; load: () => Promise<(args: string[]) => Promise<number>> }

const SUBCOMMANDS: Record<string, Subcommand> = {
  run: {
    usage: 'run FILE [--until T] [--seed N] [--json]',
    about: 'Run a scenario and check its expectations.',
    load: async () => (await import('./lab/run.ts')).run,
  },
  check: {
    usage: 'check FILE...',
    about: 'Say what is wrong in scenario files.',
    load: async () => (await import('./lab/check.ts')).check,
  },
  serve: {
    usage: 'serve [--port N] [--host H] [--data DIR] [--open]',
    about: 'Serve the console to a browser.',
    load: async () => (await import('./lab/serve.ts')).serveCommand,
  },
}

const [name = '', ...args] = process.argv.slice(2)
const subcommand = Object.hasOwn(SUBCOMMANDS, name) ? SUBCOMMANDS[name] : undefined
if (subcommand === undefined) {
  const asked = name === '--help'
  const lines = Object.values(SUBCOMMANDS).map(({ usage, about }) => `  npm run lab -- ${usage.padEnd(50)} ${about}`)
  if (name !== '' && !asked) lines.unshift(`There is no command ${JSON.stringify(name)}.`)
  ;(asked ? console.log : console.error)(lines.join('\n'))
  process.exitCode = asked ? 0 : 2
} else {
  const main = await subcommand.load()
  process.exitCode = await main(args)
}
