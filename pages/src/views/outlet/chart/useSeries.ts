// The data of a window: asked for again whenever the window, kind or width changes; the old drawing stays until the new data are here.
import { onScopeDispose, ref, shallowRef, watch, type Ref } from 'vue'
import type { Kind, SeriesFactor } from '../../../api/types'
import { FINER } from '../../../lib/series'
import { HOUR, type Range } from '../../../lib/time'
import { fetchSeries, type Wanted } from './fetchSeries'

export interface Loaded {
  kind: Kind
  finer: Kind | null
  window: Range
  line: Map<string, SeriesFactor>
  env: Map<string, SeriesFactor>
}

const WAIT_MS = 70
const MARGIN = 0.25 // on either side, so that panning shows something at once

/** The kind whose extremes stand behind the line; a narrow window goes straight to the real-time data. */
export function finerFor(kind: Kind, width: number): Kind | null {
  const finer = FINER[kind]
  return finer === 'minute' && width <= 6 * HOUR ? 'real' : finer
}

export function useSeries(outlet: Ref<number>, factors: Ref<Wanted[]>, kind: Ref<Kind>, range: Ref<Range>, width: Ref<number>) {
  const loaded = shallowRef<Loaded | null>(null)
  const loading = ref(false)
  const error = ref<unknown>(null)
  let stop: AbortController | null = null
  let timer = 0

  async function ask(): Promise<void> {
    stop?.abort()
    const mine = (stop = new AbortController())
    const { from, to } = range.value
    const margin = Math.round((to - from) * MARGIN)
    const window = { from: from - margin, to: to + margin }
    const want = kind.value
    const finer = finerFor(want, to - from)
    const points = Math.max(200, Math.round(width.value * (1 + 2 * MARGIN)))
    const fetchKind = (k: Kind) => fetchSeries(outlet.value, k, factors.value, window, points, mine.signal)
    if (factors.value.length === 0) return
    loading.value = true
    try {
      const [line, env] = await Promise.all([fetchKind(want), finer ? fetchKind(finer) : null])
      if (mine !== stop) return
      loaded.value = { kind: want, finer, window, line, env: env ?? new Map() }
      error.value = null
    } catch (e) {
      if ((e as Error).name !== 'AbortError' && mine === stop) error.value = e
    } finally {
      if (mine === stop) loading.value = false
    }
  }
  const soon = (): void => {
    window.clearTimeout(timer)
    loading.value = factors.value.length > 0
    timer = window.setTimeout(() => void ask(), loaded.value ? WAIT_MS : 0)
  }
  watch([outlet, factors, kind, range, width], soon, { immediate: true })
  onScopeDispose(() => {
    window.clearTimeout(timer)
    stop?.abort()
    stop = null
  })
  return { loaded, loading, error, refresh: soon }
}
