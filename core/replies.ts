/** Answers and notes that commands have in common. */
import { failure, type Failure } from './contract/door.ts'
import { note, type World } from './world.ts'

const NAMES_SHOWN = 8

/** There is nothing of that name; says which names there are. */
export function missing(what: string, name: string, known: Iterable<string>): Failure {
  const names = [...known]
  const list = names.slice(0, NAMES_SHOWN).join(', ') + (names.length > NAMES_SHOWN ? ', …' : '')
  return failure('not-found', `there is no ${what} "${name}"`, [
    { path: what, message: `unknown ${what}`, fix: names.length > 0 ? `use one of: ${list}` : `this lab has no ${what}` },
  ])
}

/** What an administrator, or the user of a phone, has just set. */
export const admin = (world: World, place: string, message: string, outcome: string, why: string): void =>
  void note(world, { flow: 0, place, carrier: 'admin' }, message, outcome, 'info', why)
