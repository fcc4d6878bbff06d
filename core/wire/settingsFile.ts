/** What a window wants to find again: layout, theme, last lab. Small, and never worth stopping for. */
import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { failure, ok, type Reply } from '../contract/door.ts'

export const MAX_SETTINGS_BYTES = 256 * 1024

const settingsSchema = z.record(z.string(), z.json())

export class SettingsFile {
  values: Record<string, unknown> = {}
  private readonly path: string | null

  /** `dataDir` null keeps the settings for this process only. */
  constructor(dataDir: string | null) {
    this.path = dataDir === null ? null : join(dataDir, 'settings.json')
    if (this.path === null) return
    try {
      this.values = settingsSchema.parse(JSON.parse(readFileSync(this.path, 'utf8')))
    } catch {
      // None yet, or not readable: the window starts with its defaults.
    }
  }

  set(changed: Record<string, unknown>): Reply {
    const next = { ...this.values, ...changed }
    const text = JSON.stringify(next)
    if (text.length > MAX_SETTINGS_BYTES) return failure('limit', 'the window settings are too large to keep')
    this.values = next
    if (this.path === null) return ok({})
    try {
      // Whole or not at all.
      writeFileSync(`${this.path}.new`, text, { mode: 0o600 })
      renameSync(`${this.path}.new`, this.path)
      return ok({})
    } catch (error) {
      return failure('io', `the settings could not be kept: ${error instanceof Error ? error.message : ''}`)
    }
  }
}
