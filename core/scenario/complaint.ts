/** A fault in a scenario before it has a position: where in the data, what is wrong, how to mend it. */

export type Path = readonly (string | number)[]

export type Complaint = {
  path: Path
  message: string
  fix: string
  /** Point at the name of the field rather than at its value. */
  at: 'key' | 'value'
}

export type Report = (path: Path, message: string, fix: string, at?: Complaint['at']) => void

/** `devices[2].osRelease`: the way people write a place in data. */
export function pathText(path: Path): string {
  let text = ''
  for (const step of path) {
    if (typeof step === 'number') text += `[${step}]`
    else if (/^[A-Za-z_][\w-]*$/.test(step)) text += text === '' ? step : `.${step}`
    else text += `[${JSON.stringify(step.slice(0, 40))}]`
  }
  return text
}

/** A value as it is put into a message: short, on one line, no control characters. */
export function shown(value: unknown): string {
  if (typeof value === 'string') return `"${clip(value)}"`
  if (value === null || value === undefined) return 'nothing'
  if (Array.isArray(value)) return `a list of ${value.length}`
  if (typeof value === 'object') return 'a group of fields'
  return clip(String(value))
}

function clip(text: string): string {
  // eslint-disable-next-line no-control-regex -- control characters are what must go
  const line = text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, '?')
  return line.length > 40 ? `${line.slice(0, 37)}...` : line
}
