// Series and records of the invented province, thinned as the server does: a bucket keeps its extremes.
import { DAY, HOUR, MINUTE, STEP, circumstance, outlets, textOf, value } from './province.mjs'

const KEEP = { real: 8 * DAY, minute: 370 * DAY, hour: 370 * DAY, day: 370 * DAY }
const SHIFT = 8 * HOUR
export const KIND_NAMES = ['real', 'minute', 'hour', 'day']
/** One ten-minute value that must never disappear, however far one zooms out: outlet 1, its first factor, 100 days ago. */
export const SPIKE = { outlet: 1, code: 'a21002', daysAgo: 100, value: 181.5 }

export const lastComplete = (kind, o, now) => {
  const end = now - (o.state === 'online' ? 0 : o.quiet)
  return floorTo(kind, end - STEP[kind])
}
const floorTo = (kind, t) => (kind === 'day' ? Math.floor((t + SHIFT) / DAY) * DAY - SHIFT : Math.floor(t / STEP[kind]) * STEP[kind])
export const spikeTime = (start) => floorTo('minute', start - SPIKE.daysAgo * DAY)

/** Hour means above the limit, the last of them the last whole hour: outlet, factor, measured hour means. */
export const OVER = [
  { outlet: 2, code: 'a21002', hours: [54.1, 62] },
  { outlet: 5, code: 'a21026', hours: [36.4, 35.9, 37.2, 36.8, 35.8] },
  { outlet: 8, code: 'w21003', hours: [5.2, 5.41, 5.48, 5.62] },
]
const overHours = (x, start) => x.hours.map((_, i) => Math.floor(start / HOUR) * HOUR - (x.hours.length - i) * HOUR)
export const overAt = (o, code, start) => OVER.filter((x) => x.outlet === o.id && x.code === code).flatMap((x) => overHours(x, start))

export function valueAt(o, code, t, kind, start) {
  const x = OVER.find((y) => y.outlet === o.id && (y.code === code || code === 'a19001'))
  if (x && kind !== 'day') {
    const i = overHours(x, start).findIndex((h) => t >= h && t < h + HOUR)
    if (i >= 0) return code === 'a19001' ? 7.2 : x.hours[i] * (kind === 'hour' ? 1 : 1 + 0.12 * (((t / MINUTE) * 0.618) % 1 - 0.5))
  }
  if (kind === 'minute' && o.id === SPIKE.outlet && code === SPIKE.code && t === spikeTime(start)) return SPIKE.value
  return value(o, code, t + (kind === 'hour' ? HOUR / 2 : 0), kind)
}

export function series(o, kind, codes, from, to, points, now, start) {
  const step = STEP[kind]
  const first = Math.max(floorTo(kind, from), floorTo(kind, start - KEEP[kind]))
  const last = o.state === 'never' ? -1 : Math.min(floorTo(kind, to), lastComplete(kind, o, now))
  const width = Math.max(1, Math.ceil((to - from) / points))
  const thin = width > step
  return codes.map((code) => {
    const f = { code, field: kind === 'real' ? 'Rtd' : 'Avg', t: [], span: [], n: [], first: [], last: [], min: [], max: [], mean: [], flag: [], late: [], revisions: [] }
    let bucket = -1
    for (let t = first; t <= last; t += step) {
      const c = kind === 'day' ? 'N' : circumstance(o, t)
      if (c === 'gap') continue
      const v = Number(textOf(code, valueAt(o, code, t, kind, start)))
      const flag = c === 'late' ? 'N' : c
      const b = thin ? Math.floor(t / width) : t
      if (b !== bucket) {
        bucket = b
        f.t.push(thin ? b * width : t); f.span.push(thin ? width : step); f.n.push(1)
        f.first.push(v); f.last.push(v); f.min.push(v); f.max.push(v); f.mean.push(v)
        f.flag.push(flag); f.late.push(c === 'late' ? 1 : 0); f.revisions.push(c === 'late' ? 2 : 1)
      } else {
        const i = f.t.length - 1
        f.n[i]++; f.last[i] = v; f.min[i] = Math.min(f.min[i], v); f.max[i] = Math.max(f.max[i], v)
        f.mean[i] += (v - f.mean[i]) / f.n[i]
        if (flag !== 'N') f.flag[i] = flag
        if (c === 'late') f.late[i] = 1
      }
    }
    return f
  })
}

export const positionOf = (o, kind, t) => String((o.id * 4 + KIND_NAMES.indexOf(kind)) * 100_000_000 + Math.round(t / MINUTE))
export function fromPosition(text) {
  const n = Number(text)
  const head = Math.floor(n / 100_000_000)
  return { o: outlets[(head >> 2) - 1], kind: KIND_NAMES[head & 3], t: (n % 100_000_000) * MINUTE }
}

export const fieldsOf = (o, code, kind, t, start) => {
  const v = valueAt(o, code, t, kind, start)
  const c = circumstance(o, t)
  const Flag = c === 'late' || kind === 'day' ? 'N' : c
  if (kind === 'real') return { Rtd: textOf(code, v), Flag }
  return { Min: textOf(code, v * 0.89), Avg: textOf(code, v), Max: textOf(code, v * 1.16), Cou: (v * 0.41).toFixed(2), Flag }
}

export function record(o, kind, t, start) {
  const late = circumstance(o, t) === 'late'
  const arrival = t + STEP[kind] + (late ? 3 * HOUR : 0) + 812 + (o.id % 7) * 431
  const values = Object.fromEntries(o.factors.map((f) => [f.code, fieldsOf(o, f.code, kind, t, start)]))
  return { time: t, arrival, journal: `p${o.id % 2}`, position: positionOf(o, kind, t), backfilled: late, revisions: late ? 2 : 1, values }
}
