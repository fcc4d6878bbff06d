import { flushPromises, type VueWrapper } from '@vue/test-utils'
import { describe, expect, it } from 'vitest'
import { failure } from '../../../core/contract/index.ts'
import { useToasts } from '../../../renderer/state/toasts.ts'
import { differences, draftOf, fieldOf, questionOf } from '../../../renderer/views/releases/draft.ts'
import ReleasesView from '../../../renderer/views/releases/ReleasesView.vue'
import { releaseMatrix } from '../fixtures/admin.ts'
import type { FakePort } from '../fixtures/fakePort.ts'
import { oneView } from '../fixtures/oneView.ts'

const shown = oneView(ReleasesView)
const { button, press, asked } = shown
let port: FakePort
let view: VueWrapper
const open = async (answers: Parameters<typeof shown.open>[0] = {}): Promise<void> => {
  ;({ port, view } = await shown.open(answers))
}
const field = (label: string) =>
  view
    .findAll('.release')
    .find((one) => one.find('label').text() === label)!
    .find('input')
const type = async (label: string, text: string): Promise<void> => {
  await field(label).setValue(text)
  await field(label).trigger('change')
  await flushPromises()
}

describe('a set of releases', () => {
  const lab = releaseMatrix({}).fromLab

  it('an empty field means that there is none, and without Expressway nobody comes over it', () => {
    expect(questionOf({ ...draftOf(lab), presence: ' ', mra: true })).toMatchObject({ presence: null, expressway: null, mra: false })
  })

  it('[MRA-05] differs from the lab in the order of an upgrade; only servers that the lab has can be applied', () => {
    const found = differences({ ...draftOf(lab), unifiedCm: '14SU3', presence: '14SU3', expressway: 'X14.2', osRelease: '16.5' }, lab)
    expect(found.map(({ label, component }) => [label, component])).toEqual([
      ['Expressway', null],
      ['IM and Presence', 'IM and Presence'],
      ['Unified CM', 'Unified CM'],
      ['release of the system', null],
    ])
    expect(differences(draftOf(lab), lab)).toEqual([])
    expect(differences({ ...draftOf(lab), presence: '' }, lab)[0]!.component).toBeNull()
  })

  it('an upgrade belongs to a field', () => {
    expect([fieldOf('jabber'), fieldOf('webex'), fieldOf('os'), fieldOf('presence')]).toEqual([
      'clientRelease',
      'clientRelease',
      'osRelease',
      'presence',
    ])
  })
})

describe('support matrix explorer', () => {
  it('[REL-01] is prefilled from the lab and shows what works, the deciding cell and what it prints', async () => {
    await open()
    expect(asked('release.matrix')).toEqual([{}])
    expect(field('Unified CM').element.value).toBe('12.5(1)SU2')
    const callkit = view.findAll('tbody tr').find((row) => row.text().includes('CallKit'))!
    expect(callkit.text()).toContain('no')
    expect(callkit.text()).toContain('REL-A3 Unified CM')
    expect(callkit.text()).toContain('11.5(1)SU8 and 12.5(1)SU3 and 14')
    expect(view.find('header').text()).toContain('1 work')
    expect(view.find('header').text()).toContain('1 with a warning')
    expect(button('Apply to the lab').attributes('aria-disabled')).toBe('true')
  })

  it('takes the upgrade that mends it, and then applies it to the lab', async () => {
    await open()
    await press('Take all')
    expect(field('Unified CM').element.value).toBe('12.5(1)SU3')
    expect(view.text()).toContain('in the lab: 12.5(1)SU2')
    expect(view.text()).not.toContain('Which upgrade mends what')
    expect(asked('cluster.release')).toEqual([])
    await press('Apply to the lab')
    expect(asked('cluster.release')).toEqual([{ component: 'Unified CM', release: '12.5(1)SU3' }])
    expect(useToasts().log.at(-1)?.title).toContain('Unified CM 12.5(1)SU3')
  })

  it('a refused release stays in sight, and nothing after it is tried', async () => {
    await open()
    port.answer('cluster.release', failure('bad-request', 'no such release'))
    await type('Unified CM', '14SU3')
    await type('IM and Presence', '14SU3')
    await press('Apply to the lab')
    expect(asked('cluster.release')).toEqual([{ component: 'IM and Presence', release: '14SU3' }])
    expect(view.find('[role=alert]').text()).toContain('no such release')
  })

  it('goes back to the releases of the lab', async () => {
    await open()
    await type('Unified CM', '14SU3')
    expect(asked('release.matrix').at(-1)).toMatchObject({ unifiedCm: '14SU3', expressway: null })
    await press('As in the lab')
    expect(field('Unified CM').element.value).toBe('12.5(1)SU2')
  })

  it('says which name cannot be read, and keeps a product that must be there', async () => {
    await open()
    await type('Unified CM', 'fourteen')
    expect(view.find('[role=alert]').text()).toContain('fourteen is no release of Unified CM')
    await type('Unified CM', '')
    expect(field('Unified CM').element.value).toBe('fourteen')
  })

  it('shows only what does not work on demand', async () => {
    await open()
    await button('Only what does not').trigger('click')
    expect(view.findAll('tbody tr').map((row) => row.find('b').text())).toEqual(['CallKit', 'Basic push'])
  })

  it('says what went wrong, and tries again', async () => {
    await open({ 'release.matrix': failure('internal', 'the lab is away') })
    expect(view.find('[role=alert]').text()).toContain('the lab is away')
  })
})
