/**
 * Draws the visible part of the grid. Each look is drawn once per cell size into a sprite; a cell is a
 * copy of its pixels. Only cells whose state changed are drawn again, unless everything moved.
 */
import { cellAt, dirtyCells, type Grid, LETTER_CELL, type StateLook } from './deviceGrid.ts'

/** Code of a cell that was never drawn. */
const NEVER = 255

export type Scene = {
  grid: Grid
  codes: Uint8Array
  /** What each code looks like. */
  looks: readonly StateLook[]
  /** First visible pixel row of the grid, and how many are visible. */
  top: number
  height: number
  /** Screen pixels per page pixel. */
  ratio: number
  /** Changes when colours change. */
  theme: string
}

function drawLook(ctx: CanvasRenderingContext2D, look: StateLook, colour: string, size: number): void {
  const gap = size >= 10 ? 2 : 1
  const s = size - gap
  const cx = s / 2
  const cy = s / 2
  ctx.fillStyle = colour
  ctx.strokeStyle = colour
  ctx.lineWidth = Math.max(1, s / 6)
  if (size >= LETTER_CELL) {
    ctx.globalAlpha = 0.2
    ctx.fillRect(0, 0, s, s)
    ctx.globalAlpha = 1
    ctx.lineWidth = 1
    ctx.strokeRect(0.5, 0.5, s - 1, s - 1)
    ctx.font = `700 ${Math.round(s * 0.66)}px Inter Variable, Inter, system-ui, sans-serif`
    ctx.textAlign = 'center'
    ctx.textBaseline = 'middle'
    ctx.fillText(look.letter, cx, cy + s * 0.05)
    return
  }
  const half = ctx.lineWidth / 2
  ctx.beginPath()
  switch (look.shape) {
    case 'dot':
      ctx.arc(cx, cy, s / 2, 0, 2 * Math.PI)
      ctx.fill()
      return
    case 'ring':
      ctx.arc(cx, cy, s / 2 - half, 0, 2 * Math.PI)
      ctx.stroke()
      return
    case 'square':
      ctx.fillRect(0, 0, s, s)
      return
    case 'triangle':
    case 'hollow triangle':
      ctx.moveTo(cx, half)
      ctx.lineTo(s - half, s - half)
      ctx.lineTo(half, s - half)
      ctx.closePath()
      if (look.shape === 'triangle') ctx.fill()
      else ctx.stroke()
      return
    case 'cross':
      ctx.moveTo(half, half)
      ctx.lineTo(s - half, s - half)
      ctx.moveTo(s - half, half)
      ctx.lineTo(half, s - half)
      ctx.stroke()
      return
    case 'dash':
      ctx.fillRect(0, cy - Math.max(0.75, s / 8), s, Math.max(1.5, s / 4))
      return
  }
}

/** The pixels of every look, one after the other, as 32-bit words of `side` x `side`. */
function spritesOf(looks: readonly StateLook[], cell: number, side: number, ratio: number): Uint32Array[] {
  const sheet = document.createElement('canvas')
  sheet.width = side * looks.length
  sheet.height = side
  const ctx = sheet.getContext('2d', { willReadFrequently: true })
  if (!ctx) return []
  const style = getComputedStyle(document.documentElement)
  return looks.map((look, i) => {
    ctx.setTransform(ratio, 0, 0, ratio, i * side, 0)
    drawLook(ctx, look, style.getPropertyValue(look.token).trim() || 'gray', cell)
    return new Uint32Array(ctx.getImageData(i * side, 0, side, side).data.buffer)
  })
}

/**
 * `paint` returns how many cells it drew. Cells are copied as pixels into one image, and the rows of it
 * that changed go to the canvas in one call: many times faster than one drawing call per cell.
 */
export function gridPainter(canvas: HTMLCanvasElement): { paint(scene: Scene): number } {
  const ctx = canvas.getContext('2d')
  let sprites: Uint32Array[] = []
  let spriteKey = ''
  let sceneKey = ''
  let drawn = new Uint8Array(0)
  let image: ImageData | null = null
  let pixels = new Uint32Array(0)

  return {
    paint({ grid, codes, looks, top, height, ratio, theme }) {
      if (!ctx) return 0
      const width = Math.max(1, Math.round(grid.width * ratio))
      const tall = Math.max(1, Math.round(height * ratio))
      const side = Math.max(1, Math.floor(grid.cell * ratio))
      const nextSprites = `${looks[0]?.state}/${grid.cell}/${ratio}/${theme}`
      if (nextSprites !== spriteKey) {
        sprites = spritesOf(looks, grid.cell, side, ratio)
        spriteKey = nextSprites
      }
      const nextScene = `${nextSprites}/${grid.cols}/${grid.count}/${top}/${width}x${tall}`
      if (nextScene !== sceneKey || !image) {
        sceneKey = nextScene
        if (canvas.width !== width) canvas.width = width
        if (canvas.height !== tall) canvas.height = tall
        if (image?.width === width && image.height === tall) pixels.fill(0)
        else {
          image = ctx.createImageData(width, tall)
          pixels = new Uint32Array(image.data.buffer)
        }
        ctx.clearRect(0, 0, width, tall)
        drawn = new Uint8Array(grid.count).fill(NEVER)
      }
      const from = Math.max(0, Math.floor(top / grid.cell) * grid.cols)
      const to = Math.min(grid.count, Math.ceil((top + height) / grid.cell) * grid.cols)
      const dirty = dirtyCells(codes, drawn, from, to)
      let first = tall
      let last = 0
      for (const i of dirty) {
        const sprite = sprites[codes[i] as number]
        if (!sprite) continue
        const { x, y } = cellAt(grid, i)
        const px = Math.round(x * ratio)
        const py = Math.round((y - top) * ratio)
        const end = Math.min(side, tall - py)
        for (let row = Math.max(0, -py); row < end; row++)
          pixels.set(sprite.subarray(row * side, row * side + Math.min(side, width - px)), (py + row) * width + px)
        first = Math.min(first, Math.max(0, py))
        last = Math.max(last, py + end)
      }
      if (last > first) ctx.putImageData(image, 0, 0, 0, first, width, last - first)
      return dirty.length
    },
  }
}
