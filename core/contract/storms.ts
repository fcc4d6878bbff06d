/** Storms: what everybody does at once, as one input of the run. */
import { z } from 'zod'
import { spec } from './spec.ts'
import { durationMs, id } from './values.ts'

/** A storm is spread over an hour at most. */
export const STORM_MAX_MS = 3_600_000

const over = (standard: number) =>
  durationMs
    .refine((ms) => ms <= STORM_MAX_MS, 'a storm lasts an hour at most')
    .default(standard)
    .describe('spread evenly over this long')

export const stormCommands = {
  'storm.background': spec({
    title: 'Storm: everyone sends the app to the background',
    group: 'Storm',
    args: z.strictObject({ overMs: over(10_000) }),
  }),
  'storm.register': spec({
    title: 'Storm: everyone opens the app and registers',
    group: 'Storm',
    args: z.strictObject({ overMs: over(60_000) }),
  }),
  'storm.page': spec({
    title: 'Storm: page all phones in one call',
    group: 'Storm',
    args: z.strictObject({
      /** Calling device; the lab takes the first one that can call when left out. */
      from: id.optional(),
      overMs: over(0),
    }),
  }),
} as const
