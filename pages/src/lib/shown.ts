// The four states people see: from the link, the last hour's mean and the alarms that are not closed.
import type { AlarmRow } from '../api/judgeTypes'
import type { WatchOutlet } from '../api/types'
import { alarmMark } from './alarms'

export type ShownState = 'over' | 'attention' | 'none' | 'ok'
export const SHOWN: ShownState[] = ['over', 'attention', 'none', 'ok']
/** From here on an hour mean is worth looking at; only for sorting and the diamond, never a judgement. */
export const NEAR = 0.9

export interface HourMean { factor: string; unit: string; value: number | null; limit: number | null; period?: '1h' | '24h'; invalid?: boolean }
export interface ShownOutlet { outlet: WatchOutlet; state: ShownState; hour: HourMean | null; alarm: AlarmRow | null }

/** The last whole hour: what the judge said, else the last of the spark's hours. */
export function hourMean(o: WatchOutlet): HourMean | null {
  if (o.judged) return { factor: o.judged.factor, unit: o.judged.unit, value: o.judged.value, limit: o.judged.limit, period: o.judged.period, invalid: o.judged.state === 'invalid' }
  if (!o.main) return null
  const spark = o.spark
  // a late outlet has not sent its last hour yet: the newest one it did send
  const value = spark?.slice(-5, -1).reduce<number | null>((last, v) => v ?? last, null) ?? null
  return { factor: o.main.factor, unit: o.main.unit, value, limit: o.main.limit }
}
export const shareOfHour = (h: HourMean | null): number | null => (h && !h.invalid && h.value !== null && h.limit !== null && h.limit > 0 ? h.value / h.limit : null)

/** The gravest open alarm of each outlet. */
export function gravest(alarms: readonly AlarmRow[]): Map<number, AlarmRow> {
  const kinds = { over: 2, attention: 1, none: 0 }
  // an episode that goes on says more of now than one that has ended
  const rank = (a: AlarmRow): number => kinds[alarmMark(a)] + (a.open ? 3 : 0)
  const best = new Map<number, AlarmRow>()
  for (const a of alarms) {
    if (a.stage === 'closed') continue
    const old = best.get(a.outlet.id)
    if (!old || rank(a) > rank(old)) best.set(a.outlet.id, a)
  }
  return best
}

export function shownOutlet(o: WatchOutlet, alarm: AlarmRow | null): ShownOutlet {
  const mark = alarm && alarm.open ? alarmMark(alarm) : null
  const own = hourMean(o)
  if (mark === 'over' && alarm) return { outlet: o, state: 'over', alarm, hour: alarm.factor ? { factor: alarm.factor, unit: alarm.unit ?? '', value: alarm.value, limit: alarm.held } : own }
  if (o.state === 'silent' || o.state === 'never') return { outlet: o, state: 'none', alarm, hour: own }
  if (o.judged?.state === 'over') return { outlet: o, state: 'over', alarm, hour: own }
  const near = !o.judged && (shareOfHour(own) ?? 0) >= NEAR
  return { outlet: o, state: mark === 'attention' || o.state === 'late' || o.judged?.state === 'attention' || near ? 'attention' : 'ok', alarm, hour: own }
}

/** By state, then by share of the limit; those without data by how long they have been quiet. */
export function inShownOrder(list: ShownOutlet[]): ShownOutlet[] {
  const rank: Record<ShownState, number> = { over: 0, attention: 1, none: 2, ok: 3 }
  const share = new Map(list.map((s) => [s, shareOfHour(s.hour) ?? -1]))
  return list.sort(
    (a, b) =>
      rank[a.state] - rank[b.state] ||
      (a.state === 'none' ? (a.outlet.last_arrival ?? 0) - (b.outlet.last_arrival ?? 0) : (share.get(b) as number) - (share.get(a) as number)) ||
      a.outlet.id - b.outlet.id,
  )
}
