// How a clock's error is written, and what the scale of its chart is.

/** 700 → "0.7 s", 63 000 → "63 s", 5 400 000 → "1 h 30 min". Without a sign. */
export function skewText(ms: number): string {
  const s = Math.abs(ms) / 1000
  if (s < 10) return `${s.toFixed(1)}\u2009s`
  if (s < 600) return `${Math.round(s)}\u2009s`
  const min = Math.round(s / 60)
  return min < 60 ? `${min}\u2009min` : `${Math.floor(min / 60)}\u2009h ${min % 60}\u2009min`
}

/** Below this nobody would say that a clock is off. */
export const SKEW_EXACT_MS = 50

/** The scale reaches the limit and what was measured, but one wild day does not press the rest flat. */
export function skewTop(means: readonly number[], limitMs: number): number {
  const sorted = means.map(Math.abs).sort((a, b) => a - b)
  const usual = sorted[Math.floor((sorted.length - 1) * 0.9)] ?? 0
  return Math.max(limitMs * 1.25, Math.min(sorted[sorted.length - 1] ?? 0, Math.max(usual * 3, limitMs * 3)) * 1.1, 2000)
}
