import { describe, expect, it } from 'vitest'
import type { Batch, Row } from '../../core/contract/index.ts'
import type { Lab } from '../../core/lab.ts'
import { Batcher } from '../../core/wire/batcher.ts'

const row = (kind: 'device' | 'node', id: string, state = 'idle'): Row => ({ kind, id, state }) as unknown as Row

/** A lab of which only changed rows matter. */
function changing(): { lab: Lab; changed: Row[] } {
  const found = { changed: [] as Row[] }
  const lab = {
    track: () => undefined,
    collect: () => ({ upsert: found.changed.splice(0), remove: [] }),
    rows: () => [],
    marks: [],
    world: { log: { total: 0, since: () => [] } },
  } as unknown as Lab
  return { lab, changed: found.changed }
}

describe('batches for a window', () => {
  it('when thousands of devices change at once, nodes go first and devices 1,500 at a time, each as it is then', () => {
    const { lab, changed } = changing()
    const clock = { now: 0 } as Batch['clock']
    const batcher = new Batcher(
      lab,
      () => clock,
      () => ({ wire: null, clouds: null, pinned: null }),
      () => undefined,
    )
    const got: Batch[] = []
    const { ack } = batcher.add((batch) => got.push(batch))
    const next = (): Batch => {
      if (got.length > 0) ack(got.at(-1)!.seq)
      batcher.flush()
      return got.at(-1)!
    }
    expect(next().reset).toBe(true)
    changed.push(...Array.from({ length: 4_000 }, (_, i) => row('device', `d${i}`)), row('node', 'imp-pub'))
    const first = next()
    expect(first.upsert).toHaveLength(1_501)
    expect(first.upsert.at(-1)).toMatchObject({ kind: 'node' })
    changed.push(row('device', 'd3999', 'suspended'))
    expect(next().upsert).toHaveLength(1_500)
    const last = next()
    expect(last.upsert).toHaveLength(1_000)
    expect(last.upsert.at(-1)).toMatchObject({ id: 'd3999', state: 'suspended' })
    const count = got.length
    next()
    expect(got).toHaveLength(count)
  })

  it('1,500 changes fit into one batch', () => {
    const { lab, changed } = changing()
    const batcher = new Batcher(
      lab,
      () => ({ now: 0 }) as Batch['clock'],
      () => ({ wire: null, clouds: null, pinned: null }),
      () => undefined,
    )
    const got: Batch[] = []
    const { ack } = batcher.add((batch) => got.push(batch))
    batcher.flush()
    ack(1)
    changed.push(...Array.from({ length: 1_500 }, (_, i) => row('device', `d${i}`)))
    batcher.flush()
    expect(got.at(-1)!.upsert).toHaveLength(1_500)
  })
})
