// Shapes of what ran when: units with their runs, plans of heavy-pollution days. Times are milliseconds.
import type { FirmBrief, Mark, Verdict } from './judgeTypes'

export type UnitState = 'running' | 'stopped' | 'alarm'
export interface UnitRun { from: number; to: number; state: UnitState; mean: number | null }
export interface OperationUnit {
  id: string
  name: string
  treatment: boolean
  serves: string | null
  factor: string
  records: 'values' | 'facility' | 'runtime'
  outlet: string | null
  running_above: number
  rated: number | null
  known_h: number
  running_h: number
  alarm_h: number
  mean: number | null
  runs: UnitRun[]
  without: { from: number; to: number }[]
  without_h: number
}
export interface Plan {
  id: number
  enterprise: FirmBrief
  from: number
  to: number
  level: string
  measure: string
  stop: boolean
  power_share: number | null
  flow_share: number | null
  at: number
  by: string | null
}
export interface Operation { outlet: number; from: number; to: number; until: number | null; units: OperationUnit[]; plans: Plan[]; marks: Mark[]; verdicts: Verdict[]; more: boolean }
