/** LocalPushSSIDList, the value an administrator types: up to ten Wi-Fi names separated by semicolons (LPNS-07, DEC-28). */
import { SSIDS_MAX } from '../contract/values.ts'

export type SsidList = { ok: true; ssids: string[] } | { ok: false; problems: string[] }

const ALPHANUMERIC = /^[A-Za-z0-9]{1,32}$/

/**
 * What is in the list, in its order. Entries are trimmed and hold letters and digits only; `asTyped` keeps each
 * entry, blanks and all, as a device would find it in its file.
 */
export function readSsidList(text: string, asTyped = false): SsidList {
  const entries = text.split(';')
  if (asTyped) return { ok: true, ssids: entries.filter((each) => each !== '').slice(0, SSIDS_MAX) }
  const ssids = entries.map((each) => each.trim())
  const problems: string[] = []
  if (ssids.length > SSIDS_MAX) problems.push(`${ssids.length} Wi-Fi names: the list takes at most ${SSIDS_MAX}`)
  ssids.forEach((each, index) => {
    if (each === '') problems.push(`entry ${index + 1} is empty: two semicolons follow each other, or one stands at an end`)
    else if (!ALPHANUMERIC.test(each)) problems.push(`"${each}": a Wi-Fi name holds letters and digits only, at most 32`)
    else if (ssids.indexOf(each) !== index) problems.push(`"${each}" stands twice`)
  })
  return problems.length > 0 ? { ok: false, problems } : { ok: true, ssids }
}
