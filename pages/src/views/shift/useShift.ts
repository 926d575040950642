// One shift with its log and its hand-overs: the present one unless an earlier one is asked for.
import { onScopeDispose, ref, shallowRef, watch, type Ref } from 'vue'
import { getShift } from '../../api/alarmApi'
import { send } from '../../api/client'
import type { ShiftFile } from '../../api/judgeTypes'

const EVERY_MS = 30_000

export function useShift(name?: Ref<string | undefined>) {
  const shift = shallowRef<ShiftFile | null>(null)
  const error = ref<unknown>(null)
  async function load(): Promise<void> {
    try {
      shift.value = await getShift(name?.value)
      error.value = null
    } catch (e) {
      error.value = e
    }
  }
  async function write(text: string): Promise<void> {
    await send('POST', '/api/shifts/entries', { text })
    await load()
  }
  /** Comes on duty. */
  async function begin(): Promise<void> {
    await send('POST', '/api/shifts', {})
    await load()
  }
  async function handOver(action: 'offer' | 'accept' | 'refuse' | 'cancel', body: { text?: string; to?: string; id?: number } = {}): Promise<void> {
    await send('POST', '/api/shifts/handover', { action, ...body })
    await load()
  }
  if (name) watch(name, () => void load())
  void load()
  const timer = window.setInterval(() => {
    if (!document.hidden) void load()
  }, EVERY_MS)
  onScopeDispose(() => window.clearInterval(timer))
  return { shift, error, load, write, begin, handOver }
}
