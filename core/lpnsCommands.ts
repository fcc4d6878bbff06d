/** Commands around local push: sessions, mesh, certificates, and what arrives on real sockets. */
import type { LabCommandArgs, LabCommandName } from './contract/commands.ts'
import { failure, type Reply } from './contract/door.ts'
import type { World } from './world.ts'

type Names = Extract<
  LabCommandName,
  | `wire.${string}`
  | `mesh.${string}`
  | 'device.reboot'
  | 'device.expireAccessToken'
  | 'device.trust'
  | 'node.certificate'
  | 'service.kill'
  | 'cluster.oauth'
  | 'cluster.localPush'
>

const soon = (): Reply => failure('internal', 'not built yet')

export const lpnsHandlers: { [N in Names]: (world: World, args: LabCommandArgs<N>) => Reply } = {
  'wire.tokenIssued': soon,
  'wire.connected': soon,
  'wire.received': soon,
  'wire.closed': soon,
  'mesh.split': soon,
  'mesh.heal': soon,
  'device.reboot': soon,
  'device.expireAccessToken': soon,
  'device.trust': soon,
  'node.certificate': soon,
  'service.kill': soon,
  'cluster.oauth': soon,
  'cluster.localPush': soon,
}
