/** Commands of User Management: UC services, service profiles, and the end of users and devices. */
import type { LabCommandArgs, LabCommandName } from '../contract/commands.ts'
import { failure, ok, type Failure, type Reply } from '../contract/door.ts'
import type { ScenarioUser } from '../contract/scenario.ts'
import type { Device } from '../client/device.ts'
import { deleteDevice, deleteUser } from './deletion.ts'
import { configurationSaved, WHERE } from '../lpns/jabberConfig.ts'
import { readSsidList } from '../lpns/ssidList.ts'
import { admin, missing } from '../replies.ts'
import type { World } from '../world.ts'

type Names = Extract<LabCommandName, 'ucService.set' | 'serviceProfile.set' | 'user.delete' | 'device.delete'>

/** What a drop-down of Cisco Unified CM Administration shows for no choice. */
const NONE = '< None >'

function setUcService(world: World, { service: id, localPushSsidList: text, asTyped }: LabCommandArgs<'ucService.set'>): Reply {
  const { ucServices, serviceProfiles } = world.cluster
  if (!ucServices.has(id)) return missing('UC service', id, ucServices.keys())
  const read = text === null ? null : readSsidList(text, asTyped)
  if (read && !read.ok) {
    return failure(
      'bad-request',
      `LocalPushSSIDList of ${id} is not saved: ${read.problems.map((problem) => problem.message).join('; ')}`,
      read.problems.map((problem) => ({ path: 'localPushSsidList', ...problem })),
    )
  }
  const ssids = read?.ssids ?? []
  ucServices.set(id, { id, ssids, text, asTyped })
  const value =
    text === null ? 'parameter removed' : `LocalPushSSIDList = ${asTyped ? text : ssids.join(';')}${asTyped ? ' (as typed)' : ''}`
  admin(world, world.cluster.publisher.id, `${WHERE.service}: ${id}`, value, 'LPNS-07')
  configurationSaved(
    world,
    devicesWith(world, (user) => serviceProfiles.get(user.serviceProfile ?? '')?.mobile === id),
  )
  return ok({})
}

function setMobile(world: World, { profile: id, mobile }: LabCommandArgs<'serviceProfile.set'>): Reply {
  const { ucServices, serviceProfiles } = world.cluster
  if (!serviceProfiles.has(id)) return missing('service profile', id, serviceProfiles.keys())
  if (mobile !== null && !ucServices.has(mobile)) return missing('UC service', mobile, ucServices.keys())
  serviceProfiles.set(id, { id, mobile })
  admin(world, world.cluster.publisher.id, `${WHERE.profile}: ${id}`, mobile ?? NONE, 'LPNS-08')
  configurationSaved(
    world,
    devicesWith(world, (user) => user.serviceProfile === id),
  )
  return ok({})
}

/** UC Service Profile of an end user, as part of `user.set`; null when it is saved. */
export function setServiceProfile(world: World, user: ScenarioUser, profile: string | null): Failure | null {
  const { serviceProfiles } = world.cluster
  if (profile !== null && !serviceProfiles.has(profile)) return missing('service profile', profile, serviceProfiles.keys())
  const { serviceProfile: _before, ...rest } = user
  const changed = profile === null ? rest : { ...rest, serviceProfile: profile }
  world.directory.users.set(user.id, changed)
  world.directory.ownerOfNumber.set(user.number, changed)
  admin(world, world.cluster.publisher.id, `${WHERE.user}: ${user.id}`, profile ?? NONE, 'LPNS-08')
  configurationSaved(
    world,
    devicesWith(world, (each) => each.id === user.id),
  )
  return null
}

function removeDevice(world: World, { device: id }: LabCommandArgs<'device.delete'>): Reply {
  const device = world.devices.get(id)
  if (!device) return missing('device', id, world.devices.keys())
  admin(world, world.cluster.publisher.id, `${device.label} deleted`, 'its session, calls and pushes end', 'LPNS-18')
  deleteDevice(world, device, 'device deleted')
  return ok({})
}

function removeUser(world: World, { user: id }: LabCommandArgs<'user.delete'>): Reply {
  const user = world.directory.users.get(id)
  if (!user) return missing('user', id, world.directory.users.keys())
  const devices = devicesWith(world, (each) => each === user).map((device) => device.label)
  admin(
    world,
    world.cluster.publisher.id,
    `End User ${id} deleted`,
    devices.length > 0 ? `and with the user ${devices.join(', ')}` : 'no device had this owner',
    'LPNS-18',
  )
  deleteUser(world, user)
  return ok({})
}

function devicesWith(world: World, concerns: (user: ScenarioUser) => boolean): Device[] {
  return [...world.devices.values()].filter((device) => {
    const user = world.directory.users.get(device.owner)
    return user !== undefined && concerns(user)
  })
}

export const directoryHandlers: { [N in Names]: (world: World, args: LabCommandArgs<N>) => Reply } = {
  'ucService.set': setUcService,
  'serviceProfile.set': setMobile,
  'user.delete': removeUser,
  'device.delete': removeDevice,
}
