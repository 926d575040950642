import { describe, expect, it } from 'vitest'
import type { OperationUnit } from '../api/operationTypes'
import { askedRange, bars, inOrder, planBody, planFault, planShares, shareOfText, stoppedHours, type PlanDraft } from './operation'
import { DAY } from './time'

const unit = (id: string, more: Partial<OperationUnit> = {}): OperationUnit => ({ id, name: id, treatment: false, serves: null, factor: 'd20405', records: 'values', outlet: null, running_above: 0, rated: null, known_h: 24, running_h: 20, alarm_h: 0, mean: 1, runs: [], without: [], without_h: 0, ...more })

describe('what ran when', () => {
  it('is cut to the window and never thinner than a pixel', () => {
    const r = { from: 1000, to: 2000 }
    expect(bars([{ from: 500, to: 1100 }, { from: 1500, to: 1501 }, { from: 1900, to: null }, { from: 2000, to: 3000 }], r, 100).map((b) => [b.x, b.w])).toEqual([[0, 10], [50, 1], [90, 10]])
    expect(bars([{ from: 1999.9, to: 2000 }], r, 100)[0]).toMatchObject({ x: 99, w: 1 })
  })
  it('asks for no more than is answered', () => {
    expect(askedRange({ from: 0, to: 100 * DAY })).toEqual({ from: 69 * DAY, to: 100 * DAY })
    expect(askedRange({ from: 5.5, to: 8.5 })).toEqual({ from: 5, to: 9 })
  })
  it('stands production above what treats it', () => {
    const units = [unit('all', { treatment: true }), unit('t2', { treatment: true, serves: 'p2' }), unit('p1'), unit('p2')]
    expect(inOrder(units).map((u) => u.id)).toEqual(['p1', 'p2', 't2', 'all'])
    expect(stoppedHours(unit('x'))).toBe(4)
  })
})

describe('a plan', () => {
  const good: PlanDraft = { from: 0, to: DAY, level: '红色', measure: '限产', stop: false, power: '50 %', flow: '' }
  it('is told what it lacks', () => {
    expect(planFault(good)).toBe(null)
    expect(planFault({ ...good, from: null })).toBe('time')
    expect(planFault({ ...good, to: 0 })).toBe('order')
    expect(planFault({ ...good, to: 121 * DAY })).toBe('order')
    expect(planFault({ ...good, level: ' ' })).toBe('level')
    expect(planFault({ ...good, measure: '' })).toBe('measure')
    expect(planFault({ ...good, power: '120' })).toBe('share')
    expect(planFault({ ...good, power: '' })).toBe('nothing')
    expect(planFault({ ...good, power: '', stop: true })).toBe(null)
  })
  it('is sent in shares and read in percent', () => {
    expect(planBody(3, good)).toEqual({ enterprise: 3, from: 0, to: DAY, level: '红色', measure: '限产', stop: false, power_share: 0.5, flow_share: null })
    expect([shareOfText('33.3'), shareOfText(''), shareOfText('x')]).toEqual([0.33299999999999996, null, undefined])
    expect(planShares({ power_share: 0.333, flow_share: null })).toEqual({ power: 33.3, flow: null })
  })
})
