/** Licences before onboarding: synchronised in 11.5, Smart Licensing from 12.0, no reservation from 12.5 (ONB-03 to ONB-05). */
import { compareReleases, readRelease } from '../release/index.ts'
import { note, type World } from '../world.ts'
import { licensedByPlm, voucherSource } from './state.ts'

const DAY_MS = 86_400_000

/** Specific License Reservation excludes push from here on (ONB-05). */
const NO_RESERVATION_FROM = '12.5(1)'

const say = (world: World, message: string, outcome: string, why: string): void =>
  void note(world, { flow: 0, place: world.cluster.publisher.id, carrier: 'admin' }, message, outcome, 'info', why)

export function reservationForbidden(release: string): boolean {
  const have = readRelease('unifiedCm', release)
  const from = readRelease('unifiedCm', NO_RESERVATION_FROM)
  return have.ok && from.ok && compareReleases(have.value, from.value) >= 0
}

/** Why licensing stands in the way of onboarding, or null. */
export function licenceObstacle(world: World): { text: string; fix: string; why: string } | null {
  const { licensing } = world.onboarding
  if (licensedByPlm(world.cluster.release)) {
    if (licensing.synchronised) return null
    return {
      text: 'licences are not synchronised in Prime License Manager',
      fix: 'In Prime License Manager choose Product Instance > Synchronize Licenses, also when no licence was added.',
      why: 'ONB-03',
    }
  }
  if (licensing.reservation && reservationForbidden(world.cluster.release)) {
    return {
      text: 'Specific License Reservation is enabled: push notifications are not supported with it',
      fix: 'Disable Specific License Reservation.',
      why: 'ONB-05',
    }
  }
  if (licensing.registered) return null
  return {
    text: 'Smart Licensing is not in place: the cluster is not registered with Cisco Smart Software Manager',
    fix: 'Register with Cisco Smart Software Manager (CSSM) or CSSM Satellite.',
    why: 'ONB-04',
  }
}

export function synchronise(world: World): string | null {
  if (!licensedByPlm(world.cluster.release))
    return `${world.cluster.release} has no Prime License Manager: this step is for 11.5 only (ONB-03); register Smart Licensing instead`
  world.onboarding.licensing.synchronised = true
  say(world, 'Prime License Manager: Product Instance > Synchronize Licenses', 'synchronised', 'ONB-03')
  return null
}

export function register(world: World, registered: boolean): string | null {
  const { licensing } = world.onboarding
  if (licensedByPlm(world.cluster.release))
    return `${world.cluster.release} is licensed by Prime License Manager: synchronise there (ONB-03)`
  if (licensing.registered === registered) return `the cluster is ${registered ? 'registered already' : 'not registered'}`
  licensing.registered = registered
  if (registered) {
    licensing.timer?.cancel()
    licensing.timer = null
    licensing.evaluationEndsAt = null
    const back = licensing.provisioningDisabled ? '; provisioning is allowed again' : ''
    licensing.provisioningDisabled = false
    say(world, 'Smart Licensing', `registered with ${voucherSource(world.cluster.release)}${back}`, 'ONB-04')
  } else {
    say(world, 'Smart Licensing', 'deregistered', 'ONB-04')
    startEvaluation(world)
  }
  return null
}

export function reserve(world: World, enabled: boolean): string | null {
  const { licensing } = world.onboarding
  if (licensedByPlm(world.cluster.release))
    return `${world.cluster.release} has no Specific License Reservation: that is part of Smart Licensing`
  if (licensing.reservation === enabled) return `Specific License Reservation is ${enabled ? 'enabled' : 'disabled'} already`
  licensing.reservation = enabled
  say(world, 'Specific License Reservation', enabled ? 'enabled' : 'disabled', 'ONB-05')
  return null
}

/** `Generate Voucher`: synchronises licensing and stores a voucher (ONB-07). */
export function generateVoucher(world: World): string | null {
  const obstacle = licenceObstacle(world)
  if (obstacle) return `no voucher can be generated: ${obstacle.text}. ${obstacle.fix} (${obstacle.why})`
  const source = voucherSource(world.cluster.release)
  world.onboarding.voucher = { source, at: world.clock.now() }
  say(world, 'Generate Voucher', `licensing synchronised, voucher stored; it comes from ${source}`, 'ONB-07')
  return null
}

/** Evaluation mode; at its end Smart Licensing disables provisioning unless the cluster was registered [DEC-30]. */
export function startEvaluation(world: World): void {
  const { licensing } = world.onboarding
  licensing.timer?.cancel()
  const lastsMs = licensing.evaluationDays * DAY_MS
  licensing.evaluationEndsAt = world.clock.now() + lastsMs
  licensing.timer = world.clock.schedule(
    lastsMs,
    () => {
      licensing.timer = null
      licensing.evaluationEndsAt = null
      licensing.provisioningDisabled = true
      note(
        world,
        { flow: 0, place: world.cluster.publisher.id, carrier: 'admin' },
        'evaluation mode ends',
        'Smart Licensing disables provisioning: no push leaves until the cluster is registered',
        'fail',
        'UPG-04',
      )
      for (const id of world.devices.keys()) world.touch('device', id)
      world.touch('finding', '*')
    },
    'evaluation mode ends',
  )
}

/** A fresh cluster with Smart Licensing begins in evaluation mode. */
export function startLicensing(world: World, fresh: boolean): void {
  if (fresh && !licensedByPlm(world.cluster.release) && !world.onboarding.licensing.registered) startEvaluation(world)
}
