// The packet a record would have come in, with its runs told as the server tells them.
import { STEP } from './province.mjs'
import { fieldsOf } from './series.mjs'

const CN = { real: '2011', minute: '2051', hour: '2061', day: '2031' }
const stampOf = (ms) => new Date(ms + 8 * 3600_000).toISOString().replace(/[-T:]/g, '').replace('.', '').slice(0, 17)

export function crc16(text) {
  let crc = 0xffff
  for (const ch of Buffer.from(text)) {
    crc = (crc >> 8) ^ ch
    for (let i = 0; i < 8; i++) crc = crc & 1 ? (crc >> 1) ^ 0xa001 : crc >> 1
  }
  return crc.toString(16).toUpperCase().padStart(4, '0')
}

export function packet(o, kind, t, start, arrival) {
  const runs = []
  let text = ''
  const add = (piece, role, more = {}) => {
    if (role) runs.push({ offset: text.length, length: piece.length, role, ...more })
    text += piece
  }
  const qn = stampOf(arrival - 240)
  const parts = []
  for (const f of o.factors) for (const [field, v] of Object.entries(fieldsOf(o, f.code, kind, t, start))) parts.push([f.code, field, `${f.code}-${field}=${v}`])
  const head = `QN=${qn};ST=${o.st};CN=${CN[kind]};PW=`
  const rest = `;MN=${o.devices[0].mn};Flag=9;`
  const when = `CP=&&DataTime=${stampOf(t).slice(0, 14)};`
  const body = parts.map((p) => p[2]).join(';').replace(/;([a-z]\w+)-(?!Rtd|Min|Avg|Max|Cou|Flag)/g, ';$1-')
  const data = `${head}******${rest}${when}${body}&&`
  add(`##${String(data.length).padStart(4, '0')}`, 'frame')
  add(head, 'address')
  add('******', 'password')
  add(rest, 'address')
  add(when, 'time')
  parts.forEach(([factor, field, piece], i) => add(piece + (i < parts.length - 1 ? ';' : ''), 'factor', { factor, field }))
  add('&&', 'text')
  const crc = crc16(text.slice(6))
  add(`${crc}\r\n`, 'frame')
  return {
    arrival, link: String(4000 + o.id), peer: `10.20.${o.id % 9}.${o.id}:50${100 + o.id}`, direction: 'in', domain: 'demo', flags: [], register_version: 12,
    size: text.length, hex: Buffer.from(text, 'latin1').toString('hex').toUpperCase(), ok: true, version: 2017, qn, st: o.st, cn: CN[kind], mn: o.devices[0].mn,
    crc: { sent: crc, want: crc, kind: 'hj212' }, runs,
    findings: o.id % 5 === 0 ? [{ code: 'pnum', offset: 6, text_zh: '缺少 PNUM 字段，按单包处理', text: 'PNUM is missing; taken as a single packet' }] : [],
    items: [], acked: true, ack: { position: '0' }, span_ms: STEP[kind],
  }
}
