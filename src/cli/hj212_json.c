/* A packet as one JSON object. */
#include "hj212_cli.h"

#include <string.h>

/* Text of a packet: UTF-8 as it stands; otherwise it is taken for GBK. */
static void put_text(struct yw_buf *out, hj212_span s, bool gbk) {
    if (gbk) {
        struct yw_buf text;
        yw_buf_init(&text, (size_t)4 * s.n + 16);
        if (yw_gbk_to_utf8(s.p, s.n, &text)) {
            yw_buf_json(out, text.data ? text.data : "", text.len);
            yw_buf_free(&text);
            return;
        }
        yw_buf_free(&text);
    }
    yw_buf_json(out, s.p, s.n);
}

static void put_header_value(struct yw_buf *out, const char *name, hj212_span s) {
    yw_buf_printf(out, ",\"%s\":", name);
    if (s.p)
        put_text(out, s, !yw_utf8_valid(s.p, s.n));
    else
        yw_buf_puts(out, "null");
}

static bool same(hj212_span a, hj212_span b) {
    return a.n == b.n && (a.p != NULL) == (b.p != NULL) && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

/* The items of a data area, each linked with the one before and behind it that bears the same whole name. */
enum { ITEMS_MAX = HJ212_LEN_MAX / 2 + 1, SLOTS = 1 << 14, NONE = UINT16_MAX };

struct items {
    size_t n;
    hj212_item item[ITEMS_MAX];
    uint16_t before[ITEMS_MAX], behind[ITEMS_MAX];
    uint16_t slot[SLOTS]; /* open addressing: index + 1 of the last item of a name */
};

static void collect(struct items *t, hj212_span cp) {
    hj212_iterator it;
    memset(t->slot, 0, sizeof t->slot);
    t->n = 0;
    hj212_items(&it, cp);
    while (t->n < ITEMS_MAX && hj212_next(&it, &t->item[t->n])) {
        size_t i = t->n++;
        const hj212_item *a = &t->item[i];
        uint64_t h = yw_hash64(a->field.p, a->field.n, yw_hash64(a->code.p, a->code.n, a->code.p != NULL));
        size_t at = h % SLOTS;
        for (; t->slot[at]; at = (at + 1) % SLOTS) {
            const hj212_item *b = &t->item[t->slot[at] - 1];
            if (same(a->field, b->field) && same(a->code, b->code)) break;
        }
        t->before[i] = t->slot[at] ? (uint16_t)(t->slot[at] - 1) : NONE;
        t->behind[i] = NONE;
        if (t->slot[at]) t->behind[t->slot[at] - 1] = (uint16_t)i;
        t->slot[at] = (uint16_t)(i + 1);
    }
}

/* Fields without a pollutant. A name that stands several times (PolId, CTime) has an array of its values. */
static void put_cp(struct yw_buf *out, const struct items *t, bool gbk) {
    const char *comma = "";
    yw_buf_puts(out, ",\"cp\":{");
    for (size_t i = 0; i < t->n; i++) {
        if (t->item[i].code.p || t->before[i] != NONE) continue;
        bool several = t->behind[i] != NONE;
        yw_buf_puts(out, comma);
        put_text(out, t->item[i].field, gbk);
        yw_buf_puts(out, several ? ":[" : ":");
        put_text(out, t->item[i].value, gbk);
        for (size_t k = t->behind[i]; k != NONE; k = t->behind[k]) {
            yw_buf_putc(out, ',');
            put_text(out, t->item[k].value, gbk);
        }
        if (several) yw_buf_putc(out, ']');
        comma = ",";
    }
    yw_buf_putc(out, '}');
}

/* Neighbouring items of one code make one entry; a field that comes again begins a new one, so that none is
 * lost. */
static void put_items(struct yw_buf *out, const struct items *t, bool gbk) {
    const char *comma = "";
    yw_buf_puts(out, ",\"items\":[");
    for (size_t i = 0; i < t->n; i++) {
        const hj212_item *first = &t->item[i];
        if (!first->code.p) continue;
        yw_buf_puts(out, comma);
        yw_buf_puts(out, "{\"code\":");
        put_text(out, first->code, gbk);
        yw_buf_puts(out, ",\"fields\":");
        size_t k = i;
        do {
            yw_buf_putc(out, k == i ? '{' : ',');
            put_text(out, t->item[k].field, gbk);
            yw_buf_putc(out, ':');
            put_text(out, t->item[k].value, gbk);
            k++;
        } while (k < t->n && same(t->item[k].code, first->code) &&
                 (t->before[k] == NONE || t->before[k] < i));
        yw_buf_puts(out, "}}");
        comma = ",";
        i = k - 1;
    }
    yw_buf_putc(out, ']');
}

static void put_finding(struct yw_buf *out, int code, uint32_t offset) {
    yw_buf_puts(out, "{\"code\":\"");
    yw_buf_puts(out, hj212_finding_name(code));
    yw_buf_printf(out, "\",\"offset\":%u,\"text\":", offset);
    yw_buf_json(out, hj212_finding_text(code), strlen(hj212_finding_text(code)));
    yw_buf_putc(out, '}');
}

static bool has_finding(const hj212_packet *p, int code) {
    for (unsigned i = 0; i < p->findings_total && i < HJ212_FINDINGS_MAX; i++)
        if (p->findings[i].code == code) return true;
    return false;
}

void hj212_packet_json(struct yw_buf *out, uint64_t offset, const hj212_packet *p) {
    yw_buf_printf(out, "{\"offset\":%llu,\"length\":%zu,\"ok\":%s,\"version\":%u", (unsigned long long)offset,
                  p->frame_len, p->ok ? "true" : "false", p->version);
    put_header_value(out, "qn", p->qn);
    put_header_value(out, "st", p->st);
    put_header_value(out, "cn", p->cn);
    put_header_value(out, "pw", p->pw);
    put_header_value(out, "mn", p->mn);
    put_header_value(out, "flag", p->flag);
    put_header_value(out, "pnum", p->pnum);
    put_header_value(out, "pno", p->pno);
    put_header_value(out, "rf", p->rf);
    bool encrypted = has_finding(p, HJ212_F_ENCRYPTED);
    bool gbk = !encrypted && p->cp.p && !yw_utf8_valid(p->cp.p, p->cp.n);
    struct items items;
    collect(&items, encrypted ? (hj212_span){NULL, 0} : p->cp);
    put_cp(out, &items, gbk);
    put_items(out, &items, gbk);
    if (gbk || encrypted) {
        yw_buf_puts(out, ",\"cp_hex\":\"");
        yw_buf_hex(out, p->cp.p, p->cp.n);
        yw_buf_putc(out, '"');
    }
    yw_buf_puts(out, ",\"findings\":[");
    for (unsigned i = 0; i < p->findings_total && i < HJ212_FINDINGS_MAX; i++) {
        if (i) yw_buf_putc(out, ',');
        put_finding(out, p->findings[i].code, p->findings[i].offset);
    }
    yw_buf_puts(out, "]}");
}

void hj212_garbage_json(struct yw_buf *out, uint64_t offset, uint64_t length) {
    yw_buf_printf(out, "{\"offset\":%llu,\"length\":%llu,\"ok\":false,\"version\":null",
                  (unsigned long long)offset, (unsigned long long)length);
    static const char *const names[] = {"qn", "st", "cn", "pw", "mn", "flag", "pnum", "pno", "rf"};
    for (size_t i = 0; i < YW_COUNT(names); i++) put_header_value(out, names[i], (hj212_span){NULL, 0});
    yw_buf_puts(out, ",\"cp\":{},\"items\":[],\"findings\":[");
    put_finding(out, HJ212_F_GARBAGE, 0);
    yw_buf_puts(out, "]}");
}
