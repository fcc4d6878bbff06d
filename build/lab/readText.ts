/** Reads a scenario file, or standard input for '-'. The size is bounded before the text is in memory. */
import { open } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import { SCENARIO_LIMITS } from '../../core/contract/scenario.ts'

export type ReadText = { ok: true; text: string } | { ok: false; message: string }

/** One byte more than allowed is enough to know; the parser then says it with the usual words. */
const MAX_BYTES = SCENARIO_LIMITS.fileBytes + 1

export async function readText(file: string, stdin: Readable): Promise<ReadText> {
  try {
    return { ok: true, text: file === '-' ? await readStream(stdin) : await readFile(file) }
  } catch (error) {
    return { ok: false, message: `${file}: ${reason(error)}` }
  }
}

async function readFile(file: string): Promise<string> {
  const handle = await open(file, 'r')
  try {
    if ((await handle.stat()).isDirectory()) throw new Error('is a folder, not a file')
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
    if (bytes > MAX_BYTES) break
  }
  return Buffer.concat(chunks).toString('utf8')
}

function reason(error: unknown): string {
  const code = (error as NodeJS.ErrnoException).code
  switch (code) {
    case 'ENOENT':
      return 'there is no such file'
    case 'EACCES':
    case 'EPERM':
      return 'this file may not be read'
    case 'EISDIR':
      return 'is a folder, not a file'
    default:
      return error instanceof Error ? error.message : String(error)
  }
}
