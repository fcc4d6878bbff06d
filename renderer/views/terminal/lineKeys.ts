/** Going through what was typed before, as a shell does. */

/** `at` counts from the newest: 0 is the line that is being typed. */
export type Recall = { at: number; draft: string }
export const AT_REST: Recall = { at: 0, draft: '' }

/** One step back (1) or forward (-1); null when there is nothing further. The line being typed is kept for the way back. */
export function recall(history: readonly string[], now: Recall, step: 1 | -1, typed: string): { recall: Recall; line: string } | null {
  const at = now.at + step
  if (at < 0 || at > history.length) return null
  const draft = now.at === 0 ? typed : now.draft
  return { recall: { at, draft }, line: at === 0 ? draft : (history[history.length - at] ?? '') }
}

/** Asks for help at once, as on the real CLI; not inside quotes, where it is a character like others, nor in SQL. */
export function asksForHelp(line: string): boolean {
  const quotes = line.split('"').length - 1
  return quotes % 2 === 0 && !/^\s*run\s+sql\b/i.test(line)
}

/** A pasted text as lines: all but the last are run at once, the last stays to be edited unless it was ended, too. */
export function pasted(before: string, text: string, after: string): { run: string[]; left: string; caret: number } {
  const lines = text.replace(/\r\n?/g, '\n').split('\n')
  const last = lines.pop() ?? ''
  if (lines.length === 0) return { run: [], left: `${before}${last}${after}`, caret: before.length + last.length }
  const [first = '', ...rest] = lines
  return { run: [`${before}${first}`, ...rest].filter((line) => line.trim() !== ''), left: `${last}${after}`, caret: last.length }
}

/** Titles, a rule of equal signs below them, rows: the answer of SQL. */
export const isTable = (output: string): boolean => /^[^\n]*\n=[= ]*\n/.test(output)
