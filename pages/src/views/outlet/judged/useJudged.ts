// What the judge said of one outlet in a window: hour or day means, verdicts, marks. Asked for again when the window moves out of what is here, and now and then.
import { onScopeDispose, ref, shallowRef, watch, type Ref } from 'vue'
import { getAlarms } from '../../../api/alarmApi'
import { get } from '../../../api/client'
import type { Mark, Mean, Verdict } from '../../../api/judgeTypes'
import { withTimes } from '../../../lib/judge'
import { DAY, HOUR, MINUTE, type Range } from '../../../lib/time'
import { isAuthority } from '../../../state/session'

/** Means of longer windows are not asked for: the chart then shows the device's own. */
const MOST_MEANS = 45 * DAY
const REFRESH_MS = MINUTE

export function useJudged(outlet: Ref<number>, range: Ref<Range>, kind: Ref<'hour' | 'day' | null>) {
  const means = shallowRef<Mean[]>([])
  const verdicts = shallowRef<Verdict[]>([])
  const marks = shallowRef<Mark[]>([])
  /** true where the server has no judge, or it does not answer */
  const failed = ref(false)
  let here: { id: number; kind: string | null; from: number; to: number } | null = null
  let stop: AbortController | null = null
  let timer = 0

  async function ask(): Promise<void> {
    stop?.abort()
    const mine = (stop = new AbortController())
    const id = outlet.value
    const k = kind.value
    const width = range.value.to - range.value.from
    const margin = Math.min(width / 2, 20 * DAY)
    const window = { from: Math.floor(range.value.from - margin), to: Math.ceil(range.value.to + margin) }
    const many = k === 'hour' && width > MOST_MEANS
    const quiet = <T>(p: Promise<T>, otherwise: T): Promise<T> => p.catch((e) => ((e as Error).name === 'AbortError' ? Promise.reject(e) : ((failed.value = true), otherwise)))
    try {
      failed.value = false
      const [m, v, k2] = await Promise.all([
        k && !many ? quiet(get<{ means: Mean[] }>(`/api/outlets/${id}/means`, { period: k === 'day' ? '24h' : '1h', ...window }, mine.signal), { means: [] }) : { means: [] as Mean[] },
        quiet(get<{ verdicts: Verdict[] }>(`/api/outlets/${id}/verdicts`, window, mine.signal), { verdicts: [] }),
        quiet(get<{ marks: Mark[] }>(`/api/outlets/${id}/marks`, window, mine.signal), { marks: [] }),
      ])
      if (mine !== stop) return
      means.value = withTimes(m.means ?? [])
      verdicts.value = withTimes(v.verdicts ?? []).filter((x) => !x.gone)
      marks.value = withTimes(k2.marks ?? [])
      here = { id, kind: k, ...window }
    } catch {
      // given up for a newer question
    }
  }
  const soon = (): void => {
    window.clearTimeout(timer)
    timer = window.setTimeout(() => void ask(), here ? 150 : 0)
  }
  watch([outlet, range, kind], () => {
    const inside = here && here.id === outlet.value && here.kind === kind.value && range.value.from >= here.from && range.value.to <= here.to + 5 * MINUTE && range.value.to - range.value.from > (here.to - here.from) / 8
    if (!inside) soon()
  }, { immediate: true })
  const again = window.setInterval(() => {
    if (!document.hidden) void ask()
  }, REFRESH_MS)
  onScopeDispose(() => {
    window.clearTimeout(timer)
    window.clearInterval(again)
    stop?.abort()
    stop = null
  })
  return { means, verdicts, marks, failed, refresh: ask }
}

export type Judged = ReturnType<typeof useJudged>

/** The mean and the verdicts of one factor and one period beginning at a time. */
export function useJudgedAt(outlet: Ref<number>, kind: Ref<string>, time: Ref<number>) {
  const means = shallowRef<Mean[]>([])
  const verdicts = shallowRef<Verdict[]>([])
  let stop: AbortController | null = null
  /** The alarm a verdict belongs to: of the same kind and factor, the episode that holds its time. */
  async function nameAlarms(list: Verdict[], id: number): Promise<Verdict[]> {
    if (!isAuthority.value || list.length === 0) return list
    const alarms = await getAlarms('all', { outlet: id, limit: 200 }).then((x) => x.alarms).catch(() => [])
    return list.map((v) => ({ ...v, alarm: v.alarm ?? alarms.find((a) => a.kind === v.kind && (a.factor ?? null) === v.factor && a.from <= v.to && (a.open || (a.to ?? a.from) >= v.from))?.number ?? null }))
  }
  watch([outlet, kind, time], async () => {
    stop?.abort()
    const mine = (stop = new AbortController())
    means.value = []
    verdicts.value = []
    const step = kind.value === 'day' ? DAY : kind.value === 'hour' ? HOUR : 0
    if (!step) return
    const window = { from: time.value, to: time.value + step }
    try {
      const [m, v] = await Promise.all([
        get<{ means: Mean[] }>(`/api/outlets/${outlet.value}/means`, { period: kind.value === 'day' ? '24h' : '1h', ...window }, mine.signal).catch(() => ({ means: [] as Mean[] })),
        get<{ verdicts: Verdict[] }>(`/api/outlets/${outlet.value}/verdicts`, window, mine.signal).catch(() => ({ verdicts: [] as Verdict[] })),
      ])
      if (mine !== stop) return
      means.value = withTimes(m.means ?? []).filter((x) => x.from === time.value)
      const period = kind.value === 'day' ? '24h' : '1h'
      verdicts.value = withTimes(v.verdicts ?? []).filter((x) => !x.gone && (x.period === period ? x.from === time.value : x.from <= time.value && x.to > time.value))
      const named = await nameAlarms(verdicts.value, outlet.value)
      if (mine === stop) verdicts.value = named
    } catch {
      // given up for a newer question
    }
  }, { immediate: true })
  onScopeDispose(() => stop?.abort())
  return { means, verdicts }
}
