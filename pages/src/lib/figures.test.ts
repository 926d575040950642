import { readFileSync, readdirSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { figureName } from './figures'

const folder = new URL('../../../share/rules/', import.meta.url)

describe('figures', () => {
  it('every figure of a rule has words in both languages', () => {
    const names = new Set<string>()
    for (const file of readdirSync(folder).filter((f) => f.endsWith('.yaml')))
      for (const m of readFileSync(new URL(file, folder), 'utf8').matchAll(/^ {6}([a-z0-9_]+): \{value/gm)) names.add(m[1] as string)
    expect(names.size).toBeGreaterThan(60)
    expect([...names].filter((n) => figureName(n, true) === n)).toEqual([])
    expect([...names].filter((n) => figureName(n, false) === n && n.includes('_'))).toEqual([])
  })
  it('bands and unknown ones', () => {
    expect(figureName('relative_3', true)).toBe('相对误差（第 3 档）')
    expect(figureName('above_2', false)).toBe('above (band 2)')
    expect(figureName('new_thing', true)).toBe('new_thing')
  })
})
