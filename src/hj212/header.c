/* The header of a data segment: QN;ST;CN;PW;MN;Flag;[PNUM;PNO;][RF;]CP. Splits it, tells the version, checks
 * it. */
#include "items.h"

enum name { QN, ST, CN, PW, MN, FLAG, PNUM, PNO, RF, CP, UNKNOWN }; /* in the order of the standard */

static const struct {
    const char *text;
    uint32_t n;
} names[] = {{"QN", 2},   {"ST", 2},   {"CN", 2},  {"PW", 2}, {"MN", 2},
             {"Flag", 4}, {"PNUM", 4}, {"PNO", 3}, {"RF", 2}, {"CP", 2}};

/* clang-format off */
static enum name name_exact(const uint8_t *p, size_t n) {
    if (n == 2)
        switch (p[0] << 8 | p[1]) {
        case 'Q' << 8 | 'N': return QN;
        case 'S' << 8 | 'T': return ST;
        case 'C' << 8 | 'N': return CN;
        case 'P' << 8 | 'W': return PW;
        case 'M' << 8 | 'N': return MN;
        case 'R' << 8 | 'F': return RF;
        case 'C' << 8 | 'P': return CP;
        default: return UNKNOWN;
        }
    if (n == 4 && memcmp(p, "Flag", 4) == 0) return FLAG;
    if (n == 4 && memcmp(p, "PNUM", 4) == 0) return PNUM;
    return n == 3 && memcmp(p, "PNO", 3) == 0 ? PNO : UNKNOWN;
}
/* clang-format on */

static uint8_t upper(uint8_t c) {
    return c >= 'a' && c <= 'z' ? (uint8_t)(c - 32) : c;
}

static enum name name_any_case(const uint8_t *p, size_t n) {
    for (int i = 0; i < UNKNOWN; i++) {
        size_t k = 0;
        if (names[i].n != n) continue;
        while (k < n && upper(p[k]) == upper((uint8_t)names[i].text[k])) k++;
        if (k == n) return (enum name)i;
    }
    return UNKNOWN;
}

/* Length of the header name that ends right before `end`, 0 if none: a ; is missing before it. */
static uint32_t name_before(const uint8_t *text, uint32_t from, uint32_t end) {
    for (uint32_t n = 4; n >= 2; n--)
        if (end - from >= n && name_exact(text + end - n, n) != UNKNOWN) return n;
    return 0;
}

struct header {
    hj212_span value[CP];
    uint32_t at[CP]; /* where the field's value begins in the text */
    enum name highest;
};

static void find_area(struct hj_check *c, uint32_t at) { /* at: behind "CP=" */
    uint32_t from = at, n = c->n;
    while (from < n && hj_blank(c->text[from])) from++;
    if (from > at) hj_note_at(c, HJ212_F_BLANK, at);
    bool opened = n - from >= 2 && memcmp(c->text + from, "&&", 2) == 0;
    if (opened) from += 2;
    uint32_t to = n;
    while (to >= from + 2 && memcmp(c->text + to - 2, "&&", 2) != 0) to--;
    bool closed = to >= from + 2;
    c->has_area = true;
    c->cp = from;
    c->cp_end = closed ? to - 2 : n;
    for (c->cp_delim = 0; c->ix->delim[c->cp_delim] < from && c->cp_delim < c->ix->count;) c->cp_delim++;
    if (!opened || !closed) hj_note_at(c, HJ212_F_CP_MISSING, opened ? n : at);
    if (closed && to < n) hj_note_at(c, HJ212_F_SEPARATOR, to);
}

/* One field: its name begins at `from`, its = is separator number *d. Returns where the next one begins,
 * UINT32_MAX behind CP. */
static uint32_t take_field(struct hj_check *c, struct header *h, uint32_t from, uint32_t *d) {
    const uint8_t *t = c->text;
    const uint16_t *delim = c->ix->delim;
    uint32_t eq = delim[(*d)++], stop = delim[*d], missing = 0;
    while (stop < c->n && t[stop] == '=') {
        if ((missing = name_before(t, eq + 1, stop))) break;
        stop = delim[++*d];
    }
    stop -= missing;
    uint32_t name = from, name_end = eq, value = eq + 1, value_end = stop;
    while (name < name_end && hj_blank(t[name])) name++;
    while (name_end > name && hj_blank(t[name_end - 1])) name_end--;
    while (value < value_end && hj_blank(t[value])) value++;
    while (value_end > value && hj_blank(t[value_end - 1])) value_end--;
    bool blanks = name > from || name_end < eq || value > eq + 1 || value_end < stop;
    enum name which = name_exact(t + name, name_end - name);
    if (which == UNKNOWN) {
        which = name_any_case(t + name, name_end - name);
        hj_note_at(c, which == UNKNOWN ? HJ212_F_FIELD_UNKNOWN : HJ212_F_NAME_CASE, name);
    }
    if (which == CP) {
        if (name > from || name_end < eq) hj_note_at(c, HJ212_F_BLANK, from);
        find_area(c, eq + 1);
        return UINT32_MAX;
    }
    if (blanks) hj_note_at(c, HJ212_F_BLANK, from);
    if (which < CP && h->value[which].p) {
        hj_note_at(c, HJ212_F_FIELD_DOUBLE, name);
    } else if (which < CP) {
        if (which < h->highest)
            hj_note_at(c, HJ212_F_FIELD_ORDER, name);
        else
            h->highest = which;
        h->value[which] = hj_span(t + value, t + value_end);
        h->at[which] = value;
    }
    if (missing || (stop < c->n && t[stop] == ',')) hj_note_at(c, HJ212_F_SEPARATOR, stop);
    if (missing) return stop;
    if (stop < c->n) ++*d;
    return stop + 1;
}

static void split(struct hj_check *c, struct header *h) {
    const uint8_t *t = c->text;
    uint32_t at = 0, d = 0;
    while (at < c->n) {
        if (c->n - at >= 5 && memcmp(t + at, "CP=&&", 5) == 0) {
            find_area(c, at + 3);
            return;
        }
        uint32_t stop = c->ix->delim[d];
        if (stop < c->n && t[stop] == '=') {
            at = take_field(c, h, at, &d);
            if (at == UINT32_MAX) return;
            continue;
        }
        hj_note_at(c, stop == at ? HJ212_F_SEPARATOR : HJ212_F_FIELD_UNKNOWN, at);
        at = stop + 1;
        d++;
    }
    c->cp = c->cp_end = c->n;
    hj_note_at(c, HJ212_F_CP_MISSING, c->n);
}

static bool all_digits(hj212_span s) {
    for (uint32_t i = 0; i < s.n; i++)
        if (!hj_digit((uint8_t)s.p[i])) return false;
    return s.n > 0;
}

static uint32_t small_number(hj212_span s) { /* of at most nine digits */
    uint32_t v = 0;
    for (uint32_t i = 0; i < s.n; i++) v = v * 10 + (uint32_t)(s.p[i] - '0');
    return v;
}

/* Without Flag the version is told by what only one of them has: RF and certain commands, an MN of 24
 * characters, factor codes of a letter and five digits. */
static uint16_t version_by_shape(const struct hj_check *c, const struct header *h, bool area_readable) {
    if (h->value[RF].p || hj_command_is_2025(c->out->command)) return 2025;
    if (h->value[MN].n == 24) return 2017;
    struct hj_cursor cursor = {.next = c->cp, .delim = c->cp_delim};
    struct hj_item it;
    while (area_readable && hj_item_next(c->text, c->cp_end, c->ix, &cursor, &it))
        if (it.dash < it.name_end) return hj_code_is_2017(c->text + it.name, it.dash - it.name) ? 2017 : 2005;
    return 2005;
}

static void tell_version(struct hj_check *c, const struct header *h, bool area_readable) {
    static const uint16_t versions[] = {2005, 2017, 2025};
    hj212_packet *out = c->out;
    hj212_span flag = h->value[FLAG];
    out->flag_value = -1;
    if (!flag.p) {
        hj_note_at(c, HJ212_F_FLAG_MISSING, 0);
    } else if (!all_digits(flag) || flag.n > 3 || small_number(flag) > 255) {
        hj_note_at(c, HJ212_F_FLAG, h->at[FLAG]);
    } else {
        out->flag_value = (int16_t)small_number(flag);
        if (out->flag_value >> 2 > 2) hj_note_at(c, HJ212_F_FLAG_VERSION, h->at[FLAG]);
    }
    bool by_flag = out->flag_value >= 0 && out->flag_value >> 2 <= 2;
    out->version = by_flag ? versions[out->flag_value >> 2] : version_by_shape(c, h, area_readable);
    out->wants_ack = out->flag_value > 0 && (out->flag_value & 1);
}

static void check_split(struct hj_check *c, const struct header *h) {
    hj212_span pnum = h->value[PNUM], pno = h->value[PNO];
    int flag = c->out->flag_value;
    if (flag >= 0 && (flag & 2) && (!pnum.p || !pno.p)) hj_note_at(c, HJ212_F_PNUM_MISSING, h->at[FLAG]);
    if (flag >= 0 && !(flag & 2) && (pnum.p || pno.p))
        hj_note_at(c, HJ212_F_PNUM_EXTRA, pnum.p ? h->at[PNUM] : h->at[PNO]);
    if (!pnum.p && !pno.p) return;
    bool plain =
        (!pnum.p || (all_digits(pnum) && pnum.n <= 4 && pnum.p[0] != '0' && small_number(pnum) > 1)) &&
        (!pno.p || (all_digits(pno) && pno.n <= 4 && pno.p[0] != '0'));
    if (!plain || (pnum.p && pno.p && small_number(pno) > small_number(pnum)))
        hj_note_at(c, HJ212_F_PNUM, pnum.p ? h->at[PNUM] : h->at[PNO]);
}

static bool mn_fits(uint16_t version, uint32_t command, hj212_span mn) {
    if (version == 2005) return mn.n == 14;
    if (mn.n == 0) return version == 2025 && (command == 1001 || command == 9013); /* not activated yet */
    unsigned bad = mn.n != 24;
    for (uint32_t i = 0; i < mn.n; i++) {
        uint8_t ch = (uint8_t)mn.p[i];
        bad |= !(hj_digit(ch) || (ch >= 'A' && ch <= 'F'));
    }
    return !bad;
}

static bool st_fits(hj212_span st) {
    bool fits = st.n == 2;
    for (uint32_t i = 0; i < st.n && fits; i++) {
        uint8_t ch = (uint8_t)st.p[i];
        fits = hj_digit(ch) || (ch >= 'A' && ch <= 'Z');
    }
    return fits;
}

static void check_fields(struct hj_check *c, const struct header *h) {
    const hj212_span *v = h->value;
    uint32_t cn = c->out->command;
    int64_t time;
    bool reply = cn >= 9011 && cn <= 9014;
    /* in 2005 a reply carries the QN inside CP */
    if (!v[QN].p) {
        if (c->out->version != 2005 || !reply) hj_note_at(c, HJ212_F_QN_MISSING, 0);
    } else if (v[QN].n != 17 || !hj_date((const uint8_t *)v[QN].p, 17, &time)) {
        hj_note_at(c, HJ212_F_QN, h->at[QN]);
    }
    if (!v[ST].p)
        hj_note_at(c, HJ212_F_ST_MISSING, 0);
    else if (!st_fits(v[ST]))
        hj_note_at(c, HJ212_F_ST, h->at[ST]);
    else if (reply && memcmp(v[ST].p, "91", 2) != 0)
        hj_note_at(c, HJ212_F_ST_REPLY, h->at[ST]);
    if (!v[CN].p)
        hj_note_at(c, HJ212_F_CN_MISSING, 0);
    else if (v[CN].n != 4 || !all_digits(v[CN]))
        hj_note_at(c, HJ212_F_CN, h->at[CN]);
    else if (!hj_command_known(cn))
        hj_note_at(c, HJ212_F_CN_UNKNOWN, h->at[CN]);
    if (!v[PW].p)
        hj_note_at(c, HJ212_F_PW_MISSING, 0);
    else if (v[PW].n != 6)
        hj_note_at(c, HJ212_F_PW, h->at[PW]);
    if (!v[MN].p)
        hj_note_at(c, HJ212_F_MN_MISSING, 0);
    else if (!mn_fits(c->out->version, cn, v[MN]))
        hj_note_at(c, HJ212_F_MN, h->at[MN]);
    check_split(c, h);
    if (v[RF].p && (c->out->version != 2025 || v[RF].n != 1 || v[RF].p[0] != '1'))
        hj_note_at(c, HJ212_F_RF, h->at[RF]);
}

void hj_header(struct hj_check *c, bool area_readable) {
    struct header h;
    memset(&h, 0, sizeof h);
    hj212_packet *out = c->out;
    split(c, &h);
    bool cn_number = h.value[CN].n == 4 && all_digits(h.value[CN]);
    out->command = cn_number ? (uint16_t)small_number(h.value[CN]) : 0;
    tell_version(c, &h, area_readable);
    check_fields(c, &h);
    out->is_split = h.value[PNUM].p != NULL;
    out->backfilled = h.value[RF].n == 1 && h.value[RF].p[0] == '1';
    /* the header is the same in the plain and in the sent segment: point into the frame */
    hj212_span *to[] = {&out->qn,   &out->st,   &out->cn,  &out->pw, &out->mn,
                        &out->flag, &out->pnum, &out->pno, &out->rf};
    for (int i = 0; i < CP; i++) {
        *to[i] = h.value[i];
        if (h.value[i].p) to[i]->p = out->segment.p + h.at[i];
    }
}
