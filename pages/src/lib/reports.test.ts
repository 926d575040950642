import { describe, expect, it } from 'vitest'
import { confidenceKey, percent, rateState, readPairs } from './reports'

describe('rates', () => {
  it('are percent with two places', () => {
    expect(percent(0.9)).toBe('90.00')
    expect(percent(1)).toBe('100.00')
    expect(percent(null)).toBe('–')
  })
  it('want attention below a figure, not at it', () => {
    expect(rateState(0.9, 0.9, 0.6)).toBe('ok')
    expect(rateState(0.8999, 0.9, 0.6)).toBe('attention')
    expect(rateState(null, 0.9, 0.6)).toBe('none')
  })
})
describe('pairs', () => {
  it('are two numbers a line', () => {
    expect(readPairs('10.5 11\n\n20, 19.5')).toEqual({ reference: [10.5, 20], measured: [11, 19.5] })
    expect(readPairs('')).toEqual({ reference: [], measured: [] })
    for (const wrong of ['1', '1 2 3', 'a b', Array(17).fill('1 1').join('\n')]) expect(readPairs(wrong), wrong).toBeNull()
  })
})
describe('confidence', () => {
  it('has a word for each sign', () => {
    expect(['O', 'S', 'C', 'R+', 'R-', '?'].map(confidenceKey)).toEqual(['O', 'S', 'C', 'Rplus', 'Rminus', 'none'])
  })
})
