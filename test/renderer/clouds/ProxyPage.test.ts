import { flushPromises, mount, type VueWrapper } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { failure, ok } from '../../../core/contract/index.ts'
import { useLab } from '../../../renderer/state/lab.ts'
import ProxyPage from '../../../renderer/views/clouds/ProxyPage.vue'
import { draftOf, figuresOf, rate, unreadable } from '../../../renderer/views/clouds/capacity.ts'
import { type FakePort, fakePort } from '../fixtures/fakePort.ts'
import { capacity, proxyView } from '../fixtures/clouds.ts'
import { snapshot } from '../fixtures/rows.ts'

let port: FakePort
let view: VueWrapper | null = null
const begin = async (prepare: (port: FakePort) => void = () => undefined): Promise<VueWrapper> => {
  port = fakePort(null)
  prepare(port)
  await useLab().connect(port)
  useLab().apply(snapshot())
  view = mount(ProxyPage, { attachTo: document.body })
  await flushPromises()
  return view
}
beforeEach(() => {
  setActivePinia(createPinia())
})
afterEach(() => {
  view?.unmount()
  view = null
  useLab().disconnect()
})
const sent = (name: string) => port.calls.filter((call) => call.name === name).map((call) => call.args)
const field = (label: string) =>
  view!
    .findAll('label')
    .find((one) => one.text().startsWith(label))!
    .find('input, select')
const button = (name: RegExp) => view!.findAll('button').find((one) => name.test(one.text()) && !one.attributes('hidden'))!

describe('settings of the proxy', () => {
  it('[PROXY-02] shows what is set and saves what was changed, the password as a name', async () => {
    await begin()
    expect((field('Server').element as HTMLInputElement).value).toBe('proxy.clinic.example')
    expect(button(/^Save/).attributes('aria-disabled')).toBe('true')
    await field('Authentication').setValue('Basic')
    await field('Port').setValue('8080')
    await button(/^Save$/).trigger('click')
    await flushPromises()
    expect(sent('proxy.set')).toEqual([
      {
        enabled: true,
        server: 'proxy.clinic.example',
        port: 8_080,
        kind: 'HTTPS',
        authentication: 'Basic',
        user: 'cucm',
        secret: 'proxy-login',
      },
    ])
  })

  it('what is being typed stays when the lab tells something new, and can be taken back', async () => {
    await begin()
    await field('Server').setValue('other.example')
    port.answer('proxy.show', ok({ proxy: proxyView({ addresses: ['10.30.0.8'] }) }))
    useLab().apply({ ...snapshot({ events: [], marks: [] }), reset: false, clock: { ...useLab().clock, jumps: 1 } })
    await flushPromises()
    expect((field('Server').element as HTMLInputElement).value).toBe('other.example')
    expect((field('Addresses').element as HTMLInputElement).value).toBe('10.30.0.8')
    await button(/^As it was/).trigger('click')
    expect((field('Server').element as HTMLInputElement).value).toBe('proxy.clinic.example')
  })

  it('[ONB-15] says who still uses older settings, and restarts the right service there', async () => {
    await begin((one) =>
      one.answer(
        'proxy.show',
        ok({
          proxy: proxyView({
            waiting: [
              { node: 'ucm-sub1', service: 'CPNS' },
              { node: 'imp-pub', service: 'XCP Config Manager' },
            ],
          }),
        }),
      ),
    )
    expect(view!.text()).toContain('Older settings are still in use.')
    await button(/^XCP Config Manager on imp-pub/).trigger('click')
    expect(sent('service.restart')).toEqual([{ node: 'imp-pub', service: 'XCP Config Manager' }])
  })

  it('changes the login, moves the proxy, flushes caches, breaks its way to the cloud', async () => {
    await begin()
    await field('Login it asks for').setValue('Negotiate')
    await view!
      .findAll('button')
      .filter((one) => one.text().startsWith('Set') && !one.attributes('hidden'))[0]!
      .trigger('click')
    await field('Addresses').setValue('10.30.0.8, 10.30.0.9')
    await button(/^Move it/).trigger('click')
    await button(/^Flush/).trigger('click')
    await button(/^Break it/).trigger('click')
    expect(sent('proxy.login')).toEqual([{ asks: 'Negotiate', algorithm: 'MD5', user: 'cucm', secret: 'proxy-login' }])
    expect(sent('proxy.address')).toEqual([{ addresses: ['10.30.0.8', '10.30.0.9'] }])
    expect(sent('proxy.flush')).toEqual([{}])
    expect(sent('proxy.upstream')).toEqual([{ works: false }])
  })

  it('a refusal stands on the page', async () => {
    await begin((one) => one.answer('proxy.address', failure('bad-request', 'an address can stand only once')))
    await field('Addresses').setValue('10.0.0.1 10.0.0.1')
    await button(/^Move it/).trigger('click')
    await flushPromises()
    expect(view!.find('[role=alert]').text()).toContain('The proxy was not moved: an address can stand only once')
  })

  it('a lab without a proxy says how to get one; the calculator is there all the same', async () => {
    await begin((one) => one.answer('proxy.show', ok({ proxy: null })))
    expect(view!.text()).toContain('This lab has no proxy')
    await button(/Proxy trouble/).trigger('click')
    expect(sent('lab.open')).toEqual([{ file: 'proxy-trouble.yaml' }])
    expect(view!.text()).toContain('Can it carry the load?')
  })
})

describe('capacity of the proxy', () => {
  const input = (symbol: string) => {
    const label = view!.findAll('.figure label').find((one) => one.find('b').text() === symbol)!
    return view!.find(`[id="${label.attributes('for')}"]`)
  }

  it('[PROXY-08] starts from the lab, shows formula, result and what was counted', async () => {
    await begin()
    expect((input('Uc').element as HTMLInputElement).value).toBe('3')
    expect(view!.text()).toContain('Uc·C·(1+m) + Um·M·s + N·60/T + 60/F per hour')
    expect(view!.find('.result').text()).toContain('0.03 transactions a second')
    expect(view!.find('.result').text()).toContain('30.9 in the busy hour')
    expect(view!.text()).toContain('Counted in 3 min 17 s')
    const cells = view!.findAll('.capacity tbody tr').map((row) => row.findAll('td').map((cell) => cell.text()))
    expect(cells).toEqual([
      ['15.6', '41'],
      ['10.0', '2'],
      ['3.27', '3'],
      ['2.00', '0'],
    ])
    expect(view!.text()).toContain('839 an hour at this rate')
  })

  it('[PROXY-08][DEC-27] each figure is asked anew; none for alarms is an empty field', async () => {
    await begin()
    await input('Uc').setValue('5000')
    await input('F').setValue('')
    await flushPromises()
    expect(sent('proxy.capacity').at(-1)).toMatchObject({ callUsers: 5_000, alarmMinutes: null })
    await button(/^Take the figures/).trigger('click')
    await flushPromises()
    expect(sent('proxy.capacity').at(-1)).toEqual({})
    expect((input('Uc').element as HTMLInputElement).value).toBe('3')
  })

  it('[PROXY-08][TRB-06] what cannot be is told beside its field, and the last result is grey', async () => {
    await begin()
    await input('C').setValue('many')
    await flushPromises()
    expect(input('C').attributes('aria-invalid')).toBe('true')
    expect(view!.find('.result').classes()).toContain('old')
    expect(sent('proxy.capacity')).toHaveLength(1)
    port.answer(
      'proxy.capacity',
      failure('bad-request', 'no', [{ path: 'alarmMinutes', message: 'is not possible', fix: '5 to 90 minutes' }]),
    )
    await input('C').setValue('4')
    await flushPromises()
    expect(input('F').attributes('aria-invalid')).toBe('true')
    expect(view!.text()).toContain('is not possible: 5 to 90 minutes')
    expect(input('C').attributes('aria-invalid')).toBeUndefined()
  })

  it('reads and writes figures without loss, and knows what is no number', () => {
    const { figures } = capacity()
    expect(figuresOf(draftOf(figures))).toEqual(figures)
    expect(figuresOf(draftOf({ ...figures, alarmMinutes: null }))).toEqual({ ...figures, alarmMinutes: null })
    expect(unreadable({ ...draftOf(figures), callUsers: '', nodes: '3e', alarmMinutes: ' ' })).toEqual(['callUsers', 'nodes'])
  })

  it('numbers are as exact as they are large', () => {
    expect([rate(0.0257), rate(9.994), rate(10), rate(99.94), rate(100.4), rate(61_508)]).toEqual([
      '0.03',
      '9.99',
      '10.0',
      '99.9',
      '100',
      '61,508',
    ])
  })
})
