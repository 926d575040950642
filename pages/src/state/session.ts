// Who is signed in, and where. Asked for once at the start; every page reads it from here.
import { computed, ref, watch } from 'vue'
import { ApiError, get, send, setCsrf, setCsrfSource } from '../api/client'
import type { Installation, Role, User } from '../api/types'
import { setServerTime } from './clock'
import { forget, forgetSeen, keepSession, keptSession, leaving } from './kept'

export const installation = ref<Installation | null>(null)
export const user = ref<User | null>(null)

interface SessionAnswer { user: User; csrf: string }

export async function loadInstallation(): Promise<void> {
  installation.value = await get<Installation>('/api/installation')
  setServerTime(installation.value.now)
}

/** Signed in as far as this machine knows: the server could not be asked yet. */
export const unasked = ref(false)

watch([user, installation], () => {
  if (user.value && !unasked.value) keepSession(user.value, installation.value)
})

function enter(answer: SessionAnswer): void {
  const other = unasked.value && user.value !== null && user.value.name !== answer.user.name
  setCsrf(answer.csrf)
  unasked.value = false
  user.value = answer.user
  if (other) location.reload() // nothing of the one before may stay on the page
}

/** True when a session is open; without network, when one was open on this machine a short while ago. */
export async function resume(): Promise<boolean> {
  try {
    const answer = await get<SessionAnswer>('/api/session')
    if (leaving.is) {
      setCsrf(answer.csrf)
      await send('DELETE', '/api/session')
      leaving.is = false
      end()
      return false
    }
    enter(answer)
    return true
  } catch (error) {
    if (error instanceof ApiError && error.status === 401) {
      leaving.is = false
      end(false)
      return false
    }
    const kept = error instanceof ApiError && error.status === 0 && !leaving.is ? keptSession() : null
    if (!kept) throw error
    unasked.value = true
    installation.value ??= kept.installation
    user.value = kept.user
    return true
  }
}
setCsrfSource(async () => {
  if (!leaving.is) enter(await get<SessionAnswer>('/api/session'))
})

export async function signIn(name: string, password: string): Promise<void> {
  const answer = await send<SessionAnswer>('POST', '/api/session', { user: name, password })
  leaving.is = false
  enter(answer)
}

/** By somebody's will nothing stays; where the server ended it, steps that wait do. */
export function end(willing = true): void {
  user.value = null
  unasked.value = false
  setCsrf('')
  if (willing) forget()
  else forgetSeen()
}

export async function signOut(): Promise<void> {
  try {
    await send('DELETE', '/api/session')
  } catch (error) {
    leaving.is = error instanceof ApiError && error.status === 0 // any other answer: the session is over, which was wanted
  }
  end()
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
