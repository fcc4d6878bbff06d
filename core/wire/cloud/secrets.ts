/**
 * Texts of tokens by their IDs, and of proxy passwords by their names. They are random, live in this process, and go to
 * nobody but the sockets: the run, its journal and the log know the IDs (SEC-04).
 */
import { randomBytes } from 'node:crypto'

/** Tokens that are kept; the one that was not used for longest goes. */
export const MAX_SECRETS = 20_000
/** Passwords that a person may tell. */
export const MAX_PASSWORDS = 100

const PREFIX = 'plc_'

export class SecretTable {
  private readonly texts = new Map<string, string>()
  private readonly ids = new Map<string, string>()
  private readonly passwords = new Map<string, string>()

  /** Of an ID that is new here, a text is made now. */
  textOf(id: string): string {
    const known = this.texts.get(id)
    if (known !== undefined) {
      this.texts.delete(id) // used last
      this.texts.set(id, known)
      return known
    }
    const text = PREFIX + randomBytes(32).toString('base64url')
    this.keep(id, text)
    return text
  }

  /** The ID behind a text; null when nobody here has made it. */
  find(text: string): string | null {
    return this.ids.get(text) ?? null
  }

  /** The ID behind a text, which gets one when it is new: a token that another cloud has given out. */
  idOf(text: string): string {
    const known = this.ids.get(text)
    if (known !== undefined) return known
    const id = `token-${randomBytes(8).toString('hex')}`
    this.keep(id, text)
    return id
  }

  setPassword(name: string, value: string): boolean {
    if (!this.passwords.has(name) && this.passwords.size >= MAX_PASSWORDS) return false
    this.passwords.set(name, value)
    return true
  }

  password(name: string): string | null {
    return this.passwords.get(name) ?? null
  }

  get passwordNames(): string[] {
    return [...this.passwords.keys()].toSorted()
  }

  /** Another run is in view: no token of the old one is good in it. Passwords are of proxies, and stay. */
  clearTokens(): void {
    this.texts.clear()
    this.ids.clear()
  }

  private keep(id: string, text: string): void {
    if (this.texts.size >= MAX_SECRETS) {
      const [oldest, gone] = this.texts.entries().next().value as [string, string]
      this.texts.delete(oldest)
      this.ids.delete(gone)
    }
    this.texts.set(id, text)
    this.ids.set(text, id)
  }
}
