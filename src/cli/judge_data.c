#include "cli/judge_data.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum field {
    FIELD_AVG,
    FIELD_RTD,
    FIELD_ZS_AVG,
    FIELD_ZS_RTD,
    FIELD_COU,
    FIELD_MIN,
    FIELD_MAX,
    FIELD_FLAG,
    FIELD_NONE
};
static const struct {
    const char *name;
    enum field field;
} fields[] = {
    {"Avg", FIELD_AVG},      {"Rtd", FIELD_RTD},      {"RS", FIELD_RTD},  {"RT", FIELD_RTD},
    {"ZsAvg", FIELD_ZS_AVG}, {"ZsRtd", FIELD_ZS_RTD}, {"Cou", FIELD_COU}, {"Min", FIELD_MIN},
    {"Max", FIELD_MAX},      {"Flag", FIELD_FLAG},
};

struct column {
    uint8_t field, factor;
    char name[32];
};
struct reading {
    const char *where;
    struct yw_site *site;
    struct judge_data *out;
    struct yw_error *err;
    struct column columns[JUDGE_COLUMNS]; /* [0] is DataTime */
    size_t column_n, cap;
    bool long_flags;
};

static void say(struct judge_data *d, const char *fmt, ...) YW_PRINTF(2, 3);
static void say(struct judge_data *d, const char *fmt, ...) {
    if (d->message_n == JUDGE_MESSAGES) return;
    va_list args;
    va_start(args, fmt);
    vsnprintf(d->messages[d->message_n++], sizeof d->messages[0], fmt, args);
    va_end(args);
}

/* Spaces around a cell say nothing; people write them. */
static const char *trimmed(const char *cell, size_t *n) {
    while (*cell == ' ' || *cell == '\t') cell++;
    *n = strlen(cell);
    while (*n > 0 && (cell[*n - 1] == ' ' || cell[*n - 1] == '\t')) --*n;
    return cell;
}

static enum yw_code read_column(struct reading *r, size_t i, const char *cell) {
    struct column *c = &r->columns[i];
    char name[80];
    size_t length;
    const char *text = trimmed(cell, &length);
    if (!yw_copy(name, sizeof name, text, length)) yw_copy(name, sizeof name, text, sizeof name - 1);
    const char *dash = strchr(name, '-');
    if (!yw_copy(c->name, sizeof c->name, name, strlen(name)) || !dash || dash == name || dash - name > 12) {
        return yw_fail(
            r->err, YW_E_FORMAT,
            "%s line 1, column %zu: `%.40s` is no name such as a21026-Avg (code of the factor, -, field)",
            r->where, i + 1, name);
    }
    for (size_t k = 1; k < i; k++)
        if (strcmp(r->columns[k].name, c->name) == 0)
            return yw_fail(r->err, YW_E_FORMAT, "%s line 1: column %s stands twice", r->where, name);
    c->field = FIELD_NONE;
    for (size_t k = 0; k < YW_COUNT(fields); k++)
        if (strcmp(fields[k].name, dash + 1) == 0) c->field = (uint8_t)fields[k].field;
    if (c->field == FIELD_NONE) {
        say(r->out, "%s: column %s is not used; fields are Avg Rtd RS RT ZsAvg ZsRtd Cou Min Max Flag",
            r->where, c->name);
        return YW_OK;
    }
    char code[13];
    yw_copy(code, sizeof code, name, (size_t)(dash - name));
    if (!yw_site_add_factor(r->site, code)) {
        return yw_fail(r->err, YW_E_LIMIT, "%s line 1, column %s: more than %d factors", r->where, c->name,
                       YW_SITE_FACTORS);
    }
    c->factor = (uint8_t)yw_site_factor(r->site, code);
    return YW_OK;
}

static enum yw_code read_head(struct reading *r, struct yw_csv *csv) {
    const char *const *names;
    size_t n = 0;
    enum yw_code code = yw_csv_row(csv, &names, &n, r->err);
    if (code == YW_E_END)
        return yw_fail(r->err, YW_E_FORMAT, "%s is empty; the first line names the columns", r->where);
    if (code != YW_OK) return code;
    size_t length;
    const char *first = trimmed(names[0], &length);
    if (length != 8 || memcmp(first, "DataTime", 8) != 0)
        return yw_fail(r->err, YW_E_FORMAT, "%s line 1: the first column must be DataTime, not `%.40s`",
                       r->where, names[0]);
    if (n > JUDGE_COLUMNS)
        return yw_fail(r->err, YW_E_LIMIT, "%s line 1: %zu columns; at most %d are read", r->where, n,
                       JUDGE_COLUMNS);
    r->column_n = n;
    for (size_t i = 1; i < n && code == YW_OK; i++) code = read_column(r, i, names[i]);
    if (code == YW_OK && r->site->factor_n == 0)
        return yw_fail(r->err, YW_E_FORMAT, "%s line 1: no column of a factor, such as a21026-Avg", r->where);
    return code;
}

/* yyyymmddhhmmss, also with milliseconds; other writings of a time are taken too. */
static bool read_time(const char *cell, int64_t *out) {
    size_t n;
    const char *text = trimmed(cell, &n);
    return yw_time_parse(text, n, out);
}

static void set_flag(struct reading *r, struct yw_sample *s, const char *text, size_t n) {
    if (yw_copy(s->flag, sizeof s->flag, text, n)) return;
    /* longer than any flag of HJ 212: unknown, and it must not become a known one by being cut */
    yw_copy(s->flag, sizeof s->flag, "??", 2);
    if (!r->long_flags)
        say(r->out, "%s: flag `%.20s` is not of HJ 212; such values do not count", r->where, text);
    r->long_flags = true;
}

static void set_number(struct yw_sample *s, uint8_t field, double v, bool *has_avg) {
    switch (field) {
    case FIELD_AVG:
        s->avg = v;
        *has_avg = true;
        break;
    case FIELD_RTD:
        if (!*has_avg) s->avg = v;
        break;
    case FIELD_ZS_AVG:
    case FIELD_ZS_RTD:
        s->zs = v;
        break;
    case FIELD_COU:
        s->cou = v;
        break;
    case FIELD_MIN:
        s->min = (float)v;
        break;
    default:
        s->max = (float)v;
        break;
    }
}

/* Room for one more record; grown by doubling, addresses of samples are set when all are read. */
static enum yw_code room(struct reading *r) {
    struct judge_data *d = r->out;
    if (d->n < r->cap) return YW_OK;
    size_t cap = r->cap ? 2 * r->cap : 4096, factors = r->site->factor_n;
    struct yw_sample_record *records = realloc(d->records, cap * sizeof *records);
    if (records) d->records = records;
    struct yw_sample *samples = realloc(d->samples, cap * factors * sizeof *samples);
    if (samples) d->samples = samples;
    if (!records || !samples)
        return yw_fail(r->err, YW_E_NOMEM, "no memory for %zu rows of %s", cap, r->where);
    r->cap = cap;
    return YW_OK;
}

static enum yw_code read_row(struct reading *r, const char *const *cells, size_t n, size_t line) {
    struct judge_data *d = r->out;
    size_t factors = r->site->factor_n;
    size_t filled = 0;
    while (filled < n && cells[filled][0] == '\0') filled++;
    if (filled == n) return YW_OK; /* a blank line */
    if (n != r->column_n)
        return yw_fail(r->err, YW_E_FORMAT, "%s line %zu: %zu cells, but the first line names %zu columns",
                       r->where, line, n, r->column_n);
    enum yw_code code = room(r);
    if (code != YW_OK) return code;
    struct yw_sample_record *record = &d->records[d->n];
    *record = (struct yw_sample_record){.period = r->site->records == YW_PERIOD_HOUR ? YW_PERIOD_HOUR
                                                                                     : YW_PERIOD_MINUTE};
    if (!read_time(cells[0], &record->time))
        return yw_fail(r->err, YW_E_FORMAT,
                       "%s line %zu, column DataTime: `%.40s` is no time; write yyyymmddhhmmss", r->where,
                       line, cells[0]);
    struct yw_sample *samples = &d->samples[d->n * factors];
    bool has_avg[YW_SITE_FACTORS] = {false};
    for (size_t f = 0; f < factors; f++)
        samples[f] = (struct yw_sample){.min = NAN, .max = NAN, .avg = NAN, .zs = NAN, .cou = NAN};
    for (size_t i = 1; i < n; i++) {
        const struct column *c = &r->columns[i];
        double v;
        size_t length;
        const char *text = trimmed(cells[i], &length);
        if (length == 0 || c->field == FIELD_NONE) continue;
        if (c->field == FIELD_FLAG) {
            set_flag(r, &samples[c->factor], text, length);
        } else if (yw_parse_f64(text, length, &v)) {
            set_number(&samples[c->factor], c->field, v, &has_avg[c->factor]);
        } else {
            return yw_fail(
                r->err, YW_E_FORMAT,
                "%s line %zu, column %s: `%.40s` is no number; leave the cell empty where there is no value",
                r->where, line, c->name, cells[i]);
        }
    }
    d->n++;
    d->rows++;
    return YW_OK;
}

struct sort_key {
    int64_t time;
    size_t row;
};

static int by_time(const void *a, const void *b) {
    const struct sort_key *x = a, *y = b;
    if (x->time != y->time) return x->time < y->time ? -1 : 1;
    return (x->row > y->row) - (x->row < y->row);
}

/* In order of time; of rows of one time the last of the file is kept. */
static enum yw_code put_in_order(struct reading *r) {
    struct judge_data *d = r->out;
    size_t factors = r->site->factor_n, kept = 0;
    struct sort_key *keys = malloc((d->n ? d->n : 1) * sizeof *keys);
    struct yw_sample_record *sorted = malloc((d->n ? d->n : 1) * sizeof *sorted);
    if (!keys || !sorted) {
        free(keys);
        free(sorted);
        return yw_fail(r->err, YW_E_NOMEM, "no memory to sort %zu rows", d->n);
    }
    for (size_t i = 0; i < d->n; i++) {
        int64_t t = d->records[i].time;
        /* an hour record belongs to the hour it lies in */
        if (r->site->records == YW_PERIOD_HOUR) t -= ((t % YW_HOUR) + YW_HOUR) % YW_HOUR;
        keys[i] = (struct sort_key){t, i};
    }
    qsort(keys, d->n, sizeof *keys, by_time);
    for (size_t i = 0; i < d->n; i++) {
        if (i + 1 < d->n && keys[i + 1].time == keys[i].time) {
            if (d->repeated++ == 0) {
                char text[40];
                yw_time_text(keys[i].time, text);
                say(d, "%s: several rows of one time; the last one in the file holds (first: %s)", r->where,
                    text);
            }
            continue;
        }
        sorted[kept] = d->records[keys[i].row];
        sorted[kept].time = keys[i].time;
        sorted[kept].samples = &d->samples[keys[i].row * factors];
        kept++;
    }
    free(keys);
    free(d->records);
    d->records = sorted;
    d->n = kept;
    return YW_OK;
}

enum yw_code judge_data_read(const char *csv, size_t n, const char *where, struct yw_site *site,
                             struct judge_data *out, struct yw_error *err) {
    *out = (struct judge_data){.n = 0};
    struct yw_csv *c = yw_csv_open(csv, n, err);
    if (!c) return err ? err->code : YW_E_FORMAT;
    struct reading *r = calloc(1, sizeof *r);
    enum yw_code code = r ? YW_OK : yw_fail(err, YW_E_NOMEM, "no memory to read %s", where);
    if (r) {
        r->where = where;
        r->site = site;
        r->out = out;
        r->err = err;
        code = read_head(r, c);
    }
    while (code == YW_OK) {
        const char *const *cells;
        size_t count;
        struct yw_error inner = {0};
        code = yw_csv_row(c, &cells, &count, &inner);
        if (code == YW_E_END) break;
        code = code == YW_OK ? read_row(r, cells, count, yw_csv_line(c))
                             : yw_fail(err, code, "%s %s", where, inner.text);
    }
    if (code == YW_E_END)
        code = out->n == 0 ? yw_fail(err, YW_E_FORMAT, "%s has no rows below its first line", where)
                           : put_in_order(r);
    free(r);
    yw_csv_close(c);
    if (code != YW_OK) judge_data_free(out);
    return code;
}

void judge_data_free(struct judge_data *d) {
    free(d->records);
    free(d->samples);
    d->records = NULL;
    d->samples = NULL;
    d->n = 0;
}
