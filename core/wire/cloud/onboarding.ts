/**
 * Fusion Onboarding at its door: a cluster subscribes with its voucher, and gets a machine account with its refresh token
 * (NET-02, ONB-14). Path and form are modelled: no public source describes them.
 */
import { z } from 'zod'
import { SUBSCRIBE_PATH } from '../../cloud/fos.ts'
import type { RealAnswer } from '../../cloud/real.ts'
import type { Asking } from './asking.ts'
import { jsonAnswer, type Asked, type HttpAnswer } from './http.ts'
import { clientSecretId } from './identity.ts'
import type { SecretTable } from './secrets.ts'

export const MAX_SUBSCRIPTION_BYTES = 4 * 1_024

const subscriptionSchema = z.strictObject({
  cluster: z.string().min(1).max(80),
  voucher: z.string().min(1).max(80).nullable().default(null),
})

export const fosRefusal = (status: number, message: string): HttpAnswer => jsonAnswer(status, { message })

export async function answerSubscribe(asked: Asked, secrets: SecretTable, asking: Asking): Promise<HttpAnswer> {
  if (asked.path !== SUBSCRIBE_PATH) return fosRefusal(404, `only ${SUBSCRIBE_PATH} is served`)
  if (asked.method !== 'POST') return { ...fosRefusal(405, 'a cluster subscribes with POST'), headers: { allow: 'POST' } }
  if (asked.headers['content-type']?.split(';')[0]?.trim() !== 'application/json')
    return fosRefusal(415, 'the body must be application/json')
  const text = await asked.body()
  if (text === null) return fosRefusal(413, `a subscription has at most ${MAX_SUBSCRIPTION_BYTES} bytes`)
  const read = subscriptionSchema.safeParse(parse(text))
  if (!read.success) {
    const issue = read.error.issues[0]
    return fosRefusal(400, `not a subscription: ${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`.replaceAll('  ', ' '))
  }
  if (read.data.voucher === null && !asking.mayTellRefusal()) return fosRefusal(403, 'voucher missing')
  return formOf(await asking.ask(asked, 'fos', { what: 'subscribe', ...read.data }), secrets)
}

function formOf({ status, text, account, refresh }: RealAnswer, secrets: SecretTable): HttpAnswer {
  if (status !== 200) return fosRefusal(status, text)
  return jsonAnswer(200, {
    status: text,
    ...(account === undefined ? {} : { machine_account: account, client_secret: secrets.textOf(clientSecretId(account)) }),
    ...(refresh === undefined ? {} : { refresh_token: secrets.textOf(refresh) }),
  })
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return null
  }
}
