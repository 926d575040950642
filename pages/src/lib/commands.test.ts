import { describe, expect, it } from 'vitest'
import catalogue from '../../mock/catalogue.json'
import type { Asked, CommandParam, CommandSpec } from '../api/deviceTypes'
import { answerValue, argumentsOf, faultOf, groupOf, lookOf, matches, paramsOf, rangeFault, splitAnswer, stepsOf } from './commands'

const specs = catalogue as unknown as CommandSpec[]
const spec = (key: string): CommandSpec => specs.find((s) => s.key === key) as CommandSpec
const param = (key: string, name: string): CommandParam => spec(key).params.find((p) => p.name === name) as CommandParam
const asked = (more: Partial<Asked>): Asked => ({ state: 'waiting', outcome: null, attempts: 0, sent: null, accepted: null, ended: null, answers: [], uploads: 0, ...more }) as Asked
const place = { arrival: 1, journal: 'p0', position: '1' }

describe('commands', () => {
  it('fall into four groups', () => {
    expect([spec('set-clock'), spec('minute-data'), spec('calibrate'), spec('get-info'), spec('get-serial')].map(groupOf)).toEqual(['parameters', 'data', 'control', 'information', 'information'])
  })
  it('are found by number and by word', () => {
    expect(specs.filter((s) => matches(s, '1012')).map((s) => s.key)).toEqual(['set-clock'])
    expect(specs.filter((s) => matches(s, '时钟')).length + specs.filter((s) => matches(s, 'clock')).length).toBeGreaterThan(0)
  })
  it('show only the parameters of a version', () => {
    expect(paramsOf(spec('calibrate'), 2017).map((p) => p.name)).toEqual(['PolId'])
    expect(paramsOf(spec('calibrate'), 2025).map((p) => p.name)).toEqual(['PolId', 'CalibrationType'])
  })
  it('say what is wrong with a value', () => {
    const interval = param('set-realtime-interval', 'RtdInterval')
    expect(faultOf(interval, '')).toEqual({ word: 'required' })
    expect(faultOf(interval, '29')).toEqual({ word: 'range', gaps: { least: 30, most: 3600 } })
    expect(faultOf(interval, '3O')).toEqual({ word: 'number' })
    expect(faultOf(interval, '60')).toBeNull()
    expect(faultOf(param('set-minute-interval', 'MinInterval'), '7')).toEqual({ word: 'choice' })
    expect(faultOf(param('minute-data', 'BeginTime'), '2026-11-31 00:00:00')).toEqual({ word: 'time' })
    expect(faultOf(param('set-clock', 'SystemTime'), '@now')).toBeNull()
    expect(faultOf(param('set-clock', 'SystemTime'), '')).toBeNull()
    expect(faultOf(param('minute-data', 'BeginTime'), '@now')).toEqual({ word: 'time' })
    expect(faultOf(param('set-sampling-period', 'CstartTime'), '24:00:00')).toEqual({ word: 'clock6' })
    expect(faultOf(param('set-password', 'NewPW'), '12345;')?.word).toBe('text')
    expect(faultOf(param('set-password', 'NewPW'), '12345')?.word).toBe('text')
    expect(faultOf(param('get-info', 'InfoId'), 'i12001, i12002')).toBeNull()
    expect(faultOf(param('get-info', 'InfoId'), 'a21002')?.word).toBe('code')
    expect(faultOf(param('set-info', 'Info'), '中文值')).toBeNull()
  })
  it('want a range in order', () => {
    expect(rangeFault({ BeginTime: '2026-11-23 13:00:00', EndTime: '2026-11-23 13:00:00' })).toEqual({ word: 'order' })
    expect(rangeFault({ BeginTime: '2026-11-23 13:00:00', EndTime: '2026-11-23 14:00:00' })).toBeNull()
  })
  it('go to the API as digits', () => {
    expect(argumentsOf(spec('minute-data').params, { BeginTime: '2026-11-23 13:00:00', EndTime: '2026-11-23 14:00' })).toEqual({ BeginTime: '20261123130000', EndTime: '20261123140000' })
    expect(argumentsOf(spec('set-clock').params, { PolId: '', SystemTime: '@now' })).toEqual({ SystemTime: '@now' })
    expect(argumentsOf(spec('get-info').params, { InfoId: 'i12001， i12002' })).toEqual({ InfoId: 'i12001,i12002' })
  })
  it('show how far they have come', () => {
    const at = (c: Asked, key: string): string[] => stepsOf(c, spec(key)).map((s) => s.at)
    expect(at(asked({}), 'get-clock')).toEqual(['done', 'now', 'ahead', 'ahead', 'ahead'])
    expect(at(asked({ state: 'accepted', sent: place, attempts: 1, accepted: place }), 'set-clock')).toEqual(['done', 'done', 'done', 'now'])
    expect(at(asked({ state: 'ended', outcome: 'no_answer', sent: place, attempts: 4 }), 'set-clock')).toEqual(['done', 'done', 'stopped', 'ahead'])
    expect(at(asked({ state: 'ended', outcome: 'done', sent: place, attempts: 1 }), 'stop-realtime')).toEqual(['done', 'done', 'done'])
    expect(at(asked({ state: 'ended', outcome: 'no_data', sent: place, attempts: 1, accepted: place }), 'minute-data')).toEqual(['done', 'done', 'done', 'ahead', 'done'])
    expect(at(asked({ state: 'unknown', sent: place, attempts: 1 }), 'calibrate')).toEqual(['done', 'done', 'stopped', 'ahead'])
  })
  it('never draw an unknown outcome as a success', () => {
    expect(lookOf({ state: 'unknown', outcome: null })).toBe('warn')
    expect(lookOf({ state: 'ended', outcome: 'done' })).toBe('ok')
    expect(lookOf({ state: 'ended', outcome: 'no_data' })).toBe('none')
    expect(lookOf({ state: 'not_sent', outcome: null })).toBe('none')
  })
  it('are answered with a table of factors and with single items', () => {
    const item = (name: string, value: string) => ({ name, value, zh: name, en: name })
    const { single, factors } = splitAnswer([item('DataTime', '20261118180000'), item('a21026-Avg', '16.49'), item('a21026-Flag', 'N'), item('a21002-Avg', '38.5'), item('i12001-Info', '0')])
    expect(single.map((x) => x.name)).toEqual(['DataTime', 'i12001-Info'])
    expect(factors).toEqual([{ factor: 'a21026', fields: { Avg: '16.49', Flag: 'N' } }, { factor: 'a21002', fields: { Avg: '38.5' } }])
    expect(answerValue('DataTime', '20261118180000')).toBe('2026-11-18 18:00:00')
    expect(answerValue('i12001-Info', '20261118180000')).toBe('20261118180000')
  })
})
