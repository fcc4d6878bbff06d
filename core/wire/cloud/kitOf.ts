/** Collects from the lab in view what a provider outside needs: a device with its token, an account, an access token. */
import { randomBytes, randomUUID } from 'node:crypto'
import type { CloudName, ProviderKit } from '../../contract/clouds.ts'
import { failure, ok, type Reply } from '../../contract/door.ts'
import { platformOf, type Device } from '../../client/device.ts'
import { bundleOf } from '../../cloud/apns/virtual.ts'
import { GRANT } from '../../cloud/ci.ts'
import type { World } from '../../world.ts'
import { nodeSealer } from '../nodeSealer.ts'
import type { Asking } from './asking.ts'
import type { Asked } from './http.ts'
import { PROJECT } from './fcmSite.ts'
import { clientSecretId } from './identity.ts'
import type { PlatformKeys } from './keys.ts'
import { providerKit, type KitNeeds } from './providerKit.ts'
import type { SecretTable } from './secrets.ts'
import type { Servers } from './servers.ts'

export type KitPorts = {
  world: World
  address: string
  ca: string
  keys: PlatformKeys
  secrets: SecretTable
  servers: Servers
  asking: Asking
}

const wants: Record<CloudName, (device: Device) => boolean> = {
  fos: () => false,
  ci: () => false,
  'push-rest': () => true,
  apns: (device) => platformOf(device) === 'apns',
  fcm: (device) => platformOf(device) === 'fcm',
}

export async function kitOf(o: KitPorts, cloud: CloudName, id: string | undefined): Promise<Reply<ProviderKit>> {
  const { world } = o
  const has = ({ token }: Device): boolean => token !== ''
  const device = id === undefined ? [...world.devices.values()].find((each) => has(each) && wants[cloud](each)) : world.devices.get(id)
  if (id !== undefined && !device) return failure('not-found', `there is no device "${id}"`)
  if (device && id !== undefined && !wants[cloud](device) && (cloud === 'apns' || cloud === 'fcm'))
    return failure('refused', `${device.label} gets its pushes from ${cloud === 'apns' ? 'FCM' : 'APNs'}`)
  if (device && !has(device)) return failure('refused', `${device.label} has no push token now: sign in on it first (device.signIn)`)
  const account = accountOf(o)
  const needsAccount = cloud === 'ci' || cloud === 'push-rest'
  if (needsAccount && account === null)
    return failure('refused', 'this cluster has no machine account: onboard it, or subscribe at FOS (clouds.provider with fos)')
  const bearer = cloud === 'fcm' ? ok(o.servers.fcmToken(PROJECT)) : cloud === 'push-rest' ? await accessToken(o, account) : null
  if (bearer && !bearer.ok) return bearer
  const needs: KitNeeds = {
    cloud,
    address: o.address,
    port: o.servers.portOf(cloud),
    ca: o.ca,
    target: device
      ? { token: device.token, bundle: bundleOf(device), service: device.service, sandbox: device.service === 'APNS:dev' }
      : null,
    account,
    bearer: bearer?.value ?? null,
    sealed: nodeSealer.seal(randomBytes(32), randomBytes(12), '{}'),
    tracking: `CPNS_${randomUUID()}`,
    apnsKey: o.keys.apns,
    apnsToken: o.keys.apnsToken(),
    serviceAccount: o.keys.fcm.key,
  }
  return ok(providerKit(needs))
}

/** That of the cluster; without one any that Common Identity has. Only looked at: the run is not to know that somebody asked. */
function accountOf({ world, secrets }: KitPorts): KitNeeds['account'] {
  const { pkid, issued } = world.admin.machine
  const [other] = world.ci.accounts.values()
  const own = world.cluster.onboarded && !world.ci.deleted.has(pkid) ? { id: pkid, refresh: issued } : null
  const found = own ?? other
  if (!found) return null
  return { id: found.id, secret: secrets.textOf(clientSecretId(found.id)), refresh: secrets.textOf(found.refresh) }
}

/** From Common Identity of the lab, as any other client gets one. */
async function accessToken({ asking, secrets }: KitPorts, account: KitNeeds['account']): Promise<Reply<string>> {
  const asked: Asked = {
    method: 'POST',
    path: '',
    headers: {},
    from: 'this window',
    tracking: null,
    body: () => Promise.resolve(null),
    signal: new AbortController().signal,
  }
  const refresh = account === null ? null : secrets.find(account.refresh)
  const given = await asking.ask(asked, 'ci', { what: 'token', grant: GRANT, account: account?.id ?? null, refresh })
  return given.token === undefined
    ? failure('refused', `Common Identity gives no access token: ${given.status} ${given.text}`)
    : ok(secrets.textOf(given.token))
}
