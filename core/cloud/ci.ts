/**
 * Common Identity: machine accounts, their refresh tokens, and the access tokens that are given for them (NET-02, UPG-08).
 * Virtual and real requests are answered by the same code; every token is an ID here, its text exists on sockets only.
 */
import { newRefreshToken } from '../admin/machineAccount.ts'
import type { World } from '../world.ts'
import type { Answer } from './carried.ts'

/** The causes that a 400 can have, as they are listed (UPG-08). */
export type TokenRefusal = 'invalid_request' | 'unsupported_grant_type' | 'invalid_client' | 'invalid_refresh_token' | 'tokenlimit_reached'

const WORDS: Readonly<Record<TokenRefusal, string>> = {
  invalid_request: 'the request lacks its grant or its refresh token',
  unsupported_grant_type: 'only the grant refresh_token is known here',
  invalid_client: 'there is no such machine account',
  invalid_refresh_token: 'the refresh token has expired, or is not of this account',
  tokenlimit_reached: 'the account has as many access tokens as it may have',
}

/** How long a refresh token of a machine account lives; modelled, no source names a value. */
export const REFRESH_TOKEN_DAYS = 365

/** Access tokens of one account that may be good at once; modelled, no source names a value. */
export const TOKENS_PER_ACCOUNT = 200

/** Machine accounts at most: anybody may subscribe over a real socket. */
export const MAX_ACCOUNTS = 1_000

const DAY_MS = 86_400_000

export const TOKEN_PATH = '/idb/oauth2/v1/access_token'
export const GRANT = 'refresh_token'

/** `refresh` is the ID of the refresh token that it takes; `live` counts its access tokens. */
export type MachineAccount = { id: string; refresh: string; refreshEndsAt: number; limitReached: boolean; live: number }
type IssuedToken = { id: string; account: string; endsAt: number }

export type CommonIdentity = {
  readonly accounts: Map<string, MachineAccount>
  /** In the order in which they were given out. */
  readonly accessTokens: Map<string, IssuedToken>
  readonly deleted: Set<string>
  made: number
}

export const newCommonIdentity = (): CommonIdentity => ({ accounts: new Map(), accessTokens: new Map(), deleted: new Set(), made: 0 })

/** A new account with its refresh token; null when there are too many. */
export function newMachineAccount(world: World): { account: string; refresh: string } | null {
  if (world.ci.accounts.size >= MAX_ACCOUNTS) return null
  const uuids = world.random('machine accounts')
  const account = uuids.uuid()
  const refresh = newRefreshToken(uuids.uuid())
  enter(world, account, refresh)
  return { account, refresh }
}

function enter(world: World, id: string, refresh: string): MachineAccount {
  const refreshEndsAt = world.clock.now() + REFRESH_TOKEN_DAYS * DAY_MS
  const account: MachineAccount = { id, refresh, refreshEndsAt, limitReached: false, live: 0 }
  world.ci.accounts.set(id, account)
  return account
}

/** An account by its ID. That of the cluster is there from the start, and takes the refresh token that was issued last. */
export function accountOf(world: World, id: string | null): MachineAccount | undefined {
  const { pkid, issued } = world.admin.machine
  if (id === null || world.ci.deleted.has(id)) return undefined
  const known = world.ci.accounts.get(id)
  if (id !== pkid) return known
  const own = known ?? enter(world, pkid, issued)
  if (own.refresh === issued) return own
  own.refresh = issued
  own.refreshEndsAt = world.clock.now() + REFRESH_TOKEN_DAYS * DAY_MS
  return own
}

export type Break = 'refresh token expired' | 'account deleted' | 'token limit reached' | 'refresh token lost'

/** Breaks the cluster's own account; answers with why that is not possible, or null. */
export function breakMachineAccount(world: World, how: Break): string | null {
  const { ci, clock, admin } = world
  const account = accountOf(world, admin.machine.pkid)
  if (!account) return 'the machine account of this cluster is deleted: mend it first (machineAccount.mend)'
  switch (how) {
    case 'refresh token expired':
      account.refreshEndsAt = clock.now()
      return null
    case 'token limit reached':
      account.limitReached = true
      return null
    case 'refresh token lost':
      for (const node of [...world.cluster.nodes.keys(), ...(world.presence?.nodes.keys() ?? [])]) {
        admin.machine.copies.set(node, '')
        admin.machine.inUse.set(node, '')
      }
      return null
    case 'account deleted':
      ci.accounts.delete(account.id)
      ci.deleted.add(account.id)
      for (const token of ci.accessTokens.values()) if (token.account === account.id) ci.accessTokens.delete(token.id)
      return null
  }
}

/** A new refresh token for the cluster's account, or a new account when that is deleted; null when there are too many. */
export function freshMachineAccount(world: World): { account: string; refresh: string } | null {
  const own = accountOf(world, world.admin.machine.pkid)
  if (!own) return newMachineAccount(world)
  own.limitReached = false
  return { account: own.id, refresh: newRefreshToken(world.random('machine accounts').uuid()) }
}

/** Whether an access token of this ID is good now. */
export function tokenGood({ ci, clock }: World, id: string | null): boolean {
  const token = id === null ? undefined : ci.accessTokens.get(id)
  return token !== undefined && token.endsAt > clock.now()
}

/** `account` and `refresh` are IDs; empty or null where the request brings none that is known. */
export type TokenRequest = { grant: string; account: string | null; refresh: string | null }

export function answerTokenRequest(world: World, asked: TokenRequest): Answer {
  const refusal = refusalOf(world, asked)
  if (refusal !== null)
    return { status: 400, text: refusal, outcome: `Response received : 400; ${refusal}: ${WORDS[refusal]}`, why: 'UPG-08' }
  const minutes = world.cluster.accessTokenMinutes
  const token = give(world, asked.account as string, minutes)
  return {
    status: 200,
    text: 'OK',
    outcome: `access token for ${minutes} min`,
    why: 'NET-02',
    given: { token, expiresInS: minutes * 60 },
  }
}

function refusalOf(world: World, { grant, account, refresh }: TokenRequest): TokenRefusal | null {
  forgetOld(world)
  if (grant === '' || refresh === '') return 'invalid_request'
  if (grant !== GRANT) return 'unsupported_grant_type'
  const known = accountOf(world, account)
  if (!known) return 'invalid_client'
  if (known.refresh !== refresh || known.refreshEndsAt <= world.clock.now()) return 'invalid_refresh_token'
  return known.limitReached || known.live >= TOKENS_PER_ACCOUNT ? 'tokenlimit_reached' : null
}

function give(world: World, account: string, minutes: number): string {
  const { ci } = world
  const id = `access-${++ci.made}`
  ci.accessTokens.set(id, { id, account, endsAt: world.clock.now() + minutes * 60_000 })
  const owner = ci.accounts.get(account)
  if (owner) owner.live++
  return id
}

/** Tokens that ended. They end in the order of their making, unless their lifetime was changed; then some stay a while. */
function forgetOld({ ci, clock }: World): void {
  for (const [id, { account, endsAt }] of ci.accessTokens) {
    if (endsAt > clock.now()) return
    ci.accessTokens.delete(id)
    const owner = ci.accounts.get(account)
    if (owner) owner.live--
  }
}
