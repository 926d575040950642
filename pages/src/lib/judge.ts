// What the judge says, as people read it: times made equal, arithmetic written out, marks as bands, hour means laid over the device's own.
import type { Mark, Mean, Verdict } from '../api/judgeTypes'
import type { SeriesFactor } from '../api/types'
import { measured, plain } from './numbers'
import type { Stretch } from './series'

/** Milliseconds, whatever form a time came in: milliseconds, microseconds, or text with an offset. */
export function msOf(v: unknown): number | null {
  if (typeof v === 'number' && Number.isFinite(v)) return Math.abs(v) > 1e14 ? Math.round(v / 1000) : v
  if (typeof v !== 'string' || v === '') return null
  const ms = Date.parse(v)
  return Number.isFinite(ms) ? ms : null
}

const TIMES = new Set(['from', 'to', 'at', 'due', 'deadline', 'set_at', 'now', 'since', 'time', 'worst_at'])

/** Every time in an answer as milliseconds; the shape stays. `to` of a step or a hand-over is a name and stays one. */
export function withTimes<T>(v: T): T {
  if (Array.isArray(v)) return v.map((x) => withTimes(x as unknown)) as T
  if (v === null || typeof v !== 'object') return v
  return Object.fromEntries(
    Object.entries(v).map(([k, x]) => {
      if (typeof x === 'object') return [k, withTimes(x)]
      return [k, TIMES.has(k) ? (msOf(x) ?? x) : x]
    }),
  ) as T
}

/** The number a mean is judged by. */
export const judgedValue = (m: Pick<Mean, 'converted' | 'mean'>): number | null => m.converted ?? m.mean

/** Such a mean is never shown without its reason. */
export const isBad = (m: Mean): boolean => m.validity === 'invalid' || m.validity === 'no-data'

/** Where the working was not given: (value − limit) ÷ limit = multiple. */
export function multipleWorking(v: Pick<Verdict, 'value' | 'held' | 'multiple'>): string | null {
  if (v.value === null || v.held === null || v.multiple === null || !(v.held > 0)) return null
  return `(${measured(v.value)} − ${plain(v.held)}) ÷ ${plain(v.held)} = `
}

export const multipleText = (multiple: number | null): string => (multiple === null ? '–' : multiple.toFixed(2).replace('-', '−'))

/** The working of a conversion ends in its result: the result is what one looks for. */
export function splitWorking(working: string | null): { left: string; result: string } | null {
  if (!working) return null
  const i = working.lastIndexOf('=')
  return i < 0 ? { left: working, result: '' } : { left: `${working.slice(0, i).trim()} = `, result: working.slice(i + 1).trim() }
}

/** The working of a conversion where the server gives only its parts; null when the arithmetic does not come out. Air has 21 % of oxygen in these rules. */
export function convertWorking(v: Pick<Verdict, 'value' | 'measured' | 'oxygen'>, reference: number | null | undefined): string | null {
  const { value, measured: c, oxygen } = v
  if (value === null || c === null || oxygen === null || reference === null || reference === undefined || oxygen >= 21) return null
  const made = (c * (21 - reference)) / (21 - oxygen)
  return Math.abs(made - value) <= Math.max(0.005 * Math.abs(value), 1e-9) ? `${measured(c)} × (21 − ${plain(reference)}) ÷ (21 − ${measured(oxygen)}) = ${measured(value)}` : null
}

const CODES: Record<string, string> = {
  stopped: 'F', startup: 'St', shutdown: 'Sd', drying: 'Hl', cooling: 'Jw', banked: 'Mh', fault: 'D', accident: 'Sg', grid: 'Bw', offgrid: 'Jl',
  maintenance: 'M', calibration: 'C', check: 'Q', communication: 'B', thermocouple: 'R', 'over-range': 'T', power: 'P', manual: 'S', unknown: '?',
}
/** The boxed letter of a mark in the lane above the chart. */
export const markCode = (value: string): string => CODES[value] ?? '?'

export interface MarkBand extends Stretch { code: string; word: string; disputed: boolean; usable: boolean; factors: readonly string[]; id: number }

export const markBands = (marks: readonly Mark[], zh: boolean, until: number): MarkBand[] =>
  marks
    .filter((m) => !m.withdrawn && m.value !== 'normal')
    .map((m) => ({ id: m.id, from: m.from, to: m.to ?? until, code: markCode(m.value), word: zh ? m.zh : m.en, disputed: m.disputed, usable: m.usable, factors: m.factors }))

/** A band covers a pane when it names no factor or that one. */
export const coversFactor = (band: Pick<MarkBand, 'factors'>, code: string): boolean => band.factors.length === 0 || band.factors.includes(code)

/** Own converted means in place of the device's, row by row; where there is no own mean the device's stays. */
export function overlayMeans(line: SeriesFactor | undefined, means: readonly Mean[], code: string, converted: boolean): SeriesFactor | undefined {
  if (!line || line.t.length === 0) return line
  const own = new Map<number, number>()
  for (const m of means) {
    const v = m.factor !== code ? null : converted ? m.converted : m.mean
    if (v !== null && v !== undefined) own.set(m.from, v)
  }
  if (own.size === 0) return line
  const pick = (old: readonly number[]): number[] => old.map((v, i) => ((line.n[i] ?? 1) > 1 ? v : (own.get(line.t[i] as number) ?? v)))
  return { ...line, field: converted ? 'ZsAvg' : line.field, mean: pick(line.mean), min: pick(line.min), max: pick(line.max) }
}

export interface Over extends Stretch { value: number; held: number; multiple: number | null }

/** Exceedances of a factor that count, for the fill between limit and mean. */
export const oversOf = (verdicts: readonly Verdict[], code: string, period: string): Over[] =>
  verdicts
    .filter((v) => v.kind === 'exceedance' && !v.gone && v.counts && v.factor === code && v.period === period && v.value !== null && v.held !== null)
    .map((v) => ({ from: v.from, to: v.to, value: v.value as number, held: v.held as number, multiple: v.multiple }))
    .sort((a, b) => a.from - b.from)

/** The worst of today: the greatest multiple. */
export const worstOf = (verdicts: readonly Verdict[]): Verdict | null =>
  verdicts.filter((v) => v.kind === 'exceedance' && !v.gone && v.counts && v.multiple !== null).sort((a, b) => (b.multiple as number) - (a.multiple as number))[0] ?? null
