/**
 * The books of a run, kept a second time by somebody else: every push and every stanza is noted when it is made
 * and when it moves, and held against the lab's own counts after every event. Between two tasks also what lies in
 * the queues is counted by hand.
 */
import { MESSAGE_STATES, PUSH_STATES, type MessageState, type PushState } from '../../../core/contract/rows.ts'
import { isSuspended, reachesCluster } from '../../../core/client/device.ts'
import { messagePushPlan } from '../../../core/cluster/pushPlan.ts'
import type { Lab } from '../../../core/lab.ts'
import { homeOf, ownerOf, serves } from '../../../core/presence/subcluster.ts'
import { isPushed } from '../../../core/presence/stanzas.ts'
import type { Stanza } from '../../../core/presence/types.ts'
import type { Push } from '../../../core/pushBook.ts'

const PUSH_ENDS: ReadonlySet<PushState> = new Set<PushState>(['used', 'failed', 'expired', 'superseded'])
const STANZA_ENDS: ReadonlySet<MessageState> = new Set<MessageState>(['delivered', 'lost', 'refused'])

/** Whose, how many, why: `queue of Ana on phone|2 lost: 2 messages; imp-pub crashed`. */
const LOST_LINE = / on ([^|]+)\|(\d+) lost: [^;]+; .+/

export class Broken extends Error {}

const broken = (text: string): never => {
  throw new Broken(text)
}

export type Ledger = {
  pushes: Map<Push, PushState>
  stanzas: Map<Stanza, MessageState>
  /** Between two tasks. */
  afterStep(): void
  /** When nothing is under way any more. */
  atEnd(): void
}

export function keepLedger(lab: Lab): Ledger {
  const { world } = lab
  const pushes = new Map<Push, PushState>()
  const stanzas = new Map<Stanza, MessageState>()
  const pushCounts = Object.fromEntries(PUSH_STATES.map((state) => [state, 0])) as Record<PushState, number>
  const stanzaCounts = Object.fromEntries(MESSAGE_STATES.map((state) => [state, 0])) as Record<MessageState, number>
  /** Ended badly since the last step: a line has to say so. */
  let ended: string[] = []
  let linesBefore = world.log.total
  /** Stanzas lost since the last step, by client, and how many of them the lines name. */
  const lost = new Map<string, number>()
  const toldLost = new Map<string, number>()
  /** Flows of which a line says why no push was made. */
  const notPushed = new Set<number>()

  const book = world.pushes
  const addPush = book.add.bind(book)
  book.add = (...args) => {
    const push = addPush(...args)
    pushes.set(push, push.state)
    pushCounts[push.state]++
    return push
  }
  const movePush = book.move.bind(book)
  book.move = (push, state, reason = '') => {
    const before = pushes.get(push) ?? broken(`push ${push.id} moves, but was never made`)
    if (before !== push.state) broken(`push ${push.id} was ${before} and became ${push.state} without a move`)
    movePush(push, state, reason)
    if (PUSH_ENDS.has(before) && push.state !== before) broken(`push ${push.id} went from its end ${before} to ${push.state}`)
    if (push.state !== before && PUSH_ENDS.has(push.state) && push.reason === '')
      broken(`push ${push.id} is ${push.state} without a reason`)
    if (push.state !== before && (push.state === 'failed' || push.state === 'expired'))
      ended.push(`push ${push.id} ${push.state}: ${push.reason}`)
    pushes.set(push, push.state)
    pushCounts[before]--
    pushCounts[push.state]++
  }

  const messages = world.messages
  const addStanza = messages.add.bind(messages)
  messages.add = (...args) => {
    const stanza = addStanza(...args)
    stanzas.set(stanza, stanza.state)
    stanzaCounts[stanza.state]++
    return stanza
  }
  const moveStanza = messages.move.bind(messages)
  messages.move = (stanza, state) => {
    const before = stanzas.get(stanza) ?? broken(`a stanza for ${stanza.to} moves, but was never made`)
    if (before !== stanza.state) broken(`a stanza for ${stanza.to} was ${before} and became ${stanza.state} without a move`)
    const moved = moveStanza(stanza, state)
    if (STANZA_ENDS.has(before) && stanza.state !== before)
      broken(`a stanza for ${stanza.to} went from its end ${before} to ${stanza.state}`)
    if (stanza.state !== before && (stanza.state === 'lost' || stanza.state === 'refused'))
      ended.push(`stanza for ${stanza.to} ${stanza.state}`)
    if (stanza.state !== before && stanza.state === 'lost') lost.set(stanza.toName, (lost.get(stanza.toName) ?? 0) + 1)
    stanzas.set(stanza, stanza.state)
    stanzaCounts[before]--
    stanzaCounts[stanza.state]++
    return moved
  }

  world.log.readers.push((event) => {
    if (event.message === 'no message push') notPushed.add(event.flow)
    const told = event.status === 'lost' ? LOST_LINE.exec(`${event.message}|${event.outcome}`) : null
    if (told?.[1] !== undefined) toldLost.set(told[1], (toldLost.get(told[1]) ?? 0) + Number(told[2]))
    for (const state of PUSH_STATES)
      if (book.counts[state] !== pushCounts[state])
        broken(`after event ${event.seq}: ${book.counts[state]} pushes are said to be ${state}, ${pushCounts[state]} are`)
    if (book.created !== pushes.size) broken(`after event ${event.seq}: ${book.created} pushes are said to exist, ${pushes.size} do`)
    for (const state of MESSAGE_STATES)
      if (messages.counts[state] !== stanzaCounts[state])
        broken(`after event ${event.seq}: ${messages.counts[state]} stanzas are said to be ${state}, ${stanzaCounts[state]} are`)
    if (messages.created !== stanzas.size)
      broken(`after event ${event.seq}: ${messages.created} stanzas are said to exist, ${stanzas.size} do`)
  })

  /** Stanzas as they lie in the queues, counted one by one; none lies in two. */
  function countQueues(): void {
    const seen = new Set<Stanza>()
    let queued = 0
    let held = 0
    let waiting = 0
    const once = (stanza: Stanza, where: string): void => {
      if (seen.has(stanza)) broken(`a stanza for ${stanza.to} lies in two queues, the second is ${where}`)
      seen.add(stanza)
    }
    for (const device of world.devices.values()) {
      if (device.im?.connected && device.im.queue.length > 0)
        broken(`${device.id} has a stream, and ${device.im.queue.length} stanzas wait for it`)
      for (const stanza of device.im?.queue ?? []) {
        once(stanza, `that of ${device.id}`)
        if (stanza.state !== 'queued') broken(`a stanza in the queue of ${device.id} is ${stanza.state}`)
        queued++
      }
    }
    for (const node of world.presence?.im.values() ?? [])
      for (const [device, queue] of node.held)
        for (const stanza of queue) {
          once(stanza, `held by ${node.id}`)
          if (stanza.state !== 'held') broken(`a stanza for ${device.id} that ${node.id} holds is ${stanza.state}`)
          held++
        }
    for (const node of world.presence?.im.values() ?? [])
      for (const { device, stanza } of node.stranded) {
        once(stanza, `waiting for ${node.id}`)
        if (stanza.state !== 'waiting') broken(`a stanza for ${device.id} that waits for ${node.id} is ${stanza.state}`)
        waiting++
      }
    if (waiting !== stanzaCounts.waiting) broken(`${stanzaCounts.waiting} stanzas wait, but ${waiting} are kept for a node that is down`)
    if (queued !== stanzaCounts.queued) broken(`${stanzaCounts.queued} stanzas are queued, but ${queued} lie in queues`)
    if (held !== stanzaCounts.held) broken(`${stanzaCounts.held} stanzas are held, but ${held} lie in held queues`)
  }

  return {
    pushes,
    stanzas,
    afterStep() {
      const lines = world.log.total
      if (ended.length > 0 && lines === linesBefore) broken(`ended without a line: ${ended.join('; ')}`)
      for (const [client, n] of lost)
        if (toldLost.get(client) !== n) broken(`${n} stanzas for ${client} got lost, the lines speak of ${toldLost.get(client) ?? 0}`)
      ended = []
      lost.clear()
      toldLost.clear()
      linesBefore = lines
      countQueues()
    },
    atEnd() {
      for (const [stanza, state] of stanzas)
        if (state === 'sent' || state === 'delivering') broken(`a stanza for ${stanza.to} is still ${state} long after everything`)
      for (const [push, state] of pushes) if (state === 'sent') broken(`push ${push.id} is still ${state} long after everything`)
      for (const device of world.devices.values()) {
        const { im } = device
        if (device.client !== 'jabber' || !device.signedIn || isSuspended(device) || !reachesCluster(device) || im?.connected) continue
        const home = homeOf(world, device)
        const owner = ownerOf(world, device)
        if (home?.takeover || owner?.takeover) continue
        const open = [owner, home, home?.partner].find((node) => node && serves(node))
        if (open) broken(`${device.id} is in foreground without a stream, though ${open.id} serves`)
      }
      for (const device of world.devices.values()) {
        const owner = ownerOf(world, device)
        if (!owner || !device.im || !isSuspended(device) || owner.rebuild || !serves(owner) || device.im.returningTo !== null) continue
        if (!messagePushPlan(world, device).push) continue
        for (const stanza of device.im.queue)
          if (isPushed(stanza) && !stanza.push && !notPushed.has(stanza.flow))
            broken(`a ${stanza.kind} of flow ${stanza.flow} waits for ${device.id}, which was not told of it`)
      }
      for (const flow of world.flows.all()) {
        if (flow.type !== 'message') continue
        if (flow.endedAt === null && !messages.isOpen(flow.number)) broken(`flow ${flow.number} goes on, but nothing of it is under way`)
        if (flow.state === 'failed' && flow.cause === '') broken(`flow ${flow.number} failed and nobody says why`)
      }
    },
  }
}
