/** What a person can do with a phone, a desktop client or a desk phone. */
import type { DeviceRow } from '../../core/contract/index.ts'
import type { Action } from './action.ts'
import { askField as field } from './fields.ts'
import { sessionActions, wifiActions } from './localPushActions.ts'
import { imDeviceActions } from './presenceActions.ts'

const DURATION_HINT = 'for example 250ms, 2s, 1min; empty leaves it as it is'

const callActions = (device: DeviceRow): Action[] => {
  const call = device.screen.call
  if (!call) return []
  const base = { args: { device: device.id }, destructive: false, group: 'Call' }
  const incoming = call.direction === 'incoming'
  const actions: Action[] = []
  if (incoming) {
    const waits = call.state === 'active' ? 'The call is answered already.' : 'The app is not ready to take it yet.'
    actions.push(
      { ...base, id: 'device.answer', label: 'Answer', command: 'device.answer', disabled: call.canAnswer ? false : waits, key: 'A' },
      { ...base, id: 'device.decline', label: 'Decline', command: 'device.decline', disabled: call.canDecline ? false : waits, key: 'D' },
    )
  }
  const canHangUp = call.state === 'active' || call.direction === 'outgoing'
  actions.push({
    ...base,
    id: 'device.hangUp',
    label: 'Hang up',
    command: 'device.hangUp',
    disabled: canHangUp ? false : 'Nothing to hang up: the call was not answered here.',
  })
  return actions
}

const networkActions = (device: DeviceRow, devices: readonly DeviceRow[]): Action[] => {
  const { wifi, cellular, internet } = device.network
  const set = (id: string, label: string, args: Record<string, unknown>, disabled: false | string = false): Action => ({
    id: `device.network.${id}`,
    label,
    command: 'device.network',
    args: { device: device.id, ...args },
    destructive: false,
    disabled,
    group: 'Network',
  })
  const offline = wifi === null && !cellular
  return [
    ...wifiActions(device, devices),
    offline ? set('fly-off', 'Airplane mode off', { cellular: true }) : set('fly', 'Airplane mode', { wifi: null, cellular: false }),
    internet
      ? set('no-internet', 'Network loses the internet', { internet: false }, offline ? 'It has no network at all.' : false)
      : set('internet', 'Network reaches the internet again', { internet: true }),
    {
      ...set('form', 'Network…', {}),
      ask: [
        field('wifi', 'Wi-Fi name (SSID)', 'text', { default: wifi ?? '', hint: 'empty leaves it as it is' }),
        field('cellular', 'Cellular', 'yes-no', { default: cellular }),
        field('internet', 'Network reaches the internet', 'yes-no', { default: internet }),
      ],
    },
  ]
}

/** People who could write to this one; a list of thousands helps nobody. */
const WRITERS_OFFERED = 200

function writersTo(device: DeviceRow, devices: readonly DeviceRow[]): { id: string; name: string }[] {
  const found = new Map<string, string>()
  for (const { owner, ownerName } of devices) {
    if (owner !== device.owner && !found.has(owner)) found.set(owner, ownerName)
    if (found.size >= WRITERS_OFFERED) break
  }
  return [...found].map(([id, name]) => ({ id, name }))
}

/**
 * Actions on a device. `devices` are all of the lab: a message needs someone to write it. A reason in
 * `disabled` says what has to be different first.
 */
export const deviceActions = (device: DeviceRow, devices: readonly DeviceRow[]): Action[] => {
  const args = { device: device.id }
  const desk = device.client === 'deskphone'
  const mobile = !desk && device.os !== 'desktop'
  const line = device.lines[0]
  const off = !desk && !device.signedIn ? 'It is signed out.' : false
  const simple =
    (group: string) =>
    (command: Action['command'], label: string, disabled: false | string, more: Partial<Action> = {}): Action => ({
      id: command,
      label,
      command,
      args,
      destructive: false,
      disabled,
      group,
      ...more,
    })
  const act = simple('Use')
  const push = simple('Push')
  const app = simple('App')

  const writers = writersTo(device, devices)
  const actions: Action[] = [
    {
      id: 'call.place',
      label: 'Call',
      command: 'call.place',
      args: line === undefined ? {} : { to: line },
      destructive: false,
      disabled: line === undefined ? 'It has no line to call.' : false,
      key: 'C',
      group: 'Call',
    },
  ]
  if (!desk) {
    const [writer] = writers
    actions.push({
      id: 'message.send',
      label: 'Message…',
      command: 'message.send',
      args: { to: device.owner },
      destructive: false,
      disabled:
        writer === undefined
          ? 'Nobody else is in this lab to write the message.'
          : device.im === 'not used'
            ? 'This lab has no IM and Presence, or this client does not use it.'
            : false,
      group: 'Call',
      ask: [
        field('from', 'From', 'text', {
          required: true,
          default: writer?.id ?? '',
          suggestions: writers.map(({ id, name }) => ({ value: id, label: name })),
        }),
        field('text', 'Message', 'text', { required: true, default: 'Are you there?' }),
      ],
    })
  }
  actions.push(...callActions(device))
  if (desk) {
    actions.push(
      ...networkActions(device, devices).filter(
        (action) => action.id !== 'device.network.internet' && action.id !== 'device.network.main-route',
      ),
    )
    return actions
  }

  if (mobile) {
    actions.push(
      act('device.tap', 'Tap the notification', device.screen.banners.length > 0 ? false : 'No notification is on its screen.', {
        key: 'T',
      }),
    )
  }
  const inFront = device.app === 'on screen'
  actions.push(
    act(
      'device.foreground',
      inFront ? 'Bring the app to the front' : 'Open the app',
      off || (inFront && !device.suspended ? 'The app is on screen already.' : false),
    ),
    act('device.background', 'Send the app to the background', off || (inFront ? false : 'The app is not on screen.')),
  )
  if (mobile) {
    actions.push(
      device.locked ? act('device.unlock', 'Unlock', false) : act('device.lock', 'Lock', false),
      act('device.screen', device.screenOn ? 'Screen off' : 'Screen on', false, { args: { ...args, lit: !device.screenOn } }),
    )
  }
  actions.push(...imDeviceActions(device, writers))
  actions.push(...networkActions(device, devices))
  if (mobile) {
    if (device.os === 'ios') actions.push(...sessionActions(device))
    const hasToken = device.tokenShort === '' ? 'It has no push token.' : false
    actions.push(
      push('device.expireToken', 'Make the push token stale', hasToken || (device.tokenDead ? 'The token is stale already.' : false), {
        destructive: true,
      }),
      push('device.rotateToken', 'Rotate the push token', hasToken),
      push('device.rotateKey', 'Renew the payload key', off),
      push('device.permission', device.notificationsAllowed ? 'Forbid notifications' : 'Allow notifications', false, {
        args: { ...args, allowed: !device.notificationsAllowed },
      }),
      push('device.region', device.region === 'mainland-china' ? 'Move out of mainland China' : 'Move to mainland China', false, {
        args: { ...args, region: device.region === 'mainland-china' ? 'elsewhere' : 'mainland-china' },
      }),
    )
    if (device.client === 'jabber' && device.os === 'android') {
      actions.push(
        push('device.voipSocket', device.voipSocket ? 'Clear EnableVoipSocket' : 'Set EnableVoipSocket', false, {
          args: { ...args, enabled: !device.voipSocket },
        }),
      )
    }
  }
  actions.push(
    app('device.habits', 'What its user does by itself…', false, {
      ask: [
        field('answersAfterMs', 'Answers after', 'duration', { hint: DURATION_HINT }),
        field('declinesAfterMs', 'Declines after', 'duration', { hint: DURATION_HINT }),
        field('tapsAfterMs', 'Taps a notification after', 'duration', { hint: DURATION_HINT }),
        field('hangsUpAfterMs', 'Hangs up after', 'duration', { hint: DURATION_HINT }),
        field('wakeMs', 'App start takes', 'duration', { hint: DURATION_HINT }),
      ],
      about: 'Spans count from the moment the phone shows something. Leave a field empty to keep what it does now.',
    }),
    app('device.upgrade', 'Change client or OS release…', false, {
      ask: [
        field('clientRelease', 'Client release', 'text', { default: device.clientRelease }),
        field('osRelease', 'OS release', 'text', { default: device.osRelease }),
      ],
    }),
    app('device.pool', 'Move to another device pool…', false, {
      ask: [field('pool', 'Device pool', 'text', { required: true, default: device.pool })],
    }),
    app('device.kill', 'Kill the app', off || (device.app === 'killed' ? 'The app is killed already.' : false), { destructive: true }),
    device.signedIn ? app('device.signOut', 'Log out', false, { destructive: true }) : app('device.signIn', 'Sign in', false),
    ...(mobile ? [app('device.reboot', 'Reboot the phone', false, { destructive: true })] : []),
    app('device.delete', 'Delete the device', false, { destructive: true }),
  )
  return actions
}
