/** Sign-in and logout: one registration per target (CH-01), and the end of all pushes (CH-11). */
import { retireToken } from '../cloud/platform.ts'
import { settleLocalPush } from '../lpns/client.ts'
import { endLocalPush } from '../lpns/end.ts'
import { logOut } from '../presence/sessions.ts'
import { used } from '../presence/mdm.ts'
import { noMoreUnprocessed } from '../serviceability/apnsAlarm.ts'
import { note, routeBetween, tell, transmit, type Hop, type World } from '../world.ts'
import { loggedIn } from '../oauth/login.ts'
import { loginObstacle } from '../oauth/obstacle.ts'
import { openApp } from './attention.ts'
import { isMobile, type Device } from './device.ts'
import { endCallOnDevice } from './phone.ts'
import { askForToken } from './pushToken.ts'
import { register } from './registration.ts'
import { hangUp, type Refusal } from './user.ts'

const HTTPS_PORT = 443

/** The platform cloud first, since the servers are told its token; then every server the client depends on. */
export function signIn(world: World, device: Device): Refusal {
  if (device.client === 'deskphone') return `${device.label} is a desk phone: it has no sign-in`
  if (device.signedIn) return `${device.label} is already signed in`
  const obstacle = loginObstacle(world, device)
  if (obstacle) return loginFails(world, device, obstacle)
  device.signedIn = true
  loggedIn(world, device)
  device.reportedRegion = device.region
  openApp(device)
  used(world, device)
  world.touch('device', device.id)
  const flow = world.flows.start('sign-in', `Sign-in of ${device.label}`, device.id, device.id, world.log.total)
  const toServers = (): void => {
    if (!device.signedIn) return world.flows.end(flow, 'failed')
    register(world, device, flow.number, null, (node) => world.flows.end(flow, node === null ? 'failed' : 'done'))
    world.receivers.imResume(device, flow.number)
    if (device.client === 'webex') registerForMessages(world, device, flow.number)
  }
  if (isMobile(device)) askForToken(world, device, flow.number, toServers)
  else toServers()
  return null
}

/** Name and password are right, and still nobody gets in (OAUTH-05, OAUTH-06, MRA-01, MRA-04). */
function loginFails(world: World, device: Device, { text, why }: { text: string; why: string }): null {
  const flow = world.flows.start('sign-in', `Sign-in of ${device.label}`, device.id, device.id, world.log.total)
  const event = note(world, { flow: flow.number, place: device.id, carrier: 'OAuth' }, 'login', `fails: ${text}`, 'fail', why)
  world.flows.blame(flow, text, why, event.seq)
  world.flows.end(flow, 'failed')
  return null
}

/** Webex App messages belong to the Webex App cloud, on-premises servers have no part in them (DEC-08). */
function registerForMessages(world: World, device: Device, flow: number): void {
  const hop: Hop = {
    flow,
    from: device.id,
    to: 'webex-cloud',
    carrier: 'HTTPS',
    message: 'register for messages',
    sentAt: world.clock.now(),
  }
  transmit(world, routeBetween(world, device.id, 'webex-cloud'), hop, { port: HTTPS_PORT, device: device.id }, (arrived) => {
    tell(world, arrived, 'messages come from the Webex App cloud', 'ok', 'CH-01')
    if (!device.signedIn) return
    device.presence = device.status
    world.touch('device', device.id)
  })
}

/** Logging out ends delivery of pushes to this device (CH-11). */
export function signOut(world: World, device: Device): Refusal {
  if (device.client === 'deskphone') return `${device.label} is a desk phone: it has no sign-in`
  if (!device.signedIn) return `${device.label} is already signed out`
  endLocalPush(world, device, 'logged off')
  if (device.call) {
    const { flow } = device.call
    hangUp(world, device)
    endCallOnDevice(world, device, flow)
  }
  device.signedIn = false
  world.oauth.prompts.delete(device.id)
  settleLocalPush(world, device)
  device.registration = null
  device.subscription = null
  device.awakeFor = null
  logOut(world, device)
  device.banners = []
  retireToken(world, device)
  device.token = ''
  note(world, { flow: 0, place: device.id, carrier: 'device' }, 'user logs out', 'no more pushes go to this device', 'info', 'CH-11')
  noMoreUnprocessed(world, device, `the user of ${device.label} logged out`)
  world.touch('device', device.id)
  return null
}
