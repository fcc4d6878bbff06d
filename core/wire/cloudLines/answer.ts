/** An answer of the cloud as the lab is told of it: its status, its reason in its own words, and a token by its ID only. */
import { z } from 'zod'
import type { Told } from '../../contract/clouds.ts'
import type { Secrets } from '../cloud/site.ts'
import { cut, failed, statusText } from './failures.ts'

const text = z.string().max(2_000)

/** Push REST and APNs say `reason`, OAuth `error` and its description, FCM an object with its status and details. */
const wordsSchema = z.object({
  reason: text.optional(),
  message: text.optional(),
  error: z
    .union([
      text,
      z.object({
        status: text.optional(),
        details: z
          .array(z.object({ errorCode: text.optional() }))
          .max(20)
          .optional(),
      }),
    ])
    .optional(),
  error_description: text.optional(),
})

const tokenSchema = z.object({
  access_token: z.string().min(1).max(8_192),
  expires_in: z.int().min(0).max(31_536_000),
})

/** What Fusion Onboarding gives out for a subscription (NET-02). */
const accountSchema = z.object({
  machine_account: z
    .string()
    .max(64)
    .regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/),
  refresh_token: z.string().min(1).max(8_192),
})

/** `type`: value of Content-Type. A page in place of an answer is nobody's good news, whatever its status says. */
export function answerOf(status: number, type: string, body: string, secrets: Pick<Secrets, 'idOf'>): Told {
  const isPage = /^text\/html\b/i.test(type) || /^\s*<(!doctype|html)\b/i.test(body)
  if (status >= 300 && status < 400)
    return { is: 'answer', status, text: cut(`${statusText(status)}: sent on to another place, as a login page does`) }
  if (isPage && status < 300)
    return failed('send', `a web page (${status}) in place of an answer: a login page (captive portal) or a proxy speaks for the cloud`)
  const said = isPage ? undefined : parse(body)
  const told = {
    is: 'answer' as const,
    status,
    text: cut(wordsOf(said) || (isPage ? `${statusText(status)}, as a web page` : statusText(status))),
  }
  if (status !== 200) return told
  const token = tokenSchema.safeParse(said)
  if (token.success) return { ...told, token: secrets.idOf(token.data.access_token), expiresInS: token.data.expires_in }
  const made = accountSchema.safeParse(said)
  return made.success ? { ...told, account: made.data.machine_account, refresh: secrets.idOf(made.data.refresh_token) } : told
}

function wordsOf(said: unknown): string {
  const read = wordsSchema.safeParse(said)
  if (!read.success) return ''
  const { reason, message, error, error_description: description } = read.data
  if (reason !== undefined) return reason
  if (typeof error === 'object') return error.details?.find(({ errorCode }) => errorCode !== undefined)?.errorCode ?? error.status ?? ''
  return description ?? error ?? message ?? ''
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body) as unknown
  } catch {
    return undefined
  }
}
