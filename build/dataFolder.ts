/**
 * One data folder, one process that writes it. Its note `served.json` is made before anything else is touched, and
 * holds the address once there is one: a second start finds the first one's address instead of its files.
 */
import { closeSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { HELLO_PATH } from '../core/wire/http/browserHost.ts'

/** A start that has no address after this long is dead. */
const START_LIMIT_MS = 10_000
const ANSWER_LIMIT_MS = 2_000
const LOOK_EVERY_MS = 100

type Note = { url: string | null; pid: number }

export type Claim =
  | { kind: 'ours'; tell(url: string): void; release(): void }
  /** Another process serves it. */
  | { kind: 'elsewhere'; url: string }

/** Makes the folder. @throws a sentence for people when there can be none */
export function makeDataFolder(dataDir: string): void {
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  } catch (error) {
    throw new Error(`The data folder ${dataDir} cannot be made: ${why(error)}.`, { cause: error })
  }
}

/** @throws a sentence for people when another process has the folder and does not answer */
export async function claimDataFolder(dataDir: string, log: (line: string) => void, pid = process.pid): Promise<Claim> {
  const path = join(dataDir, 'served.json')
  const ours: Note = { url: null, pid }
  for (;;) {
    try {
      closeSync(openSync(path, 'wx', 0o600))
      writeFileSync(path, JSON.stringify(ours))
      break
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') {
        // Served all the same: a lab that is not kept is better than none.
        if (readNote(path)?.text === '') rmSync(path, { force: true })
        log(`Nothing can be kept in ${dataDir}: ${why(error)}.`)
        return { kind: 'ours', tell: () => undefined, release: () => undefined }
      }
    }
    const found = await whoServes(path, pid)
    if (found.kind === 'elsewhere') return found
    if (found.kind === 'dead') putAway(path, found.text, `${path}.${pid}`)
    else await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS))
  }
  const isOurs = (): boolean => readNote(path)?.note?.pid === ours.pid
  return {
    kind: 'ours',
    tell(url) {
      ours.url = url
      try {
        writeFileSync(path, JSON.stringify(ours), { mode: 0o600 })
      } catch (error) {
        log(`A second start will not find this one: ${path} cannot be written (${why(error)}).`)
      }
    },
    release() {
      if (isOurs()) rmSync(path, { force: true })
    },
  }
}

type Found = { kind: 'elsewhere'; url: string } | { kind: 'dead'; text: string } | { kind: 'starting' }

async function whoServes(path: string, pid: number): Promise<Found> {
  const read = readNote(path)
  if (read === null) return { kind: 'starting' } // gone meanwhile: try again
  const { text, note, ageMs } = read
  if (note === null || note.url === null) {
    const alive = note !== null && note.pid !== pid && isAlive(note.pid)
    return ageMs > START_LIMIT_MS || (note !== null && !alive) ? { kind: 'dead', text } : { kind: 'starting' }
  }
  const answer = await ask(note.url)
  if (answer === 'ours') return { kind: 'elsewhere', url: note.url }
  if (answer === 'nobody' || note.pid === pid || !isAlive(note.pid)) return { kind: 'dead', text }
  throw new Error(
    `Process ${note.pid} serves this data folder and does not answer: wait for it, end it, or choose another folder with --data. ` +
      `If it is another program, remove ${path}.`,
  )
}

/** Only the note that was judged: another start may have put its own there meanwhile. */
function putAway(path: string, judged: string, aside: string): void {
  try {
    renameSync(path, aside)
    if (readFileSync(aside, 'utf8') === judged) rmSync(aside, { force: true })
    else renameSync(aside, path)
  } catch {
    // Another start was faster.
  }
}

function readNote(path: string): { text: string; note: Note | null; ageMs: number } | null {
  try {
    const text = readFileSync(path, 'utf8')
    const ageMs = Date.now() - statSync(path).mtimeMs
    return { text, note: parseNote(text), ageMs }
  } catch {
    return null
  }
}

function parseNote(text: string): Note | null {
  try {
    const { url, pid } = JSON.parse(text) as Partial<Note>
    // Earlier versions noted no process.
    return { url: typeof url === 'string' ? url : null, pid: typeof pid === 'number' ? pid : 0 }
  } catch {
    return null
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return pid > 0
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** Whether a lab with this token answers there, nobody (or somebody else) does, or it is not known. */
async function ask(url: string): Promise<'ours' | 'nobody' | 'silent'> {
  try {
    const { origin, hash } = new URL(url)
    const answer = await fetch(`${origin}${HELLO_PATH}`, {
      method: 'POST',
      headers: { origin, 'content-type': 'application/json' },
      body: JSON.stringify({ secret: hash.replace('#token=', '') }),
      signal: AbortSignal.timeout(ANSWER_LIMIT_MS),
    })
    return answer.ok ? 'ours' : 'nobody'
  } catch (error) {
    return error instanceof DOMException && error.name === 'TimeoutError' ? 'silent' : 'nobody'
  }
}

/** The reason in words, for the codes that people meet. */
function why(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException
  switch (code) {
    case 'EACCES':
    case 'EPERM':
      return 'you may not write there'
    case 'EROFS':
      return 'the disk is read-only'
    case 'ENOSPC':
      return 'the disk is full'
    case 'EEXIST':
    case 'ENOTDIR':
      return 'a file stands in its place'
    default:
      return message
  }
}
