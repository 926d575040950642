/* parcel: a record as data areas, and a data area as a frame. */
#include "plants/plants.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "hj212.h"

enum { AREA_MOST = 910 }; /* with the longest header the data segment stays within its 1024 bytes */
static const double VALUE_MOST =
    1e12; /* what no instrument shows and what would not fit 18 digits is sent as 0 */

int64_t yw_plant_rounded(double value, uint32_t digits) {
    static const double power[] = {1, 10, 100, 1e3, 1e4, 1e5, 1e6};
    return fabs(value) < VALUE_MOST ? llround(value * power[digits]) : 0;
}

static hj212_decimal decimal_of(double value, uint32_t digits) {
    return (hj212_decimal){yw_plant_rounded(value, digits), (uint8_t)digits};
}

/* Noise: LA is the real-time level, the others are statistics of the period. */
static void put_noise(hj212_writer *w, const struct yw_plant_factor *f, const struct yw_entry *e, bool real) {
    bool level = strcmp(f->code, "LA") == 0;
    if (level != real) return;
    hj212_put_decimal(w, yw_plant_name(f), real ? "Rtd" : "Data", decimal_of(e->avg, f->digits));
}

static void put_entry(hj212_writer *w, const struct yw_scenario *s, size_t i,
                      const struct yw_plant_record *r) {
    const struct yw_plant_factor *f = &s->factors[i];
    const struct yw_entry *e = &r->entries[i];
    const char *name = yw_plant_name(f);
    bool real = r->command == 2011;
    if (f->unsent) return;
    if (f->code[0] == 'L') {
        put_noise(w, f, e, real);
        return;
    }
    if (real) {
        hj212_put_decimal(w, name, "Rtd", decimal_of(e->avg, f->digits));
    } else {
        if (f->mass || (int)i == s->index.flow)
            hj212_put_decimal(w, name, "Cou", decimal_of(e->cou, f->cou_digits));
        hj212_put_decimal(w, name, "Min", decimal_of(e->min, f->digits));
        hj212_put_decimal(w, name, "Avg", decimal_of(e->avg, f->digits));
        hj212_put_decimal(w, name, "Max", decimal_of(e->max, f->digits));
    }
    if (f->converted && real) {
        hj212_put_decimal(w, name, "ZsRtd", decimal_of(e->zs_avg, f->digits));
    } else if (f->converted) {
        hj212_put_decimal(w, name, "ZsMin", decimal_of(e->zs_min, f->digits));
        hj212_put_decimal(w, name, "ZsAvg", decimal_of(e->zs_avg, f->digits));
        hj212_put_decimal(w, name, "ZsMax", decimal_of(e->zs_max, f->digits));
    }
    hj212_put(w, name, "Flag", yw_mark_text(e->mark));
}

static void put_time(hj212_writer *w, int64_t time) {
    char text[18] = "";
    hj212_print_time(time, false, text);
    text[14] = '\0';
    hj212_put(w, NULL, "DataTime", text);
}

/* ---- queues ---- */

void yw_parcel_queue_init(struct yw_parcel_queue *q) {
    *q = (struct yw_parcel_queue){.end = &q->first};
}

void yw_parcel_queue_put(struct yw_parcel_queue *q, struct yw_parcel *p) {
    p->next = NULL;
    *q->end = p;
    q->end = &p->next;
    q->count++;
}

struct yw_parcel *yw_parcel_queue_take(struct yw_parcel_queue *q) {
    struct yw_parcel *p = q->first;
    if (!p) return NULL;
    q->first = p->next;
    if (!q->first) q->end = &q->first;
    q->count--;
    return p;
}

void yw_parcel_queue_free(struct yw_parcel_queue *q) {
    for (struct yw_parcel *p; (p = yw_parcel_queue_take(q));) free(p);
}

/* ---- data areas ---- */

/* Where the data area of each part begins: as many factors as fit go into one part. */
static size_t cut_parts(const struct yw_scenario *s, const struct yw_plant_record *r, size_t from[],
                        size_t most) {
    size_t parts = 0;
    for (size_t i = 0; i < s->factor_count && parts < most;) {
        char area[AREA_MOST];
        hj212_writer w;
        hj212_writer_init(&w, area, sizeof area);
        put_time(&w, r->time);
        from[parts++] = i;
        size_t first = i;
        while (i < s->factor_count) {
            put_entry(&w, s, i, r);
            if (w.failed) break;
            i++;
        }
        if (i == first) return 0;
    }
    return parts;
}

bool yw_record_areas(const struct yw_scenario *s, const struct yw_plant_record *r,
                     bool (*put)(void *arg, const char *cp, size_t n, unsigned part, unsigned parts),
                     void *arg) {
    char area[YW_PLANT_CP_MAX];
    hj212_writer w;
    if (r->command == 2021) {
        hj212_writer_init(&w, area, sizeof area);
        put_time(&w, r->time);
        char digit[2] = {(char)('0' + r->facility_state), '\0'};
        hj212_put(&w, s->facility, "RS", digit);
        return !w.failed && put(arg, area, w.n, 1, 1);
    }
    if (r->command == 2041 || r->command == 2111) {
        hj212_writer_init(&w, area, sizeof area);
        put_time(&w, r->time);
        if (r->command == 2041)
            hj212_put_decimal(&w, s->facility, "RT", decimal_of(r->hours, 2));
        else
            hj212_put_decimal(&w, yw_plant_name(&s->factors[s->index.furnace]), "Avg",
                              decimal_of(r->entries[s->index.furnace].avg, 1));
        return !w.failed && put(arg, area, w.n, 1, 1);
    }
    size_t from[YW_PLANT_FACTORS_MAX + 1];
    size_t parts = cut_parts(s, r, from, YW_PLANT_FACTORS_MAX);
    from[parts] = s->factor_count;
    for (size_t p = 0; p < parts; p++) {
        hj212_writer_init(&w, area, sizeof area);
        put_time(&w, r->time);
        for (size_t i = from[p]; i < from[p + 1]; i++) put_entry(&w, s, i, r);
        if (w.failed || !put(arg, area, w.n, (unsigned)p + 1, (unsigned)parts)) return false;
    }
    return parts > 0;
}

static void print_small(unsigned value, char out[4]) {
    char text[4] = {0};
    size_t n = 0;
    do text[n++] = (char)('0' + value % 10);
    while ((value /= 10) > 0 && n < 3);
    for (size_t i = 0; i < n; i++) out[i] = text[n - 1 - i];
    out[n] = '\0';
}

/* ---- frames ---- */

/* Replaces the four CRC characters before CR LF by what a careless device prints. */
static void spoil_crc(uint32_t odd, char *frame, size_t n) {
    char *crc = frame + n - 6;
    if (odd & YW_ODD_CRC_MODBUS) {
        static const char hex[] = "0123456789ABCDEF";
        uint16_t sum = hj212_crc_modbus(frame + 6, n - 12);
        for (int i = 0; i < 4; i++) crc[i] = hex[sum >> (12 - 4 * i) & 15];
    }
    if (odd & YW_ODD_CRC_LOWER)
        for (int i = 0; i < 4; i++)
            if (crc[i] >= 'A' && crc[i] <= 'F') crc[i] = (char)(crc[i] + ('a' - 'A'));
}

static void print_len(char *frame, size_t len) {
    for (size_t i = 0; i < 4; i++, len /= 10) frame[5 - i] = (char)('0' + len % 10);
}

/* Characters of UTF-8 text: bytes that do not go on with one. */
static size_t count_characters(const char *text, size_t n) {
    size_t count = 0;
    for (size_t i = 0; i < n; i++) count += ((unsigned char)text[i] & 0xC0) != 0x80;
    return count;
}

static bool is_encrypted(const struct yw_device_face *face, uint16_t command) {
    return face->has_key && face->version >= 2025 &&
           ((command >= 2000 && command <= 2999) || command == 1014 || command == 3020);
}

static const char *flag_text(const struct yw_device_face *face, bool split, bool ack, char out[4]) {
    if (face->version < 2017 && (face->odd & YW_ODD_NO_FLAG)) return NULL;
    unsigned version = face->version >= 2025 ? 8u : face->version >= 2017 ? 4u : 0u;
    print_small(version + (split ? 2u : 0u) + (ack ? 1u : 0u), out);
    return out;
}

size_t yw_frame_write(struct yw_device_face *face, const struct yw_parcel *p, int64_t now, char *out,
                      size_t size, char qn[17]) {
    char area[YW_PLANT_CP_MAX + 32], flag[4], command[5], parts[4], part[4];
    bool split = p->parts > 1, head = face->version >= 2017 || (face->odd & YW_ODD_QN_HEAD);
    if (p->qn[0]) {
        memcpy(qn, p->qn, 17);
    } else {
        int64_t ms = now / 1000;
        if (ms <= face->last_qn_ms) ms = face->last_qn_ms + 1;
        face->last_qn_ms = ms;
        hj212_print_time(ms * 1000, true, qn);
    }
    size_t n = p->length;
    if (p->length > YW_PLANT_CP_MAX) return 0;
    if (p->qn[0] && !head) { /* HJ/T 212-2005: what answers a request carries its QN in the data area */
        int m = snprintf(area, sizeof area, "QN=%.17s%s", qn, n ? ";" : "");
        memcpy(area + m, p->cp, n);
        n += (size_t)m;
    } else {
        memcpy(area, p->cp, n);
    }
    for (unsigned i = 0, c = p->command; i < 4; i++, c /= 10) command[3 - i] = (char)('0' + c % 10);
    command[4] = '\0';
    print_small(p->parts, parts);
    print_small(p->part, part);
    hj212_message m = {.st = hj212_text(p->st[0] ? p->st : face->st),
                       .cn = hj212_text(command),
                       .pw = hj212_text(face->pw),
                       .mn = hj212_text(face->mn),
                       .flag = hj212_text(flag_text(face, split, !p->reply, flag)),
                       .cp = {area, (uint32_t)n}};
    if (!p->qn[0] || head) m.qn = (hj212_span){qn, 17};
    if (split) m.pnum = hj212_text(parts), m.pno = hj212_text(part);
    if (p->backfill && face->version >= 2025) m.rf = hj212_text("1");
    if (is_encrypted(face, p->command)) m.key = face->key, m.printed = face->odd & YW_ODD_PRINTED;
    size_t length = hj212_encode(&m, out, size);
    if (length <= 12 || (!face->odd && !m.key)) return length;
    spoil_crc(m.key ? face->odd & ~(uint32_t)YW_ODD_CRC_MODBUS : face->odd, out, length);
    if ((face->odd & YW_ODD_LEN_CHARS) && !m.key) print_len(out, count_characters(out + 6, length - 12));
    if (face->odd & YW_ODD_NO_TAIL) length -= 2;
    return length;
}
