/* The members of the register's objects in acts: one table for reading and for writing them. */
#include "register/model.h"

#include <string.h>

#define F(type, member, ...)                                                                                 \
    { .name = #member, .offset = offsetof(type, member), .size = sizeof(((type *)0)->member), __VA_ARGS__ }
#define TEXT(type, member, need) F(type, member, .kind = YW_FIELD_TEXT, .required = need)
#define CODE(type, member, need)                                                                             \
    F(type, member, .kind = YW_FIELD_TEXT, .required = need, .chars = YW_CHARS_CODE)
#define PRINT(type, member, need)                                                                            \
    F(type, member, .kind = YW_FIELD_TEXT, .required = need, .chars = YW_CHARS_PRINT)
#define ID(type, member, need)    F(type, member, .kind = YW_FIELD_U32, .required = need, .most = 4e9)
#define U16(type, member, top)    F(type, member, .kind = YW_FIELD_U16, .most = top)
#define U8(type, member, top)     F(type, member, .kind = YW_FIELD_U8, .most = top)
#define F64(type, member, lo, hi) F(type, member, .kind = YW_FIELD_F64, .least = lo, .most = hi)
#define DATE(type, member)        F(type, member, .kind = YW_FIELD_DATE)

static const struct yw_field area[] = {
    CODE(struct yw_area, code, true),
    CODE(struct yw_area, parent, false),
    TEXT(struct yw_area, name, true),
};
static const struct yw_field unit[] = {
    CODE(struct yw_unit, code, true),
    CODE(struct yw_unit, parent, false),
    TEXT(struct yw_unit, name, true),
    CODE(struct yw_unit, area, false),
};
static const struct yw_field maintainer[] = {
    ID(struct yw_maintainer, id, true),
    TEXT(struct yw_maintainer, name, true),
};
static const struct yw_field enterprise[] = {
    ID(struct yw_enterprise, id, true),         CODE(struct yw_enterprise, credit_code, true),
    TEXT(struct yw_enterprise, name, true),     TEXT(struct yw_enterprise, short_name, false),
    CODE(struct yw_enterprise, area, false),    TEXT(struct yw_enterprise, industry, false),
    TEXT(struct yw_enterprise, address, false), TEXT(struct yw_enterprise, contact, false),
    TEXT(struct yw_enterprise, phone, false),   CODE(struct yw_enterprise, permit_number, false),
    DATE(struct yw_enterprise, permit_from),    DATE(struct yw_enterprise, permit_to),
    F64(struct yw_enterprise, lon, -180, 180),  F64(struct yw_enterprise, lat, -90, 90),
};
static const struct yw_field outlet[] = {
    ID(struct yw_outlet, id, true),
    ID(struct yw_outlet, enterprise, true),
    ID(struct yw_outlet, maintainer, false),
    CODE(struct yw_outlet, code, true),
    TEXT(struct yw_outlet, name, true),
    F(struct yw_outlet, kind, .kind = YW_FIELD_OUTLET_KIND, .required = true),
    CODE(struct yw_outlet, st, false),
    F64(struct yw_outlet, lon, -180, 180),
    F64(struct yw_outlet, lat, -90, 90),
};
static const struct yw_field factor[] = {
    ID(struct yw_factor_rule, outlet, true),
    CODE(struct yw_factor_rule, code, true),
    TEXT(struct yw_factor_rule, unit, false),
    F64(struct yw_factor_rule, range_low, -1e12, 1e12),
    F64(struct yw_factor_rule, range_high, -1e12, 1e12),
    F64(struct yw_factor_rule, limit, -1e12, 1e12),
    F64(struct yw_factor_rule, amount_t_a, 0, 1e12),
    F64(struct yw_factor_rule, reference_oxygen, 0, 20.9),
    F(struct yw_factor_rule, judge_converted, .kind = YW_FIELD_BOOL),
};
static const struct yw_field device[] = {
    ID(struct yw_device, id, true),
    ID(struct yw_device, outlet, false),
    PRINT(struct yw_device, mn, true),
    PRINT(struct yw_device, pw, false),
    F(struct yw_device, state, .kind = YW_FIELD_DEVICE_STATE, .required = true),
    U16(struct yw_device, version, 9999),
    U16(struct yw_device, rtd_interval_s, 3600),
    U16(struct yw_device, min_interval_min, 60),
};

/* What device.set changes; device.admit and imports know the first four alone. */
static const struct yw_field device_set[] = {
    U16(struct yw_device, version, 9999),        U16(struct yw_device, rtd_interval_s, 3600),
    U16(struct yw_device, min_interval_min, 60), PRINT(struct yw_device, pw, false),
    PRINT(struct yw_device, pw_next, false),     U8(struct yw_device, pin_crc, 2),
    U8(struct yw_device, pin_case, 2),           U8(struct yw_device, pin_text, 2),
    U8(struct yw_device, pin_reply, 2),          U16(struct yw_device, overtime_s, 99),
    U16(struct yw_device, recount, 99),          U16(struct yw_device, execute_s, 3600),
    U8(struct yw_device, clock_policy, 2),       U16(struct yw_device, clock_limit_s, 43200),
    U8(struct yw_device, twin_policy, 3),        TEXT(struct yw_device, peers, false),
    U8(struct yw_device, gap_policy, 2),         CODE(struct yw_device, overlay, false),
};
_Static_assert(YW_COUNT(device_set) == YW_SET_MEMBERS, "one bit for each member");
const struct yw_shape yw_device_set_shape = {"device", sizeof(struct yw_device), device_set,
                                             YW_COUNT(device_set)};

const struct yw_shape yw_shapes[YW_SHAPES] = {
    [YW_SHAPE_AREA] = {"areas", sizeof(struct yw_area), area, YW_COUNT(area)},
    [YW_SHAPE_UNIT] = {"units", sizeof(struct yw_unit), unit, YW_COUNT(unit)},
    [YW_SHAPE_MAINTAINER] = {"maintainers", sizeof(struct yw_maintainer), maintainer, YW_COUNT(maintainer)},
    [YW_SHAPE_ENTERPRISE] = {"enterprises", sizeof(struct yw_enterprise), enterprise, YW_COUNT(enterprise)},
    [YW_SHAPE_OUTLET] = {"outlets", sizeof(struct yw_outlet), outlet, YW_COUNT(outlet)},
    [YW_SHAPE_FACTOR] = {"factors", sizeof(struct yw_factor_rule), factor, YW_COUNT(factor)},
    [YW_SHAPE_DEVICE] = {"devices", sizeof(struct yw_device), device, YW_COUNT(device)},
};

const char *yw_outlet_kind_name(uint8_t kind) {
    return kind == YW_OUTLET_AIR ? "air" : kind == YW_OUTLET_WATER ? "water" : "other";
}

const char *yw_device_state_name(uint8_t state) {
    static const char *const names[] = {"waiting", "admitted", "refused", "retired"};
    return state < YW_COUNT(names) ? names[state] : "waiting";
}

bool yw_chars_fit(enum yw_charset chars, const char *text, size_t n) {
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)text[i];
        if (c < 0x20 || c == 0x7f) return false;
        if (chars == YW_CHARS_ANY) continue;
        if (c <= 0x20 || c > 0x7e) return false;
        bool plain = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
        if (chars == YW_CHARS_CODE && !plain && strchr("_-.", c) == NULL) return false;
    }
    return true;
}
