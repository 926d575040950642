/* The register as it stands: sorted arrays, look-ups, and which outlet a device had in which version. */
#include "register/model.h"
#include "register/cameras.h"
#include "register/corrections.h"
#include "register/filings.h"
#include "register/marks.h"
#include "register/plans.h"
#include "register/queries.h"
#include "register/sites.h"
#include "register/targets.h"

#include <stdlib.h>
#include <string.h>

enum { AREA_DEPTH_MAX = 8 };
#define MN_SEED 0x59574d4eull

static int order_u32(uint32_t a, uint32_t b) {
    return (a > b) - (a < b);
}

static int order_area(const void *a, const void *b) {
    return strcmp(((const struct yw_area *)a)->code, ((const struct yw_area *)b)->code);
}

static int order_unit(const void *a, const void *b) {
    return strcmp(((const struct yw_unit *)a)->code, ((const struct yw_unit *)b)->code);
}

/* Every other struct begins with its id. */
static int order_id(const void *a, const void *b) {
    uint32_t x, y;
    memcpy(&x, a, sizeof x);
    memcpy(&y, b, sizeof y);
    return order_u32(x, y);
}

static int order_factor(const void *a, const void *b) {
    const struct yw_factor_rule *x = a, *y = b;
    int c = order_u32(x->outlet, y->outlet);
    return c != 0 ? c : strcmp(x->code, y->code);
}

static int order_change(const void *a, const void *b) {
    const struct yw_change *x = a, *y = b;
    int c = order_u32(x->device, y->device);
    return c != 0 ? c : order_u32(x->version, y->version);
}

static int order_place(const void *a, const void *b) {
    const struct yw_place *x = a, *y = b;
    int c = order_u32(x->outlet, y->outlet);
    return c != 0 ? c : order_u32(x->device, y->device);
}

bool yw_rows_reserve(struct yw_rows *rows, size_t more) {
    if (more > rows->most - rows->n) return false;
    size_t want = rows->n + more;
    if (want <= rows->cap) return true;
    size_t cap = rows->cap < 16 ? 16 : rows->cap;
    while (cap < want) cap *= 2;
    char *at = realloc(rows->at, cap * rows->size);
    if (at == NULL) return false;
    rows->at = at;
    rows->cap = cap;
    return true;
}

size_t yw_rows_find(const struct yw_rows *rows, const void *key, bool *found) {
    size_t low = 0, high = rows->n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int c = rows->order(rows->at + middle * rows->size, key);
        if (c == 0) {
            *found = true;
            return middle;
        }
        if (c < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    *found = false;
    return low;
}

void yw_rows_put(struct yw_rows *rows, const void *row) {
    bool found = false;
    size_t i = rows->n;
    /* Acts mostly bring rows behind the last one. */
    if (rows->n > 0 && rows->order(rows->at + (rows->n - 1) * rows->size, row) >= 0) {
        i = yw_rows_find(rows, row, &found);
    }
    char *place = rows->at + i * rows->size;
    if (!found) {
        memmove(place + rows->size, place, (rows->n - i) * rows->size);
        rows->n++;
    }
    memcpy(place, row, rows->size);
}

void *yw_rows_get(const struct yw_rows *rows, const void *key) {
    bool found = false;
    size_t i = yw_rows_find(rows, key, &found);
    return found ? rows->at + i * rows->size : NULL;
}

struct yw_register *yw_register_create(void) {
    struct yw_register *r = calloc(1, sizeof *r);
    if (r == NULL) return NULL;
    r->areas = (struct yw_rows){.size = sizeof(struct yw_area), .most = YW_AREAS_MAX, .order = order_area};
    r->units = (struct yw_rows){.size = sizeof(struct yw_unit), .most = YW_UNITS_MAX, .order = order_unit};
    r->maintainers =
        (struct yw_rows){.size = sizeof(struct yw_maintainer), .most = YW_MAINTAINERS_MAX, .order = order_id};
    r->enterprises =
        (struct yw_rows){.size = sizeof(struct yw_enterprise), .most = YW_ENTERPRISES_MAX, .order = order_id};
    r->outlets =
        (struct yw_rows){.size = sizeof(struct yw_outlet), .most = YW_OUTLETS_MAX, .order = order_id};
    r->factors = (struct yw_rows){
        .size = sizeof(struct yw_factor_rule), .most = YW_FACTORS_MAX, .order = order_factor};
    r->devices =
        (struct yw_rows){.size = sizeof(struct yw_device), .most = YW_DEVICES_MAX, .order = order_id};
    r->history =
        (struct yw_rows){.size = sizeof(struct yw_change), .most = UINT32_MAX, .order = order_change};
    r->places =
        (struct yw_rows){.size = sizeof(struct yw_place), .most = YW_DEVICES_MAX, .order = order_place};
    r->targets =
        (struct yw_rows){.size = sizeof(struct yw_target), .most = YW_TARGETS_MAX, .order = order_id};
    r->target_mns = (struct yw_rows){.size = sizeof(struct yw_target_mn),
                                     .most = (size_t)YW_TARGETS_MAX * YW_REWRITES_MAX,
                                     .order = yw_order_target_mn};
    r->aliases = (struct yw_rows){
        .size = sizeof(struct yw_alias_change), .most = YW_ALIAS_CHANGES_MAX, .order = yw_order_alias};
    r->policies =
        (struct yw_rows){.size = sizeof(struct yw_policy), .most = YW_POLICIES_MAX, .order = yw_order_policy};
    r->keys = (struct yw_rows){.size = sizeof(struct yw_device_key), .most = YW_KEYS_MAX, .order = order_id};
    r->key_places = (struct yw_rows){
        .size = sizeof(struct yw_key_place), .most = YW_KEYS_MAX, .order = yw_order_key_place};
    r->cameras =
        (struct yw_rows){.size = sizeof(struct yw_camera), .most = YW_CAMERAS_MAX, .order = order_id};
    yw_versions_init(&r->marks, sizeof(struct yw_mark_row), YW_MARKS_MAX, YW_MARKS_OUTLET_MAX,
                     YW_MARK_VERSIONS_MAX);
    yw_versions_init(&r->queries, sizeof(struct yw_query_row), YW_QUERIES_MAX, YW_QUERIES_OUTLET_MAX,
                     YW_QUERY_STATES);
    yw_versions_init(&r->filings, sizeof(struct yw_filing_row), YW_FILINGS_MAX, YW_FILINGS_OUTLET_MAX,
                     YW_FILING_VERSIONS_MAX);
    yw_sites_init(&r->sites);
    r->corrections = (struct yw_rows){.size = sizeof(struct yw_correction_row), .most = YW_CORRECTIONS_MAX};
    r->plans =
        (struct yw_rows){.size = sizeof(struct yw_plan_entry), .most = YW_PLANS_MAX, .order = order_id};
    r->judgement =
        (struct yw_rows){.size = sizeof(struct yw_judgement_change), .most = YW_JUDGEMENT_CHANGES_MAX};
    return r;
}

void yw_register_destroy(struct yw_register *r) {
    if (r == NULL) return;
    struct yw_rows *all[] = {&r->areas,      &r->units,   &r->maintainers, &r->enterprises, &r->outlets,
                             &r->factors,    &r->devices, &r->history,     &r->places,      &r->targets,
                             &r->target_mns, &r->aliases, &r->policies,    &r->keys,        &r->key_places,
                             &r->cameras,    &r->plans,   &r->corrections, &r->judgement};
    for (size_t i = 0; i < YW_COUNT(all); i++) free(all[i]->at);
    yw_versions_free(&r->marks);
    yw_versions_free(&r->queries);
    yw_versions_free(&r->filings);
    yw_sites_free(&r->sites);
    free(r->mn_table);
    free(r);
}

uint32_t yw_register_version(const struct yw_register *r) {
    return r->version;
}

/* Ids are mostly dense from 1, so the first guess nearly always holds. */
static const void *by_id(const struct yw_rows *rows, uint32_t id) {
    if (id == 0) return NULL;
    uint32_t there;
    if (id <= rows->n) {
        const char *guess = rows->at + (id - 1) * rows->size;
        memcpy(&there, guess, sizeof there);
        if (there == id) return guess;
    }
    size_t low = 0, high = rows->n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const char *row = rows->at + middle * rows->size;
        memcpy(&there, row, sizeof there);
        if (there == id) return row;
        if (there < id) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return NULL;
}

const struct yw_device *yw_register_device(const struct yw_register *r, uint32_t id) {
    return by_id(&r->devices, id);
}
const struct yw_outlet *yw_register_outlet(const struct yw_register *r, uint32_t id) {
    return by_id(&r->outlets, id);
}
const struct yw_enterprise *yw_register_enterprise(const struct yw_register *r, uint32_t id) {
    return by_id(&r->enterprises, id);
}
const struct yw_maintainer *yw_register_maintainer(const struct yw_register *r, uint32_t id) {
    return by_id(&r->maintainers, id);
}

const struct yw_area *yw_register_area(const struct yw_register *r, const char *code) {
    struct yw_area key = {0};
    if (!yw_copy(key.code, sizeof key.code, code, strlen(code))) return NULL;
    return yw_rows_get(&r->areas, &key);
}

bool yw_register_area_within(const struct yw_register *r, const char *code, const char *ancestor) {
    if (ancestor[0] == '\0') return true;
    for (int depth = 0; depth < AREA_DEPTH_MAX && code[0] != '\0'; depth++) {
        if (strcmp(code, ancestor) == 0) return true;
        const struct yw_area *a = yw_register_area(r, code);
        if (a == NULL) return false;
        code = a->parent;
    }
    return false;
}

const struct yw_unit *yw_register_unit(const struct yw_register *r, const char *code) {
    struct yw_unit key = {0};
    if (!yw_copy(key.code, sizeof key.code, code, strlen(code))) return NULL;
    return yw_rows_get(&r->units, &key);
}

bool yw_register_unit_within(const struct yw_register *r, const char *code, const char *ancestor) {
    if (ancestor[0] == '\0') return true;
    for (int depth = 0; depth < YW_UNIT_DEPTH_MAX && code[0] != '\0'; depth++) {
        if (strcmp(code, ancestor) == 0) return true;
        const struct yw_unit *u = yw_register_unit(r, code);
        if (u == NULL) return false;
        code = u->parent;
    }
    return false;
}

/* ---- MN table ---- */

static void mn_insert(struct yw_register *r, const char *mn, uint32_t id) {
    size_t i = (size_t)yw_hash64(mn, strlen(mn), MN_SEED) & (r->mn_slots - 1);
    while (r->mn_table[i] != 0 && r->mn_table[i] != id) i = (i + 1) & (r->mn_slots - 1);
    r->mn_table[i] = id;
}

static bool mn_reserve(struct yw_register *r, size_t more) {
    size_t want = r->devices.n + more, slots = r->mn_slots < 64 ? 64 : r->mn_slots;
    while (slots / 2 < want) slots *= 2;
    if (slots == r->mn_slots) return true;
    uint32_t *table = calloc(slots, sizeof *table);
    if (table == NULL) return false;
    free(r->mn_table);
    r->mn_table = table;
    r->mn_slots = slots;
    const struct yw_device *d = (const void *)r->devices.at;
    for (size_t i = 0; i < r->devices.n; i++) mn_insert(r, d[i].mn, d[i].id);
    return true;
}

const struct yw_device *yw_register_device_by_mn(const struct yw_register *r, const char *mn, size_t n) {
    if (r->mn_slots == 0 || n == 0 || n >= sizeof(((struct yw_device *)0)->mn)) return NULL;
    size_t i = (size_t)yw_hash64(mn, n, MN_SEED) & (r->mn_slots - 1);
    for (; r->mn_table[i] != 0; i = (i + 1) & (r->mn_slots - 1)) {
        const struct yw_device *d = yw_register_device(r, r->mn_table[i]);
        if (d != NULL && strlen(d->mn) == n && memcmp(d->mn, mn, n) == 0) return d;
    }
    return NULL;
}

/* ---- devices: their row, their history, their place ---- */

bool yw_register_device_reserve(struct yw_register *r, size_t more) {
    return yw_rows_reserve(&r->devices, more) && yw_rows_reserve(&r->history, more) &&
           yw_rows_reserve(&r->places, more) && mn_reserve(r, more);
}

uint32_t yw_register_outlet_at(const struct yw_register *r, uint32_t device, uint32_t version) {
    struct yw_change key = {.device = device, .version = version};
    bool found = false;
    size_t i = yw_rows_find(&r->history, &key, &found);
    const struct yw_change *c = (const void *)r->history.at;
    if (found) return c[i].outlet;
    return i > 0 && c[i - 1].device == device ? c[i - 1].outlet : 0;
}

void yw_register_put_device(struct yw_register *r, const struct yw_device *d) {
    uint32_t now = d->state == YW_DEVICE_ADMITTED ? d->outlet : 0;
    if (yw_register_outlet_at(r, d->id, r->version) != now) {
        struct yw_change c = {d->id, r->version, now};
        yw_rows_put(&r->history, &c);
    }
    const struct yw_device *old = yw_register_device(r, d->id);
    bool known = old != NULL;
    if (known && old->min_interval_min != d->min_interval_min) yw_note_judgement(r, d->outlet, INT64_MIN);
    struct yw_place was = {known ? old->outlet : 0, d->id}, is = {d->outlet, d->id};
    if (was.outlet != is.outlet) {
        bool found = false;
        size_t i = yw_rows_find(&r->places, &was, &found);
        if (found) {
            char *place = r->places.at + i * r->places.size;
            memmove(place, place + r->places.size, (--r->places.n - i) * r->places.size);
        }
        if (is.outlet != 0) yw_rows_put(&r->places, &is);
    }
    yw_rows_put(&r->devices, d);
    if (!known) mn_insert(r, d->mn, d->id);
}

size_t yw_register_devices_of(const struct yw_register *r, uint32_t outlet, const struct yw_device **out,
                              size_t max) {
    struct yw_place key = {outlet, 0};
    bool found;
    size_t n = 0;
    const struct yw_place *p = (const void *)r->places.at;
    for (size_t i = yw_rows_find(&r->places, &key, &found);
         i < r->places.n && p[i].outlet == outlet && n < max; i++) {
        out[n++] = yw_register_device(r, p[i].device);
    }
    return n;
}

/* ---- arrays ---- */

const struct yw_area *yw_register_areas(const struct yw_register *r, size_t *n) {
    *n = r->areas.n;
    return (const void *)r->areas.at;
}
const struct yw_unit *yw_register_units(const struct yw_register *r, size_t *n) {
    *n = r->units.n;
    return (const void *)r->units.at;
}
const struct yw_maintainer *yw_register_maintainers(const struct yw_register *r, size_t *n) {
    *n = r->maintainers.n;
    return (const void *)r->maintainers.at;
}
const struct yw_enterprise *yw_register_enterprises(const struct yw_register *r, size_t *n) {
    *n = r->enterprises.n;
    return (const void *)r->enterprises.at;
}
const struct yw_outlet *yw_register_outlets(const struct yw_register *r, size_t *n) {
    *n = r->outlets.n;
    return (const void *)r->outlets.at;
}
const struct yw_device *yw_register_devices(const struct yw_register *r, size_t *n) {
    *n = r->devices.n;
    return (const void *)r->devices.at;
}

const struct yw_factor_rule *yw_register_factors(const struct yw_register *r, uint32_t outlet, size_t *n) {
    struct yw_factor_rule key = {.outlet = outlet};
    bool found;
    size_t from = yw_rows_find(&r->factors, &key, &found), to = from;
    const struct yw_factor_rule *f = (const void *)r->factors.at;
    while (to < r->factors.n && f[to].outlet == outlet) to++;
    *n = to - from;
    return *n > 0 ? f + from : NULL;
}

static uint32_t next_id(const struct yw_rows *rows) {
    uint32_t last = 0;
    if (rows->n > 0) memcpy(&last, rows->at + (rows->n - 1) * rows->size, sizeof last);
    return last + 1;
}

uint32_t yw_register_next_device(const struct yw_register *r) {
    return next_id(&r->devices);
}
uint32_t yw_register_next_enterprise(const struct yw_register *r) {
    return next_id(&r->enterprises);
}
uint32_t yw_register_next_outlet(const struct yw_register *r) {
    return next_id(&r->outlets);
}
uint32_t yw_register_next_maintainer(const struct yw_register *r) {
    return next_id(&r->maintainers);
}
