/* The site of an outlet out of what the register and the store know of it. */
#include "judged/judging.h"

#include "register/filings.h"
#include "register/marks.h"
#include "register/plans.h"
#include "register/sites.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { LEARN_TIMES = 200 };

static bool begins(const char *text, const char *with) {
    return strncmp(text, with, strlen(with)) == 0;
}

static bool has_factor(const struct yw_factor_rule *rules, size_t n, const char *code) {
    for (size_t i = 0; i < n; i++)
        if (strcmp(rules[i].code, code) == 0) return true;
    return false;
}

/* Industries are told by the code of GB/T 4754 or in words. */
static bool industry_is(const struct yw_enterprise *e, const char *code, const char *word) {
    return e && (begins(e->industry, code) || strstr(e->industry, word) != NULL);
}

static uint8_t profile_of(const struct yw_outlet *o, const struct yw_enterprise *e,
                          const struct yw_factor_rule *rules, size_t n) {
    if (o->kind == YW_OUTLET_WATER)
        return industry_is(e, "C22", "造纸") ? YW_PROFILE_PAPER : YW_PROFILE_WASTE_WATER;
    if (strcmp(o->st, "22") == 0) return YW_PROFILE_AMBIENT;
    if (o->kind != YW_OUTLET_AIR) return 0;
    if (has_factor(rules, n, "a01901")) return YW_PROFILE_INCINERATION;
    if (industry_is(e, "D44", "火力发电")) return YW_PROFILE_POWER;
    return industry_is(e, "C30", "水泥") ? YW_PROFILE_CEMENT : YW_PROFILE_FLUE_GAS;
}

static void set(char *to, size_t size, const char *text) {
    yw_copy(to, size, text, strlen(text));
}

static void permit_source(char *to, size_t size, const struct yw_enterprise *e) {
    struct yw_buf b;
    yw_buf_init(&b, 256);
    yw_buf_printf(&b, "排污许可证 %s", e ? e->permit_number : "");
    yw_copy(to, size, b.data ? b.data : "", b.len);
    yw_buf_free(&b);
}

static void add_rule(struct yw_site *s, const struct yw_factor_rule *rule, const struct yw_enterprise *e) {
    struct yw_site_factor *f = yw_site_add_factor(s, rule->code);
    if (!f) return;
    if (rule->unit[0]) set(f->unit, sizeof f->unit, rule->unit);
    f->low = rule->range_low;
    f->high = rule->range_high;
    f->converted = rule->judge_converted && yw_profile_is_gas(s->profile);
    if (isfinite(rule->reference_oxygen) && !isfinite(s->reference_oxygen))
        s->reference_oxygen = rule->reference_oxygen;
    bool by_day = yw_profile_is_water(s->profile) || s->profile == YW_PROFILE_INCINERATION;
    if (isfinite(rule->limit) && s->limit_n < YW_SITE_LIMITS) {
        struct yw_site_limit *l = &s->limits[s->limit_n++];
        *l = (struct yw_site_limit){.value = rule->limit,
                                    .value_low = (double)NAN,
                                    .share = (double)NAN,
                                    .cold_value = (double)NAN,
                                    .cold_c = (double)NAN,
                                    .period = by_day ? YW_PERIOD_DAY : YW_PERIOD_HOUR,
                                    .basis = YW_BASIS_PERMIT,
                                    .confidence = YW_CONF_OFFICIAL,
                                    .converted = f->converted,
                                    .enabled = true,
                                    .valid_from = e && e->permit_from ? e->permit_from : INT32_MIN,
                                    .valid_to = INT32_MAX};
        set(l->factor, sizeof l->factor, f->code);
        set(l->unit, sizeof l->unit, f->unit);
        permit_source(l->source, sizeof l->source, e);
    }
    if (isfinite(rule->amount_t_a) && s->amount_n < YW_SITE_FACTORS) {
        struct yw_site_amount *a = &s->amounts[s->amount_n++];
        *a = (struct yw_site_amount){.t = rule->amount_t_a, .period = YW_PERIOD_YEAR};
        set(a->factor, sizeof a->factor, f->code);
        permit_source(a->source, sizeof a->source, e);
    }
}

/* ---- what is learnt from the first two days ---- */

struct learning {
    int64_t last;
    uint16_t gaps[61]; /* by minutes */
    size_t n;
};

static bool learn_time(void *arg, int64_t time, int64_t arrival, uint8_t flags) {
    struct learning *l = arg;
    YW_UNUSED(arrival), YW_UNUSED(flags);
    int64_t gap = l->n++ > 0 ? (time - l->last) / YW_MINUTE : 0;
    if (gap >= 1 && gap <= 60 && 60 % gap == 0) l->gaps[gap]++;
    l->last = time;
    return l->n < LEARN_TIMES;
}

static enum yw_code learn(const struct yw_store_backend *backend, struct yw_store *store, uint32_t outlet,
                          int64_t first, bool interval_said, struct yw_site *s, struct yw_error *err) {
    static const char *const gas[] = {"a00000", "a01011", "a01012", "a01013", "a01014", "a19001"};
    static const char *const water[] = {"w00000", "w01001", "w01010"};
    bool is_water = yw_profile_is_water(s->profile);
    const char *const *auxiliary = is_water ? water : gas;
    size_t auxiliary_n = is_water ? YW_COUNT(water) : YW_COUNT(gas);
    struct learning l = {0};
    struct yw_buf codes;
    enum yw_code code = YW_OK;
    if (!interval_said) {
        code = backend->times(store, outlet, YW_KIND_MINUTE, first, first + 2 * YW_DAY, learn_time, &l, err);
        size_t best = 0;
        for (size_t i = 1; i <= 60; i++)
            if (l.gaps[i] > (best ? l.gaps[best] : 0)) best = i;
        if (best) s->minute_interval = (uint16_t)best;
    }
    yw_buf_init(&codes, 64 << 10);
    for (int k = 0; code == YW_OK && k < 2; k++) {
        if (codes.len > 0) yw_buf_putc(&codes, ',');
        code = backend->factors(store, outlet, k ? YW_KIND_HOUR : YW_KIND_MINUTE, first, first + 2 * YW_DAY,
                                &codes, err);
    }
    for (size_t i = 0; code == YW_OK && codes.len > 0 && i < auxiliary_n; i++) {
        const char *found = strstr(codes.data, auxiliary[i]);
        if (found && s->profile != YW_PROFILE_AMBIENT) yw_site_add_factor(s, auxiliary[i]);
    }
    yw_buf_free(&codes);
    return code;
}

/* ---- lists ---- */

struct lists {
    const struct yw_register *r;
    struct yw_site *site;
    size_t mark_cap, check_cap, manual_cap;
    bool failed;
};

static void *grown(struct lists *l, void *array, size_t n, size_t *cap, size_t most, size_t size) {
    if (n < *cap) return array;
    size_t more = *cap ? *cap * 2 : 16;
    void *p = n < most ? realloc(array, more * size) : NULL;
    if (p) *cap = more;
    l->failed = l->failed || !p;
    return p ? p : array;
}

static bool take_mark(void *arg, const struct yw_mark_row *row) {
    struct lists *l = arg;
    struct yw_site *s = l->site;
    s->marks = grown(l, s->marks, s->mark_n, &l->mark_cap, YW_SITE_MARKS, sizeof *s->marks);
    if (l->failed) return false;
    if (yw_mark_of(row, s, &s->marks[s->mark_n])) s->mark_n++;
    return true;
}

static bool add_check(struct lists *l, const struct yw_check *c) {
    struct yw_site *s = l->site;
    s->checks = grown(l, s->checks, s->check_n, &l->check_cap, YW_SITE_CHECKS, sizeof *s->checks);
    if (!l->failed) s->checks[s->check_n++] = *c;
    return !l->failed;
}

static bool take_filing(void *arg, const struct yw_filing_row *row) {
    struct lists *l = arg;
    struct yw_site *s = l->site;
    struct yw_check c;
    struct yw_manual m;
    if (yw_filing_check(row, &c) && !add_check(l, &c)) return false;
    if (!yw_filing_manual(row, &m)) return true;
    s->manual = grown(l, s->manual, s->manual_n, &l->manual_cap, YW_SITE_MANUAL, sizeof *s->manual);
    if (!l->failed) s->manual[s->manual_n++] = m;
    return !l->failed;
}

static bool take_plan(void *arg, const struct yw_plan_entry *row) {
    struct yw_site *s = arg;
    if (s->plan_n == YW_SITE_PLANS) { /* the newest are kept */
        memmove(s->plans, s->plans + 1, (YW_SITE_PLANS - 1) * sizeof *s->plans);
        s->plan_n--;
    }
    s->plans[s->plan_n++] = row->plan;
    return true;
}

/* Checks that devices send by themselves (HJ 212-2025, 2062): reading and nominal value of a factor. The
 * result they send is kept as said and worked out again by the judge. */
static bool take_device_check(void *arg, const struct yw_row *row) {
    struct lists *l = arg;
    for (size_t i = 0; i < row->count; i++) {
        const struct yw_value *v = &row->values[i];
        double number;
        if (strcmp(v->field, "SampleRd") != 0 || !yw_value_f64(v, &number)) continue;
        int f = yw_site_factor(l->site, v->factor);
        struct yw_check c = {.time = row->time,
                             .kind = YW_CHECK_STANDARD,
                             .said = -1,
                             .reading = number,
                             .nominal = (double)NAN,
                             .full_scale = (double)NAN};
        if (f < 0) continue;
        set(c.factor, sizeof c.factor, v->factor);
        set(c.by, sizeof c.by, "设备");
        bool is_zero = false;
        for (size_t k = 0; k < row->count; k++) {
            const struct yw_value *w = &row->values[k];
            bool same = strcmp(w->factor, v->factor) == 0;
            if (!yw_value_f64(w, &number)) continue;
            if (same && strcmp(w->field, "StandardValue") == 0) c.nominal = number;
            if (same && strcmp(w->field, "ResultType") == 0) c.said = number > 0 ? 1 : 0;
            if ((same || w->factor[0] == 0) && strcmp(w->field, "CalibrationType") == 0) is_zero = number < 1;
        }
        if (yw_profile_is_gas(l->site->profile)) {
            c.kind = is_zero ? YW_CHECK_ZERO : YW_CHECK_SPAN;
            c.full_scale = l->site->factors[f].high;
        }
        if (!add_check(l, &c)) return false;
    }
    return true;
}

static enum yw_code add_lists(const struct yw_register *r, const struct yw_store_backend *backend,
                              struct yw_store *store, const struct yw_outlet *o, struct yw_site *s,
                              struct yw_error *err) {
    struct lists l = {.r = r, .site = s};
    enum yw_code code = YW_OK;
    yw_register_marks(r, o->id, INT64_MIN, INT64_MAX, false, take_mark, &l);
    yw_register_filings(r, o->id, 0, INT64_MIN, INT64_MAX, false, take_filing, &l);
    yw_register_plans(r, o->enterprise, take_plan, s);
    if (store)
        code =
            backend->rows(store, o->id, YW_KIND_PERIODIC, INT64_MIN, INT64_MAX, take_device_check, &l, err);
    if (code == YW_OK && l.failed)
        code = yw_fail(err, YW_E_LIMIT, "outlet %u has more marks or checks than can be judged", o->id);
    return code;
}

/* ---- the whole ---- */

static enum yw_code from_act(const char *text, const struct yw_rules *rules, struct yw_site *out,
                             struct yw_error *err) {
    json_error_t why;
    json_t *json = json_loads(text, 0, &why);
    if (!json) return yw_fail(err, YW_E_FORMAT, "site: %s", why.text);
    enum yw_code code = yw_site_from_json(json, rules, out, err);
    json_decref(json);
    return code;
}

static enum yw_code from_rows(const struct yw_register *r, const struct yw_outlet *o, struct yw_site *out,
                              struct yw_error *err) {
    size_t n;
    const struct yw_enterprise *e = yw_register_enterprise(r, o->enterprise);
    const struct yw_factor_rule *rules = yw_register_factors(r, o->id, &n);
    uint8_t profile = profile_of(o, e, rules, n);
    yw_site_init(out, profile);
    if (profile == 0 || n == 0) return yw_fail(err, YW_E_NOT_FOUND, "outlet %u has nothing to judge", o->id);
    for (size_t i = 0; i < n; i++) add_rule(out, &rules[i], e);
    return YW_OK;
}

static uint16_t interval_said(const struct yw_register *r, uint32_t outlet) {
    const struct yw_device *devices[8];
    size_t n = yw_register_devices_of(r, outlet, devices, YW_COUNT(devices));
    for (size_t i = 0; i < n; i++)
        if (devices[i]->min_interval_min > 0 && devices[i]->min_interval_min <= 60)
            return devices[i]->min_interval_min;
    return 0;
}

enum yw_code yw_site_build(const struct yw_register *r, const struct yw_rules *rules,
                           const struct yw_store_backend *backend, struct yw_store *store, uint32_t outlet,
                           int64_t first, struct yw_site *out, struct yw_error *err) {
    const struct yw_outlet *o = yw_register_outlet(r, outlet);
    memset(out, 0, sizeof *out);
    if (!o) return yw_fail(err, YW_E_NOT_FOUND, "there is no outlet %u", outlet);
    const char *act = yw_register_site(r, outlet);
    enum yw_code code = act ? from_act(act, rules, out, err) : from_rows(r, o, out, err);
    if (code == YW_OK && out->factor_n == 0)
        code = yw_fail(err, YW_E_NOT_FOUND, "outlet %u has no factor to judge", outlet);
    uint16_t said = interval_said(r, outlet);
    bool act_says = act && strstr(act, "\"minute_interval\"") != NULL;
    if (code == YW_OK && said && !act_says) out->minute_interval = said;
    if (code == YW_OK && store) code = learn(backend, store, outlet, first, said || act_says, out, err);
    if (code == YW_OK && out->name[0] == 0) set(out->name, sizeof out->name, o->name);
    if (code == YW_OK && out->id[0] == 0) set(out->id, sizeof out->id, o->code);
    bool says_units = act && strstr(act, "\"units\"") != NULL;
    if (code == YW_OK && store && !says_units) code = yw_units_learn(backend, store, outlet, out, err);
    if (code == YW_OK) yw_units_resolve(r, o, out);
    if (code == YW_OK) code = add_lists(r, backend, store, o, out, err);
    if (code != YW_OK) yw_site_free(out);
    return code;
}

/* ---- digest ---- */

static void say(struct yw_buf *b, const char *text) {
    yw_buf_puts(b, text);
    yw_buf_putc(b, '\n');
}

void yw_site_digest(const struct yw_site *s, char out[17]) {
    struct yw_buf b;
    yw_buf_init(&b, 1 << 20);
    yw_buf_printf(&b, "%u %u %u %d %d %a %a %a %a %lld\n", s->profile, s->minute_interval, s->due_per_day,
                  s->allow_down, s->flow_is_standard_dry, s->reference_oxygen, s->stack_area_m2,
                  s->velocity_k, s->barometric_pa, (long long)s->commissioned);
    for (size_t i = 0; i < s->factor_n; i++) {
        const struct yw_site_factor *f = &s->factors[i];
        say(&b, f->code);
        say(&b, f->unit);
        yw_buf_printf(&b, "%u %d %d %d %d %a %a %a %a %u %a\n", f->role, f->wet, f->actual, f->ppm,
                      f->converted, f->molar_g, f->low, f->high, f->detection, f->method, f->constant_h);
    }
    for (size_t i = 0; i < s->limit_n; i++) {
        const struct yw_site_limit *l = &s->limits[i];
        say(&b, l->factor);
        say(&b, l->unit);
        say(&b, l->source);
        yw_buf_printf(&b, "%a %a %a %a %a %u %u %u %d %d %d %d\n", l->value, l->value_low, l->share,
                      l->cold_value, l->cold_c, l->period, l->basis, l->confidence, l->converted, l->enabled,
                      l->valid_from, l->valid_to);
    }
    for (size_t i = 0; i < s->amount_n; i++) {
        say(&b, s->amounts[i].factor);
        say(&b, s->amounts[i].source);
        yw_buf_printf(&b, "%a %u\n", s->amounts[i].t, s->amounts[i].period);
    }
    for (size_t i = 0; i < s->thermocouple_n; i++) say(&b, s->thermocouples[i]);
    for (size_t i = 0; i < s->unit_n; i++) {
        const struct yw_site_unit *u = &s->units[i];
        say(&b, u->id);
        say(&b, u->factor);
        say(&b, u->field);
        say(&b, u->serves);
        yw_buf_printf(&b, "%s\n%d %a %a %u %u\n", u->id, u->treatment, u->running_above, u->rated, u->records,
                      u->source);
    }
    for (size_t i = 0; i < s->correction_n; i++) {
        const struct yw_correction *c = &s->corrections[i];
        say(&b, c->rule);
        say(&b, c->figure);
        yw_buf_printf(&b, "%a %d %u %d\n", c->value, c->enabled, c->confidence, c->from);
    }
    snprintf(out, 17, "%016llx", (unsigned long long)yw_hash64(b.data ? b.data : "", b.len, 0));
    yw_buf_free(&b);
}
