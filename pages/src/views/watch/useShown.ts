// Outlets as people see them: state and last hour, from the link, the judge and the open alarms; and the effective rate of the day.
import { computed, onScopeDispose, ref, shallowRef, type Ref } from 'vue'
import { getAlarms } from '../../api/alarmApi'
import { get } from '../../api/client'
import type { AlarmRow } from '../../api/judgeTypes'
import type { WatchOutlet } from '../../api/types'
import { gravest, inShownOrder, shownOutlet, type ShownState } from '../../lib/shown'
import { date, DAY } from '../../lib/time'
import { serverNow } from '../../state/clock'
import { isAuthority } from '../../state/session'

export function useShown(outlets: Ref<WatchOutlet[]>, alarms: Ref<readonly AlarmRow[]>) {
  const worst = computed(() => gravest(alarms.value))
  const shown = computed(() => inShownOrder(outlets.value.map((o) => shownOutlet(o, worst.value.get(o.id) ?? null))))
  const stateOf = computed(() => new Map(shown.value.map((s) => [s.outlet.id, s])))
  const shownCounts = computed(() => {
    const c: Record<ShownState, number> = { over: 0, attention: 0, none: 0, ok: 0 }
    for (const s of shown.value) c[s.state]++
    return c
  })
  return { shown, stateOf, shownCounts }
}

const EVERY_MS = 120_000

/** Alarms of the last day, closed ones too: what the chart of outlets not in order counts. */
export function useAbnormal(outlets: Ref<WatchOutlet[]>) {
  const alarms = shallowRef<AlarmRow[]>([])
  async function look(): Promise<void> {
    if (!isAuthority.value || document.hidden) return
    try {
      const [open, closed] = await Promise.all([getAlarms('open'), getAlarms('closed', { limit: 200 })])
      const since = serverNow() - DAY
      const all = [...open.alarms, ...closed.alarms].filter((a) => a.open || (a.to ?? a.from) > since)
      const here = new Set(outlets.value.map((o) => o.id))
      alarms.value = here.size ? all.filter((a) => here.has(a.outlet.id)) : all
    } catch {
      // the chart then counts only what the hour means show
    }
  }
  void look()
  const timer = window.setInterval(() => void look(), EVERY_MS)
  onScopeDispose(() => window.clearInterval(timer))
  return alarms
}

interface RateAnswer { total?: { effective: number | null } | null }

/** The effective rate of the day, 0 to 1; null where the report is not there. */
export function useDayRate() {
  const rate = ref<number | null>(null)
  async function look(): Promise<void> {
    if (!isAuthority.value || document.hidden) return
    try {
      const r = await get<RateAnswer>('/api/reports/rates', { period: 'day', at: date(serverNow()) })
      rate.value = r.total?.effective ?? null
    } catch {
      rate.value = null
    }
  }
  void look()
  const timer = window.setInterval(() => void look(), EVERY_MS)
  onScopeDispose(() => window.clearInterval(timer))
  return rate
}
