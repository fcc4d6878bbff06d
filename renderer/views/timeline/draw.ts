/** Draws the axis on a canvas. What is where comes from scale.ts; colours come from the page's tokens. */
import type { Bin, Due, FlowBar, Label, Span, Tick } from './scale.ts'
import { xOf } from './scale.ts'

export type Colours = Record<
  'ground' | 'line' | 'soft' | 'text' | 'text2' | 'text3' | 'accent' | 'sip' | 'im' | 'admin' | 'ok' | 'warn' | 'bad',
  string
>

const TOKENS: Record<keyof Colours, string> = {
  ground: '--ink-1',
  line: '--line',
  soft: '--line-soft',
  text: '--text',
  text2: '--text-2',
  text3: '--text-3',
  accent: '--accent',
  sip: '--sip',
  im: '--im',
  admin: '--admin',
  ok: '--ok',
  warn: '--warn',
  bad: '--bad',
}

export function readColours(element: Element): Colours {
  const style = getComputedStyle(element)
  return Object.fromEntries(Object.entries(TOKENS).map(([name, token]) => [name, style.getPropertyValue(token).trim()])) as Colours
}

export type Scene = {
  span: Span
  width: number
  height: number
  now: number
  end: number
  ticks: Tick[]
  bins: Bin[]
  labels: (Label | null)[]
  bars: FlowBar[]
  dues: Due[]
  selectedFlow: number
}

/** Lines of the axis, from top to bottom. */
export const MARK_Y = 11
const BAR_TOP = 22
const LANE_HEIGHT = 11
export const AXIS_FROM_BOTTOM = 17

/** Marks closer than this share one stem: a picket fence says nothing. */
const STEM_APART_PX = 16

const FONT = "11px 'Inter Variable', Inter, system-ui, sans-serif"
const MONO = "10px 'JetBrains Mono', ui-monospace, monospace"

export const barBox = (bar: FlowBar): { x: number; y: number; width: number; height: number } => ({
  x: bar.x,
  y: BAR_TOP + bar.lane * LANE_HEIGHT,
  width: bar.width,
  height: LANE_HEIGHT - 1,
})

export function draw(context: CanvasRenderingContext2D, scene: Scene, colours: Colours, pixelRatio: number): void {
  const { width, height, span } = scene
  const axis = height - AXIS_FROM_BOTTOM
  context.setTransform(pixelRatio, 0, 0, pixelRatio, 0, 0)
  context.fillStyle = colours.ground
  context.fillRect(0, 0, width, height)

  // The recorded future after a seek back: what a fork would drop.
  const nowX = xOf(scene.now, span, width)
  const endX = xOf(scene.end, span, width)
  if (scene.end > scene.now && endX > 0 && nowX < width) {
    context.save()
    context.beginPath()
    context.rect(Math.max(0, nowX), 0, Math.min(width, endX) - Math.max(0, nowX), axis)
    context.clip()
    context.strokeStyle = colours.line
    context.lineWidth = 1
    context.beginPath()
    for (let x = Math.floor(Math.max(0, nowX) / 9) * 9 - height; x < Math.min(width, endX); x += 9) {
      context.moveTo(x, axis)
      context.lineTo(x + axis, 0)
    }
    context.stroke()
    context.restore()
  }

  context.lineWidth = 1
  context.strokeStyle = colours.soft
  context.fillStyle = colours.text3
  context.font = MONO
  context.textBaseline = 'alphabetic'
  context.textAlign = 'left'
  context.beginPath()
  for (const tick of scene.ticks) {
    const x = Math.round(xOf(tick.at, span, width)) + 0.5
    context.moveTo(x, 0)
    context.lineTo(x, axis + 4)
    context.fillText(tick.text, x + 3, height - 5)
  }
  context.stroke()
  context.strokeStyle = colours.line
  context.beginPath()
  context.moveTo(0, axis + 0.5)
  context.lineTo(width, axis + 0.5)
  context.stroke()

  for (const bar of scene.bars) drawBar(context, bar, scene, colours)
  scene.bins.forEach((bin, index) => {
    const apart = bin.x - (scene.bins[index - 1]?.x ?? Number.NEGATIVE_INFINITY) > STEM_APART_PX
    drawMark(context, bin, scene.labels[index] ?? null, apart ? axis : MARK_Y, colours)
  })

  context.font = FONT
  let freeX = Number.NEGATIVE_INFINITY
  for (const due of scene.dues.slice(0, 200)) {
    const x = Math.round(xOf(due.at, span, width)) + 0.5
    if (x < 0 || x > width) continue
    context.strokeStyle = colours.warn
    context.setLineDash([2, 3])
    context.beginPath()
    context.moveTo(x, BAR_TOP - 2)
    context.lineTo(x, axis + 3)
    context.stroke()
    context.setLineDash([])
    const text = `#${due.flow} ${due.text}`
    const wide = context.measureText(text).width
    if (x + 4 > freeX && x + 4 + wide < width) {
      context.fillStyle = colours.warn
      words(context, text, x + 4, BAR_TOP + LANE_HEIGHT * 2 - 3, colours)
      freeX = x + 8 + wide
    }
  }

  if (scene.end > scene.now && endX >= 0 && endX <= width) {
    context.strokeStyle = colours.text3
    context.setLineDash([4, 3])
    context.beginPath()
    context.moveTo(Math.round(endX) + 0.5, 0)
    context.lineTo(Math.round(endX) + 0.5, axis + 4)
    context.stroke()
    context.setLineDash([])
    context.fillStyle = colours.text3
    context.textAlign = 'right'
    if (endX - nowX > 150) words(context, 'end of the recorded run', endX - 5, MARK_Y + 4, colours)
    context.textAlign = 'left'
  }
}

/** Text on a lane of ground, so that lines behind it do not cross it. */
function words(context: CanvasRenderingContext2D, text: string, x: number, y: number, colours: Colours): void {
  context.save()
  context.lineJoin = 'round'
  context.lineWidth = 3
  context.strokeStyle = colours.ground
  context.setLineDash([])
  context.strokeText(text, x, y)
  context.restore()
  context.fillText(text, x, y)
}

function drawBar(context: CanvasRenderingContext2D, bar: FlowBar, scene: Scene, colours: Colours): void {
  const { flow } = bar
  const bad = flow.cause !== '' || flow.state === 'failed' || flow.state === 'dropped' || flow.state === 'missed'
  const hue = bad ? colours.bad : flow.type === 'message' ? colours.im : flow.type === 'call' ? colours.sip : colours.admin
  const box = barBox(bar)
  context.globalAlpha = 0.28
  context.fillStyle = hue
  context.beginPath()
  context.roundRect(box.x, box.y, box.width, box.height, 3)
  context.fill()
  context.globalAlpha = 1
  context.strokeStyle = hue
  context.lineWidth = flow.flow === scene.selectedFlow ? 2 : 1
  if (flow.endedAt === null) context.setLineDash([4, 2])
  context.stroke()
  context.setLineDash([])
  context.lineWidth = 1
  const text = `${bad ? '✖ ' : ''}#${flow.flow} ${flow.title}`
  context.font = FONT
  const wide = context.measureText(text).width
  // Inside where there is room, else behind the bar where nobody else stands.
  if (bar.crowded) return
  const next = scene.bars.find((other) => other.lane === bar.lane && other.x > bar.x)
  const due = scene.dues.find((candidate) => xOf(candidate.at, scene.span, scene.width) >= box.x + box.width)
  const limit = Math.min(next?.x ?? scene.width, due ? xOf(due.at, scene.span, scene.width) : scene.width)
  const from = Math.max(0, box.x)
  if (box.x + box.width - from >= wide + 10) {
    context.fillStyle = colours.text
    context.fillText(text, from + 5, box.y + box.height - 1.5)
  } else if (box.x >= 0 && box.x + box.width + 6 + wide < limit) {
    context.fillStyle = hue
    words(context, text, box.x + box.width + 5, box.y + box.height - 1.5, colours)
  }
}

function drawMark(context: CanvasRenderingContext2D, bin: Bin, label: Label | null, stemTo: number, colours: Colours): void {
  const hue = bin.kind === 'alarm' ? colours.warn : bin.kind === 'fault' ? colours.bad : colours.accent
  const { x } = bin
  if (stemTo > MARK_Y) {
    context.strokeStyle = hue
    context.globalAlpha = 0.55
    context.beginPath()
    context.moveTo(Math.round(x) + 0.5, MARK_Y + 5)
    context.lineTo(Math.round(x) + 0.5, stemTo)
    context.stroke()
    context.globalAlpha = 1
  }
  context.fillStyle = hue
  context.beginPath()
  switch (bin.kind) {
    case 'alarm':
      context.moveTo(x, MARK_Y - 5)
      context.lineTo(x + 5.5, MARK_Y + 4.5)
      context.lineTo(x - 5.5, MARK_Y + 4.5)
      break
    case 'fault':
      context.moveTo(x, MARK_Y - 5.5)
      context.lineTo(x + 5.5, MARK_Y)
      context.lineTo(x, MARK_Y + 5.5)
      context.lineTo(x - 5.5, MARK_Y)
      break
    case 'command':
    case 'call':
      context.arc(x, MARK_Y, 4, 0, Math.PI * 2)
      break
  }
  context.closePath()
  context.fill()
  if (label) {
    context.font = FONT
    words(context, label.text, label.x, MARK_Y + 4, colours)
  }
}
