// What ran when at one outlet in a window; asked for again when the window moves, and now and then.
import { onScopeDispose, ref, shallowRef, watch, type Ref } from 'vue'
import { get } from '../../../api/client'
import type { Operation } from '../../../api/operationTypes'
import { withTimes } from '../../../lib/judge'
import { askedRange } from '../../../lib/operation'
import { MINUTE, type Range } from '../../../lib/time'

export function useOperation(outlet: Ref<number>, range: Ref<Range>) {
  const operation = shallowRef<Operation | null>(null)
  const error = ref<unknown>(null)
  const loading = ref(true)
  let stop: AbortController | null = null

  async function load(): Promise<void> {
    stop?.abort()
    const mine = (stop = new AbortController())
    loading.value = true
    try {
      const got = await get<Operation>(`/api/outlets/${outlet.value}/operation`, { ...askedRange(range.value) }, mine.signal)
      if (mine !== stop) return
      operation.value = withTimes(got)
      error.value = null
    } catch (e) {
      if (mine === stop && (e as Error).name !== 'AbortError') error.value = e
    } finally {
      if (mine === stop) loading.value = false
    }
  }
  watch([outlet, range], () => void load(), { immediate: true })
  const again = window.setInterval(() => {
    if (!document.hidden) void load()
  }, MINUTE)
  onScopeDispose(() => {
    window.clearInterval(again)
    stop?.abort()
  })
  return { operation, error, loading, load }
}
