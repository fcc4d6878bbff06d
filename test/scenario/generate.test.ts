import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { shareOf } from '../../core/contract/generate.ts'
import type { Scenario } from '../../core/contract/scenario.ts'
import { createLab } from '../../core/lab.ts'
import { asWritten, countsOf, expanded } from '../../core/scenario/generate.ts'
import { parseScenario } from '../../core/scenario/parse.ts'
import { nodeSealer } from '../../core/wire/nodeSealer.ts'
import { readJournal } from '../../core/wire/runFile.ts'

const COHORT = `  - users: 1000
    prefix: nurse
    name: Nurse
    numbersFrom: "500000"
    devices: { jabber-ios: 60%, jabber-android: 25%, webex-ios: 15% }
    also: { jabber-desktop: 30% }
    pool: { north: 50%, south: 50% }
    app: { on screen: 20%, off screen: 80% }
    locked: 90%
    releases: { jabber-ios: { clientRelease: { 14.2: 70%, 12.9: 30% }, osRelease: 16.5 } }
    habits: { share: 50%, answersAfterMs: { from: 2s, to: 8s }, hangsUpAfterMs: 30s }
`
const lab = (generate: string, more = ''): string => `pushlab: 1
title: Large
seed: 5
cluster:
  nodes: [{ id: pub }]
  groups: [{ id: g, nodes: [pub] }]
  pools: [{ id: north, group: g }, { id: south, group: g }]
${more}generate:
${generate}`

const open = (text: string): Scenario => {
  const parsed = parseScenario(text, 'large.yaml')
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.issues))
  return parsed.scenario
}
const count = <T>(list: readonly T[], which: (item: T) => boolean): number => list.filter(which).length

describe('[SCN-15] users and devices by the thousand', () => {
  const { users, devices } = open(lab(COHORT))

  it('are plain users and devices, with exact counts', () => {
    expect(users).toHaveLength(1000)
    expect(users[0]).toEqual({ id: 'nurse-00001', number: '500000', name: 'Nurse 00001' })
    expect(users[999]).toMatchObject({ id: 'nurse-01000', number: '500999' })
    const phones = devices.filter(({ os }) => os !== 'desktop')
    expect(phones).toHaveLength(1000)
    const jabberIos = phones.filter(({ client, os }) => client === 'jabber' && os === 'ios')
    expect(jabberIos).toHaveLength(600)
    expect(count(phones, ({ os }) => os === 'android')).toBe(250)
    expect(count(phones, ({ client }) => client === 'webex')).toBe(150)
    expect(count(devices, ({ os }) => os === 'desktop')).toBe(300)
    expect(count(phones, ({ app }) => app === 'on screen')).toBe(200)
    expect(count(phones, ({ pool }) => pool === 'north')).toBe(500)
    expect(count(jabberIos, ({ clientRelease }) => clientRelease === '12.9')).toBe(180)
    expect(jabberIos.every(({ osRelease }) => osRelease === '16.5')).toBe(true)
  })

  it('nobody has an app on screen and a locked phone; habits lie between their limits', () => {
    expect(count(devices, ({ app, locked }) => app === 'on screen' && locked)).toBe(0)
    const acting = devices.filter(({ habits }) => habits.answersAfterMs !== undefined)
    expect(acting).toHaveLength(650)
    for (const { habits } of acting) {
      expect(habits.answersAfterMs).toBeGreaterThanOrEqual(2_000)
      expect(habits.answersAfterMs).toBeLessThanOrEqual(8_000)
      expect(habits.hangsUpAfterMs).toBe(30_000)
    }
    expect(new Set(acting.map(({ habits }) => habits.answersAfterMs)).size).toBeGreaterThan(100)
  })

  it('a user is in one pool with all devices, and a device has the line of its user', () => {
    const pools = new Map<string, Set<string | undefined>>()
    for (const { owner, pool } of devices) pools.set(owner, (pools.get(owner) ?? new Set()).add(pool))
    expect([...pools.values()].every((each) => each.size === 1)).toBe(true)
    const world = createLab(open(lab(COHORT)), { sealer: nodeSealer }).world
    expect(world.directory.lines.get('500000')?.map(({ owner }) => owner)).toContain('nurse-00001')
    expect(world.devices.size).toBe(1300)
  })

  it('[DEC-35] come out the same from the same seed, and otherwise from another; one field does not move the others', () => {
    expect(open(lab(COHORT)).devices).toEqual(devices)
    const other = open(lab(COHORT).replace('seed: 5', 'seed: 6')).devices
    expect(other).toHaveLength(devices.length)
    expect(other).not.toEqual(devices)
    const without = open(lab(COHORT.replace(/ {4}app: .*\n {4}locked.*\n/, ''))).devices
    expect(without.map(({ id, pool, clientRelease }) => [id, pool, clientRelease])).toEqual(
      devices.map(({ id, pool, clientRelease }) => [id, pool, clientRelease]),
    )
  })

  it('largest remainder: counts add up and are off by less than one', () => {
    expect(countsOf(10, [333_333, 333_333, 333_334])).toEqual([3, 3, 4])
    expect(countsOf(1, [500_000, 500_000])).toEqual([1, 0])
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 60_000 }), fc.array(fc.nat(1_000_000), { minLength: 1, maxLength: 8 }), (many, cuts) => {
        const edges = [0, ...cuts.toSorted((a, b) => a - b), 1_000_000]
        const parts = edges.slice(1).map((edge, i) => edge - (edges[i] ?? 0))
        const counts = countsOf(many, parts)
        expect(counts.reduce((sum, each) => sum + each, 0)).toBe(many)
        counts.forEach((each, i) => expect(Math.abs(each - (many * (parts[i] ?? 0)) / 1_000_000)).toBeLessThan(1))
      }),
    )
    expect(shareOf('12.5%')).toBe(125_000)
  })

  it('stand beside users that are written out, and may be the only ones', () => {
    const both = open(
      lab(COHORT, 'users: [{ id: rex, number: "1000" }]\ndevices: [{ id: desk, owner: rex, client: deskphone, os: desktop }]\n'),
    )
    expect(both.users).toHaveLength(1001)
    expect(both.devices[0]?.id).toBe('desk')
  })

  it('a journal carries the few lines, and gives the thousands again', () => {
    const lines: string[] = []
    const scenario = open(lab(COHORT, 'users: [{ id: rex, number: "1000" }]\ndevices: [{ id: desk, owner: rex }]\n'))
    createLab(scenario, { sealer: nodeSealer, journal: (line) => void lines.push(line) })
    expect(lines[0]?.length).toBeLessThan(6_000)
    const read = readJournal(`${lines[0]}\n`)
    if (!read.ok) throw new Error(JSON.stringify(read.issues))
    expect(read.run.scenario).toEqual(scenario)
    expect(expanded(asWritten(scenario))).toEqual(scenario)
    expect(expanded(scenario)).toBe(scenario)
  })

  it('60,000 users are taken, 60,001 are not; several cohorts count together', { timeout: 60_000 }, () => {
    const many = (users: number): string => COHORT.replace('users: 1000', `users: ${users}`)
    expect(open(lab(many(60_000))).users).toHaveLength(60_000)
    expect(parseScenario(lab(many(60_001)), '').ok).toBe(false)
    const two = many(60_000) + COHORT.replace('users: 1000', 'users: 1').replace('nurse', 'doctor').replace('500000', '900000')
    const parsed = parseScenario(lab(two), '')
    expect(parsed.ok ? '' : parsed.issues[0]?.message).toContain('these are 60001 users; 60000 can be generated')
  })

  it.each([
    ['shares that leave some over', 'jabber-ios: 60%', 'jabber-ios: 50%', 'generate[0].devices', 'add up to 90%'],
    ['a share of more than all', 'locked: 90%', 'locked: 101%', 'generate[0].locked', 'more than 100%'],
    ['a share without its sign', 'locked: 90%', 'locked: "90"', 'generate[0].locked', 'percentage such as 60%'],
    ['a kind that does not exist', 'webex-ios: 15%', 'webex-iso: 15%', 'generate[0].devices.webex-iso', 'no kind of device "webex-iso"'],
    ['a pool that does not exist', 'south: 50%', 'sout: 50%', 'generate[0].pool.sout', 'no device pool "sout"'],
    [
      'a presence node that does not exist',
      'locked: 90%',
      'presenceNode: imp',
      'generate[0].presenceNode',
      'no IM and Presence node "imp"',
    ],
    ['a state of the app that does not exist', 'on screen: 20%', 'in hand: 20%', 'generate[0].app["in hand"]', 'no state of the app'],
    ['a release that does not exist', '12.9: 30%', 'x: 30%', 'generate[0].releases.jabber-ios.clientRelease', 'x'],
    [
      'releases of devices that nobody has',
      '{ jabber-ios: { clientR',
      '{ webex-android: { clientR',
      'generate[0].releases.webex-android',
      'no user has',
    ],
    ['two devices of one kind', 'also: { jabber-desktop', 'also: { jabber-ios', 'generate[0].also.jabber-ios', 'two devices of the kind'],
    ['numbers that do not fit', '"500000"', '"9500"', 'generate[0].numbersFrom', 'do not fit into 4 digits'],
    ['a number that is no number', '"500000"', '"50*"', 'generate[0].numbersFrom', 'digits only'],
    ['MRA without Expressway', 'locked: 90%', 'mra: 10%', 'generate[0].mra', 'no Expressway'],
    ['a span the wrong way round', 'from: 2s', 'from: 9s', 'generate[0].habits.answersAfterMs', '"from" is later than "to"'],
    ['an unknown field', 'locked: 90%', 'lokked: 90%', 'generate[0].lokked', 'no field "lokked"'],
  ])('%s is refused, with place and fix', (_what, from, to, path, message) => {
    const parsed = parseScenario(lab(COHORT.replace(from, to)), 'large.yaml')
    if (parsed.ok) throw new Error('was taken')
    const issue = parsed.issues[0]
    expect(issue?.path).toBe(path)
    expect(issue?.message).toContain(message)
    expect(issue?.fix?.length).toBeGreaterThan(5)
    expect(issue?.line).toBeGreaterThan(9)
  })

  it.each([
    [
      'a number of somebody else',
      'users: [{ id: rex, number: "500999" }]\ndevices: [{ id: desk, owner: rex }]\n',
      'generate[0].numbersFrom',
      '"500999" lies among',
    ],
    [
      'a name of somebody else',
      'users: [{ id: nurse-00007, number: "1" }]\ndevices: [{ id: desk, owner: nurse-00007 }]\n',
      'generate[0]',
      '"nurse-00007" is used twice',
    ],
  ])('%s is refused', (_what, more, path, message) => {
    const parsed = parseScenario(lab(COHORT, more), 'large.yaml')
    expect(parsed.ok ? [] : parsed.issues).toContainEqual(
      expect.objectContaining({ path, message: expect.stringContaining(message) as string }),
    )
  })

  it('the number next to them is free', () => {
    expect(open(lab(COHORT, 'users: [{ id: rex, number: "501000" }]\ndevices: [{ id: desk, owner: rex }]\n')).users).toHaveLength(1001)
  })

  it('numbers of two cohorts may not meet, and prefixes differ', () => {
    const second = COHORT.replace('"500000"', '"500999"')
    const parsed = parseScenario(lab(COHORT + second), '')
    expect(parsed.ok ? [] : parsed.issues.map(({ path }) => path)).toEqual(['generate[1].prefix', 'generate[1].numbersFrom'])
  })

  it('for a list of labs they are checked, but not made', () => {
    const listed = parseScenario(lab(COHORT), '', { generate: false })
    expect(listed).toMatchObject({ ok: true, scenario: { users: [], title: 'Large' } })
    expect(parseScenario(lab(COHORT.replace('60%', '50%')), '', { generate: false }).ok).toBe(false)
  })

  it('no users at all are refused as before', () => {
    const parsed = parseScenario('pushlab: 1\ntitle: x\ncluster: { nodes: [{ id: pub }] }\n', '')
    expect(parsed.ok ? [] : parsed.issues.map(({ message }) => message)).toEqual(['"users" is missing', '"devices" is missing'])
  })
})
