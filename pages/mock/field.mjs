// What the stand-in server tells of devices: commands that run their course by the clock, completeness, station rooms, keys, forwarding, alerts.
import { readFileSync } from 'node:fs'
import { DAY, HOUR, MINUTE, STEP, circumstance, hash, outlets } from './province.mjs'
import { positionOf } from './series.mjs'

export const CATALOGUE = JSON.parse(readFileSync(new URL('./catalogue.json', import.meta.url), 'utf8'))
const QNRTN = [[1, '准备执行请求', 'ready to execute'], [2, '请求被拒绝', 'refused'], [3, 'PW 错误', 'wrong PW'], [100, '未知错误', 'unknown error']]
const EXERTN = [[1, '执行成功', 'done'], [2, '执行失败，但不知道原因', 'failed for an unknown reason'], [5, '系统繁忙不能执行', 'busy'], [100, '没有数据', 'no data']]
const word = (table, code) => { const [c, zh, en] = table.find((w) => w[0] === code); return { code: c, zh, en } }
const words = (table) => table.map(([code, zh, en]) => ({ code, zh, en }))
const SHIFT = 8 * HOUR
const dayText = (t) => new Date(t + SHIFT).toISOString().slice(0, 10)
const digits = (t, n) => new Date(t + SHIFT).toISOString().replace(/[-T:.Z]/g, '').slice(0, n)
const startOfDay = (t) => Math.floor((t + SHIFT) / DAY) * DAY - SHIFT

// ---- commands ----
// what becomes of a command follows from its reason, so that tests choose: 拒绝 refused, 断线 waits, 超时 no answer, 失败 failed, 未知 the worker died
const fateOf = (reason) => (/拒绝|refuse/.test(reason) ? 'refused' : /断线|offline/.test(reason) ? 'waiting' : /超时|silent/.test(reason) ? 'no_answer' : /失败|fail/.test(reason) ? 'failed' : /未知|unknown/.test(reason) ? 'unknown' : 'done')

function asked(c, now, pace) {
  const spec = CATALOGUE.find((s) => s.key === c.key)
  const o = outlets[c.device - 1]
  const age = (now - c.at) / pace
  const place = (k, ms) => ({ arrival: c.at + ms, journal: 'p0', position: positionOf(o, 'real', Math.floor(c.at / MINUTE) * MINUTE - k * MINUTE) })
  const out = { ...c, mn: o.devices[0].mn, outlet: o.id, cn: spec.cn, version: 2017, zh: spec.zh, en: spec.en, valid_until: c.at + 120_000, outcome: null, attempts: 0, qnrtn: null, exertn: null, sent: null, accepted: null, ended: null, answers: [], uploads: 0, answer: [] }
  delete out.fate
  if (c.fate === 'waiting') return { ...out, state: now > out.valid_until ? 'not_sent' : 'waiting' }
  if (age < 1) return { ...out, state: 'waiting' }
  Object.assign(out, { state: 'sent', attempts: 1, sent: place(1, pace) })
  if (c.fate === 'unknown') return { ...out, state: age > 3 ? 'unknown' : 'sent' }
  if (c.fate === 'no_answer') {
    out.attempts = Math.min(4, 1 + Math.floor(age / 2))
    return age > 9 ? { ...out, state: 'ended', outcome: 'no_answer' } : out
  }
  if (age < 2) return out
  if (c.fate === 'refused') return { ...out, state: 'ended', outcome: 'refused', qnrtn: word(QNRTN, 2), ended: place(2, 2 * pace) }
  Object.assign(out, { state: 'accepted', accepted: place(2, 2 * pace), qnrtn: word(QNRTN, 1) })
  if (spec.answer === 'uploads' && age > 2.5) out.uploads = Math.min(6, Math.floor((age - 2) * 2))
  if (age > 3 && (spec.answer === 'one' || spec.answer === 'uploads')) {
    out.answers = [{ ...place(3, 3 * pace), cp: 'SystemTime=20261123134126' }]
    if (spec.answer === 'uploads') out.uploads = Math.max(1, out.uploads)
    out.answer = spec.cn === 1011 ? [{ name: 'SystemTime', value: digits(c.at + 3 * pace + 2300, 14), zh: '系统时间', en: 'system time' }]
      : spec.cn === 1061 ? [{ name: 'RtdInterval', value: '60', zh: '实时数据间隔', en: 'real-time interval' }]
        : o.factors.slice(0, 4).map((f) => ({ name: `${f.code}-Avg`, value: (f.limit ?? 20).toFixed(2), zh: `${f.code} 平均值`, en: `${f.code}, mean` }))
  }
  if (age < 5) return out
  if (c.fate === 'failed') return { ...out, state: 'ended', outcome: 'failed', exertn: word(EXERTN, 5), ended: place(4, 5 * pace) }
  return { ...out, state: 'ended', outcome: 'done', exertn: spec.flow === 'notice' ? null : word(EXERTN, 1), ended: place(4, 5 * pace) }
}

// ---- completeness ----
function stateAt(o, kind, t, now) {
  const step = STEP[kind]
  if (o.state === 'never') return 'none'
  if (t + step > now - MINUTE) return t > now ? 'none' : 'due'
  if (o.state !== 'online' && t + step > now - o.quiet) return 'missing'
  if (kind === 'day') return hash('d', o.id, t / DAY) < 0.05 ? 'late' : 'received'
  const c = circumstance(o, t)
  if (c === 'late') return 'backfilled'
  if (c === 'gap') return now - t > 20 * DAY ? 'lost' : now - t < 2 * DAY ? 'asked' : hash('g', o.id, Math.floor(t / HOUR)) < 0.4 ? 'missing' : 'lost'
  return hash('l', o.id, Math.floor(t / HOUR / 7)) < 0.03 ? 'late' : 'received'
}
const OWED = ['received', 'late', 'backfilled', 'asked', 'missing', 'lost']
const veiled = (see, s) => (s === 'asked' && !see ? 'missing' : s)
const count = (into, s, n = 1) => { into[s] = (into[s] ?? 0) + n; if (OWED.includes(s)) into.owed = (into.owed ?? 0) + n }

function timeline(o, q, now, start, see, commands) {
  const kind = q.get('kind') || 'minute'
  const step = STEP[kind]
  const to = Number(q.get('to')) || now, from = Number(q.get('from')) || to - DAY
  const counts = {}
  const begun = start - 120 * DAY
  const at = (t) => (t < begun ? 'none' : veiled(see, stateAt(o, kind, t, now)))
  const slot = (t) => (kind === 'day' ? startOfDay(t) : Math.floor(t / step) * step)
  if (q.get('by') === 'day') {
    const days = []
    for (let d = startOfDay(from); d < to; d += DAY) {
      const row = { day: dayText(d) }
      if (d >= begun - DAY) for (let t = slot(d); t < d + DAY; t += step) { const s = at(t); count(row, s); count(counts, s) }
      delete row.none
      days.push(row)
    }
    return { kind, step_ms: step, from, to, days, counts }
  }
  const runs = []
  for (let t = slot(from); t < to; t += step) {
    const state = at(t)
    count(counts, state)
    const last = runs[runs.length - 1]
    if (last && last.state === state) last.to = t + step
    else runs.push({ from: t, to: t + step, state })
  }
  return { kind, step_ms: step, from, to, runs, counts, ...(see ? { asks: runs.filter((r) => r.state === 'asked' || r.state === 'lost').slice(0, 40).map((r) => ({ from: r.from, to: r.to, command: commands })) } : {}) }
}

// ---- station room ----
function roomEvents(o, now) {
  const out = []
  const add = (time, kind, state, more = {}) => out.push({ time, kind, state, value: null, unit: null, text: null, source: 'packet', by: null, journal: 'p0', position: positionOf(o, 'real', Math.floor(time / MINUTE) * MINUTE), ...more })
  const act = { source: 'person', by: 'officer', journal: 'acts', position: '4711' }
  for (let h = 0; h < 72; h++) {
    const t = Math.floor(now / HOUR) * HOUR - h * HOUR - 12 * MINUTE
    const at = ((t + SHIFT) % DAY) / DAY
    add(t, 'temperature', 'ok', { value: (23.5 + 1.8 * Math.sin(2 * Math.PI * (at - 0.35)) + hash('rt', o.id, t / HOUR) - (h === 9 ? -6 : 0)).toFixed(1), unit: 'degC' })
    add(t + 1000, 'voltage', 'ok', { value: (228 + 5 * hash('rv', o.id, t / HOUR)).toFixed(0), unit: 'V' })
    if (h % 6 === 0) add(t + 2000, 'humidity', 'ok', { value: (48 + 9 * hash('rh', o.id, t / HOUR)).toFixed(0), unit: '%' })
  }
  add(now - 3 * HOUR, 'door', 'closed')
  add(now - 3.4 * HOUR, 'door', 'open', { text: '运维门禁卡 07' })
  add(now - 9 * HOUR, 'power', 'back')
  add(now - 9.2 * HOUR, 'power', 'lost')
  add(now - 20 * HOUR, 'camera', 'fault', { source: 'hook:视频平台', by: null, journal: 'acts', position: '4702', text: '无图像' })
  add(now - 26 * HOUR, 'note', 'text', { ...act, text: '更换采样滤芯，关闭伴热 10 分钟' })
  return out.sort((a, b) => b.time - a.time)
}

const PICTURE = (name, at) => `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 320 180"><rect width="320" height="180" fill="#39454a"/><path d="M40 150V60h70v90M130 150V40h60v110M214 150V86h60v64" fill="#566163" stroke="#c6cdce"/><rect x="146" y="56" width="28" height="18" fill="#0f2a2c"/><text x="8" y="16" fill="#fff" font-size="11">${name}</text><text x="312" y="174" fill="#fff" font-size="11" text-anchor="end">${at}</text></svg>`

export function createField({ start, now, refuse, scope, pace }) {
  const commands = []
  let last = 0
  const ask = (device, key, args, reason, by, at, origin = 'person') => {
    const id = (last = Math.max(last + 1, Math.round(at * 1000)))
    const spec = CATALOGUE.find((s) => s.key === key)
    const cp = Object.entries(args).map(([k, v]) => `${k}=${spec.params.find((p) => p.name === k)?.kind === 'secret' ? '******' : v}`).join(';')
    commands.unshift({ id, device, key, cp, by, origin, target: origin === 'target' ? '省监控中心' : null, reason, at, fate: fateOf(reason) })
    return id
  }
  const seed = (device) => {
    for (const [back, key, args, reason, by, origin] of [
      [50 * HOUR, 'set-realtime-interval', { RtdInterval: '60' }, '与备案间隔一致', 'officer'],
      [31 * HOUR, 'calibrate', { PolId: 'a21002' }, '现场比对前校准，设备失败', 'officer'],
      [9 * HOUR, 'minute-data', { BeginTime: digits(start - 11 * HOUR, 14), EndTime: digits(start - 10 * HOUR, 14) }, '补收缺失的分钟数据', '', 'policy'],
      [5 * HOUR, 'hour-data', { BeginTime: digits(start - 8 * HOUR, 14), EndTime: digits(start - 6 * HOUR, 14) }, '上级平台调取', '', 'target'],
      [2 * HOUR, 'set-clock', { SystemTime: '@now' }, '时钟偏差超过 60 s，未知', '', 'policy'],
      [HOUR, 'get-clock', {}, '核对现场机时间', 'officer'],
    ]) ask(device, key, args, reason, by, start - back, origin)
  }
  seed(1)
  commands.sort((a, b) => b.id - a.id)

  const cameras = new Map([[1, [{ id: 1, name: '站房内', kind: 'gb28181', address: '34020000001320000001', channel: '1', snapshot: true, link: true, snapshot_url: 'http://10.20.1.30/snap.jpg', link_url: 'http://10.20.1.30/play?at={time}', user: 'viewer', has_password: true }, { id: 2, name: '采样平台', kind: 'rtsp', address: 'rtsp://10.20.1.31/live', channel: null, snapshot: false, link: true, snapshot_url: null, link_url: 'http://10.20.1.31/play?at={time}', user: null, has_password: false }]]])
  const notes = new Map()
  const hooks = [{ id: 1, outlet: 1, name: 'ups', by: 'admin', made: start - 40 * DAY, used: start - 3 * HOUR }, { id: 2, outlet: 2, name: 'other-room', by: 'admin', made: start - 30 * DAY, used: null }]
  const set = new Map()
  const policies = [
    ['clock_policy', 1, 1, 1, 2, '', '时钟：1 仅观察，2 超限后自动校时', 'clocks: 1 watch, 2 set beyond the limit'],
    ['clock_limit_s', 60, 60, 1, 3600, 's', '时钟偏差限度', 'how far a clock may be off'],
    ['twin_policy', 2, 1, 1, 3, '', '同一 MN 出现在两条连接上：1 报警，2 保留先到者，3 只认指定地址', 'two links claim one MN: 1 alarm, 2 the first keeps it, 3 only from its addresses'],
    ['gap_policy', 2, 2, 1, 2, '', '缺数：1 仅观察，2 自动补取', 'gaps: 1 watch, 2 ask for what is missing'],
    ['gap_days', 7, 7, 1, 60, 'd', '补取：每轮检查的天数', 'gaps: days that every round looks at'],
    ['key_days', 80, 80, 1, 90, 'd', '密钥更换周期，到期提醒', 'age at which a key is due to be changed'],
  ].map(([name, value, otherwise, least, most, unit, zh, en]) => ({ name, value, otherwise, least, most, unit, zh, en }))
  const idle = { position: [], lag_bytes: null, lag_ms: null, waiting: 0, unreadable: 0, rate: 0, sent: 0, acked: 0, resent: 0, doubles: 0, refused: 0, commands: 0, history: [], last_sent: null, last_ack: null, last_error: null, peer: null }
  const wave = (n, f) => Array.from({ length: 120 }, (_, i) => [start - (120 - i) * 15_000, ...f(i)])
  const targets = [
    { id: 1, name: '省监控中心', host: '10.1.2.3', port: 9212, tls: false, tls_verify: true, pw: { set: true }, rewrite: [], filter: { areas: [], outlets: [], commands: [] }, require_ack: true, commands_allowed: true, overtime_s: 10, recount: 3, window: 32, rate: 200, paused: false, from: start - 200 * DAY,
      state: { ...idle, link: 'connected', since: start - 9 * DAY, peer: '10.1.2.3:9212', position: [{ journal: 'p0', position: '61210040', behind_bytes: 0 }, { journal: 'p1', position: '58811200', behind_bytes: 0 }], lag_bytes: 0, rate: 57.5, sent: 8_120_331, acked: 8_120_331, resent: 118, doubles: 3, commands: 42, history: wave(1, (i) => [56 + 4 * Math.sin(i / 7), 0]), last_sent: start - 900, last_ack: start - 700 } },
    { id: 2, name: '市级备用平台', host: 'hj.qinglan.example', port: 9213, tls: true, tls_verify: true, pw: null, rewrite: [{ mn: outlets[0].devices[0].mn, to: '88888880000000000000A31F' }], filter: { areas: ['990102'], outlets: [], commands: [2051, 2061, 2031] }, require_ack: true, commands_allowed: false, overtime_s: 10, recount: 3, window: 32, rate: 500, paused: false, from: start - 30 * DAY,
      state: { ...idle, link: 'connected', since: start - 40 * MINUTE, peer: '10.9.0.8:9213', position: [{ journal: 'p0', position: '58110040', behind_bytes: 41_200_000 }], lag_bytes: 41_200_000, waiting: 32, lag_ms: 19 * HOUR, rate: 498, sent: 1_204_000, acked: 1_203_988, resent: 40, doubles: 12, history: wave(2, (i) => [i < 60 ? 0 : 480 + 20 * Math.sin(i), i < 60 ? 35_000_000 + i * 300_000 : 53_000_000 - (i - 60) * 210_000]), last_sent: start - 30, last_ack: start - 60, last_error: { at: start - 41 * MINUTE, text_zh: '连接被拒绝', text_en: 'connection refused' } } },
    { id: 3, name: '园区平台', host: '10.7.7.7', port: 9000, tls: false, tls_verify: true, pw: null, rewrite: [], filter: { areas: [], outlets: [4, 5], commands: [] }, require_ack: false, commands_allowed: false, overtime_s: 5, recount: 3, window: 8, rate: 50, paused: true, from: start - 30 * DAY, state: { ...idle, link: 'paused', since: start - 2 * DAY, sent: 40_110, acked: 0 } },
  ]
  const registrations = [
    { hardware: 'HC2100A0261100000000317A', cpu: '1F98E99200000DA7', mac1: '00E04C360A21', mac2: '00E04C360A22', peer: '10.20.7.44:50002', last_seen: start - 90_000, count: 84, sample: { journal: 'p0', position: positionOf(outlets[11], 'real', Math.floor(start / MINUTE) * MINUTE - MINUTE) } },
  ]
  const deviceOf = (id) => { const o = outlets[Number(id) - 1]; if (!o) throw refuse(404, 'not_found', '没有这条数据', 'There is no such thing'); return o }
  const may = (u, ...roles) => { if (!roles.includes(u.role)) throw refuse(403, 'forbidden', '没有权限', 'You may not do this') }
  const AUTHORITY = ['operator', 'officer', 'leader']
  const view = (c) => asked(c, now(), pace)
  const list = (mine, q) => {
    const before = Number(q.get('before')) || Infinity, limit = Math.min(200, Number(q.get('limit')) || 50)
    const rest = mine.filter((c) => c.id < before)
    return { commands: rest.slice(0, limit).map(view), next: rest.length > limit ? rest[limit - 1].id : null }
  }

  function device(o) {
    const d = o.devices[0]
    const modbus = o.id % 4 === 2, sick = o.id % 3 === 1
    const clock = Array.from({ length: 14 }, (_, i) => {
      const mean = Math.round((sick ? 9000 + i * 4200 : 700) + 600 * (hash('ck', o.id, i) - 0.5))
      return { day: dayText(start - (13 - i) * DAY), n: 1440 - (i === 5 ? 300 : 0), mean_ms: mean, min_ms: mean - 900, max_ms: mean + 1400, last_ms: mean, asked_ms: i % 5 === 3 ? mean + 150 : null, asked_at: i % 5 === 3 ? start - (13 - i) * DAY : null, odd: 0 }
    })
    const link = (journal, n, peer, first, last, packets, refused) => ({ journal, link: String(n), peer, first, last, packets, refused })
    const links = [link('p0', 4000 + o.id, `10.20.${o.id % 9}.${o.id}:50${100 + o.id}`, start - 3 * DAY, now() - 12_000, 4320, 0), ...(o.id === 1 ? [link('p1', 99, '203.0.113.9:40112', start - 2 * HOUR, start - 70 * MINUTE, 51, 51)] : [])]
    return {
      id: d.id, mn: d.mn, state: d.state, admitted_at: start - 200 * DAY, outlet: { id: o.id, code: o.code, name: o.name, st: o.st }, enterprise: { id: o.enterprise.id, name: o.enterprise.name, short_name: o.enterprise.short_name },
      last_arrival: o.state === 'never' ? null : now() - 12_000, version: d.version, rtd_interval_s: d.rtd_interval_s, min_interval_min: d.min_interval_min, has_password: true, password_under_change: false,
      pin_crc: 0, pin_case: 0, pin_text: 0, pin_reply: 0, overtime_s: 0, recount: 0, execute_s: 0, clock_policy: 0, clock_limit_s: 0, twin_policy: 0, peers: '', gap_policy: 0, overlay: '', aliases: sick ? { SO2: 'a21026' } : {}, ...set.get(o.id),
      dialect: o.state === 'never' ? null : { crc: modbus ? 'modbus' : 'hj212', crc_case: modbus ? 'lower' : 'upper', text: sick ? 'mixed' : 'utf8', len: 'bytes', tail: sick ? 'mixed' : 'crlf', versions: { 2005: 0, 2017: 164_220, 2025: 0 }, names: sick ? ['SO2', 'PMD'] : [], packets: 164_220, encrypted: o.id % 5 === 0 ? 120_000 : 0, split: 0, aliased: sick ? 80_112 : 0, first: start - 100 * DAY, last: now() - 12_000 },
      findings: [...(modbus ? [{ code: 'crc_modbus', text: 'CRC computed the ordinary Modbus way', text_zh: 'CRC 用的是通用 Modbus 算法', count: 164_220 }] : []), ...(sick ? [{ code: 'no_tail', text: 'The packet does not end with CR LF', text_zh: '包尾没有回车换行', count: 80_112 }, { code: 'gbk', text: 'Text is GBK, not UTF-8', text_zh: '文本是 GBK 编码，不是 UTF-8', count: 311 }] : []), { code: 'pnum', text: 'PNUM is missing; taken as a single packet', text_zh: '缺少 PNUM 字段，按单包处理', count: 41 }],
      clock, links, twins: o.id === 1 ? [{ from: start - 2 * HOUR, to: start - 70 * MINUTE, a: links[0], b: links[1] }] : [],
      keys: keys(o), gaps: { minute: { received: 900, missing: 12, asked: 3, lost: 4 }, hour: { received: 160 }, day: { received: 7 }, looked: now() - 30_000 },
    }
  }
  const keyRow = (key_id, state, age_days, source) => ({ key_id, state, present: state === 'confirmed', created: digits(start - age_days * DAY, 17), age_days, source, at: start - age_days * DAY, confirmed_at: start - age_days * DAY, retired_at: state === 'retired' ? start - 71 * DAY : null })
  const keyRows = new Map()
  const keys = (o) => keyRows.get(o.id) ?? (o.id % 5 === 0 ? [keyRow(2, 'confirmed', 71, 'rotated'), keyRow(1, 'retired', 150, 'ministry')] : [])

  const alerts = () => [
    { code: 'twins', severity: 'alarm', outlet: 1, device: 1, since: start - 2 * HOUR, text_zh: '两条连接使用同一 MN', text_en: 'Two links claim one MN' },
    { code: 'clock', severity: 'warning', outlet: 4, device: 4, since: start - 5 * DAY, text_zh: '时钟偏差 63 s，超过 60 s', text_en: 'Clock is 63 s off, limit 60 s' },
    { code: 'key_age', severity: 'warning', outlet: 5, device: 5, since: start - DAY, text_zh: '密钥已用 81 天，90 天到期', text_en: 'Key is 81 days old, ends at 90' },
    { code: 'target_behind', severity: 'warning', outlet: null, device: null, since: start - 19 * HOUR, text_zh: '转发滞后 19 h：市级备用平台', text_en: 'Forwarding is 19 h behind', params: { target: 2 } },
  ]

  const routes = [
    ['GET', /^commands\/catalogue$/, (u) => (may(u, ...AUTHORITY), { commands: CATALOGUE, qnrtn: words(QNRTN), exertn: words(EXERTN) })],
    ['GET', /^commands\/(\d+)$/, (u, m) => {
      may(u, ...AUTHORITY)
      const c = commands.find((x) => x.id === Number(m[1]))
      if (!c) throw refuse(404, 'not_found', '没有这条数据', 'There is no such thing')
      return view(c)
    }],
    ['POST', /^devices\/(\d+)\/commands$/, (u, m, q, body) => {
      may(u, 'operator', 'officer')
      const spec = CATALOGUE.find((s) => s.key === body.key)
      if (!spec) throw refuse(422, 'unknown_command', '没有这个命令', 'No such command')
      if (!body.reason?.trim() || body.confirm !== true) throw refuse(422, 'reason', '请填写原因并确认', 'A reason and confirmation are needed')
      for (const p of spec.params) if (p.required && !p.preset && !String(body.arguments?.[p.name] ?? '')) throw refuse(422, 'parameter', `请填写${p.zh}`, `${p.name} is missing`, {}, p.name)
      return { status: 202, body: { id: ask(Number(m[1]), body.key, body.arguments ?? {}, body.reason.trim(), u.name, now()) } }
    }],
    ['GET', /^devices\/(\d+)\/commands$/, (u, m, q) => (may(u, ...AUTHORITY), list(commands.filter((c) => c.device === Number(m[1])), q))],
    ['GET', /^outlets\/(\d+)\/commands$/, (u, m, q) => (may(u, ...AUTHORITY), scope(u, m[1]), list(commands.filter((c) => c.device === Number(m[1])), q))],
    ['GET', /^outlets\/(\d+)\/timeline$/, (u, m, q) => timeline(scope(u, m[1]), q, now(), start, AUTHORITY.includes(u.role), commands[2]?.id ?? 1)],
    ['GET', /^outlets\/(\d+)\/station$/, (u, m, q) => {
      const o = scope(u, m[1])
      const before = Number(q.get('before')) || Infinity, limit = Number(q.get('limit')) || 50
      if (limit > 200) throw refuse(400, 'query', 'before 或 limit 不正确', 'before or limit is wrong')
      const all = o.state === 'never' ? [] : [...(notes.get(o.id) ?? []), ...roomEvents(o, start)].sort((a, b) => b.time - a.time).filter((e) => e.time < before)
      return { events: all.slice(0, limit), next: all.length > limit ? all[limit - 1].time : null }
    }],
    ['POST', /^outlets\/(\d+)\/station$/, (u, m, q, body) => {
      may(u, 'operator', 'officer', 'maintainer')
      const o = scope(u, m[1])
      notes.set(o.id, [{ value: null, unit: null, text: null, ...body, time: body.time ?? now(), source: 'person', by: u.name, journal: 'acts', position: '4800' }, ...(notes.get(o.id) ?? [])])
      return { ok: true }
    }],
    ['GET', /^outlets\/(\d+)\/cameras$/, (u, m) => ({ cameras: (cameras.get(scope(u, m[1]).id) ?? []).map(({ snapshot_url, link_url, user, has_password, ...c }) => (u.role === 'operator' ? { ...c, snapshot_url, link_url, user, has_password } : c)) })],
    ['POST', /^outlets\/(\d+)\/cameras$/, (u, m, q, body) => {
      may(u, 'operator')
      const o = scope(u, m[1])
      const all = cameras.get(o.id) ?? []
      const old = all.find((c) => c.id === body.id)
      if (body.id && !old) throw refuse(422, 'id', '该排放口没有这个摄像机', 'id: this outlet has no such camera')
      const { pw, reason, ...rest } = body
      const c = { address: null, channel: null, snapshot_url: null, link_url: null, user: null, ...rest, id: old?.id ?? 10 + o.id + all.length, snapshot: Boolean(body.snapshot_url), link: Boolean(body.link_url), has_password: pw === undefined ? Boolean(old?.has_password) : pw !== '' }
      cameras.set(o.id, old ? all.map((x) => (x === old ? c : x)) : [...all, c])
      return c
    }],
    // one to a page, so that whoever reads the list must turn pages
    ['GET', /^hooks$/, (u, m, q) => {
      may(u, 'operator')
      const rest = hooks.filter((h) => h.id > (Number(q.get('after')) || 0))
      return { hooks: rest.slice(0, 1), next: rest.length > 1 ? rest[0].id : null }
    }],
    ['POST', /^hooks$/, (u, m, q, body) => {
      may(u, 'operator')
      if (!/^[A-Za-z0-9_.-]{1,32}$/.test(body.name)) throw refuse(422, 'invalid', '名称不正确', 'name: use 1 to 32 letters, digits, - _ .')
      const h = { id: Math.max(0, ...hooks.map((x) => x.id)) + 1, outlet: scope(u, body.outlet).id, name: body.name, by: u.name, made: now(), used: null }
      hooks.push(h)
      const token = `mock${h.id}aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa`
      return { ...h, token, path: `/api/hooks/${token}` }
    }],
    ['DELETE', /^hooks\/(\d+)$/, (u, m) => {
      may(u, 'operator')
      const i = hooks.findIndex((h) => h.id === Number(m[1]))
      if (i < 0) throw refuse(404, 'not_found', '没有这条数据', 'There is no such thing')
      hooks.splice(i, 1)
      return {}
    }],
    ['DELETE', /^cameras\/(\d+)$/, (u, m) => {
      may(u, 'operator')
      for (const [o, list] of cameras) cameras.set(o, list.filter((c) => c.id !== Number(m[1])))
      return {}
    }],
    ['GET', /^cameras\/(\d+)\/snapshot$/, (u, m) => ({ type: 'image/svg+xml', bytes: PICTURE(m[1] === '1' ? '01' : '02', new Date(now() + SHIFT).toISOString().slice(11, 19)) })],
    ['GET', /^cameras\/(\d+)\/link$/, (u, m, q) => ({ url: `/nowhere?camera=${m[1]}&time=${q.get('time')}` })],
    ['GET', /^devices\/(\d+)$/, (u, m) => (may(u, ...AUTHORITY), device(deviceOf(m[1])))],
    ['PATCH', /^devices\/(\d+)$/, (u, m, q, body) => {
      may(u, 'operator')
      const { reason, pw, ...rest } = body
      set.set(Number(m[1]), { ...set.get(Number(m[1])), ...rest })
      return { ok: true }
    }],
    ['GET', /^devices\/(\d+)\/keys$/, (u, m) => (may(u, ...AUTHORITY), { keys: keys(deviceOf(m[1])) })],
    ['POST', /^devices\/(\d+)\/keys$/, (u, m, q, body) => {
      may(u, 'operator')
      const o = deviceOf(m[1])
      const rows = keys(o)
      if (body.key !== undefined && !/^[\x21-\x7e]{16}$/.test(body.key)) throw refuse(422, 'key', '密钥为 16 个字符', 'A key is 16 characters')
      keyRows.set(o.id, [keyRow((rows[0]?.key_id ?? 0) + 1, body.key !== undefined ? 'confirmed' : 'offered', 0, body.key !== undefined ? 'ministry' : 'rotated'), ...rows.map((k) => (body.key !== undefined ? { ...k, state: 'retired', present: false } : k))])
      return { ok: true }
    }],
    ['GET', /^policies$/, (u) => (may(u, ...AUTHORITY), { policies })],
    ['PUT', /^policies$/, (u, m, q, body) => {
      may(u, 'operator')
      for (const p of policies) if (body[p.name] !== undefined) p.value = body[p.name] ?? p.otherwise
      return { policies }
    }],
    ['GET', /^alerts$/, (u) => (may(u, ...AUTHORITY), { alerts: alerts() })],
    ['GET', /^overlays$/, (u) => (may(u, ...AUTHORITY), { overlays: [{ name: 'jiangsu', title_zh: '江苏扩展', title_en: 'Jiangsu', source: 'DB32/T 4349-2022', confidence: 'unverified', aliases: {}, fields: [], commands: [] }] })],
    ['POST', /^devices\/register$/, (u, m, q, body) => {
      may(u, 'operator')
      const i = registrations.findIndex((r) => r.hardware === body.hardware)
      if (i < 0) throw refuse(404, 'not_found', '没有这条数据', 'There is no such thing')
      if (!/^[0-9A-Z]{24}$/.test(body.mn)) throw refuse(422, 'mn', 'MN 为 24 位数字或大写字母', 'An MN is 24 digits or capital letters')
      registrations.splice(i, 1)
      return { status: 202, body: { device: 61, mn: body.mn, command: 1 } }
    }],
    ['GET', /^targets$/, (u) => (may(u, 'operator'), { targets })],
    ['GET', /^targets\/(\d+)\/state$/, (u, m) => (may(u, 'operator'), targets.find((x) => x.id === Number(m[1])).state)],
    ['POST', /^targets$/, (u, m, q, body) => {
      may(u, 'operator')
      if (!body.host) throw refuse(422, 'invalid', '请填写地址', 'An address is needed')
      const id = Math.max(0, ...targets.map((x) => x.id)) + 1
      targets.push({ paused: false, ...body, id, pw: body.pw ? { set: true } : null, state: { ...idle, link: 'connecting', since: now() } })
      return { status: 201, body: { id } }
    }],
    ['PUT', /^targets\/(\d+)$/, (u, m, q, body) => {
      may(u, 'operator')
      const x = targets.find((y) => y.id === Number(m[1]))
      const { reason, pw, ...rest } = body
      Object.assign(x, rest, pw === undefined ? {} : { pw: pw ? { set: true } : null })
      if (rest.paused !== undefined) x.state = { ...x.state, link: rest.paused ? 'paused' : 'connecting', since: now() }
      return { ok: true }
    }],
    ['DELETE', /^targets\/(\d+)$/, (u, m) => (may(u, 'operator'), targets.splice(targets.findIndex((x) => x.id === Number(m[1])), 1), { ok: true })],
  ]
  /** of one outlet, as the page of an alarm shows them */
  const stationOf = (o) => (o.state === 'never' ? [] : roomEvents(o, start).slice(0, 12))
  const camerasOf = (o) => (cameras.get(o.id) ?? []).map(({ id, name, kind, address, channel, snapshot, link }) => ({ id, name, kind, address, channel, snapshot, link }))
  return { routes, registrations, stationOf, camerasOf }
}
