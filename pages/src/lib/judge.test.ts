import { describe, expect, it } from 'vitest'
import type { Mark, Mean, Verdict } from '../api/judgeTypes'
import type { SeriesFactor } from '../api/types'
import { convertWorking, coversFactor, isBad, markBands, msOf, multipleWorking, oversOf, overlayMeans, splitWorking, withTimes, worstOf } from './judge'
import { HOUR } from './time'

const verdict = (more: Partial<Verdict> = {}): Verdict => ({ number: 'CP1', outlet: 1, kind: 'exceedance', zh: '', en: '', factor: 'a21002', period: '1h', from: 0, to: HOUR, value: 67.4, limit: null, held: 50, multiple: 0.348, oxygen: 7.2, measured: 62, working: null, marking: 'unmarked', counts: true, rule: null, reasons: [], statement_zh: null, statement_en: null, ...more })
const line: SeriesFactor = { code: 'a21002', field: 'Avg', t: [0, HOUR], span: [HOUR, HOUR], n: [1, 1], first: [1, 2], last: [1, 2], min: [1, 2], max: [1, 2], mean: [1, 2], flag: [null, null], late: [0, 0], revisions: [1, 1] }
const mean = (from: number, converted: number | null): Mean => ({ outlet: 1, factor: 'a21002', unit: 'mg/m3', period: '1h', from, to: from + HOUR, validity: 'valid', marking: 'unmarked', condition: null, equipment: null, judged: true, transient: false, exempt: false, as_sent: false, due: 60, valid: 60, raw: 1, mean: 1.5, converted, sent: null, sent_converted: null, min: null, max: null, flow_m3: null, emission_kg: null, replaced_kg: null, reasons: [] })

describe('times', () => {
  it('come as milliseconds, microseconds or text', () => {
    expect(msOf(1_795_464_000_000)).toBe(1_795_464_000_000)
    expect(msOf(1_795_464_000_000_000)).toBe(1_795_464_000_000)
    expect(msOf('2026-11-23T12:00:00+08:00')).toBe(Date.UTC(2026, 10, 23, 4))
    expect(msOf('someone')).toBeNull()
  })
  it('are made equal all through an answer, names stay names', () => {
    expect(withTimes({ rows: [{ at: '1970-01-01T00:00:01Z', to: 'officer', value: 3 }] })).toEqual({ rows: [{ at: 1000, to: 'officer', value: 3 }] })
  })
})

describe('arithmetic', () => {
  it('is written out', () => {
    expect(multipleWorking(verdict())).toBe('(67.4 − 50) ÷ 50 = ')
    expect(multipleWorking(verdict({ held: null }))).toBeNull()
    expect(splitWorking('62.0 × (21 − 6) ÷ (21 − 7.2) = 67.4')).toEqual({ left: '62.0 × (21 − 6) ÷ (21 − 7.2) = ', result: '67.4' })
    expect(splitWorking(null)).toBeNull()
    expect(convertWorking({ value: 52.1475, measured: 48.7, oxygen: 6.9917 }, 6)).toBe('48.7 × (21 − 6) ÷ (21 − 6.99) = 52.1')
    expect(convertWorking({ value: 60, measured: 48.7, oxygen: 6.9917 }, 6)).toBeNull()
    expect(convertWorking({ value: 60, measured: 48.7, oxygen: 21 }, 6)).toBeNull()
  })
})

describe('chart', () => {
  it('fills only exceedances that count, of that factor and period', () => {
    const list = [verdict(), verdict({ counts: false }), verdict({ gone: true }), verdict({ factor: 'x' }), verdict({ period: '24h' }), verdict({ kind: 'constant' })]
    expect(oversOf(list, 'a21002', '1h')).toHaveLength(1)
    expect(worstOf([verdict(), verdict({ number: 'CP2', multiple: 0.5 }), verdict({ multiple: 9, counts: false })])?.number).toBe('CP2')
  })
  it('lays own converted means over the line and leaves the rest', () => {
    const laid = overlayMeans(line, [mean(HOUR, 2.4)], 'a21002', true)
    expect(laid?.mean).toEqual([1, 2.4])
    expect(laid?.field).toBe('ZsAvg')
    expect(overlayMeans(line, [mean(HOUR, null)], 'a21002', true)).toBe(line)
    expect(overlayMeans(line, [mean(0, 9)], 'a21002', false)?.mean).toEqual([1.5, 2])
  })
  it('bands cover the panes they name', () => {
    const mark: Mark = { id: 1, outlet: 1, from: 0, to: null, axis: 'equipment', value: 'maintenance', zh: '', en: 'maintenance', factors: ['a34013'], counts: false, usable: false, automatic: false, disputed: false, withdrawn: false, reason: null, by: null, by_name: null, set_at: null, deadline: null, late: false, version: 1, versions_n: 1, evidence: [] }
    const [band] = markBands([mark, { ...mark, id: 2, withdrawn: true }, { ...mark, id: 3, value: 'normal' }], false, 5)
    expect(markBands([mark], false, 5)).toHaveLength(1)
    expect(band).toMatchObject({ code: 'M', word: 'maintenance', to: 5 })
    expect(coversFactor(band as never, 'a34013')).toBe(true)
    expect(coversFactor(band as never, 'a21002')).toBe(false)
    expect(coversFactor({ factors: [] }, 'a21002')).toBe(true)
  })
  it('knows a bad mean', () => {
    expect(isBad(mean(0, 1))).toBe(false)
    expect(isBad({ ...mean(0, 1), validity: 'invalid' })).toBe(true)
  })
})
