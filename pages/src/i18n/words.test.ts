import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import en from './en'
import zh from './zh'

const SRC = new URL('..', import.meta.url).pathname
const flat = (o: object, at = ''): [string, string][] =>
  Object.entries(o).flatMap(([k, v]) => (typeof v === 'string' ? [[at + k, v] as [string, string]] : flat(v as object, `${at}${k}.`)))
const zhWords = new Map(flat(zh))
const enWords = new Map(flat(en))
const sources = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .filter((name) => /\.(vue|ts)$/.test(name) && !name.endsWith('.test.ts'))
  .map((name) => [name, readFileSync(join(SRC, name), 'utf8')] as const)

describe('words', () => {
  it('exist in both languages with the same gaps to fill', () => {
    expect([...enWords.keys()].sort()).toEqual([...zhWords.keys()].sort())
    const gaps = (text: string | undefined): string[] => [...(text ?? '').matchAll(/\{(\w+)\}/g)].map((m) => m[1] as string).sort()
    for (const [key, text] of zhWords) expect(gaps(enWords.get(key)), key).toEqual(gaps(text))
  })
  it('are Chinese only in the Chinese file, the short names and the two date words', () => {
    for (const [key, text] of enWords) expect(/[\u4e00-\u9fff]/.test(text), key).toBe(false)
    const allowed = /^(i18n\/zh\w*\.ts|lib\/factors\.ts|lib\/time\.ts|api\/client\.ts|views\/SignIn\.vue|shell\/UserMenu\.vue|views\/outlet\/chart\/ChartStack\.vue)$/
    for (const [name, text] of sources) if (!allowed.test(name)) expect(/[\u4e00-\u9fff]/.test(text), name).toBe(false)
  })
  it('are all there that the pages ask for', () => {
    for (const [name, text] of sources) {
      for (const m of text.matchAll(/\bt\('([\w.]+)'/g)) expect(zhWords.has(m[1] as string), `${name}: ${m[1]}`).toBe(true)
    }
  })
  it('say nothing the program must not say', () => {
    for (const [key, text] of zhWords) expect(/违法|造假|罚款/.test(text), key).toBe(false)
  })
})
