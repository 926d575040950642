// A list that the server gives page by page, each page asked for by the key of the last row before it.
import { ref, shallowRef } from 'vue'
import { get } from '../api/client'

type Key = string | number
type Query = Record<string, string | number | boolean | null | undefined>

export interface Pages {
  /** member of the answer that holds the rows */
  list: string
  path: () => string
  query?: () => Query
  /** name of the query member that carries the key: `after` goes up, `before` goes back in time */
  cursor?: 'after' | 'before'
  limit?: number
  /** how many rows before the end the next page is asked for */
  early?: number
}

export function usePages<T>(p: Pages) {
  const rows = shallowRef<T[]>([])
  const next = ref<Key | null>(null)
  const loading = ref(true)
  const error = ref<unknown>(null)
  let turn = 0
  let list = 0 // grows when the list begins anew: what was asked for the old one no longer counts
  let busy = false

  async function load(fresh: boolean): Promise<void> {
    if (busy && !fresh) return
    const mine = ++turn
    if (fresh) list++
    busy = true
    loading.value = true
    error.value = null
    try {
      const answer = await get<Record<string, unknown>>(p.path(), { ...p.query?.(), [p.cursor ?? 'after']: fresh ? undefined : (next.value ?? undefined), limit: p.limit ?? 200 })
      if (mine !== turn) return
      const got = answer[p.list] as T[]
      rows.value = fresh ? got : [...rows.value, ...got]
      next.value = (answer.next as Key | null | undefined) ?? null
    } catch (e) {
      if (mine === turn) error.value = e
    } finally {
      if (mine === turn) {
        loading.value = false
        busy = false
      }
    }
  }
  /** The first page anew, laid over what was fetched: rows that came since stand before, rows that changed are replaced, the rest stays. */
  async function renew(keyOf: (row: T) => Key): Promise<void> {
    if (busy || rows.value.length === 0) return load(true)
    const mine = list
    try {
      const answer = await get<Record<string, unknown>>(p.path(), { ...p.query?.(), limit: p.limit ?? 200 })
      if (mine !== list) return
      const got = answer[p.list] as T[]
      const there = new Set(got.map(keyOf))
      rows.value = [...got, ...rows.value.filter((row) => !there.has(keyOf(row)))]
      error.value = null
    } catch (e) {
      if (mine === list) error.value = e
    }
  }
  function clear(): void {
    list++
    rows.value = []
    next.value = null
  }
  /** Called with the last row in view. */
  function seen(last: number): void {
    if (next.value !== null && last > rows.value.length - (p.early ?? 40)) void load(false)
  }
  return { rows, next, loading, error, load, renew, clear, seen }
}
