import { createPinia, setActivePinia } from 'pinia'
import { beforeEach, describe, expect, it } from 'vitest'
import { type Action, actionsFor, useActions } from '../../../renderer/state/actions.ts'
import { deviceActions } from '../../../renderer/state/deviceActions.ts'
import { useLab } from '../../../renderer/state/lab.ts'
import { linkActions, nodeActions, serviceActions } from '../../../renderer/state/placeActions.ts'
import { useSelection } from '../../../renderer/state/selection.ts'
import { callTarget, shortcutAction } from '../../../renderer/state/shortcuts.ts'
import { useToasts } from '../../../renderer/state/toasts.ts'
import { type DeviceRow, failure } from '../../../core/contract/index.ts'
import { type FakePort, fakePort } from '../fixtures/fakePort.ts'
import { localPush, splitMesh, wholeMesh } from '../fixtures/localPush.ts'
import { clock, deviceRow, devices, faults, flow17, flow18, linkRow, nodeRow, nodes, snapshot } from '../fixtures/rows.ts'

let port: FakePort
beforeEach(async () => {
  setActivePinia(createPinia())
  port = fakePort(null)
  const lab = useLab()
  await lab.connect(port)
  lab.apply(snapshot())
})

const find = (actions: Action[], id: string): Action => {
  const found = actions.find((action) => action.id === id)
  if (!found) throw new Error(`no action ${id} in ${actions.map((action) => action.id).join(', ')}`)
  return found
}
const ids = (actions: Action[]): string[] => actions.map((action) => action.id)

describe('actions on a device', () => {
  it('a ringing phone offers answer and decline, and says why hang up must wait', () => {
    const actions = deviceActions(devices[0]!, devices)
    expect(ids(actions).slice(0, 5)).toEqual(['call.place', 'message.send', 'device.answer', 'device.decline', 'device.hangUp'])
    expect(find(actions, 'device.answer')).toMatchObject({ disabled: false, key: 'A', args: { device: 'ana-iphone' } })
    expect(find(actions, 'device.hangUp').disabled).toMatch(/not answered/)
  })

  it('a phone without a call offers none of the three', () => {
    const quiet = deviceRow({ id: 'quiet' })
    expect(ids(deviceActions(quiet, [quiet])).filter((id) => /answer|decline|hangUp/.test(id))).toEqual([])
  })

  it('an active call can be hung up, not answered again', () => {
    const call = { ...devices[0]!.screen.call!, state: 'active' as const, canAnswer: false, canDecline: false }
    const actions = deviceActions({ ...devices[0]!, screen: { ...devices[0]!.screen, call } }, devices)
    expect(find(actions, 'device.hangUp').disabled).toBe(false)
    expect(find(actions, 'device.answer').disabled).toMatch(/answered already/)
  })

  it('tap needs a notification on the screen', () => {
    expect(find(deviceActions(devices[2]!, devices), 'device.tap').disabled).toBe(false)
    expect(find(deviceActions(devices[1]!, devices), 'device.tap').disabled).toMatch(/No notification/)
  })

  it('lock turns into unlock, and the screen is asked for its other state', () => {
    const actions = deviceActions(devices[1]!, devices)
    expect(ids(actions)).toContain('device.unlock')
    expect(ids(actions)).not.toContain('device.lock')
    expect(find(actions, 'device.screen')).toMatchObject({ label: 'Screen on', args: { device: 'bo-pixel', lit: true } })
  })

  it('leaving Wi-Fi and airplane mode send exactly these networks', () => {
    const actions = deviceActions(deviceRow({ id: 'x' }), devices)
    expect(find(actions, 'device.network.leave').args).toEqual({ device: 'x', wifi: null })
    expect(find(actions, 'device.network.fly').args).toEqual({ device: 'x', wifi: null, cellular: false })
    const flying = deviceActions(
      deviceRow({ id: 'x', network: { wifi: null, wifiIsMainRoute: true, cellular: false, internet: true, connected: false } }),
      devices,
    )
    expect(find(flying, 'device.network.fly-off').args).toEqual({ device: 'x', cellular: true })
    expect(find(flying, 'device.network.no-internet').disabled).toMatch(/no network/)
  })

  it('a stale token cannot be made stale again', () => {
    expect(find(deviceActions(devices[1]!, devices), 'device.expireToken').disabled).toMatch(/stale already/)
  })

  it('a signed-out client offers sign in instead of log out', () => {
    const actions = deviceActions(deviceRow({ id: 'x', signedIn: false }), devices)
    expect(ids(actions)).toContain('device.signIn')
    expect(ids(actions)).not.toContain('device.signOut')
    expect(find(actions, 'device.kill').disabled).toBe('It is signed out.')
  })

  it('a desk phone has no app, no lock and no token', () => {
    expect(ids(deviceActions(devices[3]!, devices)).filter((id) => /lock|kill|Token|message|foreground/.test(id))).toEqual([])
  })

  it('every command named is a command of the contract', () => {
    const known = new Set(useLab().commands.map((command) => command.name))
    const all = [
      ...devices.flatMap((device) => deviceActions(device, devices)),
      ...nodes.flatMap((node) => nodeActions(node, faults)),
      ...linkActions(linkRow('a', 'b'), faults, String),
      ...actionsFor({ kind: 'flow', id: '18' }),
      ...actionsFor({ kind: 'event', id: '6' }),
      ...actionsFor({ kind: 'fault', id: 'fault-1' }),
    ]
    expect(all.length).toBeGreaterThan(100)
    expect(all.filter((action) => !known.has(action.command))).toEqual([])
  })
})

describe('actions on nodes, services, links, flows', () => {
  it('a crashed node can only be started', () => {
    const actions = nodeActions(nodes[0]!, [])
    expect(actions.filter((action) => action.disabled === false && action.group !== 'Break').map((action) => action.id)).toEqual([
      'node.start',
    ])
    expect(find(actions, 'node.crash').disabled).toBe('It is crashed already.')
  })

  it('a running service stops or restarts; a stopped one starts', () => {
    const node = nodeRow({ id: 'n' })
    expect(ids(serviceActions(node, node.services[1]!))).toEqual([
      'service.stop.Cisco Push Notification Service',
      'service.restart.Cisco Push Notification Service',
    ])
    const stopped = { ...node.services[1]!, state: 'stopped' as const }
    const [start, restart] = serviceActions(node, stopped)
    expect(start).toMatchObject({
      command: 'service.start',
      disabled: false,
      args: { node: 'n', service: 'Cisco Push Notification Service' },
    })
    expect(restart?.disabled).toMatch(/not running/)
  })

  it('a cloud offers status answers and the removal of what is on it', () => {
    const actions = nodeActions(
      nodes.find((node) => node.id === 'apns')!,
      faults,
    )
    expect(actions[0]).toMatchObject({ command: 'fault.remove', args: { fault: 'fault-1' } })
    expect(find(actions, 'fault.answer.410').args).toEqual({ fault: { kind: 'answer', on: 'apns', status: 410 } })
    expect(ids(actions)).not.toContain('node.crash')
  })

  it('a firewall passes things on: its links can be broken, it cannot be crashed', () => {
    const actions = actionsFor({ kind: 'node', id: 'firewall' })
    expect(ids(actions).filter((id) => id.startsWith('node.'))).toEqual([])
    expect(find(actions, 'fault.idle-cut.proxy~firewall').args).toEqual({ fault: { kind: 'idle-cut', on: 'proxy~firewall' } })
  })

  it('Apple and Google are not reached through the proxy of the cluster', () => {
    expect(ids(actionsFor({ kind: 'node', id: 'apns' }))).not.toContain('fault.tls-inspect')
    expect(ids(actionsFor({ kind: 'node', id: 'push-rest' }))).toContain('fault.tls-inspect')
  })

  it('a call that is over cannot be hung up', () => {
    useLab().apply(snapshot())
    expect(find(actionsFor({ kind: 'flow', id: flow18.id }), 'call.hangUp').disabled).toBe(false)
    expect(find(actionsFor({ kind: 'flow', id: flow17.id }), 'call.hangUp').disabled).toBe('The call is over: missed.')
  })

  it('fork before an arrow seeks to the millisecond before it left, then forks', async () => {
    const fork = actionsFor({ kind: 'event', id: '6' }).find((action) => action.command === 'time.fork')!
    await useActions().run(fork)
    expect(port.calls.slice(-2)).toEqual([
      { name: 'time.seek', args: { at: 194_302 } },
      { name: 'time.fork', args: {} },
    ])
  })

  it('a seek that fails stops the fork', async () => {
    port.answer('time.seek', failure('limit', 'That is too far back.'))
    const fork = actionsFor({ kind: 'event', id: '6' }).find((action) => action.command === 'time.fork')!
    await useActions().run(fork)
    expect(port.calls.some((call) => call.name === 'time.fork')).toBe(false)
    expect(useToasts().shown.at(-1)?.title).toContain('That is too far back.')
  })
})

describe('running an action', () => {
  it('a failure becomes a toast with where and how to mend it', async () => {
    port.answer(
      'device.lock',
      failure('refused', 'It cannot be locked.', [{ path: 'device', message: 'is unknown', fix: 'choose one of the lab' }]),
    )
    await useActions().run({
      id: 'x',
      label: 'Lock',
      command: 'device.lock',
      args: { device: 'q' },
      destructive: false,
      disabled: false,
      group: '',
    })
    const [toast] = useToasts().shown
    expect(toast).toMatchObject({ tone: 'bad', title: 'Lock: It cannot be locked.', lines: ['device: is unknown — choose one of the lab'] })
    expect(useToasts().log).toHaveLength(1)
  })

  it('a disabled action sends nothing and tells the reason', async () => {
    const before = port.calls.length
    await useActions().run(find(deviceActions(devices[1]!, devices), 'device.tap'))
    expect(port.calls).toHaveLength(before)
    expect(useToasts().shown[0]?.lines).toEqual(['No notification is on its screen.'])
  })

  it('an action that lacks required arguments opens its form instead', async () => {
    const before = port.calls.length
    await useActions().run({ id: 'x', label: 'Crash', command: 'node.crash', args: {}, destructive: true, disabled: false, group: '' })
    expect(port.calls).toHaveLength(before)
    expect(useActions().form?.fields.map((field) => field.name)).toEqual(['node'])
  })

  it('a call in a paused lab starts the clock and selects the call', async () => {
    await useActions().run(find(deviceActions(devices[0]!, devices), 'call.place'))
    expect(port.calls.slice(-2).map((call) => call.name)).toEqual(['call.place', 'time.run'])
    expect(useSelection().current).toEqual({ kind: 'flow', id: '18' })
  })

  it('a call in a running lab leaves the clock alone', async () => {
    useLab().apply({ ...snapshot(), clock: clock({ mode: 'express' }) })
    await useActions().run(find(deviceActions(devices[0]!, devices), 'call.place'))
    expect(port.calls.at(-1)?.name).toBe('call.place')
  })

  it('the ladder is a tab, not a request', async () => {
    await useActions().run(find(actionsFor({ kind: 'flow', id: '18' }), 'flow.ladder'))
    expect(useSelection()).toMatchObject({ view: 'flow', flowNumber: 18 })
    expect(port.calls.some((call) => call.name === 'flow.ladder')).toBe(false)
  })
})

describe('keys and the Call button', () => {
  it('call the selected device, the far end of the selected call, else the first mobile one', () => {
    const selection = useSelection()
    expect(callTarget()?.id).toBe('ana-iphone')
    selection.select('device', 'bo-pixel')
    expect(callTarget()?.id).toBe('bo-pixel')
    selection.select('flow', 17)
    expect(callTarget()?.id).toBe('chen-iphone')
    selection.select('node', 'apns')
    expect(callTarget()?.id).toBe('ana-iphone')
  })

  it('A answers the ringing phone even when another one is selected', () => {
    useSelection().select('device', 'bo-pixel')
    expect(shortcutAction('device.answer')).toMatchObject({ args: { device: 'ana-iphone' } })
  })

  it('says when there is nothing to answer', () => {
    useLab().apply({ ...snapshot(), upsert: [deviceRow({ id: 'quiet' })] })
    expect(shortcutAction('device.answer')).toBe('No phone is ringing right now.')
  })
})

describe('selection', () => {
  it('goes back and forward, and a new choice forgets the way forward', () => {
    const selection = useSelection()
    selection.select('device', 'a')
    selection.select('node', 'b')
    selection.select('event', 3)
    selection.back()
    selection.back()
    expect(selection.current).toEqual({ kind: 'device', id: 'a' })
    selection.forward()
    expect(selection.current).toEqual({ kind: 'node', id: 'b' })
    selection.select('flow', 9)
    expect(selection.canGoForward).toBe(false)
  })
})

describe('local push', () => {
  const phone = (over: Partial<DeviceRow> = {}) => deviceRow({ id: 'x', localPush: localPush(), ...over })

  it('[LPNS-18] roams to a Wi-Fi that this lab knows, a listed one first, or leaves it', () => {
    const actions = deviceActions(phone(), [phone(), deviceRow({ id: 'y', network: { ...phone().network, wifi: 'Canteen' } })])
    const roam = find(actions, 'device.network.roam')
    expect(roam).toMatchObject({ command: 'device.network', args: { device: 'x' } })
    expect(roam.ask?.[0]).toMatchObject({
      default: 'Theatre',
      suggestions: [
        { value: 'Canteen', label: 'not in LocalPushSSIDList' },
        { value: 'Theatre', label: 'in LocalPushSSIDList' },
        { value: 'Ward', label: 'in LocalPushSSIDList' },
      ],
    })
    expect(find(actions, 'device.network.leave').args).toEqual({ device: 'x', wifi: null })
    expect(ids(deviceActions(phone({ network: { ...phone().network, wifi: null } }), []))).toContain('device.network.join')
  })

  it('[LPNS-09] takes the main route from Wi-Fi and gives it back', () => {
    expect(find(deviceActions(phone(), []), 'device.network.main-route').args).toEqual({ device: 'x', wifiIsMainRoute: false })
    const wired = phone({ network: { ...phone().network, wifiIsMainRoute: false } })
    expect(find(deviceActions(wired, []), 'device.network.main-route').args).toEqual({ device: 'x', wifiIsMainRoute: true })
    const away = phone({ network: { ...phone().network, wifi: null } })
    expect(find(deviceActions(away, []), 'device.network.main-route').disabled).toBe('It is on no Wi-Fi.')
  })

  it('[LPNS-17] expires the access token, alone or with the refresh token', () => {
    const actions = deviceActions(phone(), [])
    expect(find(actions, 'device.expireAccessToken').args).toEqual({ device: 'x', refresh: false })
    expect(find(actions, 'device.expireAccessToken.refresh').args).toEqual({ device: 'x', refresh: true })
    expect(find(deviceActions(phone({ signedIn: false }), []), 'device.expireAccessToken').disabled).toBe('It is signed out.')
  })

  it('[LPNS-25] imports the private root or removes it, whichever is not the case', () => {
    expect(find(deviceActions(phone(), []), 'device.trust')).toMatchObject({ label: 'Remove the private root', args: { trusted: false } })
    const without = deviceActions(phone({ trustsPrivateCa: false }), [])
    expect(find(without, 'device.trust')).toMatchObject({ label: 'Import the private root', args: { trusted: true } })
  })

  it('[LPNS-04] kills LPNS only where it runs', () => {
    const node = nodeRow({ id: 'n' })
    expect(find(nodeActions(node, []), 'service.kill.Cisco Local Push Notification Service').disabled).toBe(false)
    const stopped = { ...node, services: node.services.map((service) => ({ ...service, state: 'stopped' as const })) }
    expect(find(nodeActions(stopped, []), 'service.kill.Cisco Local Push Notification Service').disabled).toBe('It is stopped already.')
    expect(find(nodeActions({ ...node, state: 'crashed' }, []), 'service.kill.Cisco Local Push Notification Service').disabled).toBe(
      'n is crashed.',
    )
    const away = nodeActions({ ...node, state: 'off network' }, [])
    expect(find(away, 'service.kill.Cisco Local Push Notification Service').disabled).toBe('n is off network.')
  })

  it('[LPNS-19] splits a node off while it has somebody to lose, and heals what is lost', () => {
    const [, , sub2] = splitMesh()
    const [, , whole] = wholeMesh()
    expect(find(nodeActions(sub2!, []), 'mesh.split.this').disabled).toMatch(/lost all others/)
    expect(find(nodeActions(sub2!, []), 'mesh.heal').disabled).toBe(false)
    expect(find(nodeActions(whole!, []), 'mesh.split.this')).toMatchObject({ disabled: false, args: { nodes: ['ucm-sub2'] } })
    expect(find(nodeActions(whole!, []), 'mesh.heal').disabled).toMatch(/No neighbour is lost/)
    // Neighbours notice a split after 25 s; who split it can take it back before.
    const early = { ...whole!, mesh: { ...whole!.mesh!, split: true } }
    expect(find(nodeActions(early, []), 'mesh.heal').disabled).toBe(false)
    const cut = { ...sub2!, mesh: { ...sub2!.mesh!, split: false } }
    expect(find(nodeActions(cut, []), 'mesh.heal').disabled).toMatch(/^It was not split/)
  })
})
