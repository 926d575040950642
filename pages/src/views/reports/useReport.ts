// A report and the address that asks for it: period, which one, and what it is of.
import { computed, ref, shallowRef, watch } from 'vue'
import { useRoute, useRouter } from 'vue-router'
import { get, withQuery } from '../../api/client'
import type { PeriodHead, ReportPeriod } from '../../api/reportTypes'
import { useWords } from '../../i18n'
import { PERIODS } from '../../lib/reports'

export function useReport<T extends PeriodHead>(path: () => string, more: () => Record<string, string>) {
  const route = useRoute()
  const router = useRouter()
  const { zh } = useWords()
  const report = shallowRef<T | null>(null)
  const error = ref<unknown>(null)
  const loading = ref(false)
  const text = (key: string): string => (typeof route.query[key] === 'string' ? (route.query[key] as string) : '')
  const period = computed<ReportPeriod>(() => PERIODS.find((p) => p === text('period')) ?? 'month')
  const query = computed(() => ({ period: period.value, at: text('at'), ...more() }))
  let turn = 0

  async function load(): Promise<void> {
    const mine = ++turn
    loading.value = true
    try {
      const got = await get<T>(path(), query.value)
      if (mine !== turn) return
      report.value = got
      error.value = null
    } catch (e) {
      if (mine === turn) error.value = e
    } finally {
      if (mine === turn) loading.value = false
    }
  }
  function put(next: Record<string, string | undefined>, push = true): void {
    const merged = Object.fromEntries(Object.entries({ ...route.query, ...next }).filter(([, v]) => typeof v === 'string' && v !== '')) as Record<string, string>
    void (push ? router.push({ query: merged }) : router.replace({ query: merged }))
  }
  const setPeriod = (p: ReportPeriod): void => put({ period: p, at: report.value ? dayIn(report.value) : undefined })
  const step = (way: -1 | 1): void => {
    if (report.value) put({ at: way < 0 ? report.value.before : report.value.after })
  }
  /** The last day of what is shown that has begun: the shorter period then is one with data. */
  function dayIn(head: PeriodHead & { now?: number }): string {
    const last = Math.min(head.to - 1, head.now ?? head.to - 1)
    return new Date(Math.max(head.from, last) + 8 * 3_600_000).toISOString().slice(0, 10)
  }
  const exportUrl = (format: 'pdf' | 'xlsx'): string => withQuery(path(), { ...query.value, format, lang: zh.value ? undefined : 'en' })
  watch(() => [path(), JSON.stringify(query.value)].join(), () => void load(), { immediate: true })
  return { report, error, loading, period, load, put, setPeriod, step, exportUrl, text }
}
