import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { RowKind } from '../../core/contract/rows.ts'
import type { Scenario, ScenarioInput } from '../../core/contract/scenario.ts'
import { endLine } from '../../core/engine/journal.ts'
import { Pacer } from '../../core/engine/pacer.ts'
import { Run } from '../../core/run.ts'
import { checkScenario } from '../../core/scenario/parse.ts'
import { againstRecord, endOfRecord } from '../../core/wire/recorded.ts'
import { nodeSealer } from '../../core/wire/nodeSealer.ts'
import { readJournal } from '../../core/wire/runFile.ts'

type Lab = { seed: number; nodes: number; im: boolean; proxy: boolean; phones: Phone[]; jitterMs: number; dropped: number }
type Phone = { client: 'jabber' | 'webex'; os: 'ios' | 'android'; app: 'on screen' | 'off screen' | 'killed'; mra: boolean; habits: number }

const phone: fc.Arbitrary<Phone> = fc.record({
  client: fc.constantFrom('jabber', 'webex'),
  os: fc.constantFrom('ios', 'android'),
  app: fc.constantFrom('on screen', 'off screen', 'killed'),
  mra: fc.boolean(),
  habits: fc.nat(4_000),
})

const lab: fc.Arbitrary<Lab> = fc.record({
  seed: fc.nat(4_294_967_295),
  nodes: fc.integer({ min: 1, max: 3 }),
  im: fc.boolean(),
  proxy: fc.boolean(),
  phones: fc.array(phone, { minLength: 1, maxLength: 4 }),
  jitterMs: fc.nat(200),
  dropped: fc.integer({ min: 1, max: 100 }),
})

function written({ seed, nodes, im, proxy, phones, jitterMs, dropped }: Lab): Scenario {
  const mra = phones.some((each) => each.mra)
  const input: ScenarioInput = {
    pushlab: 1,
    title: 'Zoë’s lab, ΣΙΣ, İstanbul',
    seed,
    cluster: { nodes: Array.from({ length: nodes }, (_, n) => ({ id: `n${n}` })) },
    ...(im ? { presence: { nodes: [{ id: 'imp' }] } } : {}),
    ...(proxy || mra
      ? {
          edge: {
            ...(mra ? { expressway: {} } : {}),
            ...(proxy ? { proxy: { fqdn: 'proxy.lab.example', addresses: ['10.0.0.80'] } } : {}),
          },
        }
      : {}),
    users: [{ id: 'rex', number: '5000' }, ...phones.map((_, n) => ({ id: `u${n}`, name: `Ünal ${n}`, number: `510${n}` }))],
    devices: [
      { id: 'desk', owner: 'rex', client: 'deskphone' },
      ...phones.map(({ habits, ...rest }, n) => ({
        id: `p${n}`,
        owner: `u${n}`,
        ...rest,
        ...(habits > 0 ? { habits: { answersAfterMs: habits, hangsUpAfterMs: 2_000 } } : {}),
      })),
    ],
    links: [{ link: 'push-rest~apns', latencyMs: 30, jitterMs }],
    faults: [{ at: '5s', fault: { kind: 'drop', on: 'push-rest~apns', probability: dropped / 100 } }],
  }
  const checked = checkScenario(input)
  if (!checked.ok) throw new Error(JSON.stringify(checked.issues))
  return checked.scenario
}

/** What a person at the window does: lets it run, jumps, goes back, and gives commands, which forks. */
type Act = { kind: 'run' | 'express' | 'step' | 'seek' | 'call' | 'lock' | 'crash' | 'rotate' | 'walk'; n: number }
const act: fc.Arbitrary<Act> = fc.record({
  kind: fc.constantFrom('run', 'express', 'step', 'seek', 'call', 'lock', 'crash', 'rotate', 'walk'),
  n: fc.nat(9_999),
})

const UNTIL_MS = 40_000

function play(scenario: Scenario, acts: readonly Act[]): Run {
  const run = new Run(scenario, { sealer: nodeSealer, rehearse: false })
  const pacer = new Pacer()
  const phones = scenario.devices.filter(({ id }) => id !== 'desk')
  let wall = 1_000
  for (const { kind, n } of acts) {
    const device = phones[n % phones.length]?.id ?? ''
    switch (kind) {
      case 'run':
        pacer.run(wall, run)
        // Frames of unequal length, as a busy machine has them.
        for (let frame = 0; frame < 6; frame++) pacer.pump(run, (wall += 1 + ((n * 7 + frame * 131) % 900)), () => frame % 2 === 1)
        pacer.pause()
        break
      case 'express':
        run.goTowards(Math.min(UNTIL_MS, run.now + n), null, () => false)
        break
      case 'step':
        run.stepOnce(UNTIL_MS)
        break
      case 'seek': {
        const seeking = run.seek(Math.floor((run.now * (n % 1_000)) / 1_000))
        while (!seeking.stepSome(() => true));
        seeking.finish()
        break
      }
      case 'call':
        run.command('call.place', { from: 'desk', to: `510${n % phones.length}` })
        break
      case 'lock':
        run.command(n % 2 === 0 ? 'device.background' : 'device.foreground', { device })
        break
      case 'crash':
        run.command(n % 3 === 0 ? 'node.crash' : 'node.start', { node: 'n0' })
        break
      case 'rotate':
        run.command('device.rotateToken', { device })
        break
      case 'walk':
        run.command('device.network', { device, wifi: n % 2 === 0 ? null : 'Office' })
    }
  }
  return run
}

const KINDS: RowKind[] = ['device', 'flow', 'push', 'alarm', 'counter', 'node', 'link', 'finding', 'lab']

/** The journal of a run that is given again in one go. */
function journalOf(scenario: Scenario, played: Run): { lines: string[]; rows: unknown } {
  const lines: string[] = []
  const options = { sealer: nodeSealer, rehearse: false, journal: (line: string) => void lines.push(line) }
  const again = new Run(scenario, options, played.lab.inputs)
  again.goTowards(played.now, played.lab.tasks, () => false)
  expect(again.refused).toBeNull()
  lines.push(endLine(again.now, again.lab.tasks, again.lab.world.log.total))
  return { lines, rows: KINDS.map((kind) => again.lab.rows(kind)) }
}

describe('[DEC-35] any lab, however it was run, sought and forked', () => {
  it('gives the same journal byte for byte, in every time zone, and from its own file', { timeout: 60_000 }, () => {
    const zone = process.env['TZ']
    let events = 0
    try {
      fc.assert(
        fc.property(lab, fc.array(act, { minLength: 1, maxLength: 8 }), (drawn, acts) => {
          const scenario = written(drawn)
          process.env['TZ'] = 'UTC'
          const played = play(scenario, acts)
          const first = journalOf(scenario, played)
          // The lab that was stepped, sought and forked stands where one stands that went there straight.
          expect(KINDS.map((kind) => played.lab.rows(kind))).toEqual(first.rows)
          process.env['TZ'] = 'Asia/Kathmandu'
          const second = journalOf(scenario, play(scenario, acts))
          expect(second.lines.join('\n')).toBe(first.lines.join('\n'))
          events += first.lines.length
          if (drawn.seed % 4 > 0) return

          const read = readJournal(`${first.lines.join('\n')}\n`)
          if (!read.ok) throw new Error(JSON.stringify(read.issues))
          const { run: stored } = read
          const third = new Run(stored.scenario, { sealer: nodeSealer, seed: stored.seed, rehearse: stored.rehearsed }, stored.inputs)
          const record = againstRecord(stored)
          third.lab.onEvent = (event) => record.onEvent(event)
          const end = endOfRecord(stored)
          third.goTowards(end.at, end.task, () => false)
          expect(record.issue(third)).toBeNull()
        }),
        // Other labs each time; a failure names its seed.
        { numRuns: 30 },
      )
    } finally {
      if (zone === undefined) delete process.env['TZ']
      else process.env['TZ'] = zone
    }
    expect(events).toBeGreaterThan(300)
  })
})
