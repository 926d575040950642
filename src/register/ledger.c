/* The table of ledger sheets and columns, and how names in a ledger are compared. */
#include "register/ledger_table.h"

#include <string.h>

#define CREDIT                                                                                               \
    { "enterprise", "统一社会信用代码", "credit_code", "信用代码|社会信用代码|统一信用代码|enterprise", true }
#define OUTLET                                                                                               \
    { "outlet", "排放口编号", "outlet_code", "排口编号|排放口编码|排口编码|outlet", true }
#define LON                                                                                                  \
    { "lon", "经度", "lon", "longitude|东经", false }
#define LAT                                                                                                  \
    { "lat", "纬度", "lat", "latitude|北纬", false }

static const struct yw_column areas[] = {
    {"code", "行政区代码", "code", "代码|行政区划代码|area", true},
    {"parent", "上级行政区代码", "parent", "上级代码|上级", false},
    {"name", "行政区名称", "name", "名称", true},
};
static const struct yw_column units[] = {
    {"code", "机构代码", "code", "代码|机构编号", true},
    {"parent", "上级机构", "parent", "上级机构代码|上级代码|上级", false},
    {"name", "机构名称", "name", "名称|机构全称", true},
    {"area", "行政区", "area", "行政区代码|行政区划代码|所属行政区", false},
};
static const struct yw_column enterprises[] = {
    {"credit_code", "统一社会信用代码", "credit_code", "信用代码|社会信用代码|统一信用代码", true},
    {"name", "单位名称", "name", "名称|企业名称|排污单位名称|排污单位", true},
    {"short_name", "简称", "short_name", "单位简称|企业简称", false},
    {"area", "行政区代码", "area", "行政区划代码|所属行政区|行政区", false},
    {"industry", "行业", "industry", "行业类别|所属行业", false},
    {"address", "地址", "address", "生产经营场所地址|详细地址", false},
    {"contact", "联系人", "contact", "环保联系人", false},
    {"phone", "联系电话", "phone", "电话", false},
    {"permit_number", "排污许可证编号", "permit_number", "许可证编号|排污许可证号", false},
    {"permit_from", "许可有效期起", "permit_from", "有效期起|有效期开始", false},
    {"permit_to", "许可有效期止", "permit_to", "有效期止|有效期至", false},
    LON,
    LAT,
};
static const struct yw_column outlets[] = {
    CREDIT,
    {"code", "排放口编号", "code", "排口编号|排放口编码|排口编码|outlet_code", true},
    {"name", "排放口名称", "name", "名称|排口名称", true},
    {"kind", "排放口类型", "kind", "类型|排口类型", true},
    {"st", "系统编码", "st", "ST", false},
    {"maintainer", "运维单位", "maintainer", "第三方运维单位", false},
    LON,
    LAT,
};
static const struct yw_column factors[] = {
    CREDIT,
    OUTLET,
    {"code", "因子编码", "code", "监测因子编码|因子代码|因子|factor", true},
    {"unit", "单位", "unit", "计量单位", false},
    {"range_low", "量程下限", "range_low", "", false},
    {"range_high", "量程上限", "range_high", "", false},
    {"limit", "许可排放浓度", "limit", "限值|许可浓度|排放限值|许可排放浓度限值", false},
    {"amount_t_a", "许可年排放量", "amount_t_a", "许可排放量|许可年排放量限值", false},
    {"reference_oxygen", "基准氧含量", "reference_oxygen", "基准氧", false},
    {"judge_converted", "按折算值判定", "judge_converted", "折算判定", false},
};
static const struct yw_column devices[] = {
    {"mn", "设备唯一标识", "mn", "MN号|数采仪MN|MN编码", true},
    CREDIT,
    OUTLET,
    {"pw", "访问密码", "pw", "密码|password", false},
    {"state", "状态", "state", "设备状态", false},
    {"version", "协议版本", "version", "HJ212版本", false},
    {"rtd_interval_s", "实时数据间隔", "rtd_interval_s", "实时间隔", false},
    {"min_interval_min", "分钟数据间隔", "min_interval_min", "分钟间隔", false},
};

const struct yw_ledger_sheet yw_ledger_sheets[YW_LEDGER_SHEETS] = {
    {YW_SHAPE_AREA, "行政区", "areas", areas, YW_COUNT(areas)},
    {YW_SHAPE_UNIT, "机构", "units", units, YW_COUNT(units)},
    {YW_SHAPE_ENTERPRISE, "排污单位", "enterprises", enterprises, YW_COUNT(enterprises)},
    {YW_SHAPE_OUTLET, "排放口", "outlets", outlets, YW_COUNT(outlets)},
    {YW_SHAPE_FACTOR, "监测因子", "factors", factors, YW_COUNT(factors)},
    {YW_SHAPE_DEVICE, "数采仪", "devices", devices, YW_COUNT(devices)},
};

struct word {
    enum yw_field_kind kind;
    uint8_t value;
    const char *text; /* the first of a value is what an export prints */
};
static const struct word words[] = {
    {YW_FIELD_OUTLET_KIND, YW_OUTLET_AIR, "废气"},
    {YW_FIELD_OUTLET_KIND, YW_OUTLET_AIR, "air"},
    {YW_FIELD_OUTLET_KIND, YW_OUTLET_AIR, "大气"},
    {YW_FIELD_OUTLET_KIND, YW_OUTLET_WATER, "废水"},
    {YW_FIELD_OUTLET_KIND, YW_OUTLET_WATER, "water"},
    {YW_FIELD_OUTLET_KIND, YW_OUTLET_WATER, "污水"},
    {YW_FIELD_OUTLET_KIND, YW_OUTLET_OTHER, "其他"},
    {YW_FIELD_OUTLET_KIND, YW_OUTLET_OTHER, "other"},
    {YW_FIELD_DEVICE_STATE, YW_DEVICE_WAITING, "待审核"},
    {YW_FIELD_DEVICE_STATE, YW_DEVICE_WAITING, "waiting"},
    {YW_FIELD_DEVICE_STATE, YW_DEVICE_ADMITTED, "已入网"},
    {YW_FIELD_DEVICE_STATE, YW_DEVICE_ADMITTED, "admitted"},
    {YW_FIELD_DEVICE_STATE, YW_DEVICE_REFUSED, "已拒绝"},
    {YW_FIELD_DEVICE_STATE, YW_DEVICE_REFUSED, "refused"},
    {YW_FIELD_DEVICE_STATE, YW_DEVICE_RETIRED, "已停用"},
    {YW_FIELD_DEVICE_STATE, YW_DEVICE_RETIRED, "retired"},
    {YW_FIELD_BOOL, 1, "是"},
    {YW_FIELD_BOOL, 1, "yes"},
    {YW_FIELD_BOOL, 1, "true"},
    {YW_FIELD_BOOL, 1, "1"},
    {YW_FIELD_BOOL, 0, "否"},
    {YW_FIELD_BOOL, 0, "no"},
    {YW_FIELD_BOOL, 0, "false"},
    {YW_FIELD_BOOL, 0, "0"},
};

const char *yw_word_zh(enum yw_field_kind kind, uint8_t value) {
    for (size_t i = 0; i < YW_COUNT(words); i++) {
        if (words[i].kind == kind && words[i].value == value) return words[i].text;
    }
    return "";
}

static char lower(char c) {
    return c >= 'A' && c <= 'Z' ? (char)(c + 'a' - 'A') : c;
}

static bool same_word(const char *a, const char *b) {
    for (; *a != '\0' || *b != '\0'; a++, b++) {
        if (lower(*a) != lower(*b)) return false;
    }
    return true;
}

bool yw_word_value(enum yw_field_kind kind, const char *text, uint8_t *out) {
    for (size_t i = 0; i < YW_COUNT(words); i++) {
        if (words[i].kind == kind && same_word(words[i].text, text)) {
            *out = words[i].value;
            return true;
        }
    }
    return false;
}

/* "  许可排放浓度（mg/m³）* " -> "许可排放浓度" */
static void plain_name(const char *text, char out[128]) {
    size_t n = 0;
    for (const char *p = text; *p != '\0' && n < 127; p++) {
        if (*p == '(' || strncmp(p, "（", 3) == 0) break;
        if (*p == ' ' || *p == '*' || *p == '\t' || *p == '\r' || *p == '\n') continue;
        if (strncmp(p, "　", 3) == 0) {
            p += 2;
            continue;
        }
        out[n++] = lower(*p);
    }
    out[n] = '\0';
}

bool yw_column_named(const struct yw_column *c, const char *head) {
    char name[128];
    plain_name(head, name);
    if (name[0] == '\0') return false;
    if (same_word(name, c->zh) || same_word(name, c->en)) return true;
    size_t n = strlen(name);
    for (const char *p = c->others; *p != '\0';) {
        size_t part = strcspn(p, "|");
        char other[128];
        if (part == n && yw_copy(other, sizeof other, p, part) && same_word(other, name)) return true;
        p += part + (p[part] == '|');
    }
    return false;
}

bool yw_head_ignored(const char *head) {
    static const char *const names[] = {"",   "序号", "编号序号", "备注",    "no.",
                                        "no", "#",    "remark",   "remarks", "note"};
    char name[128];
    plain_name(head, name);
    for (size_t i = 0; i < YW_COUNT(names); i++) {
        if (strcmp(name, names[i]) == 0) return true;
    }
    return false;
}

bool yw_sheet_named(const struct yw_ledger_sheet *s, const char *name) {
    char plain[128];
    plain_name(name, plain);
    return same_word(plain, s->zh) || same_word(plain, s->en);
}

const struct yw_field *yw_shape_field(int shape, const char *member) {
    for (size_t k = 0; k < yw_shapes[shape].field_n; k++) {
        if (strcmp(yw_shapes[shape].fields[k].name, member) == 0) return &yw_shapes[shape].fields[k];
    }
    return NULL;
}
