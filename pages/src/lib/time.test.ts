import { describe, expect, it } from 'vitest'
import * as time from './time'

const at = (text: string): number => time.parseStamp(text) as number

describe('Beijing time', () => {
  it('is eight hours ahead of UTC whatever the viewer’s zone', () => {
    expect(time.stamp(0)).toBe('1970-01-01 08:00:00')
    expect(at('2026-11-23 13:41')).toBe(Date.UTC(2026, 10, 23, 5, 41))
  })
  it('refuses what is no time', () => {
    for (const text of ['2026-13-01 00:00', '2026-02-30 00:00', '2026-11-23', '2026-11-23 24:00', '', 'now']) expect(time.parseStamp(text)).toBeNull()
  })
  it('finds the beginnings of hours, days and months', () => {
    const ms = at('2026-11-23 13:41')
    expect(time.stamp(time.startOfHour(ms))).toBe('2026-11-23 13:00:00')
    expect(time.stamp(time.startOfDay(ms))).toBe('2026-11-23 00:00:00')
    expect(time.stamp(time.startOfMonth(at('2026-03-01 00:00')))).toBe('2026-03-01 00:00:00')
    expect(time.stamp(time.startOfDay(at('2026-11-23 00:00')))).toBe('2026-11-23 00:00:00')
  })
})

describe('age', () => {
  it('uses the two largest units', () => {
    expect(time.age(41_000)).toBe('41 s')
    expect(time.age(200_000)).toBe('3 min 20 s')
    expect(time.age(46 * 60_000)).toBe('46 min')
    expect(time.age((6 * 60 + 18) * 60_000)).toBe('6 h 18 min')
    expect(time.age(52 * 3_600_000)).toBe('2 d 4 h')
    expect(time.age(-5)).toBe('0 s')
  })
})

describe('ranges', () => {
  const now = at('2026-11-23 13:41')
  it('knows the presets', () => {
    expect(time.presetRange('day', now)).toEqual({ from: now - time.DAY, to: now })
    expect(time.presetRange('yesterday', now)).toEqual({ from: at('2026-11-22 00:00'), to: at('2026-11-23 00:00') })
    expect(time.presetRange('month', now).from).toBe(at('2026-11-01 00:00'))
  })
  it('zooms about the pointer and keeps it in place', () => {
    const r = { from: now - 100 * time.HOUR, to: now - 50 * time.HOUR }
    const z = time.zoomRange(r, 0.25, 0.5, now)
    expect(z.from + (z.to - z.from) * 0.25).toBeCloseTo(r.from + (r.to - r.from) * 0.25, -2)
    expect(z.to - z.from).toBe(25 * time.HOUR)
  })
  it('never zooms below a minute, beyond the longest window, or past the present', () => {
    const r = { from: now - time.HOUR, to: now }
    expect(time.zoomRange(r, 0.5, 1e-9, now).to - time.zoomRange(r, 0.5, 1e-9, now).from).toBe(time.MIN_WINDOW)
    const wide = time.zoomRange(r, 0.5, 1e9, now)
    expect(wide.to - wide.from).toBe(time.MAX_WINDOW)
    expect(wide.to).toBe(now)
    expect(time.panRange(r, time.DAY, now)).toEqual(r)
  })
})

describe('ticks', () => {
  it('stand on round Beijing times, days strong', () => {
    const ticks = time.timeTicks({ from: at('2026-11-20 13:41'), to: at('2026-11-23 13:41') }, 800, 64, true)
    expect(ticks.length).toBeGreaterThan(8)
    expect(ticks.length).toBeLessThan(14)
    for (const k of ticks) expect(time.stamp(k.ms).slice(14)).toBe('00:00')
    expect(ticks.filter((k) => k.strong).map((k) => k.label)).toEqual(['21 日', '22 日', '23 日'])
  })
  it('go from seconds to months', () => {
    const from = at('2026-01-15 00:00')
    for (const width of [time.MINUTE, time.HOUR, time.DAY, 7 * time.DAY, 31 * time.DAY, 366 * time.DAY]) {
      const n = time.timeTicks({ from, to: from + width }, 1000, 64, true).length
      expect(n, String(width)).toBeGreaterThanOrEqual(3)
      expect(n, String(width)).toBeLessThanOrEqual(16)
    }
    expect(time.timeTicks({ from, to: from + 366 * time.DAY }, 1000, 64, false).map((k) => k.label)).toContain('2027-01')
  })
})
