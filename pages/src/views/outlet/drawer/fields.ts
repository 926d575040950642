// Which field of a value is its number, and in which order fields are shown.
import type { Kind } from '../../../api/types'

const ORDER = ['Rtd', 'Avg', 'ZsRtd', 'ZsAvg', 'Min', 'Max', 'Cou', 'ZsMin', 'ZsMax']

/** The mean of a period, or the reading of a moment; converted where the limit is for that and the device sends it. */
export function leadField(kind: Kind, fields: readonly string[], converted = false): string | null {
  const measured = kind === 'real' ? ['Rtd', 'Avg'] : ['Avg', 'Rtd']
  const wanted = converted ? [kind === 'real' ? 'ZsRtd' : 'ZsAvg', ...measured] : measured
  return wanted.find((f) => fields.includes(f)) ?? fields.find((f) => f !== 'Flag' && f !== 'EFlag') ?? null
}

export function shownFields(all: readonly string[]): string[] {
  const set = new Set(all)
  set.delete('Flag')
  set.delete('EFlag')
  return [...ORDER.filter((f) => set.delete(f)), ...[...set].sort()]
}
