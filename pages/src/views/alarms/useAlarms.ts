// The alarms that are not closed: asked for once, patched by the live line, kept on this machine so that a phone without network shows the last ones received.
import { computed, onScopeDispose, ref, shallowRef, watch } from 'vue'
import { alarmOf, getAlarms, sendSteps, stagesOf } from '../../api/alarmApi'
import { ApiError } from '../../api/client'
import type { AlarmCounts, AlarmRow, Stage, StepKind, StepsAnswer } from '../../api/judgeTypes'
import { openLive, type LiveLine } from '../../api/live'
import { byUrgency, patchRows } from '../../lib/alarms'
import { now, serverNow } from '../../state/clock'
import { ALARMS, readKept, writeKept } from '../../state/kept'
import { user } from '../../state/session'
import { waitingAlarms } from '../../state/waiting'

export type Which = 'open' | 'mine' | 'overdue' | 'nodata' | 'closed'
export interface Wanted { numbers: string[]; kind: StepKind; text?: string; to_unit?: string; result?: string }

const REFRESH_MS = 60_000
const KEPT_MOST = 500
interface Kept { user: string; at: number; alarms: AlarmRow[]; counts: AlarmCounts; stages: Stage[]; queue: Wanted[] }

export function useAlarms(which: () => Which = () => 'open', line?: LiveLine) {
  const rows = shallowRef<AlarmRow[]>([])
  const closed = shallowRef<AlarmRow[]>([])
  const counts = ref<AlarmCounts>({ open: 0, mine: 0, overdue: 0, nodata: 0 })
  const stages = shallowRef<Stage[]>([])
  const loading = ref(true)
  const error = ref<unknown>(null)
  /** when what is shown was received */
  const at = ref<number | null>(null)
  const offline = ref(false)
  const queue = ref<Wanted[]>([])
  const mineNumbers = shallowRef<Set<string>>(new Set())

  const first = readKept<Kept>(ALARMS, user.value?.name)
  if (first) {
    rows.value = first.alarms
    counts.value = first.counts
    stages.value = first.stages
    at.value = first.at || null
    queue.value = first.queue
    loading.value = false
  }
  const store = (): void => {
    if (user.value) writeKept(ALARMS, { user: user.value.name, at: at.value ?? serverNow(), alarms: rows.value.slice(0, KEPT_MOST), counts: counts.value, stages: stages.value, queue: queue.value } satisfies Kept)
  }

  async function load(): Promise<void> {
    try {
      await flush()
      const answer = await getAlarms('open')
      rows.value = [...answer.alarms].sort(byUrgency)
      counts.value = answer.counts
      stages.value = stagesOf(answer.alarms)
      at.value = serverNow()
      waitingAlarms.value = answer.counts.open
      offline.value = false
      error.value = null
      store()
      if (which() === 'closed') closed.value = (await getAlarms('closed', { limit: 200 })).alarms
      else if (which() === 'mine') mineNumbers.value = new Set((await getAlarms('mine')).alarms.map((a) => a.number))
    } catch (e) {
      offline.value = e instanceof ApiError && e.status === 0
      error.value = e
    } finally {
      loading.value = false
    }
  }
  function count(): void {
    const open = rows.value
    counts.value = { ...counts.value, open: open.length, overdue: open.filter((a) => a.due !== null && a.due < now.value).length, nodata: open.filter((a) => a.kind === 'silent' || a.kind === 'missing').length }
    waitingAlarms.value = open.length
  }
  function take(raw: Record<string, unknown>): void {
    patch([alarmOf(raw)])
  }
  function patch(fresh: readonly AlarmRow[]): void {
    for (const a of fresh) rows.value = patchRows(rows.value, a, (x) => x.stage !== 'closed')
    at.value = serverNow()
    count()
    store()
  }

  /** What was decided without network goes out first, in order; what the server refuses then is told with the next load. */
  async function flush(): Promise<void> {
    while (queue.value.length) {
      const w = queue.value[0] as Wanted
      try {
        await sendSteps(w)
      } catch (e) {
        // not sent, or the server asks who it is or to wait: it waits on
        if (!(e instanceof ApiError) || e.status === 0 || e.status === 401 || e.status === 429 || e.status >= 500) throw e
      }
      queue.value = queue.value.slice(1)
      store()
    }
  }
  /** One or many; without network they wait on this machine. */
  async function act(w: Wanted): Promise<StepsAnswer | 'queued'> {
    try {
      const answer = await sendSteps(w)
      patch(answer.alarms)
      return answer
    } catch (e) {
      if (!(e instanceof ApiError) || e.status !== 0) throw e
      queue.value = [...queue.value, w]
      offline.value = true
      store()
      return 'queued'
    }
  }

  const own = line ?? openLive<Record<string, unknown>>('/api/live', 'alarm', take)
  if (line) line.on<Record<string, unknown>>('alarm', take)
  const timer = window.setInterval(() => void load(), REFRESH_MS)
  const again = (): void => void load()
  window.addEventListener('online', again)
  onScopeDispose(() => {
    window.clearInterval(timer)
    window.removeEventListener('online', again)
  })
  watch(own.up, (up) => {
    if (up && offline.value) void load()
  })
  watch(which, () => void load())
  void load()

  const shown = computed<AlarmRow[]>(() => {
    const w = which()
    if (w === 'closed') return closed.value
    if (w === 'mine') return rows.value.filter((a) => mineNumbers.value.has(a.number))
    if (w === 'overdue') return rows.value.filter((a) => a.due !== null && a.due < now.value)
    if (w === 'nodata') return rows.value.filter((a) => a.kind === 'silent' || a.kind === 'missing')
    return rows.value
  })
  return { rows, shown, counts, stages, loading, error, at, offline, queue, up: own.up, load, act }
}

/** The order in which the inbox stood, for j and k on the page of one alarm. */
export const inboxOrder = shallowRef<string[]>([])
