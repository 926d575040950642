// What stays on this machine so that a phone without network can go on: who was signed in, the last list of alarms, steps that wait. Whoever signs out leaves none of it behind.
import type { Installation, User } from '../api/types'

export const ALARMS = 'yanwu.alarms'
const SESSION = 'yanwu.session'
const LEAVING = 'yanwu.leaving'
/** A session of the server lives no longer either. */
const LIFE_MS = 12 * 3_600_000

export interface KeptSession { user: User; installation: Installation | null; at: number }

function read<T>(key: string): T | null {
  try {
    return JSON.parse(localStorage.getItem(key) ?? 'null') as T | null
  } catch {
    return null
  }
}
function write(key: string, value: unknown): void {
  try {
    localStorage.setItem(key, JSON.stringify(value))
  } catch {
    // no room or not allowed: then only this page remembers
  }
}
export const readKept = <T extends { user: string }>(key: string, user: string | undefined): T | null => {
  const k = read<T>(key)
  return k && k.user === user ? k : null
}
export const writeKept = write

export function keepSession(user: User, installation: Installation | null): void {
  write(SESSION, { user, installation, at: Date.now() } satisfies KeptSession)
}
export function keptSession(): KeptSession | null {
  const k = read<KeptSession>(SESSION)
  return k?.user && Date.now() - k.at >= 0 && Date.now() - k.at < LIFE_MS ? k : null
}
export function forget(): void {
  localStorage.removeItem(SESSION)
  localStorage.removeItem(ALARMS)
}
/** The server ended the session: what was seen goes, what somebody decided and could not send yet waits for them. */
export function forgetSeen(): void {
  localStorage.removeItem(SESSION)
  const k = read<{ user: string; queue?: unknown[] }>(ALARMS)
  if (k?.queue?.length) write(ALARMS, { user: k.user, at: 0, alarms: [], counts: { open: 0, mine: 0, overdue: 0, nodata: 0 }, stages: [], queue: k.queue })
  else localStorage.removeItem(ALARMS)
}

export const stepsWaiting = (): number => read<{ queue?: unknown[] }>(ALARMS)?.queue?.length ?? 0

/** Somebody signed out without network: the server is told before anything else is asked of it. */
export const leaving = {
  get is(): boolean {
    return read<boolean>(LEAVING) === true
  },
  set is(v: boolean) {
    if (v) write(LEAVING, true)
    else localStorage.removeItem(LEAVING)
  },
}
