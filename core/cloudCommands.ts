/** What arrives on the real sockets of the clouds, carried out on the lab. */
import type { CloudInput } from './contract/clouds.ts'
import type { LabCommandArgs } from './contract/commands.ts'
import { failure, type Reply } from './contract/door.ts'
import type { World } from './world.ts'

export const cloudHandlers: { [N in CloudInput]: (world: World, args: LabCommandArgs<N>) => Reply } = {
  'wire.clouds': () => notYet,
  'wire.told': () => notYet,
  'wire.request': () => notYet,
  'wire.push': () => notYet,
}

const notYet = failure('refused', 'the clouds are not wired to this lab yet')
