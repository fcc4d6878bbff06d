/** `lab check FILE...`: reads scenario files and says what is wrong in them. Exit 0 when all are fine, else 2. */
import { parseScenario } from '../../core/scenario/parse.ts'
import { printable } from '../../core/ladder/words.ts'
import { issueLines } from './issueText.ts'
import { CLOSED_PIPE_EXIT, createOutput } from './output.ts'
import { readText } from './readText.ts'

const USAGE = `Usage: npm run lab -- check FILE...

Reads scenario files and says what is wrong in them: file:line:column, and how to mend it.
FILE is a YAML file; "-" reads standard input. Exit code 0 when all are fine, 2 when one is not.`

export async function check(args: string[]): Promise<number> {
  const output = createOutput(process.stdout)
  if (args.includes('--help') || args.includes('-h')) {
    output.line(USAGE)
    await output.settle()
    return 0
  }
  const unknown = args.find((arg) => arg.startsWith('-') && arg !== '-')
  if (unknown !== undefined || args.length === 0) {
    process.stderr.write(`${unknown === undefined ? 'No file was named.' : `There is no option ${unknown}.`}\n${USAGE}\n`)
    return 2
  }
  let worst = 0
  for (const file of args) {
    const read = await readText(file, process.stdin)
    if (!read.ok) {
      output.line(read.message)
      worst = 2
    } else {
      const parsed = parseScenario(read.text, file)
      if (parsed.ok) output.line(`${printable(file)}: fine, "${printable(parsed.scenario.title)}"`)
      else {
        worst = 2
        for (const line of issueLines(file, parsed.issues)) output.line(line)
      }
    }
    await output.settle()
    if (output.closed) return CLOSED_PIPE_EXIT
  }
  return worst
}
