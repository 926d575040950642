/* print: results as JSON lines, the same off line and in the API. */
#include <math.h>
#include <string.h>

#include "judge/judge.h"
#include "judge/operation.h"

struct out { /* one object being written */
    struct yw_buf *b;
    const struct yw_rules *rules;
    const struct yw_site *site;
    struct yw_put_style how;
    bool some;
};

static void key(struct out *o, const char *name) {
    yw_buf_printf(o->b, "%s\"%s\":", o->some ? "," : "", name);
    o->some = true;
}

static void text(struct out *o, const char *name, const char *value) {
    if (o->how.compact && value[0] == '\0') return;
    key(o, name);
    yw_buf_json(o->b, value, strlen(value));
}

static void number(struct out *o, const char *name, double value) {
    if (!isfinite(value)) {
        if (o->how.compact) return;
        key(o, name);
        yw_buf_puts(o->b, "null");
        return;
    }
    key(o, name);
    yw_buf_printf(o->b, "%.10g", value == 0 ? 0 : value); /* no -0 */
}

/* A float has seven digits; more would be made up. */
static void single(struct out *o, const char *name, float value) {
    char digits[32];
    double v = NAN;
    snprintf(digits, sizeof digits, "%.7g", (double)value);
    yw_parse_f64(digits, strlen(digits), &v);
    number(o, name, v);
}

static void yes(struct out *o, const char *name, bool value) {
    if (o->how.compact && !value) return;
    key(o, name);
    yw_buf_puts(o->b, value ? "true" : "false");
}

static void time_of(struct out *o, const char *name, int64_t t) {
    key(o, name);
    if (o->how.tick > 0) {
        yw_buf_printf(o->b, "%lld", (long long)(t / o->how.tick));
        return;
    }
    char iso[40];
    yw_time_text(t, iso);
    yw_buf_printf(o->b, "\"%s\"", iso);
}

static void rule(struct out *o, const char *name, uint16_t r) {
    if (o->how.compact && r == YW_NO_RULE) return;
    key(o, name);
    yw_put_rule_brief(o->b, o->rules, r);
}

static struct out begin(struct yw_buf *b, const struct yw_rules *r, const struct yw_site *s,
                        const struct yw_put_style *how, const char *line) {
    struct out o = {.b = b, .rules = r, .site = s};
    if (how) o.how = *how;
    yw_buf_putc(b, '{');
    text(&o, "line", line);
    if (o.how.outlet != 0)
        number(&o, "outlet", (double)o.how.outlet);
    else
        text(&o, "site", s->id);
    return o;
}

const char *yw_mean_unit(const struct yw_site_factor *f) {
    return f->ppm ? "mg/m3" : f->unit;
}

/* A result of the whole outlet has no factor. unit NULL: that of the factor. */
static void factor(struct out *o, uint8_t i, const char *unit) {
    if (i != 0xFF && i >= YW_UNIT_FACTOR && (size_t)(i - YW_UNIT_FACTOR) < o->site->unit_n) {
        const struct yw_site_unit *u = &o->site->units[i - YW_UNIT_FACTOR];
        text(o, "factor", u->factor);
        text(o, "name", u->name);
        text(o, "unit", unit ? unit : "");
        return;
    }
    if (i >= o->site->factor_n) {
        if (o->how.compact) return;
        key(o, "factor");
        yw_buf_puts(o->b, "null");
        if (unit) text(o, "unit", unit);
        return;
    }
    const struct yw_site_factor *f = &o->site->factors[i];
    text(o, "factor", f->code);
    text(o, "name", f->name);
    text(o, "unit", unit ? unit : yw_mean_unit(f));
}

const char *yw_verdict_unit(uint8_t kind) {
    switch (kind) {
    case YW_VERDICT_MISSING:
    case YW_VERDICT_CONSTANT:
    case YW_VERDICT_OVERDUE_CHECK:
    case YW_VERDICT_MAINTENANCE_LONG:
    case YW_VERDICT_FAULT_LONG:
        return "h";
    case YW_VERDICT_TEMPERATURE:
    case YW_VERDICT_SHARE:
        return "1";
    case YW_VERDICT_CAPTURE:
        return "%";
    case YW_VERDICT_AMOUNT:
        return "t";
    case YW_VERDICT_POWER:
        return "min";
    case YW_VERDICT_CHECK_FAILED:
        return ""; /* as the check's line says in `measure` */
    default:
        return NULL;
    }
}

static void reasons(struct out *o, const struct yw_reason *list, size_t n) {
    if (o->how.compact && n == 0) return;
    key(o, "reasons");
    yw_buf_putc(o->b, '[');
    for (size_t i = 0; i < n && i < YW_REASONS; i++) {
        const struct yw_word *w = yw_reason_word(list[i].code);
        if (i > 0) yw_buf_putc(o->b, ',');
        yw_buf_putc(o->b, '{');
        struct out one = *o;
        one.some = false;
        text(&one, "code", w->name);
        text(&one, "zh", w->zh);
        text(&one, "en", w->en);
        single(&one, "figure", list[i].figure);
        rule(&one, "rule", list[i].rule);
        yw_buf_putc(o->b, '}');
    }
    yw_buf_putc(o->b, ']');
}

static const char *line_of(uint8_t period) {
    static const char *const lines[] = {"",    "minute", "block",   "hour", "8h",
                                        "day", "month",  "quarter", "year"};
    return period < YW_COUNT(lines) ? lines[period] : "";
}

void yw_put_mean(struct yw_buf *b, const struct yw_rules *r, const struct yw_site *s, const struct yw_mean *m,
                 const struct yw_put_style *how) {
    struct out o = begin(b, r, s, how, line_of(m->period));
    factor(&o, m->factor, NULL);
    text(&o, "period", yw_period_name(m->period));
    time_of(&o, "from", m->from);
    time_of(&o, "to", m->to);
    text(&o, "validity", yw_validity_word(m->validity)->name);
    text(&o, "marking", yw_marking_word(m->marking)->name);
    text(&o, "condition", yw_condition_word(m->condition)->name);
    text(&o, "equipment", yw_equipment_word(m->equipment)->name);
    yes(&o, "judged", m->judged);
    yes(&o, "transient", m->transient);
    yes(&o, "exempt", m->exempt);
    yes(&o, "as_sent", m->as_sent);
    number(&o, "due", m->due);
    number(&o, "valid", m->valid);
    number(&o, "raw", m->raw);
    number(&o, "mean", m->mean);
    number(&o, "converted", m->converted);
    number(&o, "sent", m->sent);
    number(&o, "sent_converted", m->sent_converted);
    single(&o, "min", m->min);
    single(&o, "max", m->max);
    number(&o, "flow_m3", m->flow_m3);
    number(&o, "emission_kg", m->emission_kg);
    number(&o, "replaced_kg", m->replaced_kg);
    rule(&o, "replaced_rule", isnan(m->replaced_kg) ? YW_NO_RULE : m->replaced_rule);
    reasons(&o, m->reasons, m->reason_n);
    yw_buf_putc(b, '}');
}

static void put_limit(struct out *o, uint16_t i) {
    if (i >= o->site->limit_n) {
        if (o->how.compact) return;
        key(o, "limit");
        yw_buf_puts(o->b, "null");
        return;
    }
    const struct yw_site_limit *l = &o->site->limits[i];
    key(o, "limit");
    yw_buf_putc(o->b, '{');
    struct out one = *o;
    one.some = false;
    number(&one, "value", l->value);
    number(&one, "low", l->value_low);
    text(&one, "unit", l->unit);
    text(&one, "period", yw_period_name(l->period));
    text(&one, "basis", yw_basis_name(l->basis));
    text(&one, "source", l->source);
    text(&one, "confidence", yw_confidence_name(l->confidence));
    yes(&one, "converted", l->converted);
    number(&one, "share", l->share);
    yw_buf_putc(o->b, '}');
}

/* As many decimals as a person would write for a concentration. */
static int decimals(double v) {
    double a = fabs(v);
    return a >= 10 ? 1 : a >= 1 ? 2 : 3;
}

/* "62.0 × (21 − 6) ÷ (21 − 7.2) = 67.4", and only where that is how the value was made. */
static void working(struct out *o, const struct yw_verdict *v) {
    char line[128] = "";
    int32_t day = yw_china_day(v->from);
    double air = yw_rules_value(o->rules, "hj75.convert", day, "air", NAN, NULL);
    double made = v->measured * (air - v->reference) / (air - v->oxygen);
    if (v->converted && isfinite(made) && fabs(made - v->value) <= 1e-6 * fabs(made)) {
        snprintf(line, sizeof line, "%.*f × (%g − %g) ÷ (%g − %.4g) = %.*f", decimals(v->measured),
                 v->measured, air, v->reference, air, v->oxygen, decimals(v->value), v->value);
    }
    if (line[0] != '\0') {
        text(o, "working", line);
    } else if (!o->how.compact) {
        key(o, "working");
        yw_buf_puts(o->b, "null");
    }
}

/* An exceedance carries the standing sentence; everything else is at least preliminary. */
static void statement(struct out *o, uint8_t kind) {
    bool standing = kind == YW_VERDICT_EXCEEDANCE || kind == YW_VERDICT_SHARE ||
                    kind == YW_VERDICT_TEMPERATURE || kind == YW_VERDICT_AMOUNT;
    text(o, "statement_zh", standing ? yw_standing_zh : "系统初判，须经执法人员核实");
    text(o, "statement_en",
         standing ? yw_standing_en : "Preliminary: to be verified by enforcement officers");
}

void yw_put_verdict(struct yw_buf *b, const struct yw_rules *r, const struct yw_site *s,
                    const struct yw_verdict *v, const struct yw_put_style *how) {
    const struct yw_word *w = yw_verdict_word(v->kind);
    struct out o = begin(b, r, s, how, "verdict");
    text(&o, "kind", w->name);
    text(&o, "zh", w->zh);
    text(&o, "en", w->en);
    factor(&o, v->factor, yw_verdict_unit(v->kind));
    text(&o, "period", yw_period_name(v->period));
    time_of(&o, "from", v->from);
    time_of(&o, "to", v->to);
    number(&o, "value", v->value);
    yes(&o, "converted", v->converted);
    put_limit(&o, v->limit);
    text(&o, "basis", yw_basis_name(v->basis));
    number(&o, "held", v->held);
    number(&o, "multiple", v->multiple);
    number(&o, "oxygen", v->oxygen);
    number(&o, "measured", v->measured);
    working(&o, v);
    text(&o, "marking", yw_marking_word(v->marking)->name);
    key(&o, "counts"); /* always there: whether it may be held against somebody */
    yw_buf_puts(b, v->counts ? "true" : "false");
    text(&o, "confidence", yw_confidence_name(v->confidence));
    rule(&o, "rule", v->rule);
    reasons(&o, v->reasons, v->reason_n);
    statement(&o, v->kind);
    yw_buf_putc(b, '}');
}

void yw_put_tally(struct yw_buf *b, const struct yw_rules *r, const struct yw_site *s,
                  const struct yw_tally_row *t, const struct yw_put_style *how) {
    struct out o = begin(b, r, s, how, "tally");
    factor(&o, t->factor, NULL);
    text(&o, "period", yw_period_name(t->period));
    time_of(&o, "from", t->from);
    time_of(&o, "to", t->to);
    number(&o, "hours", t->hours);
    number(&o, "stopped", t->stopped);
    number(&o, "invalid", t->invalid);
    number(&o, "lost", t->lost);
    number(&o, "valid", t->valid);
    number(&o, "capture", t->capture);
    number(&o, "budget60_h", t->budget60_h);
    number(&o, "budget700_h", t->budget700_h);
    number(&o, "maintenance_h", t->maintenance_h);
    number(&o, "emission_t", t->emission_t);
    number(&o, "replaced_t", t->replaced_t);
    number(&o, "permitted_t", t->permitted_t);
    yw_buf_putc(b, '}');
}

void yw_put_check(struct yw_buf *b, const struct yw_rules *r, const struct yw_site *s,
                  const struct yw_check *c, const struct yw_check_result *result,
                  const struct yw_put_style *how) {
    struct out o = begin(b, r, s, how, "check");
    int i = yw_site_factor(s, c->factor);
    text(&o, "factor", c->factor);
    text(&o, "name", i >= 0 ? s->factors[i].name : "");
    text(&o, "kind", yw_check_kind_name(c->kind));
    time_of(&o, "time", c->time);
    number(&o, "reading", c->reading);
    number(&o, "nominal", c->nominal);
    number(&o, "full_scale", c->full_scale);
    number(&o, "pairs", c->pair_n);
    if (c->said >= 0 || !o.how.compact) {
        key(&o, "said");
        yw_buf_puts(b, c->said < 0 ? "null" : c->said ? "true" : "false");
    }
    yes(&o, "known", result->known);
    key(&o, "passed");
    yw_buf_puts(b, result->passed ? "true" : "false");
    yes(&o, "differs", result->differs);
    yes(&o, "out_of_control", result->out_of_control);
    number(&o, "error", result->error);
    number(&o, "allowed", result->allowed);
    text(&o, "measure", result->measure);
    text(&o, "confidence", yw_confidence_name(result->confidence));
    rule(&o, "rule", result->rule);
    yw_buf_putc(b, '}');
}

void yw_put_unit_hour(struct yw_buf *b, const struct yw_site *s, size_t unit, const struct yw_unit_hour *u,
                      const struct yw_put_style *how) {
    const struct yw_site_unit *of = &s->units[unit];
    struct out o = begin(b, NULL, s, how, "unit");
    text(&o, "unit", of->id);
    text(&o, "name", of->name);
    text(&o, "factor", of->factor);
    yes(&o, "treatment", of->treatment);
    time_of(&o, "from", u->hour);
    time_of(&o, "to", u->hour + YW_HOUR);
    number(&o, "known", __builtin_popcountll(u->known));
    number(&o, "running", __builtin_popcountll(u->running));
    number(&o, "alarm", __builtin_popcountll(u->alarm));
    number(&o, "mean", u->mean);
    yw_buf_putc(b, '}');
}

void yw_put_rule_brief(struct yw_buf *b, const struct yw_rules *r, uint16_t index) {
    const struct yw_rule *at = yw_rules_at(r, index);
    if (at == NULL) {
        yw_buf_puts(b, "null");
        return;
    }
    yw_buf_putc(b, '{');
    struct out o = {.b = b, .rules = r};
    text(&o, "id", at->id);
    text(&o, "title_zh", at->title_zh);
    text(&o, "title_en", at->title_en);
    text(&o, "standard", at->standard);
    text(&o, "edition", at->edition);
    text(&o, "clause", at->clause);
    text(&o, "confidence", yw_confidence_name(at->confidence));
    yes(&o, "enabled", at->enabled);
    yw_buf_putc(b, '}');
}
