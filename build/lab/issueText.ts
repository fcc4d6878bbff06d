/** `file:line:column: what is wrong`, which editors and terminals turn into a link, and the fix below it. */
import type { Issue } from '../../core/contract/door.ts'
import { printable } from '../../core/ladder/words.ts'

export function issueLines(file: string, issues: readonly Issue[]): string[] {
  const name = printable(file === '-' ? 'standard input' : file)
  return issues.flatMap(({ line, column, path, message, fix }) => [
    `${name}:${line ?? 1}:${column ?? 1}: ${printable(path === '' ? message : `${message}  [${path}]`)}`,
    ...(fix === undefined ? [] : [`    fix: ${printable(fix)}`]),
  ])
}
