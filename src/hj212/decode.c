/* hj212_decode: a frame off the front of a stream, judged by its CRC, split and checked. */
#include "internal.h"

/* What the CRC says about a segment, and the plain text behind it. */
struct verdict {
    const uint8_t *text; /* plain segment: the one sent, or the decrypted one in options->plain */
    uint32_t n;
    bool good, modbus, swapped, encrypted, decrypted, cipher_text;
    uint32_t area; /* where the data area begins, with encrypted or decrypted */
};

static uint16_t swap(uint16_t v) {
    return (uint16_t)(v << 8 | v >> 8);
}

/* `odd`: the segment holds bytes outside printable ASCII, or a {, as every cipher does, raw or printed. Its
 * CRC can fit by accident, once in 256 packets. */
static struct verdict judge(const hj212_options *o, const uint8_t *seg, uint32_t n, bool odd,
                            hj212_packet *out) {
    struct verdict v = {.text = seg, .n = n};
    struct hj_area a;
    uint16_t sent = out->crc_sent;
    out->crc_want = hj212_crc(seg, n);
    v.good = sent == out->crc_want;
    if (v.good && !odd) return v;
    if (!v.good) {
        uint16_t modbus = hj212_crc_modbus(seg, n);
        v.modbus = sent == modbus;
        v.swapped = sent == swap(out->crc_want) || sent == swap(modbus);
        v.good = v.modbus;
    }
    if (!hj_area_find(seg, n, &a)) return v;
    v.cipher_text = hj_area_is_cipher_text(seg + a.from, a.to - a.from);
    bool cipher = v.cipher_text || hj_area_is_cipher(seg + a.from, a.to - a.from, v.good);
    if (!cipher && (v.good || a.to - a.from < 16)) return v;
    uint32_t plain = o && o->keys && o->plain ? hj_decrypt(o, seg, n, a, sent) : 0;
    v.area = a.from;
    if (plain) {
        v.text = (const uint8_t *)o->plain;
        v.n = plain;
        v.good = v.decrypted = true;
        v.swapped = false;
        out->crc_want = hj212_crc(v.text, plain);
        v.modbus = out->crc_want != sent;
    } else if (cipher) {
        v.encrypted = true;
        v.good = v.modbus = v.swapped = false;
    }
    return v;
}

static bool len_counts_characters(const struct hj_frame *f, const uint8_t *seg, uint32_t n) {
    bool utf8 = hj_utf8_valid(seg, n) == n;
    return (utf8 ? hj_utf8_count(seg, n) : hj_gbk_count(seg, n)) == f->declared;
}

static void note_frame(struct hj_check *c, const struct hj_frame *f, const struct verdict *v,
                       const uint8_t *b) {
    uint32_t n = f->crc - f->segment;
    if (f->digits != 4) hj_note(c, HJ212_F_LEN_DIGITS, 2);
    if (f->declared != n) {
        hj_note(c, HJ212_F_LEN, 2);
        if (len_counts_characters(f, b + f->segment, n)) hj_note(c, HJ212_F_LEN_CHARS, 2);
    }
    if (n > HJ212_LEN_STANDARD) hj_note(c, HJ212_F_LEN_OVER, 2);
    if (v->encrypted)
        hj_note(c, HJ212_F_ENCRYPTED, f->segment + v->area);
    else if (!v->good)
        hj_note(c, HJ212_F_CRC, f->crc);
    if (v->cipher_text) hj_note(c, HJ212_F_CIPHER_TEXT, f->segment + v->area);
    if (v->modbus) hj_note(c, HJ212_F_CRC_MODBUS, f->crc);
    if (v->swapped) hj_note(c, HJ212_F_CRC_SWAPPED, f->crc);
    for (uint32_t i = 0; i < 4; i++)
        if (b[f->crc + i] >= 'a') {
            hj_note(c, HJ212_F_CRC_CASE, f->crc);
            break;
        }
    if (!f->tail) hj_note(c, HJ212_F_TAIL, f->crc + 4);
}

static void fill(const hj212_options *o, const uint8_t *b, const struct hj_frame *f, const struct verdict *v,
                 struct hj_index *ix, hj212_packet *out) {
    struct hj_check c = {
        .out = out, .text = v->text, .n = v->n, .at = f->segment, .fold = UINT32_MAX, .ix = ix};
    if (v->decrypted && v->cipher_text) c.fold = v->area;
    out->findings_total = 0;
    out->frame = (const char *)b;
    out->frame_len = f->end;
    out->segment = hj_span(b + f->segment, b + f->crc);
    out->crc_modbus = v->modbus;
    note_frame(&c, f, v, b);
    hj_header(&c, !v->encrypted);
    out->cp = c.has_area ? hj_span(c.text + c.cp, c.text + c.cp_end) : (hj212_span){NULL, 0};
    if (c.has_area && !v->encrypted && !(o && o->header_only)) hj_check_area(&c);
    /* one key in many thousands makes sense of an area in a header that has none */
    out->decrypted = v->decrypted && c.has_area;
    out->ok = v->good && out->decrypted == v->decrypted && !(o && o->strict && c.offence);
}

hj212_result hj212_decode(const hj212_options *o, const void *bytes, size_t n, hj212_packet *out) {
    const uint8_t *b = bytes;
    struct hj_frame f;
    struct hj_index ix;
    size_t garbage = 0;
    ix.odd = true;
    if (hj_frame_by_len(b, n, &f)) hj_index_best()(b + f.segment, f.crc - f.segment, &ix);
    /* an earlier end needs a line end or a # inside the segment; without them LEN is right */
    if (ix.odd) {
        hj212_status status = hj_frame_find(o, b, n, &f, &garbage);
        if (status == HJ212_INCOMPLETE) return (hj212_result){status, 0, n + 1};
        if (status == HJ212_GARBAGE) return (hj212_result){status, garbage, 0};
        hj_index_best()(b + f.segment, f.crc - f.segment, &ix);
    }
    out->crc_sent = hj_crc_sent(b + f.crc);
    struct verdict v = judge(o, b + f.segment, f.crc - f.segment, ix.odd, out);
    /* the CRC of a torn frame that swallowed the next one fits by accident once in 256; LEN does not */
    bool doubtful = !v.good || f.segment + f.declared != f.crc;
    if (doubtful && ix.odd && (garbage = hj_frame_inside(b, &f)))
        return (hj212_result){HJ212_GARBAGE, garbage, 0};
    if (v.decrypted) hj_index_best()(v.text, v.n, &ix);
    fill(o, b, &f, &v, &ix, out);
    return (hj212_result){HJ212_PACKET, f.end, 0};
}
