/** Advanced Features > Cisco Cloud Onboarding, on the publisher: opening it, and its check boxes (ONB-06, ONB-12, ONB-13). */
import { isRunning, TOMCAT } from '../cluster/nodes.ts'
import { checkReachability } from '../cluster/reachability.ts'
import type { Flow } from '../flowBook.ts'
import { note, type LabNode, type World } from '../world.ts'
import { statusOf, type Boxes } from './state.ts'
import { onboardingPlace } from './subscribe.ts'
import { missingRoots } from './trust.ts'

/** Opening the page may take this long (ONB-06). */
export const PAGE_BUSY_MS = 60_000

export const LABELS: Readonly<Record<keyof Boxes, string>> = {
  push: 'Enable Push Notifications',
  manageCertificates: 'I want Cisco to manage the Cisco Cloud Service CA Certificates required for this trust',
  sendTroubleshooting: 'Send Troubleshooting Information to the Cisco Cloud',
  encryptPii: 'Send encrypted PII to the Cisco Cloud for troubleshooting',
}

export const onPage = (world: World, message: string, outcome: string, status: 'info' | 'ok' | 'warn' | 'fail', why: string): void =>
  void note(world, { flow: 0, place: onboardingPlace(world.cluster.publisher), carrier: 'admin' }, message, outcome, status, why)

/** Checks reachability and certificates first; until then the page is busy. Answers with the flow of the check, or why not. */
export function openPage(world: World, node: LabNode): Flow | string {
  const { onboarding, cluster } = world
  if (node !== cluster.publisher)
    return `${node.id} does not offer Cisco Cloud Onboarding: log in to the publisher, ${cluster.publisher.id} (ONB-06)`
  if (!isRunning(node, TOMCAT)) return `${node.id} does not answer: Cisco Tomcat does not run there`
  if (onboarding.page.state === 'checking') return 'the page is loading already: it may take a minute (ONB-06)'
  const opened = { state: 'checking' as const, since: world.clock.now() }
  onboarding.page = opened
  const ready = (): void => {
    if (onboarding.page !== opened) return
    limit.cancel()
    onboarding.page = { state: 'open', since: world.clock.now() }
    const { boxesCleared, saved } = onboarding
    onboarding.boxes = boxesCleared ? { ...saved, push: false, manageCertificates: false } : { ...saved }
    const missing = missingRoots(world, node.id, true)
    const certificates = missing.length === 0 ? 'certificates present' : `certificates missing: ${missing.join(', ')}`
    const failed = [...world.checks.values()].filter((check) => check.level === 'Fail').length
    const cloud = failed === 0 ? 'Cisco cloud reachable' : `Cisco cloud: ${failed} checks failed`
    onPage(world, 'page opened', `${cloud}; ${certificates}; status: ${statusOf(world)}`, failed === 0 ? 'ok' : 'warn', 'ONB-06')
    if (boxesCleared)
      onPage(world, 'two check boxes are clear', `tick again: ${LABELS.push}; ${LABELS.manageCertificates}`, 'warn', 'ONB-12')
  }
  const limit = world.clock.schedule(PAGE_BUSY_MS, ready, 'the onboarding page ends its checks')
  onPage(world, 'page loads', 'checks whether the Cisco cloud is reachable and certificates are present', 'info', 'ONB-06')
  return checkReachability(world, ready)
}

export const notOpen = (world: World): string | null =>
  world.onboarding.page.state === 'open'
    ? null
    : world.onboarding.page.state === 'checking'
      ? 'the page is still loading: it may take a minute (ONB-06)'
      : 'open the Cisco Cloud Onboarding page first, on the publisher (onboarding.open)'

/** Ticks and clears boxes; nothing is in force before Save. */
export function tick(world: World, change: Partial<{ [K in keyof Boxes]: boolean | undefined }>): string | null {
  const closed = notOpen(world)
  if (closed !== null) return closed
  const { boxes } = world.onboarding
  const said: string[] = []
  for (const key of Object.keys(LABELS) as (keyof Boxes)[]) {
    const value = change[key]
    if (value === undefined) continue
    boxes[key] = value
    said.push(`${value ? 'ticked' : 'clear'}: ${LABELS[key]}`)
  }
  if (said.length === 0) return 'nothing to set: name at least one box'
  onPage(
    world,
    'check boxes',
    `${said.join('; ')}; not saved yet`,
    'info',
    said.length > 0 && change.push === undefined ? 'ONB-13' : 'ONB-11',
  )
  return null
}
