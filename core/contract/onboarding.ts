/** Cloud onboarding as the administrator meets it: licences, voucher, the page, trust stores, and what the page shows (ONB). */
import { z } from 'zod'
import { spec } from './spec.ts'
import { id } from './values.ts'

const node = id.describe('node')
const none = z.strictObject({})

/** Roots that cloud hosts prove themselves with; the last one before the change of FN72120. */
export const cloudRoot = z.enum(['IdenTrust Commercial Root CA 1', 'Go Daddy Class 2 Certification Authority', 'QuoVadis Root CA 2'])

/** Part of the scenario file: how far the administrator has come when the lab starts. */
export const onboardingSchema = z
  .strictObject({
    /** `fresh`: nothing is done yet; `done`: Cloud Onboarding Completed. When left out `onboarded` decides, and the rest is ready. */
    start: z.enum(['fresh', 'done']).optional(),
    licensing: z
      .strictObject({
        /** 11.5: synchronised in Prime License Manager (ONB-03). */
        synchronised: z.boolean().optional(),
        /** From 12.0 on: registered with CSSM or CSSM Satellite (ONB-04). */
        registered: z.boolean().optional(),
        /** Specific License Reservation (ONB-05). */
        reservation: z.boolean().default(false),
        /** Length of evaluation mode (DEC-30). */
        evaluationDays: z.int().min(1).max(365).default(90),
      })
      .prefault({}),
    /** Whether Cisco manages the CA certificates of the cloud, where push is on already (ONB-08). */
    manageCertificates: z.boolean().default(true),
    /** Age of the file that the servers were installed from: an older one lacks the newest root (ONB-09). */
    installationFile: z.enum(['current', 'older']).default('current'),
    /** Whether two boxes are clear again after Tomcat has restarted (ONB-12). */
    boxesClearAfterRestart: z.boolean().default(true),
    /** Root of Common Identity and Push REST when the lab starts (ONB-10, SCN-02). */
    cloudRoot: cloudRoot.default('IdenTrust Commercial Root CA 1'),
    /** Roots that are missing on a node (SCN-03). */
    lacks: z
      .array(z.strictObject({ node: id, root: cloudRoot }))
      .max(100)
      .default([]),
  })
  .prefault({})

export const onboardingCommands = {
  'license.synchronize': spec({ title: 'Prime License Manager: Synchronize Licenses (11.5 only)', group: 'Cluster', args: none }),
  'license.register': spec({
    title: 'Register with Smart Licensing (CSSM or CSSM Satellite)',
    group: 'Cluster',
    args: z.strictObject({ registered: z.boolean().default(true) }),
  }),
  'license.reservation': spec({
    title: 'Enable or disable Specific License Reservation',
    group: 'Cluster',
    args: z.strictObject({ enabled: z.boolean() }),
  }),
  'onboarding.open': spec({
    title: 'Open Advanced Features > Cisco Cloud Onboarding',
    group: 'Cluster',
    /** The publisher when left out; a subscriber does not offer the page (ONB-06). */
    args: z.strictObject({ node: node.optional() }),
  }),
  'onboarding.voucher': spec({ title: 'Cloud Onboarding: Generate Voucher', group: 'Cluster', args: none }),
  'onboarding.tick': spec({
    title: 'Cloud Onboarding: tick or clear check boxes',
    group: 'Cluster',
    args: z.strictObject({
      /** `Enable Push Notifications`. */
      push: z.boolean().optional(),
      /** `I want Cisco to manage the Cisco Cloud Service CA Certificates required for this trust`. */
      manageCertificates: z.boolean().optional(),
      sendTroubleshooting: z.boolean().optional(),
      encryptPii: z.boolean().optional(),
    }),
  }),
  'onboarding.save': spec({ title: 'Cloud Onboarding: Save', group: 'Cluster', args: none }),
  'trust.upload': spec({
    title: 'Upload a cloud root to tomcat-trust',
    group: 'Cluster',
    /** All nodes when none is named. */
    args: z.strictObject({ root: cloudRoot, nodes: z.array(node).min(1).max(30).optional() }),
  }),
  'trust.remove': spec({
    title: 'Remove a cloud root from tomcat-trust',
    group: 'Cluster',
    destructive: true,
    args: z.strictObject({ root: cloudRoot, nodes: z.array(node).min(1).max(30).optional() }),
  }),
  'cloud.move': spec({ title: 'The data centre of the cloud moves to other addresses', group: 'Fault', destructive: true, args: none }),
  'firewall.rule': spec({
    title: 'Let the firewall allow the cloud by host names or by addresses',
    group: 'Cluster',
    args: z.strictObject({ by: z.enum(['host names', 'addresses']) }),
  }),
  'cloud.certificate': spec({
    title: 'The cloud changes the root of its certificates',
    group: 'Fault',
    destructive: true,
    args: z.strictObject({
      root: cloudRoot,
      hosts: z
        .array(z.enum(['ci', 'push-rest', 'fos']))
        .min(1)
        .max(3)
        .default(['ci', 'push-rest']),
    }),
  }),
} as const

export const onboardingQuery = spec({ title: 'Show the Cisco Cloud Onboarding page', group: 'View', args: none })

export type CheckLevel = 'Pass' | 'Warning' | 'Fail'

/** A prerequisite with its repair (ONB-02 and others). */
export type Prerequisite = { id: string; level: CheckLevel; subject: string; text: string; fix: string; why: string }

/** A task of the task flow; one that does not apply says why, an open one what follows from leaving it out (ONB-01). */
export type OnboardingTask = {
  number: number
  title: string
  state: 'done' | 'open' | 'not applicable'
  optional: boolean
  text: string
  effect: string
  /** Rows of the ledger, and the commands that do the task. */
  why: string
  commands: string[]
}

export type OnboardingView = {
  /** The publisher: no other node offers the page. */
  offeredOn: string
  page: 'closed' | 'checking' | 'open'
  since: number
  status: string
  /** Texts beside the status, with what they really mean (ONB-17). */
  messages: { text: string; explanation: string; why: string }[]
  boxes: { push: boolean; manageCertificates: boolean; sendTroubleshooting: boolean; encryptPii: boolean }
  saved: { push: boolean; manageCertificates: boolean; sendTroubleshooting: boolean; encryptPii: boolean }
  voucher: { state: 'none' | 'present'; source: string; at: number | null }
  licensing: {
    kind: 'Prime License Manager' | 'Smart Licensing'
    synchronised: boolean
    registered: boolean
    reservation: boolean
    evaluationEndsAt: number | null
    provisioningDisabled: boolean
  }
  machineAccount: string | null
  /** Told to support by the customer; the token stands on this page and nowhere in the cloud (TRB-03, TRB-05). */
  customerClusterId: string | null
  supportToken: string | null
  /** Enable HTTP(S) Proxy; null in a lab without one. */
  proxy: { enabled: boolean; address: string } | null
  problem: { text: string; why: string } | null
  /** Which root each cloud host needs (ONB-10). */
  cloudRoots: { host: string; root: string }[]
  trust: {
    node: string
    roots: { root: string; by: 'hand' | 'Cisco'; inForce: boolean }[]
    staged: string[]
    missing: string[]
  }[]
  /** Services that have to restart, in the order that helps, with what holds until they have. */
  restarts: { node: string; service: string; effect: string; why: string }[]
  tasks: OnboardingTask[]
  prerequisites: Prerequisite[]
}
