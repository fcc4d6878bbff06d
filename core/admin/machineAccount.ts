/**
 * The machine account at Common Identity as the databases of the nodes have it: table machineaccountdetails, with the refresh
 * token that a manual repair replaces (UPG-10, DEC-16). Tokens are of the lab's own making: a real one has no place here, as
 * what is typed stands in the journal.
 */
import { note, type LabNode, type World } from '../world.ts'
import type { MachineAccount } from './state.ts'

/** How long a change on the publisher takes to the other databases; modelled. */
export const REPLICATION_MS = 1_000

const LAB_TOKEN = /^lab-rt-[0-9a-f-]{8,60}$/

export const isLabToken = (text: string): boolean => LAB_TOKEN.test(text)

export const newRefreshToken = (uuid: string): string => `lab-rt-${uuid}`

export function newMachineAccount(pkid: string, uuid: string): MachineAccount {
  return { pkid, issued: newRefreshToken(uuid), copies: new Map(), inUse: new Map(), kept: new Map() }
}

/** What stands in the database of this node. */
export const refreshTokenOn = (world: World, node: string): string => world.admin.machine.copies.get(node) ?? world.admin.machine.issued

/** A push service reads the account when it starts, and goes by that until its next start (UPG-10). */
export function readMachineAccount(world: World, node: LabNode): void {
  world.admin.machine.inUse.set(node.id, refreshTokenOn(world, node.id))
}

/** What the push service of this node shows Common Identity; `refresh` is the ID and the text of a lab token at once. */
export function machineDetailsOf(world: World, node: LabNode): { account: string; refresh: string } {
  const { inUse, issued, pkid } = world.admin.machine
  const spare = world.upgrade.spare?.node === node ? world.upgrade.spare.given : null
  if (spare) return spare
  return { account: pkid, refresh: inUse.get(node.id) ?? issued }
}

/** These services run on with the token that they have read, whatever account comes now (ONB-15). */
export function keepInUse(world: World, nodes: readonly LabNode[]): void {
  const { machine } = world.admin
  machine.kept = new Map(nodes.map((node) => [node.id, machine.inUse.get(node.id) ?? machine.issued]))
}

/** Onboarding made an account: it stands in all databases, and every push service goes by it from now on. */
export function takeMachineAccount(world: World, account: string, refresh: string): void {
  const { machine } = world.admin
  machine.pkid = account
  machine.issued = refresh
  machine.copies.clear()
  machine.inUse.clear()
  for (const [node, token] of machine.kept) machine.inUse.set(node, token)
  machine.kept = new Map()
}

/** Common Identity takes another refresh token from now on; databases and services have the old one until somebody writes it. */
export function issueAnother(world: World, token: string): void {
  const { copies, inUse, issued } = world.admin.machine
  for (const node of [...world.cluster.nodes.keys(), ...(world.presence?.nodes.keys() ?? [])]) {
    if (!copies.has(node)) copies.set(node, issued)
    if (!inUse.has(node)) inUse.set(node, issued)
  }
  world.admin.machine.issued = token
}

/** Written on the publisher; the other databases follow, those of nodes that are down when they are back. */
export function writeRefreshToken(world: World, token: string): void {
  const { publisher, nodes } = world.cluster
  const { copies, inUse, issued } = world.admin.machine
  const all = [...nodes.values(), ...(world.presence?.nodes.values() ?? [])]
  for (const node of all) {
    // What was never written is written down now, so that the nodes can differ.
    if (!copies.has(node.id)) copies.set(node.id, issued)
    if (!inUse.has(node.id)) inUse.set(node.id, issued)
  }
  copies.set(publisher.id, token)
  const place = publisher.id
  note(
    world,
    { flow: 0, place, carrier: 'admin' },
    'refresh token of the machine account written',
    'services go by it when they restart',
    'info',
    'UPG-10',
  )
  world.clock.schedule(REPLICATION_MS, () => all.forEach((node) => replicate(world, node)), 'the database replicates')
}

/** The database of this node catches up with the publisher's; when that comes back, all do. */
export function replicate(world: World, node: LabNode): void {
  if (node === world.cluster.publisher) {
    for (const other of world.admin.machine.copies.keys()) {
      const found = world.cluster.nodes.get(other) ?? world.presence?.nodes.get(other)
      if (found && found !== node) replicate(world, found)
    }
    return
  }
  const { copies } = world.admin.machine
  const { publisher } = world.cluster
  const token = copies.get(publisher.id)
  if (token === undefined || node.state !== 'up' || publisher.state !== 'up') return
  copies.set(node.id, token)
}
