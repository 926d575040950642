/* Plans of heavy-pollution days as acts, and looked up. */
#include "register/plans.h"

#include <math.h>
#include <string.h>

#include "register/acts.h"
#include "register/members.h"

enum { DAYS_MAX = 120 };

static enum yw_code read_text(const json_t *act, const char *name, char *to, size_t size,
                              struct yw_error *err) {
    const json_t *v = json_object_get(act, name);
    if (v == NULL || json_is_null(v)) return YW_OK;
    if (!json_is_string(v) || !yw_chars_fit(YW_CHARS_ANY, json_string_value(v), json_string_length(v)) ||
        !yw_copy(to, size, json_string_value(v), json_string_length(v)))
        return yw_fail(err, YW_E_FORMAT, "plan.%s: a text of at most %zu bytes", name, size - 1);
    return YW_OK;
}

static enum yw_code read_share(const json_t *act, const char *name, double *to, struct yw_error *err) {
    *to = NAN;
    enum yw_code code = yw_act_f64(act, "plan", name, to, err);
    if (code == YW_OK && !isnan(*to) && (*to < 0 || *to > 1))
        code = yw_fail(err, YW_E_RANGE, "plan.%s: a share of 0 to 1", name);
    return code;
}

/* All outlets of the enterprise, from there on. */
static void note(struct yw_register *r, uint32_t enterprise, int64_t from) {
    size_t n;
    const struct yw_outlet *o = yw_register_outlets(r, &n);
    for (size_t i = 0; i < n; i++) {
        if (o[i].enterprise == enterprise) yw_note_judgement(r, o[i].id, from);
    }
}

enum yw_code yw_fold_plan_put(struct yw_register *r, const json_t *act, struct yw_error *err) {
    struct yw_plan_entry p = {0};
    int64_t id = 0, enterprise = 0;
    enum yw_code code = yw_act_i64(act, "plan", "id", 1, UINT32_MAX, true, &id, err);
    if (code == YW_OK) code = yw_act_i64(act, "plan", "enterprise", 1, UINT32_MAX, true, &enterprise, err);
    if (code == YW_OK) code = yw_act_span(act, "plan", DAYS_MAX, true, &p.plan.from, &p.plan.to, err);
    if (code == YW_OK) code = read_text(act, "level", p.plan.level, sizeof p.plan.level, err);
    if (code == YW_OK) code = read_text(act, "measure", p.plan.measure, sizeof p.plan.measure, err);
    if (code == YW_OK) code = read_text(act, "by", p.by, sizeof p.by, err);
    if (code == YW_OK) code = yw_act_flag(act, "plan", "stop", &p.plan.stop, err);
    if (code == YW_OK) code = read_share(act, "power_share", &p.plan.power_share, err);
    if (code == YW_OK) code = read_share(act, "flow_share", &p.plan.flow_share, err);
    if (code != YW_OK) return code;
    p.id = (uint32_t)id;
    p.enterprise = (uint32_t)enterprise;
    p.at = yw_act_at(act);
    if (yw_register_enterprise(r, p.enterprise) == NULL)
        return yw_fail(err, YW_E_NOT_FOUND, "plan.enterprise: there is no enterprise %u", p.enterprise);
    if (p.plan.level[0] == '\0') return yw_fail(err, YW_E_FORMAT, "plan.level: must be filled in");
    const struct yw_plan_entry *old = yw_register_plan(r, p.id);
    if (old != NULL && old->enterprise != p.enterprise)
        return yw_fail(err, YW_E_EXISTS, "plan.id: belongs to another enterprise");
    if (!yw_rows_reserve(&r->plans, 1))
        return yw_fail(err, YW_E_LIMIT, "plan: at most %d in all", YW_PLANS_MAX);
    old = yw_register_plan(r, p.id);
    note(r, p.enterprise, old != NULL && old->plan.from < p.plan.from ? old->plan.from : p.plan.from);
    yw_rows_put(&r->plans, &p);
    return YW_OK;
}

enum yw_code yw_fold_plan_drop(struct yw_register *r, const json_t *act, struct yw_error *err) {
    int64_t id = 0;
    bool found;
    struct yw_rows *rows = &r->plans;
    enum yw_code code = yw_act_i64(act, "plan", "id", 1, UINT32_MAX, true, &id, err);
    if (code != YW_OK) return code;
    size_t at = yw_rows_find(rows, &(struct yw_plan_entry){.id = (uint32_t)id}, &found);
    if (!found) return yw_fail(err, YW_E_NOT_FOUND, "plan: there is none with this id");
    struct yw_plan_entry *all = (void *)rows->at;
    note(r, all[at].enterprise, all[at].plan.from);
    memmove(all + at, all + at + 1, (--rows->n - at) * sizeof *all);
    return YW_OK;
}

/* ---- look-ups ---- */

const struct yw_plan_entry *yw_register_plan(const struct yw_register *r, uint32_t id) {
    return yw_rows_get(&r->plans, &(struct yw_plan_entry){.id = id});
}

void yw_register_plans(const struct yw_register *r, uint32_t enterprise,
                       bool (*each)(void *arg, const struct yw_plan_entry *p), void *arg) {
    const struct yw_plan_entry *all = (const void *)r->plans.at;
    for (size_t i = 0; i < r->plans.n; i++) {
        if ((enterprise == 0 || all[i].enterprise == enterprise) && !each(arg, &all[i])) return;
    }
}

uint32_t yw_register_next_plan(const struct yw_register *r) {
    const struct yw_plan_entry *all = (const void *)r->plans.at;
    return r->plans.n == 0 ? 1 : all[r->plans.n - 1].id + 1;
}

/* ---- writing ---- */

bool yw_act_plan_put(struct yw_buf *out, const struct yw_act *a, const struct yw_plan_entry *p) {
    yw_act_begin(out, "plan.put", a);
    yw_put_id(out, "id", p->id);
    yw_put_id(out, "enterprise", p->enterprise);
    yw_buf_printf(out, ",\"from\":%lld,\"to\":%lld", (long long)p->plan.from, (long long)p->plan.to);
    yw_put_text(out, "level", p->plan.level);
    yw_put_text(out, "measure", p->plan.measure);
    yw_buf_puts(out, p->plan.stop ? ",\"stop\":true" : ",\"stop\":false");
    if (!isnan(p->plan.power_share)) yw_buf_printf(out, ",\"power_share\":%.17g", p->plan.power_share);
    if (!isnan(p->plan.flow_share)) yw_buf_printf(out, ",\"flow_share\":%.17g", p->plan.flow_share);
    return yw_act_end(out);
}

bool yw_act_plan_drop(struct yw_buf *out, const struct yw_act *a, uint32_t id) {
    yw_act_begin(out, "plan.drop", a);
    yw_put_id(out, "id", id);
    return yw_act_end(out);
}
