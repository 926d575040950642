import { describe, expect, it } from 'vitest'
import type { Run } from '../api/types'
import { byteRows, fromHex, tintsOf } from './bytes'

const text = '##0010PW=123456;MN=A;a1-Rtd=1;a1-Flag=N;a2-Rtd=2\r\n'
const hex = [...text].map((c) => c.charCodeAt(0).toString(16).padStart(2, '0')).join('')
const run = (piece: string, role: Run['role'], more: Partial<Run> = {}): Run => ({ offset: text.indexOf(piece), length: piece.length, role, ...more })
const runs: Run[] = [
  run('##0010', 'frame'), run('123456', 'password'), run('MN=A;', 'address'),
  run('a1-Rtd=1;', 'factor', { factor: 'a1', field: 'Rtd' }), run('a1-Flag=N;', 'factor', { factor: 'a1', field: 'Flag' }), run('a2-Rtd=2', 'factor', { factor: 'a2', field: 'Rtd' }),
]

describe('bytes of a packet', () => {
  it('come back from hexadecimal', () => expect(String.fromCharCode(...fromHex(hex))).toBe(text))
  it('stand in rows of the asked width with their offsets', () => {
    const rows = byteRows({ hex, runs }, false, 20)
    expect(rows.map((r) => r.offset)).toEqual([0, 20, 40])
    expect(rows.map((r) => r.pieces.map((p) => p.text).join('').length)).toEqual([20, 20, text.length - 40])
  })
  it('never show a password, and show line ends', () => {
    const shown = byteRows({ hex, runs }, false, 100)[0]?.pieces.map((p) => p.text).join('')
    expect(shown).toContain('PW=••••••;')
    expect(shown).not.toContain('123456')
    expect(shown?.endsWith('←↵')).toBe(true)
  })
  it('tint every other factor and put the value in hand on the accent', () => {
    const tints = tintsOf(text.length, runs, { factor: 'a2', field: 'Rtd' })
    expect(tints[0]).toBe('frame')
    expect(tints[text.indexOf('a1-Rtd')]).toBe('plain')
    expect(tints[text.indexOf('a2-Rtd')]).toBe('hot')
    expect(tintsOf(text.length, runs, null)[text.indexOf('a2-Rtd')]).toBe('factor')
  })
  it('write hexadecimal byte by byte', () => {
    expect(byteRows({ hex: '23230A', runs: [] }, true, 17)[0]?.pieces.map((p) => p.text).join('')).toBe('23 23 0A')
  })
  it('stay inside the packet when a run does not', () => {
    expect(tintsOf(4, [{ offset: 2, length: 99, role: 'frame' }])).toEqual(['plain', 'plain', 'frame', 'frame'])
  })
})
