/** What a command of the CLI is, and how it answers. */
import type { Steps } from '../../steps.ts'
import type { LabNode, World } from '../../world.ts'
import type { Offer } from './offers.ts'

/** The CLI differs between these (TRB-06). */
export type CliHost = 'publisher' | 'subscriber' | 'imp'

export type CliContext = { world: World; node: LabNode }

/** `summary` goes into the event list: one line without secrets. */
export type CliAnswer = { output: string; failed: boolean; summary: string }

export type CliCommand = {
  words: readonly string[]
  /** What stands behind the words, as the help shows it; empty when nothing does. */
  takes: string
  help: string
  on: readonly CliHost[]
  /** Whether it changes anything when `rest` stands behind its words; one that only reads is no input of a run. */
  changes: (rest: string) => boolean
  /** Accepted, but not offered: another spelling of a command (DEC-03). */
  hidden?: true
  /** What goes through many hops answers in steps. */
  run: (context: CliContext, rest: string) => CliAnswer | Steps<CliAnswer>
  /** What may stand behind the words, for the Tab key and for `?`. */
  offers?: Offer
}

export const ANYWHERE: readonly CliHost[] = ['publisher', 'subscriber', 'imp']
export const ON_UCM: readonly CliHost[] = ['publisher', 'subscriber']
export const READS = (): boolean => false
export const CHANGES = (): boolean => true

export const hostOfNode = (node: LabNode): CliHost => (node.family === 'imp' ? 'imp' : node.role)

/** Lines that one command prints at most. */
export const LINES_MAX = 2_000

const SUMMARY_MAX = 160

export function said(lines: string | readonly string[], summary?: string): CliAnswer {
  const all = typeof lines === 'string' ? lines.split('\n') : lines
  const shown = all.length > LINES_MAX ? [...all.slice(0, LINES_MAX), `... ${all.length - LINES_MAX} more lines are not shown`] : all
  const first = all.find((line) => line.trim() !== '') ?? ''
  return { output: shown.join('\n'), failed: false, summary: (summary ?? first.trim()).slice(0, SUMMARY_MAX) }
}

/** A command that could not be carried out: why, and how to do it right. */
export function refused(reason: string, hint = ''): CliAnswer {
  const output = ['Executed command unsuccessfully', reason, ...(hint === '' ? [] : [hint])].join('\n')
  return { output, failed: true, summary: `unsuccessful: ${reason}`.slice(0, SUMMARY_MAX) }
}

/** Arguments, separated by blanks; one in double quotes may hold blanks. */
export function splitArgs(text: string): string[] {
  const args: string[] = []
  for (const [, quoted, plain] of text.matchAll(/"([^"]*)"?|([^\s"]+)/g)) args.push(quoted ?? plain ?? '')
  return args
}

/** `name` padded to a column, with at least two blanks behind it. */
export const column = (text: string, width: number): string => `${text.padEnd(width)}  `
