/** Expectations about what is there at the end: alarms, counters, states, pushes and findings. */
import { parseDurationMs } from '../contract/values.ts'
import type { AlarmRow, CounterRow, FindingRow, LabRow, MessageState, PushRow, PushState, Row } from '../contract/rows.ts'
import { MESSAGE_STATES, PUSH_STATES } from '../contract/rows.ts'
import type { Expectation } from '../contract/scenario.ts'
import { clockText } from '../ladder/words.ts'
import { shown } from './complaint.ts'
import { COUNTER_NAMES } from './counterNames.ts'
import { isExpression, matcher } from './pattern.ts'
import type { Judged, JudgeView, Watch } from './watch.ts'

type Of<K extends string> = Extract<Expectation, Record<K, unknown>>

const few = (texts: readonly string[]): string =>
  texts.length <= 6 ? texts.join(', ') : `${texts.slice(0, 6).join(', ')} and ${texts.length - 6} more`

export function judgeAlarm(expectation: Of<'alarm'>): Watch {
  const name = matcher(expectation.alarm)
  const node = expectation.node === undefined ? null : matcher(expectation.node)
  const { raised, cleared, times, at, before, after } = expectation
  const words = [`alarm ${name.text}`]
  if (node !== null) words.push(`on node ${node.text}`)
  words.push(raised ? 'raised' : 'not raised')
  if (times !== undefined) words.push(`${times} times`)
  if (at !== undefined) words.push(`at ${clockText(at)}`)
  if (after !== undefined) words.push(`later than ${clockText(after)}`)
  if (before !== undefined) words.push(`earlier than ${clockText(before)}`)
  if (cleared !== undefined) words.push(cleared ? 'and cleared' : 'and still standing')

  const judge = (view: JudgeView): Judged => {
    const all = view.rows('alarm') as readonly AlarmRow[]
    const named = all.filter((row) => name.test(row.name) && (node === null || node.test(row.node)))
    const fitting = named.filter(
      (row) =>
        (at === undefined || row.raisedAt === at) &&
        (before === undefined || row.raisedAt < before) &&
        (after === undefined || row.raisedAt > after) &&
        (cleared === undefined || (row.clearedAt !== null) === cleared),
    )
    const count = fitting.reduce((sum, row) => sum + row.count, 0)
    const found = (rows: readonly AlarmRow[]) =>
      few(
        rows.map(
          (row) =>
            `${row.name} on ${row.node} at ${clockText(row.raisedAt)}${row.count > 1 ? `, ${row.count} times` : ''}` +
            (row.clearedAt === null ? '' : `, cleared at ${clockText(row.clearedAt)}`),
        ),
      )
    if (!raised) return { met: fitting.length === 0, found: fitting.length === 0 ? 'none, as expected' : found(fitting) }
    const met = times === undefined ? fitting.length > 0 : count === times
    if (named.length > 0) return { met, found: found(fitting.length > 0 ? fitting : named) }
    if (met) return { met, found: 'none, as expected' }
    return { met, found: all.length === 0 ? 'no alarm was raised' : `only ${found(all)}` }
  }
  return { text: words.join(' '), judge }
}

export function judgeCounter(expectation: Of<'counter'>): Watch {
  const name = matcher(expectation.counter)
  const node = expectation.node === undefined ? null : matcher(expectation.node)
  const { is, atLeast } = expectation
  const bounds = [is === undefined ? '' : `is ${is}`, atLeast === undefined ? '' : `is at least ${atLeast}`].filter((part) => part !== '')
  const where = node === null ? ' over all nodes' : ` on node ${node.text}`

  const judge = (view: JudgeView): Judged => {
    const onNode = (view.rows('counter') as readonly CounterRow[]).filter((row) => node === null || node.test(row.node))
    // NumberOfPushReqSent is also a part of other names: the exact name, where there is one, is what is meant.
    const exact = onNode.filter((row) => row.name.toLowerCase() === expectation.counter.toLowerCase())
    const rows = exact.length > 0 ? exact : onNode.filter((row) => name.test(row.name) || name.test(row.id))
    // A counter has no row before it moves; one that the lab does not know at all never holds.
    if (rows.length === 0 && !COUNTER_NAMES.has(expectation.counter)) return { met: false, found: 'there is no such counter' }
    const value = rows.reduce((sum, row) => sum + row.value, 0)
    const met = (is === undefined || value === is) && (atLeast === undefined || value >= atLeast)
    return { met, found: rows.length <= 1 ? `it is ${value}` : `it is ${value}: ${few(rows.map((row) => `${row.id} ${row.value}`))}` }
  }
  return { text: `counter ${name.text}${where} ${bounds.join(' and ')}`, judge }
}

export function judgeState(expectation: Of<'state'>): Watch {
  const { state, has } = expectation
  const fields = Object.entries(has)
  const subject = Object.entries(state).map(([kind, id]) => `${kind} ${String(id)}`)[0] ?? 'nothing'

  const judge = (view: JudgeView): Judged => {
    const row = rowFor(state, view)
    if (row === undefined) return { met: false, found: `there is no ${subject}` }
    const wrong: string[] = []
    for (const [path, expected] of fields) {
      const values = valuesAt(row, path.split('.'))
      if (values.length === 0) wrong.push(`${path} is not there`)
      else if (!values.some((value) => fits(expected, value))) wrong.push(`${path} is ${few(values.map(inFull))}`)
    }
    return wrong.length === 0 ? { met: true, found: 'as expected' } : { met: false, found: wrong.join('; ') }
  }
  return { text: `${subject} has ${fields.map(([path, value]) => `${path} ${inFull(value)}`).join(', ')}`, judge }
}

function rowFor(state: Of<'state'>['state'], view: JudgeView): Row | undefined {
  const { device, node, flow, push, imNode } = state
  if (device !== undefined) return view.rows('device').find((row) => row.kind === 'device' && row.id === device)
  if (node !== undefined) return view.rows('node').find((row) => row.kind === 'node' && row.id === node)
  if (imNode !== undefined) return view.rows('imNode').find((row) => row.kind === 'imNode' && row.id === imNode)
  if (flow !== undefined) return view.rows('flow').find((row) => row.kind === 'flow' && row.flow === flow)
  if (push === undefined) return undefined
  // Pushes by number: 1 is the first that was created.
  const pushes = (view.rows('push') as readonly PushRow[]).map((row, index) => ({ row, index }))
  pushes.sort((a, b) => a.row.createdAt - b.row.createdAt || a.index - b.index)
  return pushes[push - 1]?.row
}

/** `screen.banners.*.kind` gives the kind of every banner; `length` counts a list. */
function valuesAt(value: unknown, path: readonly string[]): unknown[] {
  const [step, ...rest] = path
  if (step === undefined) return [value]
  if (Array.isArray(value)) {
    if (step === '*') return value.flatMap((item) => valuesAt(item, rest))
    if (step === 'length') return valuesAt(value.length, rest)
  }
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return []
  return valuesAt((value as Record<string, unknown>)[step], rest)
}

/** Text is equal without regard to case, or matches between slashes; durations fit numbers; groups may leave fields out. */
function fits(expected: unknown, actual: unknown): boolean {
  if (typeof expected === 'string') {
    if (isExpression(expected)) return matcher(expected).test(String(actual))
    if (typeof actual === 'string') return actual.toLowerCase() === expected.toLowerCase()
    return typeof actual === 'number' && parseDurationMs(expected) === actual
  }
  if (Array.isArray(expected)) {
    return Array.isArray(actual) && actual.length === expected.length && expected.every((item, i) => fits(item, actual[i]))
  }
  if (typeof expected === 'object' && expected !== null) {
    if (typeof actual !== 'object' || actual === null) return false
    return Object.entries(expected).every(
      ([key, value]) => Object.hasOwn(actual, key) && fits(value, (actual as Record<string, unknown>)[key]),
    )
  }
  return expected === actual
}

function inFull(value: unknown): string {
  if (value === null || typeof value !== 'object') return value === null ? 'null' : shown(value)
  const text = JSON.stringify(value)
  return text.length > 160 ? `${text.slice(0, 157)}...` : text
}

export function judgePushes(expectation: Of<'pushes'>): Watch {
  const wanted = Object.entries(expectation.pushes)
  const judge = (view: JudgeView): Judged => {
    const lab = view.rows('lab').find((row): row is LabRow => row.kind === 'lab')
    if (lab === undefined) return { met: false, found: 'the lab counts no pushes' }
    const countOf = (state: string) => (state === 'total' ? lab.pushesCreated : lab.pushStates[state as PushState])
    const met = wanted.every(([state, count]) => countOf(state) === count)
    const there = PUSH_STATES.filter((state) => lab.pushStates[state] > 0).map((state) => `${state} ${lab.pushStates[state]}`)
    return { met, found: there.length === 0 ? 'no push was created' : `${there.join(', ')}; ${lab.pushesCreated} in total` }
  }
  return { text: `pushes by state: ${wanted.map(([state, count]) => `${state} ${count}`).join(', ')}`, judge }
}

export function judgeMessages(expectation: Of<'messages'>): Watch {
  const wanted = Object.entries(expectation.messages)
  const judge = (view: JudgeView): Judged => {
    const lab = view.rows('lab').find((row): row is LabRow => row.kind === 'lab')
    if (lab === undefined) return { met: false, found: 'the lab counts no messages' }
    const countOf = (state: string) => (state === 'total' ? lab.messagesCreated : lab.messageStates[state as MessageState])
    const met = wanted.every(([state, count]) => countOf(state) === count)
    const there = MESSAGE_STATES.filter((state) => lab.messageStates[state] > 0).map((state) => `${state} ${lab.messageStates[state]}`)
    return { met, found: there.length === 0 ? 'no message was sent' : `${there.join(', ')}; ${lab.messagesCreated} in total` }
  }
  return { text: `messages by state: ${wanted.map(([state, count]) => `${state} ${count}`).join(', ')}`, judge }
}

export function judgeFinding(expectation: Of<'finding'>): Watch {
  const match = matcher(expectation.finding)
  const { level } = expectation
  const judge = (view: JudgeView): Judged => {
    const findings = view.rows('finding') as readonly FindingRow[]
    const alike = findings.filter((row) => match.test(row.subject) || match.test(row.text) || match.test(`${row.subject}: ${row.text}`))
    const met = alike.some((row) => level === undefined || row.level === level)
    const say = (rows: readonly FindingRow[]) => few(rows.map((row) => `${row.level} ${row.subject}: ${row.text}`))
    if (alike.length > 0) return { met, found: say(alike) }
    return { met, found: findings.length === 0 ? 'there are no findings' : `nothing like it among ${findings.length} findings` }
  }
  return { text: `a finding${level === undefined ? '' : ` of level ${level}`} about ${match.text}`, judge }
}
