/** The comparison of two runs as rows of a table and as text for a file. Pure. */
import type { ComparedFlow, ComparedRuns, HopEvent, Pair } from '../../../core/contract/index.ts'
import { formatCount, formatDuration, formatTime } from '../../ui/format.ts'

export type Cell = { text: string; note: string }
export type Line = {
  key: string
  what: string
  before: Cell
  after: Cell
  /** How much more there is after than before; null where that is no number. */
  more: number | null
  /** Number of the flow in the run in view, to open its ladder. */
  flow: number | null
}
export type Part = {
  id: 'outcomes' | 'pushes' | 'flows' | 'counters' | 'alarms' | 'devices'
  title: string
  lines: Line[]
  unlisted: number
}

const NONE: Cell = { text: 'none', note: '' }
const cell = (text: string, note = ''): Cell => ({ text, note })

const number = (pair: Pair<number>): Pick<Line, 'before' | 'after' | 'more' | 'flow'> => ({
  before: pair.before === null ? NONE : cell(formatCount(pair.before)),
  after: pair.after === null ? NONE : cell(formatCount(pair.after)),
  more: (pair.after ?? 0) - (pair.before ?? 0),
  flow: null,
})

function flowCell(flow: ComparedFlow | null): Cell {
  if (flow === null) return cell('there is none')
  const span = (word: string, ms: number | null): string => (ms === null ? '' : `${word} after ${formatDuration(ms)}`)
  const times = [
    span('pushed', flow.pushAfterMs),
    span('offered', flow.offeredAfterMs),
    span('answered', flow.answeredAfterMs),
    span('ended', flow.endedAfterMs),
  ].filter((text) => text !== '')
  const cause = flow.cause === '' ? '' : `${flow.cause}${flow.causeWhy === '' ? '' : ` [${flow.causeWhy}]`}`
  return cell(flow.state, [...times, cause].filter((text) => text !== '').join(', '))
}

/** How much longer it lasted, where both have come to an end. */
function longer({ before, after }: Pair<ComparedFlow>): number | null {
  const from = before?.endedAfterMs ?? null
  const to = after?.endedAfterMs ?? null
  return from === null || to === null ? null : to - from
}

export function partsOf(runs: ComparedRuns): Part[] {
  const parts: Part[] = [
    {
      id: 'outcomes',
      title: 'Outcomes of calls and messages',
      lines: runs.outcomes.map((each) => ({ key: each.state, what: each.state, ...number(each) })),
      unlisted: 0,
    },
    {
      id: 'pushes',
      title: 'Pushes by state',
      lines: runs.pushes.map((each) => ({ key: each.state, what: each.state, ...number(each) })),
      unlisted: 0,
    },
    {
      id: 'flows',
      title: 'Calls and messages that differ',
      lines: runs.flows.map((each, i) => ({
        key: `${i}`,
        what: each.title,
        before: flowCell(each.before),
        after: flowCell(each.after),
        more: longer(each),
        flow: each.after?.flow ?? null,
      })),
      unlisted: runs.more.flows,
    },
    {
      id: 'alarms',
      title: 'Alarms',
      lines: runs.alarms.map(({ name, node, before, after }) => {
        const one = (alarm: typeof before): Cell =>
          alarm === null
            ? cell('not raised')
            : cell(
                `${formatCount(alarm.count)} ${alarm.count === 1 ? 'time' : 'times'}`,
                `from ${formatTime(alarm.raisedAt)}${alarm.clearedAt === null ? ', not cleared' : `, cleared at ${formatTime(alarm.clearedAt)}`}`,
              )
        return {
          key: `${node} ${name}`,
          what: `${name} on ${node}`,
          before: one(before),
          after: one(after),
          more: (after?.count ?? 0) - (before?.count ?? 0),
          flow: null,
        }
      }),
      unlisted: runs.more.alarms,
    },
    {
      id: 'counters',
      title: 'Counters',
      lines: runs.counters.map((each) => ({ key: `${each.node} ${each.name}`, what: `${each.node} ${each.name}`, ...number(each) })),
      unlisted: runs.more.counters,
    },
    {
      id: 'devices',
      title: 'Devices at the end',
      lines: runs.devices.map(({ device, before, after }) => {
        const one = (row: typeof before): Cell =>
          row === null
            ? cell('not there')
            : cell(
                row.state,
                `${row.registeredTo === null ? 'not registered' : `at ${row.registeredTo}`}, ${row.missedCalls} missed, ${row.unread} unread`,
              )
        return { key: device, what: device, before: one(before), after: one(after), more: null, flow: null }
      }),
      unlisted: runs.more.devices,
    },
  ]
  return parts.filter(({ lines }) => lines.length > 0)
}

/** `+3`, `−12`, `+1.2 s`; empty where nothing can be subtracted. */
export function moreText(part: Part['id'], more: number | null): string {
  if (more === null) return ''
  if (more === 0) return '±0'
  const sign = more > 0 ? '+' : '−'
  return `${sign}${part === 'flows' ? formatDuration(Math.abs(more)) : formatCount(Math.abs(more))}`
}

export const hopWords = (event: HopEvent | null): string =>
  event === null
    ? 'nothing more happens'
    : `${formatTime(event.at)} ${event.from}${event.from === event.to ? '' : ` to ${event.to}`}, ${event.message}: ${event.outcome} [${event.why}]`

/** For a mail or a ticket: Markdown, every difference that the lab has told. */
export function asText(runs: ComparedRuns & { forkedAt: number }, title: string): string {
  const escape = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ')
  const full = ({ text, note }: Cell): string => escape(note === '' ? text : `${text}, ${note}`)
  const lines = [
    `# Two runs of ${title}`,
    '',
    `Forked at ${formatTime(runs.forkedAt)}, both run to ${formatTime(runs.untilMs)}; ${runs.events.before ?? 0} events before, ${runs.events.after ?? 0} after.`,
    '',
  ]
  if (runs.same) return [...lines, 'The two runs are the same, event by event.', ''].join('\n')
  if (runs.firstDifference)
    lines.push(
      'First difference:',
      '',
      `- before: ${hopWords(runs.firstDifference.before)}`,
      `- after: ${hopWords(runs.firstDifference.after)}`,
      '',
    )
  for (const part of partsOf(runs)) {
    lines.push(`## ${part.title}`, '', '| What | Before | After | More |', '|---|---|---|---|')
    for (const line of part.lines)
      lines.push(`| ${escape(line.what)} | ${full(line.before)} | ${full(line.after)} | ${moreText(part.id, line.more)} |`)
    if (part.unlisted > 0) lines.push('', `And ${part.unlisted} more.`)
    lines.push('')
  }
  return lines.join('\n')
}
