/**
 * The connection of a virtual client: ordered, framed, closable, over the links of the lab with their latency and
 * faults. Each end holds it until it learns better, so it can be half open (LPNS-24).
 */
import type { Device } from '../client/device.ts'
import type { Push } from '../pushBook.ts'
import { routeBetween, tell, transmit, type Hop, type LabNode, type World } from '../world.ts'
import { lpnsOf, runsLpns } from './places.ts'
import { LPNS_PORT, type ClientFrame, type ServerFrame } from './protocol.ts'
import { receive, sessionLost, type Hear } from './server.ts'
import type { ServerLink, VirtualLink } from './types.ts'

/** What the client is told of its connection. */
export type ClientEnd = {
  frame(frame: ServerFrame, push: Push | null, hop: Hop): void
  closed(code: number, reason: string): void
}

/** RFC 6455: the connection ended without a close. */
const ABNORMAL = 1_006

const nobody = (link: VirtualLink): boolean => !link.client

/** Every hop of a session looks alike. */
export function hopOf(world: World, link: { device: string; node: string }, up: boolean, message: string, push: Push | null): Hop {
  return {
    flow: push?.flow ?? 0,
    from: up ? link.device : lpnsOf(link.node),
    to: up ? lpnsOf(link.node) : link.device,
    carrier: 'LPNS',
    message,
    sentAt: world.clock.now(),
    tracking: push?.id,
  }
}

/** Idle for too long, it has been forgotten on the way; whoever sends next sends into nothing (LPNS-24). */
function forgotten(world: World, link: VirtualLink, hop: Hop, up: boolean): boolean {
  const route = up ? routeBetween(world, link.device, link.node) : routeBetween(world, link.node, link.device)
  const now = world.clock.now()
  const idleMs = now - link.lastUsedAt
  link.lastUsedAt = now
  const cutMs = link.cut ? 0 : world.network.idleCut(route, { port: LPNS_PORT, device: link.device }, idleMs, world.firewallIdleMs)
  if (cutMs === null) return false
  const device = world.devices.get(link.device)
  // Since then nothing could have come, although nobody knew (LPNS-22).
  if (!link.cut && device?.local.link === link) device.local.gapSince ??= now - idleMs + cutMs
  link.cut = true
  const after =
    cutMs === 0 ? 'the connection is half open' : `the connection was forgotten on the way after ${cutMs / 60_000} min of silence`
  tell(world, hop, after, 'lost', 'LPNS-24')
  return true
}

/** A frame of the client. A connection that answers with a reset is over for it. */
export function clientSends(world: World, link: VirtualLink, end: ClientEnd, frame: ClientFrame, push: Push | null): void {
  const hop = hopOf(world, link, true, wordsOf(frame), push)
  if (forgotten(world, link, hop, true)) return
  transmit(
    world,
    routeBetween(world, link.device, link.node),
    hop,
    { port: LPNS_PORT, device: link.device },
    (arrived) => {
      const { session } = link
      const node = world.cluster.nodes.get(link.node)
      if (!session?.alive || !node || !runsLpns(node)) {
        tell(world, arrived, 'no such session here any more: reset', 'fail', 'LPNS-17')
        return broken(link, end)
      }
      const hear: Hear = (outcome, status, why) => void tell(world, arrived, outcome, status, why)
      receive(world, session, JSON.stringify(frame), hear)
    },
    () => broken(link, end),
  )
}

function broken(link: VirtualLink, end: ClientEnd): void {
  if (nobody(link)) return
  link.client = false
  end.closed(ABNORMAL, 'connection reset')
}

/** The client ends it: with a close frame the server knows at once, without one only by its deadline. */
export function clientCloses(world: World, link: VirtualLink, device: Device, reason: string, gracefully: boolean): void {
  if (nobody(link)) return
  link.client = false
  const { session } = link
  if (!session?.alive || !gracefully) return
  const hop = hopOf(world, link, true, `close: ${reason}`, null)
  if (forgotten(world, link, hop, true)) return
  transmit(world, routeBetween(world, device.id, link.node), hop, { port: LPNS_PORT, device: device.id }, (arrived) => {
    tell(world, arrived, session.alive ? 'session ends' : 'already over', 'info', 'LPNS-18')
    sessionLost(world, session, reason, 'LPNS-18')
  })
}

/** The app's process ended: its system closes the connection for it, without a word (LPNS-15). */
export function clientDies(world: World, link: VirtualLink, device: Device): void {
  clientCloses(world, link, device, 'the app ended', true)
}

/** The server's end of a virtual connection. */
export function serverLink(world: World, link: VirtualLink, device: Device, node: LabNode, end: ClientEnd): ServerLink {
  const down = (message: string, push: Push | null, arrive: (hop: Hop) => void): void => {
    const hop = hopOf(world, link, false, message, push)
    if (forgotten(world, link, hop, false)) return
    transmit(world, routeBetween(world, node.id, device.id), hop, { port: LPNS_PORT, device: device.id }, (arrived) => {
      if (nobody(link)) {
        // Its system answers with a reset; without a session that changes nothing any more.
        tell(world, arrived, 'the client holds this connection no more', 'lost', 'LPNS-17')
        if (link.session) sessionLost(world, link.session, 'the client holds this connection no more', 'LPNS-17')
        return
      }
      arrive(arrived)
    })
  }
  return {
    real: null,
    send: (frame, push) => down(wordsOf(frame), push, (hop) => end.frame(frame, push, hop)),
    close: (code, reason) =>
      down(`close ${code}: ${reason}`, null, (hop) => {
        tell(world, hop, 'the client knows that its session is over', 'info', 'LPNS-17')
        link.client = false
        end.closed(code, reason)
      }),
    reset: () =>
      down('connection reset', null, (hop) => {
        tell(world, hop, 'the client knows that its session is over', 'info', 'LPNS-20')
        broken(link, end)
      }),
  }
}

/** A frame in words, for the arrow. */
export function wordsOf(frame: ClientFrame | ServerFrame): string {
  switch (frame.type) {
    case 'keepalive':
      return 'keepalive'
    case 'keepalive-ack':
      return 'keepalive acknowledged'
    case 'welcome':
      return `welcome, keepalive every ${frame.keepaliveMs / 1_000} s`
    case 'push':
      return `local push: ${frame.purpose}`
    case 'ack':
      return 'local push acknowledged'
    case 'error':
      return 'id' in frame ? `error ${frame.code} for a push` : `${frame.code} ${frame.reason}`
  }
}
