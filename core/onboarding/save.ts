/** Save on the Cisco Cloud Onboarding page: the first, the second, later changes, and turning push off (ONB-11 to ONB-18). */
import { pushDisabled, setOptions } from '../admin/agent.ts'
import { keepInUse, takeMachineAccount } from '../admin/machineAccount.ts'
import { allNodes } from '../cluster/nodes.ts'
import type { Flow } from '../flowBook.ts'
import type { World } from '../world.ts'
import { licenceObstacle } from './licensing.ts'
import { LABELS, notOpen, onPage } from './page.ts'
import { statusOf } from './state.ts'
import { completed, settleAll, subscribe } from './subscribe.ts'
import { fetchManaged, missingRoots, REFUSAL_TEXT, stage } from './trust.ts'

/** Save. What follows depends on where the cluster stands. Answers with a flow, nothing, or why it is refused. */
export function save(world: World): Flow | string | null {
  const { onboarding } = world
  const closed = notOpen(world)
  if (closed !== null) return closed
  if (onboarding.requesting) return 'the subscription request is under way'
  if (!onboarding.boxes.push) return saveWithoutPush(world)
  const licence = licenceObstacle(world)
  // A cluster that is onboarded goes on in evaluation mode; a reservation excludes push altogether (UPG-04, ONB-05).
  if (licence && (onboarding.phase !== 'completed' || licence.why === 'ONB-05'))
    return `not saved: ${licence.text}. ${licence.fix} (${licence.why})`
  switch (onboarding.phase) {
    case 'none':
    case 'off':
      return firstSave(world)
    case 'saved':
      return `not saved: restart Cisco Tomcat on all nodes first, ${world.cluster.publisher.id} has not taken the first Save yet (utils service restart Cisco Tomcat, ONB-11)`
    case 'pending':
      return secondSave(world)
    case 'completed':
      return changed(world)
  }
}

/** The text of the page, and what exactly is missing (ONB-10). */
function certificateRefusal(world: World): string | null {
  const { publisher } = world.cluster
  const { boxes } = world.onboarding
  const missing = missingRoots(world, publisher.id, boxes.manageCertificates)
  if (missing.length === 0) return null
  const why = boxes.manageCertificates ? 'newer than the installation file: upload it by hand, ONB-09' : 'ONB-10'
  return `${REFUSAL_TEXT} Missing on ${publisher.id}: ${missing.join(', ')} (${why}).`
}

function keepBoxes(world: World): void {
  const { onboarding } = world
  onboarding.saved = { ...onboarding.boxes }
  onboarding.boxesCleared = false
  onboarding.problem = null
}

function firstSave(world: World): string | null {
  const { onboarding } = world
  if (!onboarding.boxes.manageCertificates) {
    const refusal = certificateRefusal(world)
    if (refusal !== null) return refusal
  }
  keepBoxes(world)
  if (onboarding.saved.manageCertificates) stage(world)
  onboarding.phase = 'saved'
  for (const node of allNodes(world)) onboarding.due.tomcat.add(node.id)
  onPage(world, 'Save', 'restart Cisco Tomcat on all nodes: utils service restart Cisco Tomcat', 'ok', 'ONB-11')
  settleAll(world)
  return null
}

function secondSave(world: World): Flow | string {
  const { onboarding, cluster } = world
  const refusal = certificateRefusal(world)
  if (refusal !== null) return refusal
  keepBoxes(world)
  onboarding.requesting = true
  onPage(world, 'Save', 'subscription request', 'ok', 'ONB-14')
  const asking = { node: cluster.publisher, cluster: cluster.id, voucher: onboarding.voucher !== null }
  return subscribe(world, asking, (given) => {
    onboarding.requesting = false
    if ('problem' in given) {
      onboarding.problem = { text: given.problem, why: given.why }
      onPage(world, 'onboarding failed', `${given.problem}; status: ${statusOf(world)}`, 'fail', given.why)
      return
    }
    // A service that runs with push already goes on with its old token until it restarts (ONB-15).
    keepInUse(
      world,
      [...allNodes(world)].filter((node) => node.agent.enabled),
    )
    takeMachineAccount(world, given.account, given.refresh)
    restartsDue(world)
    if (onboarding.turnedOffClean) world.admin.agent.refusal = null // UPG-07
    onboarding.turnedOffClean = false
    const { sendTroubleshooting, encryptPii } = onboarding.saved
    completed(world)
    setOptions(world, { send: sendTroubleshooting, encryptPii })
    onPage(world, `Status: ${statusOf(world)}`, 'restart the Cisco Push Notification Service on all nodes', 'ok', 'ONB-14')
    if (world.presence)
      onPage(
        world,
        'the Cisco XCP router needs a restart',
        'Cisco XCP Config Manager, then Cisco XCP Router, on each node',
        'info',
        'ONB-16',
      )
    onPage(world, NO_ACTIVATION_CODES, 'information only: onboarding has not failed', 'info', 'ONB-17')
  })
}

/** Says only that no device type uses activation codes (ONB-17). */
export const NO_ACTIVATION_CODES = 'No phones are enabled in the Device Defaults page to use Activation Code Onboarding'

function restartsDue(world: World): void {
  const { due } = world.onboarding
  for (const node of allNodes(world)) {
    if (node.family === 'ucm') due.cpns.add(node.id)
    else {
      due.xcpConfig.add(node.id)
      due.xcpRouter.add(node.id)
    }
  }
}

/** A later change on the page: CPNS runs with the old settings until it restarts (ONB-15). */
function changed(world: World): string | null {
  const { onboarding } = world
  const managedNow = onboarding.boxes.manageCertificates && !onboarding.saved.manageCertificates
  if (!onboarding.boxes.manageCertificates) {
    const refusal = certificateRefusal(world)
    if (refusal !== null) return refusal
  }
  keepBoxes(world)
  if (managedNow || onboarding.saved.manageCertificates) fetchManaged(world, false)
  const { sendTroubleshooting, encryptPii } = onboarding.saved
  setOptions(world, { send: sendTroubleshooting, encryptPii })
  for (const node of world.cluster.nodes.keys()) onboarding.due.cpns.add(node)
  onPage(
    world,
    'Save',
    'restart the Cisco Push Notification Service on all nodes; until then it runs with the old settings',
    'ok',
    'ONB-15',
  )
  settleAll(world)
  return null
}

/** Enable Push Notifications is clear: an onboarded cluster turns push off, any other does not onboard (ONB-18, ONB-12). */
function saveWithoutPush(world: World): string | null {
  const { onboarding, cluster } = world
  const { sendTroubleshooting, encryptPii } = onboarding.boxes
  if (onboarding.phase !== 'completed') {
    keepBoxes(world)
    onPage(world, 'Save', `${LABELS.push} is clear: no subscription request; status: ${statusOf(world)}`, 'warn', 'ONB-12')
    return null
  }
  keepBoxes(world)
  setOptions(world, { send: sendTroubleshooting, encryptPii })
  onboarding.turnedOffClean = !sendTroubleshooting && !encryptPii
  onboarding.phase = 'off'
  cluster.onboarded = false
  pushDisabled(world)
  restartsDue(world)
  onboarding.due.xcpConfig.clear()
  onPage(
    world,
    'Save',
    'push is off; restart CPNS, and Cisco XCP Router on all IM and Presence nodes: until then they go on',
    'ok',
    'ONB-18',
  )
  settleAll(world)
  return null
}
