#include "pipeline/fold.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

enum yw_kind yw_fold_kind(unsigned command) {
    switch (command) {
    case 2011:
        return YW_KIND_REAL;
    case 2051:
        return YW_KIND_MINUTE;
    case 2061:
        return YW_KIND_HOUR;
    case 2031:
        return YW_KIND_DAY;
    case 2021:
        return YW_KIND_FACILITY;
    case 2041:
        return YW_KIND_RUNTIME;
    case 2013:
    case 2052:
    case 2062:
    case 2111:
        return YW_KIND_PERIODIC;
    default:
        return command >= 1000 && command < 4000 ? YW_KIND_INFO : 0;
    }
}

void yw_fold_peer(const struct yw_peer *peer, char *out, size_t size) {
    static const uint8_t mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    char address[INET6_ADDRSTRLEN] = "?", text[INET6_ADDRSTRLEN + 16];
    bool v4 = memcmp(peer->addr, mapped, sizeof mapped) == 0;
    inet_ntop(v4 ? AF_INET : AF_INET6, v4 ? peer->addr + 12 : peer->addr, address, sizeof address);
    int n = snprintf(text, sizeof text, v4 ? "%s:%u" : "[%s]:%u", address, peer->port);
    yw_copy(out, size, text, (size_t)n);
}

/* Names of unknown devices are shown to people: printable ASCII alone. */
static void copy_plain(char *to, size_t size, hj212_span from) {
    size_t n = from.n < size - 1 ? from.n : size - 1;
    for (size_t i = 0; i < n; i++) to[i] = from.p[i] > ' ' && from.p[i] < 127 ? from.p[i] : '?';
    to[n] = 0;
}

static enum yw_fold fold_waiting(const struct yw_record *record, uint16_t journal,
                                 const struct yw_fold_with *with, struct yw_folded *out) {
    struct yw_waiting *w = &out->waiting;
    const hj212_packet *p = &out->packet;
    bool locked;
    out->opened = yw_fold_open(record, with, true, out->plain, &out->packet, &locked);
    if (!out->opened || p->mn.n == 0) return YW_FOLD_NOTHING;
    memset(w, 0, sizeof *w);
    copy_plain(w->mn, sizeof w->mn, p->mn);
    copy_plain(w->st, sizeof w->st, p->st);
    yw_fold_peer(&record->peer, w->peer, sizeof w->peer);
    w->first_seen = w->last_seen = record->arrival;
    w->packets = 1;
    w->bad_pw = record->flags & YW_REC_BAD_PW ? 1 : 0;
    w->sample = (struct yw_source){record->arrival, journal, record->position};
    return YW_FOLD_WAITING;
}

static bool copy_name(char *to, size_t max, hj212_span name) {
    if (name.n > max || (name.n > 0 && memchr(name.p, 0, name.n))) return false;
    if (name.n > 0) memcpy(to, name.p, name.n);
    memset(to + name.n, 0, max + 1 - name.n);
    return true;
}

/* UTF-8 as it is, GBK converted, anything else with '?' for what cannot be read. */
static void set_text(struct yw_folded *out, struct yw_value *v, hj212_span text) {
    v->is_text = true;
    v->text = text.p ? text.p : "";
    v->text_n = text.n < YW_TEXT_MAX ? text.n : YW_TEXT_MAX;
    while (v->text_n < text.n && v->text_n > 0 && ((uint8_t)v->text[v->text_n] & 0xc0) == 0x80) v->text_n--;
    if (yw_utf8_valid(v->text, v->text_n) && (v->text_n == 0 || !memchr(v->text, 0, v->text_n))) return;
    struct yw_buf utf8;
    yw_buf_init(&utf8, 4 * YW_TEXT_MAX);
    bool gbk = yw_gbk_to_utf8(text.p, v->text_n, &utf8) && utf8.len <= YW_TEXT_MAX &&
               !memchr(utf8.data, 0, utf8.len);
    size_t n = gbk ? utf8.len : v->text_n;
    if (n > out->text_size - out->text_n) n = out->text_size - out->text_n;
    char *to = out->text + out->text_n;
    for (size_t i = 0; i < n; i++) {
        char c = gbk ? utf8.data[i] : text.p[i];
        to[i] = gbk || (c >= ' ' && c < 127) ? c : '?';
    }
    yw_buf_free(&utf8);
    v->text = to;
    v->text_n = (uint32_t)n;
    out->text_n += n;
}

void yw_fold_text(char *out, size_t size, hj212_span text) {
    struct yw_buf utf8;
    yw_buf_init(&utf8, 4 * HJ212_FRAME_MAX);
    bool plain = yw_utf8_valid(text.p, text.n) && (text.n == 0 || !memchr(text.p, 0, text.n));
    bool gbk = !plain && yw_gbk_to_utf8(text.p, text.n, &utf8) && !memchr(utf8.data, 0, utf8.len);
    if (plain || gbk) {
        yw_copy(out, size, plain ? text.p : utf8.data, plain ? text.n : utf8.len);
    } else {
        size_t n = text.n < size - 1 ? text.n : size - 1;
        for (size_t i = 0; i < n; i++) out[i] = text.p[i] >= ' ' && text.p[i] < 127 ? text.p[i] : '?';
        out[n] = 0;
    }
    yw_buf_free(&utf8);
}

/* The factor a device means by a name of its own. */
static hj212_span factor_of(const struct yw_record *record, const struct yw_fold_with *with, hj212_span code,
                            bool *aliased) {
    const char *known =
        with->reg && code.n > 0
            ? yw_register_alias_at(with->reg, record->device, record->register_version, code.p, code.n)
            : NULL;
    if (known) *aliased = true;
    return known ? hj212_text(known) : code;
}

/* False if a value's name is too long to keep: the packet still shows it, the row says that there was a
 * finding. */
static bool set_value(struct yw_folded *out, struct yw_value *v, const hj212_value *from, hj212_span factor) {
    if (!copy_name(v->factor, YW_FACTOR_MAX, factor) || !copy_name(v->field, YW_FIELD_MAX, from->item.field))
        return false;
    v->is_text = false;
    v->scale = 0;
    v->mantissa = 0;
    v->text = NULL;
    v->text_n = 0;
    if (from->kind == HJ212_V_NUMBER) {
        v->mantissa = from->number.mantissa;
        v->scale = from->number.scale;
    } else {
        set_text(out, v, from->item.value);
    }
    return true;
}

static bool is_span(hj212_span s, const char *text) {
    size_t n = strlen(text);
    return s.n == n && memcmp(s.p, text, n) == 0;
}

static enum yw_fold fold_data(const struct yw_record *record, uint16_t journal,
                              const struct yw_fold_with *with, struct yw_folded *out) {
    const hj212_packet *p = &out->packet;
    hj212_value values[YW_VALUES_MAX];
    int64_t time;
    bool locked;
    out->opened = yw_fold_open(record, with, false, out->plain, &out->packet, &locked);
    if (!out->opened) return locked ? YW_FOLD_LOCKED : YW_FOLD_UNREADABLE;
    enum yw_kind kind = yw_fold_kind(p->command);
    if (kind == 0 || hj212_cp_field(p->cp, "BeginTime").p) return YW_FOLD_NOT_DATA;
    if (!hj212_data_time(p, &time)) return kind == YW_KIND_INFO ? YW_FOLD_NOT_DATA : YW_FOLD_UNREADABLE;
    size_t n = hj212_values(p->cp, values, YW_VALUES_MAX), kept = 0;
    bool all = n <= YW_VALUES_MAX;
    for (size_t i = 0; i < n && i < YW_VALUES_MAX; i++) {
        if (values[i].item.code.n == 0 && is_span(values[i].item.field, "DataTime")) continue;
        hj212_span factor = factor_of(record, with, values[i].item.code, &out->aliased);
        if (set_value(out, &out->values[kept], &values[i], factor))
            kept++;
        else
            all = false;
    }
    bool late = p->backfilled || (record->flags & YW_REC_ASKED);
    out->row = (struct yw_row){
        .device = record->device,
        .kind = (uint8_t)kind,
        .flags = (uint8_t)((late ? YW_ROW_BACKFILLED : 0) | (p->is_split ? YW_ROW_SPLIT : 0) |
                           (p->findings_total > 0 || !all ? YW_ROW_FINDINGS : 0)),
        .time = time,
        .source = {record->arrival, journal, record->position},
        .copies = 1,
        .values = out->values,
        .count = kept,
    };
    return YW_FOLD_ROW;
}

enum yw_fold yw_fold_record(const struct yw_record *record, uint16_t journal, const struct yw_fold_with *with,
                            struct yw_folded *out) {
    out->text_n = 0;
    out->opened = out->aliased = false;
    if (record->direction != YW_DIR_IN || (record->flags & YW_REC_TWIN)) return YW_FOLD_NOTHING;
    if (record->flags & YW_REC_ADMITTED) return fold_data(record, journal, with, out);
    if (record->flags & (YW_REC_GARBAGE | YW_REC_BAD_CRC)) return YW_FOLD_NOTHING;
    if (record->flags & (YW_REC_UNKNOWN | YW_REC_BAD_PW)) return fold_waiting(record, journal, with, out);
    return YW_FOLD_NOTHING;
}
