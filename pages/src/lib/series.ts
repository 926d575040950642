// What a pane draws, worked out from the columns of a series: how wide each bucket is, where nothing came, what came late.
import type { Kind, SeriesFactor } from '../api/types'
import { KIND_SPAN, type Range } from './time'

export interface Stretch extends Range { label?: string }

/** The usual distance between two records, from the data when there is enough of it. */
export function intervalOf(f: SeriesFactor, kind: Kind, told?: number): number {
  if (kind === 'hour' || kind === 'day') return KIND_SPAN[kind]
  if (told) return told
  if (f.t.length < 4 || f.n.some((n) => n > 1)) return KIND_SPAN[kind]
  const gaps = f.t.slice(1).map((t, i) => t - (f.t[i] as number)).filter((d) => d > 0).sort((a, b) => a - b)
  return gaps[gaps.length >> 1] ?? KIND_SPAN[kind]
}

/** True when every row is one record rather than a bucket of several. */
export const isRaw = (f: SeriesFactor): boolean => f.n.every((n) => n <= 1)

/** Where row i ends on the axis: the end of its bucket or record, never over the next row. */
export function endOf(f: SeriesFactor, i: number, interval: number): number {
  const t = f.t[i] as number
  const end = t + Math.max(f.span[i] ?? 0, interval)
  const next = f.t[i + 1]
  return next === undefined ? end : Math.min(end, next)
}

/** True when between row i and the next at least one record is missing. */
export function breaksAfter(f: SeriesFactor, i: number, interval: number): boolean {
  const next = f.t[i + 1]
  if (next === undefined) return true
  const t = f.t[i] as number
  const span = f.span[i] ?? 0
  if ((f.n[i] ?? 1) <= 1 && span <= interval * 1.02) {
    return next - t > interval * 1.5 + (span < interval * 0.98 ? span : 0)
  }
  return next - t - span > interval * 1.05
}

/** Stretches inside the window where nothing came; a stretch before the first or after the last row counts only between `known` bounds. */
export function gapsOf(f: SeriesFactor, interval: number, window: Range, known: Range): Stretch[] {
  const gaps: Stretch[] = []
  const push = (from: number, to: number): void => {
    const a = Math.max(from, window.from, known.from)
    const b = Math.min(to, window.to, known.to)
    if (b - a > interval * 0.9) gaps.push({ from: a, to: b })
  }
  if (f.t.length === 0) {
    push(window.from, window.to)
    return gaps
  }
  push(window.from, f.t[0] as number)
  for (let i = 0; i < f.t.length - 1; i++) {
    if (breaksAfter(f, i, interval)) push(endOf(f, i, interval), f.t[i + 1] as number)
  }
  push(endOf(f, f.t.length - 1, interval) + interval, window.to)
  return gaps
}

/** What tells of gaps, late data and flags: the finer data where they reach as far back as the line, else the line. */
export function witness(line: SeriesFactor | null, env: SeriesFactor | null, slack: number): 'line' | 'env' {
  if (!env || env.t.length === 0) return 'line'
  if (!line || line.t.length === 0) return 'env'
  const starts = (env.t[0] as number) <= (line.t[0] as number) + slack
  const ends = (env.t[env.t.length - 1] as number) >= (line.t[line.t.length - 1] as number) - slack
  return starts && ends ? 'env' : 'line'
}

/** Runs of rows that share what `name` says of them; null is no run. */
export function runsOf(f: SeriesFactor, interval: number, name: (i: number) => string | null): Stretch[] {
  const runs: Stretch[] = []
  let open: Stretch | null = null
  for (let i = 0; i < f.t.length; i++) {
    const label = name(i)
    const from = f.t[i] as number
    const to = endOf(f, i, interval)
    if (open && label === open.label && from - open.to < interval * 0.5) open.to = to
    else {
      open = label === null ? null : { from, to, label }
      if (open) runs.push(open)
    }
  }
  return runs
}

export const lateRuns = (f: SeriesFactor, interval: number): Stretch[] => runsOf(f, interval, (i) => (f.late[i] ? 'RF' : null))

/** Letters that the device itself put beside its values, other than N for ordinary. */
export const flagRuns = (f: SeriesFactor, interval: number): Stretch[] =>
  runsOf(f, interval, (i) => {
    const flag = f.flag[i]
    return flag && flag !== 'N' ? flag : null
  })

/** Last row that begins at or before `ms`, or -1. */
export function rowBefore(t: readonly number[], ms: number): number {
  let low = 0
  let high = t.length
  while (low < high) {
    const mid = (low + high) >> 1
    if ((t[mid] as number) <= ms) low = mid + 1
    else high = mid
  }
  return low - 1
}

/** The row whose bucket holds `ms`, or -1 in a gap. */
export function rowAt(f: SeriesFactor, ms: number, interval: number): number {
  const i = rowBefore(f.t, ms)
  return i >= 0 && ms < endOf(f, i, interval) ? i : -1
}

/** Greatest value in a window, looked for in the extremes so that a spike inside a bucket counts. */
export function extent(f: SeriesFactor | null, window: Range): { low: number; high: number } | null {
  if (!f) return null
  let low = Infinity
  let high = -Infinity
  for (let i = Math.max(0, rowBefore(f.t, window.from)); i < f.t.length && (f.t[i] as number) <= window.to; i++) {
    low = Math.min(low, f.min[i] as number)
    high = Math.max(high, f.max[i] as number)
  }
  return high >= low ? { low, high } : null
}

export interface Column { min: number; max: number; mean: number; n: number }

/** Puts rows into `width` pixel columns; a column keeps its extremes, so that one spike is always one pixel. */
export function columns(f: SeriesFactor, window: Range, width: number): (Column | null)[] {
  const out: (Column | null)[] = new Array<Column | null>(width).fill(null)
  const scale = width / (window.to - window.from)
  for (let i = 0; i < f.t.length; i++) {
    const x = Math.floor(((f.t[i] as number) - window.from) * scale)
    if (x < 0 || x >= width) continue
    const n = f.n[i] ?? 1
    const c = out[x]
    if (!c) out[x] = { min: f.min[i] as number, max: f.max[i] as number, mean: f.mean[i] as number, n }
    else {
      c.min = Math.min(c.min, f.min[i] as number)
      c.max = Math.max(c.max, f.max[i] as number)
      c.mean = (c.mean * c.n + (f.mean[i] as number) * n) / (c.n + n)
      c.n += n
    }
  }
  return out
}

/** The finer kind whose extremes stand behind the line of a kind. */
export const FINER: Record<Kind, Kind | null> = { day: 'hour', hour: 'minute', minute: 'real', real: null }
