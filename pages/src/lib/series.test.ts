import { describe, expect, it } from 'vitest'
import type { SeriesFactor } from '../api/types'
import * as series from './series'
import { HOUR, MINUTE } from './time'

function make(t: number[], v: number[], span = HOUR, more: Partial<SeriesFactor> = {}): SeriesFactor {
  return {
    code: 'a21002', field: 'Avg', t, span: t.map(() => span), n: t.map(() => 1), first: v, last: v, min: v, max: v, mean: v,
    flag: t.map(() => 'N'), late: t.map(() => 0), revisions: t.map(() => 1), ...more,
  }
}

describe('gaps', () => {
  it('are found between records and never joined', () => {
    const f = make([0, HOUR, 4 * HOUR, 5 * HOUR], [1, 2, 3, 4])
    expect(series.breaksAfter(f, 0, HOUR)).toBe(false)
    expect(series.breaksAfter(f, 1, HOUR)).toBe(true)
    expect(series.gapsOf(f, HOUR, { from: 0, to: 6 * HOUR }, { from: -Infinity, to: Infinity })).toEqual([{ from: 2 * HOUR, to: 4 * HOUR }])
  })
  it('do not appear between buckets narrower than the interval', () => {
    // ten-minute records in buckets of 7.2 minutes: not every bucket holds a record, yet none is missing
    const width = 7.2 * MINUTE
    const t: number[] = []
    for (let r = 0; r < 100; r++) {
      const b = Math.floor((r * 10 * MINUTE) / width) * width
      if (t[t.length - 1] !== b) t.push(b)
    }
    const f = make(t, t.map(() => 1), width)
    const known = { from: 0, to: 1000 * MINUTE }
    expect(series.gapsOf(f, 10 * MINUTE, { from: 0, to: 990 * MINUTE }, known)).toEqual([])
  })
  it('do not appear between wide buckets either, but a missing bucket does', () => {
    const f = make([0, 6 * HOUR, 18 * HOUR], [1, 1, 1], 6 * HOUR, { n: [6, 6, 6] })
    expect(series.breaksAfter(f, 0, HOUR)).toBe(false)
    expect(series.breaksAfter(f, 1, HOUR)).toBe(true)
  })
  it('of an empty window are the window, as far as data were expected', () => {
    const f = make([], [])
    expect(series.gapsOf(f, HOUR, { from: 0, to: 10 * HOUR }, { from: 2 * HOUR, to: 8 * HOUR })).toEqual([{ from: 2 * HOUR, to: 8 * HOUR }])
  })
})

describe('thinning', () => {
  it('keeps a spike of one value in its pixel column', () => {
    const n = 52_560
    const t = Array.from({ length: n }, (_, i) => i * 10 * MINUTE)
    const v = t.map(() => 40)
    v[31_337] = 181.5
    const f = make(t, v, 10 * MINUTE)
    const out = series.columns(f, { from: 0, to: n * 10 * MINUTE }, 800)
    const highest = out.map((c) => c?.max ?? 0)
    expect(Math.max(...highest)).toBe(181.5)
    expect(highest.filter((x) => x > 100)).toHaveLength(1)
    expect(out.every((c) => c !== null)).toBe(true)
    expect(out.reduce((sum, c) => sum + (c?.n ?? 0), 0)).toBe(n)
  })
  it('leaves columns empty where nothing came', () => {
    const f = make([0, 9 * HOUR], [1, 2])
    expect(series.columns(f, { from: 0, to: 10 * HOUR }, 10).map((c) => c !== null)).toEqual([true, false, false, false, false, false, false, false, false, true])
  })
  it('counts the extremes of a bucket, not only its mean', () => {
    const f = make([0], [10], HOUR, { max: [99], min: [1] })
    expect(series.extent(f, { from: 0, to: HOUR })).toEqual({ low: 1, high: 99 })
  })
})

describe('runs and rows', () => {
  it('join neighbours of one label and end at a change', () => {
    const f = make([0, HOUR, 2 * HOUR, 3 * HOUR], [1, 1, 1, 1], HOUR, { flag: ['N', 'F', 'F', 'C'] })
    expect(series.flagRuns(f, HOUR)).toEqual([
      { from: HOUR, to: 3 * HOUR, label: 'F' },
      { from: 3 * HOUR, to: 4 * HOUR, label: 'C' },
    ])
  })
  it('finds the row under a time and none in a gap', () => {
    const f = make([0, HOUR, 4 * HOUR], [1, 2, 3])
    expect(series.rowAt(f, 1.5 * HOUR, HOUR)).toBe(1)
    expect(series.rowAt(f, 2.5 * HOUR, HOUR)).toBe(-1)
    expect(series.rowAt(f, -1, HOUR)).toBe(-1)
    expect(series.rowBefore(f.t, 9 * HOUR)).toBe(2)
  })
  it('learns the interval from the records', () => {
    const f = make([0, 5 * MINUTE, 10 * MINUTE, 15 * MINUTE, 40 * MINUTE], [1, 1, 1, 1, 1], 0)
    expect(series.intervalOf(f, 'minute')).toBe(5 * MINUTE)
    expect(series.intervalOf(f, 'minute', MINUTE)).toBe(MINUTE)
    expect(series.intervalOf(f, 'hour')).toBe(HOUR)
  })
})
