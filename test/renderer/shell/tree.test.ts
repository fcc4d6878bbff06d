import { mount } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { nextTick } from 'vue'
import { useLab } from '../../../renderer/state/lab.ts'
import { useSelection } from '../../../renderer/state/selection.ts'
import { useContextMenu } from '../../../renderer/ui/contextMenu.ts'
import LabTree from '../../../renderer/views/shell/LabTree.vue'
import { treeLines, treeMove } from '../../../renderer/views/shell/tree.ts'
import { wholeMesh } from '../fixtures/localPush.ts'
import { deviceRow, devices, faults, labRow, nodeRow, nodes, snapshot } from '../fixtures/rows.ts'

const treeOf = (over: Partial<Parameters<typeof treeLines>[0]> = {}) =>
  treeLines({ lab: labRow(), nodes, devices, faults, folded: new Set(), filter: '', ...over })
const lines = (over: Partial<Parameters<typeof treeLines>[0]> = {}) => [...treeOf(over)]

describe('lines of the tree', () => {
  it('families in order, each with its members, then devices and faults', () => {
    expect(
      lines()
        .filter((line) => line.level === 1)
        .map((line) => [line.label, line.note]),
    ).toEqual([
      ['Unified CM cluster', '14SU3'],
      ['IM and Presence', '14SU3'],
      ['Edge', ''],
      ['Clouds', ''],
      ['Devices', '4'],
      ['Faults', '2'],
    ])
    const crashed = lines().find((line) => line.id === 'node.ucm-pub')
    expect(crashed).toMatchObject({ note: 'crashed', mark: { state: 'down', word: 'crashed' }, position: 1, siblings: 2 })
  })

  it('[LPNS-19] a node that holds sessions says how many', () => {
    const notes = lines({ nodes: wholeMesh(), devices: [], faults: [] })
      .filter((line) => line.level === 2)
      .map((line) => line.note)
    expect(notes).toEqual(['', '4 sess.', '2 sess.'])
  })

  it('of a node that is not well it says what does not run, before anything else', () => {
    const services = nodeRow({ id: 'n' }).services.map((one) => (one.short === 'CMAS' ? { ...one, state: 'stopped' as const } : one))
    const noteOf = (over: Partial<Parameters<typeof nodeRow>[0]>) =>
      lines({ nodes: [nodeRow({ id: 'n', services, note: 'access token until 01:00:00', ...over })], devices: [], faults: [] }).at(-1)?.note
    expect(noteOf({ health: 'degraded' })).toBe('CMAS stopped')
    expect(noteOf({ health: 'up' })).toBe('')
    expect(noteOf({ health: 'down', state: 'crashed' })).toBe('crashed')
    const [fault] = faults
    const broken = (hidden: boolean) =>
      lines({
        nodes: [nodeRow({ id: 'n', faults: [fault!.id], health: 'degraded', note: 'access token' })],
        devices: [],
        faults: [{ ...fault!, hidden }],
      })
    expect(broken(false).find((line) => line.id === 'node.n')?.note).toBe(fault!.title)
    // What a trainer hides from the class is not told here, either.
    expect(broken(true).find((line) => line.id === 'node.n')?.note).toBe('access token')
  })

  it('counts as everywhere else: thousands are set apart', () => {
    const many = Array.from({ length: 1_200 }, (_, index) => deviceRow({ id: `p${index}`, label: index < 1_100 ? 'nurse' : 'porter' }))
    const noteOf = (filter: string) => lines({ devices: many, filter }).find((line) => line.id === 'devices')?.note
    expect(noteOf('')).toBe('1,200')
    expect(noteOf('nurse')).toBe('1,100 of 1,200')
  })

  it('what is as it should be is left out: a valid access token, what a cloud is for; what is not is told', () => {
    const noteOf = (note: string, family: 'ucm' | 'cloud' | 'edge', health: 'up' | 'degraded' = 'up') =>
      lines({ nodes: [nodeRow({ id: 'n', note, family, health })], devices: [], faults: [] }).at(-1)?.note
    expect(noteOf('access token until 01:00:00', 'ucm')).toBe('')
    expect(noteOf('3 unread, access token until 01:00:00', 'ucm')).toBe('3 unread')
    expect(noteOf('no access token', 'ucm')).toBe('no access token')
    expect(noteOf('keeps nothing', 'cloud')).toBe('')
    expect(noteOf('answers 410', 'cloud', 'degraded')).toBe('answers 410')
    expect(noteOf('idle limit 60 min', 'edge')).toBe('idle limit 60 min')
  })

  it('a folded group keeps its line and hides its members', () => {
    const shown = lines({ folded: new Set(['devices']) })
    expect(shown.find((line) => line.id === 'devices')?.expanded).toBe(false)
    expect(shown.some((line) => line.id === 'device.ana-iphone')).toBe(false)
  })

  it('a filter finds devices by name, number and state, and says how many', () => {
    expect(lines({ filter: '5013' }).map((line) => line.id)).toEqual(['devices', 'device.bo-pixel'])
    expect(lines({ filter: '5013' })[0]?.note).toBe('1 of 4')
    expect(lines({ filter: 'ringing' }).map((line) => line.id)).toEqual(['devices', 'device.ana-iphone'])
    expect(lines({ filter: 'zzz' })).toEqual([])
  })
})

describe('a line by its place', () => {
  it.each([[new Set<string>()], [new Set(['devices'])], [new Set(['family.ucm', 'faults'])]])(
    'is found where it says, folded: %o',
    (folded) => {
      const all = treeOf({ folded })
      const listed = [...all]
      expect(listed).toHaveLength(all.length)
      expect(new Set(listed.map((line) => line.id)).size).toBe(all.length)
      for (const [index, line] of listed.entries()) expect([all.indexOf(line.id), all.at(index)]).toEqual([index, line])
      expect([all.at(-1), all.at(all.length), all.indexOf('device.nobody')]).toEqual([undefined, undefined, -1])
      if (folded.has('devices')) expect(all.indexOf('device.bo-pixel')).toBe(-1)
    },
  )
})

describe('arrow keys', () => {
  const all = treeOf()
  it.each([
    ['family.ucm', 'ArrowDown', { focus: 'node.ucm-pub' }],
    ['node.ucm-pub', 'ArrowUp', { focus: 'family.ucm' }],
    ['family.ucm', 'ArrowUp', null],
    ['family.ucm', 'ArrowLeft', { fold: 'family.ucm' }],
    ['family.ucm', 'ArrowRight', { focus: 'node.ucm-pub' }],
    ['node.ucm-sub1', 'ArrowLeft', { focus: 'family.ucm' }],
    ['node.ucm-sub1', 'ArrowRight', null],
    ['node.ucm-sub1', 'Home', { focus: 'family.ucm' }],
    ['node.ucm-sub1', 'End', { focus: 'fault.fault-2' }],
    ['fault.fault-2', 'ArrowDown', null],
    ['node.ucm-sub1', 'x', null],
  ] as const)('%s %s', (id, key, move) => {
    expect(treeMove(all, id, key)).toEqual(move)
  })

  it('right on a folded group unfolds it', () => {
    expect(treeMove(treeOf({ folded: new Set(['devices']) }), 'devices', 'ArrowRight')).toEqual({ unfold: 'devices' })
  })
})

describe('the tree on screen', () => {
  beforeEach(() => {
    setActivePinia(createPinia())
    useLab().apply(snapshot())
  })
  afterEach(() => {
    useContextMenu().close()
    document.body.innerHTML = ''
  })
  const open = () => mount(LabTree, { attachTo: document.body })
  const focusedLine = (): string | undefined => (document.activeElement as HTMLElement | null)?.dataset['line']

  it('has one tab stop, which follows the arrow keys', async () => {
    const tree = open()
    expect(tree.findAll('[role="treeitem"][tabindex="0"]').map((item) => item.attributes('data-line'))).toEqual(['family.ucm'])
    await tree.find('[data-line="family.ucm"]').trigger('keydown', { key: 'ArrowDown' })
    await nextTick()
    expect(focusedLine()).toBe('node.ucm-pub')
    expect(tree.findAll('[role="treeitem"][tabindex="0"]').map((item) => item.attributes('data-line'))).toEqual(['node.ucm-pub'])
  })

  it('Enter selects, left folds', async () => {
    const tree = open()
    await tree.find('[data-line="device.bo-pixel"]').trigger('keydown', { key: 'Enter' })
    expect(useSelection().current).toEqual({ kind: 'device', id: 'bo-pixel' })
    expect(tree.find('[data-line="device.bo-pixel"]').attributes('aria-selected')).toBe('true')
    await tree.find('[data-line="devices"]').trigger('keydown', { key: 'ArrowLeft' })
    expect(tree.find('[data-line="device.bo-pixel"]').exists()).toBe(false)
    expect(tree.find('[data-line="devices"]').attributes('aria-expanded')).toBe('false')
  })

  it.each([{ key: 'F10', shiftKey: true }, { key: 'ContextMenu' }])('%o opens the menu of what is focused', async (init) => {
    const tree = open()
    await tree.find('[data-line="node.apns"]').trigger('keydown', init)
    const shown = useContextMenu().shown.value
    expect(shown?.title).toBe('APNs')
    expect(shown?.actions.map((action) => action.id)).toContain('fault.answer.410')
  })

  it('a lab with hundreds of devices draws only what is in sight, and has a filter', async () => {
    const many = Array.from({ length: 500 }, (_, index) => deviceRow({ id: `d${index}`, label: `Device ${index}` }))
    useLab().apply({ ...snapshot(), upsert: [labRow(), ...nodes, ...many] })
    const tree = open()
    expect(tree.findAll('[role="treeitem"]').length).toBeLessThan(200)
    await tree.find('input').setValue('device 499')
    expect(tree.findAll('[role="treeitem"]').map((item) => item.attributes('data-line'))).toEqual(['devices', 'device.d499'])
  })
})
