/** A lesson without its fault is clean: the symptom comes of nothing else (SCN-15). The symptom itself is what the file expects. */
import { describe, expect, it } from 'vitest'
import type { FlowRow } from '../../core/contract/rows.ts'
import { parseScenario } from '../../core/scenario/parse.ts'
import { runHeadless, shipped, type HeadlessRun } from './runShipped.ts'

const files = new Map(shipped().map((each) => [each.file, each]))

/** The lab of this file, with parts of its text changed. */
function without(file: string, ...changes: [part: string | RegExp, instead: string][]): HeadlessRun {
  const found = files.get(file)
  if (!found) throw new Error(`there is no ${file}`)
  let { text } = found
  for (const [part, instead] of changes) {
    const changed = text.replace(part, instead)
    expect(changed, `${file} has no ${String(part)}`).not.toBe(text)
    text = changed
  }
  const parsed = parseScenario(text, file)
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.issues))
  return runHeadless(parsed.scenario)
}

const calls = ({ lab }: HeadlessRun): string[] =>
  (lab.rows('flow') as FlowRow[])
    .filter(({ type, linkedTo }) => type === 'call' && linkedTo === null)
    .map(({ state, cause }) => `${state}${cause}`)
const alarms = ({ lab }: HeadlessRun): string[] => lab.rows('alarm').flatMap((row) => (row.kind === 'alarm' ? [row.name] : []))

describe('[SCN-15] without its fault a lesson is clean', () => {
  it('[SCN-05] a firewall that remembers for 30 min loses no call after lunch', () => {
    const run = without('firewall-idle-limit.yaml', ['idleMinutes: 20', 'idleMinutes: 30'])
    expect(calls(run)).toEqual(['ended', 'ended', 'ended', 'ended'])
    expect(run.lab.rows('finding').filter((row) => row.kind === 'finding' && row.level !== 'Pass')).toEqual([])
  })

  it('[SCN-07] with CPNS on both nodes all calls arrive, and no alarm is raised', () => {
    const run = without('cpns-down-one-node.yaml', [', stopped: [Cisco Push Notification Service]', ''])
    expect(calls(run)).toEqual(['ended', 'ended', 'ended'])
    expect(alarms(run)).toEqual([])
  })

  it('[SCN-08] with a token that is alive all calls arrive', () => {
    const run = without('stale-token-410.yaml', [/ {2}- \{ at: 0\.5s, do: device\.expireToken.*\n/, ''])
    expect(calls(run)).toEqual(['ended', 'ended', 'ended', 'ended'])
    expect(alarms(run)).toEqual([])
  })

  it('[SCN-09] a phone that wakes in time is never dropped', () => {
    const run = without('slow-wake-5s-13s.yaml', ['wakeMs: 20s', 'wakeMs: 1s'])
    expect(calls(run)).toEqual(['ended', 'ended', 'ended'])
  })

  it('[SCN-11] Expressway that was refreshed and restarted pushes every message over MRA', () => {
    const run = without(
      'im-mra-not-restarted.yaml',
      ['expressway: { refreshed: false, restartedC: false, restartedE: false }', 'expressway: {}'],
      [/ {2}- \{ at: 1?\d+s, do: expressway\..*\n/g, ''],
    )
    expect(run.lab.world.pushes.counts.shown).toBe(4)
    expect(run.lab.world.pushes.created).toBe(4)
  })

  it('[SCN-12] without a crash nobody loses a message', () => {
    const run = without(
      'im-node-failure.yaml',
      [/ {2}- \{ at: 10s, do: node\.crash.*\n/, ''],
      [/ {2}- \{ at: 60s, do: node\.start.*\n/, ''],
    )
    expect(run.lab.world.messages.counts.lost).toBe(0)
    expect(run.lab.world.messages.counts.delivered).toBe(run.lab.world.messages.created)
  })
})
