/* Which outlet sends what shows that a unit runs: what a site says, what can be learnt, and whom a record of
 * an outlet concerns beside itself. */
#include "judged/judging.h"

#include "register/sites.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { LEARN_RECORDS = 200 };

static uint32_t outlet_of_code(const struct yw_register *r, uint32_t enterprise, const char *code) {
    size_t n;
    const struct yw_outlet *outlets = yw_register_outlets(r, &n);
    for (size_t i = 0; i < n; i++)
        if (outlets[i].enterprise == enterprise && strcmp(outlets[i].code, code) == 0) return outlets[i].id;
    return 0;
}

void yw_units_resolve(const struct yw_register *r, const struct yw_outlet *outlet, struct yw_site *site) {
    for (size_t i = 0; i < site->unit_n; i++) {
        struct yw_site_unit *u = &site->units[i];
        u->source = u->outlet[0] ? outlet_of_code(r, outlet->enterprise, u->outlet) : outlet->id;
    }
}

/* ---- learning ---- */

static bool is_facility(const char *code) {
    if (strncmp(code, "SB", 2) != 0) return false;
    size_t n = strlen(code + 2);
    return n >= 1 && n <= 3 && strspn(code + 2, "0123456789") == n;
}

static bool learn_row(void *arg, const struct yw_row *row) {
    struct yw_site *s = arg;
    for (size_t i = 0; i < row->count && s->unit_n < YW_SITE_UNITS; i++) {
        const struct yw_value *v = &row->values[i];
        size_t at = 0;
        if (strcmp(v->field, "RS") != 0 || !is_facility(v->factor)) continue;
        while (at < s->unit_n && strcmp(s->units[at].id, v->factor) < 0) at++;
        if (at < s->unit_n && strcmp(s->units[at].id, v->factor) == 0) continue;
        memmove(&s->units[at + 1], &s->units[at], (s->unit_n - at) * sizeof s->units[0]);
        s->units[at] = (struct yw_site_unit){
            .treatment = true, .records = YW_UNIT_FACILITY, .field = "RS", .rated = (double)NAN};
        yw_copy(s->units[at].id, sizeof s->units[at].id, v->factor, strlen(v->factor));
        yw_copy(s->units[at].factor, sizeof s->units[at].factor, v->factor, strlen(v->factor));
        s->unit_n++;
    }
    return true;
}

enum yw_code yw_units_learn(const struct yw_store_backend *backend, struct yw_store *store, uint32_t outlet,
                            struct yw_site *site, struct yw_error *err) {
    return backend->recent(store, outlet, YW_KIND_FACILITY, INT64_MAX, LEARN_RECORDS, learn_row, site, err);
}

/* ---- the first time ---- */

struct finding {
    const char *factor;
    int64_t first;
};

/* Rows come in order of time. */
static bool find_factor(void *arg, const struct yw_row *row) {
    struct finding *x = arg;
    if (row->time >= x->first) return false;
    for (size_t i = 0; i < row->count; i++) {
        if (strcmp(row->values[i].factor, x->factor) != 0) continue;
        x->first = row->time;
        return false;
    }
    return true;
}

static enum yw_code first_of_unit(const struct yw_store_backend *backend, struct yw_store *store,
                                  uint32_t source, const json_t *unit, int64_t *first, struct yw_error *err) {
    static const enum yw_kind values[] = {YW_KIND_MINUTE, YW_KIND_HOUR, YW_KIND_REAL};
    static const enum yw_kind facility[] = {YW_KIND_FACILITY}, runtime[] = {YW_KIND_RUNTIME};
    const char *field = json_string_value(json_object_get(unit, "field"));
    struct finding x = {json_string_value(json_object_get(unit, "factor")), *first};
    const enum yw_kind *kinds = values;
    size_t n = YW_COUNT(values);
    if (source == 0 || !x.factor) return YW_OK;
    if (field && (strcmp(field, "RS") == 0 || strcmp(field, "RT") == 0)) {
        kinds = field[1] == 'S' ? facility : runtime;
        n = 1;
    }
    enum yw_code code = YW_OK;
    for (size_t i = 0; code == YW_OK && i < n; i++)
        code = backend->rows(store, source, kinds[i], 0, INT64_MAX, find_factor, &x, err);
    *first = x.first;
    return code;
}

bool yw_units_said(const struct yw_register *r, uint32_t outlet) {
    const char *text = yw_register_site(r, outlet);
    return text && strstr(text, "\"units\"");
}

enum yw_code yw_units_first(const struct yw_register *r, const struct yw_store_backend *backend,
                            struct yw_store *store, uint32_t outlet, int64_t *hour, struct yw_error *err) {
    const struct yw_outlet *o = yw_register_outlet(r, outlet);
    json_t *site = o && yw_units_said(r, outlet) ? json_loads(yw_register_site(r, outlet), 0, NULL) : NULL;
    json_t *unit;
    enum yw_code code = YW_OK;
    int64_t first = INT64_MAX;
    size_t i;
    json_array_foreach(json_object_get(site, "units"), i, unit) {
        const char *at = json_string_value(json_object_get(unit, "outlet"));
        uint32_t source = at && at[0] ? outlet_of_code(r, o->enterprise, at) : outlet;
        if (code == YW_OK) code = first_of_unit(backend, store, source, unit, &first, err);
    }
    json_decref(site);
    if (code != YW_OK) return code;
    if (first == INT64_MAX) return yw_fail(err, YW_E_NOT_FOUND, "outlet %u has no data", outlet);
    *hour = first - first % YW_HOUR;
    return YW_OK;
}

/* ---- whom a record concerns ---- */

struct sources {
    struct yw_unit_source *at;
    size_t n, cap;
};

static bool add_source(struct sources *x, uint32_t source, uint32_t outlet) {
    for (size_t i = x->n; i-- > 0 && x->at[i].outlet == outlet;)
        if (x->at[i].source == source) return true;
    if (x->n == x->cap) {
        size_t cap = x->cap ? x->cap * 2 : 64;
        struct yw_unit_source *more = realloc(x->at, cap * sizeof *more);
        if (!more) return false;
        x->at = more;
        x->cap = cap;
    }
    x->at[x->n++] = (struct yw_unit_source){source, outlet};
    return true;
}

static bool sources_of(const struct yw_register *r, const struct yw_outlet *o, struct sources *x) {
    const char *text = yw_register_site(r, o->id);
    if (!text || !strstr(text, "\"units\"") || !strstr(text, "\"outlet\"")) return true;
    json_t *site = json_loads(text, 0, NULL), *unit;
    bool good = true;
    size_t i;
    json_array_foreach(json_object_get(site, "units"), i, unit) {
        const char *code = json_string_value(json_object_get(unit, "outlet"));
        uint32_t source = code && code[0] ? outlet_of_code(r, o->enterprise, code) : 0;
        if (good && source != 0 && source != o->id) good = add_source(x, source, o->id);
    }
    json_decref(site);
    return good;
}

static int source_compare(const void *a, const void *b) {
    const struct yw_unit_source *x = a, *y = b;
    if (x->source != y->source) return x->source < y->source ? -1 : 1;
    return (x->outlet > y->outlet) - (x->outlet < y->outlet);
}

enum yw_code yw_unit_sources(const struct yw_register *r, struct yw_unit_source **out, size_t *n,
                             struct yw_error *err) {
    struct sources x = {0};
    size_t outlet_n;
    const struct yw_outlet *outlets = yw_register_outlets(r, &outlet_n);
    bool good = true;
    for (size_t i = 0; good && i < outlet_n; i++) good = sources_of(r, &outlets[i], &x);
    *out = NULL;
    *n = 0;
    if (!good) {
        free(x.at);
        return yw_fail(err, YW_E_NOMEM, "no memory to note which outlets send for others");
    }
    if (x.n > 0) qsort(x.at, x.n, sizeof *x.at, source_compare);
    *out = x.at;
    *n = x.n;
    return YW_OK;
}
