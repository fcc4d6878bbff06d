/** A plain tar archive (ustar) as text: whoever saves it as UTF-8 has a file that any `tar` opens. */

export type TarEntry = { path: string; text: string }

const BLOCK = 512
/** ustar keeps names of at most this many bytes, and folders before them of this many. */
const NAME_MAX = 100
const FOLDER_MAX = 155

/** Bytes of a text in UTF-8. */
export function utf8Bytes(text: string): number {
  let bytes = 0
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code < 0x80) bytes += 1
    else if (code < 0x800) bytes += 2
    else if (code >= 0xd800 && code < 0xdc00 && isLow(text.charCodeAt(i + 1))) {
      bytes += 4
      i++
    } else bytes += 3
  }
  return bytes
}

const isLow = (code: number): boolean => code >= 0xdc00 && code < 0xe000

/**
 * @param mtimeS seconds since 1970 of all entries.
 * @throws RangeError for a path that ustar cannot hold.
 */
export function tar(entries: readonly TarEntry[], mtimeS: number): string {
  const parts: string[] = []
  for (const { path, text } of entries) {
    const bytes = utf8Bytes(text)
    parts.push(header(path, bytes, mtimeS), text, '\0'.repeat((BLOCK - (bytes % BLOCK)) % BLOCK))
  }
  parts.push('\0'.repeat(2 * BLOCK))
  return parts.join('')
}

function header(path: string, bytes: number, mtimeS: number): string {
  const { folder, name } = split(path)
  const octal = (value: number, width: number): string => `${value.toString(8).padStart(width - 1, '0')}\0`
  const before = [name.padEnd(NAME_MAX, '\0'), octal(0o644, 8), octal(0, 8), octal(0, 8), octal(bytes, 12), octal(mtimeS, 12)].join('')
  const owner = 'lab'.padEnd(32, '\0')
  const after = ['0', '\0'.repeat(100), 'ustar\0', '00', owner, owner, octal(0, 8), octal(0, 8), folder].join('')
  let sum = 8 * 32 // the checksum itself counts as blanks
  for (const part of [before, after]) for (let i = 0; i < part.length; i++) sum += part.charCodeAt(i)
  return `${before}${sum.toString(8).padStart(6, '0')}\0 ${after}`.padEnd(BLOCK, '\0')
}

function split(path: string): { folder: string; name: string } {
  const cut = path.length > NAME_MAX ? path.lastIndexOf('/', FOLDER_MAX) : -1
  const name = path.slice(cut + 1)
  if (path.length === 0 || name.length === 0 || name.length > NAME_MAX || /[^ -~]/.test(path))
    throw new RangeError(`tar cannot hold the name "${path}"`)
  return { folder: cut < 0 ? '' : path.slice(0, cut), name }
}
