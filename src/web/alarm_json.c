/* Alarms as the API shows them, in words and figures. */
#include "web/alarms.h"

#include "web/marks.h"
#include "web/policies.h"
#include "web/web_int.h"

#include <math.h>
#include <string.h>

static const char *period_en(uint8_t period) {
    static const char *const names[] = {
        "",           "minute mean", "5-minute mean", "hourly mean", "8-hour mean",
        "daily mean", "month",       "quarter",       "year"};
    return period < YW_COUNT(names) ? names[period] : "";
}

/* "3 h 12 min" */
static void span_text(int64_t span, char *to, size_t size) {
    long long minutes = span > 0 ? (long long)(span / YW_MINUTE) : 0, hours = minutes / 60, days = hours / 24;
    if (days > 0) {
        snprintf(to, size, "%lld d %lld h", days, hours % 24);
    } else if (hours > 0) {
        snprintf(to, size, "%lld h %lld min", hours, minutes % 60);
    } else {
        snprintf(to, size, "%lld min", minutes);
    }
}

static void exceedance(const struct yw_alarm *a, const char *zh_name, const char *en_name, char *zh, char *en,
                       size_t size) {
    const struct yw_episode *e = &a->episode;
    const char *basis_zh = a->converted ? "折算" : "", *basis_en = a->converted ? "converted " : "";
    char more_zh[64] = "", more_en[64] = "";
    if (!isnan(e->multiple)) {
        snprintf(more_zh, sizeof more_zh, "，超标 %.2f 倍", e->multiple);
        snprintf(more_en, sizeof more_en, ", %.2f times over", e->multiple);
    }
    snprintf(zh, size, "%s %s%s %.4g / %.4g %s%s", zh_name, basis_zh, yw_period_zh(e->period), e->worst,
             e->held, a->measure, more_zh);
    snprintf(en, size, "%s %s%s %.4g / %.4g %s%s", en_name, basis_en, period_en(e->period), e->worst, e->held,
             a->measure, more_en);
}

void yw_alarm_text(struct yw_web *w, const struct yw_alarm *a, int64_t now, char *zh, char *en, size_t size) {
    const struct yw_episode *e = &a->episode;
    const struct yw_factor_name *f = e->factor[0] != '\0' ? yw_factor_name(&w->factors, e->factor) : NULL;
    const char *zh_name = f != NULL ? f->name_zh : e->factor, *en_name = f != NULL ? f->name_en : e->factor;
    const struct yw_word *kind = yw_verdict_word(e->kind);
    char span[40], figures[80] = "";
    span_text((e->open && e->kind == YW_VERDICT_SILENT ? now : e->to) - e->from, span, sizeof span);
    if (e->kind == YW_VERDICT_EXCEEDANCE) {
        exceedance(a, zh_name, en_name, zh, en, size);
        return;
    }
    if (e->kind == YW_VERDICT_CLOCK && !isnan(e->worst)) {
        snprintf(zh, size, "%s %.0f s，限度 %.0f s", kind->zh, e->worst, e->held);
        snprintf(en, size, "%s: %.0f s, limit %.0f s", kind->en, e->worst, e->held);
        return;
    }
    if (!isnan(e->worst) && !isnan(e->held))
        snprintf(figures, sizeof figures, " %.4g / %.4g %s", e->worst, e->held, a->measure);
    snprintf(zh, size, "%s%s%s %s%s", zh_name, zh_name[0] != '\0' ? " " : "", kind->zh, span, figures);
    snprintf(en, size, "%s%s%s %s%s", en_name, en_name[0] != '\0' ? " " : "", kind->en, span, figures);
}

static void put_outlet(struct yw_buf *b, const struct yw_register *r, uint32_t id) {
    const struct yw_outlet *o = yw_register_outlet(r, id);
    const struct yw_enterprise *e = o != NULL ? yw_register_enterprise(r, o->enterprise) : NULL;
    yj_key(b, "outlet");
    yj_open(b, '{');
    yj_put_i64(b, "id", id);
    yj_put_text(b, "code", o != NULL ? o->code : "");
    yj_put_text(b, "name", o != NULL ? o->name : "");
    yj_close(b, '}');
    yj_key(b, "enterprise");
    yj_open(b, '{');
    yj_put_i64(b, "id", e != NULL ? e->id : 0);
    yj_put_text(b, "name", e != NULL ? e->name : "");
    yj_put_text(b, "short_name", e != NULL ? e->short_name : "");
    yj_close(b, '}');
}

static void put_episode(struct yw_buf *b, struct yw_web *w, const struct yw_alarm *a) {
    const struct yw_episode *e = &a->episode;
    const struct yw_word *kind = yw_verdict_word(e->kind);
    const struct yw_factor_name *f = e->factor[0] != '\0' ? yw_factor_name(&w->factors, e->factor) : NULL;
    yj_put_text(b, "kind", kind->name);
    yj_put_text(b, "kind_zh", kind->zh);
    yj_put_text(b, "kind_en", kind->en);
    yj_put_i64(b, "severity", e->severity);
    yj_put_text_or_null(b, "factor", e->factor);
    yj_put_text_or_null(b, "factor_zh", f != NULL ? f->name_zh : e->factor);
    yj_put_text_or_null(b, "factor_en", f != NULL ? f->name_en : e->factor);
    yj_put_text_or_null(b, "period", yw_period_name(e->period));
    yj_put_text_or_null(b, "basis", yw_basis_name(e->basis));
    yj_put_time(b, "from", e->from);
    yj_put_time(b, "to", e->to);
    yj_put_bool(b, "open", e->open);
    yj_put_i64(b, "points", e->points);
    yj_put_f64(b, "value", e->worst);
    yj_put_f64(b, "held", e->held);
    yj_put_f64(b, "multiple", e->multiple);
    yj_put_time(b, "worst_at", e->worst_at);
    yj_put_text(b, "unit", a->measure);
    yj_put_bool(b, "converted", a->converted);
    yj_put_text_or_null(b, "verdict", a->verdict);
}

static void put_result(struct yw_buf *b, const char *result) {
    const struct yw_word *w = result[0] != '\0' ? yw_result_word(result) : NULL;
    yj_put_text_or_null(b, "result", result);
    yj_put_text_or_null(b, "result_zh", w != NULL ? w->zh : "");
    yj_put_text_or_null(b, "result_en", w != NULL ? w->en : "");
}

static void put_state(struct yw_buf *b, const struct yw_register *r, const struct yw_alarm *a, int64_t now) {
    const struct yw_alarm_state *s = &a->state;
    struct yw_stage_limits limits;
    yw_alarm_limits_of(r, &limits);
    yj_put_text(b, "stage", yw_stage_name(s->stage));
    yj_put_text(b, "stage_zh", yw_alarm_stage_zh(r, s->stage));
    yj_put_text(b, "stage_en", yw_stage_word(s->stage)->en);
    yj_put_i64(b, "stage_n", s->stage);
    yj_put_time(b, "since", s->since);
    yj_put_time(b, "due", yw_alarm_due(s, &limits));
    yj_put_bool(b, "overdue", yw_alarm_overdue(s, &limits, now));
    yj_put_bool(b, "returned", s->returned);
    yj_put_bool(b, "urged", s->urged);
    yj_put_bool(b, "withdrawn", s->withdrawn);
    yj_put_bool(b, "past", a->past);
    yj_put_text_or_null(b, "home", s->home);
    yj_put_text_or_null(b, "home_zh", yw_unit_name(r, s->home));
    yj_put_text_or_null(b, "handler", s->handler);
    yj_put_text_or_null(b, "handler_zh", yw_unit_name(r, s->handler));
    yj_put_text_or_null(b, "turn", s->unit);
    yj_put_text_or_null(b, "unit_zh", yw_unit_name(r, s->unit));
    put_result(b, s->result);
}

void yw_put_alarm(struct yw_buf *b, struct yw_web *w, const struct yw_register *r, const struct yw_alarm *a,
                  int64_t now) {
    char zh[320], en[320];
    yw_alarm_text(w, a, now, zh, en, sizeof zh);
    yj_put_text(b, "number", a->number);
    yj_put_time(b, "raised", a->raised);
    put_outlet(b, r, a->episode.outlet);
    put_episode(b, w, a);
    yj_put_text(b, "text_zh", zh);
    yj_put_text(b, "text_en", en);
    put_state(b, r, a, now);
    yj_put_i64(b, "steps_n", a->step_n);
}

void yw_alarm_person(struct yw_request *q, const char *by, struct yw_said_by *out) {
    char name[65];
    bool platform = strcmp(by, YW_ALARM_PLATFORM) == 0;
    yw_person_name(q, platform ? "" : by, name);
    const char *zh = platform ? "系统" : name[0] != '\0' ? name : by;
    const char *en = platform ? "platform" : zh;
    (void)yw_copy(out->zh, sizeof out->zh, zh, strlen(zh));
    (void)yw_copy(out->en, sizeof out->en, en, strlen(en));
}

void yw_put_alarm_steps(struct yw_request *q, const struct yw_alarm *a) {
    struct yw_buf *b = &q->out;
    const struct yw_register *r = q->reg;
    struct yw_said_by by;
    yj_key(b, "steps");
    yj_open(b, '[');
    for (uint32_t i = 0; i < a->step_n; i++) {
        const struct yw_kept_step *s = &a->steps[i];
        const struct yw_word *w = yw_step_word(s->kind);
        yj_open(b, '{');
        yj_put_text(b, "kind", w->name);
        yj_put_text(b, "zh", w->zh);
        yj_put_text(b, "en", w->en);
        yj_put_time(b, "at", s->at);
        yw_alarm_person(q, s->by, &by);
        yj_put_text(b, "by", s->by);
        yj_put_text(b, "by_name", by.zh);
        yj_put_text(b, "by_name_en", by.en);
        yj_put_text_or_null(b, "unit", s->unit);
        yj_put_text_or_null(b, "unit_zh", yw_unit_name(r, s->unit));
        yj_put_text_or_null(b, "to_unit", s->to_unit);
        yj_put_text_or_null(b, "to_unit_zh", yw_unit_name(r, s->to_unit));
        put_result(b, s->result);
        yj_put_text(b, "text", s->text);
        yj_close(b, '}');
    }
    yj_close(b, ']');
}

void yw_alarm_tell(struct yw_web *w, const struct yw_register *r, const struct yw_alarm *a, uint8_t step) {
    struct yw_buf b;
    if (w->hub == NULL) return;
    yw_buf_init(&b, 16 << 10);
    yw_buf_puts(&b, "event: alarm\ndata: ");
    yw_buf_putc(&b, '{');
    yj_put_text_or_null(&b, "step", step < YW_STEP_COUNT ? yw_step_name(step) : "");
    yw_put_alarm(&b, w, r, a, yw_now());
    yw_buf_puts(&b, "}\n\n");
    yw_live_tell(w->hub, r, &b, yw_register_outlet(r, a->episode.outlet));
    yw_buf_free(&b);
}
