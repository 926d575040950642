// How a pane is drawn: one factor, its mean as a step, extremes behind it, the limit in ink, nothing at all where nothing came.
import type { SeriesFactor } from '../../../api/types'
import { coversFactor, type MarkBand, type Over } from '../../../lib/judge'
import { measured } from '../../../lib/numbers'
import { breaksAfter, endOf, flagRuns, lateRuns, type Stretch } from '../../../lib/series'

export interface PaneContent {
  line: SeriesFactor | null
  lineInterval: number
  env: SeriesFactor | null
  envInterval: number
  limit: number | null
  limitWord: string
  now: number
  /** which of the two tells of flags and late data */
  witness: 'line' | 'env'
  gaps: Stretch[]
  code: string
  /** marks people or the platform set, over the panes they cover */
  marks: readonly MarkBand[]
  /** means above their limit that count */
  overs: readonly Over[]
  /** written at the worst of them: value and multiple */
  overWord: (o: Over) => string
}

export interface Geometry {
  ctx: CanvasRenderingContext2D
  ratio: number
  left: number
  top: number
  width: number
  height: number
  x: (ms: number) => number
  y: (v: number) => number
}

type Css = (name: string) => string

export function paintPane(g: Geometry, c: PaneContent, css: Css): void {
  const { ctx } = g
  ctx.save()
  ctx.beginPath()
  ctx.rect(g.left, g.top, g.width, g.height)
  ctx.clip()
  const told = c[c.witness]
  if (told) {
    const interval = c.witness === 'env' ? c.envInterval : c.lineInterval
    for (const run of flagRuns(told, interval)) if (!c.marks.some((m) => coversFactor(m, c.code) && m.from <= run.from + interval && m.to >= run.to - interval)) hatch(g, run, css)
    for (const run of lateRuns(told, interval)) band(g, run, css('--sunk'))
  }
  for (const m of c.marks) if (coversFactor(m, c.code)) hatch(g, m, css)
  if (c.env) envelope(g, c.env, c.envInterval, css)
  if (c.line?.n.some((n) => n > 1)) envelope(g, c.line, c.lineInterval, css)
  if (c.line) steps(g, c.line, c.lineInterval, c.now, css)
  for (const gap of c.gaps) comb(g, gap, css)
  limit(g, c, css)
  exceedances(g, c, css)
  ctx.restore()
}

function band(g: Geometry, run: Stretch, colour: string): void {
  g.ctx.fillStyle = colour
  g.ctx.fillRect(g.x(run.from), g.top, Math.max(g.ratio, g.x(run.to) - g.x(run.from)), g.height)
}

/** A flag the device sent: sunk ground with 45° lines; where it is narrower than three pixels only a tick at the top, so that a year stays readable. */
function hatch(g: Geometry, run: Stretch, css: Css): void {
  const { ctx, ratio } = g
  const x0 = g.x(run.from)
  const x1 = Math.max(g.x(run.to), x0 + 2 * ratio)
  if (x1 - x0 < 3 * ratio) {
    ctx.fillStyle = css('--chart-mark')
    ctx.fillRect(x0, g.top, ratio, 5 * ratio)
    return
  }
  band(g, run, css('--sunk'))
  ctx.save()
  ctx.beginPath()
  ctx.rect(x0, g.top, x1 - x0, g.height)
  ctx.clip()
  ctx.strokeStyle = css('--chart-mark')
  ctx.globalAlpha = 0.45
  ctx.lineWidth = ratio
  ctx.beginPath()
  if (x1 - x0 > 6 * ratio) {
    const step = 6 * ratio * Math.SQRT2
    for (let x = x0 - g.height; x < x1; x += step) {
      ctx.moveTo(x, g.top + g.height)
      ctx.lineTo(x + g.height, g.top)
    }
  }
  ctx.stroke()
  ctx.globalAlpha = 1
  ctx.strokeRect(x0, g.top - 2 * ratio, x1 - x0, g.height + 4 * ratio)
  ctx.restore()
}

/** Minimum to maximum of each bucket: a spike of one value is at least one pixel and is never averaged away. */
function envelope(g: Geometry, f: SeriesFactor, interval: number, css: Css): void {
  const { ctx, ratio } = g
  ctx.fillStyle = css('--chart-env')
  for (let i = 0; i < f.t.length; i++) {
    const x0 = g.x(f.t[i] as number)
    const x1 = g.x(endOf(f, i, interval))
    if (x1 < g.left || x0 > g.left + g.width) continue
    const top = g.y(f.max[i] as number)
    const bottom = g.y(f.min[i] as number)
    const w = Math.max(1.25 * ratio, x1 - x0)
    const h = Math.max(1.5 * ratio, bottom - top)
    const y = bottom - top < 1.5 * ratio ? (top + bottom) / 2 - 0.75 * ratio : top
    if (f.late[i]) {
      for (let yy = y; yy < y + h; yy += 3 * ratio) ctx.fillRect(Math.round(x0 / (3 * ratio)) * 3 * ratio, yy, 1.4 * ratio, 1.4 * ratio)
    } else {
      ctx.fillRect(x0, y, w, h)
      // a bucket joins its neighbour so that steep flanks have no holes
      if (!breaksAfter(f, i, interval)) {
        const low = Math.min(f.max[i] as number, f.max[i + 1] as number)
        const high = Math.max(f.min[i] as number, f.min[i + 1] as number)
        if (high > low) ctx.fillRect(x1 - ratio / 2, g.y(high), ratio, g.y(low) - g.y(high))
      }
    }
  }
}

/** Flat over the interval, upright between, never over a gap; late values and the interval in progress are dashed. */
function steps(g: Geometry, f: SeriesFactor, interval: number, now: number, css: Css): void {
  const { ctx, ratio } = g
  const solid = new Path2D()
  const late = new Path2D()
  const running = new Path2D()
  let before = -1
  for (let i = 0; i < f.t.length; i++) {
    const t = f.t[i] as number
    const end = endOf(f, i, interval)
    const y = g.y(f.mean[i] as number)
    const path = t + interval > now ? running : f.late[i] ? late : solid
    const joined = before >= 0 && !breaksAfter(f, before, interval)
    if (joined) {
      path.moveTo(g.x(t), g.y(f.mean[before] as number))
      path.lineTo(g.x(t), y)
    } else path.moveTo(g.x(t), y)
    path.lineTo(Math.max(g.x(end), g.x(t) + ratio), y)
    before = i
  }
  ctx.strokeStyle = css('--chart-line')
  ctx.lineWidth = 1.5 * ratio
  ctx.lineJoin = 'round'
  ctx.stroke(solid)
  ctx.setLineDash([2 * ratio, 2 * ratio])
  ctx.stroke(late)
  ctx.setLineDash([2 * ratio, 1.5 * ratio])
  ctx.stroke(running)
  ctx.setLineDash([])
}

/** Nothing came: a comb on the base line, and nothing else. */
function comb(g: Geometry, gap: Stretch, css: Css): void {
  const { ctx, ratio } = g
  ctx.strokeStyle = css('--ink-3')
  ctx.lineWidth = ratio
  ctx.beginPath()
  const base = g.top + g.height
  const to = Math.max(g.x(gap.to), g.x(gap.from) + ratio)
  for (let x = Math.max(g.left, g.x(gap.from)) + ratio; x <= Math.min(to, g.left + g.width); x += 4 * ratio) {
    ctx.moveTo(x, base)
    ctx.lineTo(x, base - 5 * ratio)
  }
  ctx.stroke()
}

/** Between limit and mean a pale fill, the mean itself strong; at the worst a triangle with value and multiple. Only means that were judged. */
function exceedances(g: Geometry, c: PaneContent, css: Css): void {
  const { ctx, ratio } = g
  let worst: Over | null = null
  for (const o of c.overs) {
    const x0 = g.x(o.from)
    const x1 = Math.max(g.x(o.to), x0 + ratio)
    if (x1 < g.left || x0 > g.left + g.width) continue
    const top = g.y(o.value)
    ctx.fillStyle = css('--over')
    ctx.globalAlpha = 0.28
    ctx.fillRect(x0, top, x1 - x0, Math.max(0, g.y(o.held) - top))
    ctx.globalAlpha = 1
    ctx.fillRect(x0, top - 1.5 * ratio, x1 - x0, 3 * ratio)
    if (!worst || o.value > worst.value) worst = o
  }
  if (!worst) return
  const x = Math.min(g.left + g.width - 8 * ratio, Math.max(g.left + 8 * ratio, (g.x(worst.from) + g.x(worst.to)) / 2))
  const y = Math.max(g.top + 16 * ratio, g.y(worst.value) - 12 * ratio)
  ctx.fillStyle = css('--over')
  ctx.beginPath()
  ctx.moveTo(x, y - 9 * ratio)
  ctx.lineTo(x + 5.5 * ratio, y)
  ctx.lineTo(x - 5.5 * ratio, y)
  ctx.closePath()
  ctx.fill()
  ctx.font = `600 ${12 * ratio}px ${css('--text')}`
  const word = c.overWord(worst) || measured(worst.value)
  const width = ctx.measureText(word).width
  const left = x - width - 12 * ratio > g.left
  ctx.textBaseline = 'alphabetic'
  ctx.textAlign = left ? 'right' : 'left'
  const tx = left ? x - 9 * ratio : x + 9 * ratio
  ctx.fillStyle = css('--surface')
  ctx.globalAlpha = 0.85
  ctx.fillRect(left ? tx - width - 3 * ratio : tx - 3 * ratio, y - 12 * ratio, width + 6 * ratio, 15 * ratio)
  ctx.globalAlpha = 1
  ctx.fillStyle = css('--over-ink')
  ctx.fillText(word, tx, y)
}

function limit(g: Geometry, c: PaneContent, css: Css): void {
  if (c.limit === null) return
  const { ctx, ratio } = g
  const y = Math.round(g.y(c.limit)) + 0.5
  ctx.strokeStyle = css('--ink')
  ctx.lineWidth = 1.1 * ratio
  ctx.setLineDash([10 * ratio, 3 * ratio])
  ctx.beginPath()
  ctx.moveTo(g.left, y)
  ctx.lineTo(g.left + g.width, y)
  ctx.stroke()
  ctx.setLineDash([])
  ctx.textAlign = 'left'
  ctx.textBaseline = 'alphabetic'
  ctx.font = `${11 * ratio}px ${css('--text')}`
  const w = ctx.measureText(c.limitWord).width
  ctx.fillStyle = css('--surface')
  ctx.globalAlpha = 0.8
  ctx.fillRect(g.left + 2 * ratio, y - 16 * ratio, w + 6 * ratio, 14 * ratio)
  ctx.globalAlpha = 1
  ctx.fillStyle = css('--ink-2')
  ctx.fillText(c.limitWord, g.left + 5 * ratio, y - 5 * ratio)
}
