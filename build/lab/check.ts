/** `lab check FILE...`: reads scenario files and says what is wrong in them. Exit 0 when all are fine, else 2. */
import { printable } from '../../core/ladder/words.ts'
import { complain } from './complain.ts'
import { openLab, type OpenedFile } from './openLab.ts'
import { createOutput } from './output.ts'

const USAGE = `Usage: npm run lab -- check FILE...

Reads scenario files and says what is wrong in them: file:line:column, and how to mend it.
FILE is a scenario (YAML) or an exported run (.jsonl); "-" reads standard input. Exit code 0 when all are fine, 2 when one is not.`

export async function check(args: string[]): Promise<number> {
  const output = createOutput(process.stdout)
  if (args.includes('--help') || args.includes('-h')) {
    output.line(USAGE)
    await output.settle()
    return 0
  }
  const unknown = args.find((arg) => arg.startsWith('-') && arg !== '-')
  if (unknown !== undefined) return complain(`There is no option ${printable(unknown)}.`, USAGE, 'check')
  if (args.length === 0) return complain('No file was named.', USAGE, 'check')
  let worst = 0
  for (const file of args) {
    const opened = await openLab(file, process.stdin)
    if (opened.kind === 'bad') {
      worst = 2
      for (const line of opened.lines) output.line(line)
    } else output.line(`${printable(file === '-' ? 'standard input' : file)}: fine, ${about(opened)}`)
    await output.settle()
    if (output.closed) return output.closedExit
  }
  return worst
}

function about(opened: Exclude<OpenedFile, { kind: 'bad' }>): string {
  if (opened.kind === 'scenario') return `"${printable(opened.scenario.title)}"`
  const { scenario, inputs, events } = opened.stored
  const count = (n: number, one: string): string => `${n} ${one}${n === 1 ? '' : 's'}`
  return `a run of "${printable(scenario.title)}" with ${count(inputs.length, 'command')} and ${count(events.length, 'event')}`
}
