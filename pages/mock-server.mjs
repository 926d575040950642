// Stands in for the web process in development and page tests: the same API over invented data. Never part of a build.
//   node mock-server.mjs [PORT]      env MOCK_NOW=ms fixes the clock's beginning, MOCK_PACE=ms the distance of live events,
//                                    MOCK_ALARMS=n adds alarms, YANWU_PAGES=folder serves another build than dist
import { createReadStream, existsSync, statSync } from 'node:fs'
import { createServer } from 'node:http'
import { extname, join, normalize } from 'node:path'
import { fileURLToPath } from 'node:url'
import { AREAS, UNITS, DAY, FACTORS, HOUR, MINUTE, enterprises, hash, outlets } from './mock/province.mjs'
import { createAlarms } from './mock/alarms.mjs'
import { createField } from './mock/field.mjs'
import { createJudged } from './mock/judged.mjs'
import { createOperation } from './mock/operation.mjs'
import { packet } from './mock/packets.mjs'
import { createReports } from './mock/reports.mjs'
import { KIND_NAMES, fromPosition, lastComplete, positionOf, record, series, valueAt } from './mock/series.mjs'

const DIST = process.env.YANWU_PAGES ?? fileURLToPath(new URL('./dist', import.meta.url))
const TYPES = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml', '.json': 'application/json' }
export const POLICY = "default-src 'self'; style-src 'self' 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"

class Refusal extends Error {
  constructor(status, code, text_zh, text_en, more = {}, param) {
    super(code)
    Object.assign(this, { status, body: { error: { code, text_zh, text_en, ...(param ? { param } : {}) }, ...more } })
  }
}
const notFound = () => new Refusal(404, 'not_found', '没有这条数据', 'There is no such thing')

const ACCOUNTS = {
  admin: { role: 'operator', display_name: '郭砚秋', unit: '青岚省监控中心', area: '990000', area_name: '青岚省' },
  officer: { role: 'officer', display_name: '周既明', unit: '青岚市支队', area: '990100', area_name: '青岚市' },
  leader: { role: 'leader', display_name: '陆明川', unit: '青岚市支队', area: '990100', area_name: '青岚市' },
  maintainer: { role: 'maintainer', display_name: '罗听澜', unit: '恒测环境技术', maintainer: 1 },
  enterprise: { role: 'enterprise', display_name: '沈远', unit: '青岚热电有限公司', enterprise: 1 },
}
/** For the test that no Chinese is left in English pages: names of things become Latin, so that what remains is the page's own. */
const romanise = (key, v) => (typeof v === 'string' && !key.endsWith('_zh') ? v.replace(/[\u3000-\u9fff，（）“”]+/g, (s) => `N${Math.floor(hash(s) * 999)}`) : v)
const userOf = (name, a) => ({ name, area: null, area_name: null, enterprise: null, maintainer: null, ...a })

export function createMock({ start = Number(process.env.MOCK_NOW) || Date.now(), pace = Number(process.env.MOCK_PACE) || 350, latin = false, fieldPace = Number(process.env.MOCK_FIELD_PACE) || 900, manyAlarms = Number(process.env.MOCK_ALARMS) || 0 } = {}) {
  const begun = Date.now()
  const now = () => start + (Date.now() - begun)
  const sessions = new Map()
  const users = Object.entries(ACCOUNTS).map(([name, a]) => userOf(name, a))
  const waiting = [
    { mn: '88888880000000000000A31F', st: '31', peer: '10.20.7.31:50211', first_seen: start - 3 * HOUR, last_seen: start - 20_000, packets: 431, bad_pw: 0, outlet: 7 },
    { mn: '88888880000000000000B072', st: '32', peer: '10.20.7.90:41022', first_seen: start - 26 * HOUR, last_seen: start - 44_000, packets: 3110, bad_pw: 12, outlet: 8 },
    { mn: 'A3100F8900016F0026D7C2E0', st: '31', peer: '10.20.9.14:50107', first_seen: start - 50 * MINUTE, last_seen: start - 3 * MINUTE, packets: 61, bad_pw: 0, outlet: 12 },
  ].map(({ outlet, ...w }) => ({ ...w, sample: { journal: 'p0', position: positionOf(outlets[outlet - 1], 'real', Math.floor(start / MINUTE) * MINUTE - MINUTE) } }))
  const streams = new Set()

  const inScope = (u, o) => (u.role === 'enterprise' ? o.enterprise.id === u.enterprise : u.role === 'maintainer' ? o.maintainer.id === u.maintainer : true)
  const arrivalOf = (o) => (o.state === 'never' ? null : o.state === 'online' ? now() - Math.floor(hash('ph', o.id) * 50_000) - 1500 : now() - o.quiet)
  const mainOf = (o, t) => {
    const f = o.factors[0]
    return { factor: f.code, unit: f.unit, value: Number(valueAt(o, f.code, t, 'real', start).toFixed(2)), time: t, limit: f.limit }
  }
  const rowOf = (o, spark) => {
    const arrival = arrivalOf(o)
    const t = arrival && Math.floor(arrival / MINUTE) * MINUTE - MINUTE
    const row = {
      id: o.id, code: o.code, name: o.name, kind: o.kind, enterprise: { id: o.enterprise.id, name: o.enterprise.name, short_name: o.enterprise.short_name },
      area: o.area, lon: o.lon, lat: o.lat, state: o.state, last_arrival: arrival, last_time: t, main: t ? mainOf(o, t) : null,
    }
    if (spark) {
      const top = Math.floor(now() / HOUR) * HOUR + HOUR // the last hour is running
      const [f] = series(o, 'hour', [o.factors[0].code], top - DAY, top - 1, 99, now(), start)
      row.spark = Array.from({ length: 24 }, (_, i) => f.mean[f.t.indexOf(top - (24 - i) * HOUR)] ?? null)
    }
    return row
  }
  const outletOf = (u, id) => {
    const o = outlets[Number(id) - 1]
    if (!o || !inScope(u, o)) throw notFound()
    return o
  }
  const permit = (e) => ({ number: e.permit_number, from: start - (200 + e.id * 20) * DAY, to: start + (1600 - e.id * 20) * DAY })
  const firmRow = (e) => ({ ...e, permit_to: permit(e).to })
  const named = (f) => ({ ...f, name_zh: FACTORS.find((x) => x.code === f.code).name_zh, name_en: FACTORS.find((x) => x.code === f.code).name_en })
  const page = (list, q, idOf) => {
    const limit = Math.min(500, Number(q.get('limit')) || 100)
    const rest = list.filter((x) => idOf(x) > (Number(q.get('after')) || 0))
    return [rest.slice(0, limit), rest.length > limit ? String(idOf(rest[limit - 1])) : null]
  }
  const matches = (q, ...texts) => !q || texts.some((t) => String(t ?? '').toLowerCase().includes(q.toLowerCase()))
  const operator = (u) => {
    if (u.role !== 'operator') throw new Refusal(403, 'forbidden', '没有权限', 'You may not do this')
  }

  const field = createField({ start, now, pace: fieldPace, scope: (u, id) => outletOf(u, id), refuse: (...a) => new Refusal(...a) })
  const send = (event, data) => streams.forEach(({ response, wants }) => wants.all && response.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`))
  const judged = createJudged({ start, now, scope: (u, id) => outletOf(u, id), refuse: (...a) => new Refusal(...a) })
  const operation = createOperation({ start, now, scope: (u, id) => outletOf(u, id), refuse: (...a) => new Refusal(...a), marksOf: judged.marksOf })
  const alarms = createAlarms({ start, now, scope: (u, id) => outletOf(u, id), refuse: (...a) => new Refusal(...a), judged, stationOf: field.stationOf, camerasOf: field.camerasOf, many: manyAlarms, send })
  const reports = createReports({ start, now, inScope, scope: (u, id) => outletOf(u, id), refuse: (...a) => new Refusal(...a) })
  const routes = [
    ['GET', /^areas$/, () => ({ areas: AREAS })],
    ['GET', /^units$/, () => ({ units: UNITS })],
    ['GET', /^factors$/, () => ({ factors: FACTORS })],
    ['GET', /^watch$/, (u) => {
      const rows = outlets.filter((o) => inScope(u, o)).map((o) => rowOf(o, true))
      const counts = { online: 0, late: 0, silent: 0, never: 0 }
      for (const r of rows) counts[r.state]++
      return { now: now(), counts, outlets: rows }
    }],
    ['GET', /^enterprises$/, (u, m, q) => {
      const list = enterprises.filter((e) => outlets.some((o) => o.enterprise.id === e.id && inScope(u, o)) && matches(q.get('q'), e.name, e.permit_number, e.credit_code) && (!q.get('area') || e.area === q.get('area')))
      const [rows, next] = page(list, q, (e) => e.id)
      return { enterprises: rows.map(firmRow), next }
    }],
    ['GET', /^enterprises\/(\d+)$/, (u, m) => {
      const e = enterprises[Number(m[1]) - 1]
      const own = outlets.filter((o) => o.enterprise.id === e?.id && inScope(u, o))
      if (!e || own.length === 0) throw notFound()
      return { ...firmRow(e), permit: permit(e), outlets: own.map((o) => ({ id: o.id, code: o.code, name: o.name, kind: o.kind, st: o.st, state: o.state, last_arrival: arrivalOf(o), factors: o.factors, devices: o.devices })) }
    }],
    ['GET', /^outlets$/, (u, m, q) => {
      const list = outlets.filter((o) => inScope(u, o) && matches(q.get('q'), o.enterprise.name, o.code, o.name, o.devices[0].mn))
      const [rows, next] = page(list, q, (o) => o.id)
      return { outlets: rows.map((o) => rowOf(o, false)), next }
    }],
    ['GET', /^outlets\/(\d+)$/, (u, m) => {
      const o = outletOf(u, m[1])
      const kinds = {}
      if (o.state !== 'never') for (const k of KIND_NAMES) kinds[k] = { first: start - 365 * DAY, last: lastComplete(k, o, now()) }
      return { id: o.id, code: o.code, name: o.name, kind: o.kind, st: o.st, enterprise: { id: o.enterprise.id, name: o.enterprise.name, short_name: o.enterprise.short_name }, area: o.area, area_name: AREAS.find((a) => a.code === o.area).name, lon: o.lon, lat: o.lat, maintainer: o.maintainer, devices: o.devices, factors: o.factors.map(named), state: o.state, last_arrival: arrivalOf(o), last_time: rowOf(o).last_time, kinds }
    }],
    ['GET', /^outlets\/(\d+)\/series$/, (u, m, q) => {
      const t0 = performance.now()
      const o = outletOf(u, m[1])
      const from = Number(q.get('from')), to = Number(q.get('to'))
      const codes = (q.get('factors') || '').split(',').filter((c) => o.factors.some((f) => f.code === c))
      const field = q.get('field')
      const factors = field?.startsWith('Zs') ? codes.map((code) => ({ code, field, t: [], span: [], n: [], first: [], last: [], min: [], max: [], mean: [], flag: [], late: [], revisions: [] })) : series(o, q.get('kind'), codes, from, to, Number(q.get('points')) || 1200, now(), start)
      return { kind: q.get('kind'), from, to, factors, took_ms: performance.now() - t0 }
    }],
    ['GET', /^outlets\/(\d+)\/record$/, (u, m, q) => {
      const o = outletOf(u, m[1])
      const kind = q.get('kind'), time = Number(q.get('time'))
      const r = record(o, kind, time, start)
      if (o.state === 'never' || time > lastComplete(kind, o, now())) throw notFound()
      const main = { arrival: r.arrival, journal: r.journal, position: r.position, backfilled: r.backfilled, copies: 1, current: true }
      const older = r.revisions > 1 ? [{ ...main, arrival: r.arrival - 2 * HOUR, backfilled: false, current: false }] : []
      return { time, kind, values: o.factors.map((f) => ({ factor: f.code, name_zh: named(f).name_zh, name_en: named(f).name_en, unit: f.unit, fields: r.values[f.code] })), revisions: [main, ...older] }
    }],
    ['GET', /^outlets\/(\d+)\/records$/, (u, m, q) => {
      const o = outletOf(u, m[1])
      const kind = q.get('kind') || 'minute'
      const step = { real: MINUTE, minute: 10 * MINUTE, hour: HOUR, day: DAY }[kind]
      const limit = Math.min(500, Number(q.get('limit')) || 100)
      let t = lastComplete(kind, o, now())
      const before = Number(q.get('before')) || 0
      if (before) t = Math.min(t, lastComplete(kind, { state: 'online' }, before - 1 + step))
      const records = []
      for (; o.state !== 'never' && records.length < limit && t > start - 365 * DAY; t -= step) records.push(record(o, kind, t, start))
      return { records, next: records.length === limit ? records[limit - 1].time : null }
    }],
    ['GET', /^packets\/acts\/(\d+)$/, (u, m) => ({ journal: 'acts', position: m[1], arrival: start - DAY, direction: 'act', register_version: 12, size: 150, act: { station: { outlet: 1, kind: 'note', state: 'text', text: 'A', source: 'person' }, by: 'officer', at: (start - DAY) * 1000 } })],
    ['GET', /^packets\/(p\d+)\/(\d+)$/, (u, m) => {
      const { o, kind, t } = fromPosition(m[2])
      if (!o || !inScope(u, o)) throw notFound()
      return { journal: m[1], position: m[2], ...packet(o, kind, t, start, record(o, kind, t, start).arrival) }
    }],
    ['GET', /^devices$/, (u, m, q) => {
      operator(u)
      const list = outlets.filter((o) => matches(q.get('q'), o.devices[0].mn, o.enterprise.name, o.code) && (!q.get('state') || o.devices[0].state === q.get('state')))
      const [rows, next] = page(list, q, (o) => o.id)
      return { devices: rows.map((o) => ({ id: o.devices[0].id, mn: o.devices[0].mn, outlet: { id: o.id, code: o.code, name: o.name }, enterprise: { id: o.enterprise.id, name: o.enterprise.name }, state: o.devices[0].state, version: 2017, last_arrival: arrivalOf(o) })), next }
    }],
    ['GET', /^devices\/waiting$/, (u) => (operator(u), { waiting, registrations: field.registrations })],
    ['POST', /^devices\/(admit|refuse)$/, (u, m, q, body) => {
      operator(u)
      const i = waiting.findIndex((w) => w.mn === body.mn)
      if (i < 0) throw notFound()
      waiting.splice(i, 1)
      return { ok: true }
    }],
    ['POST', /^devices\/(\d+)\/retire$/, (u, m) => {
      operator(u)
      outlets[Number(m[1]) - 1].devices[0].state = 'retired'
      return { ok: true }
    }],
    ['POST', /^import$/, (u, m, q, body, raw) => {
      operator(u)
      if (q.get('name') === 'bad.csv') {
        throw new Refusal(422, 'rows', '有 2 处错误，什么都没有写入', '2 faults; nothing was written', { rows: [
          { sheet: '排放口', row: 14, column: '排放口编号', text_zh: '“DA1”不是排放口编号，应为 DA 或 DW 加三位数字', text_en: '"DA1" is no outlet code: DA or DW and three digits' },
          { sheet: '监测因子', row: 3, column: '限值', text_zh: '“五十”不是数', text_en: 'Not a number' },
        ] })
      }
      return { applied: !q.get('dry_run'), enterprises: 20, outlets: 60, devices: 60, factors: 320 }
    }],
    ['GET', /^system$/, (u) => {
      operator(u)
      const s = (now() - start) / 1000
      const rate = 58 + 6 * Math.sin(s / 9)
      return {
        now: now(), uptime_s: 86_400 * 3 + s,
        processes: ['supervisor', 'gateway-0', 'gateway-1', 'pipeline', 'web'].map((name, i) => ({ name, pid: 4100 + i, state: 'running', since: start - 3 * DAY, restarts: i === 2 ? 1 : 0 })),
        gateways: [0, 1].map((worker) => ({ worker, links: 27 + worker, packets: Math.round(1_204_330 + s * rate / 2), bytes: Math.round(612_000_000 + s * 21_000), acks: Math.round(1_201_004 + s * rate / 2), unknown: 3602, bad: 17, rate: rate / 2 })),
        pipeline: { rate, lag_bytes: Math.round(6000 + 4000 * Math.sin(s / 4)), lag_ms: Math.round(120 + 50 * Math.sin(s / 5)), packets: Math.round(2_405_331 + s * rate), rows: Math.round(2_405_331 + s * rate) },
        store: { bytes: 1_903_000_000 }, journal: { bytes: 5_310_000_000 }, disk: { free: 61_000_000_000, total: 98_000_000_000, state: 'ok' }, register_version: 12, alerts: [],
      }
    }],
    ['GET', /^users$/, (u) => (operator(u), { users })],
    ['POST', /^users$/, (u, m, q, body) => {
      operator(u)
      if (users.some((x) => x.name === body.name)) throw new Refusal(409, 'exists', '已有同名用户', 'A user of this name exists')
      users.push(userOf(body.name, body))
      return { ok: true }
    }],
    ['PATCH', /^users\/(\w+)$/, (u, m, q, body) => (operator(u), Object.assign(users.find((x) => x.name === m[1]) ?? {}, body), { ok: true })],
    ['POST', /^session\/password$/, () => ({ ok: true })],
    ['GET', /^search$/, (u, m, q) => {
      const text = q.get('q') ?? ''
      const hits = [
        ...enterprises.filter((e) => matches(text, e.name)).slice(0, 5).map((e) => ({ kind: 'enterprise', id: e.id, title: e.name, sub: e.area_name })),
        ...outlets.filter((o) => inScope(u, o) && matches(text, o.enterprise.name, o.code)).slice(0, 8).map((o) => ({ kind: 'outlet', id: o.id, title: `${o.enterprise.short_name} ${o.code}`, sub: o.name })),
        ...outlets.filter((o) => matches(text, o.devices[0].mn)).slice(0, 5).map((o) => ({ kind: 'device', id: o.id, title: o.devices[0].mn, sub: `${o.enterprise.short_name} ${o.code}` })),
      ]
      return { hits }
    }],
    ...field.routes,
    ...judged.routes,
    ...operation.routes,
    ...reports.routes,
    ...alarms.routes,
  ]

  function stream(request, response, wants) {
    response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' })
    response.write(': open\n\n')
    const entry = { response, wants }
    streams.add(entry)
    request.on('close', () => streams.delete(entry))
  }
  const emit = (o) => {
    const arrival = now()
    const time = Math.floor(arrival / MINUTE) * MINUTE - MINUTE
    for (const { response, wants } of streams) {
      if (!wants(o)) continue
      if (wants.all) response.write(`event: latest\ndata: ${JSON.stringify({ outlet: o.id, kind: 'real', time, arrival, state: o.state, main: mainOf(o, time) })}\n\n`)
      else response.write(`event: record\ndata: ${JSON.stringify({ kind: 'real', ...record(o, 'real', time, start), arrival })}\n\n`)
    }
  }
  let turn = 0
  const online = outlets.filter((o) => o.state === 'online')
  const timers = [
    setInterval(() => emit(online[(turn += 7) % online.length]), pace),
    setInterval(() => streams.forEach(({ response }) => response.write('event: ping\ndata: {}\n\n')), 15_000),
  ]

  async function answer(request, response) {
    const url = new URL(request.url, 'http://mock')
    const path = url.pathname.replace(/^\/api\//, '')
    const json = (status, body, headers = {}) => response.writeHead(status, { 'Content-Type': 'application/json', ...headers }).end(JSON.stringify(body, latin ? romanise : undefined))
    const token = /yw_session=(\w+)/.exec(request.headers.cookie ?? '')?.[1]
    const session = sessions.get(token)
    const chunks = []
    for await (const c of request) chunks.push(c)
    const raw = Buffer.concat(chunks)
    let body = {}
    try {
      body = raw.length ? JSON.parse(raw) : {}
    } catch {
      body = {} // a file
    }
    try {
      if (path === 'installation') {
        return json(200, { name: '青岚省污染源监控', domain: 'demo', version: '0.1.0', now: now(), demo_notice: true, demo_accounts: Object.entries(ACCOUNTS).map(([user, a]) => ({ user, password: 'demo', role: a.role })) })
      }
      if (path === 'session' && request.method === 'POST') {
        const account = ACCOUNTS[body.user]
        if (!account || body.password !== 'demo') throw new Refusal(401, 'sign_in', '用户名或密码不对', 'Wrong user name or password')
        const fresh = Math.random().toString(36).slice(2)
        sessions.set(fresh, { user: userOf(body.user, account), csrf: `c${fresh}` })
        return json(200, { user: sessions.get(fresh).user, csrf: `c${fresh}` }, { 'Set-Cookie': `yw_session=${fresh}; HttpOnly; SameSite=Strict; Path=/` })
      }
      if (!session) throw new Refusal(401, 'signed_out', '请先登录', 'Sign in first')
      if (path === 'session') {
        if (request.method === 'DELETE') sessions.delete(token)
        return json(200, session)
      }
      if (request.method !== 'GET' && request.headers['x-csrf'] !== session.csrf) throw new Refusal(403, 'csrf', '请求没有带校验码', 'The request lacks its token')
      if (path === 'live') return stream(request, response, Object.assign((o) => inScope(session.user, o), { all: true }))
      const live = /^outlets\/(\d+)\/live$/.exec(path)
      if (live) return stream(request, response, Object.assign((o) => o.id === Number(live[1]), { all: false }))
      if (path === 'export') return response.writeHead(200, { 'Content-Type': 'text/csv', 'Content-Disposition': 'attachment; filename=register.csv' }).end('排污单位,排放口\n')
      for (const [method, pattern, act] of routes) {
        const m = pattern.exec(path)
        if (!m || method !== request.method) continue
        const given = act(session.user, m, url.searchParams, body, raw)
        if (given.bytes && typeof given.bytes !== 'number') return response.writeHead(200, { 'Content-Type': given.type }).end(given.bytes)
        return given.status && given.body ? json(given.status, given.body) : json(200, given)
      }
      throw notFound()
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      return json(error.status, error.body)
    }
  }

  function file(request, response) {
    const path = normalize(decodeURIComponent(new URL(request.url, 'http://mock').pathname))
    let name = join(DIST, path)
    if (!name.startsWith(DIST) || !existsSync(name) || statSync(name).isDirectory()) name = join(DIST, 'index.html')
    const forever = path.startsWith('/assets/')
    response.writeHead(200, { 'Content-Type': TYPES[extname(name)] ?? 'application/octet-stream', 'Content-Security-Policy': POLICY, 'Cache-Control': forever ? 'max-age=31536000, immutable' : 'no-cache' })
    createReadStream(name).on('error', () => response.destroy()).pipe(response)
  }

  const server = createServer((request, response) => {
    if (!request.url.startsWith('/api/')) return file(request, response)
    answer(request, response).catch((error) => response.writeHead(500).end(String(error)))
  })
  return {
    server,
    start,
    emit: (id) => emit(outlets[id - 1]),
    raise: alarms.raise,
    /** breaks every live stream, as a failing network would */
    cut: () => streams.forEach(({ response }) => response.destroy()),
    listen: (port) => new Promise((resolve) => server.listen(port, '127.0.0.1', () => resolve(server.address().port))),
    close: () => {
      timers.forEach(clearInterval)
      server.closeAllConnections()
      server.close()
    },
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const mock = createMock()
  console.log(`http://127.0.0.1:${await mock.listen(Number(process.argv[2] ?? 24000))}/`)
}
