/** How `lab run` looks to people: the hops one below the other, the flows, the verdict. */
import type { HopEvent } from '../../core/contract/event.ts'
import type { Verdict } from '../../core/contract/results.ts'
import type { AlarmRow, FlowRow } from '../../core/contract/rows.ts'
import { clockText, outcomeText, printable, spanText } from '../../core/ladder/words.ts'

const PLACE_WIDTH = 22

/** A state is a sign and, where it matters, a word. */
const SIGN: Record<HopEvent['status'], string> = { ok: '+', info: '.', wait: '~', warn: '!', fail: 'x', lost: '?' }

export function hopText(hop: HopEvent): string {
  const flow = hop.flow === 0 ? '' : `#${hop.flow}`
  const took = hop.at > hop.sentAt ? ` (${spanText(hop.at - hop.sentAt)})` : ''
  const arrow =
    hop.from === hop.to
      ? printable(hop.from).padEnd(PLACE_WIDTH * 2 + 4)
      : `${printable(hop.from).padEnd(PLACE_WIDTH)} -> ${printable(hop.to).padEnd(PLACE_WIDTH)}`
  const outcome = outcomeText(hop)
  return [
    clockText(hop.at),
    flow.padStart(4),
    SIGN[hop.status],
    arrow,
    hop.carrier.padEnd(6),
    `${printable(hop.message)}${outcome === '' ? '' : ` | ${outcome}`}${took}  [${hop.why}]`,
  ].join('  ')
}

export function flowText(flow: FlowRow): string {
  const cause = flow.cause === '' ? '' : `: ${printable(flow.cause)} [${flow.causeWhy}]`
  return `  #${flow.flow}  ${printable(flow.title)}  ${flow.state}${cause}`
}

export function alarmText(alarm: AlarmRow): string {
  const times = alarm.count > 1 ? `, ${alarm.count} times` : ''
  const cleared = alarm.clearedAt === null ? '' : `, cleared at ${clockText(alarm.clearedAt)}`
  return `  ${alarm.severity}  ${alarm.name} on ${alarm.node} at ${clockText(alarm.raisedAt)}${times}${cleared}: ${printable(alarm.text)}`
}

export function verdictLines(verdict: Verdict): string[] {
  if (verdict.results.length === 0) return ['This scenario expects nothing; add an "expect" part to make it a test.']
  const metCount = verdict.results.filter((result) => result.met).length
  return [
    `${metCount} of ${verdict.results.length} expectations hold:`,
    ...verdict.results.flatMap(({ index, text, met, found }) => [
      `  ${met ? 'holds   ' : 'NOT MET '} ${index + 1}. ${printable(text)}`,
      `             ${printable(found)}`,
    ]),
  ]
}
