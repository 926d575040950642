/* Versions of things of outlets: appended, chained, looked up. */
#include "register/versions.h"

#include <stdlib.h>
#include <string.h>

static int order_thing(const void *a, const void *b) {
    const struct yw_thing *x = a, *y = b;
    return (x->id > y->id) - (x->id < y->id);
}

static int order_outlet(const void *a, const void *b) {
    const struct yw_things_of *x = a, *y = b;
    return (x->outlet > y->outlet) - (x->outlet < y->outlet);
}

void yw_versions_init(struct yw_versions *v, size_t row_size, size_t rows_most, uint32_t outlet_most,
                      uint32_t version_most) {
    v->rows = (struct yw_rows){.size = row_size, .most = rows_most};
    v->things = (struct yw_rows){.size = sizeof(struct yw_thing), .most = rows_most, .order = order_thing};
    v->outlets =
        (struct yw_rows){.size = sizeof(struct yw_things_of), .most = rows_most, .order = order_outlet};
    v->outlet_most = outlet_most;
    v->version_most = version_most;
}

static void *row_at(const struct yw_versions *v, uint32_t i) {
    return i != YW_NO_ROW ? v->rows.at + (size_t)i * v->rows.size : NULL;
}

void yw_versions_free(struct yw_versions *v) {
    for (size_t i = 0; i < v->rows.n; i++) {
        struct yw_version head;
        memcpy(&head, v->rows.at + i * v->rows.size, sizeof head);
        free(head.texts);
    }
    free(v->rows.at);
    free(v->things.at);
    free(v->outlets.at);
}

static struct yw_thing *thing_of(const struct yw_versions *v, uint64_t id) {
    return yw_rows_get(&v->things, &(struct yw_thing){.id = id});
}

void *yw_versions_get(const struct yw_versions *v, uint64_t id) {
    const struct yw_thing *t = thing_of(v, id);
    return t != NULL ? row_at(v, t->last) : NULL;
}

uint64_t yw_versions_next(const struct yw_versions *v) {
    const struct yw_thing *t = (const void *)v->things.at;
    return v->things.n > 0 ? t[v->things.n - 1].id + 1 : 1;
}

static enum yw_code put_new(struct yw_versions *v, struct yw_version *head, const char *what,
                            struct yw_error *err) {
    struct yw_things_of of = {.outlet = head->outlet, .last = YW_NO_ROW};
    const struct yw_things_of *known = yw_rows_get(&v->outlets, &of);
    if (known != NULL) of = *known;
    if (head->id < yw_versions_next(v) || head->version != 1)
        return yw_fail(err, YW_E_FORMAT, "%s.id: must be new, with version 1", what);
    if (of.n >= v->outlet_most)
        return yw_fail(err, YW_E_LIMIT, "%s: an outlet has at most %u", what, v->outlet_most);
    if (!yw_rows_reserve(&v->things, 1) || !yw_rows_reserve(&v->outlets, 1) || !yw_rows_reserve(&v->rows, 1))
        return yw_fail(err, YW_E_LIMIT, "%s: more than the register holds", what);
    struct yw_thing t = {.id = head->id, .last = (uint32_t)v->rows.n, .before = of.last};
    of.last = (uint32_t)v->things.n;
    of.n++;
    yw_rows_put(&v->things, &t);
    yw_rows_put(&v->outlets, &of);
    head->before = YW_NO_ROW;
    return YW_OK;
}

static enum yw_code put_next(struct yw_versions *v, struct yw_thing *t, struct yw_version *head,
                             const char *what, struct yw_error *err) {
    const struct yw_version *old = row_at(v, t->last);
    if (head->outlet != old->outlet)
        return yw_fail(err, YW_E_FORMAT, "%s.outlet: is not that of %s %llu", what, what,
                       (unsigned long long)head->id);
    if (head->version != old->version + 1)
        return yw_fail(err, YW_E_FORMAT, "%s.version: must be %u", what, old->version + 1);
    if (head->version > v->version_most || !yw_rows_reserve(&v->rows, 1))
        return yw_fail(err, YW_E_LIMIT, "%s: at most %u versions of one", what, v->version_most);
    head->before = t->last;
    t->last = (uint32_t)v->rows.n;
    return YW_OK;
}

enum yw_code yw_versions_put(struct yw_versions *v, void *row, const char *what, struct yw_error *err) {
    struct yw_version head;
    memcpy(&head, row, sizeof head);
    struct yw_thing *t = thing_of(v, head.id);
    enum yw_code code = t == NULL ? put_new(v, &head, what, err) : put_next(v, t, &head, what, err);
    if (code != YW_OK) return code;
    memcpy(row, &head, sizeof head);
    memcpy(v->rows.at + v->rows.n++ * v->rows.size, row, v->rows.size);
    return YW_OK;
}

enum yw_code yw_versions_fit(struct yw_versions *v, const void *rows, size_t n, const char *what,
                             struct yw_error *err) {
    uint64_t next = yw_versions_next(v), last = 0;
    for (size_t i = 0; i < n; i++) {
        struct yw_version head;
        memcpy(&head, (const char *)rows + i * v->rows.size, sizeof head);
        const struct yw_version *old = yw_versions_get(v, head.id);
        const struct yw_things_of *of =
            yw_rows_get(&v->outlets, &(struct yw_things_of){.outlet = head.outlet});
        /* In order of ids, so that none can come twice. */
        if (head.id <= last || (old == NULL && (head.id < next || head.version != 1)))
            return yw_fail(err, YW_E_FORMAT, "%s.id: %llu is not new, or out of order", what,
                           (unsigned long long)head.id);
        if (old != NULL && (old->outlet != head.outlet || head.version != old->version + 1))
            return yw_fail(err, YW_E_FORMAT, "%s.version: %llu is of another outlet, or not version %u", what,
                           (unsigned long long)head.id, old->version + 1);
        if (head.version > v->version_most || (of != NULL ? of->n : 0) + n > v->outlet_most)
            return yw_fail(err, YW_E_LIMIT, "%s: at most %u versions of one, and %u of an outlet", what,
                           v->version_most, v->outlet_most);
        last = head.id;
    }
    if (!yw_rows_reserve(&v->things, n) || !yw_rows_reserve(&v->outlets, n) || !yw_rows_reserve(&v->rows, n))
        return yw_fail(err, YW_E_LIMIT, "%s: more than the register holds", what);
    return YW_OK;
}

void yw_versions_of(const struct yw_versions *v, uint32_t outlet, bool (*each)(void *arg, const void *row),
                    void *arg) {
    const struct yw_things_of *of = yw_rows_get(&v->outlets, &(struct yw_things_of){.outlet = outlet});
    const struct yw_thing *things = (const void *)v->things.at;
    for (uint32_t i = of != NULL ? of->last : YW_NO_ROW; i != YW_NO_ROW; i = things[i].before) {
        if (!each(arg, row_at(v, things[i].last))) return;
    }
}

void yw_versions_all(const struct yw_versions *v, bool (*each)(void *arg, const void *row), void *arg) {
    const struct yw_thing *things = (const void *)v->things.at;
    for (size_t i = v->things.n; i > 0; i--) {
        if (!each(arg, row_at(v, things[i - 1].last))) return;
    }
}

const void *yw_versions_before(const struct yw_versions *v, const void *row) {
    struct yw_version head;
    memcpy(&head, row, sizeof head);
    return row_at(v, head.before);
}
