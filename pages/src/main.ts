import { createApp } from 'vue'
import App from './App.vue'
import { setSignedOutHandler } from './api/client'
import { i18n, useLanguage } from './i18n'
import { router } from './router'
import { language } from './state/prefs'
import { end, loadInstallation, resume, unasked } from './state/session'
import { keepShell } from './state/shell'
import './styles/tokens.css'
import './styles/base.css'
import './styles/element.css'
import './styles/print.css'

const AGAIN_MS = 15_000

async function start(): Promise<void> {
  setSignedOutHandler(() => {
    end(false)
    void router.replace({ name: 'sign-in', query: { next: router.currentRoute.value.fullPath } })
  })
  await Promise.all([loadInstallation().catch(() => undefined), resume().catch(() => false), useLanguage(language.value)])
  createApp(App).use(i18n).use(router).mount('#app')
  // opened without network: who it is is asked as soon as there is some
  const again = (): void => {
    if (!unasked.value) return
    resume().then((is) => {
      if (!is) void router.replace({ name: 'sign-in', query: { next: router.currentRoute.value.fullPath } })
    }, () => undefined)
  }
  window.addEventListener('online', again)
  window.setInterval(again, AGAIN_MS)
  keepShell()
}

void start()
