/* One device in full: what the register says of it, and what its packets showed. */
#include "web/web_int.h"

#include "web/device_detail.h"
#include "web/keys.h"

#include "web/gaps_policy.h"
#include "web/packet_text.h"

#include "hj212.h"

#include <stdlib.h>
#include <string.h>

enum { LINKS_MOST = 200, CLOCK_DAYS = 31 };
#define LINKS_SPAN (7 * YW_DAY)

/* ---- dialect ---- */

/* How often one form of two was met: the word for it. */
static const char *form(uint64_t other, uint64_t all, const char *usual, const char *otherwise) {
    return other == 0 ? usual : other >= all ? otherwise : "mixed";
}

static void put_dialect(struct yw_buf *b, const struct yw_device_fact *f) {
    static const char *const versions[] = {"2005", "2017", "2025"};
    yj_key(b, "dialect");
    if (f == NULL || f->packets == 0) {
        yj_null(b);
        return;
    }
    yj_open(b, '{');
    yj_put_text(b, "crc", form(f->crc_modbus, f->packets, "hj212", "modbus"));
    yj_put_text(b, "crc_case", form(f->crc_lower, f->packets, "upper", "lower"));
    yj_put_text(b, "text", form(f->gbk, f->packets, "utf8", "gbk"));
    yj_put_text(b, "len", form(f->len_chars, f->packets, "bytes", "characters"));
    yj_put_text(b, "tail", form(f->no_tail, f->packets, "crlf", "missing"));
    yj_key(b, "versions");
    yj_open(b, '{');
    for (size_t i = 0; i < YW_COUNT(versions); i++) yj_put_i64(b, versions[i], (int64_t)f->version[i]);
    yj_close(b, '}');
    yj_key(b, "names");
    yj_open(b, '[');
    for (const char *name = f->names; *name != '\0';) {
        size_t n = strcspn(name, ",");
        yj_text_n(b, name, n);
        name += n + (name[n] == ',');
    }
    yj_close(b, ']');
    yj_put_i64(b, "packets", (int64_t)f->packets);
    yj_put_i64(b, "encrypted", (int64_t)f->encrypted);
    yj_put_i64(b, "split", (int64_t)f->split);
    yj_put_i64(b, "aliased", (int64_t)f->aliased);
    yj_put_time(b, "first", f->first.arrival);
    yj_put_time(b, "last", f->last.arrival);
    yj_close(b, '}');
}

static void put_findings(struct yw_buf *b, const struct yw_device_fact *f) {
    yj_key(b, "findings");
    yj_open(b, '[');
    for (int code = 0; f != NULL && code < HJ212_F_COUNT && code < (int)YW_COUNT(f->findings); code++) {
        if (f->findings[code] == 0) continue;
        const char *zh = yw_finding_zh(code);
        yj_open(b, '{');
        yj_put_text(b, "code", hj212_finding_name(code));
        yj_put_text(b, "text", hj212_finding_text(code));
        yj_put_text(b, "text_zh", zh != NULL ? zh : hj212_finding_text(code));
        yj_put_i64(b, "count", (int64_t)f->findings[code]);
        yj_close(b, '}');
    }
    yj_close(b, ']');
}

static bool take_fact(void *arg, const struct yw_device_fact *f) {
    *(struct yw_device_fact *)arg = *f;
    return false;
}

/* ---- clock ---- */

static void put_ahead(struct yw_buf *b, const char *key, bool known, int64_t ms) {
    yj_key(b, key);
    known ? yj_i64(b, ms) : yj_null(b);
}

/* The store has arrival minus QN; people are shown the device's clock minus the platform's, as the answers to
 * 1011 give it. */
static bool put_day(void *arg, const struct yw_device_day *d) {
    struct yw_buf *b = arg;
    yj_open(b, '{');
    yj_put_day(b, "day", d->day);
    yj_put_i64(b, "n", d->n);
    put_ahead(b, "mean_ms", d->n > 0, d->n > 0 ? -(d->sum_ms / (int64_t)d->n) : 0);
    put_ahead(b, "min_ms", d->n > 0, -d->max_ms);
    put_ahead(b, "max_ms", d->n > 0, -d->min_ms);
    put_ahead(b, "last_ms", d->n > 0, -d->last_ms);
    put_ahead(b, "asked_ms", d->asked_n > 0, d->asked_ms);
    yj_put_time(b, "asked_at", d->asked_last.arrival);
    yj_put_i64(b, "odd", d->odd_n);
    yj_close(b, '}');
    return true;
}

/* ---- links ---- */

bool yw_links_take(void *arg, const struct yw_device_link *l) {
    struct yw_links *to = arg;
    if (to->n < to->max) to->at[to->n++] = *l;
    return to->n < to->max;
}

/* A device that comes anew leaves its old link behind; its packets do not alternate. So two links overlap
 * where each had packets after the other had begun. */
bool yw_links_overlap(const struct yw_device_link *a, const struct yw_device_link *b, int64_t *from,
                      int64_t *to) {
    if (a->device != b->device || (a->journal == b->journal && a->link == b->link)) return false;
    *from = a->first > b->first ? a->first : b->first;
    *to = a->last < b->last ? a->last : b->last;
    return *from < *to;
}

static void put_link(struct yw_buf *b, const struct yw_device_link *l) {
    yj_open(b, '{');
    yw_put_journal(b, l->journal);
    yj_key(b, "link");
    yj_u64_text(b, l->link);
    yj_put_text(b, "peer", l->peer);
    yj_put_time(b, "first", l->first);
    yj_put_time(b, "last", l->last);
    yj_put_i64(b, "packets", (int64_t)l->packets);
    yj_put_i64(b, "refused", (int64_t)l->refused);
    yj_close(b, '}');
}

static void put_links(struct yw_buf *b, const struct yw_links *l) {
    yj_key(b, "links");
    yj_open(b, '[');
    for (size_t i = 0; i < l->n; i++) put_link(b, &l->at[i]);
    yj_close(b, ']');
    yj_key(b, "twins");
    yj_open(b, '[');
    for (size_t i = 0; i < l->n; i++) {
        for (size_t k = i + 1; k < l->n; k++) {
            int64_t from, to;
            if (!yw_links_overlap(&l->at[i], &l->at[k], &from, &to)) continue;
            yj_open(b, '{');
            yj_put_time(b, "from", from);
            yj_put_time(b, "to", to);
            yj_key(b, "a");
            put_link(b, &l->at[i]);
            yj_key(b, "b");
            put_link(b, &l->at[k]);
            yj_close(b, '}');
        }
    }
    yj_close(b, ']');
}

/* ---- what the register says ---- */

void yw_put_device_settings(struct yw_buf *b, const struct yw_register *r, const struct yw_device *d) {
    struct yw_alias *aliases = calloc(YW_ALIASES_MAX, sizeof *aliases);
    size_t n = aliases != NULL ? yw_register_aliases(r, d->id, aliases) : 0;
    yj_put_i64(b, "version", d->version);
    yj_put_i64(b, "rtd_interval_s", d->rtd_interval_s);
    yj_put_i64(b, "min_interval_min", d->min_interval_min);
    yj_put_bool(b, "has_password", d->pw[0] != '\0');
    yj_put_bool(b, "password_under_change", d->pw_next[0] != '\0');
    yj_put_i64(b, "pin_crc", d->pin_crc);
    yj_put_i64(b, "pin_case", d->pin_case);
    yj_put_i64(b, "pin_text", d->pin_text);
    yj_put_i64(b, "pin_reply", d->pin_reply);
    yj_put_i64(b, "overtime_s", d->overtime_s);
    yj_put_i64(b, "recount", d->recount);
    yj_put_i64(b, "execute_s", d->execute_s);
    yj_put_i64(b, "clock_policy", d->clock_policy);
    yj_put_i64(b, "clock_limit_s", d->clock_limit_s);
    yj_put_i64(b, "twin_policy", d->twin_policy);
    yj_put_text(b, "peers", d->peers);
    yj_put_i64(b, "gap_policy", d->gap_policy);
    yj_put_text(b, "overlay", d->overlay);
    yj_key(b, "aliases");
    yj_open(b, '{');
    for (size_t i = 0; i < n; i++) yj_put_text(b, aliases[i].from, aliases[i].to);
    yj_close(b, '}');
    free(aliases);
}

static void put_register(struct yw_buf *b, struct yw_web *w, const struct yw_register *r,
                         const struct yw_device *d) {
    const struct yw_outlet *o = yw_register_outlet(r, d->outlet);
    const struct yw_enterprise *e = o != NULL ? yw_register_enterprise(r, o->enterprise) : NULL;
    struct yw_outlet_state s = {0};
    if (o != NULL) yw_states_get(w->states, o->id, &s);
    yj_put_i64(b, "id", d->id);
    yj_put_text(b, "mn", d->mn);
    yj_put_text(b, "state", yw_device_state_name(d->state));
    yj_put_time(b, "admitted_at", d->admitted_at);
    yj_key(b, "outlet");
    if (o != NULL) {
        yj_open(b, '{');
        yj_put_i64(b, "id", o->id);
        yj_put_text(b, "code", o->code);
        yj_put_text(b, "name", o->name);
        yj_put_text_or_null(b, "st", o->st);
        yj_close(b, '}');
    } else {
        yj_null(b);
    }
    yw_put_enterprise_brief(b, e);
    yj_put_time(b, "last_arrival", s.last_arrival);
    yw_put_device_settings(b, r, d);
}

/* ---- together ---- */

enum yw_code yw_put_device_detail(struct yw_buf *b, struct yw_web *w, const struct yw_register *r,
                                  const struct yw_device *d, int64_t now, struct yw_error *err) {
    struct yw_device_fact *fact = calloc(1, sizeof *fact);
    struct yw_links links = {.at = calloc(LINKS_MOST, sizeof *links.at), .max = LINKS_MOST};
    if (fact == NULL || links.at == NULL) {
        free(fact);
        free(links.at);
        return yw_fail(err, YW_E_NOMEM, "out of memory");
    }
    struct yw_store *store = yw_web_store_take(w, NULL);
    enum yw_code code = YW_OK;
    if (store != NULL) code = yw_store_sqlite.facts(store, d->id, take_fact, fact, err);
    if (store != NULL && code == YW_OK)
        code = yw_store_sqlite.links(store, d->id, now - LINKS_SPAN, yw_links_take, &links, err);
    yj_open(b, '{');
    put_register(b, w, r, d);
    put_dialect(b, fact);
    put_findings(b, fact);
    yj_key(b, "clock");
    yj_open(b, '[');
    if (store != NULL && code == YW_OK)
        code = yw_store_sqlite.clocks(store, d->id, yw_china_day(now) - CLOCK_DAYS + 1, put_day, b, err);
    yj_close(b, ']');
    put_links(b, &links);
    yw_put_keys(b, w, r, d->id, now);
    yj_key(b, "gaps");
    yw_put_gaps_summary(b, w, d->outlet);
    yj_close(b, '}');
    yw_web_store_give(w, store, code == YW_OK);
    free(fact);
    free(links.at);
    return code;
}

YW_HANDLER(yw_get_device) {
    struct yw_error err = {0};
    enum yw_code code =
        yw_put_device_detail(&q->out, q->web, q->reg, yw_register_device(q->reg, q->id), q->now, &err);
    return code == YW_OK ? 200 : yw_problem_from(q, code, &err);
}
