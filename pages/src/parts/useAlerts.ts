// What wants attention about devices: asked for now and then, quiet when there is nothing, silent when it fails.
import { onScopeDispose, ref, shallowRef } from 'vue'
import { get } from '../api/client'
import type { Alert } from '../api/deviceTypes'
import { isAuthority } from '../state/session'

const EVERY_MS = 20_000
const RANK: Record<Alert['severity'], number> = { alarm: 0, warning: 1, note: 2 }

/** The gravest first, then the longest standing. */
export const inOrder = (alerts: readonly Alert[]): Alert[] =>
  [...alerts].sort((a, b) => (RANK[a.severity] ?? 2) - (RANK[b.severity] ?? 2) || (a.since ?? 0) - (b.since ?? 0))

export function useAlerts() {
  const alerts = shallowRef<Alert[]>([])
  const error = ref<unknown>(null)
  async function load(): Promise<void> {
    if (!isAuthority.value) return
    try {
      alerts.value = inOrder((await get<{ alerts: Alert[] }>('/api/alerts')).alerts)
      error.value = null
    } catch (e) {
      error.value = e
    }
  }
  void load()
  const timer = window.setInterval(() => {
    if (!document.hidden) void load()
  }, EVERY_MS)
  onScopeDispose(() => window.clearInterval(timer))
  return { alerts, error, load }
}
