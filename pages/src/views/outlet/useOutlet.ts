// One outlet's file and what its address says: kind, range, picked record, tab.
import { computed, onScopeDispose, ref, shallowRef, watch, type Ref } from 'vue'
import { useRoute, useRouter } from 'vue-router'
import { get } from '../../api/client'
import type { GapKind } from '../../api/deviceTypes'
import { openLive } from '../../api/live'
import type { Kind, OutletFile, RecordEvent } from '../../api/types'
import { DAY, MINUTE, presetRange, type Preset, type Range } from '../../lib/time'
import { now, serverNow } from '../../state/clock'
import { isAuthority } from '../../state/session'

const KINDS: Kind[] = ['real', 'minute', 'hour', 'day']
const GAP_KINDS: GapKind[] = ['minute', 'hour', 'day']
export const TABS = ['curve', 'judged', 'marks', 'operation', 'gaps', 'packets', 'room', 'filings', 'filing', 'commands'] as const
export type Tab = (typeof TABS)[number]
const FOLLOW_STEP_MS = 10_000

export function useOutletFile(id: Ref<number>) {
  const file = shallowRef<OutletFile | null>(null)
  const error = ref<unknown>(null)
  const last = shallowRef<RecordEvent | null>(null)
  const up = ref(true)
  let line: ReturnType<typeof openLive> | null = null

  async function load(): Promise<void> {
    try {
      file.value = await get<OutletFile>(`/api/outlets/${id.value}`)
      error.value = null
    } catch (e) {
      error.value = e
    }
  }
  function listen(): void {
    line?.close()
    line = openLive<RecordEvent>(`/api/outlets/${id.value}/live`, 'record', (e) => {
      last.value = e
      const f = file.value
      if (!f) return
      const fresh = e.arrival >= (f.last_arrival ?? 0)
      file.value = {
        ...f,
        last_arrival: Math.max(f.last_arrival ?? 0, e.arrival),
        last_time: Math.max(f.last_time ?? 0, e.time),
        state: fresh && f.state !== 'online' && serverNow() - e.arrival < 5 * MINUTE ? 'online' : f.state,
      }
    })
    watch(line.up, (v) => (up.value = v))
  }
  watch(id, () => {
    file.value = null
    last.value = null
    void load()
    listen()
  }, { immediate: true })
  const timer = window.setInterval(() => void load(), MINUTE)
  onScopeDispose(() => window.clearInterval(timer))
  return { file, error, last, up, load }
}

export function useOutletView() {
  const route = useRoute()
  const router = useRouter()
  const text = (key: string): string => (typeof route.query[key] === 'string' ? (route.query[key] as string) : '')

  const tab = computed<Tab>(() => TABS.find((x) => x === text('tab') && (x !== 'commands' || isAuthority.value)) ?? 'curve')
  const kind = computed<Kind>(() => (KINDS.includes(text('kind') as Kind) ? (text('kind') as Kind) : 'hour'))
  const preset = computed<Preset>(() => {
    if (text('from') && text('to')) return 'custom'
    return text('range') === 'yesterday' || text('range') === 'month' ? (text('range') as Preset) : 'day'
  })
  const range = ref<Range>(fromAddress())
  const following = computed(() => preset.value === 'day' || preset.value === 'month')
  const picked = computed(() => {
    const time = Number(text('at'))
    return time ? { time, factor: text('factor') || null } : null
  })
  /** a stretch of completeness: gap=minute:FROM:TO */
  const gap = computed(() => {
    const [k, from, to] = text('gap').split(':')
    const found = GAP_KINDS.find((x) => x === k)
    return found && Number(to) > Number(from) ? { kind: found, range: { from: Number(from), to: Number(to) } } : null
  })
  const command = computed(() => Number(text('command')) || null)
  let putting = 0
  let own = ''

  function fromAddress(): Range {
    if (preset.value !== 'custom') return presetRange(preset.value, serverNow())
    const from = Number(text('from'))
    const to = Number(text('to'))
    return to - from >= MINUTE && to - from <= 4000 * DAY ? { from, to } : presetRange('day', serverNow())
  }
  function put(query: Record<string, string | number | undefined>, push = false): void {
    const next = Object.fromEntries(
      Object.entries({ ...route.query, ...query })
        .filter(([, v]) => v !== undefined && v !== '')
        .map(([k, v]) => [k, String(v)]),
    )
    void (push ? router.push({ query: next }) : router.replace({ query: next }))
  }
  /** The drawing follows at once; the address a moment later, when the hand rests. */
  function setRange(next: Range): void {
    range.value = next
    window.clearTimeout(putting)
    putting = window.setTimeout(() => {
      own = `${next.from}-${next.to}`
      put({ range: undefined, from: next.from, to: next.to })
    }, 250)
  }
  function setPreset(p: Exclude<Preset, 'custom'>): void {
    window.clearTimeout(putting)
    put({ range: p === 'day' ? undefined : p, from: undefined, to: undefined }, true)
  }
  function step(way: -1 | 1): void {
    const width = range.value.to - range.value.from
    const latest = Math.max(serverNow(), range.value.to)
    const to = Math.min(range.value.to + way * width, latest)
    setRange({ from: to - width, to })
  }
  watch(() => [route.query.from, route.query.to, route.query.range], () => {
    if (own && own === `${text('from')}-${text('to')}`) return
    range.value = fromAddress()
  })
  watch(now, (ms) => {
    if (following.value && ms - range.value.to >= FOLLOW_STEP_MS && preset.value !== 'custom') range.value = presetRange(preset.value, ms)
  })
  onScopeDispose(() => window.clearTimeout(putting))
  return { tab, kind, preset, range, following, picked, gap, command, put, setRange, setPreset, step }
}
