/**
 * The run on disk: what is needed to give it again after a crash or a kill. Two small files: the journal of
 * inputs, appended as they happen, and the moment at which the run stood.
 */
import { appendFileSync, closeSync, existsSync, fstatSync, ftruncateSync, openSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import type { Issue } from '../contract/door.ts'
import type { Scenario } from '../contract/scenario.ts'
import { asWritten } from '../scenario/generate.ts'
import { MAX_DURATION_MS } from '../contract/values.ts'
import { checkScenario } from '../scenario/parse.ts'
import { headerLine, inputLine, JOURNAL_VERSION, type TimedInput } from '../engine/journal.ts'

export const MAX_JOURNAL_BYTES = 64 * 1024 * 1024
/** Commands of one run. With real clients each frame is one, so the endpoint closes before there are more. */
export const MAX_INPUTS = 400_000
/** What the lines of these commands may take, so that the journal of any run can be read again. */
export const MAX_INPUT_BYTES = 48 * 1024 * 1024

/** Lines that wait to be written together. */
const LINES_AT_ONCE = 1_000

/** Unreadable journals that are kept; the last place is used again. */
const ASIDE_KEPT = 9

/** A journal is known by its first words, whatever an editor or a mail program put before them. */
export const isJournal = (text: string): boolean => /^\uFEFF?\s*\{"journal":/.test(text.slice(0, 200))

const headerSchema = z.object({
  journal: z.literal(JOURNAL_VERSION),
  seed: z.int().min(0).max(4_294_967_295),
  file: z.string().max(400),
  rehearsed: z.boolean(),
  scenario: z.unknown(),
})

/** No run is longer. */
const momentSchema = z.int().min(0).max(MAX_DURATION_MS)

const inputSchema = z.object({
  input: z.object({ at: momentSchema, task: z.int().min(0), do: z.string().max(60), with: z.unknown() }),
})

const endSchema = z.object({ end: z.object({ at: momentSchema, task: z.int().min(0), events: z.int().min(0) }) })

export type StoredRun = {
  seed: number
  file: string
  rehearsed: boolean
  scenario: Scenario
  inputs: TimedInput[]
  /** Event lines, when the journal has them: a replay must give the same. */
  events: string[]
  end: { at: number; task: number; events: number } | null
  /** Where they stand in the file, from 1: for messages. */
  lines: { inputs: number[]; events: number[]; last: number }
}

export type ReadJournal = { ok: true; run: StoredRun } | { ok: false; issues: Issue[] }

const EXPORT_AGAIN = 'export the run again, or take another copy of the file'

/** Reads a journal; every fault is told with its line. A cut last line (a crash while writing) is dropped. */
export function readJournal(text: string): ReadJournal {
  if (text.length > MAX_JOURNAL_BYTES) return bad(1, 'the journal is larger than 64 MiB', 'export a shorter run')
  const lines = text.replace(/^\uFEFF/, '').split('\n')
  const cut = lines.pop() ?? ''
  const last = cut.trim() === '' ? null : parse(cut)
  const header = readHeader(lines[0] ?? cut)
  if (!header.ok) return header
  const inputs: TimedInput[] = []
  const events: string[] = []
  const at: StoredRun['lines'] = { inputs: [], events: [], last: 1 }
  let end: StoredRun['end'] = null
  const rest = last === null ? lines : [...lines, cut]
  for (let index = 1; index < rest.length; index++) {
    const line = (rest[index] as string).replace(/\r$/, '')
    if (line.trim() === '') continue
    at.last = index + 1
    if (end !== null) return bad(index + 1, 'the run has ended above, and yet more follows', `one file holds one run: ${EXPORT_AGAIN}`)
    if (line.startsWith('{"seq":')) {
      if (parse(line) === null) return bad(index + 1, DAMAGED, EXPORT_AGAIN)
      events.push(line)
      at.events.push(index + 1)
      continue
    }
    const value = parse(line)
    if (value === null) return bad(index + 1, DAMAGED, EXPORT_AGAIN)
    const input = inputSchema.safeParse(value)
    if (input.success) {
      const before = inputs.at(-1)
      if (before && input.data.input.at < before.at)
        return bad(index + 1, 'this command lies before the one above it', 'the lines of a journal stand in the order of time')
      if (inputs.length >= MAX_INPUTS) return bad(index + 1, `more than ${MAX_INPUTS} commands`, 'export a shorter run')
      inputs.push({ ...input.data.input, with: input.data.input.with })
      at.inputs.push(index + 1)
      continue
    }
    const ended = endSchema.safeParse(value)
    if (!ended.success) {
      const field = isLine(value, 'input') ? input.error : isLine(value, 'end') ? ended.error : null
      if (field === null) return bad(index + 1, 'this line is neither a command nor an event', `remove the line, or ${EXPORT_AGAIN}`)
      const name = field.issues[0]?.path.join('.') ?? ''
      return bad(index + 1, `this line was changed: "${name}" is missing or out of range`, EXPORT_AGAIN, name)
    }
    end = ended.data.end
  }
  return { ok: true, run: { ...header.run, inputs, events, end, lines: at } }
}

const isLine = (value: unknown, kind: 'input' | 'end'): boolean => typeof value === 'object' && value !== null && Object.hasOwn(value, kind)

const DAMAGED = 'this line is damaged: it is no JSON'

function readHeader(
  line: string,
): { ok: true; run: Pick<StoredRun, 'seed' | 'file' | 'rehearsed' | 'scenario'> } | { ok: false; issues: Issue[] } {
  const value = parse(line) as { journal?: unknown } | null
  if (value === null && isJournal(line)) return bad(1, 'the first line is cut off or damaged: it is no JSON', EXPORT_AGAIN)
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, 'journal'))
    return bad(1, 'this is no journal of Push Lab', 'choose a file that was made by "Export the run (journal)"')
  if (value.journal !== JOURNAL_VERSION) {
    const version = typeof value.journal === 'number' ? `version ${value.journal}` : 'an unknown version'
    const fix = 'open it with the Push Lab that made it, and export its scenario from there'
    return bad(1, `this journal has ${version}; this program reads version ${JOURNAL_VERSION}`, fix)
  }
  const header = headerSchema.safeParse(value)
  if (!header.success) {
    const field = header.error.issues[0]?.path.join('.') ?? ''
    return bad(1, `the first line was changed: "${field}" is missing or out of range`, EXPORT_AGAIN, field)
  }
  const { seed, file, rehearsed } = header.data
  const checked = checkScenario(header.data.scenario)
  if (checked.ok) return { ok: true, run: { seed, file, rehearsed, scenario: checked.scenario } }
  const issues = checked.issues.map(({ path, message, fix }): Issue => ({
    path: path === '' ? 'scenario' : `scenario.${path}`,
    message: `in the scenario of this journal, ${message}`,
    ...(fix === undefined ? {} : { fix }),
    line: 1,
    column: 1,
  }))
  return { ok: false, issues }
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line) as unknown
  } catch {
    return null
  }
}

const bad = (line: number, message: string, fix: string, path = ''): { ok: false; issues: Issue[] } => ({
  ok: false,
  issues: [{ path, message, fix, line, column: 1 }],
})

/** Keeps the present run of one data folder. Failing to write is told, for as long as it lasts, and does not stop the lab. */
export class RunFile {
  private readonly journalPath: string
  private readonly positionPath: string
  private readonly log: (line: string) => void
  /** Why the journal, or the moment beside it, could not be written last; empty when it could. */
  private trouble = { journal: '', position: '' }
  private waiting: string[] = []
  /** The journal, open for appending: opening it costs more than a line. */
  private journal: number | null = null
  /** Bytes of the journal that are whole lines. */
  private whole = 0
  /** What could not be written yet. A journal that lacks a command would be another run. */
  private unwritten = ''
  /** `unwritten` is a run from its header on, and not the rest of one. */
  private anew = false
  private positionNow = 0
  private positionWritten = 0
  private writing: Promise<void> | null = null

  constructor(dataDir: string, log: (line: string) => void) {
    this.journalPath = join(dataDir, 'run.jsonl')
    this.positionPath = join(dataDir, 'position.json')
    this.log = log
  }

  /** Why this run would not be here after a crash; empty when it would. */
  get notKept(): string {
    return this.trouble.journal || this.trouble.position
  }

  /** A new run takes the place of the old one. */
  begin(header: { seed: number; file: string; rehearsed: boolean; scenario: Scenario }, inputs: readonly TimedInput[]): void {
    this.waiting = [] // they are among the inputs
    const lines = [headerLine({ journal: JOURNAL_VERSION, ...header, scenario: asWritten(header.scenario) }), ...inputs.map(inputLine)]
    this.unwritten = `${lines.join('\n')}\n`
    this.anew = true
    this.write()
  }

  append(input: TimedInput): void {
    this.flush()
    this.unwritten += `${inputLine(input)}\n`
    this.write()
  }

  /** Like `append`, but written with the next `flush`: real clients may send hundreds of frames in one turn. */
  appendLater(line: string): void {
    this.waiting.push(line)
    if (this.waiting.length >= LINES_AT_ONCE) this.flush()
  }

  flush(): void {
    if (this.waiting.length === 0) return
    this.unwritten += `${this.waiting.join('\n')}\n`
    this.waiting = []
    this.write()
  }

  /** Tries to write what is not written; on a full disk it waits for the next line. */
  private write(): void {
    if (this.unwritten === '') return
    this.attempt(() => {
      if (this.anew) this.replace()
      else this.extend()
      this.unwritten = ''
      this.anew = false
      this.trouble.journal = ''
    })
  }

  /** Whole or not at all: a crash here must not cost the old run. */
  private replace(): void {
    this.closeJournal()
    writeFileSync(`${this.journalPath}.new`, this.unwritten, { mode: 0o600 })
    renameSync(`${this.journalPath}.new`, this.journalPath)
  }

  private extend(): void {
    if (this.journal === null) {
      this.journal = openSync(this.journalPath, 'a', 0o600)
      this.whole = fstatSync(this.journal).size
    }
    try {
      appendFileSync(this.journal, this.unwritten)
    } catch (error) {
      // A part of a line may stand there; the next one must not be glued to it.
      ftruncateSync(this.journal, this.whole)
      throw error
    }
    this.whole += Buffer.byteLength(this.unwritten)
  }

  private closeJournal(): void {
    if (this.journal !== null) closeSync(this.journal)
    this.journal = null
  }

  /** Written beside the work of the lab: a rename may take milliseconds, and a call must not wait for it. */
  position(at: number): void {
    this.positionNow = at
    this.writing ??= this.writePosition()
  }

  private async writePosition(): Promise<void> {
    try {
      do {
        const at = this.positionNow
        await writeFile(`${this.positionPath}.new`, JSON.stringify({ at }), { mode: 0o600 })
        await rename(`${this.positionPath}.new`, this.positionPath)
        this.positionWritten = at
      } while (this.positionNow !== this.positionWritten)
      this.trouble.position = ''
    } catch (error) {
      this.complain('position', error)
    } finally {
      this.writing = null
    }
  }

  /** Nothing is written after this; what the last position is, stands on disk. */
  async close(): Promise<void> {
    this.flush()
    this.write()
    this.attempt(() => this.closeJournal())
    await this.writing
  }

  /** The run of last time, or null. A file that cannot be read is put aside, never deleted. */
  resume(): { run: StoredRun; at: number } | null {
    if (!existsSync(this.journalPath)) return null
    try {
      const read = readJournal(readFileSync(this.journalPath, 'utf8'))
      if (read.ok) return { run: read.run, at: this.lastPosition(read.run.inputs.at(-1)?.at ?? 0) }
      this.putAside(read.issues[0]?.message ?? 'it cannot be read')
    } catch (error) {
      this.putAside(error instanceof Error ? error.message : String(error))
    }
    return null
  }

  private lastPosition(atLeast: number): number {
    try {
      const stored = z.object({ at: z.int().min(0) }).parse(JSON.parse(readFileSync(this.positionPath, 'utf8')))
      return Math.max(atLeast, stored.at)
    } catch {
      return atLeast
    }
  }

  private putAside(why: string): void {
    // What was put aside before stays too: it may be the only copy of somebody's case.
    const names = Array.from({ length: ASIDE_KEPT }, (_, n) => `${this.journalPath}.unreadable${n === 0 ? '' : `-${n + 1}`}`)
    const aside = names.find((name) => !existsSync(name)) ?? (names.at(-1) as string)
    this.log(`the run of last time could not be resumed (${why}); it is kept as ${aside}`)
    this.attempt(() => renameSync(this.journalPath, aside))
  }

  private attempt(act: () => void): void {
    try {
      act()
    } catch (error) {
      this.complain('journal', error)
    }
  }

  private complain(of: 'journal' | 'position', error: unknown): void {
    const { code, message } = error as NodeJS.ErrnoException
    const why = code === 'ENOSPC' ? 'the disk is full' : code === 'EACCES' || code === 'EROFS' ? 'its folder may not be written' : message
    if (this.notKept === '') this.log(`the run cannot be kept on disk: ${why} (${this.journalPath})`)
    this.trouble[of] = why
  }
}
