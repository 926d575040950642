// Server-sent events with re-connection by the browser; tells whether the line is up, so that a page can say it is offline.
import { onScopeDispose, ref, type Ref } from 'vue'

export interface LiveLine { up: Ref<boolean>; close: () => void }

const SILENT_AFTER_MS = 40_000 // the server pings every 15 s

export function openLive<T>(path: string, event: string, take: (data: T) => void): LiveLine {
  const up = ref(true)
  let source: EventSource | null = null
  let heard = Date.now()
  let timer = 0

  const connect = (): void => {
    source?.close()
    source = new EventSource(path)
    source.onopen = alive
    source.onerror = () => {
      up.value = false
      if (source?.readyState === EventSource.CLOSED) window.setTimeout(connect, 3000)
    }
    source.addEventListener('ping', alive)
    source.addEventListener(event, (message) => {
      alive()
      try {
        take(JSON.parse((message as MessageEvent<string>).data) as T)
      } catch {
        // one unreadable event must not end the stream
      }
    })
  }
  const alive = (): void => {
    heard = Date.now()
    up.value = true
  }
  const close = (): void => {
    window.clearInterval(timer)
    source?.close()
    source = null
  }

  connect()
  timer = window.setInterval(() => {
    if (Date.now() - heard > SILENT_AFTER_MS) {
      up.value = false
      heard = Date.now()
      connect()
    }
  }, 5000)
  onScopeDispose(close)
  return { up, close }
}
