/** Commands of User Management: UC services, service profiles, and the end of users and devices. */
import type { LabCommandArgs, LabCommandName } from './contract/commands.ts'
import { failure, type Reply } from './contract/door.ts'
import type { World } from './world.ts'

type Names = Extract<LabCommandName, 'ucService.set' | 'serviceProfile.set' | 'user.delete' | 'device.delete'>

const soon = (): Reply => failure('internal', 'not built yet')

export const directoryHandlers: { [N in Names]: (world: World, args: LabCommandArgs<N>) => Reply } = {
  'ucService.set': soon,
  'serviceProfile.set': soon,
  'user.delete': soon,
  'device.delete': soon,
}
