// What ran when, as pixels and as sentences: runs on a time axis, the order of strips, what is wrong with a plan.
import type { OperationUnit, Plan } from '../api/operationTypes'
import { DAY, type Range } from './time'

export interface Bar { x: number; w: number; from: number; to: number }

/** Longest window the server answers. */
export const MOST_OPERATION = 31 * DAY

/** The window that is asked for: its end, where it is longer than is answered. */
export const askedRange = (r: Range): Range => ({ from: Math.floor(Math.max(r.from, r.to - MOST_OPERATION)), to: Math.ceil(r.to) })

/** Stretches on an axis of `width` pixels: cut to the window, at least one pixel wide. */
export function bars<T extends { from: number; to: number | null }>(items: readonly T[], range: Range, width: number): (Bar & { item: T })[] {
  const x = (ms: number): number => ((ms - range.from) / (range.to - range.from)) * width
  return items
    .filter((i) => i.from < range.to && (i.to ?? Infinity) > range.from)
    .map((item) => {
      const x0 = Math.max(0, x(item.from))
      const x1 = Math.min(width, x(item.to ?? range.to))
      return { item, x: Math.min(x0, width - 1), w: Math.max(1, x1 - x0), from: item.from, to: item.to ?? range.to }
    })
}

/** Production above, beneath each unit the treatment that serves it, last the treatment of all. */
export function inOrder(units: readonly OperationUnit[]): OperationUnit[] {
  const production = units.filter((u) => !u.treatment)
  const treatment = units.filter((u) => u.treatment)
  const of = (id: string): OperationUnit[] => treatment.filter((t) => t.serves === id)
  return [...production.flatMap((p) => [p, ...of(p.id)]), ...treatment.filter((t) => !production.some((p) => p.id === t.serves))]
}

export const stoppedHours = (u: OperationUnit): number => Math.max(0, u.known_h - u.running_h)

export interface PlanDraft { from: number | null; to: number | null; level: string; measure: string; stop: boolean; power: string; flow: string }
export type PlanFault = 'time' | 'order' | 'level' | 'measure' | 'share' | 'nothing'

/** "50" or "50 %" is 0.5; empty is null; anything else undefined. */
export function shareOfText(text: string): number | null | undefined {
  const s = text.replace('%', '').trim()
  if (s === '') return null
  const n = Number(s)
  return Number.isFinite(n) && n >= 0 && n <= 100 ? n / 100 : undefined
}

export function planFault(d: PlanDraft): PlanFault | null {
  if (d.from === null || d.to === null) return 'time'
  if (d.to <= d.from || d.to - d.from > 120 * DAY) return 'order'
  if (d.level.trim() === '') return 'level'
  if (d.measure.trim() === '') return 'measure'
  const power = shareOfText(d.power)
  const flow = shareOfText(d.flow)
  if (power === undefined || flow === undefined) return 'share'
  return d.stop || power !== null || flow !== null ? null : 'nothing'
}

export const planBody = (enterprise: number, d: PlanDraft) => ({
  enterprise, from: d.from, to: d.to, level: d.level.trim(), measure: d.measure.trim(), stop: d.stop, power_share: shareOfText(d.power) ?? null, flow_share: shareOfText(d.flow) ?? null,
})

/** What a plan allows: its shares in percent. */
export const planShares = (p: Pick<Plan, 'power_share' | 'flow_share'>): { power: number | null; flow: number | null } => ({
  power: p.power_share === null ? null : Math.round(p.power_share * 1000) / 10,
  flow: p.flow_share === null ? null : Math.round(p.flow_share * 1000) / 10,
})
