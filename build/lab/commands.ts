/** The commands of `npm run lab`, in one bundle. Exit code 2 means: not understood. */
import { nearest } from '../../core/scenario/suggest.ts'
import { check } from './check.ts'
import { compare } from './compare.ts'
import { createOutput } from './output.ts'
import { run } from './run.ts'
import { serveCommand } from './serve.ts'

type Subcommand = { usage: string; about: string; main: (args: string[], root: string) => Promise<number> }

const SUBCOMMANDS: Record<string, Subcommand> = {
  run: {
    usage: 'run FILE [--until T] [--seed N] [--json] [--quiet] [--progress]',
    about: 'Run a scenario, or give a recorded run again, and check it.',
    main: run,
  },
  compare: { usage: 'compare A B [--until T] [--json] [--progress]', about: 'Run two and say in what they differ.', main: compare },
  check: { usage: 'check FILE...', about: 'Say what is wrong in scenario files.', main: check },
  serve: {
    usage: 'serve [--port N] [--host H] [--data DIR] [--open]',
    about: 'Serve the console to a browser.',
    main: serveCommand,
  },
}

export async function main(root: string, name: string, args: string[]): Promise<number> {
  // Where even complaints cannot be written, the exit code has to do.
  process.stderr.on('error', () => undefined)
  const subcommand = Object.hasOwn(SUBCOMMANDS, name) ? SUBCOMMANDS[name] : undefined
  if (subcommand !== undefined) return await subcommand.main(args, root)
  const asked = ['--help', '-h', 'help'].includes(name)
  const lines = Object.values(SUBCOMMANDS).map(({ usage, about }) => `  npm run lab -- ${usage.padEnd(64)} ${about}`)
  if (name !== '' && !asked) {
    const like = nearest(name, Object.keys(SUBCOMMANDS))
    lines.unshift(`There is no command ${JSON.stringify(name)}${like === null ? '.' : `: did you mean "${like}"?`}`)
  }
  const output = createOutput(asked ? process.stdout : process.stderr)
  for (const line of lines) output.line(line)
  await output.settle()
  return asked && !output.closed ? 0 : 2
}
