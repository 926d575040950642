// Alarms and their chain: what is left of the time, which step comes next, which key does it.
import type { AlarmRow, Stage, StageName, StepKind } from '../api/judgeTypes'
import type { Role } from '../api/types'
import { DAY, HOUR, MINUTE } from './time'

export const STAGES: StageName[] = ['raised', 'desk', 'assign', 'sign', 'verify', 'feedback', 'review', 'closed']

const two = (n: number): string => String(n).padStart(2, '0')

export interface Left { text: string; tone: 'over' | 'soon' | 'calm' }

/** 00:49 (hours and minutes), 1 d 03 (days and hours), −00:14 when the time is over. */
export function timeLeft(due: number | null, now: number): Left | null {
  if (due === null) return null
  const ms = due - now
  const past = ms < 0
  const size = Math.floor(Math.abs(ms) / MINUTE)
  const text = size >= (2 * DAY) / MINUTE || (size >= DAY / MINUTE && !past) ? `${Math.floor(size / 1440)} d ${two(Math.floor((size % 1440) / 60))}` : `${two(Math.floor(size / 60))}:${two(size % 60)}`
  return { text: past ? `−${text}` : text, tone: past ? 'over' : ms < HOUR ? 'soon' : 'calm' }
}

/** Overdue first, then the least time left; those without a limit last, the newest of them first. */
export const byUrgency = (a: AlarmRow, b: AlarmRow): number =>
  (a.due ?? Infinity) - (b.due ?? Infinity) || b.severity - a.severity || b.from - a.from || a.number.localeCompare(b.number)

/** How an alarm is drawn: exceedance, attention, or nothing comes. */
export const alarmMark = (a: Pick<AlarmRow, 'kind'>): 'over' | 'attention' | 'none' =>
  a.kind === 'exceedance' ? 'over' : a.kind === 'silent' || a.kind === 'missing' ? 'none' : 'attention'

/** What is possible once a stage is reached; the first is what the chain waits for. */
const NEXT: Record<StageName, StepKind[]> = {
  raised: ['take', 'urge'],
  desk: ['assign', 'close', 'urge'],
  assign: ['sign', 'return', 'urge'],
  sign: ['verify', 'return', 'urge'],
  verify: ['feedback', 'verify', 'urge'],
  feedback: ['close', 'take', 'return', 'assign', 'urge'],
  review: ['close', 'return', 'assign', 'urge'],
  closed: ['reopen'],
}
const DOES: Record<Role, StepKind[]> = {
  operator: [],
  officer: ['take', 'assign', 'sign', 'verify', 'feedback', 'return', 'urge', 'close', 'reopen', 'note'],
  leader: ['take', 'assign', 'sign', 'verify', 'feedback', 'return', 'urge', 'close', 'reopen', 'note'],
  maintainer: [],
  enterprise: [],
}
/** Steps possible for this role; the server says it where it can, and has the last word in any case. */
export function stepsOf(a: Pick<AlarmRow, 'stage' | 'allowed'>, role: Role | undefined): StepKind[] {
  if (!role) return []
  const may = DOES[role]
  const steps = a.allowed ?? [...NEXT[a.stage], 'note' as const]
  const order = [...NEXT[a.stage], 'note', 'take', 'assign', 'sign', 'verify', 'feedback', 'return', 'urge', 'close', 'reopen']
  return steps.filter((s) => may.includes(s)).sort((x, y) => order.indexOf(x) - order.indexOf(y))
}

export const STEP_KEYS: Record<string, StepKind> = { t: 'take', a: 'assign', s: 'sign', v: 'verify', f: 'feedback', r: 'return', u: 'urge', c: 'close', o: 'reopen', n: 'note' }
export const keyOf = (step: StepKind): string => Object.entries(STEP_KEYS).find(([, s]) => s === step)?.[0] ?? ''
/** These are done by the key alone; the others ask for what they need. */
export const AT_ONCE: ReadonlySet<StepKind> = new Set(['take', 'sign', 'urge'])
export const NEEDS_RESULT: ReadonlySet<StepKind> = new Set(['verify', 'close'])
export const NEEDS_TEXT: ReadonlySet<StepKind> = new Set(['verify', 'feedback', 'return', 'reopen', 'note'])
export const RESULTS = ['exceedance', 'equipment', 'false-alarm', 'operating', 'other'] as const

/** Stages reached are done; what is waited for is now; a closed alarm has no now. */
export const chainOf = (stage: StageName, stages: readonly { name: string }[] = STAGES.map((name) => ({ name }))): ('done' | 'now' | 'ahead')[] => {
  const at = stages.findIndex((s) => s.name === stage)
  return stages.map((_, i) => (i <= at ? 'done' : i === at + 1 ? 'now' : 'ahead'))
}
/** The stage that is waited for. */
export const awaited = (stage: StageName): StageName => STAGES[Math.min(STAGES.length - 1, STAGES.indexOf(stage) + 1)] ?? 'closed'

/** Lines of one row of the inbox laid over another: the newer wins, an ended one leaves the open list. */
export function patchRows(rows: readonly AlarmRow[], fresh: AlarmRow, keep: (a: AlarmRow) => boolean): AlarmRow[] {
  const rest = rows.filter((a) => a.number !== fresh.number)
  return (keep(fresh) ? [...rest, fresh] : rest).sort(byUrgency)
}

/** The installation's own word for what is waited for; empty where it has none. */
export const stageWord = (a: Pick<AlarmRow, 'stage'>, stages: readonly Stage[], zh: boolean): string => {
  const told = stages.find((s) => s.name === awaited(a.stage))
  return (zh ? told?.zh : told?.en) ?? ''
}

export type Slots = Record<'over' | 'attention' | 'none', Set<number>[]>
/** Which outlets were not in order in each of n slots of a time, from the episodes of alarms. */
export function slotsNotInOrder(alarms: readonly AlarmRow[], from: number, n: number, step: number): Slots {
  const empty = (): Set<number>[] => Array.from({ length: n }, () => new Set<number>())
  const sets: Slots = { over: empty(), attention: empty(), none: empty() }
  for (const a of alarms) {
    const end = a.open ? Infinity : (a.to ?? a.from)
    const first = Math.max(0, Math.floor((a.from - from) / step))
    for (let i = first; i < n && end > from + i * step; i++) sets[alarmMark(a)][i]?.add(a.outlet.id)
  }
  return sets
}
