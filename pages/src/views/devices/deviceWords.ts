// Settings of a device as words: 0 stands for what the installation has.
import type { DeviceFile, DeviceSettings, Dialect, Policy } from '../../api/deviceTypes'

export const PINS = {
  pin_crc: ['hj212', 'modbus'],
  pin_case: ['upper', 'lower'],
  pin_text: ['utf8', 'gbk'],
  pin_reply: ['st91', 'same'],
} as const
export type Pin = keyof typeof PINS
export const PIN_TRAIT: Record<Pin, 'crc' | 'case' | 'text' | 'reply'> = { pin_crc: 'crc', pin_case: 'case', pin_text: 'text', pin_reply: 'reply' }

export const POLICIES = { clock_policy: ['clock', 2], gap_policy: ['gap', 2], twin_policy: ['twin', 3] } as const
export type DevicePolicy = keyof typeof POLICIES

/** What was learned of a trait that can be pinned; null where packets do not show it. */
export const learned = (d: Dialect | null, pin: Pin): string | null => (d === null ? null : pin === 'pin_crc' ? d.crc : pin === 'pin_case' ? d.crc_case : pin === 'pin_text' ? d.text : null)

/** The device's own setting, or else the installation's. */
export function effective(d: DeviceSettings, name: keyof DeviceSettings & string, policies: readonly Policy[], otherwise: number): number {
  const own = Number(d[name]) || 0
  return own !== 0 ? own : (policies.find((p) => p.name === name)?.value ?? otherwise)
}

/** Versions met, most frequent first: "2017", "2017, 2005". */
export const versionsOf = (d: Dialect): string =>
  Object.entries(d.versions)
    .filter(([, n]) => n > 0)
    .sort((a, b) => b[1] - a[1])
    .map(([v]) => v)
    .join(', ')

export const gapSum = (f: DeviceFile, state: 'missing' | 'asked' | 'lost'): number =>
  f.gaps ? (['minute', 'hour', 'day'] as const).reduce((n, k) => n + (f.gaps?.[k]?.[state] ?? 0), 0) : 0
