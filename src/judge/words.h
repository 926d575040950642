/* words: the fixed vocabularies of the judge, each with its name in code, tables and API and its words in
 * Chinese and English. */
#ifndef YW_JUDGE_WORDS_H
#define YW_JUDGE_WORDS_H

#include "base/base.h"

/* 工况: what the source was doing. One of two independent axes of marks. */
#define YW_CONDITION_TABLE(X)                                                                                \
    X(NORMAL, "normal", "正常", "normal operation")                                                          \
    X(DRYING, "drying", "烘炉", "drying out")                                                                \
    X(STARTUP, "startup", "启炉", "start-up")                                                                \
    X(SHUTDOWN, "shutdown", "停炉", "shut-down")                                                             \
    X(COOLING, "cooling", "停炉降温", "cooling down")                                                        \
    X(STOPPED, "stopped", "停运", "stopped")                                                                 \
    X(FAULT, "fault", "故障", "fault")                                                                       \
    X(ACCIDENT, "accident", "事故", "accident")                                                              \
    X(GRID, "grid", "并网/供能", "on the grid or supplying heat")                                            \
    X(OFFGRID, "offgrid", "解列", "off the grid")                                                            \
    X(BANKED, "banked", "闷炉", "banked fire")
enum yw_condition {
#define X(id, name, zh, en) YW_COND_##id,
    YW_CONDITION_TABLE(X)
#undef X
        YW_COND_COUNT
};
/* 异常: what the measuring equipment was doing. */
#define YW_EQUIPMENT_TABLE(X)                                                                                \
    X(NORMAL, "normal", "正常", "in order")                                                                  \
    X(MAINTENANCE, "maintenance", "维护", "maintenance")                                                     \
    X(CALIBRATION, "calibration", "校准", "calibration")                                                     \
    X(CHECK, "check", "标样核查", "standard check")                                                          \
    X(FAULT, "fault", "故障", "fault")                                                                       \
    X(COMMUNICATION, "communication", "通讯异常", "communication fault")                                     \
    X(THERMOCOUPLE, "thermocouple", "热电偶故障", "thermocouple fault")                                      \
    X(OVER_RANGE, "over-range", "超量程", "over range")                                                      \
    X(POWER, "power", "断电", "power loss")                                                                  \
    X(MANUAL, "manual", "手工录入", "entered by hand")                                                       \
    X(UNKNOWN, "unknown", "未知标记", "unknown flag")
enum yw_equipment_state {
#define X(id, name, zh, en) YW_EQUIP_##id,
    YW_EQUIPMENT_TABLE(X)
#undef X
        YW_EQUIP_COUNT
};
/* How a mean stands to marks. */
#define YW_MARKING_TABLE(X)                                                                                  \
    X(NONE, "unmarked", "未标记", "unmarked")                                                                \
    X(VALID, "marked-valid", "标记有效", "marked, counts")                                                   \
    X(INVALID, "marked-invalid", "标记无效", "marked, does not count")                                       \
    X(DISPUTED, "disputed", "有争议", "disputed")
enum yw_marking {
#define X(id, name, zh, en) YW_MARKING_##id,
    YW_MARKING_TABLE(X)
#undef X
        YW_MARKING_COUNT
};
#define YW_VALIDITY_TABLE(X)                                                                                 \
    X(NO_DATA, "no-data", "无数据", "no data")                                                               \
    X(VALID, "valid", "有效", "valid")                                                                       \
    X(INVALID, "invalid", "无效", "invalid")                                                                 \
    X(STOPPED, "stopped", "停运", "stopped")                                                                 \
    X(PARTIAL, "partial", "未满", "not over yet")
enum yw_validity {
#define X(id, name, zh, en) YW_VALIDITY_##id,
    YW_VALIDITY_TABLE(X)
#undef X
        YW_VALIDITY_COUNT
};
/* Why something is as it is. */
#define YW_REASON_TABLE(X)                                                                                   \
    X(NONE, "", "", "")                                                                                      \
    X(ENOUGH, "enough", "有效数据量足够", "enough valid data")                                               \
    X(FEW_MINUTES, "few-minutes", "有效分钟数不足", "too few valid minutes")                                 \
    X(FEW_HOURS, "few-hours", "有效小时数不足", "too few valid hours")                                       \
    X(FEW_DAYS, "few-days", "有效天数不足", "too few valid days")                                            \
    X(FLAGGED, "flagged", "数据标识非正常", "the data flag is not normal")                                   \
    X(UNKNOWN_FLAG, "unknown-flag", "未知数据标识，按无效计", "unknown data flag, counts as not valid")      \
    X(EQUIPMENT_MARK, "equipment-mark", "监测设备标记", "marked: measuring equipment")                       \
    X(CONDITION_MARK, "condition-mark", "工况标记", "marked: operating condition")                           \
    X(STOPPED, "stopped", "污染源停运", "the source was stopped")                                            \
    X(DISPUTED, "disputed", "标记有争议", "the mark is disputed")                                            \
    X(MARK_LATE, "mark-late", "标记晚于超标时间", "the mark was set after the exceedance was visible")       \
    X(CALIBRATION_OVERDUE, "calibration-overdue", "校准超期", "calibration overdue")                         \
    X(VERIFICATION_OVERDUE, "verification-overdue", "校验超期", "verification overdue")                      \
    X(OUT_OF_CONTROL, "out-of-control", "失控时段", "out of control")                                        \
    X(LOOK_BACK, "look-back", "核查不合格，追溯至上次合格", "a check failed: back to the last that passed")  \
    X(CHECK_OVERDUE, "check-overdue", "标样核查超期", "standard check overdue")                              \
    X(O2_NEAR_AIR, "o2-near-air", "氧含量接近空气，不折算", "oxygen near that of air: not converted")        \
    X(NO_O2, "no-o2", "无有效氧含量，不能折算", "no valid oxygen: cannot be converted")                      \
    X(NO_DOWN, "no-down-conversion", "实测氧低于基准氧，按实测值", "oxygen below reference: not converted")  \
    X(CONVERTED_AS_SENT, "converted-as-sent", "折算值为设备上报", "converted value as the device sent it")   \
    X(NO_MOISTURE, "no-moisture", "无有效湿度，不能换算干基", "no valid moisture: no dry value")             \
    X(NO_STATE, "no-state", "无有效温度或压力，不能换算标态", "no valid temperature or pressure")            \
    X(NO_FLOW, "no-flow", "无有效流量，不能计算排放量", "no valid flow: no emission")                        \
    X(ZERO_FLOW, "zero-flow", "流量为零，浓度无效", "flow is zero: concentration does not count")            \
    X(AS_SENT, "as-sent", "采用设备上报小时值，分钟数据缺失",                                                \
      "hour as the device sent it: minute records are missing")                                              \
    X(DIFFERS, "differs-from-sent", "与设备上报均值不一致", "differs from the mean the device sent")         \
    X(LOW_CAPTURE, "low-capture", "有效数据捕集率不足，不替代", "capture rate too low: not replaced")        \
    X(REPLACED, "replaced", "排放量替代", "emission replaced")                                               \
    X(NO_HISTORY, "no-history", "无可用有效历史，不替代", "no valid history to replace from")                \
    X(MANUAL, "manual", "手工监测", "manual monitoring")                                                     \
    X(TRANSIENT, "transient", "启停过程", "start-up or shut-down")                                           \
    X(BUDGET_60, "budget-60h", "启停炉故障事故，豁免额度内", "within the start-up/fault budget")             \
    X(BUDGET_700, "budget-700h", "烘炉降温，豁免额度内", "within the drying/cooling budget")                 \
    X(BUDGET_SPENT, "budget-spent", "豁免额度已用完", "the budget is used up")                               \
    X(FAULT_TOO_LONG, "fault-too-long", "单次故障超过时限", "one fault lasted too long")                     \
    X(PM_OVER, "pm-over", "颗粒物超过豁免条件", "particulates above the condition of the exemption")         \
    X(NO_QUOTA, "no-quota", "年度时限未知，仅注明", "yearly quota not known: only noted")                    \
    X(NEGATIVE, "needs-proof", "零值、负值或低于检出限，需佐证", "zero, negative or below detection")        \
    X(CONSTANT, "constant", "数据恒定", "does not change")                                                   \
    X(OVER_RANGE, "over-range", "超出量程", "outside the range of the instrument")                           \
    X(IMPOSSIBLE, "impossible", "违反物理约束", "physically impossible")                                     \
    X(NO_SUCH_RULE, "no-rule", "无适用规则", "no rule applies")                                              \
    X(RULE_OFF, "rule-off", "依据未核实，默认不启用", "the rule is unsure and off")                          \
    X(ABOVE_LIMIT, "above-limit", "高于限值", "above the limit")                                             \
    X(BELOW_LIMIT, "below-limit", "低于下限", "below the lower limit")                                       \
    X(SHARE_SHORT, "share-short", "达标小时占比不足", "too small a share of hours keeps the limit")          \
    X(COLD, "cold-water", "水温不高于阈值，执行括号内限值", "cold water: the bracket value holds")           \
    X(NOT_MEASURED, "no-data", "无数据", "no data")
enum yw_reason_code {
#define X(id, name, zh, en) YW_REASON_##id,
    YW_REASON_TABLE(X)
#undef X
        YW_REASON_COUNT
};
#define YW_VERDICT_TABLE(X)                                                                                  \
    X(NONE, "", "", "")                                                                                      \
    X(EXCEEDANCE, "exceedance", "涉嫌超标", "suspected exceedance")                                          \
    X(MISSING, "missing", "数据缺失", "records missing")                                                     \
    X(CONSTANT, "constant", "数据恒定", "value does not change")                                             \
    X(OVER_RANGE, "over-range", "超量程", "outside the instrument's range")                                  \
    X(SILENT, "silent", "离线", "nothing comes")                                                             \
    X(OVERDUE_CHECK, "overdue-check", "校准核查超期", "calibration or check overdue")                        \
    X(CLOCK, "clock", "时钟偏差", "clock is wrong")                                                          \
    X(TEMPERATURE, "temperature", "炉温不达标", "furnace too cold")                                          \
    X(SHARE, "share", "达标小时占比不足", "too few hours keep the limit")                                    \
    X(AMOUNT, "amount", "许可排放量", "permitted amount")                                                    \
    X(CAPTURE, "capture", "捕集率不足", "capture rate too low")                                              \
    X(CHECK_FAILED, "check-failed", "核查不合格", "check failed")                                            \
    X(MAINTENANCE_LONG, "maintenance-long", "维护标记超时限", "maintenance marks beyond their quota")        \
    X(IMPOSSIBLE, "impossible", "违反物理约束", "physically impossible")                                     \
    X(NEEDS_PROOF, "needs-proof", "需佐证", "needs proof")                                                   \
    X(POWER, "power", "生产与治理设施不同步", "production without treatment")                                \
    X(STOP_MARK, "stop-mark", "停运标记与工况不符", "marked stopped but running")                            \
    X(HEAVY_POLLUTION, "heavy-pollution", "重污染天气限产", "production limit of a heavy-pollution day")     \
    X(FAULT_LONG, "fault-long", "单次故障超时限", "one fault longer than allowed")
enum yw_verdict_kind {
#define X(id, name, zh, en) YW_VERDICT_##id,
    YW_VERDICT_TABLE(X)
#undef X
        YW_VERDICT_COUNT
};
struct yw_word {
    const char *name, *zh, *en;
};
const struct yw_word *yw_condition_word(uint8_t c);
const struct yw_word *yw_equipment_word(uint8_t e);
const struct yw_word *yw_marking_word(uint8_t m);
const struct yw_word *yw_validity_word(uint8_t v);
const struct yw_word *yw_reason_word(uint8_t r);
const struct yw_word *yw_verdict_word(uint8_t v);
bool yw_condition_parse(const char *name, uint8_t *out);
bool yw_equipment_parse(const char *name, uint8_t *out);
bool yw_verdict_parse(const char *name, uint8_t *out);
/* Stands beside every exceedance: 涉嫌超标，须经执法人员核实，不单独作为处罚依据 */
extern const char yw_standing_zh[], yw_standing_en[];

#endif
