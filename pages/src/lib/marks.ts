// The two axes of marks and what may be set on each; the words are in the language files.
export const CONDITIONS = ['normal', 'drying', 'startup', 'shutdown', 'cooling', 'stopped', 'fault', 'accident', 'grid', 'offgrid', 'banked'] as const
export const EQUIPMENT = ['maintenance', 'calibration', 'check', 'fault', 'communication', 'thermocouple', 'over-range', 'power', 'manual'] as const
export type Axis = 'condition' | 'equipment'
export const valuesOf = (axis: Axis): readonly string[] => (axis === 'condition' ? CONDITIONS : EQUIPMENT)

export interface MarkDraft { from: number | null; to: number | null; axis: Axis; value: string; factors: string[]; counts: boolean; reason: string; evidence: string[] }
export type MarkFault = 'time' | 'order' | 'long' | 'future' | 'reason' | 'evidence' | null

const LONGEST = 366 * 86_400_000
/** What is wrong with a mark before it is sent; the server looks again. */
export function markFault(d: MarkDraft, now: number): MarkFault {
  if (d.from === null || d.to === null) return 'time'
  if (d.to <= d.from) return 'order'
  if (d.to - d.from > LONGEST) return 'long'
  if (d.from > now + 86_400_000) return 'future'
  if (!d.reason.trim()) return 'reason'
  return d.evidence.every((e) => /^[0-9a-f]{64}$/.test(e)) ? null : 'evidence'
}
