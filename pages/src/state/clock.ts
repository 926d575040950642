// One ticking clock for all ages on a page, on the server's time.
import { ref } from 'vue'

let offset = 0
export const now = ref(Date.now())

export function setServerTime(ms: number): void {
  offset = ms - Date.now()
  now.value = ms
}

export const serverNow = (): number => Date.now() + offset

setInterval(() => {
  now.value = serverNow()
}, 1000)
