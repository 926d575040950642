// Shapes of the web API. Times are milliseconds since 1970 UTC; values exactly as sent are strings.

export type DomainKind = 'real' | 'training' | 'demo'
export type Role = 'operator' | 'officer' | 'leader' | 'maintainer' | 'enterprise'
export type OutletState = 'online' | 'late' | 'silent' | 'never'
export type Kind = 'real' | 'minute' | 'hour' | 'day'

export interface Installation {
  name: string
  domain: DomainKind
  version: string
  now: number
  demo_notice: boolean
  demo_accounts?: { user: string; password: string; role: Role }[]
}

export interface User {
  name: string
  display_name: string
  role: Role
  area: string | null
  area_name: string | null
  unit: string | null
  enterprise: string | number | null
  maintainer: string | number | null
}

export interface Area { code: string; parent: string | null; name: string }
export interface Unit { code: string; parent: string | null; name: string; area: string | null; area_name: string | null }

export interface Factor { code: string; name_zh: string; name_en: string; unit: string; medium: string }

export interface MainValue { factor: string; unit: string; value: number | string; time: number; limit: number | null }

export interface Judged { factor: string; unit: string; value: number | null; limit: number | null; period: '1h' | '24h'; converted: boolean; from: number; state: 'over' | 'attention' | 'ok' | 'invalid' }
export interface WatchOutlet {
  id: number
  code: string
  name: string
  kind: 'air' | 'water' | 'other'
  enterprise: { id: number; name: string; short_name: string | null }
  area: string
  lon: number | null
  lat: number | null
  state: OutletState
  last_arrival: number | null
  last_time: number | null
  main: MainValue | null
  spark?: (number | null)[]
  /** the last whole hour as it was judged, or day where limits are daily: the factor nearest to its limit */
  judged?: Judged | null
}

export interface Watch { now: number; counts: Record<OutletState, number>; outlets: WatchOutlet[] }

export interface LatestEvent {
  outlet: number
  kind: string
  time: number
  arrival: number
  state: OutletState
  main: MainValue | null
}

export interface EnterpriseRow {
  id: number
  name: string
  short_name: string | null
  credit_code: string | null
  area: string
  area_name: string
  industry: string | null
  permit_number: string | null
  permit_to: number | string | null
  outlets: number
}

export interface FactorRule {
  code: string
  name_zh?: string
  name_en?: string
  unit: string
  range_low: number | null
  range_high: number | null
  limit: number | null
  amount_t_a: number | null
  reference_oxygen: number | null
  judge_converted: boolean
}

export interface OutletDevice {
  id: number
  mn: string
  state: string
  version: number | string | null
  rtd_interval_s?: number | null
  min_interval_min?: number | null
}

export interface FileOutlet {
  id: number
  code: string
  name: string
  kind: string
  st: string | number
  state: OutletState
  last_arrival: number | null
  factors: FactorRule[]
  devices: OutletDevice[]
}

export interface EnterpriseFile extends EnterpriseRow {
  address?: string | null
  legal_person?: string | null
  contact?: string | null
  lon?: number | null
  lat?: number | null
  permit: { number: string | null; from: number | string | null; to: number | string | null } | null
  outlets_list?: FileOutlet[]
}

export interface OutletFile {
  id: number
  code: string
  name: string
  kind: string
  st: string | number
  enterprise: { id: number; name: string; short_name?: string | null }
  area: string
  area_name: string
  lon: number | null
  lat: number | null
  maintainer: { id: number; name: string } | null
  devices: OutletDevice[]
  factors: FactorRule[]
  state: OutletState
  last_arrival: number | null
  last_time: number | null
  main?: MainValue | null
  kinds: Partial<Record<Kind, { first?: number | null; last: number | null }>>
}

/** One factor of a series: parallel columns, one row per bucket (or per value when the window is narrow). */
export interface SeriesFactor {
  code: string
  field: string
  t: number[]
  span: number[]
  n: number[]
  first: number[]
  last: number[]
  min: number[]
  max: number[]
  mean: number[]
  flag: (string | null)[]
  late: (0 | 1)[]
  revisions: number[]
}

export interface Series { kind: Kind; from: number; to: number; factors: SeriesFactor[]; took_ms: number }

export interface RecordValue {
  factor: string
  name_zh: string
  name_en: string
  unit: string
  fields: Record<string, string>
}

export interface Revision {
  arrival: number
  journal: string
  position: string
  backfilled: boolean
  copies: number
  current: boolean
}

export interface RecordDetail { time: number; kind: Kind; values: RecordValue[]; revisions: Revision[] }

export interface RecordRow {
  time: number
  arrival: number
  journal: string
  position: string
  backfilled: boolean
  revisions: number
  values: Record<string, Record<string, string>>
}

export interface RecordEvent {
  kind: Kind
  time: number
  arrival: number
  journal: string
  position: string
  values: Record<string, Record<string, string>>
}

export interface Run {
  offset: number
  length: number
  role: 'frame' | 'address' | 'time' | 'factor' | 'text' | 'password'
  factor?: string
  field?: string
}

export interface Packet {
  journal: string
  position: string
  arrival: number
  link: string | number
  peer: string
  direction: 'in' | 'out' | 'event'
  domain: DomainKind
  flags: string[]
  register_version: number
  size: number
  hex: string
  ok: boolean
  version: number | null
  qn: string | null
  st: string | null
  cn: string | null
  mn: string | null
  crc: { sent: string | null; want: string | null; kind: 'hj212' | 'modbus' | 'bad' } | null
  runs: Run[]
  findings: { code: string; offset: number; text_zh?: string; text: string }[]
  acked: boolean
  ack: { position: string } | null
}

export interface DeviceRow {
  id: number
  mn: string
  outlet: { id: number; code: string; name: string } | null
  enterprise: { id: number; name: string; short_name?: string | null } | null
  state: string
  version: number | string | null
  last_arrival: number | null
}

export interface WaitingDevice {
  mn: string
  st: string | number | null
  peer: string
  first_seen: number
  last_seen: number
  packets: number
  bad_pw: number
  sample: { journal: string; position: string } | null
}

export interface SystemState {
  now: number
  uptime_s: number
  processes: { name: string; pid: number; state: string; since: number; restarts: number }[]
  gateways: {
    worker: number
    links: number
    packets: number
    bytes: number
    acks: number
    unknown: number
    bad: number
    rate: number
  }[]
  pipeline: { rate: number; lag_bytes: number; lag_ms: number; packets: number; rows: number }
  store: { bytes: number }
  journal: { bytes: number }
  disk: { free: number; total: number; state: 'ok' | 'full' }
  register_version: number
  alerts: { code: string; text_zh: string; text_en: string }[]
}

export interface UserRow extends User {
  disabled?: boolean
}

export interface Hit { kind: 'enterprise' | 'outlet' | 'device'; id: number; title: string; sub: string }

export interface ImportResult { applied: boolean; enterprises: number; outlets: number; devices: number; factors: number; changed?: number }

export interface ImportFault { sheet: string; row: number; column: string; text_zh: string; text_en: string }
