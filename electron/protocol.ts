/** `lab://app/`: the window's own origin. Files come from the build, never from file://. */
import type { CustomScheme } from 'electron'
import type { AppFiles } from '../core/wire/http/appFiles.ts'
import { textFile } from '../core/wire/http/appFiles.ts'
import { securityHeaders, type PolicyOptions } from '../core/wire/http/policy.ts'

export const SCHEME = 'lab'
export const APP_ORIGIN = `${SCHEME}://app`
export const APP_URL = `${APP_ORIGIN}/`

/** `standard` gives it an origin and relative addresses, `secure` makes it a trustworthy context. */
export const APP_SCHEME: CustomScheme = {
  scheme: SCHEME,
  privileges: { standard: true, secure: true, supportFetchAPI: true, codeCache: true },
}

/** Answers every request of the scheme; anything but GET of a file of the app gets a short plain text. */
export function answerFrom(files: AppFiles, policy: PolicyOptions = {}): (request: Request) => Promise<Response> {
  return async (request) => {
    const url = new URL(request.url)
    const file =
      url.protocol !== `${SCHEME}:` || url.hostname !== 'app'
        ? textFile(404, `Only ${APP_URL} exists.`)
        : request.method !== 'GET'
          ? textFile(405, 'Only GET is understood here.')
          : await files(url.pathname + url.search)
    return new Response(file.body, {
      status: file.status,
      headers: { ...securityHeaders(policy), 'content-type': file.type, 'cache-control': file.cache },
    })
  }
}
