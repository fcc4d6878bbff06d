import { mount } from '@vue/test-utils'
import { createPinia } from 'pinia'
import { describe, expect, it } from 'vitest'
import { defineComponent, h, ref } from 'vue'
import Button from '../../../renderer/ui/Button.vue'
import CarrierTag from '../../../renderer/ui/CarrierTag.vue'
import ErrorBoundary from '../../../renderer/ui/ErrorBoundary.vue'
import PaneEdge from '../../../renderer/ui/PaneEdge.vue'
import { pushMark } from '../../../renderer/ui/state.ts'
import StateMark from '../../../renderer/ui/StateMark.vue'

describe('states', () => {
  it.each([
    ['up', 'circle'],
    ['degraded', 'path'],
    ['down', 'path'],
    ['idle', 'circle.ring'],
  ] as const)('%s has a shape and a word', (state, shape) => {
    const mark = mount(StateMark, { props: { state } })
    expect(mark.find(`svg ${shape}`).exists()).toBe(true)
    expect(mark.text()).toBe(state)
  })

  it('the four shapes differ', () => {
    const drawn = (['up', 'degraded', 'down', 'idle'] as const).map((state) => mount(StateMark, { props: { state } }).find('svg').html())
    expect(new Set(drawn).size).toBe(4)
  })

  it('a quiet mark keeps its word for screen readers', () => {
    const mark = mount(StateMark, { props: { state: 'down', word: 'crashed', quiet: true } })
    expect(mark.find('.visually-hidden').text()).toBe('crashed')
    expect(mark.attributes('title')).toBe('crashed')
  })

  it('[DEC-33] accepted by the cloud does not look or read like delivered', () => {
    expect(pushMark('accepted')).toEqual({ state: 'idle', word: 'accepted by the cloud' })
    expect(pushMark('delivered').state).toBe('up')
  })

  it('a carrier shows its name in its hue', () => {
    const tag = mount(CarrierTag, { props: { carrier: 'LPNS' } })
    expect(tag.text()).toBe('LPNS')
    expect(tag.attributes('style')).toContain('var(--local)')
  })
})

describe('a button that makes no sense now', () => {
  it('says why, can be focused, and does nothing', async () => {
    const button = mount(Button, { props: { reason: 'It is locked.' }, slots: { default: 'Answer' } })
    expect(button.attributes('disabled')).toBeUndefined()
    expect(button.attributes('aria-disabled')).toBe('true')
    expect(button.text()).toContain('It is locked.')
    await button.trigger('click')
    expect(button.emitted('click')).toBeUndefined()
    await button.setProps({ reason: false })
    await button.trigger('click')
    expect(button.emitted('click')).toHaveLength(1)
  })
})

describe('the edge of a pane', () => {
  const edge = (side: 'left' | 'right' | 'below', open = true) =>
    mount(PaneEdge, { props: { label: 'Edge', side, size: 200, limits: [100, 400], open } })

  it.each([
    ['left', 'ArrowRight', 216],
    ['left', 'ArrowLeft', 184],
    ['right', 'ArrowLeft', 216],
    ['below', 'ArrowUp', 216],
    ['below', 'ArrowDown', 184],
    ['left', 'Home', 100],
    ['left', 'End', 400],
  ] as const)('%s: %s asks for %d pixels', async (side, key, size) => {
    const one = edge(side)
    await one.trigger('keydown', { key })
    expect(one.emitted('resize')).toEqual([[size]])
  })

  it('Enter folds and unfolds, and the separator tells its value', async () => {
    const one = edge('left')
    await one.trigger('keydown', { key: 'Enter' })
    expect(one.emitted('toggle')).toEqual([[false]])
    expect(one.attributes()).toMatchObject({ role: 'separator', tabindex: '0', 'aria-valuenow': '200', 'aria-orientation': 'vertical' })
    const folded = edge('below', false)
    expect(folded.attributes()).toMatchObject({ 'aria-valuenow': '0', 'aria-orientation': 'horizontal' })
  })
})

describe('a view that breaks', () => {
  it('says so, leaves the rest alone, and can be shown again', async () => {
    const broken = ref(true)
    const View = defineComponent({
      render() {
        if (broken.value) throw new Error('no column')
        return h('p', 'fine')
      },
    })
    const boundary = mount(ErrorBoundary, {
      props: { name: 'Flow' },
      slots: { default: () => h(View) },
      global: { plugins: [createPinia()], config: { warnHandler: () => {} } },
    })
    await boundary.vm.$nextTick()
    expect(boundary.text()).toContain('The Flow view stopped')
    expect(boundary.text()).toContain('no column')
    broken.value = false
    await boundary.find('button').trigger('click')
    expect(boundary.text()).toBe('fine')
  })
})
