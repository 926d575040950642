import { describe, expect, it } from 'vitest'
import type { AlarmRow } from '../api/judgeTypes'
import { awaited, byUrgency, chainOf, keyOf, patchRows, slotsNotInOrder, stepsOf, timeLeft, STAGES, STEP_KEYS } from './alarms'
import { DAY, HOUR, MINUTE } from './time'

const row = (more: Partial<AlarmRow> = {}): AlarmRow => ({
  number: 'BJ20261123-0001', outlet: { id: 1, code: 'DA001', name: '' }, enterprise: { id: 1, name: 'A' }, kind: 'exceedance', severity: 3, factor: 'a21002', period: '1h', converted: true, from: 0, to: null, open: true,
  value: 60, held: 50, multiple: 0.2, unit: 'mg/m3', text_zh: '', text_en: '', stage: 'raised', due: null, overdue: false, steps_n: 1, verdict: null, ...more,
})

describe('time left', () => {
  it('is written in hours and minutes, days when long, with a true minus when over', () => {
    expect(timeLeft(49 * MINUTE, 0)).toEqual({ text: '00:49', tone: 'soon' })
    expect(timeLeft(4 * HOUR + 5 * MINUTE, 0)).toEqual({ text: '04:05', tone: 'calm' })
    expect(timeLeft(DAY + 3 * HOUR, 0)?.text).toBe('1 d 03')
    expect(timeLeft(-14 * MINUTE, 0)).toEqual({ text: '−00:14', tone: 'over' })
    expect(timeLeft(-30 * HOUR, 0)?.text).toBe('−30:00')
    expect(timeLeft(-3 * DAY, 0)?.text).toBe('−3 d 00')
    expect(timeLeft(null, 0)).toBeNull()
  })
  it('orders the inbox: overdue first, none last', () => {
    const list = [row({ number: 'c' }), row({ number: 'a', due: -5 }), row({ number: 'b', due: 5 })].sort(byUrgency)
    expect(list.map((a) => a.number)).toEqual(['a', 'b', 'c'])
  })
})

describe('the chain', () => {
  it('has done, one now and the rest ahead; a closed one has no now', () => {
    expect(chainOf('assign')).toEqual(['done', 'done', 'done', 'now', 'ahead', 'ahead', 'ahead', 'ahead'])
    expect(chainOf('closed').every((c) => c === 'done')).toBe(true)
    for (const s of STAGES.slice(0, -1)) expect(chainOf(s).filter((c) => c === 'now')).toHaveLength(1)
    expect(awaited('assign')).toBe('sign')
    expect(awaited('closed')).toBe('closed')
  })
  it('asks first for what is awaited, and gives units nothing', () => {
    const first = Object.fromEntries(STAGES.map((stage) => [stage, stepsOf(row({ stage }), 'officer')[0]]))
    expect(first).toEqual({ raised: 'take', desk: 'assign', assign: 'sign', sign: 'verify', verify: 'feedback', feedback: 'close', review: 'close', closed: 'reopen' })
    for (const role of ['enterprise', 'maintainer', 'operator', undefined] as const) expect(stepsOf(row(), role)).toEqual([])
  })
  it('trusts what the server allows', () => {
    expect(stepsOf(row({ stage: 'desk', allowed: ['note', 'close'] }), 'officer')).toEqual(['close', 'note'])
  })
  it('has one key a step', () => {
    expect(new Set(Object.values(STEP_KEYS)).size).toBe(Object.keys(STEP_KEYS).length)
    expect(keyOf('assign')).toBe('a')
    expect(Object.keys(STEP_KEYS).some((k) => 'jkxJK?/'.includes(k))).toBe(false)
  })
})

describe('rows', () => {
  it('are patched: the newer wins, a closed one leaves', () => {
    const rows = [row({ number: 'a', due: 1 }), row({ number: 'b', due: 2 })]
    expect(patchRows(rows, row({ number: 'a', due: 3 }), () => true).map((a) => a.number)).toEqual(['b', 'a'])
    expect(patchRows(rows, row({ number: 'a', stage: 'closed' }), (a) => a.stage !== 'closed').map((a) => a.number)).toEqual(['b'])
  })
  it('count outlets by slot, each once', () => {
    const alarms = [row({ from: 0, to: HOUR + 1, open: false }), row({ number: 'x', from: 0, to: HOUR, open: false }), row({ number: 'y', kind: 'constant', outlet: { id: 2, code: '', name: '' }, from: HOUR, open: true }), row({ number: 'z', kind: 'silent', outlet: { id: 3, code: '', name: '' } })]
    const { over, attention, none } = slotsNotInOrder(alarms, 0, 3, HOUR)
    expect(over.map((s) => s.size)).toEqual([1, 1, 0])
    expect(attention.map((s) => s.size)).toEqual([0, 1, 1])
    expect(none.map((s) => s.size)).toEqual([1, 1, 1])
    const tens = slotsNotInOrder([row({ from: 25 * MINUTE, to: 40 * MINUTE, open: false })], 0, 6, 10 * MINUTE)
    expect(tens.over.map((s) => s.size)).toEqual([0, 0, 1, 1, 0, 0])
  })
})
