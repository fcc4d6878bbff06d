/** Faults on the real sockets, as the window asks for them: what can break how, and since when it is mended (SCN-15). */
import { CLOUD_NAMES } from '../../contract/clouds.ts'
import type { HostCommandArgs } from '../../contract/commands.ts'
import { failure, ok, type Failure, type Reply } from '../../contract/door.ts'
import { notOfApns } from './apnsSite.ts'
import { DOOR_LIMITS } from './limits.ts'
import type { Servers } from './servers.ts'

/** HTTP allows no body with these. */
const BODILESS: ReadonlySet<number> = new Set([204, 205, 304])

export async function breakServer(servers: Servers, { cloud, fault, times }: HostCommandArgs<'clouds.fault'>): Promise<Reply> {
  const faults = servers.faultsOf(cloud)
  if (faults === null) return failure('refused', 'this lab has no proxy: open one whose file has edge.proxy')
  const refusal = impossible(cloud, fault)
  if (refusal) return refusal
  if (fault.kind === 'certificate') await servers.prepareWrong(cloud, fault.wrong)
  return faults.add(fault, times) ? ok({}) : failure('refused', 'too many faults wait already: mend some first (clouds.mend)')
}

function impossible(cloud: string, fault: HostCommandArgs<'clouds.fault'>['fault']): Failure | null {
  if (cloud === 'proxy' && fault.kind === 'slow-body') return failure('refused', 'a proxy passes on bytes: it has no body to be slow with')
  if (fault.kind === 'goaway' && cloud !== 'apns') return failure('refused', 'GOAWAY is of HTTP/2 with APNs: no other cloud sends it')
  if (fault.kind === 'answer' && (fault.status < 200 || BODILESS.has(fault.status)))
    return failure('refused', `an answer of ${fault.status} has no body and ends no request: choose another status`)
  // As long as an answer that never comes is held.
  if (fault.kind === 'slow-body' && fault.ms > DOOR_LIMITS.stallMs)
    return failure('refused', `an answer lasts ${DOOR_LIMITS.stallMs / 1_000} s at most: nobody waits longer`)
  const never = cloud === 'apns' ? notOfApns(fault) : null
  return never === null ? null : failure('refused', never)
}

export function mendServers(servers: Servers, { cloud }: HostCommandArgs<'clouds.mend'>): Reply {
  for (const each of cloud === undefined ? [...CLOUD_NAMES, 'proxy' as const] : [cloud]) servers.faultsOf(each)?.clear()
  return ok({})
}
