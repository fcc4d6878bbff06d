/** Commands of the repair of a dead machine token. */
import type { LabCommandArgs, LabCommandName } from '../contract/commands.ts'
import { failure, ok, type Reply } from '../contract/door.ts'
import type { upgradeCommands } from '../contract/upgrade.ts'
import { refused } from '../replies.ts'
import type { World } from '../world.ts'
import { install, license, loadCertificates, onboardSpare, paste } from './repair.ts'

type Names = Extract<LabCommandName, keyof typeof upgradeCommands>

export const upgradeHandlers: { [N in Names]: (world: World, args: LabCommandArgs<N>) => Reply } = {
  'repair.install': (world, { release }) => refused(install(world, release ?? world.cluster.release)),
  'repair.license': (world) => refused(license(world)),
  'repair.certificates': (world) => refused(loadCertificates(world)),
  'repair.onboard': (world) => {
    const flow = onboardSpare(world)
    return typeof flow === 'string' ? failure('refused', flow) : ok({ flow: flow.number })
  },
  'repair.paste': (world) => refused(paste(world)),
}
