/** What somebody outside the lab is given to talk to one of its clouds: files, variables, and a line for a shell. */
import type { CloudName, ProviderKit } from '../../contract/clouds.ts'
import { TOKEN_PATH } from '../../cloud/ci.ts'
import { SUBSCRIBE_PATH } from '../../cloud/fos.ts'
import { PUSH_PATH } from '../pushRest.ts'
import { inUrl } from '../../edge/hostPort.ts'
import type { ApnsKey } from './apnsSite.ts'
import { PROJECT } from './fcmSite.ts'
import { CLOUD_HOSTS } from './site.ts'
import type { ServiceAccountKey } from '../fcm/oauth.ts'

export const CA_FILE = 'push-lab-ca.pem'

export type KitNeeds = {
  cloud: CloudName
  address: string
  port: number
  ca: string
  /** Of the device, for Push REST, APNs and FCM. */
  target: { token: string; bundle: string; service: string; sandbox: boolean } | null
  /** The machine account with its secrets, for CI. */
  account: { id: string; secret: string; refresh: string } | null
  /** An access token, for Push REST and FCM. */
  bearer: string | null
  /** Something sealed, for Push REST. */
  sealed: string
  tracking: string
  apnsKey: ApnsKey
  /** Of that key, good for a while. */
  apnsToken: string
  serviceAccount: ServiceAccountKey
}

const PEM = 'application/x-pem-file'

export function providerKit(o: KitNeeds): ProviderKit {
  const host = o.cloud === 'apns' && o.target?.sandbox === true ? (CLOUD_HOSTS.apns[1] as string) : CLOUD_HOSTS[o.cloud][0]
  const url = `https://${host}:${o.port}`
  const curl = (http: '--http1.1' | '--http2', ...rest: string[]): string =>
    ['curl', http, '--cacert', CA_FILE, '--resolve', `"${host}:${o.port}:${inUrl(o.address)}"`, ...rest].join(' ')
  const files: ProviderKit['files'] = [{ name: CA_FILE, mediaType: PEM, text: o.ca }]
  const common: ProviderKit['environment'] = [
    ['HOST', o.address],
    ['PORT', String(o.port)],
    ['CA', CA_FILE],
  ]
  switch (o.cloud) {
    case 'apns':
      return {
        files: [...files, { name: 'AuthKey.p8', mediaType: PEM, text: o.apnsKey.p8 }],
        environment: [
          ...common,
          ['KEY_ID', o.apnsKey.keyId],
          ['TEAM_ID', o.apnsKey.teamId],
          ['BUNDLE', o.target?.bundle ?? ''],
          ['DEVICE', o.target?.token ?? ''],
          ['JWT', o.apnsToken],
        ],
        example: curl(
          '--http2',
          `--header "authorization: bearer $JWT" --header "apns-topic: $BUNDLE.voip" --header "apns-push-type: voip"`,
          `--header "apns-expiration: 0" --data '{"aps":{}}'`,
          `"${url}/3/device/$DEVICE"`,
        ),
      }
    case 'fcm':
      return {
        files: [
          ...files,
          { name: 'service-account.json', mediaType: 'application/json', text: `${JSON.stringify(o.serviceAccount, null, 2)}\n` },
        ],
        environment: [...common, ['PROJECT', PROJECT], ['TOKEN', o.bearer ?? ''], ['DEVICE', o.target?.token ?? '']],
        example: curl(
          '--http2',
          `--header "Authorization: Bearer $TOKEN" --header "Content-Type: application/json"`,
          `--data '{"message":{"token":"'"$DEVICE"'","data":{"call":"7"},"android":{"priority":"high","ttl":"0s"}}}'`,
          `"${url}/v1/projects/${PROJECT}/messages:send"`,
        ),
      }
    case 'push-rest':
      return {
        files,
        environment: [
          ...common,
          ['TOKEN', o.bearer ?? ''],
          ['SERVICE', o.target?.service ?? 'APNS'],
          ['TARGET', o.target?.token ?? ''],
          ['PAYLOAD', o.sealed],
          ['TRACKING', o.tracking],
        ],
        example: curl(
          '--http1.1',
          `--header "Authorization: Bearer $TOKEN" --header "Content-Type: application/json" --header "TrackingID: $TRACKING"`,
          `--data '{"version":1,"service":"'"$SERVICE"'","type":"voip","target":"'"$TARGET"'","payload":"'"$PAYLOAD"'"}'`,
          `"${url}${PUSH_PATH}"`,
        ),
      }
    case 'ci':
      return {
        files,
        environment: [
          ...common,
          ['ACCOUNT', o.account?.id ?? ''],
          ['SECRET', o.account?.secret ?? ''],
          ['REFRESH', o.account?.refresh ?? ''],
        ],
        example: curl(
          '--http1.1',
          `--user "$ACCOUNT:$SECRET" --data "grant_type=refresh_token&refresh_token=$REFRESH"`,
          `"${url}${TOKEN_PATH}"`,
        ),
      }
    case 'fos':
      return {
        files,
        environment: [...common, ['VOUCHER', 'voucher']],
        example: curl(
          '--http1.1',
          `--header "Content-Type: application/json" --data '{"cluster":"another","voucher":"'"$VOUCHER"'"}'`,
          `"${url}${SUBSCRIBE_PATH}"`,
        ),
      }
  }
}
