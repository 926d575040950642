// What may be asked of devices: fetched once, when a page first needs it.
import { ref, shallowRef } from 'vue'
import { get } from '../api/client'
import type { Catalogue, CommandSpec } from '../api/deviceTypes'

export const catalogue = shallowRef<Catalogue | null>(null)
export const catalogueError = ref<unknown>(null)
let loading: Promise<void> | null = null

export function loadCatalogue(): Promise<void> {
  loading ??= get<Catalogue>('/api/commands/catalogue')
    .then((c) => {
      catalogue.value = c
      catalogueError.value = null
    })
    .catch((e) => {
      catalogueError.value = e
      loading = null // tried again with the next page
    })
  return loading
}

export const specOf = (key: string): CommandSpec | null => catalogue.value?.commands.find((s) => s.key === key) ?? null
