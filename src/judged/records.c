/* Records of an outlet as the judge takes them: one row of samples a data time, current values only. */
#include "judged/judging.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum field { AVG, RTD, ZS_AVG, ZS_RTD, COU, MIN, MAX, FLAG, FIELDS, NO_FIELD = FIELDS };
static const char *const field_names[FIELDS] = {"Avg", "Rtd", "ZsAvg", "ZsRtd", "Cou", "Min", "Max", "Flag"};
enum { HOURS_MOST = 31 * 24 };

struct place { /* where a value of a row goes; rows of one device mostly have the same names */
    char factor[YW_FACTOR_MAX + 1], field[YW_FIELD_MAX + 1];
    int factor_at; /* -1: to nowhere */
    enum field field_at;
};
struct owner {    /* which row gave the value */
    uint32_t row; /* 0: none */
    bool live;
};

struct yw_records {
    struct yw_sample_record *records;
    size_t n, cap;
    struct yw_sample *samples; /* factor_n for each record */
    size_t sample_cap;
    size_t hour_first[HOURS_MOST + 1];
    int64_t from;
    size_t hours;
    /* while reading */
    const struct yw_site *site;
    size_t factor_n;
    struct place places[YW_VALUES_MAX];
    struct owner owners[YW_SITE_FACTORS][FIELDS];
    double values[YW_SITE_FACTORS][FIELDS];
    char flags[YW_SITE_FACTORS][3];
    int64_t time;
    uint32_t row; /* of that time, from 1; 0: none yet */
    bool live, failed;
    uint8_t period;
    const bool *wanted; /* hours whose real-time values are wanted */
    int64_t bucket;     /* they are averaged over */
    uint32_t added[YW_SITE_FACTORS];
};

struct yw_records *yw_records_create(void) {
    return calloc(1, sizeof(struct yw_records));
}

void yw_records_destroy(struct yw_records *x) {
    if (!x) return;
    free(x->records);
    free(x->samples);
    free(x);
}

size_t yw_records_count(const struct yw_records *x) {
    return x->n;
}

static struct yw_sample *add_record(struct yw_records *x, int64_t time, uint8_t period, bool backfilled) {
    if (x->n == x->cap) {
        size_t cap = x->cap ? x->cap * 2 : 2048;
        struct yw_sample_record *more = realloc(x->records, cap * sizeof *more);
        if (!more) return NULL;
        x->records = more;
        x->cap = cap;
    }
    if ((x->n + 1) * x->factor_n > x->sample_cap) {
        size_t cap = x->sample_cap ? x->sample_cap * 2 : 2048 * 16;
        if (cap < (x->n + 1) * x->factor_n) cap = (x->n + 1) * x->factor_n;
        struct yw_sample *more = realloc(x->samples, cap * sizeof *more);
        if (!more) return NULL;
        x->samples = more;
        x->sample_cap = cap;
    }
    x->records[x->n] = (struct yw_sample_record){time, period, backfilled, NULL};
    return &x->samples[x->n++ * x->factor_n];
}

/* ---- values of one data time ---- */

static void resolve(const struct yw_records *x, struct place *p, const struct yw_value *v) {
    memcpy(p->factor, v->factor, sizeof p->factor);
    memcpy(p->field, v->field, sizeof p->field);
    p->field_at = NO_FIELD;
    for (int k = 0; k < FIELDS; k++)
        if (strcmp(field_names[k], v->field) == 0) p->field_at = (enum field)k;
    p->factor_at = p->field_at == NO_FIELD ? -1 : yw_site_factor(x->site, v->factor);
}

/* Rows come in order of their sources: of two live ones, or two backfilled ones, the later counts, and a live
 * one before any backfilled one; within a row the first of a name. */
static void take_values(struct yw_records *x, const struct yw_row *row) {
    bool live = !(row->flags & YW_ROW_BACKFILLED);
    x->row++;
    x->live = x->live || live;
    for (size_t i = 0; i < row->count; i++) {
        const struct yw_value *v = &row->values[i];
        struct place *p = &x->places[i];
        if (strcmp(p->field, v->field) != 0 || strcmp(p->factor, v->factor) != 0) resolve(x, p, v);
        if (p->factor_at < 0) continue;
        struct owner *o = &x->owners[p->factor_at][p->field_at];
        if (o->row == x->row || (o->row != 0 && o->live && !live)) continue;
        double number;
        if (p->field_at == FLAG) {
            char text[YW_NUMBER_TEXT_MAX];
            yw_value_print(v, text, sizeof text);
            yw_copy(x->flags[p->factor_at], 3, text, strnlen(text, 2));
        } else if (yw_value_f64(v, &number)) {
            x->values[p->factor_at][p->field_at] = number;
        } else {
            continue;
        }
        *o = (struct owner){x->row, live};
    }
}

static double value_of(const struct yw_records *x, size_t f, enum field field) {
    return x->owners[f][field].row ? x->values[f][field] : (double)NAN;
}

static void end_time(struct yw_records *x) {
    if (x->row == 0) return;
    struct yw_sample *s = add_record(x, x->time, x->period, !x->live);
    x->failed = x->failed || !s;
    for (size_t f = 0; s && f < x->factor_n; f++) {
        double avg = value_of(x, f, AVG), zs = value_of(x, f, ZS_AVG);
        s[f] = (struct yw_sample){.min = (float)value_of(x, f, MIN),
                                  .max = (float)value_of(x, f, MAX),
                                  .avg = isnan(avg) ? value_of(x, f, RTD) : avg,
                                  .zs = isnan(zs) ? value_of(x, f, ZS_RTD) : zs,
                                  .cou = value_of(x, f, COU)};
        if (x->owners[f][FLAG].row) memcpy(s[f].flag, x->flags[f], sizeof s[f].flag);
    }
    memset(x->owners, 0, x->factor_n * sizeof x->owners[0]);
    x->row = 0;
    x->live = false;
}

static bool take_row(void *arg, const struct yw_row *row) {
    struct yw_records *x = arg;
    if (x->row != 0 && row->time != x->time) end_time(x);
    x->time = row->time;
    take_values(x, row);
    return !x->failed;
}

/* ---- real-time values where there is nothing else ---- */

static bool counts(const struct yw_sample *s) {
    return s->flag[0] == 0 || strcmp(s->flag, "N") == 0;
}

/* Adds a real-time record (the last that was made) to the bucket before it. Values whose flag is not N wait
 * behind those that count: only where none counts does the bucket show them, with their flag. */
static void into_bucket(struct yw_records *x, size_t bucket, size_t record) {
    struct yw_sample *to = &x->samples[bucket * x->factor_n], *s = &x->samples[record * x->factor_n];
    for (size_t f = 0; f < x->factor_n; f++) {
        if (isnan(s[f].avg)) continue;
        float avg = (float)s[f].avg;
        if (x->added[f] > 0 && counts(&to[f]) && !counts(&s[f])) continue;
        if (x->added[f] == 0 || (counts(&s[f]) && !counts(&to[f]))) {
            to[f] = s[f];
            to[f].min = to[f].max = avg;
            x->added[f] = 1;
            continue;
        }
        double n = ++x->added[f];
        to[f].avg += (s[f].avg - to[f].avg) / n;
        to[f].zs += (s[f].zs - to[f].zs) / n;
        to[f].cou = (double)NAN;
        if (avg < to[f].min) to[f].min = avg;
        if (avg > to[f].max) to[f].max = avg;
    }
}

static void average(struct yw_records *x, size_t first) {
    size_t kept = first;
    for (size_t i = first; i < x->n; i++) {
        int64_t time = x->records[i].time - (x->records[i].time - x->from) % x->bucket;
        if (!x->wanted[(time - x->from) / YW_HOUR]) continue;
        if (kept > first && x->records[kept - 1].time == time) {
            x->records[kept - 1].backfilled = x->records[kept - 1].backfilled && x->records[i].backfilled;
            into_bucket(x, kept - 1, i);
            continue;
        }
        memset(x->added, 0, sizeof x->added);
        x->records[kept] = x->records[i];
        x->records[kept].time = time;
        struct yw_sample *to = &x->samples[kept * x->factor_n];
        if (kept != i) memcpy(to, &x->samples[i * x->factor_n], x->factor_n * sizeof *to);
        for (size_t f = 0; f < x->factor_n; f++) {
            x->added[f] = isnan(to[f].avg) ? 0 : 1;
            if (x->added[f]) to[f].min = to[f].max = (float)to[f].avg;
        }
        kept++;
    }
    x->n = kept;
}

static enum yw_code read_real(struct yw_records *x, const struct yw_store_backend *backend,
                              struct yw_store *store, uint32_t outlet, struct yw_error *err) {
    bool wanted[HOURS_MOST], any = false;
    for (size_t h = 0; h < x->hours; h++) wanted[h] = true;
    for (size_t i = 0; i < x->n; i++) wanted[(x->records[i].time - x->from) / YW_HOUR] = false;
    for (size_t h = 0; h < x->hours; h++) any = any || wanted[h];
    if (!any) return YW_OK;
    x->wanted = wanted;
    x->period = YW_PERIOD_MINUTE;
    x->bucket = (x->site->minute_interval ? x->site->minute_interval : 1) * YW_MINUTE;
    enum yw_code code = YW_OK;
    for (size_t h = 0, end; code == YW_OK && h < x->hours; h = end) {
        for (end = h + 1; end < x->hours && wanted[end] == wanted[h];) end++;
        if (!wanted[h]) continue;
        size_t first = x->n;
        code = backend->rows(store, outlet, YW_KIND_REAL, x->from + (int64_t)h * YW_HOUR,
                             x->from + (int64_t)end * YW_HOUR, take_row, x, err);
        end_time(x);
        average(x, first);
    }
    x->wanted = NULL;
    return code;
}

/* ---- the whole ---- */

static int record_compare(const void *a, const void *b) {
    const struct yw_sample_record *x = a, *y = b;
    if (x->time != y->time) return x->time < y->time ? -1 : 1;
    return (int)x->period - (int)y->period;
}

static void index_hours(struct yw_records *x) {
    size_t at = 0;
    for (size_t i = 0; i < x->n; i++) x->records[i].samples = &x->samples[i * x->factor_n];
    if (x->n > 1) qsort(x->records, x->n, sizeof *x->records, record_compare);
    for (size_t h = 0; h <= x->hours; h++) {
        while (at < x->n && x->records[at].time < x->from + (int64_t)h * YW_HOUR) at++;
        x->hour_first[h] = at;
    }
}

enum yw_code yw_records_read(struct yw_records *x, const struct yw_store_backend *backend,
                             struct yw_store *store, uint32_t outlet, const struct yw_site *site,
                             int64_t from, int64_t to, struct yw_error *err) {
    static const struct {
        enum yw_kind kind;
        uint8_t period;
    } kinds[] = {{YW_KIND_MINUTE, YW_PERIOD_MINUTE}, {YW_KIND_HOUR, YW_PERIOD_HOUR}};
    enum yw_code code = YW_OK;
    if (to - from > HOURS_MOST * YW_HOUR) return yw_fail(err, YW_E_RANGE, "more hours than are read at once");
    x->site = site;
    x->factor_n = site->factor_n;
    x->from = from;
    x->hours = (size_t)((to - from) / YW_HOUR);
    x->n = 0;
    x->row = 0;
    x->failed = x->live = false;
    for (size_t i = 0; i < YW_VALUES_MAX; i++) x->places[i].field[0] = 0; /* sites differ in their factors */
    memset(x->owners, 0, sizeof x->owners);
    for (size_t i = 0; code == YW_OK && i < YW_COUNT(kinds); i++) {
        x->period = kinds[i].period;
        code = backend->rows(store, outlet, kinds[i].kind, from, to, take_row, x, err);
        end_time(x);
    }
    if (code == YW_OK) code = read_real(x, backend, store, outlet, err);
    if (code == YW_OK && x->failed) code = yw_fail(err, YW_E_NOMEM, "no memory for the records of a day");
    if (code == YW_OK) index_hours(x);
    return code;
}

const struct yw_sample_record *yw_records_of(const struct yw_records *x, int64_t hour, size_t *n) {
    int64_t h = (hour - x->from) / YW_HOUR;
    *n = 0;
    if (hour < x->from || h >= (int64_t)x->hours) return NULL;
    *n = x->hour_first[h + 1] - x->hour_first[h];
    return x->records + x->hour_first[h];
}

static bool note_first(void *arg, int64_t time, int64_t arrival, uint8_t flags) {
    int64_t *first = arg;
    YW_UNUSED(arrival), YW_UNUSED(flags);
    if (time < *first) *first = time;
    return false;
}

enum yw_code yw_records_first(const struct yw_store_backend *backend, struct yw_store *store, uint32_t outlet,
                              int64_t *hour, struct yw_error *err) {
    static const enum yw_kind kinds[] = {YW_KIND_MINUTE, YW_KIND_HOUR, YW_KIND_REAL};
    enum yw_code code = YW_OK;
    int64_t first = INT64_MAX;
    for (size_t i = 0; code == YW_OK && i < YW_COUNT(kinds); i++)
        code = backend->times(store, outlet, kinds[i], 0, INT64_MAX, note_first, &first, err);
    if (code != YW_OK) return code;
    if (first == INT64_MAX) return yw_fail(err, YW_E_NOT_FOUND, "outlet %u has no data", outlet);
    *hour = first - first % YW_HOUR;
    return YW_OK;
}
