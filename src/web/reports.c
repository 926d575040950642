/* Reports: rates of a period, and one outlet's daily to yearly report, as JSON, PDF or .xlsx. */
#include "web/alarms.h"
#include "web/report_look.h"
#include "web/report_print.h"
#include "web/rules.h"
#include "web/web_int.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

static bool sees(void *arg, const struct yw_outlet *o) {
    const struct yw_request *q = arg;
    return yw_sees_outlet(q->reg, &q->session.user, o);
}

static void copy(char *to, size_t size, const char *from) {
    (void)yw_copy(to, size, from != NULL ? from : "", from != NULL ? strlen(from) : 0);
}

/* Whether no stage of it outlasted its limit. */
static bool in_time(const struct yw_alarm *a, const struct yw_stage_limits *limits) {
    struct yw_alarm_state s = {0};
    for (uint32_t i = 0; i < a->step_n; i++) {
        const struct yw_kept_step *k = &a->steps[i];
        struct yw_alarm_step step = {.kind = k->kind, .at = k->at};
        copy(step.by, sizeof step.by, k->by);
        copy(step.unit, sizeof step.unit, k->unit);
        copy(step.to_unit, sizeof step.to_unit, k->to_unit);
        copy(step.result, sizeof step.result, k->result);
        copy(step.text, sizeof step.text, k->text);
        if (yw_alarm_overdue(&s, limits, k->at)) return false;
        (void)yw_step_apply(&s, &step);
    }
    return true;
}

/* Exceedance alarms raised in the period. Those of the distant past and those whose verdict is gone asked
 * nothing of anybody. */
static void alarms(void *arg, int64_t from, int64_t to,
                   void (*each)(void *to, const struct yw_report_alarm *a), void *each_arg) {
    const struct yw_request *q = arg;
    const struct yw_alarms *book = q->web->alarms;
    struct yw_stage_limits limits;
    yw_alarm_limits_of(q->reg, &limits);
    for (size_t i = 0, n = yw_alarms_count(book); i < n; i++) {
        const struct yw_alarm *a = yw_alarms_at(book, i);
        if (a->episode.kind != YW_VERDICT_EXCEEDANCE || a->past || a->state.withdrawn || a->raised < from ||
            a->raised >= to)
            continue;
        bool closed = a->state.stage == YW_STAGE_CLOSED;
        each(each_arg, &(struct yw_report_alarm){.outlet = a->episode.outlet,
                                                 .closed = closed,
                                                 .in_time = closed && in_time(a, &limits)});
    }
}

/* "http://host:port" as the browser wrote it, so that what is printed leads back; "" if it is odd. */
static void base_of(const struct yw_request *q, char *out, size_t size) {
    const char *host = MHD_lookup_connection_value(q->connection, MHD_HEADER_KIND, "Host");
    bool plain = host != NULL && host[0] != '\0' && strlen(host) < 200;
    for (const char *c = host; plain && *c != '\0'; c++)
        plain = isalnum((unsigned char)*c) || strchr(".:-[]", *c) != NULL;
    snprintf(out, size, "%s%s", plain ? (q->secure ? "https://" : "http://") : "", plain ? host : "");
}

/* ---- asking ---- */

struct wish {
    struct yw_report_period period;
    char area[16];
    uint32_t enterprise;
    bool pdf, xlsx, english;
};

static bool read_wish(struct yw_request *q, struct wish *w) {
    const char *format = yw_query(q, "format"), *area = yw_query(q, "area"), *lang = yw_query(q, "lang");
    int64_t enterprise;
    struct yw_error err = {0};
    *w = (struct wish){.pdf = strcmp(format, "pdf") == 0,
                       .xlsx = strcmp(format, "xlsx") == 0,
                       .english = strcmp(lang, "en") == 0};
    if (yw_report_period_parse(yw_query(q, "period"), yw_query(q, "at"), q->now, &w->period, &err) != YW_OK) {
        (void)yw_problem(
            q, 400, "query",
            "period 应为 day、month、quarter 或 year，at 形如 2026-11-23、2026-11、2026-Q4、2026", err.text);
        return false;
    }
    bool good = (format[0] == '\0' || strcmp(format, "json") == 0 || w->pdf || w->xlsx) &&
                (lang[0] == '\0' || w->english || strcmp(lang, "zh") == 0) &&
                yw_query_i64(q, "enterprise", 0, UINT32_MAX, 0, &enterprise) &&
                yw_copy(w->area, sizeof w->area, area, strlen(area));
    if (!good) {
        (void)yw_problem(q, 400, "query",
                         "format 只能是 json、pdf 或 xlsx，lang 只能是 zh 或 en，area 为行政区代码",
                         "format is json, pdf or xlsx; lang is zh or en; area is the code of an area");
        return false;
    }
    w->enterprise = (uint32_t)enterprise;
    return true;
}

static enum yw_code open_source(struct yw_request *q, struct yw_report_source *s, struct yw_error *err) {
    bool authority = (q->session.user.role & (YW_ROLE_OPERATOR | YW_ROLE_OFFICER | YW_ROLE_LEADER)) != 0;
    *s = (struct yw_report_source){.reg = q->reg,
                                   .names = &q->web->factors,
                                   .now = q->now,
                                   .arg = q,
                                   .sees = sees,
                                   .alarms = authority ? alarms : NULL};
    s->rules = yw_web_rules(q->web, q->reg);
    if (s->rules == NULL) return yw_fail(err, YW_E_NOMEM, "out of memory");
    enum yw_code code = yw_judged_open(q->web->series, NULL, true, &s->judged, err);
    return code == YW_E_NOT_FOUND ? YW_OK : code; /* nothing was judged yet: an honest report of nothing */
}

/* ---- answering ---- */

static unsigned no_memory(struct yw_request *q) {
    return yw_problem(q, 500, "internal", "内存不足", "out of memory");
}

/* Takes the JSON over. */
static unsigned answer_json(struct yw_request *q, json_t *o) {
    char *text = o != NULL ? json_dumps(o, JSON_COMPACT | JSON_REAL_PRECISION(15)) : NULL;
    json_decref(o);
    bool kept = text != NULL && yw_buf_puts(&q->out, text);
    free(text);
    return kept ? 200 : no_memory(q);
}

static unsigned answer_print(struct yw_request *q, const struct wish *w, json_t *document) {
    char *text = document != NULL ? json_dumps(document, JSON_COMPACT | JSON_REAL_PRECISION(15)) : NULL;
    json_decref(document);
    if (text == NULL) return no_memory(q);
    struct yw_error err = {0};
    struct yw_buf made;
    yw_buf_init(&made, YW_PRINT_BYTES_MAX);
    enum yw_code code = yw_report_print_run(w->pdf ? "pdf" : "xlsx", text, strlen(text), &made, &err);
    free(text);
    if (code == YW_OK && !yw_buf_add(&q->out, made.data, made.len))
        code = yw_fail(&err, YW_E_LIMIT, "the print is too large");
    yw_buf_free(&made);
    if (code != YW_OK) return yw_problem_from(q, code, &err);
    q->content_type =
        w->pdf ? "application/pdf" : "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
    q->download = w->pdf ? "yanwu-report.pdf" : "yanwu-report.xlsx";
    return 200;
}

static unsigned serve(struct yw_request *q, uint32_t outlet) {
    struct wish w;
    if (!read_wish(q, &w)) return 400;
    char base[240];
    base_of(q, base, sizeof base);
    static const char *const domains[] = {
        [YW_DOMAIN_REAL] = "real", [YW_DOMAIN_TRAINING] = "training", [YW_DOMAIN_DEMO] = "demo"};
    struct yw_report_print print = {
        .installation = q->web->name,
        .domain = domains[q->web->config.domain],
        .by = q->session.user.display_name[0] != '\0' ? q->session.user.display_name : q->session.user.name,
        .base = base,
        .at = q->now,
        .english = w.english};
    struct yw_report_source s;
    struct yw_report_look l = {0};
    struct yw_error err = {0};
    bool prints = w.pdf || w.xlsx;
    json_t *made = NULL;
    /* The register is locked while it is listed what there is; counting and printing, which take longer, go
     * on without it. */
    q->reg = yw_acts_lock(q->web->acts);
    enum yw_code code = open_source(q, &s, &err);
    if (code == YW_OK && outlet != 0)
        code = yw_report_look_sheet(&s, &w.period, outlet, &l, &err);
    else if (code == YW_OK)
        code = yw_report_list_rates(&s, &w.period, w.area, w.enterprise, &l, &err);
    yw_acts_unlock(q->web->acts);
    q->reg = s.reg = NULL;
    s.rules = NULL;
    if (code == YW_OK && outlet != 0) {
        made = prints ? yw_report_sheet_document(&l.sheet, &print) : yw_report_sheet_json(&l.sheet);
    } else if (code == YW_OK) {
        code = yw_report_count_rates(&s, &l, &err);
        if (code == YW_OK)
            made = prints ? yw_report_rates_document(&l.rates, &print) : yw_report_rates_json(&l.rates);
    }
    yw_report_look_free(&l);
    if (s.judged != NULL) yw_judged_close(s.judged);
    if (code != YW_OK) return yw_problem_from(q, code, &err);
    return prints ? answer_print(q, &w, made) : answer_json(q, made);
}

YW_HANDLER(yw_get_report_rates) {
    return serve(q, 0);
}

YW_HANDLER(yw_get_report_outlet) {
    return serve(q, q->id);
}
