/** The commands of `npm run lab`, in one bundle. Exit code 2 means: not understood. */
import { check } from './check.ts'
import { compare } from './compare.ts'
import { run } from './run.ts'
import { serveCommand } from './serve.ts'

type Subcommand = { usage: string; about: string; main: (args: string[], root: string) => Promise<number> }

const SUBCOMMANDS: Record<string, Subcommand> = {
  run: { usage: 'run FILE [--until T] [--seed N] [--json] [--quiet]', about: 'Run a scenario and check its expectations.', main: run },
  compare: { usage: 'compare A B [--until T] [--json]', about: 'Run two and say in what they differ.', main: compare },
  check: { usage: 'check FILE...', about: 'Say what is wrong in scenario files.', main: check },
  serve: {
    usage: 'serve [--port N] [--host H] [--data DIR] [--open]',
    about: 'Serve the console to a browser.',
    main: serveCommand,
  },
}

export async function main(root: string, name: string, args: string[]): Promise<number> {
  const subcommand = Object.hasOwn(SUBCOMMANDS, name) ? SUBCOMMANDS[name] : undefined
  if (subcommand !== undefined) return await subcommand.main(args, root)
  const asked = name === '--help'
  const lines = Object.values(SUBCOMMANDS).map(({ usage, about }) => `  npm run lab -- ${usage.padEnd(50)} ${about}`)
  if (name !== '' && !asked) lines.unshift(`There is no command ${JSON.stringify(name)}.`)
  ;(asked ? console.log : console.error)(lines.join('\n'))
  return asked ? 0 : 2
}
