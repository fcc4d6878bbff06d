/** IM and Presence as the window shows it: each node with its rebuild and queues, each client with its session. */
import { isSuspended, type Device } from '../client/device.ts'
import type { DeviceRow, ImNodeRow } from '../contract/rows.ts'
import type { World } from '../world.ts'
import { outOfReach } from './queue.ts'
import { REBUILD_PER_SECOND } from './parameters.ts'
import { homeOf, imNodeOf, noTakeover, ownerOf, reloginLimits, replicates, serves } from './subcluster.ts'
import type { ImNode } from './types.ts'

export function imNodeRow(world: World, id: string): ImNodeRow | null {
  const im = imNodeOf(world, id)
  const parameters = world.presence?.parameters
  if (!im || !parameters) return null
  const { rebuild, partner } = im
  return {
    kind: 'imNode',
    id,
    subcluster: im.subcluster.id,
    backup: partner?.id ?? null,
    highAvailability: {
      saved: parameters.highAvailability,
      inForce: im.highAvailability,
      restartPending: im.highAvailability !== parameters.highAvailability,
    },
    ...stateOf(im),
    assigned: im.homed.size,
    sessions: im.sessions.size,
    copies: partner && replicates(im) && serves(im) ? partner.sessions.size : 0,
    queued: im.queued,
    heldOut: im.heldStanzas,
    lost: im.lost,
    rebuild: rebuild && {
      why: rebuild.why,
      done: rebuild.next,
      total: rebuild.devices.length,
      startedAt: rebuild.startedAt,
      endsAt: rebuild.endsAt,
    },
    waitingForPush: im.unpushed.length,
    gaps: im.gaps.map((gap) => ({ ...gap })),
    takeoverAt: im.takeover?.at ?? null,
    fallbackAt: im.fallback?.at ?? null,
    relogins: { waiting: im.returning, ...reloginLimits(world, im.users.size), perSecond: im.lastReloginRate },
    rebuildPerSecond: parameters.rebuildPerSecond ?? REBUILD_PER_SECOND.default,
    depth: im.depth.all(),
  }
}

function stateOf(im: ImNode): Pick<ImNodeRow, 'state' | 'text' | 'why'> {
  const { partner, rebuild, node } = im
  const backup = partner?.id ?? 'nobody'
  if (node.state !== 'up') {
    if (im.takeover) return { state: 'down', text: `${backup} is about to take over.`, why: 'HA-01' }
    if (im.takenOver) return { state: 'failed over', text: `${backup} has its sessions.`, why: 'HA-01' }
    return { state: 'down', text: `Nothing was taken over: ${noTakeover(im) ?? 'nobody was there in time'}.`, why: 'HA-01' }
  }
  if (!serves(im)) {
    if (im.takenOver) return { state: 'failed over', text: `Cisco XCP Router is not running: ${backup} has its sessions.`, why: 'HA-01' }
    if (im.takeover) return { state: 'down', text: `Cisco XCP Router is not running: ${backup} takes over if it stays so.`, why: 'HA-01' }
    return { state: 'down', text: 'Cisco XCP Router is not running.', why: 'HA-05' }
  }
  if (rebuild) {
    return {
      state: rebuild.why === 'fallback' ? 'falling back' : 'taking over',
      text: 'Sessions of clients in background are rebuilt; none is pushed before the last.',
      why: 'HA-08',
    }
  }
  if (im.failedOver) return { state: 'failed over', text: `It is back; its users are still on ${backup}.`, why: 'HA-07' }
  return { state: 'normal', text: '', why: 'HA-01' }
}

type ImOfDevice = Pick<
  DeviceRow,
  'imNode' | 'imHome' | 'imBackup' | 'im' | 'unread' | 'unreadOutOfReach' | 'unreadDepth' | 'history' | 'lastUsedAt' | 'status' | 'contacts'
>

export function imDevice(world: World, device: Device): ImOfDevice {
  const { im } = device
  const owner = ownerOf(world, device)
  return {
    imNode: im?.node ?? null,
    imHome: homeOf(world, device)?.id ?? null,
    imBackup: owner?.partner && replicates(owner) && serves(owner.partner) ? owner.partner.id : null,
    im:
      device.client !== 'jabber'
        ? 'not used'
        : !im
          ? 'none'
          : im.connected
            ? 'connected'
            : im.returningTo !== null || !isSuspended(device)
              ? 'returning'
              : 'suspended',
    unread: im?.queue.length ?? 0,
    unreadOutOfReach: device.client === 'jabber' ? outOfReach(world, device) : 0,
    unreadDepth: im?.depth?.all() ?? [],
    history: device.history,
    lastUsedAt: device.lastUsedAt,
    status: device.status,
    contacts: [...device.contacts].map(([name, presence]) => ({ name, presence })),
  }
}
