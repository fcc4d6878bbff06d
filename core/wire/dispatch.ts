/** The one door of a lab: a request is checked, then it is a command of the run, or one to the program around it. */
import { z } from 'zod'
import { readCli } from '../admin/commands.ts'
import { adminSteps, isAdminQuery } from '../admin/queries.ts'
import { hostCommands, labCommands, WIRE_INPUTS, type HostCommandName } from '../contract/commands.ts'
import { failure, type Reply } from '../contract/door.ts'
import type { Steps } from '../steps.ts'
import type { Attachment } from './attachment.ts'
import { isCloudCommand, type Clouds } from './clouds.ts'
import { busy, type Host } from './host.ts'
import { answerTo } from './labQuestions.ts'
import type { RunFile } from './runFile.ts'
import type { SettingsFile } from './settingsFile.ts'
import { isTimeCommand, timeCommand } from './timeCommands.ts'
import { inTurns } from './turns.ts'
import { isWireCommand, type Wire } from './wireCommands.ts'

/** Issues that one refusal tells. */
const MAX_ISSUES = 20

const requestSchema = z.object({ name: z.string().max(60), args: z.unknown() })

export type DispatchOptions = {
  host: Host
  attachment: Pick<Attachment, 'refusal'>
  wire: Wire
  clouds: Clouds
  settings: SettingsFile
  file: RunFile | null
  scenariosDir: string
}

/** Never rejects: whatever goes wrong is a failure with its reason. */
export async function dispatch(o: DispatchOptions, request: unknown): Promise<Reply> {
  const { log } = o.host
  let name = 'the request'
  try {
    const parsed = requestSchema.safeParse(request)
    if (!parsed.success) {
      return failure('bad-request', 'a request is { name, args }', [
        { path: 'name', message: 'missing or not a text', fix: 'send {"name":"time.run","args":{}}' },
      ])
    }
    name = parsed.data.name
    const args = parsed.data.args ?? {}
    if (WIRE_INPUTS.has(name))
      return failure('refused', `${name} is what a real client does: only the endpoint tells it (wire.open, then attach a client)`)
    if (Object.hasOwn(labCommands, name)) return await labCommand(o, name, args)
    if (Object.hasOwn(hostCommands, name)) return await hostCommand(o, name as HostCommandName, args)
    return failure('unknown-command', `there is no command "${name}"`, [
      { path: 'name', message: 'unknown command', fix: 'Ctrl K lists all commands' },
    ])
  } catch (error) {
    // What is nested without end cannot even be checked.
    if (error instanceof RangeError && error.message.includes('call stack')) return failure('bad-request', `${name}: nested too deeply`)
    log(`${name} failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`)
    return failure('internal', `${name} failed inside the lab: ${error instanceof Error ? error.message : 'unknown error'}`)
  } finally {
    o.host.wake()
  }
}

/**
 * One that the lab refuses is a failure of the command and nothing else: it is no input of the run and no event in it. So it is
 * with a page of the real administration, which shows an error beside its Save button and saves nothing (modelled).
 */
async function labCommand({ host, file }: DispatchOptions, name: string, args: unknown): Promise<Reply> {
  if (host.job) return busy(host.job)
  const read = readOnly(host, name, args)
  if (read) return inTurns(read)
  const { run } = host.current
  const dropped = run.ahead.length
  const reply = run.command(name, args)
  if (!reply.ok) return reply
  if (dropped > 0) {
    host.keepRun()
    host.pacer.stoppedBecause = `Forked here: ${dropped} later command${dropped === 1 ? '' : 's'} of the old run dropped.`
  } else {
    const input = run.lab.inputs.at(-1)
    // With its line the run stands at least here: no need to write the position too.
    if (input) file?.append(input)
  }
  return reply
}

/** Of all commands one may only read: then it is no input of the run, and nothing recorded ahead is dropped. */
function readOnly(host: Host, name: string, args: unknown): Steps<Reply> | null {
  if (name !== 'cli.run') return null
  const checked = labCommands[name].args.safeParse(args)
  return checked.success ? readCli(host.current.run.lab.world, checked.data) : null
}

async function hostCommand(o: DispatchOptions, name: HostCommandName, raw: unknown): Promise<Reply> {
  const checked = hostCommands[name].args.safeParse(raw)
  if (!checked.success) {
    const issues = checked.error.issues.slice(0, MAX_ISSUES).map((issue) => ({ path: issue.path.join('.'), message: issue.message }))
    const first = issues[0]
    return failure(
      'bad-request',
      `${name}: ${first && first.path !== '' ? `${first.path}: ` : ''}${first?.message ?? 'bad arguments'}`,
      issues,
    )
  }
  const args = checked.data as never
  const refusal = o.attachment.refusal(name)
  if (refusal) return refusal
  const { host } = o
  const { world } = host.current.run.lab
  if (isTimeCommand(name)) return timeCommand(host, name, args)
  if (isAdminQuery(name)) return inTurns(adminSteps(world, name, args))
  if (isWireCommand(name)) return o.wire.command(name, args)
  if (isCloudCommand(name)) return o.clouds.command(name, args)
  return answerTo({ host, world, scenariosDir: o.scenariosDir, settings: o.settings }, name, args)
}
