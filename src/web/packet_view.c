/* What the bytes of a packet mean: pure, from bytes to JSON. Passwords and keys are masked wherever they
 * stand, in the bytes and in the fields. */
#include "web/packet_text.h"

#include "hj212.h"
#include "web/json.h"

#include <stdlib.h>
#include <string.h>

enum { RUNS_MOST = 4000 };
enum role {
    ROLE_TEXT,
    ROLE_FRAME,
    ROLE_ADDRESS,
    ROLE_TIME,
    ROLE_PASSWORD,
    ROLE_FACTOR /* + number of the item */
};

struct view {
    const char *raw; /* as journalled */
    char *shown;     /* the same with passwords masked */
    uint16_t *role;  /* of each byte */
    size_t n;
    char *plain; /* segment with the data area opened, NULL: it was not encrypted */
    hj212_packet p;
    bool is_packet;
};

static bool begins(const char *text, size_t n, const char *name, size_t length) {
    for (size_t i = 0; i < length; i++) {
        if (i >= n || (text[i] | 32) != name[i]) return false;
    }
    return n > length && text[length] == '=';
}

/* Everything behind "PW=" and "NewSK=" up to the next separator, whatever the frame around it looks like. */
void yw_mask_passwords(char *text, size_t n) {
    for (size_t i = 0; i < n; i++) {
        size_t name = begins(text + i, n - i, "pw", 2) ? 2 : begins(text + i, n - i, "newsk", 5) ? 5 : 0;
        if (name == 0) continue;
        for (i += name + 1; i < n && strchr(";,&\r\n", text[i]) == NULL; i++) text[i] = '*';
    }
}

/* What was opened stands at the same place as its cipher, unless that was printed as {0x..}; what is not in
 * the frame cannot be painted. */
static hj212_span in_frame(const struct view *v, hj212_span s) {
    const hj212_span seg = v->p.segment;
    if (v->plain == NULL || s.p == NULL || s.p < v->plain || s.p > v->plain + HJ212_FRAME_MAX) return s;
    size_t at = (size_t)(s.p - v->plain);
    bool moved = v->p.cp.p + v->p.cp.n + 2 != v->plain + seg.n && s.p >= v->p.cp.p;
    return moved || at > seg.n || s.n > seg.n - at ? (hj212_span){NULL, 0} : (hj212_span){seg.p + at, s.n};
}

static void paint(struct view *v, hj212_span s, uint16_t role) {
    s = in_frame(v, s);
    if (s.p == NULL || s.p < v->raw || s.p > v->raw + v->n || s.n > v->n - (size_t)(s.p - v->raw)) return;
    for (uint32_t i = 0; i < s.n; i++) v->role[(size_t)(s.p - v->raw) + i] = role;
}

static hj212_span shown(const struct view *v, hj212_span s) {
    if (s.p != NULL && s.p >= v->raw && s.p <= v->raw + v->n) s.p = v->shown + (s.p - v->raw);
    return s;
}

static bool is_time_field(hj212_span f) {
    return (f.n >= 4 && memcmp(f.p + f.n - 4, "Time", 4) == 0) || (f.n == 2 && memcmp(f.p, "QN", 2) == 0);
}

static void paint_items(struct view *v) {
    hj212_iterator it;
    hj212_item item;
    uint16_t number = 0;
    hj212_items(&it, v->p.cp);
    while (hj212_next(&it, &item) && number < UINT16_MAX - ROLE_FACTOR) {
        hj212_span whole = item.code.p != NULL ? item.code : item.field;
        const char *end = item.value.p != NULL ? item.value.p + item.value.n : item.field.p + item.field.n;
        if (whole.p == NULL || end < whole.p) continue;
        whole.n = (uint32_t)(end - whole.p);
        if (item.code.p != NULL) {
            paint(v, whole, (uint16_t)(ROLE_FACTOR + number));
        } else if (is_time_field(item.field)) {
            paint(v, whole, ROLE_TIME);
        }
        number++;
    }
}

static void paint_packet(struct view *v) {
    const hj212_packet *p = &v->p;
    if (p->segment.p != NULL) {
        hj212_span head = {p->frame, (uint32_t)(p->segment.p - p->frame)};
        const char *end = p->segment.p + p->segment.n;
        hj212_span tail = {end, (uint32_t)(p->frame + p->frame_len - end)};
        paint(v, head, ROLE_FRAME);
        paint(v, tail, ROLE_FRAME);
    }
    paint(v, p->st, ROLE_ADDRESS);
    paint(v, p->cn, ROLE_ADDRESS);
    paint(v, p->mn, ROLE_ADDRESS);
    paint(v, p->qn, ROLE_TIME);
    paint_items(v);
    paint(v, p->pw, ROLE_PASSWORD);
}

static void paint_masked(struct view *v) {
    for (size_t i = 0; i < v->n; i++) {
        if (v->raw[i] != v->shown[i]) v->role[i] = ROLE_PASSWORD;
    }
}

/* ---- as JSON ---- */

static void put_span(struct yw_buf *b, const char *key, const struct view *v, hj212_span s) {
    s = shown(v, s);
    yj_key(b, key);
    if (s.p == NULL) {
        yj_null(b);
    } else {
        yw_put_packet_text(b, s.p, s.n);
    }
}

/* The number-th item of the data area. */
static bool item_at(const struct view *v, unsigned number, hj212_item *item) {
    hj212_iterator it;
    hj212_items(&it, v->p.cp);
    for (unsigned i = 0; hj212_next(&it, item); i++) {
        if (i == number) return true;
    }
    return false;
}

static void put_runs(struct yw_buf *b, const struct view *v) {
    static const char *const names[] = {"text", "frame", "address", "time", "password", "factor"};
    yj_key(b, "runs");
    yj_open(b, '[');
    size_t runs = 0;
    for (size_t i = 0; i < v->n && runs < RUNS_MOST; runs++) {
        size_t end = i;
        uint16_t role = v->role[i];
        while (end < v->n && v->role[end] == role) end++;
        yj_open(b, '{');
        yj_put_i64(b, "offset", (int64_t)i);
        yj_put_i64(b, "length", (int64_t)(end - i));
        yj_put_text(b, "role", names[role < ROLE_FACTOR ? role : ROLE_FACTOR]);
        hj212_item item;
        if (role >= ROLE_FACTOR && item_at(v, role - ROLE_FACTOR, &item)) {
            put_span(b, "factor", v, item.code);
            put_span(b, "field", v, item.field);
        }
        yj_close(b, '}');
        i = end;
    }
    yj_close(b, ']');
}

static void put_items(struct yw_buf *b, const struct view *v) {
    hj212_iterator it;
    hj212_item item;
    yj_key(b, "items");
    yj_open(b, '[');
    hj212_items(&it, v->p.cp);
    while (v->is_packet && hj212_next(&it, &item)) {
        yj_open(b, '{');
        put_span(b, "code", v, item.code);
        put_span(b, "field", v, item.field);
        put_span(b, "value", v, item.value);
        yj_close(b, '}');
    }
    yj_close(b, ']');
}

static void put_findings(struct yw_buf *b, const struct view *v) {
    yj_key(b, "findings");
    yj_open(b, '[');
    size_t n = !v->is_packet                              ? 0
               : v->p.findings_total < HJ212_FINDINGS_MAX ? v->p.findings_total
                                                          : HJ212_FINDINGS_MAX;
    for (size_t i = 0; i < n; i++) {
        int code = v->p.findings[i].code;
        yj_open(b, '{');
        yj_put_text(b, "code", hj212_finding_name(code));
        yj_put_i64(b, "offset", v->p.findings[i].offset);
        yj_put_text_or_null(b, "text_zh", yw_finding_zh(code));
        yj_put_text(b, "text", hj212_finding_text(code));
        yj_close(b, '}');
    }
    yj_close(b, ']');
}

static void put_crc(struct yw_buf *b, const struct view *v) {
    const hj212_packet *p = &v->p;
    char text[8];
    yj_key(b, "crc");
    if (!v->is_packet) {
        yj_null(b);
        return;
    }
    yj_open(b, '{');
    snprintf(text, sizeof text, "%04X", p->crc_sent);
    yj_put_text(b, "sent", text);
    snprintf(text, sizeof text, "%04X", p->crc_want);
    yj_put_text(b, "want", text);
    yj_put_text(b, "kind", p->crc_modbus ? "modbus" : p->crc_sent == p->crc_want ? "hj212" : "bad");
    yj_close(b, '}');
}

/* The data area as it was before it was encrypted; null where nothing was. */
static void put_plain(struct yw_buf *b, const struct view *v) {
    yj_key(b, "plain");
    if (v->is_packet && v->p.decrypted && v->p.cp.p != NULL) {
        yw_put_packet_text(b, v->p.cp.p, v->p.cp.n);
    } else {
        yj_null(b);
    }
}

bool yw_packet_view(struct yw_buf *b, const char *raw, size_t n, const uint8_t *key, char qn[YW_QN_TEXT]) {
    struct view v = {.raw = raw, .n = n, .shown = malloc(n + 1), .role = calloc(n + 1, sizeof *v.role)};
    if (key != NULL) v.plain = malloc(HJ212_FRAME_MAX + 1);
    bool good = v.shown != NULL && v.role != NULL && (key == NULL || v.plain != NULL);
    qn[0] = '\0';
    if (good) {
        memcpy(v.shown, raw, n);
        hj212_options options = {.at_end = true, .keys = key, .key_count = key != NULL, .plain = v.plain};
        v.is_packet = hj212_decode(&options, raw, n, &v.p).status == HJ212_PACKET;
        yw_mask_passwords(v.shown, n);
        if (v.is_packet && v.p.decrypted && v.p.cp.p != NULL)
            yw_mask_passwords((char *)(uintptr_t)v.p.cp.p, v.p.cp.n);
        if (v.is_packet) {
            hj212_span pw = shown(&v, in_frame(&v, v.p.pw));
            if (pw.p != NULL) memset((char *)(uintptr_t)pw.p, '*', pw.n);
            if (v.p.decrypted && v.p.pw.p != NULL) memset((char *)(uintptr_t)v.p.pw.p, '*', v.p.pw.n);
            if (v.p.qn.p != NULL) yw_copy(qn, YW_QN_TEXT, v.p.qn.p, v.p.qn.n);
            paint_packet(&v);
        }
        paint_masked(&v);
        hj212_span none = {NULL, 0};
        yj_key(b, "hex");
        yw_buf_putc(b, '"');
        yw_buf_hex(b, v.shown, n);
        yw_buf_putc(b, '"');
        yj_put_bool(b, "ok", v.is_packet && v.p.ok);
        yj_key(b, "version");
        v.is_packet ? yj_i64(b, v.p.version) : yj_null(b);
        put_span(b, "qn", &v, v.is_packet ? v.p.qn : none);
        put_span(b, "st", &v, v.is_packet ? v.p.st : none);
        put_span(b, "cn", &v, v.is_packet ? v.p.cn : none);
        put_span(b, "mn", &v, v.is_packet ? v.p.mn : none);
        put_crc(b, &v);
        put_plain(b, &v);
        put_runs(b, &v);
        put_findings(b, &v);
        put_items(b, &v);
    }
    free(v.shown);
    free(v.role);
    free(v.plain);
    return good;
}
