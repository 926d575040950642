import { computed } from 'vue'
import type { IconName } from '../parts/LineIcon.vue'
import { isOperator } from '../state/session'

export interface NavArea { name: 'watch' | 'enterprises' | 'outlets' | 'reports' | 'system'; icon: IconName; path: string }

/** The areas that exist, as far as the role reaches. */
export const areas = computed<NavArea[]>(() => [
  { name: 'watch', icon: 'watch', path: '/watch' },
  { name: 'enterprises', icon: 'enterprises', path: '/enterprises' },
  { name: 'outlets', icon: 'outlets', path: '/outlets' },
  { name: 'reports', icon: 'reports', path: '/reports' },
  ...(isOperator.value ? [{ name: 'system', icon: 'system', path: '/system' } as NavArea] : []),
])
