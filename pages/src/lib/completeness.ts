// What was owed and what became of it, as a strip of pixels and as months of days.
import type { DayCounts, GapCounts, GapRun, GapState } from '../api/deviceTypes'
import type { Range } from './time'

/** From what troubles least to what troubles most: the last one wins where several share a pixel or a day. */
export const GAP_RANK: GapState[] = ['none', 'received', 'late', 'backfilled', 'due', 'asked', 'missing', 'lost']
/** Those that stand in keys and counts. */
export const GAP_SHOWN: Exclude<GapState, 'none'>[] = ['received', 'late', 'backfilled', 'due', 'asked', 'missing', 'lost']
const HERE: GapState[] = ['received', 'late', 'backfilled']

const rank = (s: GapState): number => GAP_RANK.indexOf(s)
export const worse = (a: GapState, b: GapState): GapState => (rank(a) >= rank(b) ? a : b)

/** The worst that a day holds; none where nothing was owed. */
export function worstOf(counts: GapCounts): GapState {
  let worst: GapState = 'none'
  for (const s of GAP_SHOWN) if ((counts[s] ?? 0) > 0) worst = worse(worst, s)
  return worst
}

/** Part of what was owed that is there now, however it came; null where nothing was owed. */
export function shareOf(counts: GapCounts): number | null {
  const owed = counts.owed ?? GAP_SHOWN.reduce((n, s) => n + (s === 'due' ? 0 : (counts[s] ?? 0)), 0)
  return owed > 0 ? HERE.reduce((n, s) => n + (counts[s] ?? 0), 0) / owed : null
}

/** A share in percent that says 100 only when nothing lacks. */
export function percent(share: number | null): string {
  if (share === null) return '–'
  if (share >= 1) return '100'
  return (Math.floor(share * 1000) / 10).toFixed(1)
}

export interface PixelRun { x: number; w: number; state: GapState }

/** Runs as whole pixels: however short, a run takes at least one, and the worse one wins it. */
export function pixelRuns(runs: readonly GapRun[], range: Range, width: number): PixelRun[] {
  const n = Math.max(0, Math.round(width))
  const scale = n / (range.to - range.from)
  const cells = new Array<GapState>(n).fill('none')
  for (const run of runs) {
    if (run.to <= range.from || run.from >= range.to || run.state === 'none') continue
    const a = Math.max(0, Math.floor((run.from - range.from) * scale))
    const b = Math.min(n, Math.max(a + 1, Math.round((run.to - range.from) * scale)))
    for (let x = a; x < b; x++) cells[x] = worse(cells[x] as GapState, run.state)
  }
  const out: PixelRun[] = []
  for (let x = 0; x < n; x++) {
    const state = cells[x] as GapState
    const last = out[out.length - 1]
    if (last && last.state === state && last.x + last.w === x) last.w++
    else if (state !== 'none') out.push({ x, w: 1, state })
  }
  return out
}

export interface MonthRow { key: string; days: (DayCounts | null)[]; sums: Required<Pick<GapCounts, 'owed'>> & GapCounts }

/** Months, newest first, each with a place for 31 days. */
export function monthsOf(days: readonly DayCounts[]): MonthRow[] {
  const months = new Map<string, MonthRow>()
  for (const d of days) {
    const key = d.day.slice(0, 7)
    const row = months.get(key) ?? { key, days: new Array<DayCounts | null>(31).fill(null), sums: { owed: 0 } }
    months.set(key, row)
    row.days[Number(d.day.slice(8, 10)) - 1] = d
    row.sums.owed += d.owed ?? 0
    for (const s of GAP_SHOWN) if (d[s]) row.sums[s] = (row.sums[s] ?? 0) + (d[s] ?? 0)
  }
  return [...months.values()].sort((a, b) => (a.key < b.key ? 1 : -1))
}

/** The states of a day side by side, each as wide as its part but never narrower than can be seen. */
export function dayParts(counts: GapCounts, width: number, least = 4): PixelRun[] {
  const there = GAP_SHOWN.filter((s) => (counts[s] ?? 0) > 0)
  const all = there.reduce((n, s) => n + (counts[s] ?? 0), 0)
  if (all === 0) return []
  const widths = there.map((s) => Math.max(least, Math.round((width * (counts[s] ?? 0)) / all)))
  const over = widths.reduce((a, b) => a + b, 0) - width
  const widest = widths.indexOf(Math.max(...widths))
  widths[widest] = Math.max(least, (widths[widest] as number) - over)
  let x = 0
  return there.map((state, i) => {
    const w = widths[i] as number
    x += w
    return { x: x - w, w, state }
  })
}
