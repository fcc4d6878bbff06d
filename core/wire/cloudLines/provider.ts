/** What Push REST is to a platform: a provider, with connections of its own. */
import type { Told } from '../../contract/clouds.ts'
import type { RealRequest } from '../../cloud/real.ts'

export type Provider = {
  /** To the server of this name. Never rejects: a failure is an outcome too. */
  send(name: string, request: RealRequest, signal: AbortSignal): Promise<Told>
  close(): Promise<void>
}
