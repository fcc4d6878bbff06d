import { detailOf } from '../../core/detail.ts'
import { describe, expect, it } from 'vitest'
import { linkNames } from '../../core/scenario/links.ts'
import { runHeadless, shipped, small } from './runShipped.ts'

const files = shipped()
const few = small(files)

/** What of a run may not be in the clear: names and numbers of people and pilots (SEC-04). */
function personalData(scenario: (typeof files)[number]['scenario']): RegExp {
  const words = [
    ...scenario.users.flatMap(({ name, number, externalPresentation }) => [
      name,
      number,
      externalPresentation?.name,
      externalPresentation?.number,
    ]),
    ...scenario.cluster.huntPilots.flatMap(({ name, number }) => [name, number]),
  ].filter((word) => word !== undefined)
  const escaped = words.map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
  // Tokens and sealed payloads hold letters and digits of all kinds: only a word of its own counts.
  return new RegExp(`(?<![\\w-])(${escaped.join('|')})(?![\\w-])`)
}

describe('shipped scenarios', () => {
  it.each(files.map(({ file, scenario, text }) => [scenario.proves.map((id) => `[${id}]`).join(''), file, scenario, text] as const))(
    '%s %s: what it expects is what happens',
    { timeout: 180_000 },
    (_ids, _file, scenario) => {
      expect(scenario.expect.length).toBeGreaterThan(0)
      const { verdict, lab } = runHeadless(scenario)
      expect(lab.world.pushes.balanced()).toBe(true)
      expect(verdict.results.filter(({ met }) => !met)).toEqual([])
      expect(verdict.met).toBe(true)
    },
  )

  it.each(few)('[DEC-35] $file gives the same journal over two runs, byte for byte', ({ scenario }) => {
    const first = runHeadless(scenario).journal
    expect(first.length).toBeGreaterThan(10)
    expect(runHeadless(scenario).journal).toEqual(first)
  })

  it.each(few)('[DEC-33] $file: every push is in one state after every event', ({ scenario }) => {
    let events = 0
    runHeadless(scenario, (event, lab) => {
      events += 1
      expect(lab.world.pushes.balanced(), `after event ${event.seq}`).toBe(true)
    })
    expect(events).toBeGreaterThan(5)
  })

  it.each(few)('[SEC-04] $file: names and numbers are nowhere in what the clouds can read', ({ scenario }) => {
    const personal = personalData(scenario)
    const leaks: string[] = []
    let looked = 0
    runHeadless(scenario, (event, lab) => {
      if (!['push-rest', 'apns', 'fcm'].includes(event.to)) return
      const detail = detailOf(lab.world, event)
      if (detail === undefined) return
      looked += 1
      const readable = [detail.startLine, detail.body, ...[...detail.headers, ...detail.clear].map(({ value }) => value)].join('\n')
      // The push that forgot its seal is the one that Push REST must refuse (SEC-02).
      if (personal.test(readable) && event.why !== 'SEC-02') leaks.push(`${event.seq} ${event.message}: ${readable}`)
    })
    expect(leaks).toEqual([])
    expect(looked).toBeGreaterThanOrEqual(scenario.proves.includes('SEC-04') ? 5 : 0)
  })

  it('[SEC-04] the scan itself finds what is not sealed', () => {
    const unsealed = files.find(({ file }) => file === 'unsealed-payload.yaml')!
    const found: string[] = []
    runHeadless(unsealed.scenario, (event, lab) => {
      const body = event.why === 'SEC-02' ? detailOf(lab.world, event).body : ''
      if (personalData(unsealed.scenario).test(body)) found.push(event.message)
    })
    expect(found).toHaveLength(1)
  })

  it.each(few)('$file runs without a refused command', ({ scenario }) => {
    const refused: string[] = []
    runHeadless(scenario, (event) => {
      if (event.carrier === 'admin' && event.outcome.startsWith('refused')) refused.push(`${event.at} ${event.message}: ${event.outcome}`)
    })
    expect(refused).toEqual([])
  })

  it.each(files)('$file has exactly the links that its names are checked against', { timeout: 30_000 }, ({ scenario }) => {
    const { lab } = runHeadless({ ...scenario, until: 0, commands: [] })
    expect([...lab.world.network.links.keys()].toSorted()).toEqual([...linkNames(scenario)].toSorted())
  })

  it('the first lab leaves the first call to the newcomer', () => {
    const { scenario } = files.find(({ file }) => file === 'first-call.yaml')!
    expect(scenario.commandsRun).toBe('headless')
  })

  it('each file helps the editor, has a title of its own, and says what it shows', () => {
    expect(files.length).toBeGreaterThanOrEqual(15)
    for (const { file, text, scenario } of files) {
      expect(text.split('\n')[0], file).toBe('# yaml-language-server: $schema=./schema.json')
      expect(scenario.about, file).not.toBe('')
      expect(scenario.proves.length, file).toBeGreaterThan(0)
    }
    expect(new Set(files.map(({ scenario }) => scenario.title)).size).toBe(files.length)
  })

  it('[FO-03] [FO-04] [SCN-10] the A/B pair differs in releases alone, and the active node in the push saves the time at dead nodes', () => {
    const [before, after] = ['failover-before-su3.yaml', 'failover-with-node.yaml'].map(
      (name) => files.find(({ file }) => file === name)!.scenario,
    )
    expect(after!.seed).toBe(before!.seed)
    expect(after!.commands).toEqual(before!.commands)
    const registers = (scenario: typeof before): string[] => {
      const targets: string[] = []
      runHeadless(scenario!, (event) => {
        if (event.from === 'ana-iphone' && event.message === 'REGISTER') targets.push(event.to)
      })
      return targets
    }
    expect(registers(before)).toEqual(['ucm-sub1/CallManager', 'ucm-sub2/CallManager', 'ucm-pub/CallManager'])
    expect(registers(after)).toEqual(['ucm-pub/CallManager'])
  })

  it('[SCN-15] a lesson without its fault is clean', () => {
    const lessons = files.filter(({ scenario }) => scenario.lesson !== undefined && scenario.faults.some(({ fault }) => fault.hidden))
    expect(lessons.length).toBeGreaterThan(1)
    for (const { file, scenario } of lessons) {
      const { lab } = runHeadless({
        ...scenario,
        faults: [],
        // A proxy that moves is trouble by command; it goes with the faults.
        commands: scenario.commands.filter(({ do: name }) => name !== 'fault.remove' && name !== 'proxy.address'),
      })
      const bad = lab.rows('flow').filter((row) => row.kind === 'flow' && row.cause !== '')
      expect(bad, file).toEqual([])
    }
  })
})
