/**
 * Fusion Onboarding: takes the subscription of a cluster, and has Common Identity make its machine account (NET-02, ONB-14).
 * Virtual and real requests are answered by the same code. Path and body are modelled; nobody publishes them (DEC-34).
 */
import { tell, type Hop, type World } from '../world.ts'
import type { Answer } from './carried.ts'
import { newMachineAccount } from './ci.ts'

export const SUBSCRIBE_PATH = '/v1/subscriptions'

/** `voucher` null: the request brings none, and an unlicensed cluster gets no subscription. */
export type Subscription = { cluster: string; voucher: string | null }

export function answerSubscription(world: World, { voucher }: Subscription): Answer {
  if (voucher === null) return { status: 403, text: 'voucher missing', outcome: 'refused: the request brings no voucher', why: 'ONB-07' }
  const details = newMachineAccount(world)
  if (!details) return { status: 503, text: 'no machine account', outcome: 'Common Identity makes no more machine accounts', why: 'NET-02' }
  return { status: 200, text: 'OK', outcome: 'subscription accepted', why: 'ONB-14', given: details }
}

/** The arrow from Fusion Onboarding to Common Identity that belongs to such an answer. */
export function tellProvisioning(world: World, { cluster }: Subscription, answer: Answer, flow: number, tracking?: string): void {
  if (answer.why === 'ONB-07') return
  const hop: Hop = {
    flow,
    from: 'fos',
    to: 'ci',
    carrier: 'HTTPS',
    message: `create a machine account for ${cluster}`,
    sentAt: world.clock.now(),
    tracking,
  }
  if (answer.status === 200) tell(world, hop, 'made, with a refresh token', 'ok', 'NET-02')
  else tell(world, hop, 'refused: there are too many', 'fail', 'NET-02')
}
