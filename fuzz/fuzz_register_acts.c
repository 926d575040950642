/* Acts from anywhere: one a line. Whatever they say, the register stays one: ids sorted, every MN found,
 * references whole. */
#include <stdlib.h>
#include <string.h>

#include "register/filings.h"
#include "register/marks.h"
#include "register/queries.h"
#include "register/sites.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Its networks read, its aliases are those of the present version, the keys that open its packets are its
 * own. */
static void check_device(const struct yw_register *r, const struct yw_device *d) {
    struct yw_network networks[YW_PEER_NETWORKS_MAX];
    struct yw_alias aliases[YW_ALIASES_MAX];
    const struct yw_device_key *keys[YW_SNAP_KEYS];
    size_t n;
    if (yw_networks_parse(d->peers, networks, &n, NULL) != YW_OK) abort();
    n = yw_register_aliases(r, d->id, aliases);
    for (size_t i = 0; i < n; i++) {
        const char *to =
            yw_register_alias_at(r, d->id, yw_register_version(r), aliases[i].from, strlen(aliases[i].from));
        if (to == NULL || strcmp(to, aliases[i].to) != 0) abort();
    }
    n = yw_register_keys_now(r, d->id, keys);
    for (size_t i = 0; i < n; i++) {
        if (keys[i] == NULL && i == 0) continue;
        if (keys[i]->device != d->id || keys[i]->state == YW_KEY_RETIRED) abort();
        if (yw_register_key(r, keys[i]->key_id) != keys[i]) abort();
    }
}

/* Versions of one thing belong to one outlet and count down to 1; a mark is disputed by its open queries
 * alone. */
struct open_queries {
    uint64_t mark;
    unsigned n;
};
static bool count_query(void *arg, const struct yw_query_row *q) {
    struct open_queries *o = arg;
    if (q->state >= YW_QUERY_STATES || q->number[0] == '\0') abort();
    o->n += q->mark == o->mark && q->state != YW_QUERY_CLOSED;
    return true;
}

static bool check_mark(void *arg, const struct yw_mark_row *m) {
    const struct yw_register *r = arg;
    const struct yw_mark_row *v[YW_MARK_VERSIONS_MAX];
    size_t n = yw_register_mark_versions(r, m->head.id, v, YW_COUNT(v));
    if (n != m->head.version || v[0] != m || m->from >= m->to || m->reason[0] == '\0' || m->role == 0)
        abort();
    for (size_t i = 0; i < n; i++) {
        if (v[i]->head.version != n - i || v[i]->head.outlet != m->head.outlet) abort();
        if (v[i]->withdrawn && i > 0) abort();
    }
    struct open_queries o = {.mark = m->head.id};
    yw_register_queries(r, m->head.outlet, count_query, &o);
    if (o.n != m->open_queries) abort();
    return true;
}

static bool check_filing(void *arg, const struct yw_filing_row *f) {
    const struct yw_filing_row *v[YW_FILING_VERSIONS_MAX];
    size_t n = yw_register_filing_versions(arg, f->head.id, v, YW_COUNT(v));
    struct yw_check c;
    if (n != f->head.version || f->from > f->to || f->pair_n > YW_CHECK_PAIRS) abort();
    if (yw_filing_check(f, &c) && (f->withdrawn || c.factor[0] == '\0')) abort();
    return true;
}

static bool check_change(void *arg, uint32_t outlet, int64_t from) {
    (void)from;
    if (outlet != 0 && yw_register_outlet(arg, outlet) == NULL) abort();
    return true;
}

static void check(const struct yw_register *r) {
    size_t n, outlets;
    const struct yw_device *d = yw_register_devices(r, &n);
    const struct yw_outlet *o = yw_register_outlets(r, &outlets);
    for (size_t i = 0; i < n; i++) {
        if (i > 0 && d[i - 1].id >= d[i].id) abort();
        const struct yw_device *found = yw_register_device_by_mn(r, d[i].mn, strlen(d[i].mn));
        if (found != &d[i]) abort();
        uint32_t now = yw_register_outlet_at(r, d[i].id, yw_register_version(r));
        if (now != (d[i].state == YW_DEVICE_ADMITTED ? d[i].outlet : 0)) abort();
        if (d[i].outlet != 0 && yw_register_outlet(r, d[i].outlet) == NULL) abort();
        check_device(r, &d[i]);
    }
    for (size_t i = 0; i < outlets; i++) {
        if (yw_register_enterprise(r, o[i].enterprise) == NULL) abort();
        void *arg = (void *)(uintptr_t)r;
        yw_register_marks(r, o[i].id, INT64_MIN, INT64_MAX, true, check_mark, arg);
        yw_register_filings(r, o[i].id, 0, INT64_MIN, INT64_MAX, true, check_filing, arg);
        const char *site = yw_register_site(r, o[i].id);
        if (site != NULL && strlen(site) > YW_SITE_JSON_MAX) abort();
        const struct yw_device *there[8];
        size_t k = yw_register_devices_of(r, o[i].id, there, 8);
        while (k > 0) {
            if (there[--k]->outlet != o[i].id) abort();
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct yw_register *r = yw_register_create();
    if (r == NULL) return 0;
    const char *at = (const char *)data, *end = at + size;
    while (at < end) {
        const char *line = memchr(at, '\n', (size_t)(end - at));
        size_t n = line != NULL ? (size_t)(line - at) : (size_t)(end - at);
        uint32_t version = yw_register_version(r);
        struct yw_error err = {0};
        enum yw_code code = yw_register_apply(r, at, n, &err);
        if (code != YW_OK && err.text[0] == '\0') abort();
        if (yw_register_version(r) != version + (code != YW_E_NOT_FOUND || yw_register_version(r) != version))
            abort();
        at += n + 1;
    }
    check(r);
    (void)yw_register_judgement_change(r, 0, check_change, (void *)(uintptr_t)r);
    static const uint8_t key[32] = {1};
    if (yw_passwords_locked(r, key) > yw_passwords_locked(r, NULL)) abort();
    yw_register_destroy(r);
    return 0;
}
