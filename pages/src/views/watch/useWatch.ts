// The list of outlets and its live patches. Events are gathered for a quarter of a second, so that a flood redraws four times a second at most.
import { computed, onScopeDispose, ref, shallowRef, triggerRef } from 'vue'
import { get } from '../../api/client'
import { openLive } from '../../api/live'
import type { LatestEvent, OutletState, Watch, WatchOutlet } from '../../api/types'
import { setServerTime } from '../../state/clock'

export interface Arrival { key: number; event: LatestEvent; outlet: WatchOutlet }

/** The last of the 24 hours is the present one: without a mean it is not over, and so no gap. */
export const hoursOver = (spark: readonly (number | null)[]): readonly (number | null)[] =>
  spark[spark.length - 1] === null ? spark.slice(0, -1) : spark

const RANK: Record<OutletState, number> = { late: 0, silent: 1, never: 2, online: 3 }
const KEEP_ARRIVALS = 60
const FLUSH_MS = 250
const REFRESH_MS = 60_000 // states also change by nothing happening

export const shareOf = (o: WatchOutlet): number | null =>
  o.main && o.main.limit && Number.isFinite(Number(o.main.value)) ? Number(o.main.value) / o.main.limit : null

export function useWatch() {
  const outlets = shallowRef<WatchOutlet[]>([])
  const loading = ref(true)
  const error = ref<unknown>(null)
  const arrivals = shallowRef<Arrival[]>([])
  const perMinute = ref<number | null>(null)
  const byId = new Map<number, number>()
  const opened = Date.now()
  let heard: number[] = []
  let waiting: LatestEvent[] = []
  let serial = 0

  function sort(list: WatchOutlet[]): WatchOutlet[] {
    return list.sort(
      (a, b) =>
        RANK[a.state] - RANK[b.state] ||
        (a.state === 'online' ? (shareOf(b) ?? -1) - (shareOf(a) ?? -1) : (a.last_arrival ?? 0) - (b.last_arrival ?? 0)) ||
        a.id - b.id,
    )
  }

  function index(): void {
    byId.clear()
    outlets.value.forEach((o, i) => byId.set(o.id, i))
  }

  async function load(): Promise<void> {
    try {
      const answer = await get<Watch>('/api/watch')
      setServerTime(answer.now)
      outlets.value = sort(answer.outlets)
      index()
      if (arrivals.value.length === 0) seedArrivals()
      error.value = null
    } catch (e) {
      error.value = e
    } finally {
      loading.value = false
    }
  }

  /** Before the first event the stream shows each outlet's last arrival. */
  function seedArrivals(): void {
    arrivals.value = outlets.value
      .filter((o) => o.last_arrival !== null)
      .sort((a, b) => (b.last_arrival ?? 0) - (a.last_arrival ?? 0))
      .slice(0, 30)
      .map((o) => ({
        key: serial++,
        outlet: o,
        event: { outlet: o.id, kind: '', time: o.last_time ?? 0, arrival: o.last_arrival ?? 0, state: o.state, main: o.main },
      }))
    sort(outlets.value)
    index()
  }

  function flush(): void {
    const cut = Date.now() - 60_000
    heard = heard.filter((ms) => ms > cut)
    perMinute.value = Date.now() - opened > 20_000 ? Math.round((heard.length * 60_000) / Math.min(60_000, Date.now() - opened)) : null
    if (waiting.length === 0) return
    const batch = waiting
    waiting = []
    let moved = false
    const fresh: Arrival[] = []
    for (const e of batch) {
      const i = byId.get(e.outlet)
      const old = i === undefined ? undefined : outlets.value[i]
      if (i === undefined || !old) continue
      if (old.state !== e.state) moved = true
      const next: WatchOutlet = {
        ...old,
        state: e.state,
        last_arrival: Math.max(old.last_arrival ?? 0, e.arrival),
        last_time: Math.max(old.last_time ?? 0, e.time),
        main: e.main ?? old.main,
      }
      outlets.value[i] = next
      fresh.push({ key: serial++, event: e, outlet: next })
    }
    arrivals.value = [...fresh.reverse(), ...arrivals.value].slice(0, KEEP_ARRIVALS)
    if (moved) {
      sort(outlets.value)
      index()
    }
    triggerRef(outlets)
  }

  const live = openLive<LatestEvent>('/api/live', 'latest', (e) => {
    waiting.push(e)
    heard.push(Date.now())
    if (waiting.length > 5000) waiting = waiting.slice(-1000)
  })
  const flushing = window.setInterval(flush, FLUSH_MS)
  const refreshing = window.setInterval(() => void load(), REFRESH_MS)
  onScopeDispose(() => {
    window.clearInterval(flushing)
    window.clearInterval(refreshing)
  })
  void load()

  const counts = computed(() => {
    const c: Record<OutletState, number> = { online: 0, late: 0, silent: 0, never: 0 }
    for (const o of outlets.value) c[o.state]++
    return c
  })
  return { outlets, loading, error, arrivals, perMinute, counts, live: live.up, line: live, load }
}
