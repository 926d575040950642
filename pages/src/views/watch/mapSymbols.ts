// Symbols by state on the map: drawn by hand so that shape, halo and ring are exactly those of the lists.
import type { OutletState } from '../../api/types'

export const DRAW_ORDER: Record<OutletState, number> = { online: 0, never: 1, silent: 2, late: 3 }

export function drawSymbol(
  ctx: CanvasRenderingContext2D,
  x: number,
  y: number,
  state: OutletState,
  ratio: number,
  css: (name: string) => string,
): void {
  ctx.save()
  ctx.translate(x, y)
  ctx.scale(ratio, ratio)
  if (state !== 'online') {
    ctx.fillStyle = css('--ground')
    ctx.beginPath()
    ctx.arc(0, 0, 8.5, 0, Math.PI * 2)
    ctx.fill()
  }
  if (state === 'online') {
    ctx.globalAlpha = 0.8
    ctx.fillStyle = css('--ok')
    ctx.beginPath()
    ctx.arc(0, 0, 2.8, 0, Math.PI * 2)
    ctx.fill()
  } else if (state === 'late') {
    ctx.fillStyle = css('--warn')
    ctx.beginPath()
    ctx.moveTo(0, -6.5)
    ctx.lineTo(6.5, 0)
    ctx.lineTo(0, 6.5)
    ctx.lineTo(-6.5, 0)
    ctx.closePath()
    ctx.fill()
  } else {
    ctx.strokeStyle = css('--none')
    ctx.lineWidth = 1.4
    if (state === 'never') ctx.setLineDash([2.2, 1.8])
    ctx.beginPath()
    ctx.arc(0, 0, 5, 0, Math.PI * 2)
    ctx.stroke()
    if (state === 'silent') {
      ctx.beginPath()
      ctx.moveTo(-3.3, 3.3)
      ctx.lineTo(3.3, -3.3)
      ctx.stroke()
    }
  }
  ctx.restore()
}

export function drawRing(ctx: CanvasRenderingContext2D, x: number, y: number, ratio: number, colour: string): void {
  ctx.save()
  ctx.strokeStyle = colour
  ctx.lineWidth = 2 * ratio
  ctx.beginPath()
  ctx.arc(x, y, 13 * ratio, 0, Math.PI * 2)
  ctx.stroke()
  ctx.restore()
}

export interface Box { x: number; y: number; w: number; h: number }

/** A place for a card beside a symbol: inside the map, over as few symbols that are not ordinary as can be. */
export function placeCard(at: [number, number], size: [number, number], map: [number, number], avoid: readonly [number, number][]): Box {
  const [w, h] = size
  const [x, y] = at
  const places: [number, number][] = [
    [x - w * 0.72, y + 34], [x + 20, y - h - 22], [x - w - 20, y - h - 22], [x - w * 0.28, y + 34],
    [x + 26, y - h / 2], [x - w - 26, y - h / 2], [x - w / 2, y - h - 34],
  ]
  let best: Box = { x: 8, y: 8, w, h }
  let least = Infinity
  for (const [px, py] of places) {
    const box = { x: Math.min(Math.max(6, px), map[0] - w - 6), y: Math.min(Math.max(22, py), map[1] - h - 76), w, h }
    const hides = (p: readonly [number, number]): boolean => p[0] > box.x - 10 && p[0] < box.x + w + 10 && p[1] > box.y - 10 && p[1] < box.y + h + 10
    const cost = avoid.filter(hides).length + (hides(at) ? 5 : 0) + (box.x !== px || box.y !== py ? 0.5 : 0)
    if (cost < least) {
      least = cost
      best = box
    }
  }
  return best
}
