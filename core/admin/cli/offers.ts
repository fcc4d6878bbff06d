/** What may stand in the argument that is being typed, for the Tab key and for `?`. */
import type { LabNode, World } from '../../world.ts'

export type CliWord = { word: string; help: string }

/** `from`: where in the text behind the words of a command the argument begins that `words` are about. */
export type Offers = { from: number; words: readonly CliWord[] }

/** `typed` is what stands behind the words of the command so far, without leading blanks. */
export type Offer = (context: { world: World; node: LabNode }, typed: string) => Offers

/** Names that may hold blanks: what was typed is compared as a whole. */
export const whole =
  (words: (context: Parameters<Offer>[0]) => readonly CliWord[]): Offer =>
  (context) => ({ from: 0, words: words(context) })

export type Argument = { number: number; from: number; text: string; before: string[] }

/** The argument under the cursor, counted from 0; one in double quotes may hold blanks. */
export function lastArgument(typed: string): Argument {
  const before: string[] = []
  let from = 0
  for (const found of typed.matchAll(/("[^"]*"|[^\s"]+)\s+/g)) {
    before.push((found[1] ?? '').replaceAll('"', ''))
    from = found.index + found[0].length
  }
  return { number: before.length, from, text: typed.slice(from), before }
}

/** One list per argument, in their order; behind the last one nothing is offered. */
export const inOrder =
  (...lists: readonly ((context: Parameters<Offer>[0], before: readonly string[]) => readonly CliWord[])[]): Offer =>
  (context, typed) => {
    const { number, from, before } = lastArgument(typed)
    return { from, words: lists[number]?.(context, before) ?? [] }
  }

/** A first argument of one word, then names that may hold blanks. */
export const wordThenName =
  (first: readonly CliWord[], names: (context: Parameters<Offer>[0]) => readonly CliWord[]): Offer =>
  (context, typed) => {
    const begun = /^\S+\s+/.exec(typed)
    return begun ? { from: begun[0].length, words: names(context) } : { from: 0, words: first }
  }

/** Words of which each may stand once, in any order. */
export const anyOf =
  (words: readonly CliWord[]): Offer =>
  (_context, typed) => {
    const { from, before } = lastArgument(typed)
    return { from, words: words.filter(({ word }) => !before.some((one) => one.toLowerCase() === word.toLowerCase())) }
  }

/** Those that go on as the text under the cursor begins. */
export const fitting = ({ from, words }: Offers, typed: string): CliWord[] => {
  const begun = typed.slice(from).toLowerCase()
  return words.filter(({ word }) => word.toLowerCase().startsWith(begun))
}

export const byWord = (a: CliWord, b: CliWord): number => (a.word < b.word ? -1 : 1)
