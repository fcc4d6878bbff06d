/** Reads a scenario or a recorded run, or standard input for '-'. The size is bounded before the text is in memory. */
import { open } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import { printable } from '../../core/ladder/words.ts'
import { SCENARIO_LIMITS } from '../../core/contract/scenario.ts'
import { MAX_JOURNAL_BYTES } from '../../core/wire/runFile.ts'

export type ReadText = { ok: true; text: string } | { ok: false; message: string }

const LIMITS = `a scenario has at most ${SCENARIO_LIMITS.fileBytes} (8 MiB), a recorded run ${MAX_JOURNAL_BYTES} (64 MiB)`

export async function readText(file: string, stdin: Readable): Promise<ReadText> {
  const name = file === '-' ? 'standard input' : file === '' ? 'the file name ""' : printable(file)
  try {
    return { ok: true, text: file === '-' ? await readStream(stdin) : await readFile(file) }
  } catch (error) {
    return { ok: false, message: `${name}: ${reason(error)}` }
  }
}

async function readFile(file: string): Promise<string> {
  const handle = await open(file, 'r')
  try {
    const stat = await handle.stat()
    if (stat.isDirectory()) throw new Error(FOLDER)
    if (stat.size > MAX_JOURNAL_BYTES) throw new Error(`the file has ${stat.size} bytes; ${LIMITS}`)
    return await readStream(handle.createReadStream({ autoClose: false }))
  } finally {
    await handle.close()
  }
}

async function readStream(stream: Readable): Promise<string> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of stream) {
    const piece = Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk))
    chunks.push(piece)
    bytes += piece.length
    if (bytes > MAX_JOURNAL_BYTES) throw new Error(`there is no end after ${bytes} bytes; ${LIMITS}`)
  }
  return Buffer.concat(chunks).toString('utf8')
}

const FOLDER = 'is a folder, not a file'

function reason(error: unknown): string {
  const code = (error as NodeJS.ErrnoException).code
  switch (code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return 'there is no such file'
    case 'EACCES':
    case 'EPERM':
      return 'this file may not be read'
    case 'EISDIR':
      return FOLDER
    case 'ENAMETOOLONG':
      return 'the name is too long for a file'
    case 'ENXIO':
      return 'nothing can be read from it'
    default:
      return error instanceof Error ? error.message : String(error)
  }
}
