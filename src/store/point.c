#include "store/point.h"

#include <string.h>

/* The first mark that is not N, else N if there was any. */
static void merge_flag(char into[4], const char later[4]) {
    bool plain = into[0] == 0 || strcmp(into, "N") == 0;
    if (later[0] != 0 && plain && (into[0] == 0 || strcmp(later, "N") != 0)) memcpy(into, later, 4);
}

void yw_point_add(struct yw_point *p, const struct yw_sample *s) {
    if (p->n == 0) {
        p->first = p->min = p->max = s->value;
        p->sum = 0;
        p->min_time = p->max_time = s->time;
        memset(p->flag, 0, sizeof p->flag);
        p->flags = 0;
        p->revisions = 0;
    }
    if (s->value < p->min) p->min = s->value, p->min_time = s->time;
    if (s->value > p->max) p->max = s->value, p->max_time = s->time;
    p->last = s->value;
    p->sum += s->value;
    p->n++;
    merge_flag(p->flag, s->flag);
    p->flags |= s->flags;
    if (s->revisions > p->revisions) p->revisions = s->revisions;
}

void yw_point_merge(struct yw_point *p, const struct yw_point *later) {
    if (later->n == 0) return;
    if (p->n == 0) {
        int64_t time = p->time, span = p->span;
        *p = *later;
        p->time = time;
        p->span = span;
        return;
    }
    if (later->min < p->min) p->min = later->min, p->min_time = later->min_time;
    if (later->max > p->max) p->max = later->max, p->max_time = later->max_time;
    p->last = later->last;
    p->sum += later->sum;
    p->n += later->n;
    merge_flag(p->flag, later->flag);
    p->flags |= later->flags;
    if (later->revisions > p->revisions) p->revisions = later->revisions;
}

/* A point packed: n, first, last, min, max, sum, seconds or microseconds of the extremes, flag, flags,
 * revisions. Data times are whole seconds nearly always: t << 1 counts seconds, t << 1 | 1 microseconds. */
static void add_offset(struct yw_buf *out, int64_t us) {
    bool whole = us % YW_SECOND == 0;
    yw_add_varint(out, whole ? (uint64_t)(us / YW_SECOND) << 1 : (uint64_t)us << 1 | 1);
}

static int64_t take_offset(struct yw_cursor *c) {
    uint64_t t = yw_take_varint(c);
    if (t >> 1 > (uint64_t)(40 * YW_DAY)) {
        c->bad = true;
        return 0;
    }
    return (int64_t)(t >> 1) * (t & 1 ? 1 : YW_SECOND);
}

void yw_point_pack(const struct yw_point *p, struct yw_buf *out) {
    size_t flag_n = strnlen(p->flag, sizeof p->flag - 1);
    yw_add_varint(out, p->n);
    yw_add_f64(out, p->first);
    yw_add_f64(out, p->last);
    yw_add_f64(out, p->min);
    yw_add_f64(out, p->max);
    yw_add_f64(out, p->sum);
    add_offset(out, p->min_time - p->time);
    add_offset(out, p->max_time - p->time);
    yw_buf_putc(out, (char)(p->flags << 2 | (int)flag_n));
    yw_buf_add(out, p->flag, flag_n);
    yw_add_varint(out, p->revisions);
}

bool yw_point_unpack(struct yw_cursor *c, struct yw_point *p) {
    p->n = (uint32_t)yw_take_varint(c);
    p->first = yw_take_f64(c);
    p->last = yw_take_f64(c);
    p->min = yw_take_f64(c);
    p->max = yw_take_f64(c);
    p->sum = yw_take_f64(c);
    p->min_time = p->time + take_offset(c);
    p->max_time = p->time + take_offset(c);
    const uint8_t *head = yw_take_bytes(c, 1);
    if (!head) return false;
    size_t flag_n = *head & 3;
    p->flags = *head >> 2;
    const uint8_t *flag = yw_take_bytes(c, flag_n);
    memset(p->flag, 0, sizeof p->flag);
    if (flag) memcpy(p->flag, flag, flag_n);
    p->revisions = (uint16_t)yw_take_varint(c);
    return !c->bad;
}

int64_t yw_grid_start(int64_t time, int64_t span) {
    int64_t local = time + YW_CHINA, rest = local % span;
    if (rest < 0) rest += span;
    return local - rest - YW_CHINA;
}

int64_t yw_grid_span(int64_t from, int64_t to, size_t most) {
    static const int64_t ladder[] = {
        YW_SECOND,      2 * YW_SECOND,  5 * YW_SECOND, 10 * YW_SECOND, 15 * YW_SECOND, 30 * YW_SECOND,
        YW_MINUTE,      2 * YW_MINUTE,  3 * YW_MINUTE, 5 * YW_MINUTE,  10 * YW_MINUTE, 15 * YW_MINUTE,
        20 * YW_MINUTE, 30 * YW_MINUTE, YW_HOUR,       2 * YW_HOUR,    3 * YW_HOUR,    4 * YW_HOUR,
        6 * YW_HOUR,    8 * YW_HOUR,    12 * YW_HOUR,  YW_DAY,         2 * YW_DAY,     5 * YW_DAY,
        10 * YW_DAY,    30 * YW_DAY,    100 * YW_DAY,  365 * YW_DAY,   1000 * YW_DAY,  4000 * YW_DAY,
        20000 * YW_DAY,
    };
    for (size_t i = 0; i < YW_COUNT(ladder); i++) {
        uint64_t columns =
            ((uint64_t)yw_grid_start(to - 1, ladder[i]) - (uint64_t)yw_grid_start(from, ladder[i])) /
                (uint64_t)ladder[i] +
            1;
        if (columns <= most) return ladder[i];
    }
    return 0;
}

/* The value that counts among the rows of one key, and how many rows hold it. */
static const struct yw_value *current_of(const struct yw_row *rows, size_t n, const char *factor,
                                         const char *field, const struct yw_row **owner,
                                         unsigned *revisions) {
    const struct yw_value *best = NULL;
    *revisions = 0;
    for (size_t r = 0; r < n; r++) {
        for (size_t i = 0; i < rows[r].count; i++) {
            const struct yw_value *v = &rows[r].values[i];
            if (strcmp(v->field, field) != 0 || strcmp(v->factor, factor) != 0) continue;
            ++*revisions;
            if (!best || yw_row_counts_over(&rows[r], *owner)) {
                best = v;
                *owner = &rows[r];
            }
            break;
        }
    }
    return best;
}

bool yw_sample_of(const struct yw_row *rows, size_t n, const char *factor, const char *field,
                  struct yw_sample *out) {
    const struct yw_row *owner = NULL, *ignored = NULL;
    unsigned revisions, unused;
    const struct yw_value *v = current_of(rows, n, factor, field, &owner, &revisions);
    if (!v || !yw_value_f64(v, &out->value)) return false;
    const struct yw_value *flag = current_of(rows, n, factor, "Flag", &ignored, &unused);
    out->time = owner->time;
    out->flags = owner->flags;
    out->revisions = (uint16_t)(revisions < UINT16_MAX ? revisions : UINT16_MAX);
    memset(out->flag, 0, sizeof out->flag);
    if (flag && flag->is_text) yw_copy(out->flag, sizeof out->flag, flag->text, flag->text_n);
    return true;
}
