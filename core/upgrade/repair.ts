/**
 * The repair of a dead machine token: a second server of the same version gets a token of its own, which is written into the
 * database of the cluster (UPG-09, UPG-10). Another version gives a token that Common Identity does not take for this cluster.
 */
import { issueAnother, writeRefreshToken } from '../admin/machineAccount.ts'
import type { Flow } from '../flowBook.ts'
import { HOSTS } from '../onboarding/roots.ts'
import { subscribe } from '../onboarding/subscribe.ts'
import { trustOf } from '../onboarding/trust.ts'
import { compareReleases, readRelease } from '../release/index.ts'
import { newNode, syncServices } from '../setup/servers.ts'
import { note, type World } from '../world.ts'
import { SPARE_ID, type Spare } from './state.ts'

const say = (world: World, message: string, outcome: string, why: string): void =>
  void note(world, { flow: 0, place: SPARE_ID, carrier: 'admin' }, message, outcome, 'info', why)

export function install(world: World, release: string): string | null {
  const { upgrade, network, hosts } = world
  if (upgrade.spare) return `${SPARE_ID} is installed already, with ${upgrade.spare.node.release}`
  if (hosts.has(SPARE_ID)) return `this lab has a node ${SPARE_ID} of its own`
  const read = readRelease('unifiedCm', release)
  if (!read.ok) return read.message
  const node = newNode(
    { id: SPARE_ID, stopped: [], dns: true, certificate: { issuer: 'private CA', validDays: 365, ageDays: 0 } },
    'ucm',
    0,
    read.value.name,
    false,
  )
  syncServices(node)
  hosts.set(SPARE_ID, { node, device: null })
  network.addLink(SPARE_ID, SPARE_ID, 1, 0)
  network.addLink(SPARE_ID, 'firewall', 1, 1)
  if (world.proxy) network.addLink(SPARE_ID, world.proxy.id, 1, 1)
  upgrade.spare = { node, licensed: false, certificates: false, given: null, problem: '' }
  const same = sameVersion(world, upgrade.spare)
  say(
    world,
    `Unified CM ${read.value.name} installed`,
    same ? 'the version of the affected cluster' : `not the version of the cluster, ${world.cluster.release}`,
    'UPG-09',
  )
  return null
}

export function sameVersion(world: World, { node }: Spare): boolean {
  const have = readRelease('unifiedCm', node.release)
  const need = readRelease('unifiedCm', world.cluster.release)
  return have.ok && need.ok && compareReleases(have.value, need.value) === 0
}

const MISSING = `there is no new server yet: install one (repair.install)`

export function license(world: World): string | null {
  const { spare } = world.upgrade
  if (!spare) return MISSING
  if (spare.licensed) return `${SPARE_ID} is licensed already`
  spare.licensed = true
  say(world, 'licensed', 'registered, voucher generated', 'UPG-09')
  return null
}

export function loadCertificates(world: World): string | null {
  const { spare } = world.upgrade
  if (!spare) return MISSING
  spare.certificates = true
  const trust = trustOf(world, SPARE_ID)
  const step = ++world.onboarding.step
  for (const host of HOSTS) {
    const root = world.onboarding.cloudRoots[host]
    trust.store.set(root, { by: 'hand', step })
    trust.tomcat.add(root)
  }
  trust.tomcatStep = step
  say(world, 'certificate chains loaded in tomcat-trust', [...trust.store.keys()].join(', '), 'UPG-09')
  return null
}

export function onboardSpare(world: World): Flow | string {
  const { spare } = world.upgrade
  if (!spare) return MISSING
  if (spare.given) return `${SPARE_ID} is onboarded already`
  trustOf(world, SPARE_ID)
  return subscribe(world, { node: spare.node, cluster: `${world.cluster.id}-${SPARE_ID}`, voucher: spare.licensed }, (given) => {
    if ('problem' in given) {
      spare.problem = given.problem
      return
    }
    spare.problem = ''
    spare.given = given
    // Common Identity takes a token from the same version for this cluster as well: that is what makes the repair work (modelled).
    if (sameVersion(world, spare)) issueAnother(world, given.refresh)
    say(world, 'onboarded', 'restart the Cisco Push Notification Service here, and see in its log that a token was fetched', 'UPG-09')
  })
}

/** What a person copies from the new server's `run sql select` into `run sql update` on the old one (UPG-10). */
export function paste(world: World): string | null {
  const { spare } = world.upgrade
  if (!spare) return MISSING
  if (!spare.given) return `${SPARE_ID} has no refresh token: onboard it first (repair.onboard)`
  if (!world.cluster.onboarded) return 'the cluster is not onboarded: machineaccountdetails has no row to update'
  writeRefreshToken(world, spare.given.refresh)
  return null
}
