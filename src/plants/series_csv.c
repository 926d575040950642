/* series_csv: an outlet's series as CSV with HJ 212 column names, and the truth beside it. */
#include "plants/plants.h"

#include <errno.h>
#include <string.h>

#include "hj212.h"

enum { ROW_MAX = 64 << 10 };

struct field {
    const char *name;
    size_t at; /* in yw_entry */
    bool converted, amount;
};
static const struct field moment_fields[] = {
    {"Rtd", offsetof(struct yw_entry, avg), false, false},
    {"ZsRtd", offsetof(struct yw_entry, zs_avg), true, false},
};
static const struct field period_fields[] = {
    {"Cou", offsetof(struct yw_entry, cou), false, true},
    {"Min", offsetof(struct yw_entry, min), false, false},
    {"Avg", offsetof(struct yw_entry, avg), false, false},
    {"Max", offsetof(struct yw_entry, max), false, false},
    {"ZsMin", offsetof(struct yw_entry, zs_min), true, false},
    {"ZsAvg", offsetof(struct yw_entry, zs_avg), true, false},
    {"ZsMax", offsetof(struct yw_entry, zs_max), true, false},
};

struct table {
    const struct yw_scenario *scenario;
    const struct field *fields;
    size_t count;
    FILE *series, *truth;
    struct yw_buf row;
};

static bool has(const struct table *t, size_t i, const struct field *f) {
    const struct yw_plant_factor *factor = &t->scenario->factors[i];
    if (f->converted) return factor->converted;
    if (f->amount) return factor->mass || (int)i == t->scenario->index.flow;
    return true;
}

static bool flush(struct yw_buf *row, FILE *to) {
    yw_buf_putc(row, '\n');
    bool ok = !row->failed && fwrite(row->data, 1, row->len, to) == row->len;
    yw_buf_clear(row);
    return ok;
}

static bool write_heads(struct table *t) {
    yw_buf_puts(&t->row, "DataTime");
    for (size_t i = 0; i < t->scenario->factor_count; i++) {
        const char *code = t->scenario->factors[i].code;
        for (size_t k = 0; k < t->count; k++)
            if (has(t, i, &t->fields[k])) yw_buf_printf(&t->row, ",%s-%s", code, t->fields[k].name);
        yw_buf_printf(&t->row, ",%s-Flag", code);
    }
    if (!flush(&t->row, t->series)) return false;
    yw_buf_puts(&t->row, "DataTime,load,running,flow_m3_s");
    for (size_t i = 0; i < t->scenario->factor_count; i++)
        yw_buf_printf(&t->row, ",%s", t->scenario->factors[i].code);
    return flush(&t->row, t->truth);
}

static void put_time(struct table *t, int64_t time) {
    char digits[18];
    hj212_print_time(time, false, digits);
    yw_buf_add(&t->row, digits, 14);
}

/* The same digits as on the wire. */
static void put_number(struct yw_buf *row, double value, uint32_t digits) {
    int64_t scaled = yw_plant_rounded(value, digits), power = 1;
    for (uint32_t i = 0; i < digits; i++) power *= 10;
    const char *sign = scaled < 0 ? "-" : "";
    uint64_t u = scaled < 0 ? 0 - (uint64_t)scaled : (uint64_t)scaled, p = (uint64_t)power;
    if (digits == 0)
        yw_buf_printf(row, ",%s%llu", sign, (unsigned long long)u);
    else
        yw_buf_printf(row, ",%s%llu.%0*llu", sign, (unsigned long long)(u / p), (int)digits,
                      (unsigned long long)(u % p));
}

static bool write_record(struct table *t, const struct yw_plant_record *r) {
    put_time(t, r->time);
    for (size_t i = 0; i < t->scenario->factor_count; i++) {
        const struct yw_plant_factor *f = &t->scenario->factors[i];
        for (size_t k = 0; k < t->count; k++) {
            if (!has(t, i, &t->fields[k])) continue;
            double value;
            memcpy(&value, (const char *)&r->entries[i] + t->fields[k].at, sizeof value);
            put_number(&t->row, value, t->fields[k].amount ? f->cou_digits : f->digits);
        }
        yw_buf_printf(&t->row, ",%s", yw_mark_text(r->entries[i].mark));
    }
    return flush(&t->row, t->series);
}

/* Means of the true values over the record's period, sampled as the instruments sample. */
struct truth {
    double load, running, flow, values[YW_PLANT_FACTORS_MAX];
    uint32_t n;
};

static void add_truth(struct truth *x, const struct yw_sample *s, size_t factors) {
    x->load += s->load;
    x->running += s->running;
    x->flow += s->flow_m3_s;
    for (size_t i = 0; i < factors; i++) x->values[i] += s->truth[i];
    x->n++;
}

static bool write_truth(struct table *t, int64_t time, struct truth *x) {
    double n = x->n ? x->n : 1;
    put_time(t, time);
    yw_buf_printf(&t->row, ",%.4f,%.4f,%.4f", x->load / n, x->running / n, x->flow / n);
    for (size_t i = 0; i < t->scenario->factor_count; i++) yw_buf_printf(&t->row, ",%.5g", x->values[i] / n);
    *x = (struct truth){.n = 0};
    return flush(&t->row, t->truth);
}

static bool write_all(struct table *t, uint64_t seed, int64_t start, int64_t end, uint16_t command) {
    struct yw_outlet_run run;
    struct yw_plant_record records[YW_RECORDS_PER_STEP];
    struct yw_sample sample;
    struct truth truth = {.n = 0};
    if (!write_heads(t)) return false;
    yw_outlet_begin(&run, t->scenario, seed, start);
    while (run.model.time < end) {
        size_t n = yw_outlet_step(&run, records, &sample);
        add_truth(&truth, &sample, t->scenario->factor_count);
        for (size_t i = 0; i < n; i++) {
            if (records[i].command != command || records[i].time < start) continue;
            if (!write_record(t, &records[i]) || !write_truth(t, records[i].time, &truth)) return false;
        }
    }
    return true;
}

enum yw_code yw_series_csv(const struct yw_scenario *s, uint64_t seed, int64_t start, int64_t end,
                           uint16_t command, const char *path, struct yw_error *err) {
    char beside[4096];
    size_t n = strlen(path);
    bool csv = n > 4 && strcmp(path + n - 4, ".csv") == 0;
    int m = snprintf(beside, sizeof beside, "%.*s.truth.csv", (int)(csv ? n - 4 : n), path);
    if (m < 0 || (size_t)m >= sizeof beside)
        return yw_fail(err, YW_E_LIMIT, "the path is too long: %.100s", path);
    bool moment = command == 2011;
    struct table t = {.scenario = s,
                      .fields = moment ? moment_fields : period_fields,
                      .count = moment ? YW_COUNT(moment_fields) : YW_COUNT(period_fields)};
    yw_buf_init(&t.row, ROW_MAX);
    t.series = fopen(path, "we");
    t.truth = t.series ? fopen(beside, "we") : NULL;
    enum yw_code code = YW_OK;
    if (!t.truth) code = yw_fail_errno(err, errno, "cannot write %s", t.series ? beside : path);
    errno = 0;
    if (!code && !write_all(&t, seed, start, end, command))
        code = yw_fail_errno(err, errno ? errno : EIO, "cannot write %s", path);
    if (t.series && fclose(t.series) != 0 && !code) code = yw_fail_errno(err, errno, "cannot write %s", path);
    if (t.truth && fclose(t.truth) != 0 && !code) code = yw_fail_errno(err, errno, "cannot write %s", beside);
    yw_buf_free(&t.row);
    return code;
}
