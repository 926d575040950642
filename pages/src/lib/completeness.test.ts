import { describe, expect, it } from 'vitest'
import { dayParts, monthsOf, percent, pixelRuns, shareOf, worstOf } from './completeness'

describe('completeness', () => {
  it('gives every run a pixel, and the worse one wins it', () => {
    const range = { from: 0, to: 1000 }
    const runs = [
      { from: 0, to: 500, state: 'received' as const },
      { from: 500, to: 501, state: 'missing' as const },
      { from: 501, to: 1000, state: 'received' as const },
    ]
    expect(pixelRuns(runs, range, 10)).toEqual([
      { x: 0, w: 5, state: 'received' },
      { x: 5, w: 1, state: 'missing' },
      { x: 6, w: 4, state: 'received' },
    ])
  })
  it('leaves out what lies outside and what is not owed', () => {
    expect(pixelRuns([{ from: -50, to: 0, state: 'lost' }, { from: 0, to: 100, state: 'none' }], { from: 0, to: 100 }, 50)).toEqual([])
  })
  it('says 100 only when nothing lacks', () => {
    expect(percent(shareOf({ received: 9999, missing: 1, owed: 10_000 }))).toBe('99.9')
    expect(percent(shareOf({ received: 143, backfilled: 1, owed: 144 }))).toBe('100')
    expect(percent(shareOf({ due: 3 }))).toBe('–')
    expect(shareOf({ received: 1, lost: 1 })).toBe(0.5)
  })
  it('names a day by its worst', () => {
    expect(worstOf({ received: 100, asked: 2, backfilled: 3 })).toBe('asked')
    expect(worstOf({ received: 100, missing: 1, lost: 1 })).toBe('lost')
    expect(worstOf({})).toBe('none')
  })
  it('puts days into months, newest first, with sums', () => {
    const m = monthsOf([{ day: '2026-10-31', received: 20, owed: 24, missing: 4 }, { day: '2026-11-01', received: 24, owed: 24 }, { day: '2026-11-02', received: 23, lost: 1, owed: 24 }])
    expect(m.map((x) => x.key)).toEqual(['2026-11', '2026-10'])
    expect(m[0]?.sums).toEqual({ owed: 48, received: 47, lost: 1 })
    expect(m[1]?.days[30]?.missing).toBe(4)
    expect(m[0]?.days[2]).toBeNull()
  })
  it('shows even one lost record of a day', () => {
    const parts = dayParts({ received: 1439, lost: 1, owed: 1440 }, 26)
    expect(parts).toEqual([{ x: 0, w: 22, state: 'received' }, { x: 22, w: 4, state: 'lost' }])
    expect(dayParts({}, 26)).toEqual([])
    expect(dayParts({ received: 24 }, 26)).toEqual([{ x: 0, w: 26, state: 'received' }])
  })
})
