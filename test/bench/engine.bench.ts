/**
 * `npm run bench -- engine`: the lab's clock beside a bare heap loop, and whole background calls per second
 * of wall time, all in one run on one machine. Exit code 1 when a target is missed.
 */
import { cpus } from 'node:os'
import { parseArgs } from 'node:util'
import { JournalEncoder } from '../../core/engine/journalEncoder.ts'
import { Random } from '../../core/engine/random.ts'
import { VirtualClock } from '../../core/engine/virtualClock.ts'
import { createLab } from '../../core/lab.ts'
import { parseScenario } from '../../core/scenario/parse.ts'
import { nodeSealer } from '../../core/wire/nodeSealer.ts'
import { BareHeap } from './bareHeap.ts'

/** Targets of issue 2: either of the first two, and the third. */
const TARGET = { eventsPerSecond: 3_000_000, ofBareLoop: 0.5, flowsPerSecond: 10_000 } as const

const EVENTS = 2_000_000
const ROUNDS = 5

/** Tasks that wait at any time: a small lab, a busy one, one with timers of 100,000 phones. */
const PENDING = [100, 10_000, 100_000] as const

const seconds = (work: () => void): number => {
  const start = performance.now()
  work()
  return (performance.now() - start) / 1_000
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!

const count = (value: number): string =>
  Math.round(value)
    .toString()
    .replace(/\B(?=(\d{3})+$)/g, ' ')

/** The same delays for both, drawn beforehand: what is measured is the queue. */
function delaysFor(pending: number): Uint16Array {
  const random = new Random(1, `bench ${pending}`)
  return Uint16Array.from({ length: 65_536 }, () => random.upTo(13_000))
}

function bareLoop(pending: number, delays: Uint16Array): void {
  const heap = new BareHeap()
  let left = EVENTS
  const task = (): void => {
    if (left > 0) heap.push(delays[left-- & 65_535]!, task)
  }
  for (let i = 0; i < pending; i += 1) heap.push(delays[i & 65_535]!, task)
  while (heap.step());
}

function labClock(pending: number, delays: Uint16Array): void {
  const clock = new VirtualClock()
  let left = EVENTS
  const task = (): void => {
    if (left > 0) clock.schedule(delays[left-- & 65_535]!, task, 'bench', 'arrival')
  }
  for (let i = 0; i < pending; i += 1) clock.schedule(delays[i & 65_535]!, task, 'bench', 'arrival')
  while (clock.step());
}

type Line = { name: string; value: string; beside: string; pass: boolean | null }

function clockLines(): Line[] {
  return PENDING.flatMap((pending): Line[] => {
    const delays = delaysFor(pending)
    const bare: number[] = []
    const lab: number[] = []
    // One after the other, in turns: a slow moment of the machine hits both.
    for (let round = 0; round <= ROUNDS; round += 1) {
      const bareSeconds = seconds(() => bareLoop(pending, delays))
      const labSeconds = seconds(() => labClock(pending, delays))
      if (round === 0) continue // warm-up
      bare.push((EVENTS + pending) / bareSeconds)
      lab.push((EVENTS + pending) / labSeconds)
    }
    const ratio = median(lab) / median(bare)
    return [
      { name: `bare heap loop, ${count(pending)} waiting`, value: `${count(median(bare))} events/s`, beside: '1.00', pass: null },
      {
        name: `lab clock, ${count(pending)} waiting`,
        value: `${count(median(lab))} events/s`,
        beside: ratio.toFixed(2),
        pass: median(lab) >= TARGET.eventsPerSecond || ratio >= TARGET.ofBareLoop,
      },
    ]
  })
}

/** Two-node cluster; each caller has a phone to call, which sleeps, is woken, answered, and hung up. */
function callLab(pairs: number): string {
  const users: string[] = []
  const devices: string[] = []
  for (let i = 0; i < pairs; i += 1) {
    users.push(`  - { id: c${i}, number: "${600_000 + i}" }`, `  - { id: u${i}, number: "${500_000 + i}" }`)
    devices.push(
      `  - { id: desk${i}, owner: c${i}, client: deskphone, os: desktop }`,
      `  - { id: phone${i}, owner: u${i}, app: off screen, locked: true, habits: { answersAfterMs: 1s, hangsUpAfterMs: 2s } }`,
    )
  }
  return `pushlab: 1
title: Bench
cluster: { nodes: [{ id: ucm-pub }, { id: ucm-sub1 }] }
users:
${users.join('\n')}
devices:
${devices.join('\n')}
`
}

/** All pairs call at once, and again this long after; a call lasts about 4 s. */
const CALL_AGAIN_MS = 8_000

function flowLines(flows: number, pairs: number): Line[] {
  const parsed = parseScenario(callLab(pairs), 'bench')
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.issues[0]))
  // The journal is encoded, as it would be for a file.
  let bytes = 0
  const journal = new JournalEncoder((chunk) => (bytes += chunk.length))
  const lab = createLab(parsed.scenario, { sealer: nodeSealer, journal })
  let whole = 0
  let other = 0
  lab.world.flows.onEnd = (flow) => {
    if (flow.type !== 'call') return
    if (flow.state === 'ended' && flow.pushAt !== null && flow.offeredAt !== null && flow.answeredAt !== null && flow.cause === '')
      whole += 1
    else other += 1
  }
  let placed = 0
  const place = (calls: number): void => {
    for (let i = 0; i < calls; i += 1) {
      const pair = placed % pairs
      if (pair === 0) lab.runUntil(lab.now + CALL_AGAIN_MS)
      const reply = lab.command('call.place', { from: `desk${pair}`, to: String(500_000 + pair) })
      if (!reply.ok) throw new Error(reply.message)
      placed += 1
    }
  }
  place(flows / 5) // warm-up: the code is compiled, the connections are open
  const before = { whole, bytes, events: lab.world.log.total }
  const processor = process.cpuUsage()
  // Rounds of whole calls, each to its end; the median is not moved by one slow moment of the machine.
  const rates: number[] = []
  let spent = 0
  for (let round = 0; round < ROUNDS; round += 1) {
    const wholeBefore = whole
    const took = seconds(() => {
      place(flows / ROUNDS)
      lab.runUntil(lab.now + 60_000)
      journal.flush()
    })
    rates.push((whole - wholeBefore) / took)
    spent += took
  }
  const used = process.cpuUsage(processor)
  const processorSeconds = (used.user + used.system) / 1_000_000
  const done = whole - before.whole
  const perSecond = median(rates)
  const complete = other === 0 && whole === placed
  return [
    {
      name: `background calls, ${count(2 * pairs)} phones, journal on`,
      value: `${count(perSecond)} flows/s`,
      beside: `${((lab.world.log.total - before.events) / done).toFixed(1)} hops each`,
      pass: complete && perSecond >= TARGET.flowsPerSecond,
    },
    // Says how much of the wall time this process had: on a shared machine the two differ.
    { name: 'the same per second of processor time', value: `${count(done / processorSeconds)} flows/s`, beside: '', pass: null },
    { name: 'hops', value: `${count((lab.world.log.total - before.events) / spent)} events/s`, beside: '', pass: null },
    { name: 'journal', value: `${((bytes - before.bytes) / spent / 1_048_576).toFixed(1)} MiB/s`, beside: '', pass: null },
    {
      name: 'calls that were whole: pushed, offered, answered, ended',
      value: `${count(whole)} of ${count(placed)}`,
      beside: '',
      pass: complete,
    },
  ]
}

export function main(args: string[]): number {
  const { values } = parseArgs({
    args,
    options: { flows: { type: 'string', default: '100000' }, pairs: { type: 'string', default: '100' } },
  })
  const flows = Number(values.flows)
  const pairs = Number(values.pairs)
  if (!Number.isInteger(flows) || flows < 100 || flows % ROUNDS !== 0 || flows > 5_000_000) {
    console.error('--flows needs a whole number from 100 to 5000000 that five divides')
    return 2
  }
  if (!Number.isInteger(pairs) || pairs < 1 || pairs > 30_000) {
    console.error('--pairs (caller and phone) needs a whole number from 1 to 30000')
    return 2
  }
  console.log(`${cpus()[0]?.model ?? 'unknown processor'}, ${cpus().length} cores, Node ${process.version}\n`)
  // The calls first, in a process as fresh as that of a run: the loops below leave a large heap behind.
  const calls = flowLines(flows, pairs)
  const lines = [...clockLines(), ...calls]
  for (const { name, value, beside, pass } of lines) {
    console.log(
      `${name.padEnd(56)} ${value.padStart(20)}  ${beside.padStart(14)}  ${pass === null ? '' : pass ? 'PASS' : 'FAIL'}`.trimEnd(),
    )
  }
  const missed = lines.filter(({ pass }) => pass === false).length
  console.log(
    `\nTargets: ${count(TARGET.eventsPerSecond)} events/s or ${TARGET.ofBareLoop} of the bare loop; ${count(TARGET.flowsPerSecond)} flows/s. ${missed === 0 ? 'All met.' : `${missed} missed.`}`,
  )
  return missed === 0 ? 0 : 1
}
