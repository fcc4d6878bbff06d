/**
 * A run is (seed, scenario, [(moment, command)]). The journal holds these inputs, and beside them every
 * event, so that two runs can be compared byte for byte; a bug report is this file. Keys, tokens and
 * payloads never enter it: they come from the seed. Names, numbers and what a person typed do: they are
 * the scenario and the commands.
 */
import type { HopEvent } from '../contract/event.ts'

export const JOURNAL_VERSION = 1

/** A command with its exact moment: the instant, and how many tasks had run before it. */
export type TimedInput = { at: number; task: number; do: string; with: unknown }

export type JournalHeader = { journal: typeof JOURNAL_VERSION; seed: number; file: string; rehearsed: boolean; scenario: unknown }

/** What takes the journal: line by line as text, or a `JournalEncoder` that takes events as they are. */
export type JournalSink = { line(json: string): void; event(event: HopEvent): void }

export const toLines = (out: (line: string) => void): JournalSink => ({ line: out, event: (event) => out(eventLine(event)) })

export const headerLine = (header: JournalHeader): string => JSON.stringify(header)

export const inputLine = (input: TimedInput): string => JSON.stringify({ input })

/** Fixed key order, whatever the order in memory: the line is the identity of an event. */
export function eventLine(e: HopEvent): string {
  const head = `{"seq":${e.seq},"at":${e.at},"sentAt":${e.sentAt},"flow":${e.flow},"from":${place(e.from)},"to":${place(e.to)},"carrier":"${e.carrier}","message":${text(e.message)},"outcome":${text(e.outcome)},"status":"${e.status}","why":"${e.why}"`
  return e.tracking === undefined ? `${head}}` : `${head},"tracking":"${e.tracking}"}`
}

/** Places come again and again: their JSON text is made once, for as many as a lab has at most. */
const places = new Map<string, string>()
const PLACES_KEPT = 100_000

function place(id: string): string {
  let known = places.get(id)
  if (known === undefined) {
    if (places.size >= PLACES_KEPT) places.clear()
    places.set(id, (known = text(id)))
  }
  return known
}

const PLAIN = /^[\x20\x21\x23-\x5b\x5d-\x7e]*$/

/** JSON text; most texts need no escape, and then quoting is all there is to do. */
const text = (value: string): string => (PLAIN.test(value) ? `"${value}"` : JSON.stringify(value))

/** The last line: where the run stood. */
export const endLine = (at: number, task: number, events: number): string => JSON.stringify({ end: { at, task, events } })
