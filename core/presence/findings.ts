/** What the configuration says of instant messages before anything is tried. */
import type { FindingRow } from '../contract/rows.ts'
import { mraObstacle, tooOld } from '../edge/pushKnowledge.ts'
import { grouped } from '../figures.ts'
import type { World } from '../world.ts'
import { RELOGIN_PER_SECOND } from './parameters.ts'
import { proposedUpperSeconds, releaseNote, reloginRate } from './reloginRate.ts'
import { reloginLimits } from './subcluster.ts'

type Finding = Omit<FindingRow, 'kind'>

export function* presenceFindings(world: World): Iterable<Finding> {
  const { presence } = world
  if (!presence) return
  yield* highAvailability(world)
  yield* reloginRates(world)
  yield* mra(world)
}

function* highAvailability(world: World): Iterable<Finding> {
  const { presence } = world
  if (!presence) return
  const { highAvailability } = presence.parameters
  const paired = [...presence.im.values()].some((im) => im.partner !== null)
  if (paired && !highAvailability) {
    yield {
      id: 'push-ha',
      level: 'Warning',
      subject: 'IM and Presence',
      text: 'Push Notifications High Availability is Disabled: when a node fails, no session of a client in background is taken over.',
      fix: 'System > Service Parameters > Cisco XCP Router (Active): set it to Enabled, then restart the XCP Router on all nodes.',
      why: 'ONB-19',
    }
  }
  for (const im of presence.im.values()) {
    if (im.highAvailability === highAvailability) continue
    yield {
      id: `push-ha-restart:${im.id}`,
      level: 'Warning',
      subject: im.id,
      text: `Push Notifications High Availability was set to ${highAvailability ? 'Enabled' : 'Disabled'}, but its XCP Router still runs with the old value.`,
      fix: 'Restart Cisco XCP Router on this node.',
      why: 'ONB-19',
    }
  }
}

/** A node whose users would log in again too fast (HA-10). */
function* reloginRates(world: World): Iterable<Finding> {
  for (const im of world.presence?.im.values() ?? []) {
    if (!im.partner) continue
    const users = im.users.size
    const limits = reloginLimits(world, users)
    const rate = reloginRate({ users, ...limits })
    if (rate <= RELOGIN_PER_SECOND) continue
    const note = releaseNote(im.node.release)
    yield {
      id: `relogin:${im.id}`,
      level: 'Warning',
      subject: im.id,
      text: `In an HA event ${users === 1 ? 'its user logs' : `its ${grouped(users)} users log`} in again at ${grouped(rate, 2)} users per second: ${RELOGIN_PER_SECOND} is the most.${note === null ? '' : ` ${note}`}`,
      fix: `Set the client re-login upper limit to ${proposedUpperSeconds(users, limits.lowerSeconds)} s or more.`,
      why: 'HA-10',
    }
  }
}

function* mra(world: World): Iterable<Finding> {
  if (world.expresswayRelease === null || !world.cluster.onboarded) return
  const obstacle = mraObstacle(world.knowsPush)
  if (!obstacle) return
  const order = obstacle.why === 'MRA-05' || obstacle.why === 'MRA-06'
  const old = order ? tooOld([['IM and Presence of this cluster', world.presence?.release ?? ''], ...world.knowsPush.others]) : []
  const still = old.length === 0 ? '' : ` Too old: ${old.join(', ')}.`
  yield {
    id: 'mra-push',
    level: 'Fail',
    subject: 'Expressway',
    text: `Messages to MRA clients are not pushed: ${obstacle.reason}.${still}`,
    fix: order
      ? 'Upgrade IM and Presence to its minimum release (every cluster; for X12.7 and later one will do), refresh the servers, then restart Expressway-C and Expressway-E.'
      : obstacle.why === 'MRA-02'
        ? 'Expressway-C: Configuration > Unified Communications > Unified CM servers > Refresh Servers, then Maintenance > Restart options > Restart.'
        : 'Expressway-E: Maintenance > Restart options > Restart.',
    why: obstacle.why,
  }
}
