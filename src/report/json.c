/* Small pieces of JSON of reports: numbers, periods, rates, and where a number leads. */
#include "report/json_int.h"

#include <math.h>
#include <string.h>

void yw_json_f64(json_t *o, const char *key, double v) {
    (void)json_object_set_new(o, key, isfinite(v) ? json_real(v) : json_null());
}

void yw_json_text(json_t *o, const char *key, const char *text) {
    (void)json_object_set_new(o, key, json_string(text));
}

void yw_json_i64(json_t *o, const char *key, int64_t v) {
    (void)json_object_set_new(o, key, json_integer(v));
}

void yw_json_time(json_t *o, const char *key, int64_t micros) {
    (void)json_object_set_new(o, key, micros != 0 ? json_integer(micros / 1000) : json_null());
}

void yw_json_bool(json_t *o, const char *key, bool v) {
    (void)json_object_set_new(o, key, json_boolean(v));
}

void yw_report_door_outlet(const struct yw_report_period *p, uint32_t outlet, char *out, size_t size) {
    snprintf(out, size, "/reports/outlets/%u?period=%s&at=%s", outlet, yw_report_period_name(p->period),
             p->at);
}

void yw_report_door_area(const struct yw_report_period *p, const char *area, char *out, size_t size) {
    snprintf(out, size, "/reports?period=%s&at=%s&area=%s", yw_report_period_name(p->period), p->at, area);
}

void yw_report_door_enterprise(const struct yw_report_period *p, uint32_t enterprise, char *out,
                               size_t size) {
    snprintf(out, size, "/reports?period=%s&at=%s&enterprise=%u", yw_report_period_name(p->period), p->at,
             enterprise);
}

void yw_report_door_values(uint32_t outlet, uint8_t period, int64_t from, int64_t to, const char *factor,
                           char *out, size_t size) {
    bool hours = period <= YW_PERIOD_DAY; /* the chart then shows hours, else days */
    char at[40] = "";
    if (period == YW_PERIOD_HOUR && to - from == YW_HOUR) { /* one hour: in hand, within its day */
        snprintf(at, sizeof at, "&at=%lld", (long long)(from / 1000));
        from = yw_china_day_start(yw_china_day(from));
        to = from + YW_DAY;
    }
    snprintf(out, size, "/outlets/%u?kind=%s&from=%lld&to=%lld%s%s%s", outlet, hours ? "hour" : "day",
             (long long)(from / 1000), (long long)(to / 1000), at, factor[0] != '\0' ? "&factor=" : "",
             factor);
}

json_t *yw_report_period_json(const struct yw_report_period *p, int64_t now) {
    struct yw_report_period before, after;
    char zh[48];
    yw_report_period_step(p, -1, &before);
    yw_report_period_step(p, 1, &after);
    yw_report_period_title(p, false, zh, sizeof zh);
    json_t *o = json_object();
    yw_json_text(o, "period", yw_report_period_name(p->period));
    yw_json_text(o, "at", p->at);
    yw_json_text(o, "title_zh", zh);
    yw_json_text(o, "title_en", p->at);
    yw_json_time(o, "from", p->from);
    yw_json_time(o, "to", p->to);
    yw_json_bool(o, "over", p->to <= now);
    yw_json_text(o, "before", before.at);
    yw_json_text(o, "after", after.at);
    return o;
}

json_t *yw_report_count_json(const struct yw_report_count *c) {
    struct yw_report_rate r = yw_report_rate(c);
    json_t *o = json_object();
    yw_json_f64(o, "transmission", r.transmission);
    yw_json_f64(o, "validity", r.validity);
    yw_json_f64(o, "effective", r.effective);
    yw_json_i64(o, "due", yw_report_due(c));
    yw_json_i64(o, "valid", c->valid);
    yw_json_i64(o, "invalid", c->invalid);
    yw_json_i64(o, "missing", c->missing);
    yw_json_i64(o, "stopped", c->stopped);
    yw_json_i64(o, "spared", c->spared);
    return o;
}

json_t *yw_report_figures_json(const struct yw_report_figures *f, bool alarms) {
    json_t *o = yw_report_count_json(&f->count);
    yw_json_i64(o, "outlets", f->outlets);
    yw_json_i64(o, "networked", f->networked);
    yw_json_f64(o, "networking", yw_report_networking(f));
    static const char *const names[] = {"exceedances", "handled", "in_time"};
    const uint32_t values[] = {f->exceedances, f->handled, f->in_time};
    for (size_t i = 0; i < YW_COUNT(names); i++)
        (void)json_object_set_new(o, names[i], alarms ? json_integer(values[i]) : json_null());
    yw_json_f64(o, "handling", alarms ? yw_report_handling(f) : NAN);
    return o;
}
