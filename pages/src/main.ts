import { createApp } from 'vue'
import App from './App.vue'
import { setSignedOutHandler } from './api/client'
import { i18n, useLanguage } from './i18n'
import { router } from './router'
import { language } from './state/prefs'
import { loadInstallation, resume, user } from './state/session'
import './styles/tokens.css'
import './styles/base.css'
import './styles/element.css'
import './styles/print.css'

async function start(): Promise<void> {
  setSignedOutHandler(() => {
    user.value = null
    void router.replace({ name: 'sign-in', query: { next: router.currentRoute.value.fullPath } })
  })
  await Promise.all([loadInstallation().catch(() => undefined), resume().catch(() => false), useLanguage(language.value)])
  createApp(App).use(i18n).use(router).mount('#app')
}

void start()
