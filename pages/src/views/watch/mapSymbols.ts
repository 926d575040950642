// Symbols by state on the map: drawn by hand so that shape, halo and ring are exactly those of the lists.
import type { ShownState } from '../../lib/shown'

export const DRAW_ORDER: Record<ShownState, number> = { ok: 0, none: 1, attention: 2, over: 3 }

export function drawSymbol(
  ctx: CanvasRenderingContext2D,
  x: number,
  y: number,
  state: ShownState,
  ratio: number,
  css: (name: string) => string,
): void {
  ctx.save()
  ctx.translate(x, y)
  ctx.scale(ratio, ratio)
  if (state !== 'ok') {
    ctx.fillStyle = css('--ground')
    ctx.beginPath()
    ctx.arc(0, 0, 8.5, 0, Math.PI * 2)
    ctx.fill()
  }
  if (state === 'ok') {
    ctx.globalAlpha = 0.8
    ctx.fillStyle = css('--ok')
    ctx.beginPath()
    ctx.arc(0, 0, 2.8, 0, Math.PI * 2)
    ctx.fill()
  } else if (state === 'over') {
    ctx.fillStyle = css('--over')
    ctx.beginPath()
    ctx.moveTo(0, -7)
    ctx.lineTo(7, 5.5)
    ctx.lineTo(-7, 5.5)
    ctx.closePath()
    ctx.fill()
  } else if (state === 'attention') {
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
    ctx.beginPath()
    ctx.arc(0, 0, 5, 0, Math.PI * 2)
    ctx.stroke()
    ctx.beginPath()
    ctx.moveTo(-3.3, 3.3)
    ctx.lineTo(3.3, -3.3)
    ctx.stroke()
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
