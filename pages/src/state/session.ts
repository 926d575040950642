// Who is signed in, and where. Asked for once at the start; every page reads it from here.
import { computed, ref } from 'vue'
import { ApiError, get, send, setCsrf } from '../api/client'
import type { Installation, Role, User } from '../api/types'
import { setServerTime } from './clock'

export const installation = ref<Installation | null>(null)
export const user = ref<User | null>(null)

interface SessionAnswer { user: User; csrf: string }

export async function loadInstallation(): Promise<void> {
  installation.value = await get<Installation>('/api/installation')
  setServerTime(installation.value.now)
}

/** True when a session is open. */
export async function resume(): Promise<boolean> {
  try {
    const answer = await get<SessionAnswer>('/api/session')
    setCsrf(answer.csrf)
    user.value = answer.user
    return true
  } catch (error) {
    if (error instanceof ApiError && error.status === 401) return false
    throw error
  }
}

export async function signIn(name: string, password: string): Promise<void> {
  const answer = await send<SessionAnswer>('POST', '/api/session', { user: name, password })
  setCsrf(answer.csrf)
  user.value = answer.user
}

export async function signOut(): Promise<void> {
  await send('DELETE', '/api/session').catch(() => undefined) // an ended session is what was wanted
  user.value = null
}

const is = (...roles: Role[]): boolean => user.value !== null && roles.includes(user.value.role)
export const isOperator = computed(() => is('operator'))
/** Those who oversee: they see alerts, device files and what was asked of devices. */
export const isAuthority = computed(() => is('operator', 'officer', 'leader'))
/** Commands to devices are given by officers and operators alone. */
export const mayCommand = computed(() => is('operator', 'officer'))
export const mayNote = computed(() => is('operator', 'officer', 'maintainer'))
export const mayExport = isAuthority
/** Marks are set, amended and withdrawn by the unit alone; officers can only question them. */
export const maySetMarks = computed(() => is('enterprise', 'maintainer'))
/** Alarms are dealt with by officers and leaders. */
export const mayAlarm = computed(() => is('officer', 'leader'))
