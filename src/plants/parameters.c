/* parameters: time-outs, clock, alarm limits, report time, intervals, password; start and stop of what the
 * device sends by itself. */
#include "plants/responder_int.h"

#include <math.h>
#include <string.h>

enum { AREA = 512 };

/* ---- time-outs (1000), warn time (1001 of 2005) ---- */

int yw_on_patience(struct yw_responder *r, const struct yw_ask *ask) {
    uint32_t overtime, recount;
    if (!yw_ask_number(ask, "OverTime", 1, 99, &overtime) || !yw_ask_number(ask, "ReCount", 0, 99, &recount))
        return YW_EXE_CONDITION;
    r->memory.overtime_s = overtime, r->memory.recount = recount;
    return YW_EXE_DONE;
}

int yw_on_warn_time(struct yw_responder *r, const struct yw_ask *ask) {
    return yw_ask_number(ask, "WarnTime", 0, 99999, &r->memory.warn_s) ? YW_EXE_DONE : YW_EXE_CONDITION;
}

/* ---- clock (1011, 1012): of the logger, or of an instrument ---- */

int yw_on_clock_get(struct yw_responder *r, const struct yw_ask *ask) {
    char area[AREA];
    hj212_writer w;
    int factor = yw_ask_factor(ask, r->scenario);
    if (factor == -2) return YW_EXE_CONDITION;
    hj212_writer_init(&w, area, sizeof area);
    int64_t time = ask->clock;
    if (factor >= 0) {
        time += r->instruments[factor].clock_us;
        hj212_put(&w, NULL, "PolId", yw_plant_name(&r->scenario->factors[factor]));
    }
    yw_put_time14(&w, "SystemTime", time);
    return yw_responder_answer(r, ask, &w);
}

bool yw_clock_makes_sense(int64_t time) {
    static const int64_t from = 10957 * YW_DAY, to = 47482 * YW_DAY; /* 2000 to 2099 */
    return time >= from && time < to;
}

int yw_on_clock_set(struct yw_responder *r, const struct yw_ask *ask) {
    int64_t time;
    int factor = yw_ask_factor(ask, r->scenario);
    if (factor == -2 || !yw_ask_time(ask, "SystemTime", &time) || !yw_clock_makes_sense(time))
        return YW_EXE_CONDITION;
    if (factor >= 0) {
        r->instruments[factor].clock_us = time - ask->clock;
        return YW_EXE_DONE;
    }
    r->memory.clock_offset_us = time - ask->now;
    r->memory.clock_since = ask->now;
    r->face->last_qn_ms = 0; /* QN follows the clock, also back */
    yw_responder_note(r, time, YW_TEXT_CLOCK_SET);
    return YW_EXE_DONE;
}

/* ---- alarm limits, alarm target, report time (2005) ---- */

static void put_limit(hj212_writer *w, const struct yw_plant_factor *f, const char *field, double value) {
    if (!isnan(value))
        hj212_put_decimal(w, yw_plant_name(f), field,
                          (hj212_decimal){yw_plant_rounded(value, f->digits), (uint8_t)f->digits});
}

int yw_on_limits_get(struct yw_responder *r, const struct yw_ask *ask) {
    char area[AREA];
    hj212_writer w;
    hj212_iterator it;
    hj212_item item;
    bool asked[YW_PLANT_FACTORS_MAX] = {false}, any = false;
    hj212_items(&it, ask->packet->cp);
    while (hj212_next(&it, &item)) {
        if (item.field.n != 5 || memcmp(item.field.p, "PolId", 5) != 0) continue;
        int factor = yw_factor_named(r->scenario, item.value);
        if (factor < 0) return YW_EXE_CONDITION;
        asked[factor] = any = true;
    }
    hj212_writer_init(&w, area, sizeof area);
    for (size_t i = 0; i < r->scenario->factor_count; i++) {
        if (any && !asked[i]) continue;
        put_limit(&w, &r->scenario->factors[i], "LowValue", r->instruments[i].low);
        put_limit(&w, &r->scenario->factors[i], "UpValue", r->instruments[i].up);
    }
    return w.n ? yw_responder_answer(r, ask, &w) : YW_EXE_NO_DATA;
}

int yw_on_limits_set(struct yw_responder *r, const struct yw_ask *ask) {
    hj212_iterator it;
    hj212_item item;
    struct yw_instrument next[YW_PLANT_FACTORS_MAX];
    uint32_t changed = 0;
    memcpy(next, r->instruments, sizeof next);
    hj212_items(&it, ask->packet->cp);
    while (hj212_next(&it, &item)) {
        bool low = item.field.n == 8 && memcmp(item.field.p, "LowValue", 8) == 0;
        bool up = item.field.n == 7 && memcmp(item.field.p, "UpValue", 7) == 0;
        if (!low && !up) continue;
        int factor = item.code.p ? yw_factor_named(r->scenario, item.code) : -1;
        double value;
        if (factor < 0 || !yw_parse_f64(item.value.p, item.value.n, &value)) return YW_EXE_CONDITION;
        *(low ? &next[factor].low : &next[factor].up) = value;
        changed++;
    }
    if (!changed) return YW_EXE_CONDITION;
    memcpy(r->instruments, next, sizeof next);
    return YW_EXE_DONE;
}

int yw_on_target_get(struct yw_responder *r, const struct yw_ask *ask) {
    char area[AREA];
    hj212_writer w;
    hj212_writer_init(&w, area, sizeof area);
    hj212_put(&w, NULL, "AlarmTarget", r->memory.target);
    return yw_responder_answer(r, ask, &w);
}

int yw_on_target_set(struct yw_responder *r, const struct yw_ask *ask) {
    char text[sizeof r->memory.target];
    if (!yw_ask_text(ask, "AlarmTarget", text, sizeof text)) return YW_EXE_CONDITION;
    memcpy(r->memory.target, text, sizeof text);
    return YW_EXE_DONE;
}

int yw_on_report_get(struct yw_responder *r, const struct yw_ask *ask) {
    char area[AREA], text[8];
    hj212_writer w;
    hj212_writer_init(&w, area, sizeof area);
    snprintf(text, sizeof text, "%04u", r->memory.report % 10000);
    hj212_put(&w, NULL, "ReportTime", text);
    return yw_responder_answer(r, ask, &w);
}

int yw_on_report_set(struct yw_responder *r, const struct yw_ask *ask) {
    uint32_t report;
    if (!yw_ask_number(ask, "ReportTime", 0, 2359, &report) || report % 100 > 59) return YW_EXE_CONDITION;
    r->memory.report = report;
    return YW_EXE_DONE;
}

/* ---- intervals ---- */

static int answer_number(struct yw_responder *r, const struct yw_ask *ask, const char *field, int64_t value) {
    char area[AREA];
    hj212_writer w;
    hj212_writer_init(&w, area, sizeof area);
    yw_put_number(&w, NULL, field, value);
    return yw_responder_answer(r, ask, &w);
}

int yw_on_realtime_interval_get(struct yw_responder *r, const struct yw_ask *ask) {
    return answer_number(r, ask, "RtdInterval", r->memory.realtime_s);
}

int yw_on_realtime_interval_set(struct yw_responder *r, const struct yw_ask *ask) {
    uint32_t seconds;
    if (!yw_ask_number(ask, "RtdInterval", 30, 3600, &seconds)) return YW_EXE_CONDITION;
    r->memory.realtime_s = seconds;
    r->scenario->realtime_s = seconds;
    yw_responder_note(r, ask->clock, YW_TEXT_INTERVAL_SET);
    return YW_EXE_DONE;
}

int yw_on_minute_interval_get(struct yw_responder *r, const struct yw_ask *ask) {
    return answer_number(r, ask, "MinInterval", r->memory.minute_s / 60);
}

int yw_on_minute_interval_set(struct yw_responder *r, const struct yw_ask *ask) {
    uint32_t minutes;
    if (!yw_ask_number(ask, "MinInterval", 1, 30, &minutes) || 60 % minutes) return YW_EXE_CONDITION;
    r->memory.minute_s = minutes * 60;
    r->scenario->minute_s = minutes * 60;
    yw_responder_note(r, ask->clock, YW_TEXT_INTERVAL_SET);
    return YW_EXE_DONE;
}

/* ---- password: 9012 still goes with the old one ---- */

int yw_on_password(struct yw_responder *r, const struct yw_ask *ask) {
    char text[16];
    if (!yw_ask_text(ask, "NewPW", text, sizeof text) && !yw_ask_text(ask, "PW", text, sizeof text))
        return YW_EXE_CONDITION;
    if (strlen(text) != 6) return YW_EXE_CONDITION;
    memcpy(r->pw_next, text, sizeof text);
    yw_responder_note(r, ask->clock, YW_TEXT_PASSWORD_SET);
    return YW_EXE_DONE;
}

/* ---- start and stop ---- */

int yw_on_realtime(struct yw_responder *r, const struct yw_ask *ask) {
    if (hj212_cp_field(ask->packet->cp, "BeginTime").p) return yw_on_recall(r, ask);
    r->memory.realtime_on = true;
    return YW_EXE_DONE;
}

int yw_on_realtime_stop(struct yw_responder *r, const struct yw_ask *ask) {
    YW_UNUSED(ask);
    r->memory.realtime_on = false;
    return YW_EXE_DONE;
}

int yw_on_facility(struct yw_responder *r, const struct yw_ask *ask) {
    YW_UNUSED(ask);
    if (!r->scenario->facility[0]) return YW_EXE_NO_DATA;
    r->memory.facility_on = true;
    return YW_EXE_DONE;
}

int yw_on_facility_stop(struct yw_responder *r, const struct yw_ask *ask) {
    YW_UNUSED(ask);
    r->memory.facility_on = false;
    return YW_EXE_DONE;
}
