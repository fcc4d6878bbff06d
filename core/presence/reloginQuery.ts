/** The re-login rate calculator with the figures of this lab filled in (HA-10). */
import type { HostCommandArgs } from '../contract/commands.ts'
import { failure, ok, type Reply } from '../contract/door.ts'
import type { Results } from '../contract/results.ts'
import type { World } from '../world.ts'
import { RELOGIN_PER_SECOND, RELOGIN_REFERENCE } from './parameters.ts'
import {
  proposedUpperSeconds,
  RELOGIN_BOUNDS,
  RELOGIN_FORMULA,
  reloginIssues,
  reloginPasses,
  reloginRate,
  releaseNote,
  type ReloginFigures,
} from './reloginRate.ts'
import { reloginLimits } from './subcluster.ts'
import type { ImNode } from './types.ts'

/** The node with the most users: its failure is the worst case. */
export function busiestNode(world: World): ImNode | null {
  let busiest: ImNode | null = null
  for (const im of world.presence?.im.values() ?? []) if (!busiest || im.users.size > busiest.users.size) busiest = im
  return busiest
}

export function reloginQuery(world: World, args: HostCommandArgs<'presence.relogin'>): Reply<Results['presence.relogin']> {
  const busiest = busiestNode(world)
  const users = args.users ?? busiest?.users.size ?? RELOGIN_REFERENCE.users
  const ofLab = reloginLimits(world, users)
  const lowerSeconds = args.lowerSeconds ?? ofLab.lowerSeconds
  const proposal = proposedUpperSeconds(users, lowerSeconds)
  const given = args.upperSeconds === null ? null : (args.upperSeconds ?? (args.lowerSeconds === undefined ? ofLab.upperSeconds : null))
  const figures: ReloginFigures = { users, lowerSeconds, upperSeconds: given ?? proposal }
  const issues = reloginIssues(figures)
  if (issues.length > 0) {
    const [first] = issues
    return failure(
      'bad-request',
      first ? `${first.field}: ${first.message}` : 'bad figures',
      issues.map(({ field, message, fix }) => ({ path: field, message, fix })),
    )
  }
  const perSecond = reloginRate(figures)
  const release = args.release ?? world.presence?.release ?? ''
  const note = release === '' ? null : releaseNote(release)
  return ok({
    figures,
    perSecond,
    shown: perSecond.toFixed(2),
    limit: RELOGIN_PER_SECOND,
    pass: reloginPasses(figures),
    proposedUpperSeconds: proposal,
    formula: RELOGIN_FORMULA,
    reference: { ...RELOGIN_REFERENCE, perSecond: reloginRate(RELOGIN_REFERENCE) },
    bounds: [...RELOGIN_BOUNDS],
    notes: note === null ? [] : [note],
    nodes: [...(world.presence?.im.values() ?? [])].map((im) => {
      const limits = reloginLimits(world, im.users.size)
      const rate = reloginRate({ users: im.users.size, ...limits })
      return { node: im.id, users: im.users.size, ...limits, perSecond: rate, pass: rate <= RELOGIN_PER_SECOND }
    }),
  })
}
