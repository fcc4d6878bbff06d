/** Commands that steer the run around the simulated system (time, files, queries): not journalled. */
import { z } from 'zod'
import { adminCommands } from './admin.ts'
import { cloudCommands } from './clouds.ts'
import { mraQuery, oauthQuery } from './oauth.ts'
import { onboardingQuery } from './onboarding.ts'
import { reloginQuery } from './presence.ts'
import { wireCommands } from './realClients.ts'
import { matrixQuery } from './releases.ts'
import { spec } from './spec.ts'
import { upgradeQuery } from './upgrade.ts'
import { durationMs, id } from './values.ts'

const none = z.strictObject({})
const onDevice = z.strictObject({ device: id.describe('device') })

export const eventFilter = z.strictObject({
  flow: z.int().min(0).optional(),
  carrier: z.string().max(20).optional(),
  status: z.string().max(10).optional(),
  place: z.string().max(80).optional(),
  text: z.string().max(200).optional(),
})

/** A moment to stop at: a time, or the next event that matches. */
export const untilSchema = z.union([
  z.strictObject({ time: durationMs }),
  z.strictObject({ event: eventFilter }),
  z.strictObject({ alarm: z.string().max(80) }),
  z.strictObject({ flowEnds: z.int().min(1) }),
])

export const hostCommands = {
  'lab.scenarios': spec({ title: 'List the labs', group: 'Lab', args: none }),
  'lab.open': spec({
    title: 'Open a lab',
    group: 'Lab',
    args: z.union([
      z.strictObject({ file: z.string().min(1).max(400) }),
      z.strictObject({ text: z.string().min(1).max(8_388_608), name: z.string().max(200).default('untitled.yaml') }),
    ]),
  }),
  'lab.restart': spec({ title: 'Start the lab again from zero', group: 'Lab', destructive: true, args: none }),
  'lab.source': spec({ title: 'Show the scenario file of this lab', group: 'Lab', args: none }),
  'runs.compare': spec({ title: 'Compare with the run before the fork', group: 'Lab', args: none }),
  'lab.verdict': spec({ title: 'Check the expectations of this lab now', group: 'Lab', args: none }),
  'time.run': spec({ title: 'Run', group: 'Time', args: none }),
  'time.pause': spec({ title: 'Pause', group: 'Time', args: none }),
  'time.step': spec({ title: 'Step to the next event', group: 'Time', args: none }),
  'time.speed': spec({
    title: 'Set the speed',
    group: 'Time',
    args: z.strictObject({ speed: z.number().min(0.01).max(10_000) }),
  }),
  'time.express': spec({ title: 'Express: as fast as it goes', group: 'Time', args: none }),
  'time.until': spec({ title: 'Run until...', group: 'Time', args: untilSchema }),
  'time.seek': spec({ title: 'Go to a moment', group: 'Time', args: z.strictObject({ at: durationMs }) }),
  'time.fork': spec({ title: 'Fork: go on from here, dropping the later commands', group: 'Time', args: none }),
  'time.cancel': spec({ title: 'Stop what is running', group: 'Time', args: none }),
  'events.query': spec({
    title: 'Search the events',
    group: 'View',
    args: z.strictObject({
      filter: eventFilter.default({}),
      /** Events with a lower number than this; the newest when left out. */
      before: z.int().min(0).optional(),
      limit: z.int().min(1).max(2_000).default(500),
    }),
  }),
  'event.detail': spec({
    title: 'Show the message behind an event',
    group: 'View',
    args: z.strictObject({ seq: z.int().min(0) }),
  }),
  'flow.ladder': spec({
    title: 'Show the ladder of a call or message',
    group: 'View',
    on: 'flow',
    args: z.strictObject({ flow: z.int().min(1) }),
  }),
  'flow.export': spec({
    title: 'Export the ladder',
    group: 'View',
    on: 'flow',
    args: z.strictObject({ flow: z.int().min(1), format: z.enum(['text', 'svg', 'json']) }),
  }),
  'search.tracking': spec({
    title: 'Find a tracking ID',
    group: 'View',
    args: z.strictObject({ id: z.string().min(4).max(80) }),
  }),
  'journal.export': spec({ title: 'Export the run (journal)', group: 'Lab', args: none }),
  'journal.import': spec({
    title: 'Open a run (journal)',
    group: 'Lab',
    args: z.strictObject({ text: z.string().min(1).max(67_108_864) }),
  }),
  'rules.list': spec({ title: 'List the rules behind WHY', group: 'View', args: none }),
  'commands.list': spec({ title: 'List all commands', group: 'View', args: none }),
  'device.config': spec({ title: 'Show jabber-config.xml', group: 'View', on: 'device', args: onDevice }),
  'presence.relogin': reloginQuery,
  'onboarding.show': onboardingQuery,
  'oauth.show': oauthQuery,
  'upgrade.show': upgradeQuery,
  'mra.show': mraQuery,
  'release.matrix': matrixQuery,
  'proxy.show': spec({ title: 'Show the proxy and its settings', group: 'View', args: none }),
  'proxy.capacity': spec({
    title: 'Work out what the proxy must carry',
    group: 'View',
    /** Figures of the busy hour (DEC-27); what is left out comes from this lab, or is usual. */
    args: z.strictObject({
      callUsers: z.number().optional(),
      callsPerUser: z.number().optional(),
      secondPushShare: z.number().optional(),
      messageUsers: z.number().optional(),
      messagesPerUser: z.number().optional(),
      suspendedShare: z.number().optional(),
      nodes: z.number().optional(),
      tokenMinutes: z.number().optional(),
      alarmMinutes: z.number().nullable().optional(),
      peakFactor: z.number().optional(),
    }),
  }),
  ...wireCommands,
  ...adminCommands,
  ...cloudCommands,
  'settings.get': spec({ title: 'Read the window settings', group: 'View', args: none }),
  'settings.set': spec({
    title: 'Keep the window settings',
    group: 'View',
    args: z.strictObject({ settings: z.record(z.string().max(60), z.json()) }),
  }),
} as const

export type HostCommandName = keyof typeof hostCommands
export type HostCommandInput<N extends HostCommandName> = z.input<(typeof hostCommands)[N]['args']>
export type HostCommandArgs<N extends HostCommandName> = z.output<(typeof hostCommands)[N]['args']>
