/** Questions about the run: events, messages behind arrows, ladders. They change nothing. */
import type { HostCommandArgs } from './contract/commands.ts'
import type { eventFilter } from './contract/commands.ts'
import { failure, ok, type Reply } from './contract/door.ts'
import type { HopDetail, HopEvent } from './contract/event.ts'
import type { Ladder, Results } from './contract/results.ts'
import { detailOf } from './detail.ts'
import { explain, isRuleId } from './explain/rules.ts'
import { ladderJson, ladderSvg, ladderText, orderPlaces, type PlaceKind } from './ladder/index.ts'
import { placeLabel } from './rows/places.ts'
import type { World } from './world.ts'
import type { z } from 'zod'

export type EventFilter = z.output<typeof eventFilter>

/** Whether an event fits a filter; texts are compared without regard to case. */
export function fits(event: HopEvent, filter: EventFilter): boolean {
  if (filter.flow !== undefined && event.flow !== filter.flow) return false
  if (filter.carrier !== undefined && event.carrier !== filter.carrier) return false
  if (filter.status !== undefined && event.status !== filter.status) return false
  if (filter.place !== undefined && !isAt(event.from, filter.place) && !isAt(event.to, filter.place)) return false
  if (filter.text !== undefined) {
    const wanted = filter.text.toLowerCase()
    const hay = `${event.from} ${event.to} ${event.message} ${event.outcome} ${event.why} ${event.tracking ?? ''}`.toLowerCase()
    if (!hay.includes(wanted)) return false
  }
  return true
}

const isAt = (place: string, wanted: string): boolean => place === wanted || place.startsWith(`${wanted}/`)

export function queryEvents(world: World, args: HostCommandArgs<'events.query'>): Reply<Results['events.query']> {
  const events: HopEvent[] = []
  let more = false
  for (const event of world.log.backFrom(args.before ?? Number.MAX_SAFE_INTEGER)) {
    if (!fits(event, args.filter)) continue
    if (events.length >= args.limit) {
      more = true
      break
    }
    events.push(event)
  }
  return ok({ events: events.toReversed(), more, oldestKept: world.log.oldest })
}

export function eventDetail(world: World, seq: number): Reply<HopDetail> {
  const kept = world.log.get(seq)
  if (!kept) {
    return failure(
      'not-found',
      seq < world.log.oldest ? `event ${seq} is no longer kept: go back in time to see it again` : `there is no event ${seq}`,
    )
  }
  const { event } = kept
  const rule = isRuleId(event.why) ? { id: event.why, ...explain(event.why) } : null
  return ok({ ...detailOf(world, event), event, effects: kept.effects, rule })
}

/** One flow with what its linked second pushes did, ready to draw. */
export function ladderOf(world: World, number: number): Reply<Ladder> {
  const flow = world.flows.get(number)
  if (!flow) return failure('not-found', `flow ${number} is not kept: it ended long ago or never was`)
  const hops: HopEvent[] = []
  for (const event of world.log.since(flow.firstSeq)) if (event.flow === number) hops.push(event)
  const row = world.flows.row(flow)
  const places = orderPlaces(
    hops,
    (place) => placeLabel(world, place),
    (place) => placeKind(world, place, row.from),
  )
  return ok({
    flow: row,
    places: places.map((id) => ({ id, label: placeLabel(world, id), node: id.split('/')[0] ?? id })),
    hops,
    bars: row.timers.map((timer) => ({ ...timer, text: timer.name })),
    pushes: flow.pushes.map((push) => world.pushes.row(push)),
    cut: flow.firstSeq < world.log.oldest,
  })
}

function placeKind(world: World, place: string, caller: string): PlaceKind {
  if (place === caller && world.devices.has(place)) return 'caller'
  if (world.devices.has(place)) return 'device'
  if (place.endsWith('/CallManager')) return 'cm'
  if (place.endsWith('/CPNS')) return 'cpns'
  if (place.endsWith('/LPNS')) return 'lpns'
  if (place.endsWith('/XCP Router') || place.endsWith('/XCP Config Manager')) return 'im'
  if (place === 'push-rest' || place === 'ci' || place === 'fos' || place === 'webex-cloud') return 'cloud'
  if (place === 'apns' || place === 'fcm') return 'partner'
  if (place.startsWith('expressway') || place === world.proxy?.id || place === 'firewall') return 'edge'
  return 'other'
}

export function exportFlow(world: World, args: HostCommandArgs<'flow.export'>): Reply<Results['flow.export']> {
  const found = ladderOf(world, args.flow)
  if (!found.ok) return found
  const run = { title: world.scenario.title, seed: world.seed }
  switch (args.format) {
    case 'text':
      return ok({ name: `flow-${args.flow}.txt`, mediaType: 'text/plain', text: ladderText(found.value, run) })
    case 'svg':
      return ok({ name: `flow-${args.flow}.svg`, mediaType: 'image/svg+xml', text: ladderSvg(found.value, { theme: 'light', run }) })
    case 'json':
      return ok({ name: `flow-${args.flow}.json`, mediaType: 'application/json', text: ladderJson(found.value, run) })
  }
}

/** Everything that carries a tracking ID, or the beginning of one (SEC-06). */
export function searchTracking(world: World, id: string): Reply<Results['search.tracking']> {
  const pushes = []
  for (const push of world.pushes.all()) if (push.id.startsWith(id) && pushes.length < 50) pushes.push(world.pushes.row(push))
  const events: HopEvent[] = []
  for (const event of world.log.since(0)) {
    if (event.tracking?.startsWith(id)) events.push(event)
    if (events.length >= 2_000) break
  }
  if (pushes.length === 0 && events.length === 0) return failure('not-found', `no push with the tracking ID "${id}" is kept`)
  return ok({ pushes, events })
}
