// What a person may ask of a device: how commands are grouped, what their parameters take, how far one has come.
import type { Asked, CommandParam, CommandSpec, Outcome } from '../api/deviceTypes'
import { parseStamp } from './time'

export const GROUPS = ['parameters', 'data', 'control', 'information'] as const
export type Group = (typeof GROUPS)[number]

/** 1000–1999 parameters, 2000–2999 data, 3000–3999 control, but for those that only ask about an instrument. */
export function groupOf(spec: Pick<CommandSpec, 'cn' | 'touches'>): Group {
  if (spec.cn < 2000) return 'parameters'
  if (spec.cn < 3000) return 'data'
  return spec.touches ? 'control' : 'information'
}

export const fits = (what: { versions?: number[] }, version: number): boolean => !what.versions?.length || what.versions.includes(version)

/** Parameters that a version has. */
export const paramsOf = (spec: CommandSpec, version: number): CommandParam[] => spec.params.filter((p) => fits(p, version))

export function matches(spec: CommandSpec, q: string): boolean {
  const text = q.trim().toLowerCase()
  return !text || String(spec.cn).startsWith(text) || [spec.key, spec.zh, spec.en].some((s) => s.toLowerCase().includes(text))
}

/** @now: the gateway puts in the time of sending. */
export const NOW = '@now'
export const mayBeNow = (p: CommandParam): boolean => p.preset === NOW && (p.kind === 'time14' || p.kind === 'time17')
export const isTime = (p: CommandParam): boolean => p.kind === 'time14' || p.kind === 'time17'

export interface Fault { word: string; gaps?: Record<string, string | number> }

const CODES: Partial<Record<CommandParam['kind'], [RegExp, string]>> = {
  factor: [/^[A-Za-z0-9]{2,8}$/, 'a21002'],
  info: [/^[iI]\d[0-9A-Za-z]{4}$/, 'i12001'],
}

/** What is wrong with a value as typed; null: nothing. */
export function faultOf(p: CommandParam, value: string): Fault | null {
  const text = value.trim()
  if (text === '') return p.required && !p.preset ? { word: 'required' } : null
  if (text === NOW) return mayBeNow(p) ? null : { word: 'time' }
  const several = (p.many ?? 0) > 1
  const parts = several ? text.split(/[,，]/).map((s) => s.trim()) : [text]
  if (several && parts.length > (p.many as number)) return { word: 'many', gaps: { n: p.many as number } }
  for (const part of parts) {
    const fault = oneFault(p, part)
    if (fault) return fault
  }
  return null
}

function oneFault(p: CommandParam, text: string): Fault | null {
  switch (p.kind) {
    case 'number':
      if (!/^-?\d{1,15}$/.test(text)) return { word: 'number' }
      return Number(text) < p.least || Number(text) > p.most ? { word: 'range', gaps: { least: p.least, most: p.most } } : null
    case 'decimal':
      return /^-?\d{1,9}(\.\d{1,6})?$/.test(text) ? null : { word: 'decimal' }
    case 'time14':
    case 'time17':
      return parseStamp(text) === null ? { word: 'time' } : null
    case 'clock6':
      return /^([01]\d|2[0-3]):[0-5]\d:[0-5]\d$/.test(text) ? null : { word: 'clock6' }
    case 'clock4':
      return /^([01]\d|2[0-3]):[0-5]\d$/.test(text) ? null : { word: 'clock4' }
    case 'choice':
      return p.choices.includes(text) ? null : { word: 'choice' }
    case 'factor':
    case 'info': {
      const [form, example] = CODES[p.kind] as [RegExp, string]
      return form.test(text) ? null : { word: 'code', gaps: { example } }
    }
    default: {
      const size = new TextEncoder().encode(text).length
      const odd = /[;,=&\u0000-\u001f]/.test(text) || (p.kind !== 'free' && /[^\x20-\x7e]/.test(text))
      return odd || size < p.least || (p.most > 0 && size > p.most) ? { word: 'text', gaps: { least: Math.max(1, p.least), most: p.most || 200 } } : null
    }
  }
}

/** The end of a range must follow its beginning. */
export function rangeFault(values: Record<string, string>): Fault | null {
  const from = parseStamp(values.BeginTime ?? '')
  const to = parseStamp(values.EndTime ?? '')
  return from !== null && to !== null && to <= from ? { word: 'order' } : null
}

/** As the API takes it: digits only for times and clocks, nothing for what was left empty. */
export function argumentsOf(params: readonly CommandParam[], values: Record<string, string>): Record<string, string> {
  const out: Record<string, string> = {}
  for (const p of params) {
    const text = (values[p.name] ?? '').trim()
    if (text === '') continue
    if (text === NOW) out[p.name] = NOW
    else if (isTime(p)) out[p.name] = text.replace(/\D/g, '').padEnd(14, '0') + (p.kind === 'time17' ? '000' : '')
    else if (p.kind === 'clock6' || p.kind === 'clock4') out[p.name] = text.replace(/\D/g, '')
    else if ((p.many ?? 0) > 1) out[p.name] = text.split(/[,，]/).map((s) => s.trim()).join(',')
    else out[p.name] = text
  }
  return out
}

/* ---- how far it has come ---- */

export const isOver = (c: Asked): boolean => c.state === 'ended' || c.state === 'not_sent' || c.state === 'unknown'

/** How its state is drawn: ordinary, under way, attention, nothing. */
export type Look = 'ok' | 'way' | 'warn' | 'none'
const OUTCOME_LOOK: Record<Outcome, Look> = { done: 'ok', no_data: 'none', refused: 'warn', failed: 'warn', no_answer: 'warn', no_result: 'warn' }

export function lookOf(c: Pick<Asked, 'state' | 'outcome'>): Look {
  if (c.state === 'ended') return c.outcome ? OUTCOME_LOOK[c.outcome] : 'ok'
  if (c.state === 'unknown') return 'warn'
  return c.state === 'not_sent' ? 'none' : 'way'
}

export interface Step { key: 'asked' | 'sent' | 'accepted' | 'uploads' | 'ended'; at: 'done' | 'now' | 'ahead' | 'stopped' }

/** The chain of one command; uploads only where it brings some, an answer only where it is a request. */
export function stepsOf(c: Asked, spec: Pick<CommandSpec, 'flow' | 'answer'> | null): Step[] {
  const keys: Step['key'][] = ['asked', 'sent']
  if (spec?.flow !== 'notice') keys.push('accepted')
  if (spec ? spec.answer === 'one' || spec.answer === 'uploads' : c.uploads > 0) keys.push('uploads')
  keys.push('ended')
  const reached: Record<Step['key'], boolean> = { asked: true, sent: c.sent !== null || c.attempts > 0, accepted: c.accepted !== null, uploads: c.uploads > 0 || c.answers.length > 0, ended: c.state === 'ended' && (c.outcome === 'done' || c.outcome === 'no_data') }
  if (reached.ended) for (const k of keys) if (k !== 'uploads' || c.outcome === 'done') reached[k] = true
  const now = keys.find((k) => !reached[k])
  return keys.map((key) => ({ key, at: reached[key] ? 'done' : key !== now || reached.ended ? 'ahead' : isOver(c) ? 'stopped' : 'now' }))
}

/* ---- what a device answered ---- */

type Item = Asked['answer'][number]
export interface AnswerFactor { factor: string; fields: Record<string, string> }

/** Times as people write them; everything else exactly as it came. */
export function answerValue(name: string, value: string): string {
  const m = /Time$/.test(name) ? /^(\d{4})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})(\d{3})?$/.exec(value) : null
  return m ? `${m[1]}-${m[2]}-${m[3]} ${m[4]}:${m[5]}:${m[6]}` : value
}

/** Measured values come as a table of factors, the rest as single items; device information (i.....) is single. */
export function splitAnswer(items: readonly Item[]): { single: Item[]; factors: AnswerFactor[] } {
  const single: Item[] = []
  const factors = new Map<string, AnswerFactor>()
  for (const item of items) {
    const m = /^([a-hj-z][0-9A-Za-z]{2,7})-(Rtd|Min|Avg|Max|Cou|Flag|EFlag|Zs\w+)$/.exec(item.name)
    if (!m) {
      single.push(item)
      continue
    }
    const row = factors.get(m[1] as string) ?? { factor: m[1] as string, fields: {} }
    row.fields[m[2] as string] = item.value
    factors.set(row.factor, row)
  }
  return { single, factors: [...factors.values()] }
}
