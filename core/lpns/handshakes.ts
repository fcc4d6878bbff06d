/**
 * TLS handshakes cost a node time. One by one nobody notices; when a node fails, all its clients come at once, and the
 * wave takes as long as it takes: about 400 handshakes a second (DEC-12).
 */
import type { World } from '../world.ts'
import type { LpnsNode } from './types.ts'

/** What a node completes, measured on one machine; two in each slot of 5 ms. */
export const HANDSHAKES_PER_SECOND = 400
const SLOT_MS = 5
const PER_SLOT = (HANDSHAKES_PER_SECOND * SLOT_MS) / 1_000

/** Runs `start` when it is this handshake's turn: at once on a node that is idle. Who gave up meanwhile costs nothing. */
export function handshakeTurn(world: World, lpns: LpnsNode, start: () => void, gaveUp: () => boolean): void {
  const { handshakes } = lpns
  const now = world.clock.now()
  if (handshakes.waiting.length === 0) {
    if (now >= handshakes.slotAt + SLOT_MS) {
      handshakes.slotAt = now
      handshakes.used = 0
    }
    if (handshakes.used < PER_SLOT) {
      handshakes.used++
      return start()
    }
    world.clock.schedule(handshakes.slotAt + SLOT_MS - now, () => nextSlot(world, lpns), 'TLS handshakes', 'arrival')
  }
  handshakes.waiting.push({ start, gaveUp })
  world.touch('node', lpns.node)
}

function nextSlot(world: World, lpns: LpnsNode): void {
  const { handshakes } = lpns
  handshakes.slotAt = world.clock.now()
  handshakes.used = 0
  let taken = 0
  for (const each of handshakes.waiting) {
    if (handshakes.used === PER_SLOT) break
    taken++
    if (each.gaveUp()) continue
    handshakes.used++
    each.start()
  }
  handshakes.waiting.splice(0, taken)
  world.touch('node', lpns.node)
  if (handshakes.waiting.length > 0) world.clock.schedule(SLOT_MS, () => nextSlot(world, lpns), 'TLS handshakes', 'arrival')
}
