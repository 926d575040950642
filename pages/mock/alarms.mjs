// What the stand-in server tells of alarms: episodes, the chain with its steps, shifts and hand-overs. Steps change it, as in the program.
import { DAY, HOUR, MINUTE, UNITS, hash, outlets } from './province.mjs'

const SHIFT = 8 * HOUR
const dayText = (t) => new Date(t + SHIFT).toISOString().slice(0, 10).replace(/-/g, '')
const STAGES = [['raised', '生成', 'raised'], ['desk', '非现场核查', 'desk check'], ['assign', '交办', 'assigned'], ['sign', '签收', 'signed for'], ['verify', '核实', 'verification'], ['feedback', '反馈', 'feedback'], ['review', '甄别', 'review'], ['closed', '办结归档', 'closed']]
const STEPS = { raise: ['生成', 'raise'], take: ['开始核查', 'begin the desk check'], assign: ['交办', 'assign to a unit'], sign: ['签收', 'sign for'], verify: ['核实', 'verify'], feedback: ['反馈', 'feed back'], return: ['退回', 'send back'], urge: ['催办', 'urge'], close: ['办结归档', 'close'], reopen: ['重新办理', 'reopen'], note: ['备注', 'note'] }
const AT = { take: ['raised', 'feedback'], assign: ['desk', 'assign', 'feedback', 'review'], sign: ['assign'], verify: ['sign', 'verify'], feedback: ['verify'], return: ['assign', 'sign', 'feedback', 'review'], urge: ['raised', 'desk', 'assign', 'sign', 'verify', 'feedback', 'review'], close: ['desk', 'feedback', 'review'], reopen: ['closed'], note: STAGES.map((s) => s[0]) }
const LEADS = { assign: 'assign', sign: 'sign', verify: 'verify', feedback: 'feedback', close: 'closed', reopen: 'desk' }
const LIMIT = { raised: HOUR, desk: 2 * HOUR, assign: HOUR, sign: 6 * HOUR, verify: 4 * HOUR, feedback: DAY, review: DAY, closed: 0 }
const TEXTS = {
  exceedance: (f, a) => [`${a.word} ${a.converted ? '折算' : ''}小时均值 ${a.value} / ${a.held} ${a.shown}，超标 ${a.multiple.toFixed(2)} 倍`, `${f} hour mean ${a.value} / ${a.held} ${a.shown}, ${a.multiple.toFixed(2)} over`],
  constant: (f, a) => [`${a.word} 14 h 恒值 ${a.value} ${a.shown}`, `${f} ${a.value} for 14 h`],
  silent: () => ['无数据 3 h 12 min，补传请求 2 次未应答', 'No data for 3 h 12 min; 2 requests not answered'],
  'over-range': (f, a) => [`${a.word} 超量程`, `${f} outside its range`],
  'overdue-check': () => ['校准超期 2 d', 'calibration overdue by 2 d'],
}
const WORD = { a21002: 'NOx', a21026: 'SO₂', w21003: '氨氮', a34013: '颗粒物', a24088: 'NMHC', a21024: 'HCl', w01018: 'COD' }

export function createAlarms({ start, now, refuse, scope, judged, stationOf, camerasOf, many, send }) {
  const may = (u, ...roles) => { if (!roles.includes(u.role)) throw refuse(403, 'forbidden', '没有权限', 'You may not do this') }
  const AUTHORITY = ['operator', 'officer', 'leader']
  const book = []
  let serial = 100
  const add = (id, kind, back, path, more = {}) => {
    const o = outlets[id - 1]
    const code = more.code ?? o.factors[0].code
    const f = o.factors.find((x) => x.code === code) ?? o.factors[0]
    const a = { number: `BJ${dayText(start)}-${String(++serial).padStart(4, '0')}`, o, kind, severity: kind === 'exceedance' ? 3 : kind === 'silent' ? 2 : 1, factor: kind === 'silent' ? null : f.code, period: kind === 'silent' ? null : '1h', converted: f.judge_converted, from: start - back, to: start - MINUTE, open: true, value: more.value ?? (kind === 'silent' ? null : f.limit), held: f.limit, multiple: more.value ? (more.value - f.limit) / f.limit : null, unit: f.unit, word: WORD[f.code] ?? f.code, shown: f.unit.replace('m3', 'm³'), stage: 'raised', since: start - back, steps: [] }
    push(a, { kind: 'raise', by: null, by_name: null }, start - back)
    path.forEach(([kind2, back2, who, to]) => step(a, { name: who, display_name: { officer: '周既明', admin: '郭砚秋', county: '柏知微' }[who], unit: '青岚市支队' }, { kind: kind2, to_unit: to ?? null, text: { verify: '现场两人到场，数据属实', feedback: '已要求企业调整喷氨，1 h 内恢复', return: '请补充现场照片' }[kind2] ?? null, result: kind2 === 'verify' ? 'exceedance' : null }, start - back2))
    book.push(a)
    return a
  }
  const nameOf = (code) => UNITS.find((x) => x.code === code)?.name ?? null
  function push(a, s, at) {
    a.steps.push({ zh: STEPS[s.kind][0], en: STEPS[s.kind][1], unit: null, unit_name: null, to_unit: null, to_unit_name: null, result: null, text: null, ...s, at })
  }
  function step(a, u, body, at) {
    if (!AT[body.kind]?.includes(a.stage)) throw refuse(409, 'stage', '现在不能这样办理', 'That is not possible at this stage')
    if (body.kind === 'assign' && !body.to_unit) throw refuse(422, 'to_unit', '请选择承办机构', 'Say to which unit', {}, 'to_unit')
    push(a, { kind: body.kind, by: u.name, by_name: u.display_name, unit: '990100-Z', unit_name: u.unit, to_unit: body.to_unit ?? null, to_unit_name: nameOf(body.to_unit), text: body.text ?? null, result: body.result ?? null }, at)
    if (body.kind === 'urge') a.urged = true
    if (['urge', 'note'].includes(body.kind)) return
    a.stage = body.kind === 'take' ? (a.stage === 'raised' ? 'desk' : 'review') : body.kind === 'return' ? (['assign', 'sign'].includes(a.stage) ? 'desk' : 'sign') : LEADS[body.kind]
    Object.assign(a, { since: at, returned: body.kind === 'return', urged: false, holder: body.kind === 'assign' ? body.to_unit : a.holder })
  }
  add(8, 'exceedance', 5 * HOUR, [['take', 4.9 * HOUR, 'officer'], ['assign', 4.7 * HOUR, 'officer', '990100-Z'], ['sign', 4.5 * HOUR, 'officer'], ['verify', 4.24 * HOUR, 'officer']], { code: 'w21003', value: 5.62 })
  add(2, 'exceedance', 1.7 * HOUR, [['take', 1.2 * HOUR, 'officer'], ['assign', 11 * MINUTE, 'officer', '990103-Z']], { code: 'a21002', value: 67.4 })
  add(5, 'exceedance', 5 * HOUR, [['take', 4.6 * HOUR, 'admin'], ['assign', 4.5 * HOUR, 'admin', '990103-Z'], ['sign', 4.2 * HOUR, 'county'], ['verify', 2.2 * HOUR, 'county']], { code: 'a21026', value: 38.9 })
  const still = outlets.filter((o) => o.state === 'silent' || o.state === 'late').map((o) => o.id)
  if (still[0]) add(still[0], 'silent', 3.2 * HOUR, [['take', 3 * HOUR, 'officer'], ['assign', 2.9 * HOUR, 'officer', '990100-Z'], ['sign', 2.8 * HOUR, 'officer']])
  if (still[1]) add(still[1], 'silent', 1.8 * HOUR, [['take', 1.4 * HOUR, 'officer'], ['assign', 5 * MINUTE, 'officer', '990100-Z']])
  add(27, 'constant', 14 * HOUR, [['take', 1.2 * HOUR, 'officer'], ['assign', HOUR, 'officer', '990100-Z'], ['sign', 0.9 * HOUR, 'officer']], { value: 8.9 })
  add(14, 'over-range', 6 * HOUR, [['take', 5 * HOUR, 'officer'], ['assign', 4.9 * HOUR, 'officer', '990100-Z'], ['sign', 4.8 * HOUR, 'officer'], ['verify', 4 * HOUR, 'officer'], ['feedback', 3 * HOUR, 'officer']])
  add(23, 'overdue-check', 20 * HOUR, [['take', HOUR, 'officer']])
  add(40, 'constant', 0.6 * HOUR, [])
  for (let i = 0; i < many; i++) add(1 + (i * 7) % 60, ['constant', 'silent', 'over-range'][i % 3], (0.05 + 0.65 * hash('al', i)) * HOUR, [])
  for (let i = 0; i < 6; i++) {
    const a = add(3 + i * 6, i % 2 ? 'constant' : 'exceedance', (9 + i * 4) * HOUR, [['take', (8 + i * 4) * HOUR, 'officer']], i % 2 ? {} : { value: (outlets[2 + i * 6].factors[0].limit ?? 10) * 1.08 })
    step(a, { name: 'officer', display_name: '周既明', unit: '青岚市支队' }, { kind: 'close', result: 'equipment', text: '已核实' }, start - (7 + i * 4) * HOUR)
    Object.assign(a, { open: false, to: start - (6 + i * 4) * HOUR })
  }
  const row = (a) => {
    const due = a.stage === 'closed' || !LIMIT[a.stage] ? null : a.since + LIMIT[a.stage]
    const [text_zh, text_en] = TEXTS[a.kind](a.factor, a)
    const own = judged.verdicts(a.o).filter((v) => v.kind === a.kind)
    const possible = Object.entries(AT).filter(([, at]) => at.includes(a.stage)).map(([k]) => k)
    return { number: a.number, possible, outlet: { id: a.o.id, code: a.o.code, name: a.o.name }, enterprise: { id: a.o.enterprise.id, name: a.o.enterprise.name, short_name: a.o.enterprise.short_name }, kind: a.kind, severity: a.severity, factor: a.factor, period: a.period, converted: a.converted, from: a.from, to: a.to, open: a.open, value: a.value, held: a.held, multiple: a.multiple, unit: a.unit, text_zh, text_en, stage: a.stage, stage_zh: STAGES.find((s) => s[0] === a.stage)[1], stage_en: STAGES.find((s) => s[0] === a.stage)[2], due, overdue: due !== null && due < now(), returned: Boolean(a.returned), urged: Boolean(a.urged), turn: a.holder ?? '990100-Z', unit_zh: nameOf(a.holder ?? '990100-Z'), steps_n: a.steps.length, verdict: own[own.length - 1]?.number ?? null }
  }
  const inScope = (u, a) => { try { scope(u, a.o.id); return true } catch { return false } }
  const find = (u, number) => {
    may(u, ...AUTHORITY)
    const a = book.find((x) => x.number === number)
    if (!a || !inScope(u, a)) throw refuse(404, 'not_found', '没有这条数据', 'There is no such thing')
    return a
  }
  const isNoData = (a) => a.kind === 'silent' || a.kind === 'missing'
  const mine = (a) => ['990100-Z', undefined].includes(a.holder) && a.stage !== 'closed'

  /* ---- shifts ---- */
  const at8 = Math.floor((start + SHIFT) / DAY) * DAY - SHIFT + 8 * HOUR
  const begun = start >= at8 && start < at8 + 12 * HOUR ? at8 : start < at8 ? at8 - 12 * HOUR : at8 + 12 * HOUR
  const night = begun !== at8
  const person = (name) => (name ? { name, display_name: { admin: '郭砚秋', leader: '陆明川', officer: '周既明' }[name] ?? name } : null)
  let lineId = 0
  const line = (back, kind, by, text, more = {}) => ({ id: ++lineId, kind, automatic: false, at: start - back, by: person(by), to: null, text, of: null, open: [], ...more })
  const automatic = (back, a, text) => ({ id: null, kind: 'raise', automatic: true, at: start - back, by: null, to: null, text: `${a.number} ${text}`, text_en: 'raised; enterprise and maintainer were told', number: a.number, of: null, open: [] })
  const lines = [
    line(19 * MINUTE, 'entry', 'officer', '致电青岚热电中控，答复氨水泵切换，14:00 前书面说明'),
    automatic(1.6 * HOUR, book[1], '触发，自动送达企业与运维单位'),
    line(2.1 * HOUR, 'entry', 'officer', '云岭焦化 DA002 派员核查，任务 RW-1123-06'),
    line(3 * HOUR, 'entry', 'leader', '南桥电镀园 DW003 断线，园区停电检修已核实'),
    line(5.6 * HOUR, 'accept', 'officer', '接班，上班未结 6 件', { to: person('leader') }),
    line(5.7 * HOUR, 'offer', 'leader', '北渡污水厂氨氮待企业说明；金沙窑业断线待运维回复。', { to: person('officer'), open: book.slice(0, 4).map((a) => a.number) }),
  ]
  let pending = null
  const shift = () => ({ unit: '990100-Z', unit_zh: '青岚市支队', shift: `${dayText(begun)}-${night ? 2 : 1}`, shift_zh: night ? '夜班' : '白班', shift_en: night ? 'night shift' : 'day shift', from: begun, to: begun + 12 * HOUR, current: true, earlier: `${dayText(begun - 12 * HOUR)}-${night ? 1 : 2}`, later: null, on_duty: ['officer', 'leader'].map((n) => ({ person: person(n), since: begun })), pending, entries: lines })

  const routes = [
    ['GET', /^alarms$/, (u, m, q) => {
      may(u, ...AUTHORITY)
      const all = book.filter((a) => inScope(u, a))
      const open = all.filter((a) => a.stage !== 'closed').map(row)
      const state = q.get('state')
      const chosen = all.filter((a) => (state === 'closed' ? a.stage === 'closed' : state === 'mine' ? mine(a) : state === 'all' || a.stage !== 'closed')).map(row)
        .filter((a) => (state !== 'overdue' || a.overdue) && (!q.get('outlet') || a.outlet.id === Number(q.get('outlet'))) && (!q.get('kind') || a.kind === q.get('kind')))
        .sort((a, b) => (state === 'closed' ? b.from - a.from : (a.due ?? Infinity) - (b.due ?? Infinity)))
      const limit = Math.min(500, Number(q.get('limit')) || 100)
      return { alarms: chosen.slice(0, limit), counts: { open: open.length, mine: all.filter(mine).length, overdue: open.filter((a) => a.overdue).length, nodata: open.filter(isNoData).length }, unit: '990100-Z', next: null }
    }],
    ['POST', /^alarms\/steps$/, (u, m, q, body) => {
      may(u, 'officer', 'leader')
      const answer = { alarms: [], refused: [] }
      for (const number of body.numbers ?? []) {
        try {
          const a = find(u, number)
          step(a, u, body, now())
          send('alarm', row(a))
          answer.alarms.push(row(a))
        } catch (e) {
          answer.refused.push({ number, text_zh: e.body?.error.text_zh ?? String(e), text_en: e.body?.error.text_en ?? String(e) })
        }
      }
      return answer
    }],
    ['POST', /^alarms\/([\w-]+)\/steps$/, (u, m, q, body) => {
      may(u, 'officer', 'leader')
      const a = find(u, m[1])
      step(a, u, body, now())
      send('alarm', row(a))
      return row(a)
    }],
    ['GET', /^alarms\/([\w-]+)$/, (u, m) => {
      const a = find(u, m[1])
      return { ...row(a), steps: a.steps, verdicts: judged.verdicts(a.o).filter((v) => v.kind === a.kind && (!a.factor || v.factor === a.factor)), marks: judged.marksOf(a.o, a.from - DAY, now()), filings: a.o.id === 2 ? [{ id: 1, outlet: 2, kind: 'span', from: start - 30 * HOUR, to: null, factor: 'a21002', reading: 49.2, nominal: 50, passed: true, text: null, by_name: '罗听澜', state: null }, { id: 2, outlet: 2, kind: 'stop-report', from: start - 43 * HOUR, to: start - 33 * HOUR, factor: null, reading: null, nominal: null, passed: null, text: '2 号锅炉计划检修', by_name: '沈远', state: null }] : [], cameras: camerasOf(a.o), station: stationOf(a.o), notices: judged.queries.filter((x) => x.outlet.id === a.o.id).map(judged.viewQuery) }
    }],
    ['POST', /^alarms\/([\w-]+)\/notices$/, (u, m, q, body) => { may(u, 'operator', 'officer'); const a = find(u, m[1]); const x = judged.ask(u, a.o, null, a.number, body.text, body.deadline); return { status: 201, body: { id: x.id, number: x.number } } }],
    ['GET', /^shifts$/, (u) => (may(u, ...AUTHORITY), shift())],
    ['POST', /^shifts$/, (u) => { may(u, 'officer', 'leader'); lines.unshift({ ...line(0, 'begin', u.name, ''), at: now() }); return shift() }],
    ['POST', /^shifts\/entries$/, (u, m, q, body) => { may(u, 'officer', 'leader'); lines.unshift({ ...line(0, 'entry', u.name, body.text), at: now() }); return shift() }],
    ['POST', /^shifts\/handover$/, (u, m, q, body) => {
      may(u, 'officer', 'leader')
      const l = { ...line(0, body.action, u.name, body.text ?? '', { to: person(body.to ?? pending?.by.name), open: body.action === 'offer' ? book.filter((a) => a.stage !== 'closed').map((a) => a.number) : [] }), at: now() }
      pending = body.action === 'offer' ? l : null
      lines.unshift(l)
      return shift()
    }],
  ]
  return { routes, raise: (id) => { const a = add(id, 'constant', 0, []); send('alarm', row(a)); return a.number } }
}
