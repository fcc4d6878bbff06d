/** What a question to the traces costs, counted in hops that are looked at; and that it says what a plain reading of the hops says. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readCli } from '../../../core/admin/commands.ts'
import { adminSteps } from '../../../core/admin/queries.ts'
import type { TraceFile, TraceLevel } from '../../../core/contract/admin.ts'
import { HOPS_PER_FILE, HOPS_PER_STEP, pathOf, writtenBy } from '../../../core/serviceability/traceLog.ts'
import type { TraceLine } from '../../../core/serviceability/traceLines.ts'
import { TRACE_LEVELS, TRACE_SERVICES, tracedOn } from '../../../core/serviceability/traceServices.ts'
import { utf8Bytes } from '../../../core/serviceability/tar.ts'
import type { Steps } from '../../../core/steps.ts'
import type { World } from '../../../core/world.ts'
import { ask, says } from '../admin/desk.ts'
import { bench, twoPhones, type Bench } from '../bench.ts'

const lab = (eventsKept: number): Bench => bench(twoPhones({ client: 'jabber' }, { nodes: 2, im: true }), { eventsKept })

/** Many hops in little time: reachability is checked from every node, and some messages are pushed. */
function fill(b: Bench, hops: number): void {
  for (let i = 0; b.lab.world.log.total < hops; i++) {
    b.give('check.reachability', {})
    if (i % 5 === 0) b.give('message.send', { from: 'okafor', to: 'ana', text: 'hello' })
    b.runFor(2_000)
  }
}

/** The files as one reads them off the kept hops, one after the other, without any of what makes it quick. */
function plainly(world: World): Map<string, { file: TraceFile; lines: TraceLine[] }> {
  const files = new Map<string, { file: TraceFile; lines: TraceLine[] }>()
  const nodes = [...world.cluster.nodes.values(), ...(world.presence?.nodes.values() ?? [])]
  for (const node of nodes) {
    for (const service of tracedOn(node)) {
      const place = `${node.id}/${TRACE_SERVICES[service].place}`
      for (const event of world.log.since(0)) {
        if (event.from !== place && event.to !== place) continue
        const lines = writtenBy(world, node.id, service, place, event)
        if (lines.length === 0) continue
        const chunk = Math.floor(event.seq / HOPS_PER_FILE)
        const path = pathOf(service, chunk)
        const known = files.get(`${node.id} ${path}`)
        if (known) known.lines.push(...lines)
        else {
          const { modelled } = TRACE_SERVICES[service]
          const cut = chunk * HOPS_PER_FILE < world.log.oldest
          files.set(`${node.id} ${path}`, {
            file: { node: node.id, service, path, lines: 0, bytes: 0, firstAt: 0, lastAt: 0, cut, modelled },
            lines,
          })
        }
      }
    }
  }
  for (const { file, lines } of files.values()) {
    lines.sort((a, b) => a.at - b.at || a.seq - b.seq)
    file.lines = lines.length
    file.bytes = lines.reduce((sum, { text }) => sum + utf8Bytes(text) + 1, 0)
    file.firstAt = lines[0]!.at
    file.lastAt = lines.at(-1)!.at
  }
  return files
}

const READ_MAX = 5_000

/** The files as the tools tell of them, with the newest lines of each. */
const told = (b: Bench) =>
  ask(b, 'traces.list')
    .files.filter(({ service }) => service !== 'syslog')
    .map((file) => ({ file, read: ask(b, 'traces.read', { node: file.node, path: file.path, limit: READ_MAX }) }))

const expected = (b: Bench): ReturnType<typeof told> =>
  [...plainly(b.lab.world)]
    .toSorted(([a], [c]) => (a < c ? -1 : 1))
    .map(([, { file, lines }]) => {
      const shown = lines.slice(-READ_MAX)
      const { path, cut } = file
      const from = lines.length - shown.length + 1
      return {
        file,
        read: { path, from, lines: shown.map(({ text }) => text), seqs: shown.map(({ seq }) => seq), total: lines.length, cut },
      }
    })

describe('the same lines as a plain reading', () => {
  const act = fc.oneof(
    fc.record({ do: fc.constant('level' as const), level: fc.constantFrom<TraceLevel>(...TRACE_LEVELS), at: fc.nat(3) }),
    fc.record({ do: fc.constant('ask' as const) }),
    fc.record({ do: fc.constant('fill' as const), hops: fc.integer({ min: 1, max: 2_600 }) }),
    fc.record({ do: fc.constantFrom('older' as const, 'newer' as const) }),
  )

  it('[TRB-09][TRB-10] whatever was asked before, at any level, release and number of kept hops', { timeout: 60_000 }, () => {
    fc.assert(
      fc.property(fc.integer({ min: 900, max: 5_000 }), fc.array(act, { maxLength: 9 }), (kept, acts) => {
        const b = lab(kept)
        fill(b, 400)
        for (const each of acts) {
          if (each.do === 'ask') ask(b, 'traces.list')
          else if (each.do === 'fill') fill(b, b.lab.world.log.total + each.hops)
          else if (each.do === 'level') {
            const [node, service] = (
              [
                ['ucm-pub', 'Cisco Push Notification Service'],
                ['ucm-sub1', 'Cisco Push Notification Service'],
                ['imp-pub', 'Cisco XCP Config Manager'],
                ['imp-pub', 'Cisco XCP Router'],
              ] as const
            )[each.at]!
            b.try('trace.level', { node, service, level: each.level })
          } else b.try('cluster.release', { component: 'Unified CM', release: each.do === 'older' ? '14SU2' : '14SU3' })
        }
        expect(told(b)).toEqual(expected(b))
        expect(told(b)).toEqual(expected(b))
      }),
      { numRuns: 12 },
    )
  })

  it('[TRB-09] when so many changes of the level were made that the oldest are forgotten', () => {
    const b = lab(6_000)
    fill(b, 1_500)
    for (let i = 0; i < 210; i++) {
      const level = i % 2 === 0 ? 'Debug' : 'Error'
      b.give('trace.level', { node: 'ucm-pub', service: 'Cisco Push Notification Service', level })
      if (i % 20 === 0) fill(b, b.lab.world.log.total + 60)
      if (i % 70 === 0) ask(b, 'traces.list')
      b.give('check.reachability', {})
    }
    fill(b, b.lab.world.log.total + 300)
    expect(told(b)).toEqual(expected(b))
  })

  it('[SEC-06] and the search finds what stands in them, line by line', () => {
    const b = lab(4_000)
    fill(b, 5_500)
    const wanted = 'tracking id'
    const found = [...plainly(b.lab.world).values()].flatMap(({ file, lines }) =>
      lines.flatMap(({ text }, i) => (text.toLowerCase().includes(wanted) ? [`${file.node} ${file.path} ${i + 1} ${text}`] : [])),
    )
    const { hits } = ask(b, 'traces.search', { text: wanted, limit: 2_000 })
    expect(found.length).toBeGreaterThan(100)
    expect(hits.map(({ node, path, line, text }) => `${node} ${path} ${line} ${text}`).toSorted()).toEqual(found.toSorted())
  })
})

describe('what it costs', () => {
  /** Hops that are handed out by the log from now on. */
  function counted(world: World): { take(): number } {
    let seen = 0
    const since = world.log.since.bind(world.log)
    world.log.since = function* (from: number) {
      for (const event of since(from)) {
        seen++
        yield event
      }
    }
    return {
      take: () => {
        const found = seen
        seen = 0
        return found
      },
    }
  }
  /** One hop more is looked at to see that a block has ended. */
  const STEP = HOPS_PER_STEP + 1

  it('[TRB-09] the first list looks at each hop once, in steps; each later one at what is new', () => {
    const b = lab(100_000)
    fill(b, 25_300)
    const { world } = b.lab
    const hops = counted(world)
    const steps = adminSteps(world, 'traces.list', {})
    let all = 0
    let turns = 0
    for (let step = steps.next(); ; step = steps.next()) {
      const now = hops.take()
      expect(now).toBeLessThanOrEqual(STEP)
      all += now
      turns++
      if (step.done === true) break
    }
    expect(turns).toBeGreaterThanOrEqual(25)
    expect(all).toBeLessThanOrEqual(world.log.total + turns)
    ask(b, 'traces.list')
    expect(hops.take()).toBeLessThanOrEqual(STEP)
    // On the CLI as in the window; the folder of one node is no more work.
    expect(says(b, 'ucm-pub', 'file list activelog cm/trace/ccmpns/log4j')).toContain('file count = 3')
    expect(hops.take()).toBeLessThanOrEqual(STEP)
  })

  it('[TRB-09] of a lab that forgets its oldest hops, both ends are looked at again, and nothing between them', () => {
    const b = lab(6_500)
    fill(b, 9_200)
    ask(b, 'traces.list')
    const hops = counted(b.lab.world)
    ask(b, 'traces.list')
    expect(hops.take()).toBeLessThanOrEqual(2 * STEP)
    fill(b, 9_900)
    hops.take()
    ask(b, 'traces.list')
    expect(hops.take()).toBeLessThanOrEqual(3 * STEP)
  })

  const line = (text: string) => ({ node: 'ucm-pub', line: text })
  const file = 'cm/trace/ccmpns/log4j/ccmpns00000001.log'
  it.each<[string, number, (world: World) => Steps<unknown>]>([
    ['traces.search', 13, (world) => adminSteps(world, 'traces.search', { text: 'pool', limit: 10 })],
    ['traces.export', 13, (world) => adminSteps(world, 'traces.export', {})],
    ['traces.read', 10, (world) => adminSteps(world, 'traces.read', { node: 'ucm-pub', path: `/var/log/active/${file}`, limit: 10 })],
    ['cli.complete in a path', 12, (world) => adminSteps(world, 'cli.complete', line('file view activelog cm/trace/'))],
    ['file list', 12, (world) => readCli(world, line('file list activelog cm/trace/ccmpns/log4j'))!],
    ['file view', 10, (world) => readCli(world, line(`file view activelog ${file}`))!],
    ['file tail', 10, (world) => readCli(world, line(`file tail activelog ${file}`))!],
    ['file search', 25, (world) => readCli(world, line('file search activelog cm/trace/ccmpns/log4j/* pool'))!],
  ])('[TRB-09] %s goes in steps too, at least %i here', (_name, atLeast, ask) => {
    const b = lab(100_000)
    fill(b, 12_300)
    const hops = counted(b.lab.world)
    const steps = ask(b.lab.world)
    let turns = 0
    for (let step = steps.next(); step.done !== true; step = steps.next()) {
      expect(hops.take()).toBeLessThanOrEqual(STEP)
      turns++
    }
    expect(turns).toBeGreaterThanOrEqual(atLeast)
  })

  it('[TRB-09] the lab may go on between two steps, and forget what was counted: the answer is that of its end', () => {
    const b = lab(3_000)
    fill(b, 4_200)
    const steps = adminSteps(b.lab.world, 'traces.list', {})
    for (let i = 0; i < 2; i++) {
      expect(steps.next().done).toBe(false)
      fill(b, b.lab.world.log.total + 1_400)
    }
    let step = steps.next()
    while (step.done !== true) step = steps.next()
    expect(step.value).toEqual({ ok: true, value: ask(b, 'traces.list') })
    expect(told(b)).toEqual(expected(b))
  })
})
