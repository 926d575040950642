import { describe, expect, it } from 'vitest'
import en from '../i18n/en'
import zh from '../i18n/zh'
import { CONDITIONS, EQUIPMENT, markFault, valuesOf, type MarkDraft } from './marks'

const draft = (more: Partial<MarkDraft> = {}): MarkDraft => ({ from: 0, to: 3_600_000, axis: 'condition', value: 'stopped', factors: [], counts: false, reason: 'because', evidence: [], ...more })

describe('a mark', () => {
  it('has words for every value on either axis', () => {
    for (const v of CONDITIONS) expect([zh.conditionMark[v], en.conditionMark[v]].every(Boolean), v).toBe(true)
    for (const v of EQUIPMENT) expect([zh.equipmentMark[v], en.equipmentMark[v]].every(Boolean), v).toBe(true)
    expect(valuesOf('equipment')).toContain('calibration')
  })
  it('is looked at before it is sent', () => {
    expect(markFault(draft(), 0)).toBeNull()
    expect(markFault(draft({ from: null }), 0)).toBe('time')
    expect(markFault(draft({ to: 0 }), 0)).toBe('order')
    expect(markFault(draft({ to: 400 * 86_400_000 }), 0)).toBe('long')
    expect(markFault(draft({ from: 3 * 86_400_000, to: 4 * 86_400_000 }), 0)).toBe('future')
    expect(markFault(draft({ reason: ' ' }), 0)).toBe('reason')
    expect(markFault(draft({ evidence: ['x'] }), 0)).toBe('evidence')
  })
})
