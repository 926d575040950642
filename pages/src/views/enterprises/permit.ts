import { date } from '../../lib/time'

/** A day as the register gives it: milliseconds or already written; null when not filed. */
export function dayOf(value: number | string | null | undefined): string | null {
  if (value === null || value === undefined || value === '' || value === 0) return null
  return typeof value === 'number' ? date(value) : value.slice(0, 10)
}

/** Days left of a permit, negative when it has run out. */
export const daysLeft = (day: string, today: string): number => Math.round((Date.parse(day) - Date.parse(today)) / 86_400_000)
