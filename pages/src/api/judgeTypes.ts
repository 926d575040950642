// Shapes of what the judge says and of what people do about it: means, verdicts, marks, notices, alarms, shifts. Times are milliseconds.
import type { Camera, RoomEvent } from './deviceTypes'

export interface RuleBrief { id: string; title_zh: string; title_en: string; standard: string; edition: string; clause: string; confidence: string; enabled: boolean; source?: string }
export interface Reason { code: string; zh: string; en: string; figure: number | null; rule: RuleBrief | null }
export type Period = '1min' | '5min' | '1h' | '8h' | '24h' | 'month' | 'quarter' | 'year'
export type Marking = 'unmarked' | 'marked-valid' | 'marked-invalid' | 'disputed'

export interface Mean {
  outlet: number
  factor: string
  unit: string
  period: Period
  from: number
  to: number
  validity: 'valid' | 'invalid' | 'stopped' | 'partial' | 'no-data'
  marking: Marking
  condition: string | null
  equipment: string | null
  judged: boolean
  transient: boolean
  exempt: boolean
  as_sent: boolean
  due: number
  valid: number
  raw: number | null
  mean: number | null
  converted: number | null
  sent: number | null
  sent_converted: number | null
  min: number | null
  max: number | null
  flow_m3: number | null
  emission_kg: number | null
  replaced_kg: number | null
  reasons: Reason[]
}
export interface VerdictLimit { value: number | null; low: number | null; unit: string; period: Period; basis: 'permit' | 'local' | 'national' | 'ultra-low'; source: string; confidence: string; converted: boolean }
export interface Verdict {
  number: string | null
  gone?: boolean
  outlet: number
  kind: string
  zh: string
  en: string
  factor: string | null
  unit?: string | null
  period: Period
  from: number
  to: number
  value: number | null
  limit: VerdictLimit | null
  held: number | null
  multiple: number | null
  oxygen: number | null
  measured: number | null
  working: string | null
  marking: Marking
  counts: boolean
  rule: RuleBrief | null
  reasons: Reason[]
  statement_zh: string | null
  statement_en: string | null
  alarm?: string | null
}

export interface OutletBrief { id: number; code: string; name: string }
export interface FirmBrief { id: number; name: string; short_name?: string | null }

export interface Mark {
  id: number
  outlet: number
  from: number
  to: number | null
  axis: 'condition' | 'equipment'
  value: string
  zh: string
  en: string
  factors: string[]
  counts: boolean
  /** What the judge does: data under this mark stay in use. */
  usable: boolean
  automatic: boolean
  disputed: boolean
  withdrawn: boolean
  reason: string | null
  by: string | null
  by_name: string | null
  set_at: number | null
  deadline: number | null
  late: boolean
  version: number
  versions_n: number
  evidence: string[]
}
export interface Said { at: number; by_name: string | null; text?: string | null; result?: string | null }
/** A notice (supervision notice): a question about a mark, or one that comes from an alarm. */
export interface Query {
  id: number
  number: string
  outlet: OutletBrief
  enterprise: FirmBrief
  mark: number | null
  alarm: string | null
  text: string
  by: string
  by_name: string | null
  unit_name: string | null
  at: number
  deadline: number | null
  state: 'sent' | 'received' | 'replied' | 'closed'
  overdue: boolean
  received: Said | null
  reply: Said | null
  closed: Said | null
}
export interface MarkFile { mark: Mark; versions: Mark[]; queries: Query[] }
export interface Filing { id: number; outlet: number; kind: string; from: number | null; to: number | null; factor: string | null; reading: number | null; nominal: number | null; passed: boolean | null; text: string | null; by_name: string | null; state: string | null }

export type StepKind = 'raise' | 'take' | 'assign' | 'sign' | 'verify' | 'feedback' | 'return' | 'urge' | 'close' | 'reopen' | 'note' | 'withdrawn'
export type StageName = 'raised' | 'desk' | 'assign' | 'sign' | 'verify' | 'feedback' | 'review' | 'closed'
export interface Stage { name: StageName; zh: string; en: string; limit_min?: number | null }
export interface AlarmRow {
  number: string
  outlet: OutletBrief
  enterprise: FirmBrief
  kind: string
  severity: 1 | 2 | 3
  factor: string | null
  period: Period | null
  converted: boolean
  from: number
  to: number | null
  open: boolean
  value: number | null
  held: number | null
  multiple: number | null
  unit: string | null
  text_zh: string
  text_en: string
  stage: StageName
  stage_zh?: string
  stage_en?: string
  due: number | null
  overdue: boolean
  returned?: boolean
  urged?: boolean
  holder?: string | null
  holder_name?: string | null
  steps_n: number
  verdict: string | null
  allowed?: StepKind[]
}
export interface AlarmStep { kind: StepKind; zh: string; en: string; at: number; by: string | null; by_name: string | null; unit: string | null; unit_name: string | null; to_unit: string | null; to_unit_name: string | null; result: string | null; text: string | null }
export interface AlarmFile extends AlarmRow {
  steps: AlarmStep[]
  verdicts: Verdict[]
  marks: Mark[]
  filings: Filing[]
  cameras: Camera[]
  station: RoomEvent[]
  notices: Query[]
}
export interface AlarmCounts { open: number; mine: number; overdue: number; nodata: number }
export interface StepsAnswer { done: string[]; refused: { number: string; text_zh: string; text_en: string }[] }

export interface ShiftEntry { id: number; kind: string; at: number; by: string | null; by_name: string | null; to_name: string | null; text: string; text_en?: string | null; alarm: string | null; outlet: number | null; automatic: boolean }
export interface Handover { id: number; kind: string; at: number; by: string; by_name: string | null; to: string | null; to_name: string | null; text: string; open: string[] }
export interface Shift { id: number | string; name_zh: string; name_en: string; from: number; to: number; people: { name: string; display_name: string | null }[] }
export interface ShiftFile { current: Shift | null; entries: ShiftEntry[]; handovers: Handover[]; pending: Handover | null; earlier: string | null; later: string | null }
