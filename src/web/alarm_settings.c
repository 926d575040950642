/* What the installation's policies say about alarms. */
#include "web/alarms.h"

#include "web/policies.h"
#include "web/web_int.h"

#include <math.h>
#include <string.h>

/* "alarm_" and the kind's name, with _ for -. */
static int64_t severity_of(const struct yw_register *r, uint8_t kind) {
    char name[YW_POLICY_NAME];
    snprintf(name, sizeof name, "alarm_%s", yw_verdict_word(kind)->name);
    for (char *p = name; *p != '\0'; p++) {
        if (*p == '-') *p = '_';
    }
    return yw_policy_of(r, name);
}

bool yw_alarm_of_quality(uint8_t kind) {
    return kind == YW_VERDICT_MISSING || kind == YW_VERDICT_CONSTANT || kind == YW_VERDICT_OVER_RANGE ||
           kind == YW_VERDICT_IMPOSSIBLE || kind == YW_VERDICT_NEEDS_PROOF;
}

void yw_alarm_rule_of(const struct yw_register *r, uint8_t kind, double multiple, struct yw_alarm_rule *out) {
    bool quality = yw_alarm_of_quality(kind);
    out->end_after = yw_policy_of(r, "alarm_end_min") * YW_MINUTE;
    out->join = yw_policy_of(r, quality ? "alarm_quality_join_min" : "alarm_join_min") * YW_MINUTE;
    out->points = kind == YW_VERDICT_EXCEEDANCE ? (uint32_t)yw_policy_of(r, "alarm_points") : 1;
    int64_t severity = severity_of(r, kind);
    if (kind == YW_VERDICT_EXCEEDANCE && severity > 0 && severity < YW_SEVERITY_URGENT && !isnan(multiple) &&
        multiple * 100 >= (double)yw_policy_of(r, "alarm_urgent_pct"))
        severity = YW_SEVERITY_URGENT;
    out->severity = (uint8_t)severity;
}

void yw_alarm_limits_of(const struct yw_register *r, struct yw_stage_limits *out) {
    for (uint8_t s = 0; s < YW_STAGE_COUNT; s++) {
        char name[YW_POLICY_NAME];
        snprintf(name, sizeof name, "alarm_limit_%s_min", yw_stage_name(s));
        out->limit[s] = s == YW_STAGE_CLOSED ? 0 : yw_policy_of(r, name) * YW_MINUTE;
    }
}

const char *yw_alarm_stage_zh(const struct yw_register *r, uint8_t stage) {
    char name[YW_POLICY_NAME];
    snprintf(name, sizeof name, "stage_%s", yw_stage_name(stage));
    return yw_register_policy_text(r, name, yw_stage_word(stage)->zh);
}
