/**
 * `npm run bench -- scale`: the failover and fallback of IM and Presence with 15,000 users as a whole process, and
 * what a user costs in labs of 1,000, 15,000 and 60,000. Each size is a process of its own. Exit code 1 when a target
 * is missed. `--sizes 1000,15000` measures fewer, `--only cost`, `--only failover` or `--only window` one part. The window
 * is the built console in a headless Chromium (npm run build first).
 */
import { spawnSync } from 'node:child_process'
import { cpus, loadavg } from 'node:os'
import { parseArgs } from 'node:util'
import { createLab, type Lab } from '../../core/lab.ts'
import { parseScenario } from '../../core/scenario/parse.ts'
import { nodeSealer } from '../../core/wire/nodeSealer.ts'
import type { Watched } from './scaleWindow.ts'

/** Targets of issue 5. */
const TARGET = { wallSeconds: 5, megabytes: 600, flatWithin: 1.3, frameMs: 20, inputMs: 100 } as const

const SIZES = [1_000, 15_000, 60_000] as const
/** The lab that the target is about. */
const MEASURED = 15_000
const ROUNDS = 5
/** Processes of each size. */
const TURNS = 5

const MINUTE = 60_000

/** Half of the users are on each node of the pair; four of five have their app in background (HA-09). */
function failoverLab(users: number): { text: string; untilMs: number; crashAt: number; startAt: number } {
  // Rebuilding takes time in proportion to the users (DEC-18), so the run does, too; 45 minutes are those of 15,000.
  const untilMs = Math.round((45 * MINUTE * Math.max(users, MEASURED)) / MEASURED)
  const [crashAt, startAt] = [MINUTE, Math.round(untilMs / 2)]
  const text = `pushlab: 1
title: Bench
until: ${untilMs}
cluster: { nodes: [{ id: ucm-pub }, { id: ucm-sub1 }] }
presence: { nodes: [{ id: imp-pub }, { id: imp-sub }] }
users: [{ id: rex, number: "1000" }]
devices: [{ id: rex-desk, owner: rex, client: deskphone, os: desktop }]
generate:
  - users: ${users}
    numbersFrom: "500000"
    devices: { jabber-ios: 70%, jabber-android: 30% }
    app: { on screen: 20%, off screen: 80% }
commands:
  - { at: ${crashAt}, do: node.crash, with: { node: imp-pub } }
  - { at: ${startAt}, do: node.start, with: { node: imp-pub } }
`
  return { text, untilMs, crashAt, startAt }
}

function open(text: string): Lab {
  const parsed = parseScenario(text, 'bench')
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.issues[0]))
  return createLab(parsed.scenario, { sealer: nodeSealer, rehearse: true })
}

const userId = (n: number): string => `user-${String(n + 1).padStart(5, '0')}`

/** The whole run: a message to every tenth user while the sessions are rebuilt, and again after the fallback. */
function failover(lab: Lab, users: number, { untilMs, crashAt, startAt }: ReturnType<typeof failoverLab>): void {
  for (const from of [crashAt + 2 * MINUTE, startAt + 2 * MINUTE]) {
    lab.runUntil(from)
    for (let n = 0; n < users; n += 10) {
      const reply = lab.command('message.send', { from: 'rex', to: userId(n), text: 'hello' })
      if (!reply.ok) throw new Error(reply.message)
      if (n % 100 === 0) lab.runUntil(lab.now + 100)
    }
  }
  lab.runUntil(untilMs)
}

function storms(lab: Lab): void {
  for (const name of ['storm.register', 'storm.background'] as const) {
    const reply = lab.command(name, { overMs: 10_000 })
    if (!reply.ok) throw new Error(reply.message)
    lab.runUntil(lab.now + MINUTE)
  }
}

// --- one process

type Whole = { wallSeconds: number; processorSeconds: number; megabytes: number; events: number; pushes: number; messages: string }

const processorSeconds = (): number => {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1_000_000
}

/** From the start of the process to the end of the run, as somebody at the command line has it. */
function measureWhole(users: number): Whole {
  const plan = failoverLab(users)
  const lab = open(plan.text)
  failover(lab, users, plan)
  const { pushes, messages, log } = lab.world
  if (!pushes.balanced() || !messages.balanced()) throw new Error('the books do not balance')
  return {
    wallSeconds: performance.now() / 1_000,
    processorSeconds: processorSeconds(),
    megabytes: process.resourceUsage().maxRSS / 1_024,
    events: log.total,
    pushes: pushes.created,
    messages: Object.entries(messages.counts)
      .filter(([, count]) => count > 0)
      .map(([state, count]) => `${count} ${state}`)
      .join(', '),
  }
}

type Cost = { open: number; failover: number; storms: number; total: number }

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN

/** Microseconds of processor time for each user. A small lab is opened as often as it takes to be as many users. */
function measureCost(users: number): Cost {
  const repeats = Math.max(1, Math.round(MEASURED / users))
  const plan = failoverLab(users)
  const collect = (globalThis as { gc?: () => void }).gc
  const round = (size: number, times: number): Cost => {
    const spent = { open: 0, failover: 0, storms: 0, total: 0 }
    const each = size === users ? plan : failoverLab(size)
    for (let n = 0; n < times; n++) {
      const t0 = processorSeconds()
      const lab = open(each.text)
      const t1 = processorSeconds()
      failover(lab, size, each)
      const t2 = processorSeconds()
      storms(lab)
      const t3 = processorSeconds()
      spent.open += t1 - t0
      spent.failover += t2 - t1
      spent.storms += t3 - t2
      spent.total += t3 - t0
    }
    collect?.()
    const per = (seconds: number): number => (seconds * 1_000_000) / (size * times)
    return { open: per(spent.open), failover: per(spent.failover), storms: per(spent.storms), total: per(spent.total) }
  }
  for (let n = 0; n < 6; n++) round(1_000, 2) // the code is compiled
  const rounds = Array.from({ length: users > MEASURED ? 3 : ROUNDS }, () => round(users, repeats))
  return middle(rounds)
}

/** Of each part its median. */
function middle(rounds: readonly Cost[]): Cost {
  const of = (part: keyof Cost): number => median(rounds.map((cost) => cost[part]))
  return { open: of('open'), failover: of('failover'), storms: of('storms'), total: of('total') }
}

function inOwnProcess<T>(part: 'whole' | 'cost', users: number): T {
  const [, entry = ''] = process.argv
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [...process.execArgv, '--expose-gc', entry, '--part', part, '--users', String(users)],
    { encoding: 'utf8', maxBuffer: 1_048_576 },
  )
  if (status !== 0) throw new Error(`${part} of ${users}: ${stderr.trim().split('\n').slice(0, 6).join('\n')}`)
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as T
}

// --- the table

type Line = { name: string; value: string; beside: string; pass: boolean | null }

/** A part of the benchmark: its lines. */
type Part = { name: string; measure: (sizes: readonly number[]) => Line[] }

const PARTS: readonly Part[] = [
  { name: 'failover', measure: failoverLines },
  { name: 'cost', measure: costLines },
  { name: 'window', measure: windowLines },
]

function failoverLines(): Line[] {
  const whole = Array.from({ length: 3 }, () => inOwnProcess<Whole>('whole', MEASURED))
  const wall = median(whole.map(({ wallSeconds }) => wallSeconds))
  const used = median(whole.map((each) => each.processorSeconds))
  const megabytes = Math.max(...whole.map((each) => each.megabytes))
  const [first] = whole
  return [
    {
      name: '15,000 users, failover and fallback, 45 minutes',
      value: `${wall.toFixed(2)} s wall`,
      beside: `${used.toFixed(2)} s processor`,
      pass: wall <= TARGET.wallSeconds,
    },
    { name: 'memory of that process', value: `${megabytes.toFixed(0)} MB`, beside: '', pass: megabytes <= TARGET.megabytes },
    { name: 'events', value: String(first?.events ?? 0), beside: `${first?.pushes ?? 0} pushes`, pass: null },
    { name: 'messages', value: '', beside: first?.messages ?? '', pass: null },
  ]
}

function costLines(sizes: readonly number[]): Line[] {
  // In turns, so that a machine that is slower for a while is slower for all sizes.
  const turns = Array.from({ length: TURNS }, () => sizes.map((users) => inOwnProcess<Cost>('cost', users)))
  const costs = sizes.map((users, size) => ({ users, cost: middle(turns.flatMap((turn) => turn[size] ?? [])) }))
  const totals = costs.map(({ cost }) => cost.total)
  const ratio = Math.max(...totals) / Math.min(...totals)
  return [
    ...costs.map(({ users, cost }): Line => ({
      name: `a user among ${users}: open, failover, storms`,
      value: `${cost.total.toFixed(0)} us processor`,
      beside: [cost.open, cost.failover, cost.storms].map((each) => each.toFixed(0)).join(' + '),
      pass: null,
    })),
    { name: 'the dearest user beside the cheapest', value: ratio.toFixed(2), beside: '', pass: ratio <= TARGET.flatWithin },
  ]
}

const share = (values: readonly number[], part: number): number =>
  values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * part))] ?? NaN

function windowLines(): Line[] {
  // Playwright is not for bundling: a process beside this one, from its source.
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--import', 'tsx', 'test/bench/scaleWindow.ts'], { encoding: 'utf8' })
  if (status !== 0) throw new Error(`window: ${stderr.trim().split('\n').slice(0, 8).join('\n')}`)
  const watched = JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Watched
  if (!watched.ok) return [{ name: 'the window at 60x', value: 'left out', beside: watched.missing, pass: null }]
  const { looked, bare, load, clock, complaints } = watched
  const frames = looked.flatMap((each) => each.frames)
  const inputs = looked.flatMap((each) => each.inputs)
  const shown = (values: readonly number[]): string => `${share(values, 0.95).toFixed(1)} ms`
  return [
    ...looked.map((each): Line => ({
      name: `frames at 60x: ${each.view}`,
      value: `${shown(each.frames)} (95%)`,
      beside: `inputs ${shown(each.inputs)}`,
      pass: share(each.frames, 0.95) < TARGET.frameMs,
    })),
    {
      name: `all ${frames.length} frames, 95%`,
      value: shown(frames),
      beside: `longest ${share(frames, 1).toFixed(0)} ms`,
      pass: share(frames, 0.95) < TARGET.frameMs,
    },
    {
      name: `all ${inputs.length} inputs answered, 95%`,
      value: shown(inputs),
      beside: `longest ${share(inputs, 1).toFixed(0)} ms`,
      pass: share(inputs, 0.95) < TARGET.inputMs,
    },
    { name: 'frames of an empty page here', value: `${shown(bare)} (95%)`, beside: '', pass: null },
    { name: 'load of the machine afterwards', value: load.toFixed(1), beside: `lab at ${clock}`, pass: null },
    ...(complaints.length === 0 ? [] : [{ name: 'the page complained', value: '', beside: complaints[0] ?? '', pass: false }]),
  ]
}

export function main(args: string[]): number {
  const { values } = parseArgs({
    args,
    options: { part: { type: 'string' }, users: { type: 'string' }, sizes: { type: 'string' }, only: { type: 'string' } },
  })
  if (values.part !== undefined) {
    const users = Number(values.users)
    console.log(JSON.stringify(values.part === 'whole' ? measureWhole(users) : measureCost(users)))
    return 0
  }
  const sizes = values.sizes === undefined ? SIZES : values.sizes.split(',').map(Number)
  if (sizes.some((size) => !Number.isInteger(size) || size < 100 || size > 60_000)) {
    console.error('--sizes needs whole numbers from 100 to 60000, with commas between them')
    return 2
  }
  const parts = PARTS.filter(({ name }) => values.only === undefined || values.only === name)
  if (parts.length === 0) {
    console.error(`--only needs one of ${PARTS.map(({ name }) => name).join(', ')}`)
    return 2
  }
  console.log(
    `${cpus()[0]?.model ?? 'unknown processor'}, ${cpus().length} cores, load ${loadavg()[0]?.toFixed(1) ?? ''}, Node ${process.version}\n`,
  )
  const lines = parts.flatMap(({ measure }) => measure(sizes))
  for (const { name, value, beside, pass } of lines) {
    console.log(
      `${name.padEnd(56)} ${value.padStart(20)}  ${beside.padStart(20)}  ${pass === null ? '' : pass ? 'PASS' : 'FAIL'}`.trimEnd(),
    )
  }
  const missed = lines.filter(({ pass }) => pass === false).length
  console.log(
    `\nTargets: ${TARGET.wallSeconds} s, ${TARGET.megabytes} MB, cost of a user within ${TARGET.flatWithin}x, frames ${TARGET.frameMs} ms, inputs ${TARGET.inputMs} ms. ${missed === 0 ? 'All met.' : `${missed} missed.`}`,
  )
  return missed === 0 ? 0 : 1
}
