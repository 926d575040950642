import { describe, expect, it } from 'vitest'
import type { AlarmRow } from '../api/judgeTypes'
import type { Judged, WatchOutlet } from '../api/types'
import { gravest, hourMean, inShownOrder, shareOfHour, shownOutlet } from './shown'

const outlet = (id: number, more: Partial<WatchOutlet> = {}): WatchOutlet => ({ id, code: 'DA001', name: '', kind: 'air', enterprise: { id: 1, name: 'A', short_name: null }, area: '', lon: null, lat: null, state: 'online', last_arrival: 1, last_time: 1, main: { factor: 'a21002', unit: 'mg/m3', value: '99', time: 1, limit: 50 }, spark: [30, 40, null], ...more })
const alarm = (kind: string, more: Partial<AlarmRow> = {}): AlarmRow => ({ number: kind, outlet: { id: 1, code: '', name: '' }, enterprise: { id: 1, name: '' }, kind, severity: 1, factor: 'a21026', period: '1h', converted: false, from: 0, to: null, open: true, value: 38.9, held: 30, multiple: 0.3, unit: 'mg/m3', text_zh: '', text_en: '', stage: 'raised', due: null, overdue: false, steps_n: 1, verdict: null, ...more })

const judged = (state: Judged['state'], more: Partial<Judged> = {}): Judged => ({ factor: 'a1', unit: 'u', value: 1, limit: 2, period: '1h', converted: false, from: 0, state, ...more })

describe('states people see', () => {
  it('come from verdicts, not from the newest value', () => {
    expect(shownOutlet(outlet(1), null).state).toBe('ok')
    expect(shownOutlet(outlet(1), alarm('exceedance'))).toMatchObject({ state: 'over', hour: { factor: 'a21026', value: 38.9, limit: 30 } })
    expect(shownOutlet(outlet(1), alarm('exceedance', { open: false })).state).toBe('ok')
    expect(shownOutlet(outlet(1), alarm('constant')).state).toBe('attention')
    expect(shownOutlet(outlet(1, { state: 'late' }), null).state).toBe('attention')
    expect(shownOutlet(outlet(1, { state: 'never' }), null).state).toBe('none')
    expect(shownOutlet(outlet(1, { spark: [30, 47, null] }), null).state).toBe('attention')
  })
  it('what the judge said of the hour stands before what the page would reckon', () => {
    expect(shownOutlet(outlet(1, { judged: judged('over') }), null).state).toBe('over')
    expect(shownOutlet(outlet(1, { judged: judged('attention') }), null).state).toBe('attention')
    expect(shownOutlet(outlet(1, { spark: [30, 49, null], judged: judged('ok') }), null).state).toBe('ok')
    expect(shownOutlet(outlet(1, { state: 'silent', judged: judged('over') }), null).state).toBe('none')
    expect(shareOfHour(hourMean(outlet(1, { judged: judged('invalid', { value: 9 }) })))).toBeNull()
  })
  it('an hour is the newest whole one that came', () => {
    expect(hourMean(outlet(1))?.value).toBe(40)
    expect(hourMean(outlet(1, { spark: [30, null, 7] }))?.value).toBe(30)
    expect(hourMean(outlet(1, { judged: judged('ok') }))).toEqual({ factor: 'a1', unit: 'u', value: 1, limit: 2, period: '1h', invalid: false })
    expect(shareOfHour({ factor: '', unit: '', value: 40, limit: 50 })).toBe(0.8)
    expect(shareOfHour({ factor: '', unit: '', value: 40, limit: null })).toBeNull()
  })
  it('stand in order: over, attention, none, ok', () => {
    const list = [outlet(1), outlet(2, { state: 'silent' }), outlet(3, { state: 'late' }), outlet(4)].map((o) => shownOutlet(o, o.id === 4 ? alarm('exceedance') : null))
    expect(inShownOrder(list).map((s) => s.outlet.id)).toEqual([4, 3, 2, 1])
    expect(gravest([alarm('constant'), alarm('exceedance'), alarm('silent')]).get(1)?.kind).toBe('exceedance')
    expect(gravest([alarm('exceedance', { stage: 'closed' })]).size).toBe(0)
    expect(gravest([alarm('exceedance', { open: false }), alarm('constant')]).get(1)?.kind).toBe('constant')
  })
})
