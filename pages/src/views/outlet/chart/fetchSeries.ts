// A series as the limit wants it: factors judged converted come converted where the device sends that, the others as measured.
import { get } from '../../../api/client'
import type { Kind, Series, SeriesFactor } from '../../../api/types'
import type { Range } from '../../../lib/time'

export interface Wanted { code: string; converted: boolean }

export async function fetchSeries(
  outlet: number,
  kind: Kind,
  factors: readonly Wanted[],
  window: Range,
  points: number,
  signal?: AbortSignal,
): Promise<Map<string, SeriesFactor>> {
  const ask = async (codes: string[], field?: string): Promise<SeriesFactor[]> => {
    if (codes.length === 0) return []
    const query = { kind, factors: codes.join(','), field, from: Math.round(window.from), to: Math.round(window.to), points }
    return (await get<Series>(`/api/outlets/${outlet}/series`, query, signal)).factors
  }
  const converted = factors.filter((f) => f.converted).map((f) => f.code)
  const [plain, told] = await Promise.all([
    ask(factors.filter((f) => !f.converted).map((f) => f.code)),
    ask(converted, kind === 'real' ? 'ZsRtd' : 'ZsAvg'),
  ])
  const without = converted.filter((code) => !told.some((f) => f.code === code && f.t.length > 0))
  const measured = await ask(without)
  return new Map([...plain, ...told, ...measured].map((f) => [f.code, f]))
}

export const isConverted = (f: SeriesFactor | null): boolean => f !== null && f.t.length > 0 && f.field.startsWith('Zs')
