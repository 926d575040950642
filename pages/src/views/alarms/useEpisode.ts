// The data behind one alarm: the outlet's file, a window around the episode, its series, marks and exceedances.
import { computed, ref, shallowRef, watch, type Ref } from 'vue'
import { get } from '../../api/client'
import type { AlarmFile } from '../../api/judgeTypes'
import type { OutletFile } from '../../api/types'
import { inPaneOrder } from '../../lib/factors'
import { oversOf, type Over } from '../../lib/judge'
import { DAY, HOUR, type Range } from '../../lib/time'
import { serverNow } from '../../state/clock'
import type { PaneFactor } from '../outlet/chart/ChartStack.vue'
import { useSeries } from '../outlet/chart/useSeries'

const MOST = 4
/** A quarter before, some after, at least a day. */
export function episodeWindow(from: number, to: number | null, now: number): Range {
  const end = Math.min(now, (to ?? now) + 3 * HOUR)
  const start = Math.min(from - 8 * HOUR, end - DAY)
  return { from: Math.max(start, end - 40 * DAY), to: end }
}

export function useEpisode(alarm: Ref<AlarmFile | null>, width: Ref<number>) {
  const file = shallowRef<OutletFile | null>(null)
  const error = ref<unknown>(null)
  const range = ref<Range>({ from: serverNow() - DAY, to: serverNow() })
  const kind = ref<'hour'>('hour')
  watch(alarm, async (a, before) => {
    if (!a) return
    if (a.number !== before?.number) range.value = episodeWindow(a.from, a.to, serverNow())
    if (file.value?.id === a.outlet.id) return
    try {
      file.value = await get<OutletFile>(`/api/outlets/${a.outlet.id}`)
      error.value = null
    } catch (e) {
      error.value = e
    }
  }, { immediate: true })
  const panes = computed<PaneFactor[]>(() => {
    const f = file.value
    if (!f || f.id !== alarm.value?.outlet.id) return []
    return inPaneOrder(f.factors, alarm.value?.factor ?? null).slice(0, MOST).map((x) => ({ code: x.code, unit: x.unit, limit: x.limit, converted: x.judge_converted }))
  })
  const id = computed(() => alarm.value?.outlet.id ?? 0)
  const series = useSeries(id, panes, kind, range, width)
  const overs = computed<Map<string, Over[]>>(() => new Map(panes.value.map((p) => [p.code, oversOf(alarm.value?.verdicts ?? [], p.code, '1h')])))
  return { ...series, file, fileError: error, range, panes, overs }
}
