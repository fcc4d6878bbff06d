/** show: status, version, cluster, counters, registrations. Nothing that the model does not know. */
import { CALLMANAGER, isRunning } from '../../cluster/nodes.ts'
import { COUNTER_NAMES } from '../../scenario/counterNames.ts'
import { longDate } from '../../serviceability/calendar.ts'
import { COUNTER_RULE, type CounterName } from '../../serviceability/counters.ts'
import { decide, featureOf } from '../../release/index.ts'
import { routeBetween, type LabNode, type World } from '../../world.ts'
import {
  ANYWHERE,
  column,
  LINES_MAX,
  ON_UCM,
  READS,
  refused,
  said,
  splitArgs,
  type CliAnswer,
  type CliCommand,
  type CliContext,
} from './command.ts'
import type { CliWord, Offer } from './offers.ts'

const DAY_MS = 86_400_000

function status({ world, node }: CliContext): CliAnswer {
  const upMs = world.clock.now() - node.since
  const two = (value: number): string => String(value).padStart(2, '0')
  const uptime = `${Math.floor(upMs / DAY_MS)} days, ${two(Math.floor(upMs / 3_600_000) % 24)}:${two(Math.floor(upMs / 60_000) % 60)}`
  return said(
    [
      `Host Name          : ${node.id}`,
      `Date               : ${longDate(world.clock.now())}`,
      'Time Zone          : Coordinated Universal Time (UTC)',
      `Product Ver        : ${node.release}`,
      `Role               : ${node.family === 'imp' ? 'IM and Presence' : 'Unified CM'} ${node.role}`,
      `Uptime             : ${uptime} (of lab time)`,
      '',
      'CPU, memory and disk are not modelled.',
    ],
    `${node.id}, ${node.release}`,
  )
}

function networkCluster({ world, node }: CliContext): CliAnswer {
  const lines: string[] = []
  for (const each of [...world.cluster.nodes.values(), ...(world.presence?.nodes.values() ?? [])]) {
    const role = each.role === 'publisher' ? 'Publisher ' : 'Subscriber'
    const database = each.family === 'imp' ? 'cups       ' : `callmanager ${each.role === 'publisher' ? 'DBPub' : 'DBSub'}`
    const obstacle = each === node ? null : world.network.obstacle(routeBetween(world, node.id, each.id), { port: 0 })
    const state = each.state !== 'up' ? `offline: ${each.state}` : obstacle ? `not reached: ${obstacle.text}` : 'authenticated'
    lines.push(`${column(each.id, 24)}${role} ${column(database, 18)}${state}`)
  }
  lines.push('', 'IP addresses of nodes are not modelled.')
  return said(lines, `${lines.length - 2} servers`)
}

/** The RTMT objects with their counters; one that has not moved yet is 0. */
function classes({ world, node }: CliContext): Map<string, Map<string, number>> {
  const found = new Map<string, Map<string, number>>()
  const add = (object: string, name: string, value: number): void => {
    const counters = found.get(object) ?? new Map<string, number>()
    counters.set(name, value)
    found.set(object, counters)
  }
  const hasLpns = node.services.has('Cisco Local Push Notification Service')
  const fcm = fcmCounters(world, node)
  for (const name of COUNTER_NAMES) {
    const object = objectOf(name)
    if (!fcm && FCM_FAMILY.test(name)) continue
    const here = node.family === 'imp' ? object.startsWith('Cisco XCP') : !object.startsWith('Cisco XCP')
    if (here && (hasLpns || !object.includes('Local Push'))) add(object, name, 0)
  }
  for (const counter of world.counters.all()) if (counter.node === node.id) add(counter.object, counter.name, counter.value)
  return found
}

const FCM_FAMILY = /Fcm(Dev)?$/

/** The families of FCM came with a release (ALM-23). */
function fcmCounters(world: World, node: LabNode): boolean {
  const parts = { unifiedCm: world.cluster.release, presence: node.family === 'imp' ? node.release : null, expressway: null }
  const android = { client: { kind: 'jabber', release: '14.2' }, os: { kind: 'android', release: '13' }, mra: false } as const
  return featureOf(decide({ ...parts, ...android }), 'fcmCounters').on
}

function objectOf(name: string): string {
  const rule = Object.hasOwn(COUNTER_RULE, name) ? COUNTER_RULE[name as CounterName] : 'ALM-22'
  if (rule === 'ALM-19') return 'Cisco Local Push Notification Service'
  if (rule === 'ALM-21') return 'Cisco XCP Config Manager'
  return rule === 'ALM-22' ? 'Cisco XCP Push' : 'Cisco CallManager'
}

function classNamed(context: CliContext, rest: string): { name: string; counters: Map<string, number>; others: string[] } | CliAnswer {
  const all = classes(context)
  const args = splitArgs(rest)
  // Names hold blanks and people forget the quotes: the longest name that the line begins with.
  const text = args.join(' ').toLowerCase()
  const name = [...all.keys()].filter((each) => `${text} `.startsWith(`${each.toLowerCase()} `)).toSorted((a, b) => b.length - a.length)[0]
  if (name === undefined)
    return refused(`there is no class "${args.join(' ')}"`, `Classes of ${context.node.id}: ${[...all.keys()].join(', ')}`)
  return { name, counters: all.get(name) ?? new Map<string, number>(), others: splitArgs(args.join(' ').slice(name.length)) }
}

const isAnswer = (found: object): found is CliAnswer => 'output' in found

function perfQueryClass(context: CliContext, rest: string): CliAnswer {
  const found = classNamed(context, rest)
  if (isAnswer(found)) return found
  const lines = ['==>query class :', '', ` - Perf class (${found.name}) has values:`]
  for (const [name, value] of found.counters) lines.push(`     -> ${name} = ${value}`)
  return said(lines, `${found.counters.size} counters of ${found.name}`)
}

function perfQueryCounter(context: CliContext, rest: string): CliAnswer {
  const found = classNamed(context, rest)
  if (isAnswer(found)) return found
  const wanted = (found.others[0] ?? '').toLowerCase()
  const counter = [...found.counters].find(([name]) => name.toLowerCase() === wanted)
  if (!counter)
    return refused(`class ${found.name} has no counter "${found.others[0] ?? ''}"`, `show perf list counters "${found.name}" lists them`)
  const [name, value] = counter
  return said(['==>query counter :', '', ` - Counter ${name} of class ${found.name} = ${value}`], `${name} = ${value}`)
}

function perfListCounters(context: CliContext, rest: string): CliAnswer {
  const found = classNamed(context, rest)
  return isAnswer(found) ? found : said([...found.counters.keys()], `${found.counters.size} counters`)
}

const perfClasses = (context: CliContext): CliWord[] =>
  [...classes(context)].map(([word, { size }]) => ({ word, help: `${size} counters` }))

/** With quotes where they were begun. */
const perfOffers: Offer = (context, typed) => ({
  from: 0,
  words: perfClasses(context).map(({ word, help }) => ({ word: typed.startsWith('"') ? `"${word}"` : word, help })),
})

/** The class, then its counters. */
const counterOffers: Offer = (context, typed) => {
  for (const [name, counters] of classes(context)) {
    const begun = new RegExp(`^"?${name}"?\\s+`, 'i').exec(typed)
    if (!begun) continue
    const quoted = typed.startsWith('"', begun[0].length)
    return {
      from: begun[0].length,
      words: [...counters].map(([word, value]) => ({ word: quoted ? `"${word}"` : word, help: String(value) })),
    }
  }
  return perfOffers(context, typed)
}

function risdbPhones({ world, node }: CliContext): CliAnswer {
  if (!isRunning(node, CALLMANAGER)) return refused(`${CALLMANAGER} does not run on ${node.id}`)
  const lines = ['DeviceName, Descr, Model, Status, ServerName']
  let total = 0
  for (const device of world.devices.values()) {
    if (device.registration?.node !== node.id) continue
    total++
    if (lines.length < LINES_MAX - 3)
      lines.push(
        [device.id, device.label, device.client, device.registration.connected ? 'reg' : 'reg (SIP suspended)', node.id].join(', '),
      )
  }
  if (total > lines.length - 1) lines.push(`... ${total - lines.length + 1} more are not shown`)
  lines.push(`Total count ${total}`)
  return said(lines, `${total} phones registered on ${node.id}`)
}

export const SHOW_COMMANDS: readonly CliCommand[] = [
  { words: ['show', 'status'], takes: '', help: 'host, date, release, uptime', on: ANYWHERE, changes: READS, run: status },
  {
    words: ['show', 'date'],
    takes: '',
    help: 'date and time of the lab',
    on: ANYWHERE,
    changes: READS,
    run: ({ world }) => said(longDate(world.clock.now())),
  },
  {
    words: ['show', 'version', 'active'],
    takes: '',
    help: 'release that runs',
    on: ANYWHERE,
    changes: READS,
    run: ({ node }) => said([`Active Master Version: ${node.release}`, '(build numbers are not modelled)']),
  },
  { words: ['show', 'network', 'cluster'], takes: '', help: 'nodes of the cluster', on: ANYWHERE, changes: READS, run: networkCluster },
  {
    words: ['show', 'perf', 'list', 'classes'],
    takes: '',
    help: 'classes of counters on this node',
    on: ANYWHERE,
    changes: READS,
    run: (context) => said(perfClasses(context).map(({ word }) => word)),
  },
  {
    words: ['show', 'perf', 'list', 'counters'],
    takes: '"<class>"',
    help: 'counters of a class',
    on: ANYWHERE,
    changes: READS,
    offers: perfOffers,
    run: perfListCounters,
  },
  {
    words: ['show', 'perf', 'query', 'class'],
    takes: '"<class>"',
    help: 'values of all counters of a class',
    on: ANYWHERE,
    changes: READS,
    offers: perfOffers,
    run: perfQueryClass,
  },
  {
    words: ['show', 'perf', 'query', 'counter'],
    takes: '"<class>" "<counter>"',
    help: 'value of one counter',
    on: ANYWHERE,
    changes: READS,
    offers: counterOffers,
    run: perfQueryCounter,
  },
  {
    words: ['show', 'risdb', 'query', 'phone'],
    takes: '',
    help: 'phones that are registered on this node',
    on: ON_UCM,
    changes: READS,
    run: risdbPhones,
  },
]
