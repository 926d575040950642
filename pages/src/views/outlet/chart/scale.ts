// The value axis of a pane: from zero for concentrations and flow; kept while panning unless the data outgrow it.
import type { SeriesFactor } from '../../../api/types'
import { niceTop } from '../../../lib/numbers'
import { extent } from '../../../lib/series'
import type { Range } from '../../../lib/time'

export interface ValueScale { low: number; top: number }

export function chooseScale(
  parts: (SeriesFactor | null)[],
  window: Range,
  limit: number | null,
  float: boolean,
  before: ValueScale | null,
): ValueScale {
  let low = Infinity
  let high = -Infinity
  for (const part of parts) {
    const e = extent(part, window)
    if (e) {
      low = Math.min(low, e.low)
      high = Math.max(high, e.high)
    }
  }
  if (high < low) return before ?? { low: 0, top: limit !== null ? niceTop(limit * 1.3) : 1 }
  if (float) {
    const pad = Math.max((high - low) * 0.15, Math.abs(high) * 0.02, 1e-6)
    const step = niceTop((high - low + 2 * pad) / 4)
    const wanted = { low: low < 0 ? Math.floor((low - pad) / step) * step : Math.max(0, Math.floor((low - pad) / step) * step), top: Math.ceil((high + pad) / step) * step }
    return keeps(before, wanted) ? (before as ValueScale) : wanted
  }
  const wanted = { low: Math.min(0, low), top: niceTop(Math.max(high * 1.06, limit !== null ? limit * 1.2 : 0)) }
  return keeps(before, wanted) ? (before as ValueScale) : wanted
}

/** The old scale stays when the data fit into it and fill at least half of it. */
function keeps(before: ValueScale | null, wanted: ValueScale): boolean {
  if (!before) return false
  return wanted.low >= before.low - 1e-9 && wanted.top <= before.top + 1e-9 && wanted.top - wanted.low > (before.top - before.low) * 0.5
}
