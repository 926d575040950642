import { onBeforeUnmount, ref, watch, type Ref } from 'vue'

/** Width and height of an element as they change. */
export function useSize(el: Readonly<Ref<HTMLElement | null>>, width0: number, height0: number) {
  const width = ref(width0)
  const height = ref(height0)
  const watcher = new ResizeObserver((entries) => {
    const box = entries[0]?.contentRect
    if (!box || box.width === 0) return
    width.value = Math.round(box.width)
    height.value = Math.round(box.height)
  })
  watch(el, (now, before) => {
    if (before) watcher.unobserve(before)
    if (now) watcher.observe(now)
  }, { immediate: true, flush: 'post' })
  onBeforeUnmount(() => watcher.disconnect())
  return { width, height }
}
