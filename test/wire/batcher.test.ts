import fc from 'fast-check'
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
      () => ({ wire: null, clouds: null, pinned: null, notKept: '' }),
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
      () => ({ wire: null, clouds: null, pinned: null, notKept: '' }),
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

  it('of a device that the window has, only what is different crosses, and nothing when nothing is', () => {
    const { lab, changed } = changing()
    const batcher = new Batcher(
      lab,
      () => ({ now: 0 }) as Batch['clock'],
      () => ({ wire: null, clouds: null, pinned: null, notKept: '' }),
      () => undefined,
    )
    const got: Batch[] = []
    const { ack } = batcher.add((batch) => got.push(batch))
    const next = (...rows: object[]): Batch => {
      changed.push(...(rows as Row[]))
      if (got.length > 0) ack(got.at(-1)!.seq)
      batcher.flush()
      return got.at(-1)!
    }
    next()
    const phone = { kind: 'device', id: 'phone', state: 'idle', lines: ['1000'], reach: { ok: true, text: 'over SIP' } }
    expect(next(phone)).toMatchObject({ upsert: [phone], patch: [] })
    const fields = { reach: { ok: false, text: 'no way' } }
    expect(next({ ...phone, ...fields })).toMatchObject({ upsert: [], patch: [{ kind: 'device', id: 'phone', fields }] })
    expect(got.at(-1)!.patch[0]!.fields).toEqual(fields)
    const count = got.length
    next({ ...structuredClone(phone), ...structuredClone(fields) })
    expect(got).toHaveLength(count)
    const { lines: _gone, ...less } = phone
    expect(next(less).upsert, 'a field that went cannot be said in a patch').toEqual([less])
  })

  it('whatever changes, whoever comes and however slow they are: in the end every window has every row as it is', () => {
    const step = fc.oneof(
      { weight: 6, arbitrary: fc.record({ do: fc.constant('set' as const), id: fc.nat(1), field: fc.nat(1), value: fc.nat(2) }) },
      { weight: 1, arbitrary: fc.record({ do: fc.constant('remove' as const), id: fc.nat(1) }) },
      { weight: 5, arbitrary: fc.record({ do: fc.constant('frame' as const) }) },
      { weight: 2, arbitrary: fc.record({ do: fc.constant('flush' as const) }) },
      { weight: 2, arbitrary: fc.record({ do: fc.constant('ack' as const), window: fc.nat(2) }) },
      { weight: 1, arbitrary: fc.record({ do: fc.constant('open' as const) }) },
      { weight: 3, arbitrary: fc.record({ do: fc.constant('too many' as const) }) },
    )
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const now = new Map<string, Row>()
        const dirty = new Set<string>()
        let tooMany = false
        const lab = {
          track: () => dirty.clear(),
          collect: () => {
            if (tooMany) {
              tooMany = false
              return null
            }
            const ids = [...dirty]
            dirty.clear()
            return {
              upsert: ids.flatMap((id) => now.get(id) ?? []),
              remove: ids.filter((id) => !now.has(id)).map((id) => ({ kind: 'device' as const, id })),
            }
          },
          rows: (kind: string) => (kind === 'device' ? [...now.values()] : []),
          marks: [],
          world: { log: { total: 0, since: () => [] } },
        } as unknown as Lab
        const batcher = new Batcher(
          lab,
          () => ({ now: 0 }) as Batch['clock'],
          () => ({ wire: null, clouds: null, pinned: null, notKept: '' }),
          () => undefined,
        )
        const windows: { rows: Map<string, Row>; seq: number; ack: (seq: number) => void }[] = []
        const open = (): void => {
          const window = { rows: new Map<string, Row>(), seq: 0, ack: (_seq: number) => undefined as void }
          windows.push(window)
          window.ack = batcher.add((batch) => {
            window.seq = batch.seq
            if (batch.reset) window.rows.clear()
            for (const each of batch.upsert) window.rows.set(each.id, each)
            for (const { id, fields } of batch.patch) window.rows.set(id, { ...window.rows.get(id)!, ...fields } as Row)
            for (const { id } of batch.remove) window.rows.delete(id)
          }).ack
        }
        const frame = (): void => {
          for (const window of windows) window.ack(window.seq)
          batcher.flush()
        }
        open()
        for (const each of steps) {
          if (each.do === 'set') {
            const id = `d${each.id}`
            now.set(id, { ...(now.get(id) ?? row('device', id)), [`field${each.field}`]: each.value } as Row)
            dirty.add(id)
          } else if (each.do === 'remove') {
            if (now.delete(`d${each.id}`)) dirty.add(`d${each.id}`)
          } else if (each.do === 'frame') frame()
          else if (each.do === 'flush') batcher.flush()
          else if (each.do === 'open' && windows.length < 3) open()
          else if (each.do === 'too many') tooMany = true
          else if (each.do === 'ack') windows[each.window]?.ack(windows[each.window]!.seq)
        }
        for (let n = 0; n < 4; n++) frame()
        for (const window of windows) expect(window.rows).toEqual(now)
      }),
      { numRuns: 10_000 },
    )
  })
})
