/** A push of a provider outside, as the phone takes it: it wakes the app, or the system shows it (issue 4, APNS-11). */
import type { Push } from '../pushBook.ts'
import { note, type World } from '../world.ts'
import { addBanner, notShown } from './banner.ts'
import { launchInVain } from './callKit.ts'
import type { Device } from './device.ts'

export function providerPushArrives(world: World, device: Device, push: Push): void {
  const { provider } = push
  const at = { flow: push.flow, place: device.id, carrier: 'device' as const, tracking: push.id }
  switch (provider?.kind) {
    case 'voip':
      return launchInVain(world, device, push, 'push cannot be opened', 'no key of this client fits', 'SEC-01')
    case 'alert': {
      if (!device.notificationsAllowed) return notShown(world, device, push)
      // Its words stay on the wire: they would stand in the journal (SEC-04).
      const title = 'Notification of a provider'
      addBanner(world, device, { kind: 'message', title, text: '', deadlineAt: null, flow: push.flow, push })
      world.pushes.move(push, 'shown')
      note(world, at, 'notification of a provider', 'shown by the system; the app is not asked', 'ok', 'APNS-10')
      return
    }
    default:
      note(world, at, 'background push of a provider', 'the app has a moment in the background; nothing is shown', 'ok', 'APNS-10')
      world.pushes.move(push, 'used', 'taken by the app in the background')
  }
}
