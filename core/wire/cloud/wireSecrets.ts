/** The texts of the secrets that the lab's own clients show to their clouds (SEC-04). */
import type { World } from '../../world.ts'
import { basicOf } from './identity.ts'
import { fcmAuthorization, type PlatformKeys } from './keys.ts'
import type { SecretTable } from './secrets.ts'
import type { Servers } from './servers.ts'
import type { Secrets } from './site.ts'

export function wireSecrets(world: () => World, table: SecretTable, servers: Servers, keys: PlatformKeys): Secrets {
  const fcm = fcmAuthorization(() => servers.fcmToken(keys.fcm.account.project))

  /** Whose refresh token this is; one of nobody's is sent under the account of the cluster. */
  function accountWith(refresh: string | null): string {
    for (const account of world().ci.accounts.values()) if (account.refresh === refresh) return account.id
    return world().admin.machine.pkid
  }

  return {
    textOf: (id) => table.textOf(id),
    idOf: (text) => table.idOf(text),
    password: (name) => table.password(name),
    authorization(cloud, refresh = null) {
      if (cloud === 'apns') return keys.apnsAuthorization()
      if (cloud === 'fcm') return fcm()
      return cloud === 'ci' ? basicOf(accountWith(refresh), table) : null
    },
  }
}
