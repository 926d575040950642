// Beijing time everywhere, whatever the clock of the viewer: shift by eight hours and read UTC parts.
import type { Kind } from '../api/types'

export const SECOND = 1000
export const MINUTE = 60 * SECOND
export const HOUR = 60 * MINUTE
export const DAY = 24 * HOUR
const SHIFT = 8 * HOUR

const two = (n: number): string => String(n).padStart(2, '0')

export interface Civil { year: number; month: number; day: number; hour: number; minute: number; second: number; weekday: number }

export function civil(ms: number): Civil {
  const d = new Date(ms + SHIFT)
  return {
    year: d.getUTCFullYear(),
    month: d.getUTCMonth() + 1,
    day: d.getUTCDate(),
    hour: d.getUTCHours(),
    minute: d.getUTCMinutes(),
    second: d.getUTCSeconds(),
    weekday: d.getUTCDay(),
  }
}

export const fromCivil = (year: number, month: number, day = 1, hour = 0, minute = 0, second = 0): number =>
  Date.UTC(year, month - 1, day, hour, minute, second) - SHIFT

export const startOfDay = (ms: number): number => Math.floor((ms + SHIFT) / DAY) * DAY - SHIFT
export const startOfHour = (ms: number): number => Math.floor(ms / HOUR) * HOUR

export function startOfMonth(ms: number): number {
  const c = civil(ms)
  return fromCivil(c.year, c.month)
}

export function date(ms: number): string {
  const c = civil(ms)
  return `${c.year}-${two(c.month)}-${two(c.day)}`
}

export function clock(ms: number, seconds = true): string {
  const c = civil(ms)
  return `${two(c.hour)}:${two(c.minute)}${seconds ? ':' + two(c.second) : ''}`
}

export const clockMs = (ms: number): string => `${clock(ms)}.${String(((ms % 1000) + 1000) % 1000).padStart(3, '0')}`
export const stamp = (ms: number): string => `${date(ms)} ${clock(ms)}`
export const stampMinute = (ms: number): string => `${date(ms)} ${clock(ms, false)}`

export function monthDayClock(ms: number): string {
  const c = civil(ms)
  return `${two(c.month)}-${two(c.day)} ${two(c.hour)}:${two(c.minute)}`
}

/** "2026-11-23 13:41" or with seconds, read as Beijing time; null when it is none. */
export function parseStamp(text: string): number | null {
  const m = /^(\d{4})-(\d{2})-(\d{2})[ T](\d{2}):(\d{2})(?::(\d{2}))?$/.exec(text.trim())
  if (!m) return null
  const [year, month, day, hour, minute, second] = m.slice(1).map((p) => Number(p ?? 0)) as [number, number, number, number, number, number]
  const ms = fromCivil(year, month, day, hour, minute, second || 0)
  return stamp(ms) === `${m[1]}-${m[2]}-${m[3]} ${m[4]}:${m[5]}:${m[6] ?? '00'}` ? ms : null
}

/** An age in the two largest units: 41 s, 3 min 20 s, 6 h 18 min, 2 d 4 h. Thin spaces keep number and unit together. */
export function age(ms: number): string {
  const s = Math.max(0, Math.floor(ms / SECOND))
  if (s < 60) return `${s} s`
  const min = Math.floor(s / 60)
  if (min < 10) return `${min} min ${s % 60} s`
  if (min < 60) return `${min} min`
  const h = Math.floor(min / 60)
  if (h < 48) return `${h} h ${min % 60} min`
  return `${Math.floor(h / 24)} d ${h % 24} h`
}

/** Nominal length of what one record of a kind stands for. */
export const KIND_SPAN: Record<Kind, number> = { real: MINUTE, minute: 10 * MINUTE, hour: HOUR, day: DAY }

export interface Range { from: number; to: number }

export type Preset = 'day' | 'yesterday' | 'month' | 'custom'

export function presetRange(preset: Exclude<Preset, 'custom'>, now: number): Range {
  if (preset === 'day') return { from: now - DAY, to: now }
  if (preset === 'yesterday') {
    const today = startOfDay(now)
    return { from: today - DAY, to: today }
  }
  return { from: startOfMonth(now), to: now }
}

export const MIN_WINDOW = MINUTE
export const MAX_WINDOW = 400 * DAY

/** Zooms about a point (0..1 of the width) by a factor, within a minute and a year, never past `latest`. */
export function zoomRange(range: Range, at: number, factor: number, latest: number): Range {
  const width = range.to - range.from
  const next = Math.min(MAX_WINDOW, Math.max(MIN_WINDOW, width * factor))
  const pivot = range.from + width * at
  return clampRange({ from: pivot - next * at, to: pivot + next * (1 - at) }, latest)
}

export function panRange(range: Range, by: number, latest: number): Range {
  return clampRange({ from: range.from + by, to: range.to + by }, latest)
}

export function clampRange(range: Range, latest: number): Range {
  const width = Math.min(MAX_WINDOW, Math.max(MIN_WINDOW, range.to - range.from))
  const to = Math.min(range.from + width, latest)
  return { from: Math.round(to - width), to: Math.round(to) }
}

const STEPS = [
  10 * SECOND, 30 * SECOND, MINUTE, 2 * MINUTE, 5 * MINUTE, 10 * MINUTE, 30 * MINUTE,
  HOUR, 2 * HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR, DAY, 2 * DAY, 5 * DAY, 10 * DAY,
]

export interface Tick { ms: number; label: string; strong: boolean }

/** Ticks of a time axis on Beijing's round times; day and month beginnings are strong. */
export function timeTicks(range: Range, widthPx: number, minGapPx: number, zh: boolean): Tick[] {
  const width = range.to - range.from
  const perTick = (width * minGapPx) / Math.max(1, widthPx)
  const step = STEPS.find((s) => s >= perTick)
  if (step === undefined) return monthTicks(range, perTick)
  const ticks: Tick[] = []
  if (step > DAY) {
    for (let month = startOfMonth(range.from); month <= range.to; ) {
      const c = civil(month)
      const next = fromCivil(c.year, c.month + 1)
      for (let ms = month; ms < next && ms <= range.to; ms += step) {
        if (ms >= range.from && next - ms >= step * 0.7) ticks.push(dayTick(ms, zh))
      }
      month = next
    }
    return ticks
  }
  for (let ms = Math.ceil((range.from + SHIFT) / step) * step - SHIFT; ms <= range.to; ms += step) {
    if (startOfDay(ms) === ms) ticks.push(dayTick(ms, zh))
    else ticks.push({ ms, label: clock(ms, step < MINUTE), strong: false })
  }
  return ticks
}

const EN_MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

function dayTick(ms: number, zh: boolean): Tick {
  const c = civil(ms)
  const month = zh ? `${c.month} 月` : (EN_MONTHS[c.month - 1] as string)
  const label = c.day === 1 ? (zh ? `${month} 1 日` : `1 ${month}`) : zh ? `${c.day} 日` : `${c.day} ${month}`
  return { ms, label, strong: true }
}

export function monthTicks(range: Range, perTick = 0): Tick[] {
  const ticks: Tick[] = []
  const stride = perTick > 45 * DAY ? 3 : perTick > 26 * DAY ? 2 : 1
  for (let ms = startOfMonth(range.from); ms <= range.to; ) {
    const c = civil(ms)
    if (ms >= range.from && (c.month - 1) % stride === 0) {
      const first = ticks.length === 0 || c.month === 1
      ticks.push({ ms, label: first ? `${c.year}-${two(c.month)}` : two(c.month), strong: false })
    }
    ms = fromCivil(c.year, c.month + 1)
  }
  return ticks
}

const WEEKDAY_ZH = ['周日', '周一', '周二', '周三', '周四', '周五', '周六']
const WEEKDAY_EN = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat']
export const weekday = (ms: number, zh: boolean): string => (zh ? WEEKDAY_ZH : WEEKDAY_EN)[civil(ms).weekday] as string
