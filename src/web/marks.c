/* Marks of an outlet: the list, one with all its versions, and making, amending and withdrawing them, which
 * the enterprise and its maintainer alone can do. */
#include "web/marks.h"

#include "web/rules.h"

#include <string.h>

enum { LIST_MOST = 2000 };

/* ---- shared with the other things people file ---- */

unsigned yw_commit_thing(struct yw_request *q, const struct yw_buf *act) {
    struct yw_error err = {0};
    enum yw_code code = act->failed ? yw_fail(&err, YW_E_LIMIT, "the texts are too long")
                                    : yw_acts_commit(q->web->acts, act->data, act->len, &err);
    return code == YW_OK ? 200 : yw_problem_from(q, code, &err);
}

bool yw_member_reason(struct yw_request *q, const json_t *o, char reason[YW_REASON_BYTES + 1]) {
    if (!yw_member_text(q, o, "reason", reason, YW_REASON_BYTES + 1)) return false;
    if (reason[0] != '\0') return true;
    (void)yw_problem(q, 422, "reason", "请填写原因", "reason: must be filled in");
    return false;
}

bool yw_member_time(struct yw_request *q, const json_t *o, const char *name, const int64_t *otherwise,
                    int64_t *micros) {
    const json_t *v = json_object_get(o, name);
    if ((v == NULL || json_is_null(v)) && otherwise != NULL) {
        *micros = *otherwise;
        return true;
    }
    json_int_t ms = json_integer_value(v);
    if (json_is_integer(v) && ms > 0 && ms < INT64_C(7258118400000)) {
        *micros = ms * 1000;
        return true;
    }
    char en[120];
    snprintf(en, sizeof en, "%s: milliseconds since 1970 must be there", name);
    (void)yw_problem(q, 422, name, "时间缺失或不正确", en);
    return false;
}

bool yw_query_span(struct yw_request *q, int64_t *from, int64_t *to) {
    int64_t far = INT64_C(7258118400000);
    if (yw_query_i64(q, "from", -far, far, -far, from) && yw_query_i64(q, "to", -far, far, far, to) &&
        *from < *to) {
        *from *= 1000;
        *to *= 1000;
        return true;
    }
    (void)yw_problem(q, 400, "query", "from 或 to 不正确", "from or to is wrong");
    return false;
}

/* ---- looking ---- */

struct listing {
    struct yw_request *q;
    size_t n;
};

static bool put_one(void *arg, const struct yw_mark_row *m) {
    struct listing *l = arg;
    if (l->n++ == LIST_MOST) return false;
    yw_put_mark_row(l->q, m);
    return true;
}

YW_HANDLER(yw_get_marks) {
    int64_t from, to;
    if (!yw_query_span(q, &from, &to)) return 400;
    struct listing l = {.q = q};
    bool withdrawn = strcmp(yw_query(q, "withdrawn"), "1") == 0;
    yj_open(&q->out, '{');
    yj_key(&q->out, "marks");
    yj_open(&q->out, '[');
    yw_register_marks(q->reg, q->id, from, to, withdrawn, put_one, &l);
    yj_close(&q->out, ']');
    yj_put_bool(&q->out, "more", l.n > LIST_MOST);
    yj_close(&q->out, '}');
    return 200;
}

static bool put_query_of(void *arg, const struct yw_query_row *d) {
    struct yw_request *q = arg;
    if (d->mark == q->thing) yw_put_query_row(q, d);
    return true;
}

static unsigned put_mark(struct yw_request *q) {
    const struct yw_mark_row *v[YW_MARK_VERSIONS_MAX];
    size_t n = yw_register_mark_versions(q->reg, q->thing, v, YW_COUNT(v));
    struct yw_buf *b = &q->out;
    yj_open(b, '{');
    yj_key(b, "mark");
    yw_put_mark_row(q, v[0]);
    yj_key(b, "versions");
    yj_open(b, '[');
    for (size_t i = n; i > 0; i--) yw_put_mark_row(q, v[i - 1]);
    yj_close(b, ']');
    yj_key(b, "queries");
    yj_open(b, '[');
    yw_register_queries(q->reg, v[0]->head.outlet, put_query_of, q);
    yj_close(b, ']');
    yj_close(b, '}');
    return 200;
}

YW_HANDLER(yw_get_mark) {
    return put_mark(q);
}

/* ---- changing ---- */

struct wish {
    struct yw_mark_wish mark;
    const char *factors[YW_MARK_FACTORS_MAX], *evidence[YW_MARK_EVIDENCE_MAX];
    char reason[YW_REASON_BYTES + 1];
};

/* What the body says; where it says nothing about a member the old version holds. Points into o and old. */
static bool read_value(struct yw_request *q, const json_t *o, const struct yw_mark_row *old,
                       struct yw_mark_wish *m) {
    const json_t *axis = json_object_get(o, "axis"), *value = json_object_get(o, "value");
    const json_t *counts = json_object_get(o, "counts");
    const char *word = json_string_value(axis), *text = json_string_value(value);
    m->is_condition = word != NULL ? strcmp(word, "condition") == 0 : old != NULL && old->is_condition;
    bool axis_good =
        axis == NULL ? old != NULL : m->is_condition || (word != NULL && strcmp(word, "equipment") == 0);
    bool value_good = old != NULL && value == NULL && m->is_condition == old->is_condition;
    if (value_good) m->value = old->value;
    if (text != NULL)
        value_good =
            m->is_condition ? yw_condition_parse(text, &m->value) : yw_equipment_parse(text, &m->value);
    m->counts = counts != NULL ? json_is_true(counts) : old != NULL && old->counts;
    if (!axis_good || !value_good) {
        (void)yw_problem(q, 422, "value", "标记类别（axis）或内容（value）不正确",
                         "axis: condition or equipment; value: one of its words");
        return false;
    }
    if (counts != NULL && !json_is_boolean(counts)) {
        (void)yw_problem(q, 422, "counts", "counts 只能是 true 或 false", "counts: true or false");
        return false;
    }
    return true;
}

static bool code_good(const char *text) {
    size_t n = text != NULL ? strlen(text) : 0;
    return n > 0 && n <= 12 &&
           strspn(text, "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ") == n;
}

/* Blanks in `joined` become ends of texts. */
static size_t split(char *joined, const char **out, size_t most) {
    size_t n = 0;
    for (char *p = joined; *p != '\0' && n < most;) {
        size_t length = strcspn(p, " ");
        bool last = p[length] == '\0';
        out[n++] = p;
        p[length] = '\0';
        p += length + !last;
    }
    return n;
}

static bool read_factors(struct yw_request *q, const json_t *o, struct wish *w) {
    const json_t *array = json_object_get(o, "factors");
    bool good = json_is_array(array) && json_array_size(array) <= YW_MARK_FACTORS_MAX;
    for (size_t i = 0; good && i < json_array_size(array); i++) {
        w->factors[i] = json_string_value(json_array_get(array, i));
        good = code_good(w->factors[i]);
    }
    w->mark.factor_n = good ? json_array_size(array) : 0;
    if (!good)
        (void)yw_problem(q, 422, "factors", "factors 应为因子编码的数组，最多 32 个；空数组表示全部因子",
                         "factors: an array of at most 32 codes; empty means all");
    return good;
}

/* Until when it was due: the hour of marks.deadline on the day after the first day it says something new
 * about. 0: no such rule. */
static int64_t deadline_of(struct yw_request *q, int64_t from) {
    const struct yw_rules *rules = yw_web_rules(q->web, q->reg);
    int32_t day = yw_china_day(from);
    double hour = rules != NULL ? yw_rules_value(rules, "marks.deadline", day, "hour", -1, NULL) : -1;
    if (!(hour >= 0 && hour <= 24 * 31)) return 0;
    return yw_china_day_start(day + 1) + (int64_t)(hour * (double)YW_HOUR);
}

static bool read_wish(struct yw_request *q, const json_t *o, const struct yw_mark_row *old, struct wish *w,
                      char factors[YW_MARK_FACTORS_MAX * 13], char evidence[YW_MARK_EVIDENCE_MAX * 65]) {
    struct yw_mark_wish *m = &w->mark;
    if (!yw_member_reason(q, o, w->reason) || !read_value(q, o, old, m) ||
        !yw_member_time(q, o, "from", old != NULL ? &old->from : NULL, &m->from) ||
        !yw_member_time(q, o, "to", old != NULL ? &old->to : NULL, &m->to))
        return false;
    if (m->to <= m->from || m->to - m->from > YW_MARK_DAYS_MAX * YW_DAY) {
        (void)yw_problem(q, 422, "to", "结束时间应晚于开始时间，且不超过 400 天",
                         "to: must lie behind from, at most 400 days");
        return false;
    }
    if (json_object_get(o, "factors") != NULL) {
        if (!read_factors(q, o, w)) return false;
    } else if (old != NULL) {
        (void)yw_copy(factors, YW_MARK_FACTORS_MAX * 13, old->factors, strlen(old->factors));
        m->factor_n = split(factors, w->factors, YW_MARK_FACTORS_MAX);
    }
    if (json_object_get(o, "evidence") != NULL || old == NULL) {
        if (!yw_member_evidence(q, o, w->evidence, &m->evidence_n)) return false;
    } else {
        (void)yw_copy(evidence, YW_MARK_EVIDENCE_MAX * 65, old->evidence, strlen(old->evidence));
        m->evidence_n = split(evidence, w->evidence, YW_MARK_EVIDENCE_MAX);
    }
    m->factors = w->factors;
    m->evidence = w->evidence;
    m->role = q->session.user.role == YW_ROLE_MAINTAINER ? 2 : 1;
    return true;
}

static unsigned write_mark(struct yw_request *q, const json_t *o, const struct yw_mark_row *old) {
    struct wish w = {0};
    char factors[YW_MARK_FACTORS_MAX * 13] = "", evidence[YW_MARK_EVIDENCE_MAX * 65] = "";
    if (!read_wish(q, o, old, &w, factors, evidence)) return 422;
    struct yw_mark_wish *m = &w.mark;
    m->outlet = q->id;
    m->id = old != NULL ? old->head.id : yw_register_next_mark(q->reg);
    m->version = old != NULL ? old->head.version + 1 : 1;
    int64_t from = m->from;
    if (old != NULL) { /* the end alone moves: due from there on */
        bool end_alone = m->from == old->from && m->value == old->value &&
                         m->is_condition == old->is_condition && m->counts == old->counts && m->to != old->to;
        from = end_alone ? (m->to < old->to ? m->to : old->to) : m->from < old->from ? m->from : old->from;
    }
    m->deadline = deadline_of(q, from);
    struct yw_buf act;
    struct yw_act a = {.by = q->session.user.name, .at = q->now, .reason = w.reason};
    yw_buf_init(&act, YW_THING_ACT_MAX);
    (void)yw_act_mark_put(&act, &a, m);
    q->thing = m->id;
    unsigned status = yw_commit_thing(q, &act);
    yw_buf_free(&act);
    return status == 200 ? put_mark(q) : status;
}

YW_HANDLER(yw_post_mark) {
    json_t *o = yw_body_json(q);
    if (o == NULL) return 400;
    q->reg = yw_acts_lock_alone(q->web->acts);
    unsigned status = write_mark(q, o, NULL);
    yw_acts_unlock(q->web->acts);
    json_decref(o);
    return status;
}

/* The mark in the path, if it can still be changed. */
static unsigned find_open(struct yw_request *q, const json_t *o, const struct yw_mark_row **m) {
    const json_t *version = json_object_get(o, "version");
    *m = yw_register_mark(q->reg, q->thing);
    if ((*m)->withdrawn) return yw_problem(q, 409, "withdrawn", "该标记已撤销", "this mark was withdrawn");
    if ((*m)->head.version >= YW_MARK_VERSIONS_MAX)
        return yw_problem(q, 409, "versions", "该标记的版本已达上限，请撤销后重新标记",
                          "this mark has as many versions as there can be: withdraw it and make a new one");
    if (version != NULL && json_integer_value(version) != (json_int_t)(*m)->head.version)
        return yw_problem(q, 409, "version", "该标记已被他人修改，请刷新后重试",
                          "somebody changed this mark meanwhile: reload it and try again");
    return 200;
}

YW_HANDLER(yw_patch_mark) {
    const struct yw_mark_row *m;
    json_t *o = yw_body_json(q);
    if (o == NULL) return 400;
    q->reg = yw_acts_lock_alone(q->web->acts);
    unsigned status = find_open(q, o, &m);
    if (status == 200) status = write_mark(q, o, m);
    yw_acts_unlock(q->web->acts);
    json_decref(o);
    return status;
}

YW_HANDLER(yw_delete_mark) {
    const struct yw_mark_row *m;
    char reason[YW_REASON_BYTES + 1];
    json_t *o = yw_body_json(q);
    if (o == NULL) return 400;
    q->reg = yw_acts_lock_alone(q->web->acts);
    unsigned status = find_open(q, o, &m);
    if (status == 200 && !yw_member_reason(q, o, reason)) status = 422;
    if (status == 200) {
        struct yw_buf act;
        struct yw_act a = {.by = q->session.user.name, .at = q->now, .reason = reason};
        yw_buf_init(&act, YW_THING_ACT_MAX);
        (void)yw_act_mark_withdraw(&act, &a, q->thing, m->head.version + 1,
                                   q->session.user.role == YW_ROLE_MAINTAINER ? 2 : 1);
        status = yw_commit_thing(q, &act);
        yw_buf_free(&act);
        if (status == 200) status = put_mark(q);
    }
    yw_acts_unlock(q->web->acts);
    json_decref(o);
    return status;
}
