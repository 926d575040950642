// An invented province for development and page tests: everything follows from the seed and the time, nothing is stored.

export const MINUTE = 60_000
export const HOUR = 60 * MINUTE
export const DAY = 24 * HOUR
const SHIFT = 8 * HOUR
export const STEP = { real: MINUTE, minute: 10 * MINUTE, hour: HOUR, day: DAY }

export const AREAS = [
  { code: '990000', parent: null, name: '青岚省' },
  { code: '990100', parent: '990000', name: '青岚市' },
  { code: '990102', parent: '990100', name: '北渡区' },
  { code: '990103', parent: '990100', name: '云岭县' },
  { code: '990104', parent: '990100', name: '南桥区' },
  { code: '990105', parent: '990100', name: '临川县' },
]
export const UNITS = [
  ['990000-J', null, '青岚省监控中心', '990000'],
  ['990100-Z', '990000-J', '青岚市支队', '990100'],
  ['990103-Z', '990100-Z', '云岭县大队', '990103'],
].map(([code, parent, name, area]) => ({ code, parent, name, area, area_name: AREAS.find((a) => a.code === area).name }))
const CENTRES = { 990102: [118.72, 32.02], 990103: [118.86, 32.36], 990104: [119.02, 32.16], 990105: [118.55, 31.8] }

export const FACTORS = [
  ['a21026', '二氧化硫', 'Sulfur dioxide', 'mg/m3', 'air'],
  ['a21002', '氮氧化物', 'Nitrogen oxides (NOx)', 'mg/m3', 'air'],
  ['a34013', '烟尘', 'Particulate matter', 'mg/m3', 'air'],
  ['a24088', '非甲烷总烃', 'Non-methane hydrocarbons', 'mg/m3', 'air'],
  ['a21024', '氯化氢', 'Hydrogen chloride', 'mg/m3', 'air'],
  ['a19001', '氧气含量', 'Oxygen content', '%', 'air'],
  ['a00000', '废气', 'Waste gas flow', 'm3/s', 'air'],
  ['a01012', '烟气温度', 'Flue gas temperature', 'degC', 'air'],
  ['w01018', '化学需氧量', 'Chemical oxygen demand', 'mg/L', 'water'],
  ['w21003', '氨氮', 'Ammonia nitrogen', 'mg/L', 'water'],
  ['w21011', '总磷', 'Total phosphorus', 'mg/L', 'water'],
  ['w01001', 'pH 值', 'pH', '1', 'water'],
  ['w00000', '污水', 'Wastewater flow', 'L/s', 'water'],
].map(([code, name_zh, name_en, unit, medium]) => ({ code, name_zh, name_en, unit, medium }))

// code: base, spread, limit, range top, digits
const LEVEL = {
  a21026: [18, 0.22, 35, 100, 2], a21002: [42, 0.14, 50, 150, 1], a34013: [3.2, 0.25, 10, 30, 2], a24088: [31, 0.3, 60, 200, 2],
  a21024: [6, 0.3, 10, 50, 2], a19001: [7.2, 0.05, null, 25, 2], a00000: [112, 0.05, null, 300, 1], a01012: [52, 0.03, null, 200, 1],
  w01018: [32, 0.18, 50, 200, 2], w21003: [2.1, 0.35, 5, 15, 3], w21011: [0.24, 0.25, 0.5, 5, 3], w01001: [7.3, 0.02, null, 14, 2], w00000: [860, 0.12, null, 3000, 1],
}
const KINDS = {
  boiler: ['air', '31', ['a21002', 'a21026', 'a34013', 'a19001', 'a00000', 'a01012']],
  burner: ['air', '31', ['a21024', 'a21002', 'a21026', 'a34013', 'a19001', 'a00000', 'a01012']],
  paint: ['air', '31', ['a24088', 'a00000', 'a01012']],
  water: ['water', '32', ['w01018', 'w21003', 'w21011', 'w01001', 'w00000']],
}
const FIRMS = [
  ['青岚热电', '青岚热电有限公司', '990102', '热电联产', 'boiler', 3], ['云岭焦化', '云岭焦化有限公司', '990103', '炼焦', 'boiler', 4],
  ['北渡污水厂', '北渡污水处理有限公司', '990102', '污水处理', 'water', 2], ['立新钢铁', '立新钢铁集团有限公司', '990104', '炼钢', 'boiler', 5],
  ['沧泉水泥', '沧泉水泥有限公司', '990105', '水泥制造', 'boiler', 4], ['景纶印染', '景纶印染有限公司', '990104', '棉印染精加工', 'water', 2],
  ['和远化工', '和远化工股份有限公司', '990103', '有机化学原料制造', 'paint', 4], ['丰禾纸业', '丰禾纸业有限公司', '990105', '机制纸制造', 'water', 2],
  ['望川环保能源', '望川环保能源有限公司', '990102', '生物质能发电', 'burner', 3], ['瑞泽制药', '瑞泽制药有限公司', '990103', '化学药品原料药制造', 'water', 2],
  ['松陵铝业', '松陵铝业有限公司', '990105', '铝冶炼', 'boiler', 4], ['长坪玻璃', '长坪玻璃有限公司', '990104', '平板玻璃制造', 'boiler', 3],
  ['临川水务二厂', '临川水务有限公司', '990105', '污水处理', 'water', 3], ['金沙窑业', '金沙窑业有限公司', '990103', '建筑陶瓷制品制造', 'boiler', 3],
  ['安岳食品', '安岳食品有限公司', '990104', '肉制品加工', 'water', 2], ['南桥电镀园', '南桥电镀产业园有限公司', '990104', '金属表面处理', 'water', 3],
  ['鼎成建陶', '鼎成建陶有限公司', '990103', '建筑陶瓷制品制造', 'boiler', 3], ['东壑石化', '东壑石化有限公司', '990102', '原油加工', 'boiler', 4],
  ['晓岸家具', '晓岸家具有限公司', '990104', '木质家具制造', 'paint', 2], ['立川汽车', '立川汽车零部件有限公司', '990102', '汽车零部件制造', 'paint', 2],
]
const THINGS = { boiler: ['1 号锅炉烟囱', '2 号锅炉烟囱', '烧结机头', '窑尾', '窑头', '脱硫塔'], burner: ['1 号焚烧炉', '2 号焚烧炉', '3 号焚烧炉'], paint: ['喷涂废气', '烘干废气', '罐区废气', '工艺废气'], water: ['总排口', '一期排口', '二期排口'] }

export function hash(...parts) {
  let h = 2166136261
  for (const p of parts) {
    let n = typeof p === 'number' ? Math.floor(p) : [...p].reduce((a, c) => (a * 31 + c.charCodeAt(0)) | 0, 7)
    h = Math.imul(h ^ (n & 0xffffffff), 16777619)
    h = Math.imul(h ^ Math.floor(n / 4294967296), 16777619)
    h ^= h >>> 13
  }
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return ((h ^ (h >>> 16)) >>> 0) / 4294967296
}

export const enterprises = []
export const outlets = []
FIRMS.forEach(([short_name, name, area, industry, kind, n], e) => {
  const firm = { id: e + 1, name, short_name, credit_code: `91990${String(e + 1).padStart(3, '0')}MA0000${String(e).padStart(2, '0')}X${e % 10}`, area, area_name: AREAS.find((a) => a.code === area).name, industry, permit_number: `91990${String(e + 1).padStart(3, '0')}MA0000001P`, outlets: n }
  enterprises.push(firm)
  const [cx, cy] = CENTRES[area]
  for (let i = 0; i < n; i++) {
    const id = outlets.length + 1
    const [medium, st, factors] = KINDS[kind]
    const r = hash('state', id)
    outlets.push({
      id, code: `${medium === 'air' ? 'DA' : 'DW'}${String(i + 1).padStart(3, '0')}`, name: THINGS[kind][i % THINGS[kind].length], kind: medium, st,
      enterprise: firm, area, lon: cx + (hash('x', e) - 0.5) * 0.26 + (hash('x', id) - 0.5) * 0.12, lat: cy + (hash('y', e) - 0.5) * 0.2 + (hash('y', id) - 0.5) * 0.1,
      maintainer: { id: 1 + (e % 3), name: ['恒测环境技术', '明析运维', '清源在线'][e % 3] },
      state: id > 3 && r < 0.06 ? 'late' : id > 3 && r < 0.12 ? 'silent' : id > 3 && r < 0.15 ? 'never' : 'online',
      quiet: Math.floor((20 + hash('quiet', id) * 170) * MINUTE),
      factors: factors.map((code) => ({ code, unit: FACTORS.find((f) => f.code === code).unit, range_low: 0, range_high: LEVEL[code][3], limit: LEVEL[code][2], amount_t_a: LEVEL[code][2] ? Math.round(LEVEL[code][2] * 3.1) : null, reference_oxygen: kind === 'boiler' && LEVEL[code][2] ? 6 : null, judge_converted: kind === 'boiler' && LEVEL[code][2] !== null })),
      devices: [{ id, mn: `5957${Math.floor(hash('mn', id) * 0xffffffff).toString(16).toUpperCase().padStart(8, '0')}${String(id).padStart(12, '0')}`, state: 'admitted', version: 2017, rtd_interval_s: 60, min_interval_min: 10 }],
    })
  }
})

const localDay = (t) => Math.floor((t + SHIFT) / DAY)

/** Whether nothing came, came late, or the works stood still at a time. */
export function circumstance(o, t) {
  const d = localDay(t)
  const at = ((t + SHIFT) % DAY) / HOUR
  const r = hash('day', o.id, d)
  const start = Math.floor(hash('start', o.id, d) * 18)
  if (r < 0.06 && at >= start && at < start + 1.8) return 'gap'
  if (r > 0.94 && at >= start && at < start + 3.5) return 'late'
  if (hash('stop', o.id, Math.floor(d / 9)) < 0.3 && d % 9 === 4 && at >= 8 && at < 18) return 'F'
  if (at >= 3 && at < 3.34 && d % 3 === 0) return 'C'
  return 'N'
}

/** The value of a factor at a time; `fine` adds the quick part that hourly means do not show. */
export function value(o, code, t, kind) {
  const [base, spread] = LEVEL[code]
  const own = 0.72 + 0.42 * hash('own', o.id, code)
  const at = ((t + SHIFT) % DAY) / DAY
  const slow = (n) => { const k = t / n; const i = Math.floor(k); const f = k - i; const s = f * f * (3 - 2 * f); return hash('s', o.id, code, n, i) * (1 - s) + hash('s', o.id, code, n, i + 1) * s - 0.5 }
  let v = base * own * (1 + 0.06 * Math.sin(2 * Math.PI * (at - 0.3)) + spread * 0.9 * slow(5 * HOUR) + spread * 0.8 * slow(41 * HOUR) + spread * 0.7 * slow(19 * DAY))
  v *= 1 + spread * 0.7 * (hash('h', o.id, code, Math.floor(t / HOUR)) - 0.5)
  if (kind === 'real' || kind === 'minute') v *= 1 + spread * (kind === 'real' ? 1.1 : 0.9) * (hash('q', o.id, code, Math.floor(t / STEP[kind])) - 0.5)
  if (circumstance(o, t) === 'F') v = code === 'a19001' ? 20.8 : code === 'a01012' ? 24 : code === 'w01001' ? 7.1 : v * 0.02
  return Math.max(0, v)
}

export const digitsOf = (code) => LEVEL[code][4]
export const textOf = (code, v) => v.toFixed(LEVEL[code][4])
