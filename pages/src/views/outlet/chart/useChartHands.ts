// Mouse, wheel and touch on the panes: wheel zooms about the pointer, a drag with the mouse zooms to what it spans,
// a finger pans, two fingers zoom, a click or tap opens the value.
import { ref } from 'vue'
import { panRange, zoomRange, type Range } from '../../../lib/time'

interface Hands {
  range: () => Range
  latest: () => number
  setRange: (range: Range) => void
  pick: (ms: number, clientY: number) => void
}

const CLICK_PX = 4

export function useChartHands(hands: Hands) {
  const hover = ref<number | null>(null)
  const brush = ref<{ from: number; to: number } | null>(null) // fractions of the width
  const fingers = new Map<number, { x: number; y: number }>()
  let start: { x: number; y: number; range: Range } | null = null
  let spread = 0
  let moved = false

  const fraction = (event: { clientX: number; currentTarget: EventTarget | null }): number => {
    const box = (event.currentTarget as HTMLElement).getBoundingClientRect()
    return Math.min(1, Math.max(0, (event.clientX - box.left) / box.width))
  }
  const timeAt = (f: number): number => hands.range().from + f * (hands.range().to - hands.range().from)

  function wheel(event: WheelEvent): void {
    event.preventDefault()
    const r = hands.range()
    const width = (event.currentTarget as HTMLElement).clientWidth
    const sideways = event.shiftKey ? event.deltaY : event.deltaX
    if (Math.abs(sideways) > Math.abs(event.shiftKey ? event.deltaX : event.deltaY)) {
      hands.setRange(panRange(r, (sideways / width) * (r.to - r.from), hands.latest()))
      return
    }
    const lines = event.deltaMode === 1 ? 16 : 1
    hands.setRange(zoomRange(r, fraction(event), Math.exp(Math.max(-240, Math.min(240, event.deltaY * lines)) * 0.0022), hands.latest()))
  }

  function down(event: PointerEvent): void {
    if (event.button !== 0) return
    ;(event.currentTarget as HTMLElement).setPointerCapture(event.pointerId)
    fingers.set(event.pointerId, { x: event.clientX, y: event.clientY })
    start = { x: event.clientX, y: event.clientY, range: hands.range() }
    moved = false
    if (fingers.size === 2) spread = spreadOf()
  }

  const spreadOf = (): number => {
    const [a, b] = [...fingers.values()]
    return a && b ? Math.max(10, Math.abs(a.x - b.x)) : 0
  }

  function move(event: PointerEvent): void {
    const f = fraction(event)
    if (event.pointerType === 'mouse') hover.value = timeAt(f)
    if (!start || !fingers.has(event.pointerId)) return
    fingers.set(event.pointerId, { x: event.clientX, y: event.clientY })
    if (Math.abs(event.clientX - start.x) > CLICK_PX) moved = true
    const box = (event.currentTarget as HTMLElement).getBoundingClientRect()
    if (fingers.size === 2) {
      const now = spreadOf()
      const middle = [...fingers.values()].reduce((x, p) => x + p.x / 2, 0)
      hands.setRange(zoomRange(hands.range(), Math.min(1, Math.max(0, (middle - box.left) / box.width)), spread / now, hands.latest()))
      spread = now
      moved = true
    } else if (event.pointerType === 'mouse' && !event.shiftKey) {
      const a = (start.x - box.left) / box.width
      if (moved) brush.value = { from: Math.max(0, Math.min(a, f)), to: Math.min(1, Math.max(a, f)) }
    } else if (moved) {
      const r = start.range
      hands.setRange(panRange(r, (-(event.clientX - start.x) / box.width) * (r.to - r.from), hands.latest()))
    }
  }

  function up(event: PointerEvent): void {
    const f = fraction(event)
    if (fingers.delete(event.pointerId) && fingers.size === 0 && start) {
      if (brush.value && brush.value.to - brush.value.from > 0.004) {
        const r = hands.range()
        const width = r.to - r.from
        hands.setRange({ from: Math.round(r.from + brush.value.from * width), to: Math.round(r.from + brush.value.to * width) })
      } else if (!moved) hands.pick(timeAt(f), event.clientY)
      brush.value = null
      start = null
    }
  }

  function cancel(event: PointerEvent): void {
    fingers.delete(event.pointerId)
    brush.value = null
    start = null
  }
  const leave = (): void => {
    hover.value = null
  }
  const widen = (event: MouseEvent): void => hands.setRange(zoomRange(hands.range(), fraction(event), 3, hands.latest()))

  return { hover, brush, wheel, down, move, up, cancel, leave, widen }
}
