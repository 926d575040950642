// Shapes of reports, rules and filings. Rates are 0 to 1, null where there is nothing to divide by.

export type ReportPeriod = 'day' | 'month' | 'quarter' | 'year'

export interface Rates {
  transmission: number | null
  validity: number | null
  effective: number | null
  due: number
  valid: number
  invalid: number
  missing: number
  stopped: number
  spared: number
}
export interface Figures extends Rates {
  outlets: number
  networked: number
  networking: number | null
  exceedances: number | null
  handled: number | null
  in_time: number | null
  handling: number | null
}
export interface Amounts { emission_t: number | null; replaced_t: number | null; permitted_t: number | null; used: number | null }
export interface RateFactor extends Rates, Amounts { code: string; name_zh: string; name_en: string; link: string }
export interface RateArea extends Figures { code: string; parent: string | null; name: string; link: string }
export interface RateEnterprise extends Figures { id: number; name: string; area: string; link: string }
export interface RateOutlet extends Figures { id: number; code: string; name: string; kind: string; enterprise: number; factors: RateFactor[]; link: string }

export interface PeriodHead {
  period: ReportPeriod
  at: string
  title_zh: string
  title_en: string
  from: number
  to: number
  over: boolean
  before: string
  after: string
}
export interface RatesReport extends PeriodHead {
  report: 'rates'
  now: number
  area: string | null
  basis_zh: string
  basis_en: string
  low: number | null
  bad: number | null
  total: Figures
  areas: RateArea[]
  enterprises: RateEnterprise[]
  outlets: RateOutlet[]
  under_low: number[]
  under_bad: number[]
}

export interface Said { code: string; zh: string; en: string; figure: number | null }
export interface ReportMean {
  validity: string
  marking: string
  mean: number | null
  converted: number | null
  emission_kg: number | null
  replaced_kg: number | null
  due: number
  valid: number
  reasons: Said[]
  link: string
}
export interface ReportRun { from: number; to: number; hours: number; state: string; zh: string; en: string; link: string }
export interface ReportFactor extends Rates, Amounts {
  code: string
  name_zh: string
  name_en: string
  unit: string
  limit: number | null
  converted: boolean
  assessed: boolean
  whole: ReportMean | null
  runs: ReportRun[]
}
export interface ReportVerdict {
  number: string
  kind: string
  zh: string
  en: string
  factor: string
  unit: string
  period: string
  from: number
  to: number
  value: number | null
  held: number | null
  multiple: number | null
  counts: boolean
  source: string
  link: string
}
export interface OutletReport extends PeriodHead {
  report: 'outlet'
  now: number
  step: '1h' | '24h' | 'month'
  basis_zh: string
  basis_en: string
  standing_zh: string
  standing_en: string
  outlet: { id: number; code: string; name: string; kind: string; enterprise_id: number; enterprise: string; area_name: string }
  total: Rates
  factors: ReportFactor[]
  rows: { from: number; to: number; values: (ReportMean | null)[]; link: string }[]
  verdicts: ReportVerdict[]
  verdicts_cut: boolean
}

export interface RuleFigure { name: string; value: number | null; unit: string | null; confidence: string; corrected: boolean }
export interface Rule {
  id: string
  title_zh: string
  title_en: string
  standard: string
  edition: string
  clause: string
  source: string
  confidence: string
  accuses: boolean
  enabled: boolean
  valid_from: string | null
  valid_to: string | null
  figures: RuleFigure[]
}
export interface LimitRow {
  id: string
  standard: string
  source_type: string
  variant: string
  factor: string
  name: string
  value: number | null
  low: number | null
  unit: string
  period: string | null
  basis: string
  confidence: string
  reference_oxygen: number | null
  share: number | null
  cold_value: number | null
  cold_c: number | null
  enabled: boolean
  valid_from: string | null
  valid_to: string | null
  note: string
}
export interface Correction {
  rule: string
  figure: string | null
  value: number | null
  enabled: boolean | null
  confidence: string
  from: string | null
  at: number
  by: string
  by_name: string
  reason: string
}
export interface RuleBook { digest: string; rules: Rule[]; limits: LimitRow[]; corrections: Correction[] }

export interface Filing {
  id: number
  outlet: number
  version: number
  versions_n: number
  kind: string
  zh: string
  en: string
  from: number
  to: number
  factor: string | null
  reading: number | null
  nominal: number | null
  full_scale: number | null
  passed: boolean | null
  reference: number[]
  measured: number[]
  text: string | null
  document: string | null
  by_name: string | null
  state: string | null
  evidence: string[]
  withdrawn: boolean
  reason: string | null
  filed_at: number
  role: string | null
  filed_by: string | null
  filed_by_name: string | null
}
