import { computed } from 'vue'
import { createI18n, useI18n } from 'vue-i18n'
import { ApiError } from '../api/client'
import { language } from '../state/prefs'
import zh from './zh'

export const i18n = createI18n({
  legacy: false,
  locale: 'zh-CN',
  fallbackLocale: 'zh-CN',
  missingWarn: false,
  fallbackWarn: false,
  messages: { 'zh-CN': zh } as Record<string, typeof zh>,
})

/** English is a chunk of its own: a Chinese page does not load it. */
export async function useLanguage(next: 'zh-CN' | 'en'): Promise<void> {
  if (next === 'en' && !i18n.global.availableLocales.includes('en')) {
    i18n.global.setLocaleMessage('en', (await import('./en')).default)
  }
  i18n.global.locale.value = next
  language.value = next
}

/** What components use: messages, whether the page is Chinese, and the sentence of an error. */
export function useWords() {
  const { t } = useI18n()
  const zhNow = computed(() => i18n.global.locale.value === 'zh-CN')
  const errorText = (error: unknown): string => {
    if (error instanceof ApiError) return zhNow.value ? error.textZh : error.textEn
    return error instanceof Error ? error.message : String(error)
  }
  return { t, zh: zhNow, errorText }
}
