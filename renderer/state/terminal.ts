/**
 * The command line of each node as the window keeps it: what was said, what is being typed, what was typed before. Lines that came
 * in one go (a paste) run one after the other.
 */
import { defineStore } from 'pinia'
import { computed, ref, shallowRef, watch } from 'vue'
import type { CliCompletion, Failure, NodeRow } from '../../core/contract/index.ts'
import { formatTime } from '../ui/format.ts'
import { useLab } from './lab.ts'
import { onOtherLab } from './otherLab.ts'
import { useSelection } from './selection.ts'

/** `help`: asked with `?`. `note`: of the window, not of the node. */
export type Entry = {
  id: number
  kind: 'command' | 'help' | 'note'
  line: string
  /** Null while the answer is under way. */
  output: string | null
  failed: boolean
}

/** Lines of output that a terminal keeps; what is older is dropped, and the terminal says so. */
export const LINES_KEPT = 10_000
/** Lines that one paste may bring. */
export const PASTE_MAX = 200
/** What was typed, per node. */
export const HISTORY_KEPT = 200
/** Nodes whose history is kept over a restart. */
const HISTORY_NODES = 30
const HISTORY_KEY = 'terminalHistory'

type History = Record<string, string[]>

/** Whatever stands in the settings: only what makes sense is taken. */
export function readHistory(kept: unknown): History {
  const found: History = {}
  if (typeof kept !== 'object' || kept === null || Array.isArray(kept)) return found
  for (const [node, lines] of Object.entries(kept).slice(-HISTORY_NODES)) {
    if (Array.isArray(lines)) found[node] = lines.filter((line) => typeof line === 'string').slice(-HISTORY_KEPT)
  }
  return found
}

/** A token that was typed stays in this window and goes nowhere else. */
export const mayBeKept = (line: string): boolean => !/refreshtoken\s*=/i.test(line)

const linesIn = (text: string): number => {
  let count = 1
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) count += 1
  return count
}

/** The newest entries that are within the limit, and whether something older had to go. */
export function withinLimit(entries: readonly Entry[], limit = LINES_KEPT): { entries: readonly Entry[]; dropped: boolean } {
  let lines = 0
  for (let i = entries.length - 1; i >= 0; i--) {
    lines += 1 + linesIn(entries[i]?.output ?? '')
    if (lines > limit && i < entries.length - 1) return { entries: entries.slice(i + 1), dropped: true }
  }
  return { entries, dropped: false }
}

const failureText = (reply: Failure): string =>
  [
    reply.message,
    ...reply.issues.map(({ path, message, fix }) => `${path === '' ? '' : `${path}: `}${message}${fix === undefined ? '' : ` - ${fix}`}`),
  ].join('\n')

const isCli = (node: NodeRow): boolean => node.family === 'ucm' || node.family === 'imp'

export const useTerminal = defineStore('terminal', () => {
  const lab = useLab()
  const selection = useSelection()

  const logs = shallowRef<ReadonlyMap<string, readonly Entry[]>>(new Map())
  const cut = shallowRef<ReadonlySet<string>>(new Set())
  const drafts = ref<Record<string, string>>({})
  const queues = shallowRef<ReadonlyMap<string, readonly string[]>>(new Map())
  const running = shallowRef<ReadonlySet<string>>(new Set())
  const history = shallowRef<History>({})
  const chosen = ref('')
  let nextId = 1
  /** Another lab may have nodes of the same names. */
  let era = 0

  const nodes = computed(() => [...lab.nodes.values()].filter(isCli))
  const node = computed(() => (nodes.value.some(({ id }) => id === chosen.value) ? chosen.value : (nodes.value[0]?.id ?? '')))

  const entriesOf = (id: string): readonly Entry[] => logs.value.get(id) ?? []
  const write = (id: string, entries: readonly Entry[]): void => {
    const kept = withinLimit(entries)
    logs.value = new Map(logs.value).set(id, kept.entries)
    if (kept.dropped && !cut.value.has(id)) cut.value = new Set(cut.value).add(id)
  }
  const add = (id: string, entry: Omit<Entry, 'id'>): number => {
    const number = nextId++
    write(id, [...entriesOf(id), { ...entry, id: number }])
    return number
  }
  const finish = (id: string, number: number, output: string, failed: boolean): void => {
    write(
      id,
      entriesOf(id).map((entry) => (entry.id === number ? { ...entry, output, failed } : entry)),
    )
  }
  const note = (id: string, text: string): void => {
    add(id, { kind: 'note', line: text, output: '', failed: false })
  }

  const remember = (id: string, line: string): void => {
    const past = history.value[id] ?? []
    if (line.trim() === '' || past.at(-1) === line) return
    history.value = { ...history.value, [id]: [...past, line].slice(-HISTORY_KEPT) }
    if (!mayBeKept(line)) return
    const kept = Object.fromEntries(
      Object.entries(history.value)
        .slice(-HISTORY_NODES)
        .map(([node, lines]) => [node, lines.filter(mayBeKept)]),
    )
    void lab.invoke('settings.set', { settings: { [HISTORY_KEY]: kept } })
  }
  let asked = false
  const loadHistory = async (): Promise<void> => {
    if (asked) return
    asked = true
    const reply = await lab.invoke('settings.get', {})
    if (!reply.ok) return void (asked = false)
    const kept = readHistory(reply.value.settings[HISTORY_KEY])
    // Typed before the answer came: it is newer.
    const merged: History = { ...kept }
    for (const [id, lines] of Object.entries(history.value)) merged[id] = [...(kept[id] ?? []), ...lines].slice(-HISTORY_KEPT)
    history.value = merged
  }

  const say = async (id: string, line: string, kind: 'command' | 'help'): Promise<void> => {
    const mine = era
    const number = add(id, { kind, line, output: null, failed: false })
    const reply = await lab.invoke('cli.run', { node: id, line })
    if (mine !== era) return
    if (reply.ok) finish(id, number, reply.value.output, reply.value.failed)
    else finish(id, number, failureText(reply), true)
  }

  /** Runs what waits for this node, in its order. */
  const work = async (id: string): Promise<void> => {
    if (running.value.has(id)) return
    const mine = era
    running.value = new Set(running.value).add(id)
    for (;;) {
      const [line, ...rest] = queues.value.get(id) ?? []
      if (line === undefined) break
      queues.value = new Map(queues.value).set(id, rest)
      remember(id, line)
      // An empty line is an empty prompt, as everywhere.
      if (line.trim() === '') add(id, { kind: 'command', line: '', output: '', failed: false })
      else await say(id, line, 'command')
      if (mine !== era) return
    }
    const left = new Set(running.value)
    left.delete(id)
    running.value = left
  }

  const run = (id: string, lines: readonly string[]): Promise<void> => {
    const waiting = queues.value.get(id) ?? []
    const taken = lines.slice(0, PASTE_MAX)
    queues.value = new Map(queues.value).set(id, [...waiting, ...taken])
    if (lines.length > taken.length)
      note(id, `Of ${lines.length} lines that were pasted the first ${PASTE_MAX} are run; paste the rest afterwards.`)
    return work(id)
  }
  const help = (id: string, line: string): Promise<void> => say(id, `${line}?`, 'help')

  /** What still waits is dropped; the line that is under way is not. */
  const cancel = (id: string): number => {
    const waiting = queues.value.get(id)?.length ?? 0
    queues.value = new Map(queues.value).set(id, [])
    if (waiting > 0) note(id, `Stopped: ${waiting} line${waiting === 1 ? '' : 's'} that waited ${waiting === 1 ? 'was' : 'were'} not run.`)
    return waiting
  }
  const abandon = (id: string, line: string): void => {
    add(id, { kind: 'command', line: `${line}^C`, output: '', failed: false })
  }
  const clear = (id: string): void => {
    logs.value = new Map(logs.value).set(id, [])
    const left = new Set(cut.value)
    left.delete(id)
    cut.value = left
  }
  const complete = async (id: string, line: string): Promise<CliCompletion | null> => {
    const reply = await lab.invoke('cli.complete', { node: id, line })
    if (reply.ok) return reply.value
    note(id, reply.message)
    return null
  }

  const goTo = (id: string): void => {
    chosen.value = id
    selection.view = 'terminal'
  }

  onOtherLab(() => {
    era += 1
    logs.value = new Map()
    cut.value = new Set()
    queues.value = new Map()
    running.value = new Set()
    drafts.value = {}
  })
  // What stands above was said at another moment, and may be undone.
  watch(
    () => lab.clock.jumps,
    () => {
      for (const [id, entries] of logs.value)
        if (entries.length > 0 && entries.at(-1)?.kind !== 'note') note(id, `Time has moved to ${formatTime(lab.clock.now)}.`)
    },
  )

  return {
    nodes,
    node,
    chosen,
    drafts,
    history,
    cut,
    entriesOf,
    waiting: (id: string): number => queues.value.get(id)?.length ?? 0,
    isRunning: (id: string): boolean => running.value.has(id),
    loadHistory,
    run,
    help,
    cancel,
    abandon,
    clear,
    complete,
    goTo,
  }
})
