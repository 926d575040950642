/* What packets show of their device: how it writes, how its clock goes, over which link it comes, what it
 * asks. */
#include "pipeline/fold.h"

#include "store/rules.h"

#include <string.h>

_Static_assert(HJ212_F_COUNT <= YW_COUNT(((struct yw_device_fact *)0)->findings), "a finding has no counter");

enum { CN_REGISTER = 1001, CN_ASK_CLOCK = 1013, CN_ASK_KEY = 1014 };

/* A factor's name as it stands in the frame from `at` on. */
static void add_name(struct yw_device_fact *f, const hj212_packet *p, size_t at) {
    size_t n = 0;
    if (p->decrypted || at >= p->frame_len) return;
    const char *from = p->frame + at;
    while (at + n < p->frame_len && n <= YW_FACTOR_MAX && from[n] > ' ' && from[n] < 127 &&
           !memchr("-=,;&\"", from[n], 6))
        n++;
    yw_names_add(f->names, sizeof f->names, from, n);
}

static void add_findings(struct yw_device_fact *f, const hj212_packet *p) {
    uint64_t seen = 0; /* a packet counts once for each kind */
    size_t n = p->findings_total < HJ212_FINDINGS_MAX ? p->findings_total : HJ212_FINDINGS_MAX;
    for (size_t i = 0; i < n; i++) {
        unsigned code = p->findings[i].code;
        if (code == HJ212_F_FACTOR_CODE) add_name(f, p, p->findings[i].offset);
        if (code >= HJ212_F_COUNT || (seen & UINT64_C(1) << code)) continue;
        seen |= UINT64_C(1) << code;
        f->findings[code]++;
    }
    f->crc_lower += seen >> HJ212_F_CRC_CASE & 1;
    f->len_chars += seen >> HJ212_F_LEN_CHARS & 1;
    f->no_tail += seen >> HJ212_F_TAIL & 1;
    f->gbk += seen >> HJ212_F_NOT_UTF8 & 1;
}

static void add_fact(struct yw_device_fact *f, const struct yw_source *source, uint32_t key_id,
                     const struct yw_folded *folded) {
    const hj212_packet *p = &folded->packet;
    if (f->packets++ == 0) f->first = *source;
    f->last = *source;
    f->crc_modbus += p->crc_modbus;
    f->split += p->is_split;
    f->aliased += folded->aliased;
    f->version[p->version == 2005 ? 0 : p->version == 2017 ? 1 : 2]++;
    if (p->findings_total > 0) add_findings(f, p);
    if (key_id == 0) return;
    f->encrypted++;
    f->key_id = key_id;
    f->key_last = *source;
}

static void add_clock(struct yw_device_day *d, const struct yw_source *source, int64_t ms) {
    d->last = *source;
    d->last_ms = ms;
    if (ms > YW_DAY / 1000 || ms < -(YW_DAY / 1000)) {
        d->odd_n++;
        return;
    }
    if (d->n == 0 || ms < d->min_ms) d->min_ms = ms;
    if (d->n == 0 || ms > d->max_ms) d->max_ms = ms;
    d->n++;
    d->sum_ms += ms;
}

static bool add_link(const struct yw_record *record, uint16_t journal, struct yw_tally *tally) {
    char peer[sizeof((struct yw_device_link *)0)->peer];
    if (record->link == 0) return true;
    yw_fold_peer(&record->peer, peer, sizeof peer);
    struct yw_device_link *l = yw_tally_link(tally, record->device, journal, record->link, peer);
    if (!l) return false;
    if (l->packets + l->refused == 0) l->first = record->arrival;
    l->last = record->arrival;
    l->position = record->position;
    if (record->flags & YW_REC_TWIN)
        l->refused++;
    else
        l->packets++;
    return true;
}

/* The hardware id of a device that has no MN yet: printable ASCII. */
static bool hardware_of(hj212_span cp, char *out, size_t size) {
    hj212_iterator it;
    hj212_item item;
    hj212_items(&it, cp);
    while (hj212_next(&it, &item)) {
        if (item.code.n != 6 || memcmp(item.code.p, "i23005", 6) != 0) continue;
        if (item.value.n == 0 || item.value.n >= size) return false;
        for (uint32_t i = 0; i < item.value.n; i++) {
            if (item.value.p[i] <= ' ' || item.value.p[i] > '~') return false;
        }
        memcpy(out, item.value.p, item.value.n);
        out[item.value.n] = 0;
        return true;
    }
    return false;
}

static bool add_notice(const struct yw_record *record, const struct yw_source *source, const hj212_packet *p,
                       struct yw_tally *tally) {
    char hardware[sizeof((struct yw_notice *)0)->hardware] = "";
    bool known = record->flags & YW_REC_ADMITTED;
    if (p->command == CN_REGISTER) {
        if (p->version != 2025 || !hardware_of(p->cp, hardware, sizeof hardware)) return true;
    } else if (!known || (p->command != CN_ASK_CLOCK && p->command != CN_ASK_KEY)) {
        return true;
    }
    struct yw_notice *n =
        yw_tally_notice(tally, known ? record->device : 0, hardware, p->command, source->journal);
    if (!n) return false;
    n->count++;
    n->last = *source;
    yw_fold_text(n->cp, sizeof n->cp, p->cp);
    yw_fold_peer(&record->peer, n->peer, sizeof n->peer);
    return true;
}

bool yw_fold_device(const struct yw_record *record, uint16_t journal, const struct yw_folded *folded,
                    struct yw_tally *tally) {
    const hj212_packet *p = &folded->packet;
    const struct yw_source source = {record->arrival, journal, record->position};
    int64_t qn;
    if (record->direction != YW_DIR_IN) return true;
    if (record->device != 0 && (record->flags & YW_REC_TWIN)) return add_link(record, journal, tally);
    if (!folded->opened) return true;
    if (!add_notice(record, &source, p, tally)) return false;
    if (record->device == 0 || !(record->flags & YW_REC_ADMITTED)) return true;
    struct yw_device_fact *f = yw_tally_fact(tally, record->device, journal);
    if (!f || !add_link(record, journal, tally)) return false;
    add_fact(f, &source, record->key_id, folded);
    /* Only what was sent because it was due tells the clock: QN is the time of sending. */
    enum yw_kind kind = yw_fold_kind(p->command);
    bool live = kind != 0 && kind != YW_KIND_INFO && !p->backfilled && !(record->flags & YW_REC_ASKED);
    if (!live || p->qn.n != 17 || !hj212_parse_time(p->qn, &qn)) return true;
    struct yw_device_day *d = yw_tally_day(tally, record->device, yw_china_day(record->arrival), journal);
    if (!d) return false;
    add_clock(d, &source, (record->arrival - qn) / 1000);
    return true;
}
