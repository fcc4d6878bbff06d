/** Licence mode, advice, and how far the repair of the machine token has come. */
import { refreshTokenOn } from '../admin/machineAccount.ts'
import { hasToken } from '../cloud/accessAgent.ts'
import { allNodes } from '../cluster/nodes.ts'
import type { RepairStep, UpgradeView } from '../contract/upgrade.ts'
import { licenceObstacle } from '../onboarding/licensing.ts'
import { licensedByPlm, voucherSource } from '../onboarding/state.ts'
import type { World } from '../world.ts'
import { sameVersion } from './repair.ts'

export const UPGRADE_ADVICE = 'Disable push notifications before the upgrade, and onboard again afterwards by the new flow.'

export function upgradeView(world: World): UpgradeView {
  const { cluster, onboarding, upgrade, admin } = world
  const { evaluationEndsAt, provisioningDisabled } = onboarding.licensing
  const { spare } = upgrade
  const nodes = [...allNodes(world)].map((node) => ({
    node: node.id,
    database: refreshTokenOn(world, node.id) === admin.machine.issued,
    inUse: (admin.machine.inUse.get(node.id) ?? admin.machine.issued) === admin.machine.issued,
    hasAccessToken: hasToken(world, node.agent),
  }))
  return {
    release: cluster.release,
    voucherSource: voucherSource(cluster.release),
    mode: provisioningDisabled
      ? 'provisioning disabled'
      : evaluationEndsAt !== null
        ? 'evaluation'
        : licenceObstacle(world)
          ? 'not licensed'
          : 'licensed',
    evaluationEndsAt,
    advice: cluster.onboarded && licensedByPlm(cluster.release) ? UPGRADE_ADVICE : '',
    logsRefused: admin.agent.refusal,
    repair: {
      server: spare?.node.id ?? null,
      release: spare?.node.release ?? '',
      sameVersion: spare !== null && sameVersion(world, spare),
      licensed: spare?.licensed ?? false,
      certificates: spare?.certificates ?? false,
      onboarded: (spare?.given ?? null) !== null,
      tokenFetched: spare !== null && hasToken(world, spare.node.agent),
      problem: spare?.problem ?? '',
      nodes,
      steps: steps(world, nodes),
    },
  }
}

function steps(world: World, nodes: UpgradeView['repair']['nodes']): RepairStep[] {
  const { spare } = world.upgrade
  const given = spare?.given ?? null
  const written = given !== null && refreshTokenOn(world, world.cluster.publisher.id) === given.refresh
  const all: [title: string, done: boolean, text: string, why: string, commands: string[]][] = [
    [
      'Install a new server',
      spare !== null && sameVersion(world, spare),
      'The same version as the affected cluster.',
      'UPG-09',
      ['repair.install'],
    ],
    ['License it', spare?.licensed ?? false, 'Smart Software Manager.', 'UPG-09', ['repair.license']],
    [
      'Load the certificate chains and onboard it',
      given !== null,
      'tomcat-trust, then the Cisco Cloud Onboarding page.',
      'UPG-09',
      ['repair.certificates', 'repair.onboard'],
    ],
    [
      'Verify that a token was retrieved',
      spare !== null && hasToken(world, spare.node.agent),
      'utils service restart Cisco Push Notification service on the new server; see its log.',
      'UPG-09',
      ['cli.run'],
    ],
    ['Read the refresh token on the new server', given !== null, 'run sql select * from machineaccountdetails', 'UPG-10', ['cli.run']],
    ['Read the machine details on the old one', written, 'run sql select * from machineaccountdetails: column pkid', 'UPG-10', ['cli.run']],
    [
      'Write the token on the old publisher',
      written,
      "run sql update machineaccountdetails set refreshtoken='…'",
      'UPG-10',
      ['repair.paste', 'cli.run'],
    ],
    [
      'Verify it on all nodes, and restart the services that hold the old one',
      written && nodes.every((each) => each.database && each.inUse),
      'run sql select refreshtoken from machineaccountdetails; then CMAS, CCMPNS, Tomcat, and on IM and Presence XCP Config Manager, XCP Router, Tomcat.',
      'UPG-10',
      ['cli.run', 'service.restart'],
    ],
  ]
  return all.map(([title, done, text, why, commands], index) => ({
    number: index + 1,
    title,
    state: done ? 'done' : 'open',
    text,
    why,
    commands,
  }))
}
