/** The desk of an administrator: a line on a CLI, a query to the tools. */
import { adminQuery } from '../../../core/admin/queries.ts'
import type { AdminCommand, AdminResults, CliReply } from '../../../core/contract/admin.ts'
import { hostCommands } from '../../../core/contract/commands.ts'
import type { Reply } from '../../../core/contract/door.ts'
import type { Bench } from '../bench.ts'

/** Gives a line as a command of the run. */
export function cli(b: Bench, node: string, line: string): CliReply {
  const reply = b.try('cli.run', { node, line }) as Reply<CliReply>
  return reply.ok ? reply.value : { node, line, output: reply.message, failed: true }
}

/** The answer of a line that must work. */
export function says(b: Bench, node: string, line: string): string {
  const { output, failed } = cli(b, node, line)
  if (failed) throw new Error(`${node}: ${line}\n${output}`)
  return output
}

export function query<N extends AdminCommand>(b: Bench, name: N, args: object = {}): Reply<AdminResults[N]> {
  return adminQuery(b.lab.world, name, hostCommands[name].args.parse(args) as never)
}

/** The value of a query that must be answered. */
export function ask<N extends AdminCommand>(b: Bench, name: N, args: object = {}): AdminResults[N] {
  const reply = query(b, name, args)
  if (!reply.ok) throw new Error(`${name}: ${reply.message}`)
  return reply.value
}

export const MINUTE = 60_000
export const DAY = 86_400_000
