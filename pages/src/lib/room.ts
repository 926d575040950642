// Records of a station room: which tell of a change, and the measured ones as lines.
import type { RoomEvent, RoomKind } from '../api/deviceTypes'

const MEASURED: RoomKind[] = ['temperature', 'humidity', 'voltage']

/** A reading that is in order tells nothing new; everything else does. */
export const isChange = (e: RoomEvent): boolean => !(MEASURED.includes(e.kind) && e.state === 'ok')

/** What one should look at: an open door is ordinary, lost power and faults are not. */
export const isOdd = (e: RoomEvent): boolean => e.state === 'lost' || e.state === 'fault' || e.kind === 'smoke' || (e.kind === 'water' && e.state !== 'ok')

export interface Reading { t: number; v: number }

/** Readings of one kind, oldest first; what is no number is left out. */
export function readings(events: readonly RoomEvent[], kind: RoomKind, since: number): Reading[] {
  return events
    .filter((e) => e.kind === kind && e.time >= since && e.value !== null && e.value.trim() !== '' && Number.isFinite(Number(e.value)))
    .map((e) => ({ t: e.time, v: Number(e.value) }))
    .sort((a, b) => a.t - b.t)
}

/** Where an entry comes from: "packet", "person", "hook:NAME". */
export function sourceOf(e: Pick<RoomEvent, 'source' | 'by'>): { kind: 'packet' | 'person' | 'hook'; name: string } {
  if (e.source.startsWith('hook:')) return { kind: 'hook', name: e.source.slice(5) }
  return e.source === 'person' ? { kind: 'person', name: e.by ?? '' } : { kind: 'packet', name: '' }
}

/** Only addresses that a browser or a player may open. */
export const isOpenable = (url: string): boolean => /^(https?|rtsp):\/\//i.test(url) || /^\/(?!\/)/.test(url)
