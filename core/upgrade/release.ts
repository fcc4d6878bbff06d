/** What an upgrade of Unified CM does to licences, voucher and logs (UPG-03, UPG-07). */
import { startEvaluation } from '../onboarding/licensing.ts'
import { licensedByPlm } from '../onboarding/state.ts'
import { compareReleases, readRelease } from '../release/index.ts'
import { note, type World } from '../world.ts'

/** The release whose interface to the cloud is an older one (UPG-07). */
const OLD_INTERFACE = '11.5(1)SU2'

const REFUSAL = 'the interface to the cloud has changed since 11.5(1)SU2: disable push, and onboard again'

export function upgraded(world: World, from: string, to: string): void {
  const { onboarding, cluster, admin } = world
  const { licensing } = onboarding
  const place = cluster.publisher.id
  if (licensedByPlm(from) && !licensedByPlm(to)) {
    licensing.synchronised = false
    licensing.registered = false
    onboarding.voucher = null
    startEvaluation(world)
    const outcome = `evaluation mode for ${licensing.evaluationDays} days; the voucher of Prime License Manager is deleted`
    note(world, { flow: 0, place, carrier: 'admin' }, `upgrade from ${from} to ${to}`, outcome, 'warn', 'UPG-03')
  } else if (!licensedByPlm(from) && licensedByPlm(to)) {
    licensing.timer?.cancel()
    licensing.timer = null
    licensing.evaluationEndsAt = null
    licensing.provisioningDisabled = false
    onboarding.voucher = null
  }
  if (cluster.onboarded && isOldInterface(from) && !isOldInterface(to)) {
    admin.agent.refusal = REFUSAL
    onboarding.turnedOffClean = false
    note(world, { flow: 0, place, carrier: 'admin' }, 'troubleshooting logs', `the cloud takes none: ${REFUSAL}`, 'warn', 'UPG-07')
  }
}

function isOldInterface(release: string): boolean {
  const have = readRelease('unifiedCm', release)
  const old = readRelease('unifiedCm', OLD_INTERFACE)
  return have.ok && old.ok && compareReleases(have.value, old.value) === 0
}
