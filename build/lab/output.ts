/**
 * Standard output that neither fills the memory when its reader is slow nor fails when its reader is gone
 * (`lab run ... | head`). Text is gathered into pieces; `settle` waits until the stream can take more.
 */
import { once } from 'node:events'
import type { Writable } from 'node:stream'

export type Output = {
  line: (text: string) => void
  /** Call between two slices of work. */
  settle: () => Promise<void>
  /** The reader went away, or nothing more can be written; there is no point in going on. */
  readonly closed: boolean
  /** Exit code of a command that stopped because of that. */
  readonly closedExit: number
}

/** As the shell reports a program that a closed pipe ended: 128 + SIGPIPE. */
const CLOSED_PIPE_EXIT = 141
/** What was asked for is not there: as with a file that cannot be read. */
const UNWRITTEN_EXIT = 2

const PIECE_CHARACTERS = 65_536

export function createOutput(stream: Writable, complaints: Writable = process.stderr): Output {
  let gathered: string[] = []
  let characters = 0
  let closed = false
  let closedExit = CLOSED_PIPE_EXIT
  let full = false
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (closed) return
    closed = true
    if (error.code === 'EPIPE' || error.code === 'ERR_STREAM_DESTROYED') return
    closedExit = UNWRITTEN_EXIT
    const why = error.code === 'ENOSPC' ? 'the disk is full' : error.message
    complaints.write(`The output is not complete: ${why}.\n`)
  })
  const flush = () => {
    if (characters === 0) return
    const text = gathered.join('')
    gathered = []
    characters = 0
    if (!closed) full = !stream.write(text)
  }
  return {
    get closed() {
      return closed
    },
    get closedExit() {
      return closedExit
    },
    line(text) {
      if (closed) return
      gathered.push(text, '\n')
      characters += text.length + 1
      if (characters >= PIECE_CHARACTERS) flush()
    },
    async settle() {
      flush()
      if (full && !closed) {
        // Either it can take more, or it is gone; both end the wait.
        const stop = new AbortController()
        await Promise.race([
          once(stream, 'drain', { signal: stop.signal }).catch(() => undefined),
          once(stream, 'close', { signal: stop.signal }).catch(() => undefined),
        ])
        stop.abort()
        full = false
      }
      // Lets a broken pipe be noticed, and Ctrl-C get through, between two slices.
      await new Promise((resolve) => setImmediate(resolve))
    },
  }
}
