/**
 * Reads a line of the CLI: words in any letter case and shortened as long as they stay clear, `?` for help. One line in, one
 * answer out; nothing that is typed can throw (TRB-06).
 */
import { printable } from '../../ladder/words.ts'
import { atOnce, type Steps } from '../../steps.ts'
import { AGENT_COMMANDS } from './agent.ts'
import { hostOfNode, refused, said, type CliAnswer, type CliCommand, type CliContext } from './command.ts'
import { FILE_COMMANDS } from './files.ts'
import { NETWORK_COMMANDS } from './network.ts'
import { fitting, type CliWord } from './offers.ts'
import { ONBOARDING_COMMANDS } from './onboarding.ts'
import { SERVICE_COMMANDS } from './services.ts'
import { SHOW_COMMANDS } from './show.ts'
import { SQL_COMMANDS } from './sql.ts'
import { TRACE_COMMANDS } from './traceCli.ts'

export const CLI_COMMANDS: readonly CliCommand[] = [
  ...SERVICE_COMMANDS,
  ...AGENT_COMMANDS,
  ...NETWORK_COMMANDS,
  ...SHOW_COMMANDS,
  ...TRACE_COMMANDS,
  ...FILE_COMMANDS,
  ...SQL_COMMANDS,
  ...ONBOARDING_COMMANDS,
]

/** `commands` are those that the words so far fit; `known` are these words in full. */
type Walked = { known: string[]; commands: CliCommand[] }
export type CliRead =
  | { is: 'command'; command: CliCommand; rest: string }
  | { is: 'help'; walked: Walked; rest: string }
  | { is: 'unknown'; walked: Walked; word: string; words: string[] }

/** Goes down the words of a line as far as they name something. */
export function readLine(context: CliContext, line: string): CliRead {
  const asked = /^\s*help(\s|$)/i.test(line)
  const text = (asked ? line.replace(/^\s*help/i, '') : line).replace(/\?\s*$/, '')
  const help = asked || text !== line
  const here = CLI_COMMANDS.filter((command) => command.on.includes(hostOfNode(context.node)))
  const walked: Walked = { known: [], commands: here }
  const words = /\S+/g
  let end = 0
  for (let found = words.exec(text); found !== null; found = words.exec(text)) {
    const depth = walked.known.length
    const complete = walked.commands.find((command) => command.words.length === depth)
    if (complete && !help) break
    const next = nextWords(walked, depth, true)
    const word = pick(next, found[0])
    if (word === null) {
      if (complete) break
      return { is: 'unknown', walked, word: found[0], words: startingWith(nextWords(walked, depth, false), found[0]) }
    }
    walked.known.push(word)
    walked.commands = walked.commands.filter((command) => command.words[depth] === word)
    end = words.lastIndex
  }
  const depth = walked.known.length
  const command = walked.commands.find((each) => each.words.length === depth)
  if (help || !command) return { is: 'help', walked, rest: text.slice(end) }
  return { is: 'command', command, rest: text.slice(end) }
}

const startingWith = (words: readonly string[], start: string): string[] =>
  words.filter((word) => word.toLowerCase().startsWith(start.toLowerCase()))

function nextWords(walked: Walked, depth: number, hidden: boolean): string[] {
  const words = new Set<string>()
  for (const command of walked.commands) {
    const word = command.words[depth]
    if (word !== undefined && (hidden || command.hidden !== true || depth < command.words.length - 1)) words.add(word)
  }
  return [...words]
}

/** The word that is meant: written out, or the only one that begins so. */
function pick(words: readonly string[], typed: string): string | null {
  const exact = words.find((word) => word.toLowerCase() === typed.toLowerCase())
  if (exact !== undefined) return exact
  const fitting = startingWith(words, typed)
  return fitting.length === 1 ? (fitting[0] as string) : null
}

/** Whether a line changes something when it is run: only then is it an input of the run. */
export function changes(context: CliContext, line: string): boolean {
  const read = readLine(context, line)
  return read.is === 'command' && read.command.changes(read.rest)
}

export const runLine = (context: CliContext, line: string): CliAnswer => atOnce(lineSteps(context, line))

/** The answer in steps: between two of them others may have their turn. */
export function* lineSteps(context: CliContext, line: string): Steps<CliAnswer> {
  if (line.trim() === '') return said('', 'nothing typed')
  const read = readLine(context, line)
  switch (read.is) {
    case 'command': {
      if (read.command.takes === '' && read.rest.trim() !== '')
        return refused(`${read.command.words.join(' ')} takes nothing behind it: "${printable(read.rest.trim())}"`)
      const answer = read.command.run(context, read.rest)
      return 'next' in answer ? yield* answer : answer
    }
    case 'help': {
      const asked = /\?\s*$|^\s*help(\s|$)/i.test(line)
      const lines = helpLines(context, read)
      if (asked) return said(lines, 'help')
      return {
        output: [`Incomplete command: ${read.walked.known.join(' ')}`, ...lines].join('\n'),
        failed: true,
        summary: 'incomplete command',
      }
    }
    case 'unknown':
      return unknown(context, read, line)
  }
}

function unknown(context: CliContext, read: Extract<CliRead, { is: 'unknown' }>, line: string): CliAnswer {
  const { node, world } = context
  const word = printable(read.word)
  if (read.words.length > 1) {
    const output = `Ambiguous command: "${word}" may be ${read.words.join(', ')}`
    return { output, failed: true, summary: output.slice(0, 160) }
  }
  const elsewhere = CLI_COMMANDS.find(
    (command) =>
      !command.on.includes(hostOfNode(node)) && `${line.trim().toLowerCase()} `.startsWith(`${command.words.join(' ').toLowerCase()} `),
  )
  const hint = /^(exit|quit|logout)$/i.test(word)
    ? 'A session here is not closed: choose another tab.'
    : elsewhere
      ? elsewhere.on.length === 1
        ? `It exists on the Unified CM publisher only: log in to ${world.cluster.publisher.id}.`
        : 'It exists on Unified CM nodes only.'
      : `Type ${read.walked.known.length > 0 ? `${read.walked.known.join(' ')} ` : ''}? for what there is.`
  // The first two lines are those of the platform CLI.
  const output = ['Executed command unsuccessfully', 'No valid command entered', `"${word}" is not known here. ${hint}`].join('\n')
  return { output, failed: true, summary: `command not found: ${word}`.slice(0, 160) }
}

/** Values that `?` shows at most; Tab shows them all. */
const VALUES_SHOWN = 20

function helpLines(context: CliContext, { walked, rest }: Extract<CliRead, { is: 'help' }>): string[] {
  const depth = walked.known.length
  const complete = walked.commands.find((command) => command.words.length === depth)
  if (complete)
    return [`${complete.words.join(' ')} ${complete.takes}`.trimEnd(), `  ${complete.help}`, ...valueLines(context, complete, rest)]
  const words = helpWords(walked)
  const width = words.reduce((most, { word }) => Math.max(most, word.length), 0)
  return words.map(({ word, help }) => `${walked.known.join(' ')} ${word.padEnd(width)}  ${help}`.trim())
}

/** What may stand where `?` was typed. */
function valueLines(context: CliContext, command: CliCommand, rest: string): string[] {
  const typed = rest.trimStart()
  const words = command.offers ? fitting(command.offers(context, typed), typed) : []
  const shown = words.slice(0, VALUES_SHOWN)
  const width = shown.reduce((most, { word }) => Math.max(most, word.length), 0)
  const more = words.length > shown.length ? [`    ... ${words.length - shown.length} more`] : []
  return [...shown.map(({ word, help }) => `    ${word.padEnd(width)}  ${help}`.trimEnd()), ...more]
}

/** Words that may come next, each with what it does, or with what stands below it. */
export function helpWords(walked: Walked): CliWord[] {
  const depth = walked.known.length
  return nextWords(walked, depth, false)
    .toSorted()
    .map((word) => {
      const below = walked.commands.filter((command) => command.words[depth] === word && command.hidden !== true)
      const own = below.find((command) => command.words.length === depth + 1)
      const help = own
        ? `${own.takes} ${own.help}`.trim()
        : `${nextWords({ known: [], commands: below }, depth + 1, false)
            .toSorted()
            .join(', ')}`
      return { word, help }
    })
}
