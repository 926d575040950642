// What the stand-in server says as the judge would: means, verdicts, marks with their versions, supervision notices.
import { DAY, HOUR, FACTORS, circumstance, hash, outlets } from './province.mjs'
import { OVER, lastComplete, overAt, valueAt } from './series.mjs'

const SHIFT = 8 * HOUR
const startOfDay = (t) => Math.floor((t + SHIFT) / DAY) * DAY - SHIFT
const dayText = (t) => new Date(t + SHIFT).toISOString().slice(0, 10).replace(/-/g, '')
const RULES = {
  hour: { id: 'hj75.hour', title_zh: '小时均值有效性', title_en: 'Validity of the hour mean', standard: 'HJ 75-2017', edition: '2017', clause: '12.1.2', confidence: 'S', enabled: true, source: '公开文本' },
  convert: { id: 'hj75.convert', title_zh: '折算为基准氧含量', title_en: 'Conversion to reference oxygen', standard: 'HJ 75-2017', edition: '2017', clause: 'C.5', confidence: 'S', enabled: true },
  permit: { id: 'limits.permit', title_zh: '许可限值·小时均值（折算）', title_en: 'Permitted limit, hour mean, converted', standard: '排污许可证 表 5', edition: '3', clause: '', confidence: 'O', enabled: true },
  constant: { id: 'plausible.constant', title_zh: '数据恒定', title_en: 'Value does not change', standard: '', edition: '', clause: '', confidence: 'R-', enabled: true },
}
const REASONS = {
  'few-minutes': ['有效分钟数不足', 'too few valid minutes'], stopped: ['污染源停运', 'the source was stopped'], enough: ['有效分钟数足够', 'enough valid minutes'],
  'above-limit': ['高于限值', 'above the limit'], constant: ['数据恒定', 'does not change'], 'mark-late': ['标记晚于超标时间', 'the mark was set after the exceedance was visible'],
  disputed: ['标记有争议', 'the mark is disputed'], 'few-hours': ['有效小时数不足', 'too few valid hours'],
}
const reason = (code, figure = null, rule = null) => ({ code, zh: REASONS[code][0], en: REASONS[code][1], figure, rule })
const STANDING = ['涉嫌超标，须经执法人员核实，不单独作为处罚依据', 'Suspected exceedance: to be verified by enforcement officers, not by itself a basis for penalties']
const VALUES = {
  stopped: ['停运', 'stopped'], startup: ['启炉', 'start-up'], shutdown: ['停炉', 'shut-down'], maintenance: ['维护', 'maintenance'], calibration: ['校准', 'calibration'],
  fault: ['故障', 'fault'], normal: ['正常', 'normal operation'],
}

export function createJudged({ start, now, refuse, scope }) {
  const may = (u, ...roles) => { if (!roles.includes(u.role)) throw refuse(403, 'forbidden', '没有权限', 'You may not do this') }
  const short = (o) => ({ id: o.id, code: o.code, name: o.name })
  const firm = (o) => ({ id: o.enterprise.id, name: o.enterprise.name, short_name: o.enterprise.short_name })
  const limitOf = (f) => f && f.limit !== null ? { value: f.limit, low: null, unit: f.unit, period: '1h', basis: 'permit', source: '排污许可证 表 5', confidence: 'O', converted: f.judge_converted } : null

  /* ---- marks ---- */
  const marks = []
  let markId = 0
  const usable = (m) => m.axis === 'condition' ? m.value !== 'stopped' : m.counts || m.value === 'normal'
  const putMark = (o, from, to, axis, value, more = {}) => {
    const m = { id: ++markId, outlet: o.id, from, to, axis, value, zh: VALUES[value][0], en: VALUES[value][1], factors: [], counts: false, automatic: false, disputed: false, withdrawn: false, reason: null, by: 'enterprise', by_name: '沈远', set_at: to + HOUR, deadline: to + 12 * HOUR, late: false, version: 1, evidence: [], ...more }
    m.usable = usable(m)
    marks.push([m])
    return m
  }
  for (const o of outlets.slice(0, 12)) {
    for (let t = startOfDay(start) - 12 * DAY; t < start; t += HOUR) {
      if (circumstance(o, t) === 'F' && circumstance(o, t - HOUR) !== 'F') {
        putMark(o, t, t + 10 * HOUR, 'condition', 'stopped', { automatic: true, by: null, by_name: null, set_at: t + HOUR, reason: '氧含量 ≥ 19 %，流量接近零' })
        putMark(o, t + 10 * HOUR, t + 12 * HOUR, 'condition', 'startup', { reason: '检修后启炉' })
      }
    }
  }
  const o2 = outlets[1]
  const over = Math.floor(start / HOUR) * HOUR
  putMark(o2, over - 52 * HOUR, over - 51 * HOUR, 'equipment', 'calibration', { automatic: true, by: null, by_name: null, set_at: over - 51 * HOUR })
  putMark(o2, over - 43 * HOUR, over - 42.5 * HOUR, 'condition', 'shutdown', { reason: '计划检修，停炉' })
  putMark(o2, over - 42.5 * HOUR, over - 33 * HOUR, 'condition', 'stopped', { reason: '计划检修，已报停运', evidence: ['9f2c41aa03d7e1b5'] })
  putMark(o2, over - 33 * HOUR, over - 30 * HOUR, 'condition', 'startup', { reason: '点火启炉', version: 1 })
  const pm = putMark(o2, over - 18 * HOUR, over - 17 * HOUR, 'equipment', 'maintenance', { factors: ['a34013'], by: 'maintainer', by_name: '罗听澜', reason: '镜面清洁' })
  marks.find((v) => v[0].id === pm.id).push({ ...pm, version: 2, to: over - 16.5 * HOUR, reason: '镜面清洁，恢复后核对零点', set_at: over - 15 * HOUR })
  const late = putMark(o2, over - 6 * HOUR, over - 5 * HOUR, 'equipment', 'fault', { factors: ['a21002'], late: true, disputed: true, by: 'maintainer', by_name: '罗听澜', reason: '分析仪报警', set_at: over - HOUR, deadline: over + 7 * HOUR })
  const lastOf = (versions) => ({ ...versions[versions.length - 1], versions_n: versions.length })
  const marksOf = (o, from, to) => marks.map(lastOf).filter((m) => m.outlet === o.id && m.from < to && (m.to ?? Infinity) > from).sort((a, b) => b.from - a.from)

  /* ---- supervision notices ---- */
  const queries = [
    { id: 1, number: `DB${dayText(start)}-0007`, outlet: short(o2), enterprise: firm(o2), mark: late.id, alarm: null, text: '故障标记设置晚于超标时间，请说明依据并附分析仪报警记录。', by: 'officer', by_name: '周既明', unit_name: '青岚市支队', at: start - 2 * HOUR, deadline: start + 22 * HOUR, state: 'sent', received: null, reply: null, closed: null },
    { id: 2, number: `DB${dayText(start - DAY)}-0004`, outlet: short(outlets[0]), enterprise: firm(outlets[0]), mark: null, alarm: null, text: '请说明昨日 09:00–11:00 流量为零而温度正常的原因。', by: 'officer', by_name: '周既明', unit_name: '青岚市支队', at: start - 30 * HOUR, deadline: start - 6 * HOUR, state: 'replied', received: { at: start - 29 * HOUR, by_name: '沈远' }, reply: { at: start - 26 * HOUR, by_name: '沈远', text: '流量计反吹电磁阀卡滞，已更换，附工单。', result: 'amended' }, closed: null },
  ]
  let queryId = 2
  const seesQuery = (u, q) => u.role === 'enterprise' ? q.enterprise.id === u.enterprise : u.role === 'maintainer' ? outlets[q.outlet.id - 1].maintainer.id === u.maintainer : true
  const queryOf = (u, id) => {
    const q = queries.find((x) => x.id === Number(id))
    if (!q || !seesQuery(u, q)) throw refuse(404, 'not_found', '没有这条数据', 'There is no such thing')
    return q
  }
  const viewQuery = (q) => ({ ...q, overdue: !q.reply && !q.closed && q.deadline < now() })
  const ask = (u, o, mark, alarm, text, deadline) => {
    const q = { id: ++queryId, number: `DB${dayText(now())}-${String(7 + queryId).padStart(4, '0')}`, outlet: short(o), enterprise: firm(o), mark, alarm, text, by: u.name, by_name: u.display_name, unit_name: u.unit, at: now(), deadline: deadline ?? now() + DAY, state: 'sent', received: null, reply: null, closed: null }
    queries.unshift(q)
    return q
  }

  /* ---- means and verdicts ---- */
  function mean(o, f, t, period) {
    const step = period === '24h' ? DAY : HOUR
    const kind = period === '24h' ? 'day' : 'hour'
    const c = period === '24h' ? 'N' : circumstance(o, t)
    const v = valueAt(o, f.code, t, kind, start)
    const oxygen = o.factors.some((x) => x.code === 'a19001') ? valueAt(o, 'a19001', t, kind, start) : null
    const touching = marksOf(o, t, t + step).filter((m) => m.factors.length === 0 || m.factors.includes(f.code))
    const stopped = c === 'F' || touching.some((m) => m.value === 'stopped')
    const valid = period === '24h' ? 24 - Math.floor(hash('dv', o.id, t / DAY) * 3) : c === 'gap' ? 20 : c === 'C' ? 50 : 60
    const validity = t + step > now() ? 'partial' : stopped ? 'stopped' : valid < (period === '24h' ? 20 : 45) ? 'invalid' : 'valid'
    const disputed = touching.some((m) => m.disputed)
    const reasons = stopped ? [reason('stopped')] : validity === 'invalid' ? [reason('few-minutes', valid, RULES.hour)] : []
    if (touching.some((m) => m.late)) reasons.push(reason('mark-late'))
    if (disputed) reasons.push(reason('disputed'))
    return {
      outlet: o.id, factor: f.code, name: FACTORS.find((x) => x.code === f.code).name_zh, unit: f.unit, period, from: t, to: t + step, validity,
      marking: disputed ? 'disputed' : touching.some((m) => !m.usable) ? 'marked-invalid' : touching.length ? 'marked-valid' : 'unmarked',
      condition: stopped ? 'stopped' : 'normal', equipment: 'normal', judged: validity === 'valid', transient: touching.some((m) => m.value === 'startup'), exempt: false, as_sent: false,
      due: period === '24h' ? 24 : 60, valid, raw: v, mean: v, converted: f.judge_converted && oxygen !== null && oxygen < 19 ? v * 15 / (21 - oxygen) : null, sent: v, sent_converted: null, min: v * 0.89, max: v * 1.16,
      flow_m3: 402000, emission_kg: v * 0.402, replaced_kg: null, reasons,
    }
  }
  function means(o, period, codes, from, to) {
    if (o.state === 'never') return []
    const step = period === '24h' ? DAY : HOUR
    const last = lastComplete(period === '24h' ? 'day' : 'hour', o, now())
    const out = []
    for (let t = period === '24h' ? startOfDay(from) : Math.floor(from / HOUR) * HOUR; t < to && t <= last && out.length < 20_000; t += step) {
      if (t + step <= from || circumstance(o, t) === 'gap' && hash('x', t / HOUR) < 0.3) continue
      for (const f of o.factors) if (!codes.length || codes.includes(f.code)) out.push(mean(o, f, t, period))
    }
    return out
  }
  const numberOf = (o, t, i) => `CP${dayText(t)}-${o.id}-${o.factors[0].code}-${i}`
  function verdicts(o) {
    const out = []
    for (const x of OVER.filter((y) => y.outlet === o.id)) {
      const f = o.factors.find((y) => y.code === x.code)
      const hours = overAt(o, x.code, start)
      hours.forEach((t, i) => {
        const m = mean(o, f, t, '1h')
        const value = Number((m.converted ?? m.mean).toFixed(f.code === 'w21003' ? 2 : 1))
        const multiple = (value - f.limit) / f.limit
        const oxygen = m.converted === null ? null : Number(valueAt(o, 'a19001', t, 'hour', start).toFixed(1))
        const measured = Number(m.mean.toFixed(f.code === 'w21003' ? 2 : 1))
        out.push({
          number: numberOf(o, t, i), gone: false, outlet: o.id, kind: 'exceedance', zh: '涉嫌超标', en: 'suspected exceedance', factor: f.code, unit: f.unit, period: '1h', from: t, to: t + HOUR, value, limit: limitOf(f), held: f.limit, multiple, oxygen, measured: oxygen === null ? null : measured,
          working: oxygen === null ? null : `${measured.toFixed(1)} × (21 − 6) ÷ (21 − ${oxygen.toFixed(1)}) = ${value.toFixed(1)}`, marking: 'unmarked', counts: true, rule: RULES.permit,
          reasons: [reason('enough', 60, RULES.hour), reason('above-limit')], statement_zh: STANDING[0], statement_en: STANDING[1],
        })
      })
    }
    if (o.id % 11 === 1) {
      const f = o.factors[0]
      const t = Math.floor((start - 5 * HOUR) / HOUR) * HOUR
      out.push({ number: numberOf(o, t, 9), gone: false, outlet: o.id, kind: 'constant', zh: '数据恒定', en: 'value does not change', factor: f.code, unit: f.unit, period: '1h', from: t - 6 * HOUR, to: t, value: f.limit === null ? 1 : f.limit * 0.8, limit: null, held: null, multiple: null, oxygen: null, measured: null, working: null, marking: 'unmarked', counts: false, rule: RULES.constant, reasons: [reason('constant', 6, RULES.constant)], statement_zh: null, statement_en: null })
    }
    return out
  }

  const range = (q) => [Number(q.get('from')) || 0, Number(q.get('to')) || Infinity]
  const routes = [
    ['GET', /^outlets\/(\d+)\/means$/, (u, m, q) => {
      const [from, to] = range(q)
      return { means: means(scope(u, m[1]), q.get('period') || '1h', (q.get('factors') || '').split(',').filter(Boolean), from, Math.min(to, now() + HOUR)) }
    }],
    ['GET', /^outlets\/(\d+)\/verdicts$/, (u, m, q) => {
      const [from, to] = range(q)
      return { verdicts: verdicts(scope(u, m[1])).filter((v) => v.from < to && v.to > from && (!q.get('kind') || v.kind === q.get('kind'))) }
    }],
    ['GET', /^verdicts\/([\w-]+)$/, (u, m) => {
      const v = outlets.flatMap(verdicts).find((x) => x.number === m[1])
      if (!v) throw refuse(404, 'not_found', '没有这条数据', 'There is no such thing')
      scope(u, v.outlet)
      return v
    }],
    ['GET', /^outlets\/(\d+)\/tallies$/, (u, m) => {
      const o = scope(u, m[1])
      const c = new Date(start + SHIFT)
      const from = Date.UTC(c.getUTCFullYear(), Math.floor(c.getUTCMonth() / 3) * 3) - SHIFT
      return { tallies: o.factors.filter((f) => f.limit !== null).map((f) => ({ outlet: o.id, factor: f.code, period: 'quarter', from, to: from + 91 * DAY, hours: 1286, stopped: 120, invalid: 41, lost: 8, valid: 1117, capture: 0.962 - o.id * 0.001, budget60_h: null, budget700_h: null, maintenance_h: null, emission_t: 61.2, replaced_t: 0.8, permitted_t: f.amount_t_a })) }
    }],
    ['GET', /^outlets\/(\d+)\/marks$/, (u, m, q) => { const [from, to] = range(q); return { marks: marksOf(scope(u, m[1]), from, to), next: null } }],
    ['POST', /^outlets\/(\d+)\/marks$/, (u, m, q, body) => {
      may(u, 'enterprise', 'maintainer')
      const o = scope(u, m[1])
      if (!(body.to > body.from)) throw refuse(422, 'to', '“至”应晚于“自”', 'to must be after from', {}, 'to')
      const { id } = putMark(o, body.from, body.to, body.axis, body.value, { factors: body.factors ?? [], counts: Boolean(body.counts), reason: body.reason, evidence: body.evidence ?? [], by: u.name, by_name: u.display_name, set_at: now(), late: overAt(o, 'a21002', start).some((t) => t < body.to && t + HOUR > body.from) })
      return { status: 201, body: { id } }
    }],
    ['POST', /^outlets\/(\d+)\/evidence$/, (u, m, q, body, raw) => (may(u, 'enterprise', 'maintainer'), scope(u, m[1]), { sha256: [...raw].reduce((h, b) => (h * 31 + b) >>> 0, 7).toString(16).padStart(8, '0').repeat(8), bytes: raw.length, type: 'application/pdf' })],
    ['GET', /^marks\/(\d+)$/, (u, m) => {
      const versions = marks.find((v) => v[0].id === Number(m[1]))
      if (!versions) throw refuse(404, 'not_found', '没有这条数据', 'There is no such thing')
      scope(u, versions[0].outlet)
      return { mark: lastOf(versions), versions, queries: queries.filter((q) => q.mark === versions[0].id).map(viewQuery) }
    }],
    ['PATCH', /^marks\/(\d+)$/, (u, m, q, body) => {
      may(u, 'enterprise', 'maintainer')
      const versions = marks.find((v) => v[0].id === Number(m[1]))
      scope(u, versions[0].outlet)
      const old = lastOf(versions)
      const mark = { ...old, ...body }
      versions.push({ ...mark, usable: usable(mark), zh: VALUES[body.value ?? old.value][0], en: VALUES[body.value ?? old.value][1], version: old.version + 1, by: u.name, by_name: u.display_name, set_at: now() })
      return { ok: true }
    }],
    ['DELETE', /^marks\/(\d+)$/, (u, m, q, body) => {
      may(u, 'enterprise', 'maintainer')
      const versions = marks.find((v) => v[0].id === Number(m[1]))
      scope(u, versions[0].outlet)
      const old = lastOf(versions)
      versions.push({ ...old, withdrawn: true, reason: body.reason ?? old.reason, version: old.version + 1, by: u.name, by_name: u.display_name, set_at: now() })
      return { ok: true }
    }],
    ['POST', /^marks\/(\d+)\/queries$/, (u, m, q, body) => {
      may(u, 'officer', 'operator')
      const versions = marks.find((v) => v[0].id === Number(m[1]))
      const o = scope(u, versions[0].outlet)
      versions[versions.length - 1].disputed = true
      const fresh = ask(u, o, versions[0].id, null, body.text, body.deadline)
      return { status: 201, body: { id: fresh.id, number: fresh.number } }
    }],
    ['GET', /^queries$/, (u, m, q) => ({ queries: queries.filter((x) => seesQuery(u, x) && (!q.get('state') || (q.get('state') === 'open' ? x.state !== 'closed' : x.state === q.get('state'))) && (!q.get('outlet') || x.outlet.id === Number(q.get('outlet')))).map(viewQuery), next: null })],
    ['GET', /^queries\/(\d+)$/, (u, m) => viewQuery(queryOf(u, m[1]))],
    ['POST', /^queries\/(\d+)\/(receive|reply|close)$/, (u, m, q, body) => {
      const x = queryOf(u, m[1])
      const said = { at: now(), by_name: u.display_name, text: body.text ?? null, result: body.result ?? null }
      if (m[2] === 'close') may(u, 'officer', 'operator')
      else may(u, 'enterprise', 'maintainer')
      if (m[2] === 'receive') Object.assign(x, { received: said, state: 'received' })
      else if (m[2] === 'reply') Object.assign(x, { received: x.received ?? said, reply: said, state: 'replied' })
      else {
        Object.assign(x, { closed: said, state: 'closed' })
        const versions = marks.find((v) => v[0].id === x.mark)
        if (versions) versions[versions.length - 1].disputed = false
      }
      return viewQuery(x)
    }],
  ]
  return { routes, marksOf, verdicts, queries, viewQuery, ask, means }
}
