// The bytes of a packet as rows of tinted pieces.
import type { Packet, Run } from '../api/types'

export const TEXT_ROW = 51
export const HEX_ROW = 17

export type Tint = 'frame' | 'factor' | 'address' | 'time' | 'plain' | 'hot'
export interface Piece { text: string; tint: Tint }
export interface ByteRow { offset: number; pieces: Piece[] }

export function fromHex(hex: string): Uint8Array {
  const clean = hex.replace(/\s+/g, '')
  const out = new Uint8Array(clean.length >> 1)
  for (let i = 0; i < out.length; i++) out[i] = parseInt(clean.slice(i * 2, i * 2 + 2), 16)
  return out
}

/** One tint a byte: every other factor is tinted, the value in hand stands out. */
export function tintsOf(size: number, runs: readonly Run[], hot?: { factor: string; field?: string } | null): Tint[] {
  const tints = new Array<Tint>(size).fill('plain')
  let factor = ''
  let odd = false
  runs.forEach((run, i) => {
    let tint: Tint = 'plain'
    if (run.role === 'text') {
      // a name belongs to the value that follows it, a separator to what it closes
      const after = runs[i + 1]
      const beside = run.length > 1 && after?.role !== 'factor' ? after : undefined
      if (beside) tint = beside.role === 'time' ? 'time' : beside.role === 'frame' ? 'plain' : 'address'
      else if (run.length === 1 && run.offset > 0) {
        const before = tints[run.offset - 1] as Tint
        tint = before === 'hot' ? 'plain' : before
      }
    } else if (run.role === 'frame') tint = 'frame'
    else if (run.role === 'address' || run.role === 'password') tint = 'address'
    else if (run.role === 'time') tint = 'time'
    else if (run.role === 'factor') {
      if (run.factor !== factor) {
        factor = run.factor ?? ''
        odd = !odd
      }
      tint = odd ? 'plain' : 'factor'
      if (hot && run.factor === hot.factor && (!hot.field || run.field === hot.field)) tint = 'hot'
    }
    tints.fill(tint, Math.max(0, run.offset), Math.min(size, run.offset + run.length))
  })
  return tints
}

const shown = (byte: number, secret: boolean): string => {
  if (secret) return '•'
  if (byte === 13) return '←'
  if (byte === 10) return '↵'
  return byte >= 32 && byte < 127 ? String.fromCharCode(byte) : '·'
}

export function byteRows(packet: Pick<Packet, 'hex' | 'runs'>, hex: boolean, perRow: number, hot?: { factor: string; field?: string } | null): ByteRow[] {
  const data = fromHex(packet.hex)
  const tints = tintsOf(data.length, packet.runs, hot)
  const secret = new Uint8Array(data.length)
  for (const run of packet.runs) if (run.role === 'password') secret.fill(1, run.offset, run.offset + run.length)
  const rows: ByteRow[] = []
  for (let offset = 0; offset < data.length; offset += perRow) {
    const pieces: Piece[] = []
    for (let i = offset; i < Math.min(data.length, offset + perRow); i++) {
      const byte = data[i] as number
      const last = pieces[pieces.length - 1]
      const tint = tints[i] as Tint
      const text = hex ? byte.toString(16).toUpperCase().padStart(2, '0') : shown(byte, secret[i] === 1)
      if (last && last.tint === tint) last.text += (hex ? ' ' : '') + text
      else {
        if (hex && last) last.text += ' '
        pieces.push({ text, tint })
      }
    }
    rows.push({ offset, pieces })
  }
  return rows
}
