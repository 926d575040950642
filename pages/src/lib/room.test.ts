import { describe, expect, it } from 'vitest'
import type { RoomEvent } from '../api/deviceTypes'
import { isChange, isOdd, isOpenable, readings, sourceOf } from './room'

const event = (more: Partial<RoomEvent>): RoomEvent => ({ time: 1, kind: 'temperature', state: 'ok', value: null, unit: null, text: null, source: 'packet', by: null, journal: 'p0', position: '1', ...more })

describe('station room', () => {
  it('tells changes from readings in order', () => {
    expect(isChange(event({ value: '23.5' }))).toBe(false)
    expect(isChange(event({ state: 'fault' }))).toBe(true)
    expect(isChange(event({ kind: 'door', state: 'open' }))).toBe(true)
    expect(isOdd(event({ kind: 'door', state: 'open' }))).toBe(false)
    expect(isOdd(event({ kind: 'power', state: 'lost' }))).toBe(true)
  })
  it('draws only numbers, oldest first', () => {
    const list = [event({ time: 3, value: '24.1' }), event({ time: 2, value: 'n/a' }), event({ time: 1, value: '23' }), event({ time: 0, value: '22' }), event({ time: 2, value: '' })]
    expect(readings(list, 'temperature', 1)).toEqual([{ t: 1, v: 23 }, { t: 3, v: 24.1 }])
  })
  it('names sources', () => {
    expect(sourceOf({ source: 'hook:video', by: null })).toEqual({ kind: 'hook', name: 'video' })
    expect(sourceOf({ source: 'person', by: 'officer' })).toEqual({ kind: 'person', name: 'officer' })
  })
  it('opens no script', () => {
    expect(isOpenable('javascript:alert(1)')).toBe(false)
    expect(isOpenable('//evil.example')).toBe(false)
    expect(isOpenable('rtsp://10.1.1.1/x')).toBe(true)
    expect(isOpenable('https://video.example/?t=1')).toBe(true)
  })
})
