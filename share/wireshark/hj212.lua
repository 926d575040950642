-- Wireshark dissector for HJ 212 (HJ/T 212-2005, HJ 212-2017, HJ 212-2025): 污染物在线监控（监测）系统数据传输标准.
--
-- Copy this file into the folder "Personal Lua Plugins" (Help > About Wireshark > Folders), or start
--   tshark -X lua_script:hj212.lua -r capture.pcap
-- It claims the TCP ports of its preference (9212) and, on other ports, every stream that begins with a frame.
-- Filters: hj212.mn, hj212.cn, hj212.qn, hj212.item.code, hj212.crc.kind == "bad", hj212.expert ...
--
-- What it accepts is what libhj212 accepts: a frame ends where LEN says, or at && and a CRC before a line end.

local hj = Proto("hj212", "HJ 212 污染物在线监控数据传输")

---------------------------------------------------------------------------------------------- names of the field
-- From share/hj212/commands.csv and st.csv; a test holds them against these.
local to_field = {
  [1000] = {"设置超时时间及重发次数", "Set timeout and retry count"},
  [1001] = {"设置超限报警时间", "Set alarm limit duration (2005 only)"},
  [1002] = {"设置数采仪MN编码", "Set DAS MN code"},
  [1011] = {"提取现场机时间", "Get field device time"},
  [1012] = {"设置现场机时间", "Set field device time"},
  [1014] = {"上位机设置新密钥", "Host sets a new SM4 key"},
  [1021] = {"提取污染物报警门限值", "Get pollutant alarm limits (2005 only)"},
  [1022] = {"设置污染物报警门限值", "Set pollutant alarm limits (2005 only)"},
  [1031] = {"提取上位机地址", "Get host (alarm target) address (2005 only)"},
  [1032] = {"设置上位机地址", "Set host address (2005 only)"},
  [1041] = {"提取数据上报时间", "Get daily report time (2005 only)"},
  [1042] = {"设置数据上报时间", "Set daily report time (2005 only)"},
  [1061] = {"提取实时数据间隔", "Get real-time data interval"},
  [1062] = {"设置实时数据间隔", "Set real-time data interval"},
  [1063] = {"提取分钟数据间隔", "Get minute data interval"},
  [1064] = {"设置分钟数据间隔", "Set minute data interval"},
  [1072] = {"设置现场机密码", "Set access password"},
  [2011] = {"取污染物实时数据", "Get (start) real-time data"},
  [2012] = {"停止察看污染物实时数据", "Stop real-time data"},
  [2013] = {"取原始监测数据", "Get raw (periodic) monitoring data"},
  [2021] = {"取设备运行状态数据", "Get (start) treatment-facility running state"},
  [2022] = {"停止察看设备运行状态", "Stop running state"},
  [2031] = {"取污染物日历史数据", "Get daily data"},
  [2041] = {"取设备运行时间日历史数据", "Get daily running time of facilities"},
  [2051] = {"取污染物分钟数据", "Get minute data"},
  [2052] = {"取噪声单次测量数据", "Get noise single-measurement data"},
  [2061] = {"取污染物小时数据", "Get hourly data"},
  [2062] = {"取自动标样核查（校准）数据", "Get automatic standard-check (calibration) data"},
  [2071] = {"取污染物报警记录", "Get alarm records (2005 only)"},
  [3011] = {"零点校准量程校准", "Zero and span calibration"},
  [3012] = {"即时采样", "Immediate sampling"},
  [3013] = {"启动清洗/反吹", "Device operation (2005) / start cleaning or blowback (2017)"},
  [3014] = {"比对采样", "Set sampling schedule (2005) / comparison sampling (2017)"},
  [3015] = {"超标留样", "Over-limit sample retention"},
  [3016] = {"设置采样时间周期", "Set sampling period"},
  [3017] = {"提取采样时间周期", "Get sampling period"},
  [3018] = {"提取出样时间", "Get sample-to-result time"},
  [3019] = {"提取设备唯一标识", "Get instrument unique identifier"},
  [3020] = {"提取现场机信息", "Get field device information (log, state, parameter)"},
  [3021] = {"设置现场机参数", "Set field device parameter"},
  [3022] = {"下发即时留样任务", "Start immediate sample retention task"},
  [3024] = {"启动自动标样核查", "Start automatic standard check"},
  [9013] = {"通知应答", "Notification acknowledgement"},
  [9014] = {"数据应答", "Data acknowledgement"},
}
local to_host = {
  [1001] = {"上传数采仪硬件序号", "Upload DAS hardware serial (before activation; MN may be empty)"},
  [1011] = {"上传现场机时间", "Upload field device time"},
  [1013] = {"现场机时间校准请求", "Field device asks for time calibration"},
  [1014] = {"现场机获取新密钥", "Field device asks for a new SM4 key"},
  [1021] = {"上传污染物报警门限值", "Upload pollutant alarm limits (2005 only)"},
  [1031] = {"上传上位机地址", "Upload host address (2005 only)"},
  [1041] = {"上传数据上报时间", "Upload daily report time (2005 only)"},
  [1061] = {"上传实时数据间隔", "Upload real-time data interval"},
  [1063] = {"上传分钟数据间隔", "Upload minute data interval"},
  [2011] = {"上传污染物实时数据", "Upload real-time data (also ST 51/52/44/45 working condition and electricity, ST 23 noise LA-Rtd)"},
  [2013] = {"上传原始监测数据", "Upload raw (periodic) monitoring data"},
  [2021] = {"上传设备运行状态数据", "Upload treatment-facility running state"},
  [2031] = {"上传污染物日历史数据", "Upload daily data (noise: -Data -DayData -NightData)"},
  [2041] = {"上传设备运行时间日历史数据", "Upload daily running time of facilities"},
  [2051] = {"上传污染物分钟数据", "Upload minute data"},
  [2052] = {"上传噪声单次测量数据", "Upload noise single-measurement data"},
  [2061] = {"上传污染物小时数据", "Upload hourly data"},
  [2062] = {"上传自动标样核查（校准）数据", "Upload automatic standard-check (calibration) data"},
  [2063] = {"混合样数据", "Mixed-sample data (seen in one vendor server only)"},
  [2071] = {"上传污染物报警记录", "Upload alarm records (2005 only)"},
  [2072] = {"上传报警事件", "Upload alarm event (2005 only)"},
  [2081] = {"上传数采仪开机时间", "Upload DAS power-on time"},
  [2111] = {"上传炉膛温度5min均值", "Upload 5-minute mean furnace temperature"},
  [3015] = {"上传超标留样信息", "Upload over-limit sample retention information"},
  [3017] = {"上传采样时间周期", "Upload sampling period"},
  [3018] = {"上传出样时间", "Upload sample-to-result time"},
  [3019] = {"上传设备唯一标识", "Upload instrument unique identifier (also on replacement)"},
  [3020] = {"上传现场机信息", "Upload field device information"},
  [9011] = {"请求应答", "Request acknowledgement"},
  [9012] = {"执行结果", "Execution result"},
  [9013] = {"通知应答", "Notification acknowledgement"},
  [9014] = {"数据应答", "Data acknowledgement"},
  [9015] = {"心跳包", "Heartbeat"},
}
local systems = {
  ["21"] = {"地表水质量监测", "Surface water quality monitoring"},
  ["22"] = {"空气质量监测", "Ambient air quality monitoring"},
  ["23"] = {"声环境质量监测", "Acoustic environment quality monitoring"},
  ["24"] = {"地下水质量监测", "Groundwater quality monitoring"},
  ["25"] = {"土壤质量监测", "Soil quality monitoring"},
  ["26"] = {"海水质量监测", "Sea water quality monitoring"},
  ["27"] = {"挥发性有机物监测", "VOC monitoring"},
  ["31"] = {"大气环境污染源", "Air pollution source"},
  ["32"] = {"地表水体环境污染源", "Surface water pollution source"},
  ["33"] = {"地下水体环境污染源", "Groundwater pollution source"},
  ["34"] = {"海洋环境污染源", "Marine pollution source"},
  ["35"] = {"土壤环境污染源", "Soil pollution source"},
  ["36"] = {"声环境污染源", "Noise pollution source"},
  ["37"] = {"振动环境污染源", "Vibration pollution source"},
  ["38"] = {"放射性环境污染源", "Radioactive pollution source"},
  ["39"] = {"工地扬尘污染源", "Construction-site dust source"},
  ["41"] = {"电磁环境污染源", "Electromagnetic pollution source"},
  ["44"] = {"用电监控", "Electricity-use monitoring"},
  ["45"] = {"关键生产工况监控", "Key production working-condition monitoring"},
  ["51"] = {"烟气排放过程监控", "Flue gas emission process (working condition) monitoring"},
  ["52"] = {"污水排放过程监控", "Wastewater discharge process (working condition) monitoring"},
  ["91"] = {"系统交互", "System interaction (all 9011-9014 replies)"},
}
local qnrtn_words = {
  [1] = "准备执行请求", [2] = "请求被拒绝", [3] = "PW 错误", [4] = "MN 错误", [5] = "ST 错误", [6] = "Flag 错误",
  [7] = "QN 错误", [8] = "CN 错误", [9] = "CRC 校验错误", [100] = "未知错误",
}
local exertn_words = {
  [1] = "执行成功", [2] = "执行失败，但不知道原因", [3] = "命令请求条件错误", [4] = "通讯超时",
  [5] = "系统繁忙不能执行", [6] = "系统故障", [100] = "没有数据",
}
local versions = { [0] = "HJ/T 212-2005", [1] = "HJ 212-2017", [2] = "HJ 212-2025" }

------------------------------------------------------------------------------------------------- fields, experts
local f = {
  len = ProtoField.uint32("hj212.len", "LEN 数据段长度"),
  qn = ProtoField.string("hj212.qn", "QN 请求编码", base.UNICODE),
  qn_time = ProtoField.absolute_time("hj212.qn_time", "QN 时间", base.UTC),
  st = ProtoField.string("hj212.st", "ST 系统编码", base.UNICODE),
  cn = ProtoField.string("hj212.cn", "CN 命令编码", base.UNICODE),
  pw = ProtoField.string("hj212.pw", "PW 访问密码", base.UNICODE),
  mn = ProtoField.string("hj212.mn", "MN 设备唯一标识", base.UNICODE),
  flag = ProtoField.uint8("hj212.flag", "Flag 拆分包及应答标志"),
  version = ProtoField.uint8("hj212.flag.version", "标准版本", base.DEC, versions, 0xFC),
  split = ProtoField.bool("hj212.flag.split", "有数据包序号", 8, nil, 0x02),
  ack = ProtoField.bool("hj212.flag.ack", "应答", 8, nil, 0x01),
  pnum = ProtoField.string("hj212.pnum", "PNUM 总包数", base.UNICODE),
  pno = ProtoField.string("hj212.pno", "PNO 包号", base.UNICODE),
  rf = ProtoField.string("hj212.rf", "RF 补传标志", base.UNICODE),
  other = ProtoField.string("hj212.header.other", "未知字段", base.UNICODE),
  cp = ProtoField.string("hj212.cp", "CP 指令参数", base.UNICODE),
  cipher = ProtoField.bytes("hj212.cp.encrypted", "CP 指令参数（SM4 加密）"),
  item = ProtoField.string("hj212.item", "数据项", base.UNICODE),
  code = ProtoField.string("hj212.item.code", "编码", base.UNICODE),
  field = ProtoField.string("hj212.item.field", "字段", base.UNICODE),
  value = ProtoField.string("hj212.item.value", "值", base.UNICODE),
  data_time = ProtoField.absolute_time("hj212.data_time", "DataTime", base.UTC),
  crc = ProtoField.string("hj212.crc", "CRC"),
  crc_kind = ProtoField.string("hj212.crc.kind", "CRC 校验"),
  crc_want = ProtoField.string("hj212.crc.computed", "CRC 计算值"),
  garbage = ProtoField.bytes("hj212.garbage", "不属于任何通讯包的字节"),
}
hj.fields = {}
for _, field in pairs(f) do table.insert(hj.fields, field) end

local e = {
  crc = ProtoExpert.new("hj212.expert.crc", "CRC 错误", expert.group.CHECKSUM, expert.severity.ERROR),
  modbus = ProtoExpert.new("hj212.expert.crc_modbus", "用的是普通 Modbus CRC-16，不是 HJ 212 的 CRC",
    expert.group.CHECKSUM, expert.severity.WARN),
  crc_case = ProtoExpert.new("hj212.expert.crc_case", "CRC 用了小写字母", expert.group.PROTOCOL, expert.severity.NOTE),
  len = ProtoExpert.new("hj212.expert.len", "LEN 与数据段长度不符", expert.group.MALFORMED, expert.severity.ERROR),
  len_digits = ProtoExpert.new("hj212.expert.len_digits", "LEN 不是四位数字", expert.group.PROTOCOL,
    expert.severity.WARN),
  len_over = ProtoExpert.new("hj212.expert.len_over", "数据段超过 1024 字节", expert.group.PROTOCOL,
    expert.severity.WARN),
  tail = ProtoExpert.new("hj212.expert.tail", "包尾缺少 CR LF", expert.group.PROTOCOL, expert.severity.WARN),
  garbage = ProtoExpert.new("hj212.expert.garbage", "不属于任何通讯包的字节", expert.group.MALFORMED,
    expert.severity.WARN),
  encrypted = ProtoExpert.new("hj212.expert.encrypted", "数据区已加密；CRC 按明文计算，没有密钥无法校验",
    expert.group.DECRYPTION, expert.severity.CHAT),
  cipher_text = ProtoExpert.new("hj212.expert.cipher_text", "密文以 {0x..} 文本发送", expert.group.PROTOCOL,
    expert.severity.WARN),
  cp = ProtoExpert.new("hj212.expert.cp", "CP=&&...&& 缺失或没有结束", expert.group.MALFORMED, expert.severity.WARN),
  cn = ProtoExpert.new("hj212.expert.cn", "不认识的 CN", expert.group.UNDECODED, expert.severity.NOTE),
  qn = ProtoExpert.new("hj212.expert.qn", "QN 不是 17 位日期时间", expert.group.PROTOCOL, expert.severity.NOTE),
}
hj.experts = {}
for _, x in pairs(e) do table.insert(hj.experts, x) end

hj.prefs.ports = Pref.range("TCP ports", "9212", "TCP ports that carry HJ 212", 65535)

------------------------------------------------------------------------------------------------------------- CRC
local bits = bit or bit32
local crc_table = {}
for i = 0, 255 do
  local r = i
  for _ = 1, 8 do
    r = r % 2 == 1 and bits.bxor((r - 1) / 2, 0xA001) or r / 2
  end
  crc_table[i] = r
end

-- Both kinds at once: HJ 212 throws the low byte of the register away at each step, Modbus does not.
local function crcs(s, from, to)
  local own, modbus = 0xFFFF, 0xFFFF
  for i = from, to do
    local b = s:byte(i)
    own = crc_table[bits.bxor(math.floor(own / 256), b)]
    modbus = bits.bxor(math.floor(modbus / 256), crc_table[bits.bxor(modbus % 256, b)])
  end
  return string.format("%04X", own), string.format("%04X", modbus)
end

---------------------------------------------------------------------------------------------------------- framing
local LONGEST = 9999

-- The first && and CRC with a line end or the next frame behind it, in s from `seg` on; place of the CRC, or nil.
local function next_close(s, seg)
  local at = seg
  while true do
    local amp = s:find("&&", at, true)
    if not amp or amp - seg > LONGEST then return nil end
    local crc = amp + 2
    if s:find("^%x%x%x%x", crc) and s:sub(amp - 3, amp - 1) ~= "CP=" and
        (s:find("^\r?\n", crc + 4) or s:find("^\r?##%d", crc + 4)) then
      return crc
    end
    at = amp + 1
  end
end

-- What stands at the front: "frame" with its places, "need" with how many bytes more (nil: some), or "garbage".
-- A frame that was torn off swallows the good one behind it; that one is looked for where the CRC is wrong.
local function frame_at(s, at)
  local digits = s:match("^##(%d%d?%d?%d?)", at)
  if not digits then return ("##"):sub(1, #s - at + 1) == s:sub(at) and "need" or "garbage" end
  if #digits < 4 and at + 2 + #digits > #s then return "need" end
  local frame = { at = at, digits = #digits, declared = tonumber(digits), seg = at + 2 + #digits }
  local by_len, close = frame.seg + frame.declared, next_close(s, frame.seg)
  if not close or close >= by_len then
    local have = #s - by_len + 1 -- from the CRC on
    if have < 4 and not close then return "need", have < 0 and 6 - have or nil end
    if s:find("^%x%x%x%x\r?\n", by_len) or s:find("^%x%x%x%x\r?##%d", by_len) then
      close = by_len
    elseif not close and s:sub(by_len - 2, by_len - 1) == "&&" and s:find("^%x%x%x%x\r?$", by_len) then
      close = by_len -- all that came; its CR LF is left out or comes with the next segment
    elseif not close then
      return #s - frame.seg > LONGEST and "garbage" or "need"
    end
  end
  frame.crc = close
  local tail = s:match("^\r?\n?", close + 4)
  frame.tail, frame.last = tail == "\r\n", close + 3 + #tail
  frame.own, frame.modbus = crcs(s, frame.seg, close - 1)
  frame.sent = s:sub(close, close + 3)
  local upper = frame.sent:upper()
  frame.kind = upper == frame.own and "hj212" or upper == frame.modbus and "modbus" or "bad"
  if frame.kind == "bad" and frame.declared ~= close - frame.seg then
    for inner, len in s:sub(frame.seg, close - 1):gmatch("()##(%d%d%d%d)") do
      if frame.seg + inner - 1 + 6 + tonumber(len) == close then return "garbage", frame.seg + inner - 1 end
    end
  end
  return "frame", frame
end

---------------------------------------------------------------------------------------------------- pieces of text
-- 14 or 17 digits of UTC+8 -> NSTime and readable text, or nil.
local function moment(text)
  local y, mo, d, h, mi, s, ms = text:match("^(%d%d%d%d)(%d%d)(%d%d)(%d%d)(%d%d)(%d%d)(%d*)$")
  if not y or (#ms ~= 0 and #ms ~= 3) then return nil end
  y, mo, d, h, mi, s = tonumber(y), tonumber(mo), tonumber(d), tonumber(h), tonumber(mi), tonumber(s)
  if y < 1970 or mo < 1 or mo > 12 or d < 1 or d > 31 or h > 23 or mi > 59 or s > 59 then return nil end
  local a = y - (mo < 3 and 1 or 0)
  local m = (mo + 9) % 12
  local days = 365 * a + math.floor(a / 4) - math.floor(a / 100) + math.floor(a / 400) +
    math.floor((153 * m + 2) / 5) + d - 1 - 719468
  local text_form = string.format("%04d-%02d-%02d %02d:%02d:%02d%s", y, mo, d, h, mi, s, #ms > 0 and "." .. ms or "")
  return NSTime.new(((days * 24 + h) * 60 + mi) * 60 + s - 28800, #ms > 0 and tonumber(ms) * 1000000 or 0), text_form
end

local function trim(s, from, to)
  while from <= to and s:find("^[ \t]", from) do from = from + 1 end
  while to >= from and s:find("^[ \t]", to) do to = to - 1 end
  return from, to
end

-- Calls each(name_from, name_to, value_from or nil, value_to) for the items of s between from and to. Log text
-- between // and // may hold separators.
local function items(s, from, to, each)
  local at = from
  while at <= to do
    local equals = s:find("[=;,]", at)
    local stop = s:find("[;,]", at) or to + 1
    if equals and equals <= to and s:byte(equals) == 61 then
      local value = trim(s, equals + 1, to)
      if s:sub(value, value + 1) == "//" then
        local log = s:find("//[;,]", value + 2)
        if log and log + 1 <= to then stop = log + 2
        elseif to - value >= 3 and s:sub(to - 1, to) == "//" then stop = to + 1 end
      end
      stop = math.min(stop, to + 1)
      local n1, n2 = trim(s, at, equals - 1)
      local v1, v2 = trim(s, equals + 1, stop - 1)
      each(n1, n2, v1, v2)
    else
      stop = math.min(stop, to + 1)
      local n1, n2 = trim(s, at, stop - 1)
      if n2 >= n1 then each(n1, n2) end
    end
    at = stop + 1
  end
end

local function is_utf8(text)
  local i, n = 1, #text
  while i <= n do
    local b = text:byte(i)
    local more = b < 0x80 and 0 or b >= 0xC2 and b <= 0xDF and 1 or b >= 0xE0 and b <= 0xEF and 2 or
      b >= 0xF0 and b <= 0xF4 and 3
    if not more or not text:find("^" .. ("[\128-\191]"):rep(more), i + 1) then return false end
    i = i + 1 + more
  end
  return true
end

-- Text as it can be shown: UTF-8 as it is, else read as GB 18030, as devices send it.
local function readable(tvb, s, from, to)
  local text = s:sub(from, to)
  if is_utf8(text) then return text end
  if ENC_GB18030 then return tvb:range(from - 1, to - from + 1):string(ENC_GB18030) end
  return (text:gsub("[\128-\255]", "?"))
end

-- Is the data area encrypted? Nothing says so: told by look, as libhj212 does.
local function is_cipher(s, from, to, crc_good)
  local area = s:sub(from, to)
  if area:find("^{0[xX]") then return true, true end
  local full = #area - #area % 16
  if full == 0 then return false end
  local head = area:sub(1, full)
  local _, strange = head:gsub("[^ -~]", "")
  local _, controls = head:gsub("[%z\1-\31\127]", "")
  if strange * 4 >= full and not area:find("^[ \t]*[!-+%-.-:<>-~]+=") then
    return controls > 0 or not is_utf8(area)
  end
  return not crc_good and controls * 16 >= full and controls > 1
end

------------------------------------------------------------------------------------------------------- one packet
-- Values that only a device gives; with them the packet goes to the host.
local told_by_device = {
  DataTime = true, SystemTime = true, RtdInterval = true, MinInterval = true, AlarmTarget = true, ReportTime = true,
  CstartTime = true, CTime = true, Ctime = true, Stime = true, VaseNo = true, RestartTime = true, AlarmTime = true,
}

-- One CN serves both directions: what the data area holds decides.
local function name_of_command(cn, area)
  local up, down = to_host[cn], to_field[cn]
  if not (up and down) then return up or down end
  if cn == 1001 then return area.WarnTime and down or up end
  if cn == 1014 then return (area.NewSK or area.encrypted) and down or up end
  return (area.told or area.encrypted) and up or down
end

local header_field = {
  QN = f.qn, ST = f.st, CN = f.cn, PW = f.pw, MN = f.mn, FLAG = f.flag, PNUM = f.pnum, PNO = f.pno, RF = f.rf,
}

local function add_flag(tree, range, text)
  local value = tonumber(text)
  if not text:find("^%d%d?%d?$") or value > 255 then
    tree:add(f.other, range, "Flag=" .. text)
    return
  end
  local branch = tree:add(f.flag, range, value)
  local name = versions[math.floor(value / 4)]
  if name then branch:append_text(" (" .. name .. ")") end
  branch:add(f.version, range, value)
  branch:add(f.split, range, value)
  branch:add(f.ack, range, value)
end

local function add_header(tree, tvb, s, from, to, header)
  items(s, from, to, function(n1, n2, v1, v2)
    local name = s:sub(n1, n2)
    local key = name:upper()
    local field = header_field[key]
    if not v1 or not field or header[key] then
      local last = math.max(v2 or n2, n2)
      tree:add(f.other, tvb:range(n1 - 1, last - n1 + 1), readable(tvb, s, n1, last))
      return
    end
    local value, range = readable(tvb, s, v1, v2), tvb:range(n1 - 1, math.max(v2, v1 - 1) - n1 + 1)
    header[key] = value
    if key == "FLAG" then
      add_flag(tree, range, value)
      return
    end
    local branch = tree:add(field, range, value)
    if key == "QN" then
      local time, text = moment(value)
      if time and #value == 17 then
        branch:append_text(" (" .. text .. " UTC+8)")
        branch:add(f.qn_time, range, time)
      else
        branch:add_proto_expert_info(e.qn)
      end
    elseif key == "ST" and systems[value] then
      branch:append_text(" (" .. systems[value][1] .. ", " .. systems[value][2] .. ")")
    elseif key == "CN" then
      header.cn_branch = branch
    end
  end)
end

local function add_item(tree, tvb, s, area, n1, n2, v1, v2)
  local last = v2 or n2
  local range = tvb:range(n1 - 1, math.max(last, n2) - n1 + 1)
  local name, value = readable(tvb, s, n1, n2), v1 and readable(tvb, s, v1, v2) or ""
  local code, field = name:match("^(.+)%-([^-]+)$")
  local branch = tree:add(f.item, range, v1 and name .. "=" .. value or name)
  if code then branch:add(f.code, range, code) end
  branch:add(f.field, range, field or name)
  if v1 then branch:add(f.value, range, value) end
  area.told = area.told or code ~= nil or told_by_device[name]
  if area[name] == nil then area[name] = value end
  if name == "DataTime" then
    local time, text = moment(value)
    if time then
      branch:add(f.data_time, range, time)
      area.time = text
    end
  elseif name == "QnRtn" or name == "ExeRtn" then
    local words = name == "QnRtn" and qnrtn_words or exertn_words
    local word = words[tonumber(value) or 0]
    if word then
      branch:append_text(" (" .. word .. ")")
      area.word = name .. "=" .. value .. " " .. word
    end
  end
end

local function add_area(tree, tvb, s, from, to, frame, area)
  local range = to >= from and tvb:range(from - 1, to - from + 1) or tvb:range(from - 1, 0)
  local cipher, printed = is_cipher(s, from, to, frame.kind ~= "bad")
  if cipher then
    area.encrypted = true
    frame.kind = "encrypted"
    local branch = tree:add(f.cipher, range)
    branch:add_proto_expert_info(e.encrypted)
    if printed then branch:add_proto_expert_info(e.cipher_text) end
    return
  end
  local branch = tree:add(f.cp, range, readable(tvb, s, from, to))
  items(s, from, to, function(...) add_item(branch, tvb, s, area, ...) end)
end

local function add_frame_findings(tree, tvb, frame, len_item)
  local n = frame.crc - frame.seg
  if frame.declared ~= n then
    len_item:append_text(string.format(" (数据段实为 %d 字节)", n))
    len_item:add_proto_expert_info(e.len)
  end
  if frame.digits ~= 4 then len_item:add_proto_expert_info(e.len_digits) end
  if n > 1024 then len_item:add_proto_expert_info(e.len_over) end
  local range = tvb:range(frame.crc - 1, 4)
  local branch = tree:add(f.crc, range, frame.sent)
  branch:add(f.crc_kind, range, frame.kind):set_generated()
  if frame.kind ~= "encrypted" then branch:add(f.crc_want, range, frame.own):set_generated() end
  if frame.kind == "bad" then branch:append_text(" (应为 " .. frame.own .. ")") end
  if frame.kind == "bad" then branch:add_proto_expert_info(e.crc) end
  if frame.kind == "modbus" then branch:add_proto_expert_info(e.modbus) end
  if frame.sent:find("%l") then branch:add_proto_expert_info(e.crc_case) end
  if not frame.tail then branch:add_proto_expert_info(e.tail) end
end

-- One frame becomes one tree; returns its line for the Info column.
local function add_frame(root, tvb, s, frame)
  local tree = root:add(hj, tvb:range(frame.at - 1, frame.last - frame.at + 1))
  local len_item = tree:add(f.len, tvb:range(frame.at + 1, frame.digits), frame.declared)
  local header, area = {}, {}
  local seg_end = frame.crc - 1
  local cp = s:find("CP=&&", frame.seg, true)
  if cp and cp > seg_end then cp = nil end
  local closed = cp and seg_end - 1 >= cp + 5 and s:sub(seg_end - 1, seg_end) == "&&"
  add_header(tree, tvb, s, frame.seg, (cp or frame.crc) - 1, header)
  if cp then add_area(tree, tvb, s, cp + 5, closed and seg_end - 2 or seg_end, frame, area) end
  if not closed then tree:add_proto_expert_info(e.cp) end
  add_frame_findings(tree, tvb, frame, len_item)

  local cn = header.CN and header.CN:find("^%d%d%d%d$") and tonumber(header.CN)
  local name = cn and name_of_command(cn, area)
  if name then
    header.cn_branch:append_text(" (" .. name[1] .. ", " .. name[2] .. ")")
  elseif header.cn_branch then
    header.cn_branch:add_proto_expert_info(e.cn)
  end
  local line = { name and name[1] or "未知命令", "CN=" .. (header.CN or "?") }
  if header.PNUM then table.insert(line, (header.PNO or "?") .. "/" .. header.PNUM) end
  table.insert(line, "MN=" .. (header.MN or "?"))
  if header.RF == "1" then table.insert(line, "补传") end
  if area.time then table.insert(line, area.time) end
  if area.word then table.insert(line, area.word) end
  if area.encrypted then table.insert(line, "[SM4]") end
  if frame.kind == "bad" then table.insert(line, "[CRC 错误]") end
  if frame.kind == "modbus" then table.insert(line, "[Modbus CRC]") end
  local text = table.concat(line, " ")
  tree:append_text(", " .. text)
  return text
end

-------------------------------------------------------------------------------------------------------- a segment
local function add_garbage(root, tvb, from, to)
  local tree = root:add(hj, tvb:range(from - 1, to - from + 1))
  tree:append_text(", 无法识别的字节")
  tree:add(f.garbage, tvb:range(from - 1, to - from + 1)):add_proto_expert_info(e.garbage)
end

function hj.dissector(tvb, pinfo, root)
  local n = tvb:reported_length_remaining()
  if tvb:len() ~= n then return 0 end -- the capture cut the bytes off
  local s, at, lines = tvb:raw(), 1, {}
  local bad_from
  at = at + #s:match("^\r?\n?") -- of the frame before, where TCP cut there
  pinfo.cols.protocol = "HJ212"
  while at <= n do
    local kind, what = frame_at(s, at)
    if kind == "need" and pinfo.can_desegment > 0 then
      if bad_from then add_garbage(root, tvb, bad_from, at - 1) end
      bad_from = nil
      pinfo.desegment_offset = at - 1
      pinfo.desegment_len = what or DESEGMENT_ONE_MORE_SEGMENT
      break
    elseif kind == "frame" then
      if bad_from then add_garbage(root, tvb, bad_from, at - 1) end
      bad_from = nil
      table.insert(lines, add_frame(root, tvb, s, what))
      at = what.last + 1
    else
      bad_from = bad_from or at
      at = what and kind == "garbage" and what or s:find("#", at + 1, true) or n + 1
    end
  end
  if bad_from then add_garbage(root, tvb, bad_from, n) end
  if #lines > 0 then
    pinfo.cols.info:set(table.concat(lines, " | "))
    pinfo.cols.info:fence()
  end
  return n
end

-- A stream on any port: it begins with a frame whose header is one of HJ 212.
local function looks_like(tvb)
  if tvb:len() < 9 then return false end
  local s = tvb:raw(0, math.min(tvb:len(), 64))
  local after = s:match("^##%d%d%d%d?(%a%a=.*)")
  if not after then return false end
  local name = after:sub(1, 2):upper()
  return name == "QN" or name == "ST" or name == "CN" or name == "MN" or name == "PW"
end

hj:register_heuristic("tcp", function(tvb, pinfo, root)
  if not looks_like(tvb) then return false end
  pinfo.conversation = hj
  hj.dissector(tvb, pinfo, root)
  return true
end)

local ports = DissectorTable.get("tcp.port")
local present = hj.prefs.ports
ports:add(present, hj)
function hj.prefs_changed()
  if present == hj.prefs.ports then return end
  ports:remove(present, hj)
  present = hj.prefs.ports
  ports:add(present, hj)
end
