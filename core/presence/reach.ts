/** Why IM and Presence cannot tell a client of a message now, and until when. */
import type { Device } from '../client/device.ts'
import type { Reach } from '../contract/rows.ts'
import { clockText } from '../ladder/words.ts'
import type { World } from '../world.ts'
import { homeOf, noTakeover, ownerOf, serves } from './subcluster.ts'

const no = (text: string, why: string): Reach => ({ verdict: 'no', path: '', text, why })

/** Null when its node serves it: then the way through the clouds decides. */
export function silenceOf(world: World, device: Device): Reach | null {
  const owner = ownerOf(world, device)
  const home = homeOf(world, device)
  if (!owner || !device.im) {
    if (home && !serves(home) && home.node.state !== 'up')
      return no(`No: ${home.id} is ${home.node.state} and its session was not taken over; it has to open the app.`, 'HA-01')
    return no('No: it has no IM session; it has to open the app.', home ? 'HA-01' : 'CH-01')
  }
  const { node, partner } = owner
  if (node.state !== 'up') {
    if (owner.takeover && partner)
      return no(`Not before ${clockText(owner.takeover.at)}: ${owner.id} is ${node.state}, ${partner.id} is about to take over.`, 'HA-01')
    return no(`No: ${owner.id} is ${node.state}. Nothing was taken over: ${noTakeover(owner) ?? 'nobody was there in time'}.`, 'HA-01')
  }
  if (!serves(owner)) {
    const stopped = `Cisco XCP Router is not running on ${owner.id}`
    return owner.takeover && partner
      ? no(`No: ${stopped}. ${partner.id} takes over at ${clockText(owner.takeover.at)} if it stays so.`, 'HA-05')
      : no(`No: ${stopped}.`, 'HA-05')
  }
  const { returningTo } = device.im
  if (returningTo !== null) return no(`Not before it has logged in to ${returningTo}, which it does by itself; messages wait.`, 'HA-07')
  if (owner.rebuild && !device.im.connected) {
    const { endsAt, devices } = owner.rebuild
    return no(`Not before ${clockText(endsAt)} or so: ${owner.id} rebuilds ${devices.length} sessions, messages wait.`, 'HA-08')
  }
  return null
}
