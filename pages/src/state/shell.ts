// The worker that opens the pages without network (public/sw.js), and the parts a phone needs then.
import { isAuthority } from './session'

const CALM_MS = 1500

const files = (): string[] =>
  performance.getEntriesByType('resource').map((e) => new URL(e.name)).filter((u) => u.origin === location.origin && u.pathname.startsWith('/assets/')).map((u) => u.pathname)

export function keepShell(): void {
  // browsers allow workers only over TLS and on this machine itself
  if (!import.meta.env.PROD || !('serviceWorker' in navigator)) return
  window.setTimeout(async () => {
    try {
      await navigator.serviceWorker.register('/sw.js')
      const worker = (await navigator.serviceWorker.ready).active
      if (isAuthority.value) await Promise.all([import('../views/alarms/AlarmsPage.vue'), import('../views/alarms/AlarmPage.vue')])
      const shell = [...document.querySelectorAll<HTMLScriptElement | HTMLLinkElement>('script[src], link[rel=stylesheet], link[rel=modulepreload]')].map((e) => new URL('src' in e ? e.src : e.href).pathname)
      worker?.postMessage({ files: [...new Set([...shell, ...files()])] })
    } catch {
      // without the worker the pages only need the network
    }
  }, CALM_MS)
}
