/** Upgrades and the repair of a dead machine token: commands, and what the window shows (UPG). */
import { z } from 'zod'
import { spec } from './spec.ts'

const none = z.strictObject({})

export const upgradeCommands = {
  'repair.install': spec({
    title: 'Repair 1: install a new Unified CM server',
    group: 'Cluster',
    /** The release of the cluster when left out; another one does not help (UPG-09). */
    args: z.strictObject({ release: z.string().min(1).max(40).optional() }),
  }),
  'repair.license': spec({ title: 'Repair 2: license the new server', group: 'Cluster', args: none }),
  'repair.certificates': spec({ title: 'Repair 3: load the certificate chains in its tomcat-trust', group: 'Cluster', args: none }),
  'repair.onboard': spec({ title: 'Repair 3: onboard the new server', group: 'Cluster', args: none }),
  'repair.paste': spec({ title: 'Repair 7: run sql update with the refresh token of the new server', group: 'Cluster', args: none }),
} as const

export const upgradeQuery = spec({ title: 'Show upgrades and the repair of the machine token', group: 'View', args: none })

export type RepairStep = { number: number; title: string; state: 'done' | 'open'; text: string; why: string; commands: string[] }

export type UpgradeView = {
  release: string
  voucherSource: string
  mode: 'licensed' | 'evaluation' | 'provisioning disabled' | 'not licensed'
  evaluationEndsAt: number | null
  /** What the advisor says before an upgrade; empty when nothing is to be said (UPG-06). */
  advice: string
  /** Why the cloud takes no troubleshooting logs of this cluster; null when it does (UPG-07). */
  logsRefused: string | null
  repair: {
    /** The new server, or null before it is installed. */
    server: string | null
    release: string
    sameVersion: boolean
    licensed: boolean
    certificates: boolean
    onboarded: boolean
    tokenFetched: boolean
    problem: string
    /** The nodes, and whether database and running service have the token that Common Identity takes. */
    nodes: { node: string; database: boolean; inUse: boolean; hasAccessToken: boolean }[]
    steps: RepairStep[]
  }
}
