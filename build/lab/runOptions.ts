/** What `lab run` is asked to do, read from its arguments. */
import { MAX_DURATION_MS, parseDurationMs } from '../../core/contract/values.ts'

export const RUN_USAGE = `Usage: npm run lab -- run FILE [--until T] [--seed N] [--json] [--quiet] [--progress]

Runs a scenario in virtual time and holds it against its expectations. A run that was exported is given again
and held against what was recorded.

  FILE        a scenario file (YAML) or an exported run (.jsonl); "-" reads standard input
  --until T   how far to run: milliseconds or a unit, e.g. 250, 13s, 20min, 60d; the file's "until" otherwise
  --seed N    a whole number from 0 to 4294967295 instead of the file's seed
  --json      one JSON object per event, then one report (docs/lab-cli.md)
  --quiet     no events, only what came of them
  --progress  how far it is, on standard error; a terminal shows it anyway

Exit code 0: every expectation holds, or all is as recorded; 1: not so; 2: the file or the command line is bad;
130: stopped by Ctrl-C, with what came of the run so far.`

export type RunOptions = { file: string; json: boolean; quiet: boolean; progress: boolean; untilMs: number | null; seed: number | null }

export type ReadOptions = { ok: true; options: RunOptions } | { ok: false; help: boolean; message: string }

const MAX_SEED = 4_294_967_295

export function readRunOptions(args: readonly string[]): ReadOptions {
  const options: RunOptions = { file: '', json: false, quiet: false, progress: false, untilMs: null, seed: null }
  const no = (message: string): ReadOptions => ({ ok: false, help: false, message })
  const rest = [...args]
  for (let arg = rest.shift(); arg !== undefined; arg = rest.shift()) {
    const [name = '', inline] = arg.startsWith('--') ? splitOnce(arg) : [arg]
    switch (name) {
      case '--help':
      case '-h':
        return { ok: false, help: true, message: '' }
      case '--json':
      case '--quiet':
      case '--progress':
        if (inline !== undefined) return no(`${name} takes no value.`)
        options[name.slice(2) as 'json' | 'quiet' | 'progress'] = true
        break
      case '--until': {
        const text = inline ?? rest.shift()
        const ms = text === undefined ? null : parseDurationMs(text)
        if (ms === null || ms > MAX_DURATION_MS)
          return no(`--until needs a time such as 250, 13s, 20min or 60d (at most 400 days)${got(text)}.`)
        options.untilMs = ms
        break
      }
      case '--seed': {
        const text = inline ?? rest.shift()
        if (text === undefined || !/^\d{1,10}$/.test(text) || Number(text) > MAX_SEED) {
          return no(`--seed needs a whole number from 0 to ${MAX_SEED}${got(text)}.`)
        }
        options.seed = Number(text)
        break
      }
      default:
        if (name.startsWith('-') && name !== '-') return no(`There is no option ${name}.`)
        if (options.file !== '') return no(`One file at a time: ${options.file} and ${name} were named.`)
        options.file = name
    }
  }
  return options.file === '' ? no('No file was named.') : { ok: true, options }
}

/** What was given instead. */
export const got = (text: string | undefined): string => (text === undefined ? '' : `, not ${JSON.stringify(text)}`)

function splitOnce(arg: string): [string, string?] {
  const at = arg.indexOf('=')
  return at === -1 ? [arg] : [arg.slice(0, at), arg.slice(at + 1)]
}
