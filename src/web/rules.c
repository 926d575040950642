/* The rules that hold, and correcting their figures: by the operator who holds the official text, as an act.
 */
#include "web/rules.h"

#include "register/corrections.h"
#include "web/marks.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct yw_rule_book {
    struct yw_rules *plain, *corrected;
    uint32_t order; /* of the last correction in `corrected` */
    size_t n;       /* how many are in it */
    bool made;
    pthread_mutex_t lock;
};

enum yw_code yw_rule_book_open(struct yw_rule_book **out, struct yw_error *err) {
    struct yw_rule_book *b = calloc(1, sizeof *b);
    if (b == NULL) return yw_fail(err, YW_E_NOMEM, "rules: out of memory");
    pthread_mutex_init(&b->lock, NULL);
    enum yw_code code = yw_rules_load(&b->plain, err);
    if (code != YW_OK) {
        yw_rule_book_close(b);
        return code;
    }
    *out = b;
    return YW_OK;
}

void yw_rule_book_close(struct yw_rule_book *b) {
    if (b == NULL) return;
    if (b->plain != NULL) yw_rules_destroy(b->plain);
    if (b->corrected != NULL) yw_rules_destroy(b->corrected);
    pthread_mutex_destroy(&b->lock);
    free(b);
}

const struct yw_rules *yw_web_rules_plain(const struct yw_web *w) {
    return w->rules->plain;
}

const struct yw_rules *yw_web_rules(struct yw_web *w, const struct yw_register *r) {
    struct yw_rule_book *b = w->rules;
    size_t n;
    const struct yw_correction_row *rows = yw_register_corrections(r, &n);
    uint32_t order = n > 0 ? rows[n - 1].order : 0;
    pthread_mutex_lock(&b->lock);
    if (!b->made || b->order != order || b->n != n) {
        struct yw_rules *fresh = yw_rules_copy(b->plain);
        if (fresh != NULL && yw_register_correct(r, fresh, NULL, NULL) != YW_OK) {
            yw_rules_destroy(fresh);
            fresh = NULL;
        }
        if (fresh != NULL) {
            /* Nobody uses the old one: who did had the register locked, and it has changed since. */
            if (b->corrected != NULL) yw_rules_destroy(b->corrected);
            b->corrected = fresh;
            b->order = order;
            b->n = n;
        }
        b->made = fresh != NULL;
    }
    const struct yw_rules *rules = b->made ? b->corrected : NULL;
    pthread_mutex_unlock(&b->lock);
    return rules;
}

/* ---- GET /api/rules ---- */

static void put_day(struct yw_buf *b, const char *key, int32_t day) {
    yj_put_day(b, key, day == INT32_MIN || day == INT32_MAX ? 0 : day);
}

static void put_rule(struct yw_buf *b, const struct yw_rule *r) {
    yj_open(b, '{');
    yj_put_text(b, "id", r->id);
    yj_put_text(b, "title_zh", r->title_zh);
    yj_put_text(b, "title_en", r->title_en);
    yj_put_text(b, "standard", r->standard);
    yj_put_text(b, "edition", r->edition);
    yj_put_text(b, "clause", r->clause);
    yj_put_text(b, "source", r->source);
    yj_put_text(b, "confidence", yw_confidence_name(r->confidence));
    yj_put_bool(b, "accuses", r->accuses);
    yj_put_bool(b, "enabled", r->enabled);
    put_day(b, "valid_from", r->valid_from);
    put_day(b, "valid_to", r->valid_to);
    yj_key(b, "figures");
    yj_open(b, '[');
    for (size_t i = 0; i < r->figure_n; i++) {
        const struct yw_figure *f = &r->figures[i];
        yj_open(b, '{');
        yj_put_text(b, "name", f->name);
        yj_put_f64(b, "value", f->value);
        yj_put_text_or_null(b, "unit", f->unit);
        yj_put_text(b, "confidence", yw_confidence_name(f->confidence != 0 ? f->confidence : r->confidence));
        yj_put_bool(b, "corrected", f->corrected);
        yj_close(b, '}');
    }
    yj_close(b, ']');
    yj_close(b, '}');
}

static void put_limit(struct yw_buf *b, const struct yw_limit_row *l) {
    yj_open(b, '{');
    yj_put_text(b, "id", l->id);
    yj_put_text(b, "standard", l->standard);
    yj_put_text(b, "source_type", l->source_type);
    yj_put_text(b, "variant", l->variant);
    yj_put_text(b, "factor", l->factor);
    yj_put_text(b, "name", l->name);
    yj_put_f64(b, "value", l->value);
    yj_put_f64(b, "low", l->value_low);
    yj_put_text(b, "unit", l->unit);
    yj_put_text_or_null(b, "period", l->period != 0 ? yw_period_name(l->period) : NULL);
    yj_put_text(b, "basis", yw_basis_name(l->basis));
    yj_put_text(b, "confidence", yw_confidence_name(l->confidence));
    yj_put_f64(b, "reference_oxygen", l->reference_oxygen);
    yj_put_f64(b, "share", l->share);
    yj_put_f64(b, "cold_value", l->cold_value);
    yj_put_f64(b, "cold_c", l->cold_c);
    yj_put_bool(b, "enabled", l->enabled);
    put_day(b, "valid_from", l->valid_from);
    put_day(b, "valid_to", l->valid_to);
    yj_put_text(b, "note", l->note);
    yj_close(b, '}');
}

static void put_correction(struct yw_request *q, const struct yw_correction_row *c) {
    struct yw_buf *b = &q->out;
    char name[65];
    yw_person_name(q, c->by, name);
    yj_open(b, '{');
    yj_put_text(b, "rule", c->correction.rule);
    yj_put_text_or_null(b, "figure", c->correction.figure);
    yj_put_f64(b, "value", c->correction.figure[0] != '\0' ? c->correction.value : NAN);
    yj_key(b, "enabled");
    c->correction.enabled < 0 ? yj_null(b) : yj_bool(b, c->correction.enabled == 1);
    yj_put_text(b, "confidence", yw_confidence_name(c->correction.confidence));
    put_day(b, "from", c->correction.from);
    yj_put_time(b, "at", c->at);
    yj_put_text(b, "by", c->by);
    yj_put_text(b, "by_name", name[0] != '\0' ? name : c->by);
    yj_put_text(b, "reason", c->reason);
    yj_close(b, '}');
}

static unsigned put_rules(struct yw_request *q) {
    struct yw_buf *b = &q->out;
    const struct yw_rules *rules = yw_web_rules(q->web, q->reg);
    if (rules == NULL) return yw_problem(q, 500, "internal", "内存不足", "out of memory");
    char digest[17];
    size_t n;
    yw_rules_digest(rules, digest);
    yj_open(b, '{');
    yj_put_text(b, "digest", digest);
    yj_key(b, "rules");
    yj_open(b, '[');
    for (size_t i = 0; i < yw_rules_count(rules); i++) put_rule(b, yw_rules_at(rules, i));
    yj_close(b, ']');
    yj_key(b, "limits");
    yj_open(b, '[');
    const struct yw_limit_row *limits = yw_rules_limits(rules, &n);
    for (size_t i = 0; i < n; i++) put_limit(b, &limits[i]);
    yj_close(b, ']');
    yj_key(b, "corrections");
    yj_open(b, '[');
    const struct yw_correction_row *rows = yw_register_corrections(q->reg, &n);
    for (size_t i = 0; i < n; i++) put_correction(q, &rows[i]);
    yj_close(b, ']');
    yj_close(b, '}');
    return 200;
}

YW_HANDLER(yw_get_rules) {
    return put_rules(q);
}

/* ---- PUT /api/rules/{id} ---- */

struct wish {
    struct yw_correction correction;
    bool withdrawn;
    char reason[YW_CORRECTION_REASON];
};

static bool read_day(struct yw_request *q, const char *text, int32_t *day) {
    int64_t t;
    *day = INT32_MIN;
    if (text[0] == '\0') return true;
    if (strlen(text) == 10 && yw_time_parse(text, 10, &t)) {
        *day = yw_china_day(t);
        return true;
    }
    (void)yw_problem(q, 422, "from", "生效日期应写成 2026-01-01 的样子",
                     "from: a date of the form YYYY-MM-DD");
    return false;
}

static bool read_wish(struct yw_request *q, struct wish *w) {
    json_t *o = yw_body_json(q);
    if (o == NULL) return false;
    struct yw_correction *c = &w->correction;
    char confidence[8], from[16];
    const json_t *value = json_object_get(o, "value"), *enabled = json_object_get(o, "enabled");
    bool good = yw_member_text(q, o, "figure", c->figure, sizeof c->figure) &&
                yw_member_text(q, o, "confidence", confidence, sizeof confidence) &&
                yw_member_text(q, o, "from", from, sizeof from) &&
                yw_member_text(q, o, "reason", w->reason, sizeof w->reason) && read_day(q, from, &c->from);
    c->value = json_is_number(value) ? json_number_value(value) : NAN;
    c->enabled = json_is_boolean(enabled) ? json_is_true(enabled) : -1;
    c->confidence = YW_CONF_OFFICIAL;
    w->withdrawn = json_is_true(json_object_get(o, "withdrawn"));
    bool figure = c->figure[0] != '\0';
    bool wrong = (enabled != NULL && !json_is_null(enabled) && !json_is_boolean(enabled)) ||
                 (value != NULL && !json_is_null(value) && !json_is_number(value)) || fabs(c->value) > 1e12 ||
                 (figure && value == NULL && !w->withdrawn) ||
                 (!figure && (c->enabled < 0 || value != NULL) && !w->withdrawn);
    json_decref(o);
    if (!good) return false;
    if (confidence[0] != '\0' && !yw_confidence_parse(confidence, &c->confidence)) {
        (void)yw_problem(q, 422, "confidence", "可信度只能是 O、S、C、R+、R-、?",
                         "confidence: O, S, C, R+, R- or ?");
        return false;
    }
    if (wrong) {
        (void)yw_problem(
            q, 422, "value", "请给出数值名称（figure）和数值（value，未知为 null），或启用与否（enabled）",
            "figure with value (a number, null for not known), or enabled (true, false), must be there");
        return false;
    }
    if (w->reason[0] == '\0') {
        (void)yw_problem(q, 422, "reason", "请填写依据（官方文本的名称和条款）",
                         "reason: name the official text and its clause");
        return false;
    }
    return true;
}

YW_HANDLER(yw_put_rule) {
    struct wish w = {0};
    struct yw_error err = {0};
    if (!read_wish(q, &w)) return q->out.len > 0 && strstr(q->out.data, "\"json\"") != NULL ? 400 : 422;
    if (!yw_copy(w.correction.rule, sizeof w.correction.rule, q->params[0], strlen(q->params[0])))
        return yw_problem(q, 404, "not_found", "没有这条规则", "there is no such rule");
    q->reg = yw_acts_lock_alone(q->web->acts);
    /* Tried on a copy first: what names no rule or figure never becomes an act. */
    struct yw_rules *trial = yw_rules_copy(q->web->rules->plain);
    enum yw_code code = trial == NULL ? yw_fail(&err, YW_E_NOMEM, "out of memory") : YW_OK;
    if (code == YW_OK && !w.withdrawn) code = yw_rules_correct(trial, &w.correction, &err);
    if (trial != NULL) yw_rules_destroy(trial);
    unsigned status = 200;
    if (code != YW_OK) {
        status = code == YW_E_NOMEM ? yw_problem_from(q, code, &err)
                                    : yw_problem(q, code == YW_E_NOT_FOUND ? 404 : 422, "rule",
                                                 "没有这条规则或这个数值", err.text);
    } else {
        struct yw_buf act;
        struct yw_act a = {.by = q->session.user.name, .at = q->now, .reason = w.reason};
        yw_buf_init(&act, YW_THING_ACT_MAX);
        (void)yw_act_rule_set(&act, &a, &w.correction, w.withdrawn);
        status = yw_commit_thing(q, &act);
        yw_buf_free(&act);
        if (status == 200) status = put_rules(q);
    }
    yw_acts_unlock(q->web->acts);
    return status;
}
