/* Filings: what was measured, checked, reported and done at an outlet beside what its devices send. The
 * authority files its own measurements, the unit all else; either amends its own alone. */
#include "web/marks.h"

#include <math.h>
#include <string.h>

enum { LIST_MOST = 500, SIDE_UNIT = 2 /* roles up to this are the unit's */ };

static uint8_t role_of(const struct yw_request *q) {
    switch (q->session.user.role) {
    case YW_ROLE_ENTERPRISE:
        return 1;
    case YW_ROLE_MAINTAINER:
        return 2;
    case YW_ROLE_OFFICER:
        return 3;
    default:
        return 4;
    }
}

bool yw_may_file(const struct yw_request *q, uint8_t kind, const struct yw_filing_row *old) {
    bool unit = yw_is_unit(q);
    if (old != NULL && (old->role <= SIDE_UNIT) != unit) return false;
    if (unit) return kind != YW_FILING_ENFORCEMENT;
    return kind == YW_FILING_ENFORCEMENT || kind == YW_FILING_COMPARISON || kind == YW_FILING_STANDARD;
}

/* ---- looking ---- */

struct listing {
    struct yw_request *q;
    uint64_t before;
    int64_t limit;
    size_t n;
    uint64_t last;
    bool more;
};

static bool put_one(void *arg, const struct yw_filing_row *f) {
    struct listing *l = arg;
    if (f->head.id >= l->before) return true;
    if (l->n == (size_t)l->limit) {
        l->more = true;
        return false;
    }
    l->n++;
    l->last = f->head.id;
    yw_put_filing_row(l->q, f);
    return true;
}

YW_HANDLER(yw_get_filings) {
    struct listing l = {.q = q};
    int64_t from, to, before;
    uint8_t kind = 0;
    const char *word = yw_query(q, "kind");
    if (!yw_query_span(q, &from, &to)) return 400;
    if ((word[0] != '\0' && !yw_filing_kind_parse(word, &kind)) ||
        !yw_query_i64(q, "before", 1, INT64_MAX, INT64_MAX, &before) ||
        !yw_query_i64(q, "limit", 1, LIST_MOST, 200, &l.limit))
        return yw_problem(q, 400, "query", "kind、before 或 limit 不正确", "kind, before or limit is wrong");
    l.before = (uint64_t)before;
    bool withdrawn = strcmp(yw_query(q, "withdrawn"), "1") == 0;
    yj_open(&q->out, '{');
    yj_key(&q->out, "filings");
    yj_open(&q->out, '[');
    yw_register_filings(q->reg, q->id, kind, from, to, withdrawn, put_one, &l);
    yj_close(&q->out, ']');
    yj_key(&q->out, "next");
    l.more ? yj_i64(&q->out, (int64_t)l.last) : yj_null(&q->out);
    yj_close(&q->out, '}');
    return 200;
}

static unsigned put_filing(struct yw_request *q) {
    const struct yw_filing_row *v[YW_FILING_VERSIONS_MAX];
    size_t n = yw_register_filing_versions(q->reg, q->thing, v, YW_COUNT(v));
    yj_open(&q->out, '{');
    yj_key(&q->out, "filing");
    yw_put_filing_row(q, v[0]);
    yj_key(&q->out, "versions");
    yj_open(&q->out, '[');
    for (size_t i = n; i > 0; i--) yw_put_filing_row(q, v[i - 1]);
    yj_close(&q->out, ']');
    yj_close(&q->out, '}');
    return 200;
}

YW_HANDLER(yw_get_filing) {
    return put_filing(q);
}

/* ---- what a body says ---- */

struct wish {
    struct yw_filing_row filing;
    char text[YW_FILING_TEXT_MAX + 1], document[YW_FILING_DOCUMENT_MAX + 1];
    char by_name[YW_FILING_BY_NAME_MAX + 1], state[YW_FILING_STATE_MAX + 1], reason[YW_REASON_BYTES + 1];
    char evidence[YW_MARK_EVIDENCE_MAX * 65];
};

static bool wrong(struct yw_request *q, const char *name, const char *zh, const char *en) {
    char text[160];
    snprintf(text, sizeof text, "%s: %s", name, en);
    (void)yw_problem(q, 422, name, zh, text);
    return false;
}

static bool read_number(struct yw_request *q, const json_t *o, const char *name, double *to) {
    const json_t *v = json_object_get(o, name);
    if (v == NULL) return true;
    if (json_is_null(v)) {
        *to = NAN;
        return true;
    }
    if (!json_is_number(v) || !(fabs(json_number_value(v)) <= 1e12))
        return wrong(q, name, "应为数字", "a number or null");
    *to = json_number_value(v);
    return true;
}

static bool read_numbers(struct yw_request *q, const json_t *o, const char *name, double to[YW_CHECK_PAIRS],
                         size_t *n) {
    const json_t *array = json_object_get(o, name);
    if (array == NULL) return true;
    *n = json_array_size(array);
    bool good = json_is_array(array) && *n <= YW_CHECK_PAIRS;
    for (size_t i = 0; good && i < *n; i++) {
        const json_t *v = json_array_get(array, i);
        good = json_is_number(v) && fabs(json_number_value(v)) <= 1e12;
        to[i] = json_number_value(v);
    }
    return good || wrong(q, name, "应为数字的数组，最多 16 个", "an array of at most 16 numbers");
}

static bool read_numbers_all(struct yw_request *q, const json_t *o, struct yw_filing_row *f) {
    size_t reference = f->pair_n, measured = f->pair_n;
    const json_t *passed = json_object_get(o, "passed");
    if (!read_number(q, o, "reading", &f->reading) || !read_number(q, o, "nominal", &f->nominal) ||
        !read_number(q, o, "full_scale", &f->full_scale) ||
        !read_numbers(q, o, "reference", f->reference, &reference) ||
        !read_numbers(q, o, "measured", f->measured, &measured))
        return false;
    if (reference != measured)
        return wrong(q, "measured", "应与 reference 个数相同", "as many numbers as in reference");
    f->pair_n = (uint8_t)reference;
    if (passed != NULL && !json_is_boolean(passed) && !json_is_null(passed))
        return wrong(q, "passed", "只能是 true、false 或 null", "true, false or null");
    if (passed != NULL) f->passed = json_is_null(passed) ? -1 : json_is_true(passed) ? 1 : 0;
    return true;
}

static bool read_text(struct yw_request *q, const json_t *o, const char *name, char *to, size_t size,
                      const char **member) {
    if (json_object_get(o, name) == NULL) return true; /* as it was */
    *member = to;
    return yw_member_text(q, o, name, to, size);
}

static bool read_evidence(struct yw_request *q, const json_t *o, struct wish *w) {
    const char *digests[YW_MARK_EVIDENCE_MAX];
    size_t n;
    if (json_object_get(o, "evidence") == NULL) return true;
    if (!yw_member_evidence(q, o, digests, &n)) return false;
    size_t at = 0;
    for (size_t i = 0; i < n; i++)
        at +=
            (size_t)snprintf(w->evidence + at, sizeof w->evidence - at, "%s%s", i > 0 ? " " : "", digests[i]);
    w->filing.evidence = w->evidence;
    return true;
}

static bool read_wish(struct yw_request *q, const json_t *o, const struct yw_filing_row *old,
                      struct wish *w) {
    struct yw_filing_row *f = &w->filing;
    const char *kind = json_string_value(json_object_get(o, "kind"));
    const json_t *factor = json_object_get(o, "factor");
    if (old != NULL) *f = *old;
    if (old == NULL)
        *f = (struct yw_filing_row){.passed = -1, .reading = NAN, .nominal = NAN, .full_scale = NAN};
    if (kind != NULL ? !yw_filing_kind_parse(kind, &f->kind) : old == NULL)
        return wrong(q, "kind", "请给出类别", "one of the kinds of filings");
    if (old != NULL && f->kind != old->kind) return wrong(q, "kind", "类别不能修改", "cannot change");
    if (!yw_member_time(q, o, "from", old != NULL ? &old->from : NULL, &f->from) ||
        !yw_member_time(q, o, "to", old != NULL ? &old->to : &f->from, &f->to))
        return false;
    f->from -= f->from % YW_SECOND;
    f->to -= f->to % YW_SECOND;
    if (f->to < f->from || f->to - f->from > 400 * YW_DAY)
        return wrong(q, "to", "早于开始时间，或相差超过 400 天",
                     "must not lie before from, nor over 400 days behind");
    if (factor != NULL && !json_is_null(factor)) {
        const char *code = json_string_value(factor);
        if (code == NULL || strlen(code) >= sizeof f->factor ||
            strspn(code, "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ") != strlen(code))
            return wrong(q, "factor", "不是因子编码", "a factor's code of at most 12 letters and digits");
        memset(f->factor, 0, sizeof f->factor);
        memcpy(f->factor, code, strlen(code));
    }
    if (f->kind <= YW_FILING_VERIFICATION && f->factor[0] == '\0')
        return wrong(q, "factor", "监测和核查应写明因子", "a measurement or check names its factor");
    if (!read_numbers_all(q, o, f) || !read_text(q, o, "text", w->text, sizeof w->text, &f->text) ||
        !read_text(q, o, "document", w->document, sizeof w->document, &f->document) ||
        !read_text(q, o, "by_name", w->by_name, sizeof w->by_name, &f->by_name) ||
        !read_text(q, o, "state", w->state, sizeof w->state, &f->state) || !read_evidence(q, o, w))
        return false;
    if (f->kind == YW_FILING_MANUAL && isnan(f->reading))
        return wrong(q, "reading", "手工监测应填写结果", "a manual result has a value");
    if (f->kind >= YW_FILING_STOP_REPORT && (f->text == NULL || f->text[0] == '\0'))
        return wrong(q, "text", "请写明内容", "say what happened or was done");
    return true;
}

static unsigned commit(struct yw_request *q, struct yw_filing_row *f, const char *reason) {
    struct yw_buf act;
    struct yw_act a = {.by = q->session.user.name, .at = q->now, .reason = reason};
    f->role = role_of(q);
    yw_buf_init(&act, YW_THING_ACT_MAX);
    (void)yw_act_filing_put(&act, &a, f);
    q->thing = f->head.id;
    unsigned status = yw_commit_thing(q, &act);
    yw_buf_free(&act);
    return status == 200 ? put_filing(q) : status;
}

static unsigned not_yours(struct yw_request *q) {
    return yw_problem(q, 403, "kind", "您的角色不能登记或修改这类记录",
                      "your role may not file or amend records of this kind");
}

YW_HANDLER(yw_post_filing) {
    struct wish w = {0};
    json_t *o = yw_body_json(q);
    if (o == NULL) return 400;
    q->reg = yw_acts_lock_alone(q->web->acts);
    unsigned status = read_wish(q, o, NULL, &w) ? 200 : 422;
    if (status == 200 && !yw_may_file(q, w.filing.kind, NULL)) status = not_yours(q);
    if (status == 200) {
        w.filing.head = (struct yw_version){
            .id = yw_register_next_filing(q->reg), .outlet = q->id, .version = 1, .at = q->now};
        status = commit(q, &w.filing, NULL);
    }
    yw_acts_unlock(q->web->acts);
    json_decref(o);
    return status;
}

static unsigned amend(struct yw_request *q, const json_t *o, bool withdraw) {
    struct wish w = {0};
    const struct yw_filing_row *old = yw_register_filing(q->reg, q->thing);
    const json_t *version = json_object_get(o, "version");
    if (!yw_member_reason(q, o, w.reason)) return 422;
    if (!yw_may_file(q, old->kind, old)) return not_yours(q);
    if (old->withdrawn) return yw_problem(q, 409, "withdrawn", "该记录已撤销", "this record was withdrawn");
    if (old->head.version >= YW_FILING_VERSIONS_MAX ||
        (version != NULL && json_integer_value(version) != (json_int_t)old->head.version))
        return yw_problem(q, 409, "version", "该记录已被他人修改或版本已达上限，请刷新后重试",
                          "somebody changed this record meanwhile, or it has too many versions: reload it");
    if (withdraw) {
        w.filing = *old;
        w.filing.withdrawn = true;
    } else if (!read_wish(q, o, old, &w)) {
        return 422;
    }
    w.filing.head.version = old->head.version + 1;
    return commit(q, &w.filing, w.reason);
}

static unsigned change(struct yw_request *q, bool withdraw) {
    json_t *o = yw_body_json(q);
    if (o == NULL) return 400;
    q->reg = yw_acts_lock_alone(q->web->acts);
    unsigned status = amend(q, o, withdraw);
    yw_acts_unlock(q->web->acts);
    json_decref(o);
    return status;
}

YW_HANDLER(yw_patch_filing) {
    return change(q, false);
}
YW_HANDLER(yw_delete_filing) {
    return change(q, true);
}
