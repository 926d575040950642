// Completeness of a window: runs, or whole days where the window is too long for runs.
import { computed, onScopeDispose, ref, shallowRef, watch, type Ref } from 'vue'
import { ApiError, get } from '../../../api/client'
import type { DayTimeline, GapKind, Timeline } from '../../../api/deviceTypes'
import { worstOf } from '../../../lib/completeness'
import { DAY, MINUTE, parseStamp, type Range } from '../../../lib/time'

const WAIT_MS = 200
const AGAIN_MS = MINUTE

export async function fetchTimeline(outlet: number, kind: GapKind, range: Range, signal?: AbortSignal): Promise<Timeline> {
  const query = { kind, from: Math.round(range.from), to: Math.round(range.to) }
  try {
    return await get<Timeline>(`/api/outlets/${outlet}/timeline`, query, signal)
  } catch (e) {
    if (!(e instanceof ApiError) || e.code !== 'range') throw e
    const t = await get<DayTimeline>(`/api/outlets/${outlet}/timeline`, { ...query, from: Math.max(query.from, query.to - 366 * DAY), by: 'day' }, signal)
    const runs = t.days.map((d) => {
      const from = parseStamp(`${d.day} 00:00`) ?? 0
      return { from, to: from + DAY, state: worstOf(d) }
    })
    return { kind, step_ms: t.step_ms, from: t.from, to: t.to, counts: t.counts, runs }
  }
}

/** The server stays silent about kinds that an outlet does not owe: they come with step_ms 0. */
export function useTimelines(outlet: Ref<number>, kinds: readonly GapKind[], range: Ref<Range>) {
  const lines = shallowRef<Timeline[]>([])
  const loading = ref(true)
  const error = ref<unknown>(null)
  let stop: AbortController | null = null
  let timer = 0

  async function load(): Promise<void> {
    stop?.abort()
    const mine = (stop = new AbortController())
    loading.value = true
    try {
      const got = await Promise.all(kinds.map((k) => fetchTimeline(outlet.value, k, range.value, mine.signal)))
      if (mine !== stop) return
      lines.value = got.filter((t) => t.step_ms > 0)
      error.value = null
    } catch (e) {
      if ((e as Error).name !== 'AbortError' && mine === stop) error.value = e
    } finally {
      if (mine === stop) loading.value = false
    }
  }
  // a window that follows the clock moves every few seconds: a minute's worth is soon enough
  const rough = computed(() => `${Math.floor(range.value.from / MINUTE)}-${Math.floor(range.value.to / MINUTE)}`)
  watch([outlet, rough], () => {
    window.clearTimeout(timer)
    timer = window.setTimeout(() => void load(), lines.value.length ? WAIT_MS : 0)
  }, { immediate: true })
  const again = window.setInterval(() => {
    if (!document.hidden) void load()
  }, AGAIN_MS)
  onScopeDispose(() => {
    window.clearTimeout(timer)
    window.clearInterval(again)
    stop?.abort()
    stop = null
  })
  return { lines, loading, error, load }
}
