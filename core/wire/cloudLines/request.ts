/** A request of the lab as it goes on the wire: the texts of its secrets stand in here, and nowhere else in the lab. */
import type { RealRequest } from '../../cloud/real.ts'
import type { Secrets } from '../cloud/site.ts'

/** A bearer of the request, or what this cloud knows the sender by. `host` is the connection's own matter. */
export function headersOf({ cloud, headers, bearer, refresh }: RealRequest, secrets: Secrets): [string, string][] {
  const proof = bearer === null ? secrets.authorization(cloud, refresh) : `Bearer ${secrets.textOf(bearer)}`
  const own = headers.filter(([name]) => !/^(host|authorization|content-length|connection)$/i.test(name))
  return [
    ...own.map(([name, value]): [string, string] => [name, value]),
    ...(proof === null ? [] : [['authorization', proof] as [string, string]]),
  ]
}

/** A refresh token joins the fields of the form. */
export const bodyOf = ({ body, refresh }: RealRequest, secrets: Secrets): string =>
  refresh === null ? body : `${body}${body === '' ? '' : '&'}refresh_token=${encodeURIComponent(secrets.textOf(refresh))}`
