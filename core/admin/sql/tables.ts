/**
 * The database of a node as `run sql` sees it: documented tables, with the columns that the model has. Rows are made when
 * somebody asks. Numbers of models and roles are those of the product where they are public, else modelled.
 */
import type { Device } from '../../client/device.ts'
import { Random } from '../../engine/random.ts'
import type { LabNode, World } from '../../world.ts'
import { refreshTokenOn } from '../machineAccount.ts'

export type SqlValue = string | null
export type SqlRow = Readonly<Record<string, SqlValue>>
export type SqlTable = { name: string; about: string; columns: readonly string[]; rows: (world: World, node: LabNode) => Iterable<SqlRow> }

/** The key of a row: the same in every run of a seed, and unlike that of any other row. */
const pkid = (world: World, table: string, name: string): string => new Random(world.seed, `pkid ${table} ${name}`).uuid()

const MODELS = [
  ['503', 'Cisco Unified Client Services Framework'],
  ['562', 'Cisco Dual Mode for iPhone'],
  ['575', 'Cisco Dual Mode for Android'],
  ['683', 'Cisco 8841'],
] as const

function modelOf(device: Device): string {
  if (device.client === 'deskphone') return '683'
  return device.os === 'ios' ? '562' : device.os === 'android' ? '575' : '503'
}

const enduserKey = (world: World, user: string): string => pkid(world, 'enduser', user)
const numberKey = (world: World, number: string): string => pkid(world, 'numplan', number)

function* machineAccounts(world: World, node: LabNode): Iterable<SqlRow> {
  const { spare } = world.upgrade
  if (spare?.node === node) {
    if (spare.given) yield { pkid: spare.given.account, refreshtoken: spare.given.refresh }
    return
  }
  if (!world.cluster.onboarded) return
  yield { pkid: world.admin.machine.pkid, refreshtoken: refreshTokenOn(world, node.id) }
}

function* devices(world: World): Iterable<SqlRow> {
  for (const device of world.devices.values()) {
    yield {
      pkid: pkid(world, 'device', device.id),
      name: device.id,
      description: device.label,
      tkmodel: modelOf(device),
      fkdevicepool: pkid(world, 'devicepool', device.pool),
      fkenduser: world.directory.users.has(device.owner) ? enduserKey(world, device.owner) : null,
    }
  }
}

function* endUsers(world: World): Iterable<SqlRow> {
  for (const user of world.directory.users.values()) {
    yield {
      pkid: enduserKey(world, user.id),
      userid: user.id,
      displayname: user.name ?? user.id,
      telephonenumber: user.number,
      fkucserviceprofile: user.serviceProfile === undefined ? null : pkid(world, 'ucserviceprofile', user.serviceProfile),
    }
  }
}

/** Usage 2 is a line, 7 a hunt pilot. */
function* numbers(world: World): Iterable<SqlRow> {
  for (const number of world.directory.lines.keys()) {
    const owner = world.directory.ownerOfNumber.get(number)
    yield { pkid: numberKey(world, number), dnorpattern: number, description: owner?.name ?? '', tkpatternusage: '2' }
  }
  for (const { number, name } of world.directory.pilots.values())
    yield { pkid: numberKey(world, number), dnorpattern: number, description: name, tkpatternusage: '7' }
}

function* linesOfDevices(world: World): Iterable<SqlRow> {
  for (const device of world.devices.values()) {
    for (const [index, number] of device.lines.entries()) {
      yield {
        pkid: pkid(world, 'devicenumplanmap', `${device.id} ${number}`),
        fkdevice: pkid(world, 'device', device.id),
        fknumplan: numberKey(world, number),
        numplanindex: String(index + 1),
      }
    }
  }
}

/** Usage 0 is a publisher, 1 a subscriber; role 1 is voice and video, 2 IM and Presence. */
function* nodes(world: World): Iterable<SqlRow> {
  let nodeid = 0
  for (const node of [...world.cluster.nodes.values(), ...(world.presence?.nodes.values() ?? [])]) {
    yield {
      pkid: pkid(world, 'processnode', node.id),
      name: node.id,
      nodeid: String(++nodeid),
      tknodeusage: node.role === 'publisher' ? '0' : '1',
      tkprocessnoderole: node.family === 'imp' ? '2' : '1',
    }
  }
}

function* pools(world: World): Iterable<SqlRow> {
  for (const [name, group] of world.cluster.pools)
    yield { pkid: pkid(world, 'devicepool', name), name, fkcallmanagergroup: pkid(world, 'callmanagergroup', group) }
}

function* groups(world: World): Iterable<SqlRow> {
  for (const name of world.cluster.groups.keys()) yield { pkid: pkid(world, 'callmanagergroup', name), name }
}

const table = (name: string, about: string, columns: readonly string[], rows: SqlTable['rows']): SqlTable => ({
  name,
  about,
  columns,
  rows,
})

export const SQL_TABLES: readonly SqlTable[] = [
  table('machineaccountdetails', 'machine account at Common Identity', ['pkid', 'refreshtoken'], machineAccounts),
  table('device', 'phones and clients', ['pkid', 'name', 'description', 'tkmodel', 'fkdevicepool', 'fkenduser'], devices),
  table('enduser', 'people', ['pkid', 'userid', 'displayname', 'telephonenumber', 'fkucserviceprofile'], endUsers),
  table('numplan', 'directory numbers', ['pkid', 'dnorpattern', 'description', 'tkpatternusage'], numbers),
  table('devicenumplanmap', 'which number is on which device', ['pkid', 'fkdevice', 'fknumplan', 'numplanindex'], linesOfDevices),
  table('processnode', 'nodes', ['pkid', 'name', 'nodeid', 'tknodeusage', 'tkprocessnoderole'], nodes),
  table('devicepool', 'device pools', ['pkid', 'name', 'fkcallmanagergroup'], pools),
  table('callmanagergroup', 'CM groups', ['pkid', 'name'], groups),
  table('typemodel', 'names of device models', ['enum', 'name'], () => MODELS.map(([number, name]) => ({ enum: number, name }))),
]

export const tableNamed = (name: string): SqlTable | undefined => SQL_TABLES.find((each) => each.name === name.toLowerCase())
