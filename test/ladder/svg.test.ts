// The picture is read back as XML by a real parser, so that an escape that is missing cannot pass.
import { Window } from 'happy-dom'
import { describe, expect, it } from 'vitest'
import { MODELLED_NOTE, ladderSvg } from '../../core/ladder/index.ts'
import { droppedLadder, exampleLadder, flowRow, hopsOf } from './exampleLadder.ts'

const parse = (svg: string): Element => {
  const window = new Window()
  const document = new window.DOMParser().parseFromString(svg, 'application/xml')
  return document.documentElement as unknown as Element
}
const texts = (svg: string): string[] => [...parse(svg).querySelectorAll('text')].map((node) => node.textContent ?? '')
const number = (element: Element, name: string): number => Number(element.getAttribute(name))

describe('a ladder as SVG', () => {
  it('is one well-formed picture with a title and the run in it', () => {
    const svg = ladderSvg(exampleLadder(), { theme: 'light', run: { title: 'First call', seed: 7 } })
    const root = parse(svg)
    expect(root.nodeName).toBe('svg')
    expect(root.querySelector('title')?.textContent).toBe('#18 Call Okafor → Ana, answered')
    expect(texts(svg)).toContain(`Run: First call, seed 7. ${MODELLED_NOTE}`)
  })

  it('[CALL-14] shows every hop with its message, outcome and time, and the rest of the budget', () => {
    const all = texts(ladderSvg(exampleLadder(), { theme: 'light' })).join('\n')
    for (const hop of exampleLadder().hops) expect(all).toContain(hop.message)
    expect(all).toContain('200 OK, node named in the push [FO-04, 18 ms]')
    expect(all).toContain('offered with 10.180 s of the 13 s left')
    expect(all).toContain('timer stopped after 2.820 s, 10.180 s left')
  })

  it('keeps every text inside the picture', () => {
    const svg = ladderSvg(droppedLadder(), { theme: 'light' })
    const root = parse(svg)
    const width = number(root, 'width')
    const height = number(root, 'height')
    for (const text of root.querySelectorAll('text')) {
      const half = ((text.textContent ?? '').length * 6) / 2
      const x = number(text, 'x')
      const anchor = text.getAttribute('text-anchor')
      const [left, right] = anchor === 'middle' ? [x - half, x + half] : anchor === 'end' ? [x - 2 * half, x] : [x, x + 2 * half]
      expect(left).toBeGreaterThanOrEqual(0)
      expect(right).toBeLessThanOrEqual(width)
      expect(number(text, 'y')).toBeLessThan(height)
    }
  })

  it('dashes a lost arrow and puts it in the colour of failure; a good one keeps the hue of its carrier', () => {
    const lost = ladderSvg(exampleLadder(), { theme: 'light' })
    const strokes = [...parse(lost).querySelectorAll('path[stroke-width="2"]')]
    expect(strokes.filter((path) => path.getAttribute('stroke-dasharray') === '6 4').map((path) => path.getAttribute('stroke'))).toEqual([
      '#c62a2f',
    ])
    expect(strokes.map((path) => path.getAttribute('stroke'))).toContain('#1463c0')
  })

  it('has a light and a dark ground', () => {
    expect(ladderSvg(exampleLadder(), { theme: 'light' })).toContain('<rect width="100%" height="100%" fill="#ffffff"/>')
    expect(ladderSvg(exampleLadder(), { theme: 'dark' })).toContain('<rect width="100%" height="100%" fill="#0d1116"/>')
  })

  it('lets no name out of its text: markup, entities, control characters and lone surrogates stay text', () => {
    const evil = `</text><script>alert(1)</script><image href="http://x/"/>&amp;"'\u0000\u001b\uD800]]>`
    const svg = ladderSvg(
      exampleLadder({
        flow: flowRow({ title: evil, cause: evil, tracking: [evil], timers: [] }),
        places: [{ id: 'a', label: evil, node: '' }],
        bars: [{ name: evil, place: 'a', startAt: 0, dueAt: 5, endedAt: null, fired: false, why: evil, text: evil }],
        hops: hopsOf(1, 1, [
          [0, 1, 'a', evil, 'SIP', evil, evil, 'fail', evil],
          [1, 1, 'a', 'a', 'device', evil, evil, 'ok', evil],
        ]),
      }),
      { theme: 'light', run: { title: evil, seed: 1 } },
    )
    const root = parse(svg)
    expect(root.querySelectorAll('script, image, a, foreignObject, style, use')).toHaveLength(0)
    expect(svg).not.toMatch(/<(?!\/?(svg|title|text|tspan|rect|path|circle)[\s>])/)
    // eslint-disable-next-line no-control-regex
    expect(svg).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/)
    expect(root.querySelector('title')?.textContent).toContain('</text><script>alert(1)</script>')
  })

  it('draws a flow without hops', () => {
    const root = parse(ladderSvg(exampleLadder({ hops: [], bars: [], places: [] }), { theme: 'light' }))
    expect(number(root, 'width')).toBeGreaterThan(0)
  })
})
