// One listener for the keyboard; the page opened last is asked first, the shell last. Never while somebody types.
import { onBeforeUnmount, onMounted } from 'vue'

export type KeyMap = Record<string, (event: KeyboardEvent) => void | boolean>

const stack: KeyMap[] = []

/** A dialog that is only fading away no longer owns the keyboard. */
const OPEN_DIALOG = '.el-overlay:not([style*="display: none"]):not(.dialog-fade-leave-active)'

/** Looked at before anybody acts on the key: a dialog that closes by it must not let it through to the page behind. */
let dialogBefore = false
const note = (): void => {
  dialogBefore = document.querySelector(OPEN_DIALOG) !== null
}

const typing = (target: EventTarget | null): boolean => {
  const el = target as HTMLElement | null
  return !!el && (el.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(el.tagName))
}

function onKey(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return
  if (typing(event.target) || dialogBefore || document.querySelector(OPEN_DIALOG)) return
  // Enter and Space belong to a focused button or link
  const target = event.target as HTMLElement | null
  if ((event.key === 'Enter' || event.key === ' ') && target?.closest?.('button, a[href]')) return
  if (event.key.startsWith('Arrow') && target?.closest?.('[role="slider"]')) return
  for (let i = stack.length - 1; i >= 0; i--) {
    const act = stack[i]?.[event.key]
    if (act && act(event) !== false) {
      event.preventDefault()
      return
    }
  }
}

/** Handlers may return false to pass the key on. */
export function useKeys(map: KeyMap, bottom = false): void {
  onMounted(() => {
    if (stack.length === 0) {
      window.addEventListener('keydown', note, true)
      window.addEventListener('keydown', onKey)
    }
    if (bottom) stack.unshift(map)
    else stack.push(map)
  })
  onBeforeUnmount(() => {
    const i = stack.indexOf(map)
    if (i >= 0) stack.splice(i, 1)
    if (stack.length === 0) {
      window.removeEventListener('keydown', note, true)
      window.removeEventListener('keydown', onKey)
    }
  })
}
