/* What the judge said, for the routes: means, verdicts, tallies of an outlet, one verdict, how far the judge
 * is. */
#include "web/web_int.h"

#include "pipeline/pipeline.h"
#include "web/judgement.h"
#include "web/rules.h"

#include <string.h>

enum { MEANS_MOST = 20000, VERDICTS_MOST = 5000, TALLIES_MOST = 5000 };
#define MILLISECOND 1000

struct listing {
    struct yw_request *q;
    const struct yw_rules *rules;
    const char *factors; /* "": all */
    size_t n, most;
    bool more;
};

static const struct yw_put_style *style_of(uint32_t outlet, struct yw_put_style *style) {
    *style = (struct yw_put_style){.outlet = outlet, .tick = MILLISECOND};
    return style;
}

/* The members of an object written elsewhere, after those that are written already. */
static void put_members(struct yw_buf *b, const struct yw_buf *object) {
    if (object->failed || object->len < 2) {
        b->failed = true;
        return;
    }
    if (object->len > 2) {
        yw_buf_putc(b, ',');
        yw_buf_add(b, object->data + 1, object->len - 2);
    }
}

static bool in_list(const char *list, const char *code) {
    size_t n = strlen(code);
    for (const char *at = list; (at = strstr(at, code)) != NULL; at += n) {
        bool begins = at == list || at[-1] == ',';
        if (begins && (at[n] == '\0' || at[n] == ',')) return true;
    }
    return false;
}

struct yw_judged *yw_web_judged_open(struct yw_request *q, unsigned *status) {
    struct yw_error err = {0};
    struct yw_judged *j = NULL;
    enum yw_code code = yw_judged_open(q->web->series, NULL, true, &j, &err);
    if (code == YW_E_NOT_FOUND)
        *status = yw_problem(q, 503, "not_judged", "尚未生成初判结果，请稍后再试",
                             "nothing was judged yet: try again later");
    else if (code != YW_OK)
        *status = yw_problem_from(q, code, &err);
    return j;
}

static bool range_of(struct yw_request *q, struct yw_judged_filter *f, int64_t days) {
    int64_t from, to, far = INT64_MAX / 1000 - 1, now = q->now / 1000;
    if (!yw_query_i64(q, "from", -far, far, now - days * 86400000, &from) ||
        !yw_query_i64(q, "to", -far, far, now + 86400000, &to) || from >= to)
        return false;
    f->outlet = q->id;
    f->from = from * 1000;
    f->to = to * 1000;
    return true;
}

static void open_answer(struct listing *l, const struct yw_judged_filter *f, const char *name) {
    struct yw_buf *b = &l->q->out;
    yj_open(b, '{');
    yj_put_i64(b, "outlet", f->outlet);
    yj_put_i64(b, "from", f->from / 1000);
    yj_put_i64(b, "to", f->to / 1000);
    yj_key(b, name);
    yj_open(b, '[');
}

static unsigned close_answer(struct listing *l, enum yw_code code, const struct yw_error *err) {
    struct yw_buf *b = &l->q->out;
    if (code != YW_OK) {
        yw_buf_clear(b);
        return yw_problem_from(l->q, code, err);
    }
    yj_close(b, ']');
    yj_put_bool(b, "more", l->more);
    yj_close(b, '}');
    return 200;
}

static bool room_for_one(struct listing *l) {
    l->more = l->n == l->most;
    return !l->more;
}

/* Before an object that is written by other means than yj_open. */
static void next_object(struct listing *l) {
    if (l->n++ > 0) yw_buf_putc(&l->q->out, ',');
}

/* ---- means ---- */

static bool put_mean(void *arg, const struct yw_judged_mean *m) {
    struct listing *l = arg;
    struct yw_judged_mean one = *m;
    struct yw_put_style style;
    struct yw_site site;
    if (l->factors[0] != '\0' && !in_list(l->factors, m->factor)) return true;
    if (!room_for_one(l)) return false;
    next_object(l);
    yw_judged_mean_site(&one, &site);
    yw_put_mean(&l->q->out, l->rules, &site, &one.mean, style_of(m->outlet, &style));
    return true;
}

YW_HANDLER(yw_get_means) {
    struct yw_judged_filter f = {.period = YW_PERIOD_HOUR};
    struct yw_error err = {0};
    unsigned status = 200;
    const char *period = yw_query(q, "period");
    if ((period[0] != '\0' && !yw_period_parse(period, &f.period)) || !range_of(q, &f, 2))
        return yw_problem(q, 400, "query", "period、from 或 to 不正确", "period, from or to is wrong");
    struct yw_judged *j = yw_web_judged_open(q, &status);
    if (j == NULL) return status;
    struct listing l = {
        .q = q, .rules = yw_web_rules(q->web, q->reg), .factors = yw_query(q, "factors"), .most = MEANS_MOST};
    open_answer(&l, &f, "means");
    enum yw_code code = l.rules ? yw_judged_means(j, &f, put_mean, &l, &err)
                                : yw_fail(&err, YW_E_NOMEM, "no memory for the rules");
    yw_judged_close(j);
    return close_answer(&l, code, &err);
}

/* ---- verdicts ---- */

void yw_put_judged_verdict(struct yw_request *q, const struct yw_rules *rules,
                           const struct yw_judged_verdict *v) {
    struct yw_judged_verdict one = *v;
    struct yw_put_style style;
    struct yw_site site;
    struct yw_buf object;
    yw_buf_init(&object, 64 << 10);
    yw_judged_verdict_site(&one, &site);
    yw_put_verdict(&object, rules, &site, &one.verdict, style_of(v->outlet, &style));
    yj_open(&q->out, '{');
    yj_put_text(&q->out, "number", v->number);
    yj_put_bool(&q->out, "gone", v->gone);
    put_members(&q->out, &object);
    yw_buf_free(&object);
}

static bool put_verdict(void *arg, const struct yw_judged_verdict *v) {
    struct listing *l = arg;
    if (!room_for_one(l)) return false;
    l->n++;
    yw_put_judged_verdict(l->q, l->rules, v);
    yw_buf_putc(&l->q->out, '}');
    return true;
}

YW_HANDLER(yw_get_verdicts) {
    struct yw_judged_filter f = {0};
    struct yw_error err = {0};
    unsigned status = 200;
    const char *kind = yw_query(q, "kind");
    if ((kind[0] != '\0' && !yw_verdict_parse(kind, &f.kind)) || !range_of(q, &f, 31))
        return yw_problem(q, 400, "query", "kind、from 或 to 不正确", "kind, from or to is wrong");
    f.with_gone = strcmp(yw_query(q, "gone"), "1") == 0;
    struct yw_judged *j = yw_web_judged_open(q, &status);
    if (j == NULL) return status;
    struct listing l = {.q = q, .rules = yw_web_rules(q->web, q->reg), .most = VERDICTS_MOST};
    open_answer(&l, &f, "verdicts");
    enum yw_code code = l.rules ? yw_judged_verdicts(j, &f, put_verdict, &l, &err)
                                : yw_fail(&err, YW_E_NOMEM, "no memory for the rules");
    yw_judged_close(j);
    return close_answer(&l, code, &err);
}

struct found {
    struct yw_judged_verdict verdict;
    bool there;
};

static bool keep_verdict(void *arg, const struct yw_judged_verdict *v) {
    struct found *f = arg;
    f->verdict = *v;
    f->there = true;
    return false;
}

struct mean_found {
    struct yw_request *q;
    const struct yw_rules *rules;
    bool there;
};

static bool put_its_mean(void *arg, const struct yw_judged_mean *m) {
    struct mean_found *f = arg;
    struct yw_judged_mean one = *m;
    struct yw_put_style style;
    struct yw_site site;
    yw_judged_mean_site(&one, &site);
    yw_put_mean(&f->q->out, f->rules, &site, &one.mean, style_of(m->outlet, &style));
    f->there = true;
    return false;
}

static bool keep_source(void *arg, const struct yw_row *row) {
    struct yw_row *kept = arg;
    if (kept->source.arrival == 0 || yw_row_counts_over(row, kept)) *kept = *row;
    return true;
}

/* The device's own record of the hour, else the last record that came for it: the bytes behind it. */
static void put_packet(struct yw_request *q, const struct yw_verdict *v) {
    static const enum yw_kind kinds[] = {YW_KIND_HOUR, YW_KIND_MINUTE, YW_KIND_REAL};
    struct yw_row row = {0};
    int64_t to = v->to - v->from > YW_HOUR ? v->from + YW_HOUR : v->to;
    struct yw_store *store = yw_web_store_take(q->web, NULL);
    for (size_t i = 0; store != NULL && i < YW_COUNT(kinds) && row.source.arrival == 0; i++)
        (void)yw_store_sqlite.rows(store, q->id, kinds[i], v->from, to, keep_source, &row, NULL);
    yw_web_store_give(q->web, store, true);
    yj_key(&q->out, "packet");
    if (row.source.arrival == 0) {
        yj_null(&q->out);
        return;
    }
    yj_open(&q->out, '{');
    yj_put_text(&q->out, "kind", yw_kind_name((enum yw_kind)row.kind));
    yj_put_time(&q->out, "time", row.time);
    yw_put_journal(&q->out, row.source.journal);
    yj_key(&q->out, "position");
    yj_u64_text(&q->out, row.source.position);
    yj_close(&q->out, '}');
}

YW_HANDLER(yw_get_verdict) {
    struct yw_error err = {0};
    unsigned status = 200;
    struct found found = {0};
    struct yw_judged *j = yw_web_judged_open(q, &status);
    if (j == NULL) return status;
    const struct yw_rules *rules = yw_web_rules(q->web, q->reg);
    const struct yw_judged_filter f = {
        .outlet = q->id, .number = q->params[0], .from = INT64_MIN, .with_gone = true};
    enum yw_code code = rules ? yw_judged_verdicts(j, &f, keep_verdict, &found, &err)
                              : yw_fail(&err, YW_E_NOMEM, "no memory for the rules");
    if (code == YW_OK && !found.there) {
        yw_judged_close(j);
        return yw_problem(q, 404, "not_found", "没有这条初判", "there is no such verdict");
    }
    if (code == YW_OK) {
        const struct yw_judged_verdict *v = &found.verdict;
        const struct yw_judged_filter of_mean = {.outlet = v->outlet,
                                                 .factor = v->factor,
                                                 .period = v->verdict.period,
                                                 .from = v->verdict.from,
                                                 .to = v->verdict.from + 1};
        struct mean_found mean = {q, rules, false};
        yw_put_judged_verdict(q, rules, v);
        yj_key(&q->out, "mean");
        if (v->verdict.period != 0) code = yw_judged_means(j, &of_mean, put_its_mean, &mean, &err);
        if (!mean.there) yj_null(&q->out);
        put_packet(q, &v->verdict);
        yj_close(&q->out, '}');
    }
    yw_judged_close(j);
    if (code == YW_OK) return 200;
    yw_buf_clear(&q->out);
    return yw_problem_from(q, code, &err);
}

/* ---- tallies ---- */

static bool put_tally(void *arg, const struct yw_judged_tally *t) {
    struct listing *l = arg;
    struct yw_judged_tally one = *t;
    struct yw_put_style style;
    struct yw_site site;
    if (!room_for_one(l)) return false;
    next_object(l);
    yw_judged_tally_site(&one, &site);
    yw_put_tally(&l->q->out, l->rules, &site, &one.row, style_of(t->outlet, &style));
    return true;
}

YW_HANDLER(yw_get_tallies) {
    struct yw_judged_filter f = {0};
    struct yw_error err = {0};
    unsigned status = 200;
    const char *period = yw_query(q, "period");
    if ((period[0] != '\0' && !yw_period_parse(period, &f.period)) || !range_of(q, &f, 366))
        return yw_problem(q, 400, "query", "period、from 或 to 不正确", "period, from or to is wrong");
    struct yw_judged *j = yw_web_judged_open(q, &status);
    if (j == NULL) return status;
    struct listing l = {.q = q, .rules = yw_web_rules(q->web, q->reg), .most = TALLIES_MOST};
    open_answer(&l, &f, "tallies");
    enum yw_code code = l.rules ? yw_judged_tallies(j, &f, put_tally, &l, &err)
                                : yw_fail(&err, YW_E_NOMEM, "no memory for the rules");
    yw_judged_close(j);
    return close_answer(&l, code, &err);
}

/* ---- how far the judge is ---- */

struct outlets_judged {
    int64_t n, until;
};

static bool count_outlet(void *arg, const struct yw_judged_outlet *o) {
    struct outlets_judged *c = arg;
    c->n++;
    if (o->until > c->until) c->until = o->until;
    return true;
}

YW_HANDLER(yw_get_judge_state) {
    struct yw_buf *b = &q->out;
    struct outlets_judged outlets = {0};
    char digest[17] = "", rules[17] = "";
    struct yw_judged *j = NULL;
    int64_t version = 0, change = 0;
    if (yw_judged_open(q->web->series, NULL, true, &j, NULL) == YW_OK) {
        yw_judged_digest(j, digest);
        version = yw_judged_mark(j, YW_JUDGED_REGISTER);
        change = yw_judged_change(j);
        (void)yw_judged_outlets(j, count_outlet, &outlets, NULL);
        yw_judged_close(j);
    }
    yw_rules_digest(yw_web_rules_plain(q->web), rules);
    const struct yw_pipeline_live *live = yw_pipeline_live_open(q->web->data, NULL);
    yj_open(b, '{');
    yj_put_text_or_null(b, "judged_by", digest);
    yj_put_text(b, "rules", rules);
    yj_put_bool(b, "same_rules", strcmp(digest, rules) == 0);
    yj_put_i64(b, "register_version", version);
    yj_put_i64(b, "register_now", yw_register_version(q->reg));
    yj_put_i64(b, "outlets", outlets.n);
    yj_put_time(b, "until", outlets.until);
    yj_put_i64(b, "change", change);
    yj_key(b, "behind");
    if (live != NULL)
        yj_i64(b, (int64_t)live->counter[YW_PL_JUDGE_BEHIND]);
    else
        yj_null(b);
    yj_put_i64(b, "hours", live != NULL ? (int64_t)live->counter[YW_PL_JUDGED] : 0);
    yj_close(b, '}');
    if (live != NULL) yw_pipeline_live_close(live);
    return 200;
}
