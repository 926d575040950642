// The field writes a few factors by their formula; the rest go by the name of the factor table.
import { ref } from 'vue'
import { get } from '../api/client'
import type { Factor } from '../api/types'

const FORMULA: Record<string, string> = {
  a21002: 'NOx',
  a21003: 'NO',
  a21004: 'NO₂',
  a21005: 'CO',
  a21026: 'SO₂',
  a21024: 'HCl',
  a21001: 'NH₃',
  a21028: 'H₂S',
  a21018: 'HF',
  a19001: 'O₂',
  a05001: 'CO₂',
  a24087: 'THC',
  a24088: 'NMHC',
  w01018: 'COD',
  w01001: 'pH',
}
const SHORT_ZH: Record<string, string> = {
  a34013: '颗粒物',
  a00000: '流量',
  a01011: '流速',
  a01012: '温度',
  a01013: '压力',
  a01014: '湿度',
  w00000: '流量',
  w01010: '水温',
  w21003: '氨氮',
  w21011: '总磷',
  w21001: '总氮',
}
const SHORT_EN: Record<string, string> = {
  a34013: 'PM',
  a00000: 'Flow',
  a01011: 'Velocity',
  a01012: 'Temp.',
  a01013: 'Pressure',
  a01014: 'Moisture',
  w00000: 'Flow',
  w01010: 'Temp.',
  w21003: 'NH₃-N',
  w21011: 'Total P',
  w21001: 'Total N',
}

const table = ref(new Map<string, Factor>())
let loading: Promise<void> | null = null

export function loadFactors(): Promise<void> {
  loading ??= get<{ factors: Factor[] }>('/api/factors')
    .then((answer) => {
      table.value = new Map(answer.factors.map((f) => [f.code, f]))
    })
    .catch(() => {
      loading = null // names fall back to codes; tried again with the next page
    })
  return loading
}

export const factorShort = (code: string, zh: boolean): string =>
  FORMULA[code] ?? (zh ? SHORT_ZH : SHORT_EN)[code] ?? factorName(code, zh)

export function factorName(code: string, zh: boolean): string {
  const f = table.value.get(code)
  return (zh ? f?.name_zh : f?.name_en) || FORMULA[code] || (zh ? SHORT_ZH : SHORT_EN)[code] || code
}

export const factorUnit = (code: string): string => table.value.get(code)?.unit ?? ''

const AFTER_LIMITED = ['a19001', 'a00000', 'w00000', 'a01012', 'w01001', 'w01010', 'a01014', 'a01013', 'a01011']

/** Factors in the order of panes: the main one, those with a limit, then oxygen, flow, temperature and the rest. */
export function inPaneOrder<T extends { code: string; limit: number | null }>(factors: readonly T[], main: string | null): T[] {
  const rank = (f: T): number => {
    if (f.code === main) return -2
    if (f.limit !== null) return -1
    const i = AFTER_LIMITED.indexOf(f.code)
    return i < 0 ? AFTER_LIMITED.length : i
  }
  return [...factors].sort((a, b) => rank(a) - rank(b))
}

/** Concentrations and flow begin at zero; oxygen, temperature, pressure and pH may float. */
export const floats = (code: string): boolean => ['a19001', 'a01012', 'a01013', 'a01014', 'w01001', 'w01010'].includes(code)
