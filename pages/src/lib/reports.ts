// How rates and reports are written and where they are asked for.
import type { ReportPeriod } from '../api/reportTypes'
import { measured } from './numbers'

export const PERIODS: ReportPeriod[] = ['day', 'month', 'quarter', 'year']

/** A rate as percent with two places, an en dash where there is none. */
export const percent = (rate: number | null | undefined, places = 2): string => measured(rate === null || rate === undefined ? null : rate * 100, places)

/** Key of the word for a confidence: its signs are not fit for one. */
export const confidenceKey = (c: string): string => ({ 'R+': 'Rplus', 'R-': 'Rminus', O: 'O', S: 'S', C: 'C' })[c] ?? 'none'

/** How a rate stands to the figures that lists are drawn at: below the lower one it wants attention most. */
export function rateState(rate: number | null, low: number | null, bad: number | null): 'ok' | 'attention' | 'none' {
  if (rate === null) return 'none'
  return (low !== null && rate < low) || (bad !== null && rate < bad) ? 'attention' : 'ok'
}

/** Figures as somebody types them: one pair of numbers a line; null when a line is none. */
export function readPairs(text: string, most = 16): { reference: number[]; measured: number[] } | null {
  const reference: number[] = []
  const got: number[] = []
  for (const line of text.split('\n')) {
    if (!line.trim()) continue
    const parts = line.trim().split(/[\s,;]+/).map(Number)
    if (parts.length !== 2 || !parts.every(Number.isFinite)) return null
    reference.push(parts[0] as number)
    got.push(parts[1] as number)
  }
  return reference.length <= most ? { reference, measured: got } : null
}
