/**
 * Draws the visible part of the grid. Each look is drawn once per cell size into a sprite; a cell is one
 * copy of it. Only cells whose state changed are drawn again, unless everything moved.
 */
import { cellAt, dirtyCells, type Grid, LETTER_CELL, LOOKS, type StateLook } from './deviceGrid.ts'

/** Code of a cell that was never drawn. */
const NEVER = 255

export type Scene = {
  grid: Grid
  codes: Uint8Array
  /** First visible pixel row of the grid, and how many are visible. */
  top: number
  height: number
  /** Screen pixels per page pixel. */
  ratio: number
  /** Changes when colours change. */
  theme: string
}

function drawLook(ctx: CanvasRenderingContext2D, look: StateLook, colour: string, x: number, size: number): void {
  const gap = size >= 10 ? 2 : 1
  const s = size - gap
  const cx = x + s / 2
  const cy = s / 2
  ctx.fillStyle = colour
  ctx.strokeStyle = colour
  ctx.lineWidth = Math.max(1, s / 6)
  if (size >= LETTER_CELL) {
    ctx.globalAlpha = 0.2
    ctx.fillRect(x, 0, s, s)
    ctx.globalAlpha = 1
    ctx.strokeRect(x + 0.5, 0.5, s - 1, s - 1)
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
      ctx.fillRect(x, 0, s, s)
      return
    case 'triangle':
    case 'hollow triangle':
      ctx.moveTo(cx, half)
      ctx.lineTo(x + s - half, s - half)
      ctx.lineTo(x + half, s - half)
      ctx.closePath()
      if (look.shape === 'triangle') ctx.fill()
      else ctx.stroke()
      return
    case 'cross':
      ctx.moveTo(x + half, half)
      ctx.lineTo(x + s - half, s - half)
      ctx.moveTo(x + s - half, half)
      ctx.lineTo(x + half, s - half)
      ctx.stroke()
      return
    case 'dash':
      ctx.fillRect(x, cy - Math.max(0.75, s / 8), s, Math.max(1.5, s / 4))
      return
  }
}

function sprites(cell: number, ratio: number): HTMLCanvasElement | null {
  const sheet = document.createElement('canvas')
  sheet.width = Math.ceil(cell * LOOKS.length * ratio)
  sheet.height = Math.ceil(cell * ratio)
  const ctx = sheet.getContext('2d')
  if (!ctx) return null
  ctx.scale(ratio, ratio)
  const style = getComputedStyle(document.documentElement)
  LOOKS.forEach((look, i) => drawLook(ctx, look, style.getPropertyValue(look.token).trim() || 'gray', i * cell, cell))
  return sheet
}

/** `paint` returns how many cells it drew. */
export function gridPainter(canvas: HTMLCanvasElement): { paint(scene: Scene): number } {
  const ctx = canvas.getContext('2d')
  let sheet: HTMLCanvasElement | null = null
  let sheetKey = ''
  let sceneKey = ''
  let drawn = new Uint8Array(0)

  return {
    paint({ grid, codes, top, height, ratio, theme }) {
      if (!ctx) return 0
      const width = Math.max(1, Math.round(grid.width * ratio))
      const tall = Math.max(1, Math.round(height * ratio))
      const nextSheet = `${grid.cell}/${ratio}/${theme}`
      if (nextSheet !== sheetKey) {
        sheet = sprites(grid.cell, ratio)
        sheetKey = nextSheet
      }
      if (!sheet) return 0
      const nextScene = `${nextSheet}/${grid.cols}/${grid.count}/${top}/${width}x${tall}`
      if (nextScene !== sceneKey) {
        sceneKey = nextScene
        if (canvas.width !== width) canvas.width = width
        if (canvas.height !== tall) canvas.height = tall
        ctx.clearRect(0, 0, width, tall)
        drawn = new Uint8Array(grid.count).fill(NEVER)
      }
      const from = Math.max(0, Math.floor(top / grid.cell) * grid.cols)
      const to = Math.min(grid.count, Math.ceil((top + height) / grid.cell) * grid.cols)
      const dirty = dirtyCells(codes, drawn, from, to)
      const side = Math.round(grid.cell * ratio)
      for (const i of dirty) {
        const { x, y } = cellAt(grid, i)
        const px = Math.round(x * ratio)
        const py = Math.round((y - top) * ratio)
        ctx.clearRect(px, py, side, side)
        ctx.drawImage(sheet, Math.round((codes[i] as number) * grid.cell * ratio), 0, side, side, px, py, side, side)
      }
      return dirty.length
    },
  }
}
