// Shapes of what the API tells of devices: commands and their fate, completeness, station rooms, keys, forwarding, alerts.
import type { Kind } from './types'

export interface Word { code: number; zh: string; en: string }
export interface Place { arrival: number; journal: string; position: string }

/* ---- commands ---- */
export type ParamKind = 'number' | 'time14' | 'time17' | 'clock6' | 'clock4' | 'factor' | 'info' | 'choice' | 'text' | 'secret' | 'free' | 'decimal'
export interface CommandParam {
  name: string
  kind: ParamKind
  required: boolean
  least: number
  most: number
  choices: string[]
  unit: string
  zh: string
  en: string
  /** what is taken where nothing is given: "@now" */
  preset?: string
  /** as many values, separated by commas; 0: one */
  many?: number
  versions?: number[]
}
export interface CommandSpec {
  key: string
  cn: number
  versions: number[]
  zh: string
  en: string
  help_zh: string
  help_en: string
  flow: 'request' | 'notice'
  answer: 'none' | 'one' | 'uploads' | 'follows'
  range: boolean
  touches: boolean
  sure: boolean
  params: CommandParam[]
}
export interface Catalogue { commands: CommandSpec[]; qnrtn: Word[]; exertn: Word[] }

export type AskedState = 'waiting' | 'not_sent' | 'sent' | 'accepted' | 'ended' | 'unknown'
export type Outcome = 'done' | 'refused' | 'failed' | 'no_data' | 'no_answer' | 'no_result'
export interface Asked {
  id: number
  device: number
  mn: string | null
  outlet: number | null
  key: string
  cn: number
  version?: number
  zh: string
  en: string
  cp: string
  by: string
  origin: 'person' | 'policy' | 'target'
  target: string | null
  reason: string
  at: number
  valid_until: number
  state: AskedState
  outcome: Outcome | null
  attempts: number
  qnrtn: Word | null
  exertn: Word | null
  sent: Place | null
  accepted: Place | null
  ended: Place | null
  answers: (Place & { cp: string | null })[]
  uploads: number
  answer: { name: string; value: string; zh: string; en: string }[]
}

/* ---- completeness ---- */
export type GapState = 'none' | 'received' | 'late' | 'backfilled' | 'due' | 'asked' | 'missing' | 'lost'
export type GapKind = Extract<Kind, 'minute' | 'hour' | 'day'>
export interface GapRun { from: number; to: number; state: GapState }
export type GapCounts = Partial<Record<GapState, number>> & { owed?: number }
export interface Timeline {
  kind: GapKind
  step_ms: number
  from: number
  to: number
  runs: GapRun[]
  counts: GapCounts
  /** absent for an enterprise or a maintainer */
  asks?: { from: number; to: number; command: number }[]
}
export interface DayCounts extends GapCounts { day: string }
export interface DayTimeline { kind: GapKind; step_ms: number; from: number; to: number; days: DayCounts[]; counts: GapCounts }

/* ---- station room ---- */
export type RoomKind = 'door' | 'power' | 'temperature' | 'humidity' | 'voltage' | 'camera' | 'smoke' | 'water' | 'note'
export type RoomState = 'open' | 'closed' | 'lost' | 'back' | 'ok' | 'fault' | 'text'
export interface RoomEvent {
  time: number
  kind: RoomKind
  state: RoomState
  value: string | null
  unit: string | null
  text: string | null
  /** of device information, where it was that */
  code?: string | null
  /** "packet", "person" or "hook:NAME" */
  source: string
  by: string | null
  journal: string | null
  position: string | null
}
/** The last four are told to operators alone. */
export interface Camera { id: number; name: string; kind: 'rtsp' | 'gb28181' | 'other'; address: string | null; channel: string | null; snapshot: boolean; link: boolean; snapshot_url?: string | null; link_url?: string | null; user?: string | null; has_password?: boolean }
export interface Hook { id: number; outlet: number; name: string; by: string; made: number; used: number | null }
/** Told once, when it is made. */
export interface MadeHook extends Hook { token: string; path: string }

/* ---- devices ---- */
export interface DeviceKey { key_id: number; state: 'offered' | 'confirmed' | 'retired'; present: boolean; created: string | null; age_days: number; source: 'ministry' | 'rotated' | 'person'; at: number | null; confirmed_at: number | null; retired_at: number | null }
/** Device clock minus the platform's: positive is fast. */
export interface ClockDay { day: string; n: number; mean_ms: number | null; min_ms: number | null; max_ms: number | null; asked_ms: number | null; asked_at: number | null; odd: number }
export interface DeviceLink { journal: string; link: number | string; peer: string; first: number; last: number; packets: number; refused: number }
type Form<A extends string, B extends string> = A | B | 'mixed'
export interface Dialect {
  crc: Form<'hj212', 'modbus'>
  crc_case: Form<'upper', 'lower'>
  text: Form<'utf8', 'gbk'>
  len: Form<'bytes', 'characters'>
  tail: Form<'crlf', 'missing'>
  versions: Record<string, number>
  names: string[]
  packets: number
  encrypted: number
  split: number
  aliased: number
  first: number | null
  last: number | null
}
/** How the platform treats a device; 0 and "" stand for the default. */
export interface DeviceSettings {
  version: number
  rtd_interval_s: number
  min_interval_min: number
  pin_crc: number
  pin_case: number
  pin_text: number
  pin_reply: number
  overtime_s: number
  recount: number
  execute_s: number
  clock_policy: number
  clock_limit_s: number
  twin_policy: number
  gap_policy: number
  peers: string
  overlay: string
}
export interface DeviceFile extends DeviceSettings {
  id: number
  mn: string
  state: string
  admitted_at: number | null
  outlet: { id: number; code: string; name: string; st: string | null } | null
  enterprise: { id: number; name: string; short_name?: string | null } | null
  last_arrival: number | null
  has_password: boolean
  password_under_change: boolean
  aliases: Record<string, string>
  dialect: Dialect | null
  findings: { code: string; text: string; text_zh: string; count: number }[]
  clock: ClockDay[]
  links: DeviceLink[]
  twins: { from: number; to: number; a: DeviceLink; b: DeviceLink }[]
  keys: DeviceKey[]
  gaps: (Record<GapKind, GapCounts> & { looked: number | null }) | null
}
export interface Policy { name: string; value: number; otherwise: number; least: number; most: number; unit: string; zh: string; en: string }
export interface Overlay { name: string; title_zh: string; title_en: string; source: string; confidence: string; aliases: Record<string, string> }
export interface Registration { hardware: string; cpu: string | null; mac1: string | null; mac2: string | null; peer: string; count: number; last_seen: number; sample: { journal: string; position: string } | null }

/* ---- forwarding ---- */
export interface TargetState {
  link: 'connected' | 'connecting' | 'down' | 'paused'
  since: number | null
  peer: string | null
  position: { journal: string; position: string; behind_bytes: number }[] | null
  lag_bytes: number | null
  lag_ms: number | null
  waiting: number | null
  rate: number | null
  sent: number | null
  acked: number | null
  resent: number | null
  doubles: number | null
  refused: number | null
  unreadable: number | null
  commands: number | null
  /** time, packets a second, bytes behind */
  history: [number, number, number][] | null
  last_sent: number | null
  last_ack: number | null
  last_error: { at: number; text_zh: string; text_en: string } | null
}
export interface Target {
  id: number
  name: string
  host: string
  port: number
  tls: boolean
  tls_verify: boolean
  pw: { set: boolean } | null
  rewrite: { mn: string; to: string }[]
  filter: { areas: string[]; outlets: number[]; commands: number[] }
  require_ack: boolean
  commands_allowed: boolean
  overtime_s: number
  recount: number
  /** packets sent ahead of their acknowledgements */
  window: number
  rate: number
  paused: boolean
  /** what arrived before is not forwarded */
  from: number | null
  state: TargetState
}

/* ---- alerts ---- */
export interface Alert {
  code: string
  severity: 'note' | 'warning' | 'alarm'
  outlet: number | null
  device: number | null
  since: number | null
  text_zh: string
  text_en: string
  params?: Record<string, unknown>
}
