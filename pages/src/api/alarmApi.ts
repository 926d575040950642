// The answers about alarms and shifts as the pages use them: members renamed where the server has its own names, absent parts asked of those who keep them.
import { get, send } from './client'
import type { AlarmCounts, AlarmFile, AlarmRow, AlarmStep, Filing, Handover, Mark, Query, Shift, ShiftEntry, ShiftFile, Stage, StepKind, StepsAnswer, Verdict } from './judgeTypes'
import type { RoomEvent } from './deviceTypes'
import { withTimes } from '../lib/judge'
import { DAY, HOUR } from '../lib/time'

type Raw = Record<string, unknown>
const text = (v: unknown): string | null => (typeof v === 'string' && v !== '' ? v : null)

export function alarmOf(raw: Raw): AlarmRow {
  const a = withTimes(raw) as unknown as AlarmRow & { turn?: string | null; unit_zh?: string | null; possible?: StepKind[] }
  const shown = (words: string): string => (words ?? '').replace(/\bm3\b/g, 'm³')
  const rest = { ...a, text_zh: shown(a.text_zh), text_en: shown(a.text_en), holder: a.holder ?? a.turn ?? null, holder_name: a.holder_name ?? a.unit_zh ?? null }
  const allowed = a.allowed ?? a.possible
  return allowed ? { ...rest, allowed } : rest
}

/** The installation's own names of stages, as far as its alarms tell them. */
export function stagesOf(alarms: readonly AlarmRow[]): Stage[] {
  const names = new Map<string, Stage>()
  for (const a of alarms) if (a.stage_zh && a.stage_en && !names.has(a.stage)) names.set(a.stage, { name: a.stage, zh: a.stage_zh, en: a.stage_en })
  return [...names.values()]
}

export interface Listed { alarms: AlarmRow[]; counts: AlarmCounts }
const PAGE = 500
const PAGES = 6

/** The whole list of open alarms; of closed ones only the newest page. */
export async function getAlarms(state: string, query: Record<string, string | number | undefined> = {}): Promise<Listed> {
  const alarms: AlarmRow[] = []
  let counts: AlarmCounts = { open: 0, mine: 0, overdue: 0, nodata: 0 }
  let before: string | undefined
  for (let page = 0; page < PAGES; page++) {
    const answer = await get<{ alarms: Raw[]; counts: AlarmCounts; next?: string | null }>('/api/alarms', { state, limit: PAGE, ...(state === 'closed' || state === 'all' ? {} : { sort: 'due' }), ...query, before })
    alarms.push(...answer.alarms.map(alarmOf))
    counts = answer.counts
    if (!answer.next || state === 'closed' || state === 'all' || query.limit) break
    before = answer.next
  }
  return { alarms, counts }
}

const MANY = 200
/** One step for many; the server takes two hundred at once. */
export async function sendSteps(w: { numbers: string[]; kind: StepKind; text?: string; to_unit?: string; result?: string }): Promise<StepsAnswer & { alarms: AlarmRow[] }> {
  const all: StepsAnswer & { alarms: AlarmRow[] } = { done: [], refused: [], alarms: [] }
  for (let i = 0; i < w.numbers.length; i += MANY) {
    const answer = await send<{ alarms?: Raw[]; done?: string[]; refused?: StepsAnswer['refused'] }>('POST', '/api/alarms/steps', { ...w, numbers: w.numbers.slice(i, i + MANY) })
    const rows = (answer.alarms ?? []).map(alarmOf)
    all.alarms.push(...rows)
    all.done.push(...(answer.done ?? rows.map((a) => a.number)))
    all.refused.push(...(answer.refused ?? []))
  }
  return all
}

type RawStep = Omit<AlarmStep, 'by_name' | 'unit_name' | 'to_unit_name'> & { by_name?: string | null; unit_name?: string | null; unit_zh?: string | null; to_unit_name?: string | null; to_unit_zh?: string | null }
const stepOf = (s: RawStep): AlarmStep => ({ ...s, by_name: s.by_name ?? text(s.by), unit_name: s.unit_name ?? text(s.unit_zh), to_unit_name: s.to_unit_name ?? text(s.to_unit_zh) })

/** Everything the desk check needs of one alarm; a part that does not come stays empty. */
export async function getAlarm(number: string, signal?: AbortSignal): Promise<AlarmFile> {
  const raw = await get<Raw>(`/api/alarms/${number}`, {}, signal)
  const row = alarmOf(raw)
  const id = row.outlet.id
  const end = row.to ?? row.from
  const around = { from: Math.floor(row.from - DAY), to: Math.ceil(end + DAY) }
  const part = <T>(path: string, query: Record<string, string | number | undefined>, member: string, otherwise: T[]): Promise<T[]> =>
    get<Record<string, T[]>>(path, query, signal).then((x) => withTimes(x[member] ?? otherwise)).catch((e) => {
      if ((e as Error).name === 'AbortError') throw e
      return otherwise
    })
  const told = withTimes(raw) as unknown as Partial<AlarmFile>
  const [verdicts, marks, filings, station, notices] = await Promise.all([
    part<Verdict>(`/api/outlets/${id}/verdicts`, { from: Math.floor(row.from - HOUR), to: Math.ceil(end + HOUR), kind: row.kind }, 'verdicts', []),
    part<Mark>(`/api/outlets/${id}/marks`, around, 'marks', told.marks ?? []),
    part<Filing>(`/api/outlets/${id}/filings`, { from: around.from - 6 * DAY, to: around.to, limit: 20 }, 'filings', told.filings ?? []),
    part<RoomEvent>(`/api/outlets/${id}/station`, { before: Math.ceil(end + 3 * HOUR), limit: 12 }, 'events', told.station ?? []),
    part<Query>('/api/queries', { outlet: id, limit: 20 }, 'queries', told.notices ?? []),
  ])
  return { ...row, steps: ((raw.steps as RawStep[] | undefined) ?? []).map((s) => stepOf(withTimes(s))), verdicts: verdicts.filter((v) => !v.gone && (!row.factor || v.factor === row.factor)), marks, filings, station, notices, cameras: told.cameras ?? [] }
}

/* ---- shifts ---- */

interface Person { name: string; display_name: string | null }
interface RawLine { id: number | null; kind: string; automatic: boolean; at: number; by: Person | null; to: Person | null; text: string; text_en?: string | null; number?: string | null; open?: string[]; of?: number | null }
interface RawShift { shift: string; shift_zh: string; shift_en: string; from: number; to: number; earlier?: string; later?: string | null; on_duty?: { person: Person }[]; pending: RawLine | null; entries: RawLine[] }

const HANDS = ['offer', 'accept', 'refuse', 'cancel', 'begin']
const handOf = (l: RawLine): Handover => ({ id: l.id ?? 0, kind: l.kind, at: l.at, by: l.by?.name ?? '', by_name: l.by?.display_name ?? null, to: l.to?.name ?? null, to_name: l.to?.display_name ?? null, text: l.text, open: l.open ?? [] })

export async function getShift(name?: string): Promise<ShiftFile> {
  const s = withTimes(await get<RawShift>('/api/shifts', { shift: name })) as RawShift
  const current: Shift = { id: s.shift, name_zh: s.shift_zh, name_en: s.shift_en, from: s.from, to: s.to, people: (s.on_duty ?? []).map((p) => p.person) }
  const entries: ShiftEntry[] = s.entries.map((l, i) => ({ id: l.id ?? -1 - i, kind: l.kind, at: l.at, by: l.by?.name ?? null, by_name: l.by?.display_name ?? null, to_name: l.to?.display_name ?? null, text: l.text.replace(/\bm3\b/g, 'm³'), text_en: l.automatic && l.number ? `${l.number} ${l.text_en ?? ''}` : null, alarm: l.number ?? null, outlet: null, automatic: l.automatic }))
  return { current, entries: entries.sort((a, b) => b.at - a.at), handovers: s.entries.filter((l) => HANDS.includes(l.kind)).map(handOf), pending: s.pending ? handOf(s.pending) : null, earlier: s.earlier ?? null, later: s.later ?? null }
}
