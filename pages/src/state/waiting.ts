// What waits for the viewer: counts on the rail. Asked for now and then; a page that knows better writes it.
import { ref } from 'vue'
import { get } from '../api/client'
import type { AlarmCounts, Query } from '../api/judgeTypes'
import { isAuthority, user } from './session'

export const waitingAlarms = ref(0)
export const waitingNotices = ref(0)

export async function lookForWaiting(): Promise<void> {
  if (!user.value) return
  try {
    if (isAuthority.value) waitingAlarms.value = (await get<{ counts: AlarmCounts }>('/api/alarms', { state: 'open', limit: 1 })).counts.open
    else waitingNotices.value = (await get<{ queries: Query[] }>('/api/queries', { state: 'open' })).queries.filter((q) => q.state === 'sent' || q.state === 'received').length
  } catch {
    // the badge keeps what it said; the page itself tells what failed
  }
}
