// What the viewer chose on this machine: language and theme.
import { ref, watch } from 'vue'

export type Language = 'zh-CN' | 'en'
export type Theme = 'light' | 'dark'

const stored = (key: string): string | null => {
  try {
    return localStorage.getItem(key)
  } catch {
    return null // private windows may refuse
  }
}
const store = (key: string, value: string): void => {
  try {
    localStorage.setItem(key, value)
  } catch {
    // the choice then lasts as long as the page
  }
}

const firstTheme = (): Theme => {
  const chosen = stored('yanwu.theme')
  if (chosen === 'light' || chosen === 'dark') return chosen
  return globalThis.matchMedia?.('(prefers-color-scheme: dark)').matches ? 'dark' : 'light'
}

export const theme = ref<Theme>(firstTheme())
export const language = ref<Language>(stored('yanwu.language') === 'en' ? 'en' : 'zh-CN')

watch(theme, (value) => {
  document.documentElement.dataset.theme = value
  store('yanwu.theme', value)
}, { immediate: true })

watch(language, (value) => {
  document.documentElement.lang = value
  store('yanwu.language', value)
}, { immediate: true })
