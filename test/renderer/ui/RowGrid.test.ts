import { mount } from '@vue/test-utils'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { defineComponent, h, ref } from 'vue'
import RowGrid from '../../../renderer/ui/RowGrid.vue'
import SortHeads from '../../../renderer/ui/SortHeads.vue'
import { useSort } from '../../../renderer/ui/sorting.ts'

let view: ReturnType<typeof mount> | null = null
beforeEach(() => {
  // A grid as high as twenty rows.
  vi.spyOn(HTMLElement.prototype, 'clientHeight', 'get').mockReturnValue(400)
})
afterEach(() => {
  view?.unmount()
  vi.restoreAllMocks()
})

/** Rows 0 to `count`, the odd ones selected; what they told is kept. */
const open = (count: number, first: number | null = 0) => {
  const active = ref(first)
  const told: string[] = []
  const { sort, sortBy } = useSort<'name' | 'size'>('name', ['size'])
  const Host = defineComponent(
    () => () =>
      h(
        RowGrid<number>,
        {
          label: 'Numbers',
          rowPx: 20,
          count,
          keyAt: (index) => index,
          rowAt: (index) => (index >= 0 && index < count ? index : undefined),
          active: active.value,
          selected: (row) => row % 2 === 1,
          rowAttrs: (row) => ({ 'data-n': row }),
          onMove: (key) => (active.value = Number(key)),
          onChoose: (row) => told.push(`choose ${row}`),
          onOpen: (row) => told.push(`open ${row}`),
          onMenu: (_event, row) => told.push(`menu ${row}`),
        },
        {
          heads: () =>
            h(SortHeads<'name' | 'size'>, {
              columns: [
                { key: 'name', label: 'Name' },
                { key: 'size', label: 'Size' },
                { key: null, label: 'Note' },
              ],
              sort: sort.value,
              onSort: sortBy,
            }),
          row: ({ row }: { row: number }) => h('span', { role: 'gridcell' }, `row ${row}`),
          default: () => (count === 0 ? h('p', 'nothing') : []),
        },
      ),
  )
  view = mount(Host, { attachTo: document.body })
  const grid = view.find('[role="grid"]')
  const current = () => document.getElementById(grid.attributes('aria-activedescendant') ?? '')?.dataset['n']
  return { grid, told, current }
}

describe('a grid of rows', () => {
  it('has only the rows in sight in the document, and tells how many there are', () => {
    const { grid } = open(15_000)
    expect(grid.attributes('aria-rowcount')).toBe('15001')
    expect(grid.findAll('.line').length).toBeGreaterThan(10)
    expect(grid.findAll('.line').length).toBeLessThan(60)
    expect(grid.find('[data-n="3"]').attributes()).toMatchObject({ 'aria-rowindex': '5', 'aria-selected': 'true' })
    expect(grid.find('.body').attributes('style')).toContain('height: 300000px')
  })

  it('moves the current row by key, and tells which it is while it is in sight', async () => {
    const { grid, current } = open(100)
    expect(current()).toBe('0')
    await grid.trigger('keydown', { key: 'ArrowDown' })
    await grid.trigger('keydown', { key: 'ArrowDown' })
    await grid.trigger('keydown', { key: 'ArrowUp' })
    expect(current()).toBe('1')
    expect(grid.findAll('.line.active').length).toBe(1)
  })

  it('says nothing of a current row that is not in the document', () => {
    const { grid } = open(15_000, 14_000)
    expect(grid.attributes('aria-activedescendant')).toBeUndefined()
  })

  it('chooses by click, opens by Enter, Space and double click, and offers actions by key and right click', async () => {
    const { grid, told } = open(10, 4)
    await grid.find('[data-n="2"]').trigger('click')
    await grid.trigger('keydown', { key: 'Enter' })
    await grid.trigger('keydown', { key: ' ' })
    await grid.find('[data-n="3"]').trigger('dblclick')
    await grid.trigger('keydown', { key: 'ContextMenu' })
    await grid.find('[data-n="5"]').trigger('contextmenu')
    expect(told).toEqual(['choose 2', 'open 4', 'open 4', 'open 3', 'menu 4', 'menu 5'])
  })

  it('opens nothing where there is no row', async () => {
    const { grid, told } = open(0, null)
    await grid.trigger('keydown', { key: 'Enter' })
    await grid.trigger('keydown', { key: 'ContextMenu' })
    expect(told).toEqual([])
    expect(grid.text()).toContain('nothing')
  })
})

describe('heads that sort', () => {
  it('begin with the largest where that is looked for, turn at the second click, and keep their own Enter', async () => {
    const { grid, told } = open(10)
    const heads = () => grid.findAll('[role="columnheader"]').map((head) => head.attributes('aria-sort'))
    expect(heads()).toEqual(['ascending', 'none', undefined])
    const size = grid.findAll('.head')[1]!
    await size.trigger('click')
    expect(heads()).toEqual(['none', 'descending', undefined])
    await size.trigger('click')
    expect(heads()).toEqual(['none', 'ascending', undefined])
    await size.trigger('keydown', { key: 'Enter' })
    expect(told).toEqual([])
  })
})
