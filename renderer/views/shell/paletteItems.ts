/** What the palette offers: what can be done to the selection, every command of the lab, and every thing in it. */
import type { CommandInfo } from '../../../core/contract/index.ts'
import { type Action, actionsFor, type AskField } from '../../state/actions.ts'
import { useAlarms } from '../../state/alarms.ts'
import { asAskField } from '../../state/fields.ts'
import { useLab } from '../../state/lab.ts'
import { type Selection, useSelection } from '../../state/selection.ts'
import { type CloudSection, useClouds } from '../../state/clouds.ts'
import { useCompare } from '../../state/compare.ts'
import { usePresence } from '../../state/presence.ts'
import { useRealClients } from '../../state/realClients.ts'
import { useShell } from '../../state/shell.ts'
import { deviceInFocus } from '../../state/shortcuts.ts'
import { mobileFields, ssidListFields } from '../../state/localPushActions.ts'
import { faultFields } from '../../state/suggest.ts'
import { useTerminal } from '../../state/terminal.ts'
import { useActions } from '../../state/actions.ts'
import { SHOWN_VIEWS } from './views.ts'
import { focusEventFilter } from './focus.ts'

export type PaletteItem = {
  id: string
  label: string
  /** Small text at the right: the group, or the command's own name. */
  note: string
  group: 'Here' | 'Commands' | 'Go to'
  destructive: boolean
  disabled: false | string
  run: () => void
}

/** Things offered for going to; more are found by typing in the tree. */
const GO_TO_KEPT = 2_000

const known = (info: CommandInfo, selection: Selection | null): Record<string, unknown> => {
  const has = (name: string): boolean => info.fields.some((field) => field.name === name)
  const device = deviceInFocus()
  const args: Record<string, unknown> = {}
  if (has('device') && device) args['device'] = device.id
  if (has('user') && device) args['user'] = device.owner
  if (selection?.kind === 'node' && has('node')) args['node'] = selection.id
  if (selection?.kind === 'link' && has('link')) args['link'] = selection.id
  if (selection?.kind === 'fault' && info.name === 'fault.remove') args['fault'] = selection.id
  if (selection?.kind === 'flow' && has('flow')) args['flow'] = Number(selection.id)
  return args
}

/** The form of a command in the palette: every field, with what is selected filled in already. */
const fieldsWith = (info: CommandInfo, args: Record<string, unknown>): AskField[] => {
  if (info.name === 'fault.add') return faultFields()
  if (info.name === 'ucService.set') return ssidListFields()
  if (info.name === 'serviceProfile.set') return mobileFields()
  return info.fields.map((field) => ({ ...asAskField(field), ...(args[field.name] === undefined ? {} : { default: args[field.name] }) }))
}

/** Commands that need open sockets. */
const WITH_ENDPOINT: ReadonlySet<string> = new Set(['wire.close', 'wire.token'])
const WITH_CLOUDS: ReadonlySet<string> = new Set([
  'clouds.close',
  'clouds.legs',
  'clouds.fault',
  'clouds.mend',
  'clouds.provider',
  'clouds.secret',
])
const notNow = (name: string, lab: ReturnType<typeof useLab>): false | string => {
  if (WITH_ENDPOINT.has(name) && lab.wire === null) return 'The endpoint for real clients is closed: open it first.'
  return WITH_CLOUDS.has(name) && lab.clouds === null ? 'The real clouds are closed: open them first.' : false
}

/** These have more to say than a form can: they stand in a section of the Clouds tab. */
const SECTION_OF: Record<string, CloudSection> = {
  'clouds.open': 'sockets',
  'clouds.legs': 'sockets',
  'clouds.secret': 'sockets',
  'clouds.fault': 'sockets',
  'clouds.provider': 'sockets',
  'clouds.log': 'log',
  'proxy.show': 'proxy',
  'proxy.capacity': 'proxy',
}

const runCommand = (info: CommandInfo): void => {
  const section = SECTION_OF[info.name]
  if (section !== undefined) return useClouds().goTo(section)
  const lab = useLab()
  const shell = useShell()
  const selection = useSelection()
  const actions = useActions()
  switch (info.name) {
    case 'time.until':
      shell.until = true
      return
    case 'lab.open':
    case 'lab.scenarios':
    case 'lab.verdict':
      selection.view = 'lessons'
      return
    // What these answer has a place of its own.
    case 'cli.run':
    case 'cli.complete': {
      const terminal = useTerminal()
      terminal.goTo(selection.current?.kind === 'node' ? selection.current.id : terminal.node)
      return
    }
    case 'traces.list':
    case 'traces.read':
    case 'traces.search':
    case 'traces.export':
      selection.view = 'traces'
      return
    case 'agent.show':
    case 'support.alarms':
    case 'support.tracking':
      useAlarms().goTo('agent')
      return
    case 'release.matrix':
      selection.view = 'releases'
      return
    case 'onboarding.show':
      selection.view = 'onboarding'
      return
    case 'journal.import':
      document.querySelector<HTMLElement>('[data-open-run]')?.click()
      return
    // These have more to say than a form can: they stand in the panel for real clients.
    case 'wire.open':
    case 'wire.token':
    case 'wire.importCertificate':
      useRealClients().goTo()
      return
    case 'presence.relogin':
      usePresence().goTo('relogin')
      return
    case 'runs.compare':
      useCompare().goTo()
      void useCompare().compare()
      return
    case 'events.query':
      focusEventFilter()
      return
    case 'time.run':
    case 'time.pause':
    case 'time.step':
    case 'time.express':
    case 'time.fork':
    case 'time.cancel':
      void shell.time(info.name)
      return
    default: {
      const args = known(info, selection.current)
      const action: Action = {
        id: `palette.${info.name}`,
        label: info.title,
        command: info.name,
        args: {},
        destructive: info.destructive,
        disabled: false,
        group: info.group,
      }
      if (info.fields.length === 0) void actions.run(action)
      else actions.ask({ ...action, ask: fieldsWith(info, args) })
      void lab
    }
  }
}

export const paletteItems = (): PaletteItem[] => {
  const lab = useLab()
  const selection = useSelection()
  const actions = useActions()
  const here = actionsFor(selection.current).map((action) => ({
    id: `here.${action.id}`,
    label: action.label,
    note: action.key ?? action.group,
    group: 'Here' as const,
    destructive: action.destructive,
    disabled: action.disabled,
    run: () => void actions.run(action),
  }))
  const commands = lab.commands.map((info) => ({
    id: `command.${info.name}`,
    label: info.title,
    note: info.name,
    group: 'Commands' as const,
    destructive: info.destructive,
    disabled: lab.pinned(info.name) || notNow(info.name, lab),
    run: () => runCommand(info),
  }))
  const goTo = (kind: Selection['kind'], id: string, label: string, note: string): PaletteItem => ({
    id: `go.${kind}.${id}`,
    label,
    note,
    group: 'Go to',
    destructive: false,
    disabled: false,
    run: () => selection.select(kind, id),
  })
  const things: PaletteItem[] = []
  for (const row of lab.nodes.values()) things.push(goTo('node', row.id, row.label, row.role))
  for (const row of lab.devices.values()) {
    if (things.length >= GO_TO_KEPT) break
    things.push(goTo('device', row.id, row.label, row.lines[0] ?? 'device'))
  }
  const views: PaletteItem[] = SHOWN_VIEWS.map((view) => ({
    id: `view.${view.value}`,
    label: view.label,
    note: 'tab',
    group: 'Go to',
    destructive: false,
    disabled: false,
    run: () => {
      selection.view = view.value
    },
  }))
  return [...here, ...commands, ...views, ...things]
}
