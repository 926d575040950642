#include "judge/operation.h"

#include <math.h>
#include <string.h>

enum { STATE_ALARM = 4 }; /* of SBxxx-RS, HJ 212-2017 */

static unsigned minutes(uint64_t bits) {
    return (unsigned)__builtin_popcountll(bits);
}

/* The minutes of the hour that a record stands for. */
static uint64_t minutes_of(const struct yw_site *s, const struct yw_sample_record *r, int64_t hour) {
    uint64_t all = (UINT64_C(1) << 60) - 1;
    if (r->period == YW_PERIOD_HOUR) return all;
    unsigned at = (unsigned)((r->time - hour) / YW_MINUTE), n = s->minute_interval ? s->minute_interval : 1;
    return ((UINT64_C(1) << n) - 1) << at & all;
}

void yw_operation_hour(const struct yw_site *s, int64_t hour, const struct yw_sample_record *records,
                       size_t n, struct yw_unit_hour *out) {
    for (size_t u = 0; u < s->unit_n; u++) {
        struct yw_unit_hour *o = &out[u];
        *o = (struct yw_unit_hour){.hour = hour, .mean = NAN};
        int f = yw_site_factor(s, s->units[u].factor);
        double sum = 0;
        size_t count = 0;
        for (size_t i = 0; f >= 0 && i < n; i++) {
            double v = records[i].samples[f].avg;
            if (!isfinite(v) || records[i].time < hour || records[i].time >= hour + YW_HOUR) continue;
            uint64_t bits = minutes_of(s, &records[i], hour);
            o->known |= bits;
            if (v > s->units[u].running_above) o->running |= bits;
            if (s->units[u].records == YW_UNIT_FACILITY && v == STATE_ALARM) o->alarm |= bits;
            sum += v;
            count++;
        }
        if (count > 0) o->mean = sum / (double)count;
    }
}

void yw_operation_hold(const struct yw_site_unit *u, int64_t from, int64_t to, double value,
                       struct yw_unit_hour *hour) {
    if (from < hour->hour) from = hour->hour;
    if (to > hour->hour + YW_HOUR) to = hour->hour + YW_HOUR;
    if (from >= to || !isfinite(value)) return;
    unsigned first = (unsigned)((from - hour->hour) / YW_MINUTE);
    unsigned end = (unsigned)((to - hour->hour + YW_MINUTE - 1) / YW_MINUTE);
    uint64_t bits = ((UINT64_C(1) << end) - 1) & ~((UINT64_C(1) << first) - 1);
    double old = minutes(hour->known), more = minutes(bits & ~hour->known);
    if (old + more > 0) hour->mean = ((old > 0 ? hour->mean * old : 0) + value * more) / (old + more);
    hour->known |= bits;
    if (value > u->running_above) hour->running |= bits;
    if (u->records == YW_UNIT_FACILITY && value == STATE_ALARM) hour->alarm |= bits;
}

bool yw_operation_runtime(const struct yw_site_unit *u, double hours, double *value) {
    const double all = 23.99; /* devices round */
    if (!isfinite(hours) || (hours > 0 && hours < all)) return false;
    *value = hours > 0 ? u->running_above + 1 : u->running_above;
    return true;
}

int64_t yw_operation_hold_of(const struct yw_rules *rules, int32_t day, bool state) {
    const int64_t most = YW_OPERATION_HOLD_MOST_H * YW_HOUR;
    double held =
        yw_rules_value(rules, "operation.hold", day, state ? "state_minutes" : "value_minutes", 0, NULL) *
        (double)YW_MINUTE;
    return !(held > 0) ? 0 : held < (double)most ? (int64_t)held : most;
}

void yw_operation_states(const struct yw_rules *rules, const struct yw_site *s,
                         const struct yw_sample_record *records, size_t n, int64_t first, size_t n_hours,
                         struct yw_unit_hour *out) {
    for (size_t u = 0; u < s->unit_n; u++) {
        const struct yw_site_unit *unit = &s->units[u];
        int f = yw_site_factor(s, unit->factor);
        if (unit->records == YW_UNIT_VALUES || f < 0) continue;
        for (size_t h = 0; h < n_hours; h++)
            out[h * s->unit_n + u] = (struct yw_unit_hour){.hour = first + (int64_t)h * YW_HOUR, .mean = NAN};
        for (size_t i = 0, next; i < n; i = next) {
            double value = records[i].samples[f].avg;
            for (next = i + 1; next < n && !isfinite(records[next].samples[f].avg);) next++;
            int64_t from = records[i].time, day = yw_china_day_start(yw_china_day(from));
            int64_t to = from + yw_operation_hold_of(rules, yw_china_day(from), true);
            if (!isfinite(value)) continue;
            if (unit->records == YW_UNIT_RUNTIME) {
                if (!yw_operation_runtime(unit, value, &value)) continue;
                from = day;
                to = day + YW_DAY;
            } else if (next < n && records[next].time < to) {
                to = records[next].time;
            }
            for (int64_t h = from < first ? 0 : (from - first) / YW_HOUR; h < (int64_t)n_hours; h++) {
                if (first + h * YW_HOUR >= to) break;
                yw_operation_hold(unit, from, to, value, &out[(size_t)h * s->unit_n + u]);
            }
        }
    }
}

uint64_t yw_operation_without(const struct yw_site *s, const struct yw_unit_hour *hour, size_t t,
                              uint64_t *known) {
    const struct yw_site_unit *treatment = &s->units[t];
    const struct yw_unit_hour *still = &hour[t];
    uint64_t bits = 0;
    *known = 0;
    for (size_t p = 0; p < s->unit_n; p++) {
        const struct yw_site_unit *unit = &s->units[p];
        if (unit->treatment || (treatment->serves[0] != '\0' && strcmp(treatment->serves, unit->id) != 0))
            continue;
        *known |= hour[p].known & still->known;
        bits |= hour[p].running & still->known & ~still->running;
    }
    return bits;
}

/* What a verdict about a unit calls its factor. */
static int factor_of(const struct yw_site *s, size_t u) {
    int f = yw_site_factor(s, s->units[u].factor);
    return f >= 0 ? f : YW_UNIT_FACTOR + (int)u;
}

struct work {
    const struct yw_rules *rules;
    const struct yw_site *s;
    const struct yw_unit_hour *units;
    const struct yw_mean *hours;
    size_t n;
    int64_t first, from, now;
    const struct yw_judge_sink *sink;
    int flow, oxygen;  /* factors, -1 */
    double usual_flow; /* over all hours; NaN */
};

static const struct yw_unit_hour *unit_at(const struct work *w, size_t h, size_t u) {
    return &w->units[h * w->s->unit_n + u];
}

/* What came of a factor in an hour, valid or not: a stop mark takes the values out of the mean. */
static double came(const struct work *w, size_t h, int factor) {
    const struct yw_mean *m = &w->hours[h * w->s->factor_n + (size_t)factor];
    return isfinite(m->raw) ? m->raw : m->mean;
}

static int64_t time_of(const struct work *w, size_t h) {
    return w->first + (int64_t)h * YW_HOUR;
}

/* The hours of [from, to) that the stretch has and that are over. */
static void hours_of(const struct work *w, int64_t from, int64_t to, size_t *a, size_t *b) {
    if (to > w->now) to = w->now;
    int64_t end = w->first + (int64_t)w->n * YW_HOUR;
    if (from < w->first) from = w->first;
    if (to > end) to = end;
    *a = from >= to ? 0 : (size_t)((from - w->first + YW_HOUR - 1) / YW_HOUR);
    *b = from >= to ? 0 : (size_t)((to - w->first) / YW_HOUR);
    if (*b < *a) *b = *a;
}

static double figure(const struct work *w, const char *rule, int64_t t, const char *name, uint16_t *index) {
    return yw_rules_value(w->rules, rule, yw_china_day(t), name, NAN, index);
}

struct lead { /* what one comparison found */
    uint8_t kind;
    int factor;
    size_t a, b; /* hours from the first to behind the last that speak for it */
    double value, held;
    uint16_t rule;
    bool disputed;
};

static void emit(const struct work *w, const struct lead *l) {
    const struct yw_rule *rule = yw_rules_at(w->rules, l->rule);
    struct yw_verdict v = {.from = time_of(w, l->a),
                           .to = time_of(w, l->b),
                           .kind = l->kind,
                           .period = YW_PERIOD_HOUR,
                           .factor = l->factor < 0 ? 0xFF : (uint8_t)l->factor,
                           .confidence = rule ? rule->confidence : YW_CONF_UNKNOWN,
                           .counts = yw_rules_enabled(w->rules, l->rule),
                           .limit = YW_NO_RULE,
                           .rule = l->rule,
                           .value = l->value,
                           .held = l->held,
                           .multiple = NAN,
                           .oxygen = NAN,
                           .reference = NAN,
                           .measured = NAN,
                           .marking = l->disputed ? YW_MARKING_DISPUTED : YW_MARKING_NONE};
    if (v.to <= w->from || l->b <= l->a || !w->sink->verdict) return;
    if (!v.counts)
        v.reasons[v.reason_n++] =
            (struct yw_reason){.code = YW_REASON_RULE_OFF, .rule = l->rule, .figure = NAN};
    w->sink->verdict(w->sink->arg, &v);
}

/* ---- production beside treatment ---- */

/* One lead for each run of hours; value: minutes of production without treatment. */
static void judge_treatment(const struct work *w, size_t t) {
    struct lead l = {.kind = YW_VERDICT_POWER, .factor = factor_of(w->s, t)};
    for (size_t h = 0; h <= w->n; h++) {
        uint64_t known = 0, bits = h < w->n && time_of(w, h) < w->now
                                       ? yw_operation_without(w->s, unit_at(w, h, 0), t, &known)
                                       : 0;
        uint16_t rule = YW_NO_RULE;
        double least = figure(w, "operation.sync", time_of(w, h), "minutes", &rule);
        double need = figure(w, "operation.sync", time_of(w, h), "valid_minutes", NULL);
        if (minutes(bits) >= least && minutes(known) >= need) {
            if (l.value == 0) l.a = h;
            l.b = h + 1;
            l.rule = rule;
            l.held = least;
            l.value += minutes(bits);
        } else if (l.value > 0) {
            emit(w, &l);
            l.value = 0;
        }
    }
}

/* ---- stop marks ---- */

/* A mark holds if no later version of its id is there and it is not withdrawn. */
static bool holds(const struct yw_site *s, const struct yw_mark *m) {
    if (m->withdrawn) return false;
    for (size_t i = 0; i < s->mark_n; i++)
        if (s->marks[i].id == m->id && s->marks[i].version > m->version) return false;
    return true;
}

static bool is_stop(const struct yw_site *s, const struct yw_mark *m) {
    return m->is_condition && m->value == YW_COND_STOPPED && holds(s, m);
}

static bool is_marked_stopped(const struct work *w, size_t h) {
    for (size_t i = 0; i < w->s->mark_n; i++) {
        const struct yw_mark *m = &w->s->marks[i];
        if (m->is_condition && m->value == YW_COND_STOPPED && m->from < time_of(w, h) + YW_HOUR &&
            m->to > time_of(w, h) && holds(w->s, m))
            return true;
    }
    return false;
}

/* Mean of a factor over the hours of [a, b) that are not marked as stopped; *count: how many were known. */
static double usual(const struct work *w, int factor, size_t a, size_t b, size_t *count) {
    double sum = 0;
    *count = 0;
    for (size_t h = a; h < b; h++) {
        double v = came(w, h, factor);
        if (!isfinite(v) || is_marked_stopped(w, h)) continue;
        sum += v;
        ++*count;
    }
    return *count > 0 ? sum / (double)*count : NAN;
}

/* Hours of [a, b) in which the factor speaks against a stop: above (below: under) what it is held against. */
static void judge_factor(const struct work *w, struct lead l, int factor, size_t a, size_t b, double held,
                         bool below) {
    double sum = 0;
    size_t count = 0;
    for (size_t h = a; h < b; h++) {
        double v = came(w, h, factor);
        if (!isfinite(v) || (below ? !(v < held) : !(v > held))) continue;
        if (count++ == 0) l.a = h;
        l.b = h + 1;
        sum += v;
    }
    if (count == 0) return;
    l.factor = factor;
    l.value = sum / (double)count;
    l.held = held;
    emit(w, &l);
}

static void judge_units_still(const struct work *w, struct lead l, size_t a, size_t b, double least) {
    for (size_t u = 0; u < w->s->unit_n; u++) {
        if (w->s->units[u].treatment) continue;
        double sum = 0;
        size_t count = 0;
        for (size_t h = a; h < b; h++) {
            const struct yw_unit_hour *hour = unit_at(w, h, u);
            if (!(minutes(hour->running) >= least)) continue;
            if (count++ == 0) l.a = h;
            l.b = h + 1;
            sum += hour->mean;
        }
        if (count == 0) continue;
        l.factor = factor_of(w->s, u);
        l.value = sum / (double)count;
        l.held = w->s->units[u].running_above;
        emit(w, &l);
    }
}

static void judge_stop_mark(const struct work *w, const struct yw_mark *m) {
    struct lead l = {.kind = YW_VERDICT_STOP_MARK, .rule = YW_NO_RULE, .disputed = m->disputed};
    size_t a, b;
    hours_of(w, m->from, m->to, &a, &b);
    double least = figure(w, "operation.stop", m->from, "minutes", &l.rule);
    double share = figure(w, "operation.stop", m->from, "flow_share", NULL);
    double oxygen = figure(w, "operation.stop", m->from, "oxygen", NULL);
    judge_units_still(w, l, a, b, least);
    if (w->flow >= 0) judge_factor(w, l, w->flow, a, b, share * w->usual_flow, false);
    if (w->oxygen >= 0) judge_factor(w, l, w->oxygen, a, b, oxygen, true);
}

/* ---- plans of heavy-pollution days ---- */

/* Power of all production units in an hour; NaN: not known of all. */
static double power(const struct work *w, size_t h) {
    double sum = NAN;
    for (size_t u = 0; u < w->s->unit_n; u++) {
        /* states and hours are no power */
        if (w->s->units[u].treatment || w->s->units[u].records != YW_UNIT_VALUES) continue;
        double v = unit_at(w, h, u)->mean;
        if (!isfinite(v)) return NAN;
        sum = isnan(sum) ? v : sum + v;
    }
    return sum;
}

static double mean_power(const struct work *w, size_t a, size_t b, size_t *count) {
    double sum = 0;
    *count = 0;
    for (size_t h = a; h < b; h++) {
        double v = power(w, h);
        if (!isfinite(v) || is_marked_stopped(w, h)) continue;
        sum += v;
        ++*count;
    }
    return *count > 0 ? sum / (double)*count : NAN;
}

static void judge_plan(const struct work *w, const struct yw_stop_plan *p) {
    struct lead l = {.kind = YW_VERDICT_HEAVY_POLLUTION, .rule = YW_NO_RULE};
    size_t a, b, before, begin, known;
    hours_of(w, p->from, p->to, &a, &b);
    if (b <= a) return;
    double tolerance = figure(w, "operation.plan", p->from, "tolerance", &l.rule);
    double days = figure(w, "operation.plan", p->from, "days", NULL);
    double least = figure(w, "operation.plan", p->from, "least_hours", NULL);
    hours_of(w, p->from - (int64_t)(days * (double)YW_DAY), p->from, &begin, &before);
    l.a = a;
    l.b = b;
    if (p->stop) judge_units_still(w, l, a, b, figure(w, "operation.stop", p->from, "minutes", NULL));
    double used = mean_power(w, begin, before, &known);
    if (isfinite(p->power_share) && (double)known >= least) {
        size_t n;
        l.factor = -1;
        l.value = mean_power(w, a, b, &n);
        l.held = used * p->power_share;
        if (n > 0 && l.value > l.held * (1 + tolerance)) emit(w, &l);
    }
    if (w->flow < 0) return;
    used = usual(w, w->flow, begin, before, &known);
    double share = p->stop ? figure(w, "operation.stop", p->from, "flow_share", NULL) : p->flow_share;
    if (!isfinite(share) || (double)known < least) return;
    size_t n;
    l.factor = w->flow;
    l.value = usual(w, w->flow, a, b, &n);
    l.held = used * share;
    if (n > 0 && l.value > l.held * (1 + tolerance)) emit(w, &l);
}

void yw_operation_judge(const struct yw_rules *rules, const struct yw_site *s,
                        const struct yw_unit_hour *units, const struct yw_mean *hours, size_t n_hours,
                        int64_t first, int64_t from, int64_t now, const struct yw_judge_sink *sink) {
    bool water = yw_profile_is_water(s->profile);
    struct work w = {.rules = rules,
                     .s = s,
                     .units = units,
                     .hours = hours,
                     .n = n_hours,
                     .first = first,
                     .from = from,
                     .now = now,
                     .sink = sink,
                     .flow = yw_site_role(s, water ? YW_ROLE_WATER_FLOW : YW_ROLE_GAS_FLOW),
                     .oxygen = yw_profile_is_gas(s->profile) ? yw_site_role(s, YW_ROLE_OXYGEN) : -1};
    size_t known;
    w.usual_flow = w.flow >= 0 ? usual(&w, w.flow, 0, n_hours, &known) : NAN;
    for (size_t t = 0; t < s->unit_n; t++)
        if (s->units[t].treatment) judge_treatment(&w, t);
    for (size_t i = 0; i < s->mark_n; i++)
        if (is_stop(s, &s->marks[i])) judge_stop_mark(&w, &s->marks[i]);
    for (size_t i = 0; i < s->plan_n; i++) judge_plan(&w, &s->plans[i]);
}
