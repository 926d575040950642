import { describe, expect, it } from 'vitest'
import { parseRewrite, rewriteText } from './rewrite'

describe('rewritten MNs', () => {
  it('are read as they are written', () => {
    const rows = [{ mn: 'A1', to: 'B2' }, { mn: '010000A8900016F000169DC0', to: '88888880000000000000A31F' }]
    expect(parseRewrite(rewriteText(rows))).toEqual({ rows, bad: null })
    expect(parseRewrite('\n A1 → B2 \n\n')).toEqual({ rows: [{ mn: 'A1', to: 'B2' }], bad: null })
  })
  it('name the line that is none', () => {
    expect(parseRewrite('A1 B2\nC3').bad).toBe(2)
    expect(parseRewrite('A1 B2\nA1 C3').bad).toBe(2)
    expect(parseRewrite('A1 B;2').bad).toBe(1)
  })
})
