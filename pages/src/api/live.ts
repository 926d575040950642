// Server-sent events with re-connection by the browser; tells whether the line is up, so that a page can say it is offline.
import { onScopeDispose, ref, type Ref } from 'vue'

export interface LiveLine {
  up: Ref<boolean>
  /** another kind of event on the same line */
  on: <T>(event: string, take: (data: T) => void) => void
  close: () => void
}

const SILENT_AFTER_MS = 40_000 // the server pings every 15 s

export function openLive<T>(path: string, event: string, take: (data: T) => void): LiveLine {
  const up = ref(true)
  let source: EventSource | null = null
  const takers: [string, (data: never) => void][] = [[event, take as (data: never) => void]]
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
    for (const [name, act] of takers) listen(name, act)
  }
  const listen = (name: string, act: (data: never) => void): void => {
    source?.addEventListener(name, (message) => {
      alive()
      try {
        act(JSON.parse((message as MessageEvent<string>).data) as never)
      } catch {
        // one unreadable event must not end the stream
      }
    })
  }
  const on = <E>(name: string, act: (data: E) => void): void => {
    takers.push([name, act as (data: never) => void])
    listen(name, act as (data: never) => void)
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
  return { up, on, close }
}
