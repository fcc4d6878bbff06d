/** What a window asks of the lab in view and of the program around it; what has a file of its own is passed on to it. */
import { commandList } from '../commandList.ts'
import type { HostCommandArgs, HostCommandName } from '../contract/commands.ts'
import { failure, ok, type Reply } from '../contract/door.ts'
import { proxyCapacity, proxyView } from '../edge/proxyPage.ts'
import { RULES } from '../explain/rules.ts'
import { configOf } from '../lpns/jabberConfig.ts'
import { mraView, oauthView } from '../oauth/view.ts'
import { onboardingView } from '../onboarding/view.ts'
import { reloginQuery } from '../presence/reloginQuery.ts'
import { eventDetail, exportFlow, ladderOf, queryEvents, searchTracking } from '../queries.ts'
import { releaseMatrix } from '../release/matrixQuery.ts'
import { upgradeView } from '../upgrade/view.ts'
import type { World } from '../world.ts'
import type { Host } from './host.ts'
import { openedRun, startRun } from './openedRuns.ts'
import { compareFork, exportJournal, importJournal, verdict } from './runAgain.ts'
import { listScenarios } from './scenarioFiles.ts'
import type { SettingsFile } from './settingsFile.ts'

export type Asked = { host: Host; world: World; scenariosDir: string; settings: SettingsFile }

type Answer<N extends HostCommandName> = (asked: Asked, args: HostCommandArgs<N>) => Reply | Promise<Reply>

const answers = {
  'lab.scenarios': ({ scenariosDir }) => ok({ labs: listScenarios(scenariosDir) }),
  'lab.open': openLab,
  'lab.restart'({ host }) {
    const { scenario, source, seed, rehearsed } = host.current
    host.adopt(startRun(scenario, source, [], seed, rehearsed))
    return ok({})
  },
  'lab.source': ({ host }) => ok(host.current.source),
  'lab.verdict': ({ host }) => verdict(host),
  'runs.compare': ({ host }) => compareFork(host),
  'journal.export': ({ host }) => exportJournal(host),
  'journal.import': ({ host }, { text }) => importJournal(host, text),
  'events.query': ({ world }, args) => queryEvents(world, args),
  'event.detail': ({ world }, { seq }) => eventDetail(world, seq),
  'flow.ladder': ({ world }, { flow }) => ladderOf(world, flow),
  'flow.export': ({ world }, args) => exportFlow(world, args),
  'search.tracking': ({ world }, { id }) => searchTracking(world, id),
  'rules.list': () => ok({ rules: Object.entries(RULES).map(([id, rule]) => ({ id, ...rule })) }),
  'commands.list': () => ok({ commands: commandList() }),
  'device.config'({ world }, { device: id }) {
    const device = world.devices.get(id)
    return device ? ok(configOf(world, device)) : failure('not-found', `there is no device "${id}"`)
  },
  'presence.relogin': ({ world }, args) => reloginQuery(world, args),
  'onboarding.show': ({ world }) => ok(onboardingView(world)),
  'release.matrix': ({ world }, args) => releaseMatrix(world, args),
  'oauth.show': ({ world }) => ok(oauthView(world)),
  'upgrade.show': ({ world }) => ok(upgradeView(world)),
  'mra.show': ({ world }) => ok(mraView(world)),
  'proxy.show': ({ world }) => ok({ proxy: proxyView(world) }),
  'proxy.capacity': ({ world }, args) => proxyCapacity(world, args),
  'settings.get': ({ settings }) => ok({ settings: settings.values }),
  'settings.set': ({ settings }, args) => settings.set(args.settings),
} satisfies { [N in HostCommandName]?: Answer<N> }

export type LabQuestion = keyof typeof answers

export function answerTo<N extends LabQuestion>(asked: Asked, name: N, args: HostCommandArgs<N>): Reply | Promise<Reply> {
  return (answers[name] as Answer<N>)(asked, args)
}

function openLab({ host, scenariosDir }: Asked, args: HostCommandArgs<'lab.open'>): Reply {
  const opened = openedRun(scenariosDir, args)
  if (!opened.ok) return opened
  host.adopt(opened.value)
  // Somebody who watched the lab before at 60x wants to see how this one begins.
  host.pacer.setSpeed(1, performance.now(), host.current.run)
  return ok({ title: opened.value.scenario.title })
}
