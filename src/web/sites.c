/* What the judge knows of an outlet: as it was put, else as it is built from the register's rows; and putting
 * it. */
#include "register/sites.h"

#include "judged/judging.h"
#include "web/marks.h"
#include "web/rules.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- the built one in the words of SITE.yaml ---- */

static void put_number(struct yw_buf *b, const char *key, double v) {
    if (!isnan(v)) yj_put_f64(b, key, v);
}

static void put_text(struct yw_buf *b, const char *key, const char *text) {
    if (text[0] != '\0') yj_put_text(b, key, text);
}

static void put_factors(struct yw_buf *b, const struct yw_site *s) {
    yj_key(b, "factors");
    yj_open(b, '{');
    for (size_t i = 0; i < s->factor_n; i++) {
        const struct yw_site_factor *f = &s->factors[i];
        yj_key(b, f->code);
        yj_open(b, '{');
        put_text(b, "name", f->name);
        put_text(b, "unit", f->unit);
        yj_put_text(b, "role", yw_factor_role_name(f->role));
        yj_put_text(b, "basis", f->wet ? "wet" : "dry");
        yj_put_bool(b, "converted", f->converted);
        if (f->ppm) put_number(b, "molar_mass", f->molar_g);
        if (!isnan(f->low) && !isnan(f->high)) {
            yj_key(b, "range");
            yj_open(b, '[');
            yj_f64(b, f->low);
            yj_f64(b, f->high);
            yj_close(b, ']');
        }
        yj_close(b, '}');
    }
    yj_close(b, '}');
}

static void put_limits(struct yw_buf *b, const struct yw_site *s) {
    yj_key(b, "limits");
    yj_open(b, '[');
    for (size_t i = 0; i < s->limit_n; i++) {
        const struct yw_site_limit *l = &s->limits[i];
        yj_open(b, '{');
        yj_put_text(b, "factor", l->factor);
        put_number(b, "value", l->value);
        put_number(b, "low", l->value_low);
        put_text(b, "unit", l->unit);
        yj_put_text(b, "period", yw_period_name(l->period));
        yj_put_text(b, "basis", yw_basis_name(l->basis));
        yj_put_bool(b, "converted", l->converted);
        put_text(b, "source", l->source);
        yj_close(b, '}');
    }
    yj_close(b, ']');
    yj_key(b, "amounts");
    yj_open(b, '[');
    for (size_t i = 0; i < s->amount_n; i++) {
        yj_open(b, '{');
        yj_put_text(b, "factor", s->amounts[i].factor);
        put_number(b, "t", s->amounts[i].t);
        yj_put_text(b, "period", yw_period_name(s->amounts[i].period));
        put_text(b, "source", s->amounts[i].source);
        yj_close(b, '}');
    }
    yj_close(b, ']');
}

static void put_units(struct yw_buf *b, const struct yw_site *s) {
    yj_key(b, "units");
    yj_open(b, '[');
    for (size_t i = 0; i < s->unit_n; i++) {
        const struct yw_site_unit *u = &s->units[i];
        yj_open(b, '{');
        yj_put_text(b, "id", u->id);
        put_text(b, "name", u->name);
        yj_put_text(b, "factor", u->factor);
        yj_put_text(b, "field", u->field);
        put_text(b, "outlet", u->outlet);
        yj_put_text(b, "records", yw_unit_records_name(u->records));
        yj_put_f64(b, "running_above", u->running_above);
        put_number(b, "rated", u->rated);
        yj_put_bool(b, "treatment", u->treatment);
        put_text(b, "serves", u->serves);
        yj_close(b, '}');
    }
    yj_close(b, ']');
}

static void put_built(struct yw_buf *b, const struct yw_site *s) {
    yj_open(b, '{');
    yj_put_text(b, "site", s->id);
    yj_put_text(b, "name", s->name);
    yj_put_text(b, "profile", yw_profile_name(s->profile));
    yj_put_i64(b, "minute_interval", s->minute_interval);
    if (yw_profile_is_water(s->profile)) yj_put_i64(b, "due_per_day", s->due_per_day);
    put_number(b, "reference_oxygen", s->reference_oxygen);
    yj_put_bool(b, "allow_down_conversion", s->allow_down);
    put_factors(b, s);
    put_limits(b, s);
    if (s->unit_n > 0) put_units(b, s);
    yj_close(b, '}');
}

static unsigned put_site(struct yw_request *q) {
    struct yw_buf *b = &q->out;
    struct yw_error err = {0};
    const char *put = yw_register_site(q->reg, q->id);
    const struct yw_rules *rules = yw_web_rules(q->web, q->reg);
    struct yw_site *site = rules != NULL ? malloc(sizeof *site) : NULL;
    if (site == NULL) return yw_problem(q, 500, "internal", "内存不足", "out of memory");
    enum yw_code code = yw_site_build(q->reg, rules, NULL, NULL, q->id, 0, site, &err);
    yj_open(b, '{');
    yj_put_i64(b, "outlet", q->id);
    yj_key(b, "put");
    if (put != NULL) {
        yw_buf_puts(b, put);
    } else {
        yj_null(b);
    }
    yj_key(b, "built");
    if (code == YW_OK) {
        put_built(b, site);
        yw_site_free(site);
    } else {
        yj_null(b);
    }
    /* Why nothing can be judged here: no factors, or rules that the description names are not there any more.
     */
    yj_put_text_or_null(b, "problem", code == YW_OK ? NULL : err.text);
    yj_close(b, '}');
    free(site);
    return 200;
}

YW_HANDLER(yw_get_site) {
    return put_site(q);
}

/* ---- putting it ---- */

static unsigned check(struct yw_request *q, const json_t *site) {
    struct yw_error err = {0};
    if (json_is_null(site)) return 200;
    const struct yw_rules *rules = yw_web_rules(q->web, q->reg);
    struct yw_site *trial = rules != NULL ? malloc(sizeof *trial) : NULL;
    if (trial == NULL) return yw_problem(q, 500, "internal", "内存不足", "out of memory");
    enum yw_code code = yw_site_from_json(site, rules, trial, &err);
    bool was_read = code == YW_OK; /* what could not be read owns nothing */
    if (was_read && (trial->mark_n > 0 || trial->check_n > 0 || trial->manual_n > 0 || trial->plan_n > 0 ||
                     trial->from != 0 || trial->to != 0 || trial->now != 0))
        code = yw_fail(
            &err, YW_E_FORMAT,
            "marks, checks, manual, plans, from, to and now are not part of it: they are kept on their own");
    const struct yw_outlet *outlet = yw_register_outlet(q->reg, q->id);
    if (code == YW_OK && outlet != NULL) yw_units_resolve(q->reg, outlet, trial);
    for (size_t i = 0; code == YW_OK && outlet != NULL && i < trial->unit_n; i++)
        if (trial->units[i].source == 0)
            code = yw_fail(&err, YW_E_FORMAT, "units[%zu].outlet: the enterprise has no outlet `%s`", i,
                           trial->units[i].outlet);
    if (was_read) yw_site_free(trial);
    free(trial);
    return code == YW_OK ? 200 : yw_problem(q, 422, "site", "监测点描述不正确，位置见英文说明", err.text);
}

YW_HANDLER(yw_put_site) {
    char reason[YW_REASON_BYTES + 1], *text = NULL;
    json_t *o = yw_body_json(q);
    if (o == NULL) return 400;
    const json_t *site = json_object_get(o, "site");
    unsigned status = yw_member_reason(q, o, reason) ? 200 : 422;
    if (status == 200 && !json_is_object(site) && !json_is_null(site))
        status = yw_problem(q, 422, "site", "site 应为对象，或为 null 以恢复默认",
                            "site: an object, or null for the built one");
    q->reg = yw_acts_lock_alone(q->web->acts);
    if (status == 200) status = check(q, site);
    if (status == 200 && !json_is_null(site)) {
        text = json_dumps(site, JSON_COMPACT);
        if (text == NULL || strlen(text) > YW_SITE_JSON_MAX)
            status = yw_problem(q, 413, "too_large", "监测点描述过长，最多 256 KiB", "site: at most 256 KiB");
    }
    if (status == 200) {
        struct yw_buf act;
        struct yw_act a = {.by = q->session.user.name, .at = q->now, .reason = reason};
        yw_buf_init(&act, YW_SITE_JSON_MAX + YW_THING_ACT_MAX);
        (void)yw_act_site_put(&act, &a, q->id, text);
        status = yw_commit_thing(q, &act);
        yw_buf_free(&act);
    }
    if (status == 200) status = put_site(q);
    yw_acts_unlock(q->web->acts);
    free(text);
    json_decref(o);
    return status;
}
