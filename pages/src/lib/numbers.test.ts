import { describe, expect, it } from 'vitest'
import { chooseScale } from '../views/outlet/chart/scale'
import { safeNext } from './links'
import { bytes, grouped, measured, niceTop, plain, unit, valueTicks } from './numbers'

describe('numbers', () => {
  it('are written with thin spaces and a true minus', () => {
    expect(grouped(1298)).toBe('1\u2009298')
    expect(grouped(-1234567)).toBe('\u22121\u2009234\u2009567')
    expect(measured(67.41)).toBe('67.4')
    expect(measured(335.4)).toBe('335')
    expect(measured(0.4111)).toBe('0.41')
    expect(measured(null)).toBe('–')
    expect(plain(50)).toBe('50')
    expect(plain(0.5)).toBe('0.5')
  })
  it('write units as people do', () => {
    expect([unit('mg/m3'), unit('m3/s'), unit('degC'), unit('ug/L'), unit('1'), unit(null)]).toEqual(['mg/m³', 'm³/s', '°C', 'µg/L', '', ''])
  })
  it('write sizes', () => expect([bytes(638), bytes(1536), bytes(5_310_000_000)]).toEqual(['638 B', '1.5 KiB', '4.9 GiB']))
})

describe('value axis', () => {
  it('has round ticks inside its bounds, at least as many as asked', () => {
    for (const [low, top] of [[0, 75], [0, 60], [0, 0.5], [6.1, 7.7], [0, 200], [20, 60]] as const) {
      const ticks = valueTicks(low, top, 3)
      expect(ticks.length).toBeGreaterThanOrEqual(3)
      expect(ticks.length).toBeLessThanOrEqual(9)
      for (const v of ticks) expect(v >= low - 1e-9 && v <= top + 1e-9).toBe(true)
    }
  })
  it('has a top that covers and is round', () => {
    for (const v of [0.013, 0.9, 47, 51, 99, 181.5, 1000]) expect(niceTop(v)).toBeGreaterThanOrEqual(v)
    expect(niceTop(181.5)).toBe(200)
  })
  it('begins at zero, holds the limit, and stays while the data fit', () => {
    const f = { code: 'x', field: 'Avg', t: [0, 1], span: [1, 1], n: [1, 1], first: [], last: [], min: [30, 31], max: [40, 41], mean: [35, 36], flag: [], late: [], revisions: [] } as never
    const first = chooseScale([f], { from: 0, to: 2 }, 50, false, null)
    expect(first.low).toBe(0)
    expect(first.top).toBeGreaterThanOrEqual(60)
    expect(chooseScale([f], { from: 0, to: 2 }, 50, false, { low: 0, top: 80 })).toEqual({ low: 0, top: 80 })
    expect(chooseScale([f], { from: 0, to: 2 }, 50, false, { low: 0, top: 2000 }).top).toBeLessThan(100)
  })
})

describe('the address after sign-in', () => {
  it('is a path of this site only', () => {
    expect(safeNext('/outlets/3?kind=hour')).toBe('/outlets/3?kind=hour')
    for (const bad of ['https://elsewhere', '//elsewhere', '/\\elsewhere', 'javascript:alert(1)', undefined, '/sign-in?next=/x']) expect(safeNext(bad)).toBe('/watch')
  })
})
