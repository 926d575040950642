/* Sites as acts, and which acts ask for judging again. */
#include "register/sites.h"

#include <stdlib.h>
#include <string.h>

#include "register/acts.h"
#include "register/members.h"

struct site_row {
    uint32_t outlet;
    char *json; /* owned */
};

static int order_site(const void *a, const void *b) {
    const struct site_row *x = a, *y = b;
    return (x->outlet > y->outlet) - (x->outlet < y->outlet);
}

void yw_sites_init(struct yw_rows *sites) {
    *sites = (struct yw_rows){.size = sizeof(struct site_row), .most = YW_SITES_MAX, .order = order_site};
}

void yw_sites_free(struct yw_rows *sites) {
    struct site_row *s = (void *)sites->at;
    for (size_t i = 0; i < sites->n; i++) free(s[i].json);
    free(sites->at);
}

static bool too_deep(const json_t *v, int left) {
    if (left == 0) return true;
    const char *key;
    json_t *member;
    size_t i;
    if (json_is_array(v)) {
        json_array_foreach(v, i, member) if (too_deep(member, left - 1)) return true;
    } else if (json_is_object(v)) {
        json_object_foreach((json_t *)(uintptr_t)v, key, member) if (too_deep(member, left - 1)) return true;
    }
    return false;
}

/* What are acts of their own, or belong to one run of the judge. */
static enum yw_code check_site(const json_t *site, struct yw_error *err) {
    static const char *const others[] = {"marks", "checks", "manual", "plans",
                                         "from",  "to",     "now",    "records"};
    if (!json_is_object(site)) return yw_fail(err, YW_E_FORMAT, "site: not an object");
    for (size_t i = 0; i < YW_COUNT(others); i++) {
        if (json_object_get(site, others[i]) != NULL)
            return yw_fail(
                err, YW_E_FORMAT,
                "site.%s: does not belong here: marks, filings and plans are kept on their own, and "
                "the range is that of the data",
                others[i]);
    }
    if (too_deep(site, YW_SITE_DEPTH_MAX))
        return yw_fail(err, YW_E_LIMIT, "site: nested deeper than %d levels", YW_SITE_DEPTH_MAX);
    return YW_OK;
}

static void drop(struct yw_rows *rows, uint32_t outlet) {
    bool found;
    struct site_row *all = (void *)rows->at;
    size_t i = yw_rows_find(rows, &(struct site_row){.outlet = outlet}, &found);
    if (!found) return;
    free(all[i].json);
    memmove(all + i, all + i + 1, (--rows->n - i) * sizeof *all);
}

enum yw_code yw_fold_site_put(struct yw_register *r, const json_t *act, struct yw_error *err) {
    int64_t outlet = 0;
    const json_t *site = json_object_get(act, "site");
    enum yw_code code = yw_act_i64(act, "site", "outlet", 1, UINT32_MAX, true, &outlet, err);
    if (code != YW_OK) return code;
    struct site_row row = {.outlet = (uint32_t)outlet};
    if (yw_register_outlet(r, row.outlet) == NULL)
        return yw_fail(err, YW_E_NOT_FOUND, "site.outlet: there is no outlet %u", row.outlet);
    if (json_is_null(site)) {
        drop(&r->sites, row.outlet);
        yw_note_judgement(r, row.outlet, INT64_MIN);
        return YW_OK;
    }
    code = check_site(site, err);
    if (code != YW_OK) return code;
    row.json = json_dumps(site, JSON_COMPACT);
    if (row.json == NULL) return yw_fail(err, YW_E_NOMEM, "site: out of memory");
    if (strlen(row.json) > YW_SITE_JSON_MAX) {
        code = yw_fail(err, YW_E_LIMIT, "site: longer than %d bytes", YW_SITE_JSON_MAX);
    } else if (!yw_rows_reserve(&r->sites, 1)) {
        code = yw_fail(err, YW_E_LIMIT, "site: at most %d outlets have one", YW_SITES_MAX);
    }
    if (code != YW_OK) {
        free(row.json);
        return code;
    }
    drop(&r->sites, row.outlet);
    yw_rows_put(&r->sites, &row);
    yw_note_judgement(r, row.outlet, INT64_MIN);
    return YW_OK;
}

const char *yw_register_site(const struct yw_register *r, uint32_t outlet) {
    const struct site_row *s = yw_rows_get(&r->sites, &(struct site_row){.outlet = outlet});
    return s != NULL ? s->json : NULL;
}

bool yw_act_site_put(struct yw_buf *out, const struct yw_act *a, uint32_t outlet, const char *json) {
    yw_act_begin(out, "site.put", a);
    yw_put_id(out, "outlet", outlet);
    yw_put_name(out, "site");
    yw_buf_puts(out, json != NULL ? json : "null");
    return yw_act_end(out);
}

/* ---- judging again ---- */

void yw_note_judgement(struct yw_register *r, uint32_t outlet, int64_t from) {
    struct yw_rows *rows = &r->judgement;
    struct yw_judgement_change *all = (void *)rows->at, *last = rows->n > 0 ? &all[rows->n - 1] : NULL;
    if (last != NULL && last->version == r->version && last->outlet == outlet) {
        if (from < last->from) last->from = from;
        return;
    }
    struct yw_judgement_change c = {.version = r->version, .outlet = outlet, .from = from};
    if (!yw_rows_reserve(rows, 1)) {
        /* Without room the last line speaks for everything from here on: judged too often, never too little.
         */
        if (last != NULL) *last = (struct yw_judgement_change){r->version, 0, INT64_MIN};
        return;
    }
    memcpy(rows->at + rows->n++ * rows->size, &c, sizeof c);
}

uint32_t yw_register_judgement_change(const struct yw_register *r, uint32_t since_version,
                                      bool (*each)(void *arg, uint32_t outlet, int64_t from), void *arg) {
    const struct yw_judgement_change *all = (const void *)r->judgement.at;
    size_t low = 0, high = r->judgement.n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (all[middle].version <= since_version) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    for (size_t i = low; i < r->judgement.n; i++) {
        if (!each(arg, all[i].outlet, all[i].from)) break;
    }
    return r->version;
}
