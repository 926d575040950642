// How numbers, units and factor names are written.

const THIN = '\u2009'

/** Thousands by thin space, true minus. */
export function grouped(n: number): string {
  const text = Math.abs(Math.round(n)).toString().replace(/\B(?=(\d{3})+$)/g, THIN)
  return n < 0 ? `\u2212${text}` : text
}

/** A measured number with about three significant figures: 335, 67.4, 5.62, 0.41. */
export function measured(n: number | null | undefined, digits?: number): string {
  if (n === null || n === undefined || !Number.isFinite(n)) return '\u2013'
  const size = Math.abs(n)
  const places = digits ?? (size >= 100 ? 0 : size >= 10 ? 1 : size >= 0.1 || size === 0 ? 2 : 3)
  const text = size >= 1e6 ? n.toExponential(2) : n.toFixed(places)
  return text.replace('-', '\u2212')
}

/** A limit as the permit writes it: no trailing zeros. */
export const plain = (n: number | null | undefined): string =>
  n === null || n === undefined ? '\u2013' : String(Number(n.toPrecision(6))).replace('-', '\u2212')

/** A measuring range: 0–300, −20 – 200. */
export const span = (low: number | null, high: number | null): string =>
  high === null ? '\u2013' : (low ?? 0) < 0 ? `${plain(low)}${THIN}\u2013${THIN}${plain(high)}` : `${plain(low ?? 0)}\u2013${plain(high)}`

const UNITS: Record<string, string> = { degC: '°C', color_degree: '°', '1': '', none: '' }

/** Units as people read them: mg/m³, °C, µg/L. */
export function unit(code: string | null | undefined): string {
  if (!code) return ''
  return (UNITS[code] ?? code)
    .replace(/([a-z])3\b/gi, '$1³')
    .replace(/([a-z])2\b/gi, '$1²')
    .replace(/^u(?=[gSm])/, 'µ')
}

export function bytes(n: number): string {
  if (n < 1024) return `${n} B`
  const units = ['KiB', 'MiB', 'GiB', 'TiB']
  let value = n / 1024
  let i = 0
  while (value >= 1024 && i < units.length - 1) {
    value /= 1024
    i++
  }
  return `${value >= 100 ? value.toFixed(0) : value.toFixed(1)} ${units[i]}`
}

/** Nice top of a scale that begins at zero. */
export function niceTop(max: number): number {
  if (!(max > 0)) return 1
  const power = 10 ** Math.floor(Math.log10(max))
  for (const m of [1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10]) if (max <= m * power * 1.0001) return m * power
  return 10 * power
}

/** Round ticks from low to top: the coarsest round step that gives at least `least` of them, so never many more. */
export function valueTicks(low: number, top: number, least: number): number[] {
  const power = 10 ** Math.ceil(Math.log10(Math.max(top - low, 1e-12)))
  for (const m of [1, 0.5, 0.25, 0.2, 0.1, 0.05, 0.025, 0.02, 0.01]) {
    const step = m * power
    const first = Math.ceil(low / step - 1e-9)
    const last = Math.floor(top / step + 1e-9)
    if (last - first + 1 >= least) {
      return Array.from({ length: last - first + 1 }, (_, i) => Number(((first + i) * step).toPrecision(10)))
    }
  }
  return [low, top]
}
