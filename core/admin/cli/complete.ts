/**
 * The Tab key: what it makes of a line, and what may stand next. It goes on in the middle of an argument, folder by folder in a
 * path; a word that is the only one is written out (TRB-06).
 */
import { hostOfNode, type CliCommand, type CliContext } from './command.ts'
import { fitting, type CliWord } from './offers.ts'
import { CLI_COMMANDS, helpWords, readLine } from './reader.ts'

export function completeLine(context: CliContext, line: string): { line: string; words: CliWord[] } {
  const open = /\S*$/.exec(line)?.[0] ?? ''
  const before = line.slice(0, line.length - open.length)
  const read = before.trim() === '' ? null : readLine(context, before)
  if (read?.is === 'unknown') return { line, words: [] }
  if (read?.is === 'command') return completeArgument(context, read.command, line, read.rest + open)
  const here = CLI_COMMANDS.filter((command) => command.on.includes(hostOfNode(context.node)))
  const walked = read?.walked ?? { known: [], commands: here }
  const words = helpWords(walked).filter(({ word }) => word.toLowerCase().startsWith(open.toLowerCase()))
  return { line: before + common(words, open), words }
}

function completeArgument(context: CliContext, command: CliCommand, line: string, rest: string): { line: string; words: CliWord[] } {
  const typed = rest.trimStart()
  if (!command.offers) return { line, words: [] }
  const offers = command.offers(context, typed)
  const words = fitting(offers, typed)
  const begun = typed.slice(offers.from)
  return { line: line.slice(0, line.length - begun.length) + common(words, begun), words }
}

/** As far as all words agree; the only one is followed by a blank, unless it is a folder: there is more to come. */
function common(words: readonly CliWord[], typed: string): string {
  const [first] = words
  if (!first) return typed
  if (words.length === 1) return first.word.endsWith('/') ? first.word : `${first.word} `
  let length = typed.length
  while (length < first.word.length && words.every(({ word }) => word[length]?.toLowerCase() === first.word[length]?.toLowerCase()))
    length++
  return first.word.slice(0, length)
}
