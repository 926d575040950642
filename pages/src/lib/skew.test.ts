import { describe, expect, it } from 'vitest'
import { skewText, skewTop } from './skew'

describe('clock skew', () => {
  it('is written in the unit one would say', () => {
    expect(skewText(-700)).toBe('0.7\u2009s')
    expect(skewText(63_400)).toBe('63\u2009s')
    expect(skewText(-900_000)).toBe('15\u2009min')
    expect(skewText(5_400_000)).toBe('1\u2009h 30\u2009min')
  })
  it('always shows the limit and keeps a wild day from flattening the rest', () => {
    expect(skewTop([500, 600, -700], 60_000)).toBe(75_000)
    expect(skewTop([70_000, 71_000], 60_000)).toBeGreaterThan(71_000)
    expect(skewTop([500, 500, 500, 500, 500, 500, 500, 500, 500, 500, 80_000_000], 60_000)).toBeLessThan(300_000)
    expect(skewTop([], 60_000)).toBe(75_000)
  })
})
