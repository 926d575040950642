// What the stand-in server says of reports, rules and filings: the same shapes over invented hours.
import { AREAS, DAY, FACTORS, HOUR, circumstance, enterprises, hash, outlets } from './province.mjs'
import { valueAt } from './series.mjs'

const SHIFT = 8 * HOUR
const two = (n) => String(n).padStart(2, '0')
const civil = (ms) => { const d = new Date(ms + SHIFT); return [d.getUTCFullYear(), d.getUTCMonth() + 1, d.getUTCDate()] }
const from = (y, m, d = 1) => Date.UTC(y, m - 1, d) - SHIFT
const BASIS = ['本平台口径：数据传输有效率 = 传输率 × 有效率，按各受控因子的小时数计；停运小时两边均不计；废水排放口每日可因自动核查缺 1 小时。', "This platform's own definition: effective rate = transmission rate × valid rate, in hours of each assessed factor. Stopped hours leave both sides; a waste-water outlet may lose one hour a day to its automatic check."]
const STANDING = ['涉嫌超标，须经执法人员核实，不单独作为处罚依据', 'Suspected exceedance: to be verified by enforcement officers, not by itself a basis for penalties']
const STATES = { missing: ['缺失', 'missing'], invalid: ['无效', 'invalid'], stopped: ['停运', 'stopped'], spared: ['自动核查免计', 'spared for the automatic check'] }

function around(period, t) {
  const [y, m, d] = civil(t)
  const q = Math.floor((m - 1) / 3)
  return {
    day: () => ({ at: `${y}-${two(m)}-${two(d)}`, title_zh: `${y}年${m}月${d}日`, from: from(y, m, d), to: from(y, m, d) + DAY }),
    month: () => ({ at: `${y}-${two(m)}`, title_zh: `${y}年${m}月`, from: from(y, m), to: from(y, m + 1) }),
    quarter: () => ({ at: `${y}-Q${q + 1}`, title_zh: `${y}年第${q + 1}季度`, from: from(y, q * 3 + 1), to: from(y, q * 3 + 4) }),
    year: () => ({ at: String(y), title_zh: `${y}年`, from: from(y, 1), to: from(y + 1, 1) }),
  }[period]()
}
function head(query, now) {
  const period = query.get('period') || 'day'
  const [y, rest = '1', d = '1'] = (query.get('at') || '').split('-')
  const month = rest.startsWith('Q') ? Number(rest[1]) * 3 - 2 : Number(rest)
  const p = around(period, query.get('at') ? from(Number(y), month, Number(d)) : now)
  return { period, ...p, title_en: p.at, over: p.to <= now, before: around(period, p.from - 1).at, after: around(period, p.to).at }
}

const part = (a, b) => (b > 0 ? a / b : null)
function rates(c) {
  const due = c.valid + c.invalid + c.missing
  return { transmission: part(due - c.missing, due), validity: part(c.valid, due - c.missing), effective: part(c.valid, due), due, ...c }
}
const none = () => ({ valid: 0, invalid: 0, missing: 0, stopped: 0, spared: 0 })
const add = (a, b) => { for (const k of Object.keys(none())) a[k] += b[k]; return a }

function hourState(o, code, t, begun) {
  if (o.state === 'never') return 'out'
  if (o.state === 'silent' && t > begun - o.quiet * 40) return 'missing'
  const c = circumstance(o, t)
  if (c === 'F') return 'stopped'
  if (c === 'gap') return 'missing'
  return hash('bad', o.id, code, t) < (o.id % 11 === 3 ? 0.16 : 0.012) ? 'invalid' : 'valid'
}

export function createReports({ start, now, refuse, scope, inScope }) {
  const operator = (u) => { if (u.role !== 'operator') throw refuse(403, 'forbidden', '没有权限', 'You may not do this') }
  const assessed = (o) => o.factors.filter((f) => f.limit !== null)
  const nameOf = (code) => FACTORS.find((f) => f.code === code)
  const hours = (o, code, p) => {
    const list = []
    for (let t = p.from; t < Math.min(p.to, now()); t += HOUR) if (t + HOUR <= now()) list.push(hourState(o, code, t, start))
    if (o.kind === 'water') for (let i = 0; i < list.length; i += 24) { const k = list.slice(i, i + 24).indexOf('missing'); if (k >= 0) list[i + k] = 'spared' }
    return list
  }
  const count = (list) => list.reduce((c, s) => { if (s !== 'out') c[s]++; return c }, none())
  const amount = (f, o) => ({ emission_t: f.amount_t_a ? Number((f.amount_t_a * (0.3 + 0.8 * hash('used', o.id, f.code))).toFixed(2)) : null, replaced_t: f.amount_t_a ? Number((f.amount_t_a * 0.01).toFixed(2)) : null, permitted_t: f.amount_t_a, used: f.amount_t_a ? 0.3 + 0.8 * hash('used', o.id, f.code) : null })
  const values = (o, t, to, code, at) => `/outlets/${o.id}?kind=hour&from=${t}&to=${to}${at ? `&at=${t}` : ''}&factor=${code}`

  function outletRates(o, p) {
    const sum = none()
    const factors = assessed(o).map((f) => {
      const c = count(hours(o, f.code, p))
      add(sum, c)
      return { ...rates(c), code: f.code, name_zh: nameOf(f.code).name_zh, name_en: nameOf(f.code).name_en, ...amount(f, o), link: values(o, p.from, p.to, f.code) }
    })
    const came = sum.valid + sum.invalid > 0
    const raised = o.id % 9 === 2 ? 3 : 0
    return { ...figures(sum, { outlets: 1, networked: came ? 1 : 0, exceedances: raised, handled: raised ? 2 : 0, in_time: raised ? 1 : 0 }), id: o.id, code: o.code, name: o.name, kind: o.kind, enterprise: o.enterprise.id, factors, link: `/reports/outlets/${o.id}?period=${p.period}&at=${p.at}` }
  }
  const COUNTED = ['outlets', 'networked', 'exceedances', 'handled', 'in_time']
  const figures = (c, n) => ({ ...rates(c), ...n, networking: part(n.networked, n.outlets), handling: part(n.handled, n.exceedances) })
  const sumOf = (list) => figures(list.reduce((c, o) => add(c, o), none()), Object.fromEntries(COUNTED.map((k) => [k, list.reduce((s, o) => s + o[k], 0)])))
  const within = (code, area) => { for (let c = code; c; c = AREAS.find((a) => a.code === c)?.parent) if (c === area) return true; return false }

  function ratesReport(u, query) {
    const p = head(query, now())
    const area = query.get('area') || ''
    const seen = outlets.filter((o) => inScope(u, o) && (!area || within(o.area, area)) && (!query.get('enterprise') || o.enterprise.id === Number(query.get('enterprise'))))
    const rows = seen.map((o) => outletRates(o, p))
    const firms = enterprises.filter((e) => seen.some((o) => o.enterprise.id === e.id))
    const link = (what) => `/reports?period=${p.period}&at=${p.at}&${what}`
    const hide = (f) => (u.role === 'enterprise' || u.role === 'maintainer' ? { ...f, exceedances: null, handled: null, in_time: null, handling: null } : f)
    return {
      ...p, report: 'rates', now: now(), area: area || null, basis_zh: BASIS[0], basis_en: BASIS[1], low: 0.9, bad: 0.6, total: hide(sumOf(rows)),
      areas: AREAS.filter((a) => (!area || within(a.code, area)) && firms.some((e) => within(e.area, a.code))).map((a) => ({ ...hide(sumOf(rows.filter((o) => within(outlets[o.id - 1].area, a.code)))), code: a.code, parent: a.parent, name: a.name, link: link(`area=${a.code}`) })),
      enterprises: firms.map((e) => ({ ...hide(sumOf(rows.filter((o) => o.enterprise === e.id))), id: e.id, name: e.name, area: e.area, link: link(`enterprise=${e.id}`) })),
      outlets: rows.map(hide),
      under_low: rows.filter((o) => o.effective !== null && o.effective < 0.9).map((o) => o.id),
      under_bad: rows.filter((o) => o.effective !== null && o.effective < 0.6).map((o) => o.id),
    }
  }

  function mean(o, f, t, to, step) {
    const list = hours(o, f.code, { from: t, to })
    if (list.length === 0) return null
    const c = count(list)
    const validity = step === '1h' ? ({ valid: 'valid', invalid: 'invalid', stopped: 'stopped' })[list[0]] ?? 'no-data' : c.valid >= list.length * 0.8 ? 'valid' : c.stopped > list.length / 2 ? 'stopped' : 'invalid'
    const v = Number(valueAt(o, f.code, t, step === '1h' ? 'hour' : 'day', start).toFixed(2))
    const reasons = validity === 'invalid' ? [step === '1h' ? { code: 'few-minutes', zh: '有效分钟数不足', en: 'too few valid minutes', figure: 31 } : { code: 'few-hours', zh: '有效小时数不足', en: 'too few valid hours', figure: c.valid }] : validity === 'stopped' ? [{ code: 'stopped', zh: '污染源停运', en: 'the source was stopped', figure: null }] : []
    const absent = validity === 'no-data' || validity === 'stopped'
    return { validity, marking: validity === 'stopped' ? 'marked-invalid' : 'unmarked', mean: absent ? null : v, converted: absent || !f.judge_converted ? null : Number((v * 1.03).toFixed(2)), emission_kg: absent ? null : Number((v * 0.21 * (step === '1h' ? 1 : 24)).toFixed(3)), replaced_kg: null, due: step === '1h' ? 60 : 24, valid: step === '1h' ? (validity === 'valid' ? 60 : 31) : c.valid, reasons, link: values(o, t, to, f.code, step === '1h') }
  }
  function outletReport(u, id, query) {
    const o = scope(u, id)
    const p = head(query, now())
    const step = p.period === 'day' ? '1h' : p.period === 'month' ? '24h' : 'month'
    const rows = []
    for (let t = p.from; t < Math.min(p.to, now());) {
      const [y, m] = civil(t)
      const next = step === '1h' ? t + HOUR : step === '24h' ? t + DAY : from(y, m + 1)
      rows.push({ from: t, to: next, values: o.factors.map((f) => mean(o, f, t, next, step)), link: values(o, t, next, o.factors[0].code, step === '1h') })
      t = next
    }
    const total = none()
    const factors = o.factors.map((f) => {
      const list = hours(o, f.code, p)
      const c = count(list)
      if (f.limit !== null) add(total, c)
      const runs = []
      list.forEach((state, i) => {
        if (!STATES[state]) return
        const t = p.from + i * HOUR
        const last = runs.at(-1)
        if (last && last.state === state && last.to === t) Object.assign(last, { to: t + HOUR, hours: last.hours + 1, link: values(o, last.from, t + HOUR, f.code) })
        else runs.push({ from: t, to: t + HOUR, hours: 1, state, zh: STATES[state][0], en: STATES[state][1], link: values(o, t, t + HOUR, f.code, true) })
      })
      return { ...rates(c), code: f.code, name_zh: nameOf(f.code).name_zh, name_en: nameOf(f.code).name_en, unit: f.unit, limit: f.limit, converted: f.judge_converted, assessed: f.limit !== null, ...amount(f, o), whole: mean(o, f, p.from, Math.min(p.to, now()), 'whole'), runs: runs.slice(0, 200) }
    })
    const f = assessed(o)[0]
    const verdicts = f ? rows.filter((r, i) => r.values[0]?.validity === 'valid' && (r.values[0].converted ?? r.values[0].mean) > f.limit && i < 40).map((r) => ({ number: `CP${o.id}-${f.code}-${r.from}`, kind: 'exceedance', zh: '涉嫌超标', en: 'suspected exceedance', factor: f.code, unit: f.unit, period: step, from: r.from, to: r.to, value: r.values[0].converted ?? r.values[0].mean, held: f.limit, multiple: Number((((r.values[0].converted ?? r.values[0].mean) - f.limit) / f.limit).toFixed(2)), counts: true, source: '排污许可证', link: r.link })) : []
    return { ...p, report: 'outlet', now: now(), step, basis_zh: BASIS[0], basis_en: BASIS[1], standing_zh: STANDING[0], standing_en: STANDING[1], outlet: { id: o.id, code: o.code, name: o.name, kind: o.kind, enterprise_id: o.enterprise.id, enterprise: o.enterprise.name, area_name: AREAS.find((a) => a.code === o.area).name }, total: rates(total), factors, rows, verdicts, verdicts_cut: false }
  }

  /* ---- rules ---- */
  const rule = (id, title_zh, title_en, standard, clause, confidence, figures, more = {}) => ({ id, title_zh, title_en, standard, edition: '2017', clause, source: '公开文本', confidence, accuses: false, enabled: true, valid_from: null, valid_to: null, figures: Object.entries(figures).map(([name, [value, unit]]) => ({ name, value, unit, confidence, corrected: false })), ...more })
  const rules = [
    rule('hj75.hour', '小时均值有效性', 'Validity of an hourly mean', 'HJ 76-2017', '附录 B', 'S', { valid_minutes: [45, 'min'] }),
    rule('hj75.day', '日均值有效性', 'Validity of a daily mean', 'HJ 76-2017', '附录 B', 'S', { valid_hours: [20, 'h'] }),
    rule('hj75.capture', '有效数据捕集率', 'Share of valid data', 'HJ 75-2017', '12.1', 'R+', { min: [75, '%'], high: [90, '%'] }),
    rule('hj75.ratio', '小时与日均值之比', 'Hour against day', '', '', 'R-', { hour_day: [1.6, '1'] }, { accuses: true, enabled: false }),
    rule('hj356.complete', '日数据完整', 'A complete day', 'HJ 356-2019', '', 'S', { hours: [23, 'h'] }, { edition: '2019' }),
    rule('order10.temperature', '炉温', 'Furnace temperature', '生态环境部令 第 10 号', '第五条', 'S', { degc: [850, 'degC'], times: [5, '1'] }, { accuses: true }),
    rule('marks.condition.power', '启停时段', 'Start-up and shut-down', '执法函〔2020〕21号', '', '?', { quota_h: [null, 'h'] }),
    rule('report.rate', '数据传输有效率的分级', 'Levels of the effective transmission rate', '本平台口径', '', 'S', { low: [0.9, '1'], bad: [0.6, '1'] }),
  ]
  const limit = (id, standard, source_type, factor, name, value, period, confidence, more = {}) => ({ id, standard, source_type, variant: 'new', factor, name, value, low: null, unit: factor.startsWith('w') ? 'mg/L' : 'mg/m3', period, basis: 'national', confidence, reference_oxygen: null, share: null, cold_value: null, cold_c: null, enabled: true, valid_from: '2014-07-01', valid_to: null, note: '', ...more })
  const limits = [
    limit('gb13223.coal-boiler.so2.new', 'GB 13223-2011', '燃煤锅炉', 'a21026', '二氧化硫', 100, '1h', 'S', { reference_oxygen: 6 }),
    limit('gb13223.coal-boiler.nox.new', 'GB 13223-2011', '燃煤锅炉', 'a21002', '氮氧化物', 100, '1h', 'S', { reference_oxygen: 6 }),
    limit('gb18918.1a.cod', 'GB 18918-2002', '城镇污水处理厂 一级 A', 'w01018', '化学需氧量', 50, '24h', 'S'),
    limit('gb18918.1a.ph', 'GB 18918-2002', '城镇污水处理厂 一级 A', 'w01001', 'pH', 9, '1h', 'R+', { low: 6, unit: '' }),
    limit('gb18485.co', 'GB 18485-2014', '生活垃圾焚烧炉', 'a21005', '一氧化碳', 80, '24h', 'R-', { enabled: false, reference_oxygen: 11 }),
  ]
  const corrections = []
  const book = () => ({ digest: '3f0c9a7be1d24486', rules, limits, corrections })

  /* ---- filings ---- */
  const WORDS = { enforcement: ['执法监测', 'enforcement monitoring'], comparison: ['比对监测', 'comparison monitoring'], standard: ['标样核查', 'standard check'], manual: ['手工监测', 'manual monitoring'], zero: ['零点核查', 'zero drift check'], span: ['跨度核查', 'span drift check'], calibration: ['校准', 'calibration'], 'full-system': ['全系统校准', 'full-system calibration'], verification: ['校验', 'verification'], 'stop-report': ['停运报告', 'stop report'], 'fault-report': ['故障报告', 'fault report'], 'abnormal-report': ['异常报告', 'report of abnormal operation'], maintenance: ['运维台账', 'maintenance ledger'], 'work-order': ['运维工单', 'work order'] }
  const filings = []
  const file = (outlet, kind, t, more = {}) => filings.push({ id: filings.length + 1, outlet, version: 1, versions_n: 1, kind, zh: WORDS[kind][0], en: WORDS[kind][1], from: t, to: t, factor: null, reading: null, nominal: null, full_scale: null, passed: null, reference: [], measured: [], text: null, document: null, by_name: null, state: null, evidence: [], withdrawn: false, reason: null, filed_at: t + HOUR, role: 'maintainer', filed_by: 'maintainer', filed_by_name: '罗听澜', ...more })
  const day = Math.floor((start + SHIFT) / DAY) * DAY - SHIFT
  for (const o of outlets.slice(0, 6)) {
    const code = o.factors[0].code
    file(o.id, 'verification', day - 40 * DAY + 9 * HOUR, { factor: code, passed: true, reference: [30.1, 31.2, 29.8, 30.5, 30.9, 31.4, 30.2, 29.9, 30.6], measured: [30.4, 31.0, 30.1, 30.9, 30.7, 31.9, 30.3, 30.2, 30.8], document: 'JY-2026-041', by_name: '罗听澜' })
    file(o.id, 'span', day - 3 * DAY + 10 * HOUR, { factor: code, reading: 151.2, nominal: 150, full_scale: 300, passed: true, by_name: '罗听澜' })
    file(o.id, 'maintenance', day - 3 * DAY + 11 * HOUR, { text: '清洁采样探头，更换滤芯，恢复后零点正常', by_name: '罗听澜' })
    file(o.id, 'comparison', day - 20 * DAY + 14 * HOUR, { factor: code, passed: o.id % 3 !== 2, reference: [33.1, 32.8, 33.5], measured: [33.9, 33.1, 34.2], document: '青环监〔2026〕118号', role: 'officer', filed_by: 'officer', filed_by_name: '周既明' })
    file(o.id, 'stop-report', day - 9 * DAY + 8 * HOUR, { to: day - 9 * DAY + 18 * HOUR, text: '计划检修停运', role: 'enterprise', filed_by: 'enterprise', filed_by_name: '沈远' })
    file(o.id, 'work-order', day - 1 * DAY + 9 * HOUR, { to: day - 1 * DAY + 12 * HOUR, text: '数采仪离线，到场更换电源模块', state: '已完成', by_name: '罗听澜' })
  }
  const ofId = (u, id) => { const f = filings.find((x) => x.id === Number(id)); if (!f) throw refuse(404, 'not_found', '没有这条数据', 'There is no such thing'); scope(u, f.outlet); return f }
  const routes = [
    ['GET', /^reports\/rates$/, (u, m, q) => (q.get('format') ? { bytes: Buffer.from('%PDF-1.5\n'), type: 'application/pdf' } : ratesReport(u, q))],
    ['GET', /^reports\/outlets\/(\d+)$/, (u, m, q) => (q.get('format') ? { bytes: Buffer.from('%PDF-1.5\n'), type: 'application/pdf' } : outletReport(u, m[1], q))],
    ['GET', /^rules$/, () => book()],
    ['GET', /^judge\/state$/, () => ({ register_version: corrections.filter((c) => now() - c.at > 2500).length, register_now: corrections.length, behind: 3 })],
    ['PUT', /^rules\/([^/]+)$/, (u, m, q, body) => {
      operator(u)
      const id = decodeURIComponent(m[1])
      const r = rules.find((x) => x.id === id)
      const f = r?.figures.find((x) => x.name === body.figure)
      if (f) Object.assign(f, { value: body.value, corrected: true, confidence: 'O' })
      if (body.enabled !== undefined) Object.assign(r ?? limits.find((x) => x.id === id), { enabled: body.enabled })
      const l = limits.find((x) => x.id === id)
      if (l && body.figure) l[body.figure] = body.value
      corrections.push({ rule: id, figure: body.figure ?? null, value: body.value ?? null, enabled: body.enabled ?? null, confidence: 'O', from: body.from ?? null, at: now(), by: u.name, by_name: u.display_name, reason: body.reason })
      return book()
    }],
    ['GET', /^outlets\/(\d+)\/filings$/, (u, m, q) => ({ filings: filings.filter((f) => f.outlet === scope(u, m[1]).id && (!q.get('kind') || f.kind === q.get('kind'))).sort((a, b) => b.id - a.id), next: null })],
    ['POST', /^outlets\/(\d+)\/filings$/, (u, m, q, body) => {
      const o = scope(u, m[1])
      file(o.id, body.kind, body.from, { ...body, factor: body.factor || null, reference: body.reference ?? [], measured: body.measured ?? [], filed_at: now(), role: u.role, filed_by: u.name, filed_by_name: u.display_name })
      return { filing: filings.at(-1), versions: [filings.at(-1)] }
    }],
    ['POST', /^filings\/import$/, (u, m, q) => ({ applied: !q.get('dry_run'), rows: 2, new: 2, amended: 0, unchanged: 0 })],
    ['PATCH', /^filings\/(\d+)$/, (u, m, q, body) => { const f = Object.assign(ofId(u, m[1]), body); f.version++; f.versions_n++; return { filing: f, versions: [f] } }],
    ['DELETE', /^filings\/(\d+)$/, (u, m, q, body) => { const f = Object.assign(ofId(u, m[1]), { withdrawn: true, reason: body.reason }); return { filing: f, versions: [f] } }],
  ]
  return { routes }
}
