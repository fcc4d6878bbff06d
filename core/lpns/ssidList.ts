/** LocalPushSSIDList, the value an administrator types: up to ten Wi-Fi names separated by semicolons (LPNS-07, DEC-28). */
import { SSIDS_MAX } from '../contract/values.ts'

/** Longest name a Wi-Fi network may have: 32 octets (IEEE 802.11). */
export const SSID_CHARACTERS_MAX = 32

export type SsidProblem = { message: string; fix: string }

export type SsidList = { ok: true; ssids: string[] } | { ok: false; problems: SsidProblem[] }

/**
 * What is in the list, in its order. Entries are trimmed and hold letters and digits only; `asTyped` keeps each
 * entry, blanks and all, as a device would find it in its file. Names match with regard to case.
 */
export function readSsidList(text: string, asTyped = false): SsidList {
  const entries = text.split(';')
  if (asTyped) return { ok: true, ssids: entries.filter((each) => each !== '').slice(0, SSIDS_MAX) }
  if (text.trim() === '')
    return { ok: false, problems: [{ message: 'the list is empty', fix: 'write a Wi-Fi name, or take the parameter out' }] }
  const ssids = entries.map((each) => each.trim())
  const problems = ssids.flatMap((each, index) => problemOf(each, index, ssids) ?? [])
  if (ssids.length > SSIDS_MAX)
    problems.unshift({ message: `${ssids.length} Wi-Fi names: the list takes at most ${SSIDS_MAX}`, fix: `keep ${SSIDS_MAX} of them` })
  return problems.length > 0 ? { ok: false, problems } : { ok: true, ssids }
}

function problemOf(name: string, index: number, all: readonly string[]): SsidProblem | null {
  if (name === '')
    return {
      message: `entry ${index + 1} is empty`,
      fix: 'put one semicolon between two names, and none at the ends',
    }
  if (!/^[A-Za-z0-9]+$/.test(name))
    return {
      message: `"${name}" holds characters that are no letters or digits`,
      fix: 'use A-Z, a-z and 0-9 only, or keep the entries as typed to see what a device makes of them',
    }
  if (name.length > SSID_CHARACTERS_MAX)
    return {
      message: `"${name}" has ${name.length} characters: a Wi-Fi name has at most ${SSID_CHARACTERS_MAX}`,
      fix: `shorten it to ${SSID_CHARACTERS_MAX}`,
    }
  const first = all.indexOf(name)
  return first === index ? null : { message: `"${name}" stands twice, as entries ${first + 1} and ${index + 1}`, fix: 'name it once' }
}
