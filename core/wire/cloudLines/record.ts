/** The log of the client side: one entry for each request, CONNECT among them; secrets are cut on the way in (SEC-04). */
import type { ClientExchange, LinesOptions } from '../cloud/site.ts'
import { answerBodyShown, headersShown, pathShown, requestBodyShown } from '../cloud/shown.ts'
import { cut } from './failures.ts'

export type Reply = { status: number; headers: readonly (readonly [string, string])[]; body: string }
export type RecordedRequest = { method: string; path: string; headers: readonly (readonly [string, string])[]; body: string }

type Begun = Pick<ClientExchange, 'connection' | 'cloud' | 'peer' | 'protocol' | 'tls' | 'stream'> & { request: RecordedRequest }

/** A request leaves now; the answer tells how it ended, `reply` being null when there was none. */
export function begun(
  { now, exchanged }: Pick<LinesOptions, 'now' | 'exchanged'>,
  entry: Begun,
): (reply: Reply | null, outcome: string) => void {
  const at = now()
  const { method, path, headers, body } = entry.request
  return (reply, outcome) =>
    exchanged({
      ...entry,
      at,
      ms: now() - at,
      request: {
        method,
        path: pathShown(path),
        headers: headersShown(headers),
        body: requestBodyShown(body, headers.find(([name]) => /^content-type$/i.test(name))?.[1]),
      },
      response: reply && { status: reply.status, headers: headersShown(reply.headers), body: answerBodyShown(reply.body) },
      outcome: cut(outcome),
      tracking: headers.find(([name]) => /^(trackingid|apns-id)$/i.test(name))?.[1]?.slice(0, 80) ?? null,
      fault: false,
    })
}
