/** A client's registration with its platform cloud, which gives it the token that servers push to (CH-01, SEC-05). */
import { issueToken } from '../cloud/platform.ts'
import { note, routeBetween, tell, transmit, type Hop, type World } from '../world.ts'
import { platformOf, type Device } from './device.ts'
import { newKey } from './keys.ts'

/** How long a client waits for its push token before it goes on without one; no source names a value. */
export const TOKEN_TIMEOUT_MS = 5_000

const APNS_PORT = 5_223
const HTTPS_PORT = 443

/** Registers with APNs or FCM; `then` runs with a token or, after a failure, without one. */
export function askForToken(world: World, device: Device, flow: number, then: () => void): void {
  const platform = platformOf(device)
  const [name, carrier] = platform === 'apns' ? (['APNs', 'APNs'] as const) : (['FCM', 'FCM'] as const)
  const traffic = { port: platform === 'apns' ? APNS_PORT : HTTPS_PORT, device: device.id }
  let open = true
  const finish = (): void => {
    if (!open) return
    open = false
    timeout.cancel()
    then()
  }
  const without = (text: string): void => {
    if (!open) return
    note(world, { flow, place: device.id, carrier: 'device' }, `no push token from ${name}`, text, 'fail', 'CH-01')
    finish()
  }
  const timeout = world.clock.schedule(
    TOKEN_TIMEOUT_MS,
    () => without(`no answer within ${TOKEN_TIMEOUT_MS / 1_000} s`),
    'push token timeout',
  )
  const ask: Hop = { flow, from: device.id, to: platform, carrier, message: 'register for push', sentAt: world.clock.now() }
  transmit(
    world,
    routeBetween(world, device.id, platform),
    ask,
    traffic,
    (asked) => {
      tell(world, asked, `${name} knows this device, service ${device.service}`, 'ok', 'CH-01')
      const answer: Hop = { flow, from: platform, to: device.id, carrier, message: 'push token', sentAt: world.clock.now() }
      transmit(
        world,
        routeBetween(world, platform, device.id),
        answer,
        traffic,
        (arrived) => {
          if (!device.signedIn) return without('the user has logged out')
          issueToken(world, device)
          newKey(world, device)
          tell(world, arrived, `token …${device.token.slice(-4)}`, 'ok', 'SEC-05')
          finish()
        },
        (loss) => without(loss.text),
      )
    },
    (loss) => without(loss.text),
  )
}
