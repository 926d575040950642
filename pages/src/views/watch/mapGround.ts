// The plain ground of the map: graticule with degrees at the upper and right edges. No tiles, no boundaries.
import { fromLonLat, toLonLat } from 'ol/proj'

export interface Ground { canvas: HTMLCanvasElement; width: number; height: number; extent: [number, number, number, number] }
export interface AreaLabel { name: string; lon: number; lat: number }

const MINUTES = [1, 2, 5, 10, 30, 60, 120, 300, 600]

/** Strong and weak spacing in minutes of arc for a width in degrees: 10′ and 5′ at the scale of a city. */
export function spacing(degrees: number, pixels: number): { strong: number; weak: number } {
  const least = (degrees * 60 * 76) / pixels // strong lines at least 76 px apart
  const strong = MINUTES.find((m) => m >= least) ?? 600
  return { strong, weak: strong === 30 ? 10 : strong / 2 }
}

export function degreeText(minutes: number, east: boolean): string {
  const whole = Math.floor(Math.abs(minutes) / 60)
  const rest = Math.round(Math.abs(minutes) - whole * 60)
  const side = east ? (minutes < 0 ? 'W' : 'E') : minutes < 0 ? 'S' : 'N'
  return `${whole}°${String(rest).padStart(2, '0')}′${side}`
}

export function drawGround(g: Ground, labels: AreaLabel[], css: (name: string) => string): void {
  const ratio = window.devicePixelRatio || 1
  if (g.canvas.width !== Math.round(g.width * ratio) || g.canvas.height !== Math.round(g.height * ratio)) {
    g.canvas.width = Math.round(g.width * ratio)
    g.canvas.height = Math.round(g.height * ratio)
  }
  const ctx = g.canvas.getContext('2d')
  if (!ctx) return
  ctx.setTransform(ratio, 0, 0, ratio, 0, 0)
  ctx.fillStyle = css('--ground')
  ctx.fillRect(0, 0, g.width, g.height)
  const [x0, y0, x1, y1] = g.extent
  const [west, south] = toLonLat([x0, y0]) as [number, number]
  const [east, north] = toLonLat([x1, y1]) as [number, number]
  if (!(east > west) || east - west > 350) return
  const { strong, weak } = spacing(east - west, g.width)
  const px = (lon: number): number => Math.round((((fromLonLat([lon, 0])[0] as number) - x0) / (x1 - x0)) * g.width) + 0.5
  const py = (lat: number): number => Math.round(((y1 - (fromLonLat([0, lat])[1] as number)) / (y1 - y0)) * g.height) + 0.5
  ctx.lineWidth = 1
  ctx.font = `11px ${css('--text')}`
  const lines = (step: number, colour: string, named: boolean): void => {
    ctx.strokeStyle = colour
    ctx.beginPath()
    const each = (from: number, to: number, draw: (m: number) => void): void => {
      for (let m = Math.ceil((from * 60) / step) * step; m <= to * 60; m += step) if (named || m % strong !== 0) draw(m)
    }
    each(west, east, (m) => {
      ctx.moveTo(px(m / 60), 0)
      ctx.lineTo(px(m / 60), g.height)
    })
    each(south, north, (m) => {
      ctx.moveTo(0, py(m / 60))
      ctx.lineTo(g.width, py(m / 60))
    })
    ctx.stroke()
    if (!named) return
    ctx.fillStyle = css('--ink-3')
    each(west, east, (m) => {
      if (px(m / 60) < g.width - 130) ctx.fillText(degreeText(m, true), px(m / 60) + 4, 14)
    })
    ctx.textAlign = 'right'
    each(south, north, (m) => {
      if (py(m / 60) > 112 && py(m / 60) < g.height - 74) ctx.fillText(degreeText(m, false), g.width - 4, py(m / 60) - 4)
    })
    ctx.textAlign = 'left'
  }
  lines(weak, css('--grat-2'), false)
  lines(strong, css('--grat'), true)
  ctx.font = `12px ${css('--text')}`
  ctx.fillStyle = css('--ink-3')
  ctx.textAlign = 'center'
  ctx.strokeStyle = css('--ground')
  ctx.lineWidth = 4
  ctx.lineJoin = 'round'
  for (const l of labels) {
    ctx.strokeText(l.name, px(l.lon), py(l.lat) - 12)
    ctx.fillText(l.name, px(l.lon), py(l.lat) - 12)
  }
  ctx.textAlign = 'left'
}

/** A round length for the scale bar, in metres, that is at most `most` pixels long. */
export function scaleLength(metresPerPixel: number, most: number): { metres: number; pixels: number } {
  const room = metresPerPixel * most
  const power = 10 ** Math.floor(Math.log10(room))
  const metres = ([5, 2, 1].find((m) => m * power <= room) ?? 1) * power
  return { metres, pixels: metres / metresPerPixel }
}
