/* One outlet; and the file of its enterprise. */
#include "web/web_int.h"

#include <math.h>
#include <string.h>

enum { DEVICES_MOST = 32, LIST_MOST = 500 };

static void put_devices(struct yw_request *q, const struct yw_outlet *o, bool intervals) {
    struct yw_buf *b = &q->out;
    const struct yw_device *d[DEVICES_MOST];
    size_t n = yw_register_devices_of(q->reg, o->id, d, DEVICES_MOST);
    yj_key(b, "devices");
    yj_open(b, '[');
    for (size_t i = 0; i < n; i++) {
        yj_open(b, '{');
        yj_put_i64(b, "id", d[i]->id);
        yj_put_text(b, "mn", d[i]->mn);
        yj_put_text(b, "state", yw_device_state_name(d[i]->state));
        yj_put_i64(b, "version", d[i]->version);
        if (intervals) {
            yj_put_i64(b, "rtd_interval_s", d[i]->rtd_interval_s);
            yj_put_i64(b, "min_interval_min", d[i]->min_interval_min);
        }
        yj_close(b, '}');
    }
    yj_close(b, ']');
}

static void put_factors(struct yw_request *q, const struct yw_outlet *o) {
    struct yw_buf *b = &q->out;
    size_t n;
    const struct yw_factor_rule *f = yw_register_factors(q->reg, o->id, &n);
    yj_key(b, "factors");
    yj_open(b, '[');
    for (size_t i = 0; i < n; i++) {
        const struct yw_factor_name *name = yw_factor_name(&q->web->factors, f[i].code);
        yj_open(b, '{');
        yj_put_text(b, "code", f[i].code);
        yj_put_text(b, "name_zh", name != NULL ? name->name_zh : f[i].code);
        yj_put_text(b, "name_en", name != NULL ? name->name_en : f[i].code);
        yj_put_text(b, "unit", f[i].unit[0] != '\0' || name == NULL ? f[i].unit : name->unit);
        yj_put_f64(b, "range_low", f[i].range_low);
        yj_put_f64(b, "range_high", f[i].range_high);
        yj_put_f64(b, "limit", f[i].limit);
        yj_put_f64(b, "amount_t_a", f[i].amount_t_a);
        yj_put_f64(b, "reference_oxygen", f[i].reference_oxygen);
        yj_put_bool(b, "judge_converted", f[i].judge_converted);
        yj_close(b, '}');
    }
    yj_close(b, ']');
}

static void put_outlet_head(struct yw_request *q, const struct yw_outlet *o,
                            const struct yw_outlet_state *s) {
    struct yw_buf *b = &q->out;
    yj_put_i64(b, "id", o->id);
    yj_put_text(b, "code", o->code);
    yj_put_text(b, "name", o->name);
    yj_put_text(b, "kind", yw_outlet_kind_name(o->kind));
    yj_put_text_or_null(b, "st", o->st);
    yj_put_text(b, "state", yw_online_name(yw_online_state(q->reg, o, s, q->now)));
    yj_put_time(b, "last_arrival", s->last_arrival);
}

YW_HANDLER(yw_get_outlet) {
    struct yw_buf *b = &q->out;
    const struct yw_outlet *o = yw_register_outlet(q->reg, q->id);
    const struct yw_enterprise *e = yw_register_enterprise(q->reg, o->enterprise);
    const struct yw_area *a = e != NULL ? yw_register_area(q->reg, e->area) : NULL;
    const struct yw_maintainer *m = yw_register_maintainer(q->reg, o->maintainer);
    struct yw_outlet_state s;
    struct yw_store *store = yw_web_store_take(q->web, NULL);
    yw_states_get(q->web->states, o->id, &s);
    yw_states_refresh_main(q->web->states, store, q->reg, o, &s);
    yw_web_store_give(q->web, store, true);
    int64_t newest = 0;
    for (int k = 1; k < YW_KIND_COUNT; k++) newest = s.last_time[k] > newest ? s.last_time[k] : newest;
    yj_open(b, '{');
    put_outlet_head(q, o, &s);
    yw_put_enterprise_brief(b, e);
    yj_put_text_or_null(b, "area", e != NULL ? e->area : NULL);
    yj_put_text_or_null(b, "area_name", a != NULL ? a->name : NULL);
    yj_put_f64(b, "lon", isnan(o->lon) && e != NULL ? e->lon : o->lon);
    yj_put_f64(b, "lat", isnan(o->lat) && e != NULL ? e->lat : o->lat);
    yj_key(b, "maintainer");
    if (m != NULL) {
        yj_open(b, '{');
        yj_put_i64(b, "id", m->id);
        yj_put_text(b, "name", m->name);
        yj_close(b, '}');
    } else {
        yj_null(b);
    }
    put_devices(q, o, true);
    put_factors(q, o);
    yj_put_time(b, "last_time", newest);
    yw_put_main(b, q->reg, o->id, &s.main);
    yj_key(b, "kinds");
    yj_open(b, '{');
    for (int k = 1; k < YW_KIND_COUNT; k++) {
        if (s.last_time[k] == 0) continue;
        yj_key(b, yw_kind_name((enum yw_kind)k));
        yj_open(b, '{');
        yj_put_time(b, "last", s.last_time[k]);
        yj_close(b, '}');
    }
    yj_close(b, '}');
    yj_close(b, '}');
    return 200;
}

/* ---- enterprises ---- */

static void put_enterprise_head(struct yw_request *q, const struct yw_enterprise *e) {
    struct yw_buf *b = &q->out;
    const struct yw_area *a = yw_register_area(q->reg, e->area);
    yj_put_i64(b, "id", e->id);
    yj_put_text(b, "name", e->name);
    yj_put_text(b, "short_name", e->short_name[0] != '\0' ? e->short_name : e->name);
    yj_put_text(b, "credit_code", e->credit_code);
    yj_put_text_or_null(b, "area", e->area);
    yj_put_text_or_null(b, "area_name", a != NULL ? a->name : NULL);
    yj_put_text_or_null(b, "industry", e->industry);
}

YW_HANDLER(yw_get_enterprises) {
    int64_t after, limit;
    if (!yw_query_i64(q, "after", 0, UINT32_MAX, 0, &after) ||
        !yw_query_i64(q, "limit", 1, LIST_MOST, 100, &limit)) {
        return yw_problem(q, 400, "query", "after 或 limit 不是允许的数字",
                          "after or limit is not a number within its range");
    }
    const char *text = yw_query(q, "q"), *area = yw_query(q, "area");
    struct yw_buf *b = &q->out;
    size_t n, outlets;
    const struct yw_enterprise *e = yw_register_enterprises(q->reg, &n);
    const struct yw_outlet *o = yw_register_outlets(q->reg, &outlets);
    int64_t given = 0, next = 0;
    yj_open(b, '{');
    yj_key(b, "enterprises");
    yj_open(b, '[');
    for (size_t i = 0; i < n && next == 0; i++) {
        bool asked = yw_text_has(e[i].name, text) || yw_text_has(e[i].short_name, text) ||
                     yw_text_has(e[i].credit_code, text) || yw_text_has(e[i].permit_number, text);
        if (e[i].id <= after || !asked ||
            (area[0] != '\0' && !yw_register_area_within(q->reg, e[i].area, area)) ||
            !yw_sees_enterprise(q->reg, &q->session.user, &e[i])) {
            continue;
        }
        if (given++ == limit) {
            next = e[i - 1].id;
            break;
        }
        int64_t count = 0;
        for (size_t k = 0; k < outlets; k++) {
            count += o[k].enterprise == e[i].id && yw_sees_outlet(q->reg, &q->session.user, &o[k]);
        }
        yj_open(b, '{');
        put_enterprise_head(q, &e[i]);
        yj_put_text_or_null(b, "permit_number", e[i].permit_number);
        yj_put_day(b, "permit_to", e[i].permit_to);
        yj_put_i64(b, "outlets", count);
        yj_close(b, '}');
    }
    yj_close(b, ']');
    yj_key(b, "next");
    next != 0 ? yj_i64(b, next) : yj_null(b);
    yj_close(b, '}');
    return 200;
}

YW_HANDLER(yw_get_enterprise) {
    struct yw_buf *b = &q->out;
    const struct yw_enterprise *e = yw_register_enterprise(q->reg, q->id);
    size_t n;
    const struct yw_outlet *o = yw_register_outlets(q->reg, &n);
    yj_open(b, '{');
    put_enterprise_head(q, e);
    yj_put_text_or_null(b, "address", e->address);
    yj_put_text_or_null(b, "contact", e->contact);
    yj_put_text_or_null(b, "phone", e->phone);
    yj_put_f64(b, "lon", e->lon);
    yj_put_f64(b, "lat", e->lat);
    yj_key(b, "permit");
    yj_open(b, '{');
    yj_put_text_or_null(b, "number", e->permit_number);
    yj_put_day(b, "from", e->permit_from);
    yj_put_day(b, "to", e->permit_to);
    yj_close(b, '}');
    yj_key(b, "outlets");
    yj_open(b, '[');
    for (size_t i = 0; i < n; i++) {
        if (o[i].enterprise != e->id || !yw_sees_outlet(q->reg, &q->session.user, &o[i])) continue;
        struct yw_outlet_state s;
        yw_states_get(q->web->states, o[i].id, &s);
        yj_open(b, '{');
        put_outlet_head(q, &o[i], &s);
        put_factors(q, &o[i]);
        put_devices(q, &o[i], false);
        yj_close(b, '}');
    }
    yj_close(b, ']');
    yj_close(b, '}');
    return 200;
}

/* ---- search ---- */

enum { HITS_MOST = 30 };

static void hit(struct yw_buf *b, const char *kind, uint32_t id, const char *title, const char *sub) {
    yj_open(b, '{');
    yj_put_text(b, "kind", kind);
    yj_put_i64(b, "id", id);
    yj_put_text(b, "title", title);
    yj_put_text(b, "sub", sub);
    yj_close(b, '}');
}

YW_HANDLER(yw_get_search) {
    const char *text = yw_query(q, "q");
    struct yw_buf *b = &q->out;
    const struct yw_user *u = &q->session.user;
    size_t n, hits = 0;
    yj_open(b, '{');
    yj_key(b, "hits");
    yj_open(b, '[');
    const struct yw_enterprise *e = yw_register_enterprises(q->reg, &n);
    for (size_t i = 0; i < n && hits < HITS_MOST / 2 && text[0] != '\0'; i++) {
        if (!yw_text_has(e[i].name, text) && !yw_text_has(e[i].short_name, text) &&
            !yw_text_has(e[i].credit_code, text))
            continue;
        if (!yw_sees_enterprise(q->reg, u, &e[i])) continue;
        hit(b, "enterprise", e[i].id, e[i].name, e[i].credit_code);
        hits++;
    }
    const struct yw_outlet *o = yw_register_outlets(q->reg, &n);
    for (size_t i = 0; i < n && hits < HITS_MOST - 5 && text[0] != '\0'; i++) {
        const struct yw_enterprise *of = yw_register_enterprise(q->reg, o[i].enterprise);
        if ((!yw_text_has(o[i].name, text) && !yw_text_has(o[i].code, text)) ||
            !yw_sees_outlet(q->reg, u, &o[i]))
            continue;
        char title[128];
        snprintf(title, sizeof title, "%s %s", o[i].code, o[i].name);
        hit(b, "outlet", o[i].id, title, of != NULL ? of->name : "");
        hits++;
    }
    const struct yw_device *d = yw_register_devices(q->reg, &n);
    for (size_t i = 0; i < n && hits < HITS_MOST && text[0] != '\0'; i++) {
        const struct yw_outlet *at = yw_register_outlet(q->reg, d[i].outlet);
        if (!yw_text_has(d[i].mn, text) || !yw_sees_outlet(q->reg, u, at)) continue;
        hit(b, "device", d[i].id, d[i].mn, at->name);
        hits++;
    }
    yj_close(b, ']');
    yj_close(b, '}');
    return 200;
}
