// What the stand-in server says ran when: a boiler by its power, its scrubber by state, and plans of heavy-pollution days.
import { DAY, HOUR, hash, outlets } from './province.mjs'

const SHIFT = 8 * HOUR
const MINUTE = 60_000
const startOfDay = (t) => Math.floor((t + SHIFT) / DAY) * DAY - SHIFT

export function createOperation({ start, now, refuse, scope, marksOf }) {
  const plans = [{ id: 1, enterprise: outlets[1].enterprise, from: startOfDay(start) - DAY, to: startOfDay(start) + 2 * DAY, level: '橙色', measure: '限产 30 %', stop: false, power_share: 0.7, flow_share: null, at: start - 2 * DAY, by: 'officer' }]
  let planId = 1
  const brief = (e) => ({ id: e.id, name: e.name, short_name: e.short_name })
  const view = (u, p) => ({ ...p, enterprise: brief(p.enterprise), by: ['enterprise', 'maintainer'].includes(u.role) ? null : p.by })
  const may = (u) => { if (!['operator', 'officer'].includes(u.role)) throw refuse(403, 'forbidden', '没有权限', 'You may not do this') }

  /** Hours of one unit as runs; `state` of each quarter of an hour. */
  function unitOf(id, name, treatment, serves, factor, records, outlet, from, to, stateAt, meanAt) {
    const runs = []
    for (let t = Math.ceil(from / (15 * MINUTE)) * 15 * MINUTE; t + 15 * MINUTE <= to; t += 15 * MINUTE) {
      const state = stateAt(t)
      if (!state) continue
      const last = runs[runs.length - 1]
      if (last && last.state === state && last.to === t) last.to += 15 * MINUTE
      else runs.push({ from: t, to: t + 15 * MINUTE, state, mean: meanAt(t) })
    }
    const hours = (s) => runs.filter((r) => s.includes(r.state)).reduce((n, r) => n + (r.to - r.from) / HOUR, 0)
    return { id, name, treatment, serves, factor, records, outlet, running_above: 0, rated: null, known_h: hours(['running', 'stopped', 'alarm']), running_h: hours(['running', 'alarm']), alarm_h: hours(['alarm']), mean: runs.length ? runs.reduce((n, r) => n + r.mean, 0) / runs.length : null, runs, without: [], without_h: 0 }
  }
  function operation(u, o, from, to) {
    const until = Math.floor(now() / HOUR) * HOUR
    const end = Math.min(to, until)
    const base = startOfDay(start)
    const marks = marksOf(o, from, to).filter((m) => m.value === 'stopped')
    const still = (t) => marks.some((m) => m.from <= t && (m.to ?? Infinity) > t)
    const missed = (t) => t >= base - 7 * HOUR && t < base - 5.5 * HOUR
    const units = o.id % 5 === 4 ? [] : [
      unitOf('boiler', '1 号锅炉', false, null, 'd20405', 'values', `${o.code}-D`, from, end, (t) => (still(t) ? 'stopped' : 'running'), (t) => 4.2 + hash('op', o.id, t / HOUR)),
      unitOf('fgd', '脱硫循环泵', true, 'boiler', 'SB1', 'facility', null, from, end, (t) => (missed(t) || still(t) ? 'stopped' : hash('al', o.id, t / HOUR) > 0.97 ? 'alarm' : 'running'), () => 1),
      unitOf('dust', '电除尘器', true, null, 'SB2', 'facility', null, from, end, (t) => (hash('un', o.id, t / DAY) > 0.9 ? null : still(t) ? 'stopped' : 'running'), () => 1),
    ]
    const gap = { from: Math.max(from, base - 7 * HOUR), to: Math.min(end, base - 5.5 * HOUR) }
    const verdicts = []
    if (units.length && gap.to > gap.from && !still(gap.from)) {
      units[1].without = [gap]
      units[1].without_h = (gap.to - gap.from) / HOUR
      verdicts.push({ number: `CP-${o.id}-SB1-1`, gone: false, outlet: o.id, kind: 'power', zh: '生产时治理设施未运行', en: 'production without treatment', factor: 'SB1', unit: 'min', period: '1h', from: base - 7 * HOUR, to: base - 5 * HOUR, value: 90, limit: null, held: 15, multiple: null, oxygen: null, measured: null, working: null, marking: 'unmarked', counts: false, rule: null, reasons: [], statement_zh: '系统初判，须经执法人员核实', statement_en: 'Preliminary: to be verified by enforcement officers' })
    }
    return { outlet: o.id, from, to, until, units, plans: plans.filter((p) => p.enterprise.id === o.enterprise.id && p.from < to && p.to > from).map((p) => view(u, p)), marks, verdicts, more: false }
  }
  const routes = [
    ['GET', /^outlets\/(\d+)\/operation$/, (u, m, q) => {
      const from = Number(q.get('from')) || now() - DAY
      const to = Number(q.get('to')) || now()
      if (from >= to || to - from > 31 * DAY) throw refuse(400, 'query', 'from 应早于 to，且相差不超过 31 天', 'from lies before to, at most 31 days')
      return operation(u, scope(u, m[1]), from, to)
    }],
    ['GET', /^plans$/, (u, m, q) => ({ plans: plans.filter((p) => !Number(q.get('enterprise')) || p.enterprise.id === Number(q.get('enterprise'))).map((p) => view(u, p)), more: false })],
    ['POST', /^plans$/, (u, m, q, body) => {
      may(u)
      const o = outlets.find((x) => x.enterprise.id === body.enterprise)
      if (!o) throw refuse(422, 'enterprise', '没有这个排污单位或这项措施', 'enterprise: there is no such enterprise, or no such plan of it')
      const p = { id: ++planId, enterprise: o.enterprise, from: body.from, to: body.to, level: body.level, measure: body.measure, stop: Boolean(body.stop), power_share: body.power_share ?? null, flow_share: body.flow_share ?? null, at: now(), by: u.name }
      plans.push(p)
      return view(u, p)
    }],
    ['DELETE', /^plans\/(\d+)$/, (u, m) => {
      may(u)
      const i = plans.findIndex((p) => p.id === Number(m[1]))
      if (i < 0) throw refuse(404, 'not_found', '没有这条数据', 'There is no such thing')
      plans.splice(i, 1)
      return {}
    }],
  ]
  return { routes }
}
