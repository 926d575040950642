/* series_csv: an outlet's series as CSV with HJ 212 column names, and the truth beside it. */

#include <errno.h>
#include <math.h>
#include <string.h>

#include "hj212.h"
#include "plants/truth_events.h"

enum { ROW_MAX = 64 << 10, PATH_SIZE = 4096, EVENTS_MAX = 16 << 20 };

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
    enum yw_quantity more[YW_Q_COUNT]; /* what the plant has beside the factors */
    size_t more_n;
};

static bool has(const struct table *t, size_t i, const struct field *f) {
    const struct yw_plant_factor *factor = &t->scenario->factors[i];
    if (factor->unsent) return false;
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
        if (!t->scenario->factors[i].unsent) yw_buf_printf(&t->row, ",%s-Flag", code);
    }
    if (!flush(&t->row, t->series)) return false;
    yw_buf_puts(&t->row, "DataTime,load,running,flow_m3_s");
    for (size_t i = 0; i < t->scenario->factor_count; i++)
        yw_buf_printf(&t->row, ",%s", t->scenario->factors[i].code);
    for (size_t i = 0; i < t->more_n; i++) yw_buf_printf(&t->row, ",%s", yw_quantity_name(t->more[i]));
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
        if (f->unsent) continue;
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

/* Means of the true values over a period, sampled as the instruments sample. */
struct truth {
    double load, running, flow, values[YW_PLANT_FACTORS_MAX], more[YW_Q_COUNT];
    uint32_t n;
};

static void add_truth(const struct table *t, struct truth *x, const struct yw_sample *s,
                      const struct yw_stream *stream) {
    x->load += s->load;
    x->running += s->running;
    double flow = s->flow_m3_s; /* statistical: instruments and truth agree about it */
    if (stream && t->scenario->medium == YW_MEDIUM_WATER) flow = stream->v[YW_Q_WATER_FLOW] / 1000;
    if (stream && t->scenario->medium == YW_MEDIUM_AIR) flow = stream->v[YW_Q_FLOW];
    x->flow += flow;
    for (size_t i = 0; i < t->scenario->factor_count; i++) x->values[i] += s->truth[i];
    for (size_t i = 0; i < t->more_n; i++) x->more[i] += stream->v[t->more[i]];
    x->n++;
}

static bool write_truth(struct table *t, int64_t time, struct truth *x) {
    double n = x->n ? x->n : 1;
    put_time(t, time);
    yw_buf_printf(&t->row, ",%.4f,%.4f,%.4f", x->load / n, x->running / n, x->flow / n);
    for (size_t i = 0; i < t->scenario->factor_count; i++) yw_buf_printf(&t->row, ",%.5g", x->values[i] / n);
    for (size_t i = 0; i < t->more_n; i++) yw_buf_printf(&t->row, ",%.5g", x->more[i] / n);
    *x = (struct truth){.n = 0};
    return flush(&t->row, t->truth);
}

/* Quantities that no factor looks at: the control room. */
static void find_more(struct table *t, const struct yw_stream *stream) {
    for (unsigned q = 0; stream && q < YW_Q_COUNT; q++) {
        bool factor = q == YW_Q_LOAD || q == YW_Q_RUNNING || !isfinite(stream->v[q]);
        for (size_t i = 0; i < t->scenario->factor_count; i++)
            factor |= t->scenario->factors[i].from == (enum yw_quantity)q;
        if (!factor) t->more[t->more_n++] = (enum yw_quantity)q;
    }
}

static int64_t period_of(const struct yw_scenario *s, uint16_t command) {
    return command == 2031   ? YW_DAY
           : command == 2061 ? YW_HOUR
                             : (command == 2051 ? s->minute_s : s->realtime_s) * YW_SECOND;
}

/* Rows of the truth stand for every period, also for those whose record is not sent. */
static bool truth_row(struct table *t, uint16_t command, int64_t time, int64_t next, struct truth *x) {
    int64_t period = period_of(t->scenario, command);
    if (command == 2011) return (time + YW_CHINA) % period >= next - time || write_truth(t, time, x);
    return (next + YW_CHINA) % period != 0 || write_truth(t, next - period, x);
}

struct work {
    uint64_t seed;
    int64_t start, end;
    uint16_t command;
    struct yw_truth_events *events;
};

static bool live(struct table *t, const struct work *w, struct yw_outlet_run *run) {
    struct yw_plant_record records[YW_RECORDS_PER_STEP];
    struct yw_sample sample;
    struct truth truth = {.n = 0};
    int64_t step = t->scenario->sample_s * YW_SECOND;
    find_more(t, yw_outlet_truth(run));
    if (!write_heads(t)) return false;
    while (run->model.time < w->end) {
        int64_t time = run->model.time;
        size_t n = yw_outlet_step(run, records, &sample);
        if (yw_outlet_failure(run)) return false;
        add_truth(t, &truth, &sample, yw_outlet_truth(run));
        bool midnight = (run->model.time + YW_CHINA) % YW_DAY == 0; /* the next day has begun already */
        if (!midnight && !yw_truth_events_add(w->events, yw_outlet_effects(run), time, step)) return false;
        if (!truth_row(t, w->command, time, run->model.time, &truth)) return false;
        for (size_t i = 0; i < n; i++)
            if (records[i].command == w->command && records[i].time >= w->start &&
                !write_record(t, &records[i]))
                return false;
    }
    return true;
}

static bool write_all(struct table *t, const struct work *w, struct yw_error *err) {
    struct yw_outlet_run run;
    yw_outlet_begin(&run, t->scenario, w->seed, w->start);
    errno = 0;
    bool ok = live(t, w, &run);
    const char *why = yw_outlet_failure(&run);
    if (why)
        yw_fail(err, YW_E_STATE, "the plant gave up: %s", why);
    else if (!ok)
        yw_fail_errno(err, errno ? errno : EIO, "cannot write the series");
    yw_outlet_end(&run);
    return ok;
}

/* path without its .csv (and .truth), and the ending behind it. */
static bool beside(const char *path, const char *ending, char *out, size_t size) {
    static const char *const ends[] = {".truth.csv", ".csv"};
    size_t n = strlen(path), cut = 0;
    for (size_t i = 0; i < YW_COUNT(ends) && !cut; i++)
        if (n > strlen(ends[i]) && strcmp(path + n - strlen(ends[i]), ends[i]) == 0) cut = strlen(ends[i]);
    int m = snprintf(out, size, "%.*s%s", (int)(n - cut), path, ending);
    return m > 0 && (size_t)m < size;
}

static enum yw_code write_events(const struct table *t, const struct work *w, const char *path,
                                 struct yw_error *err) {
    struct yw_buf text;
    yw_buf_init(&text, EVENTS_MAX);
    bool ok = yw_truth_events_put(w->events, t->scenario, w->seed, w->start, w->end, &text);
    FILE *to = ok ? fopen(path, "we") : NULL;
    errno = ok ? errno : ENOMEM;
    ok = to && fwrite(text.data, 1, text.len, to) == text.len;
    if (to && fclose(to) != 0) ok = false;
    yw_buf_free(&text);
    return ok ? YW_OK : yw_fail_errno(err, errno, "cannot write %s", path);
}

enum yw_code yw_series_csv(const struct yw_scenario *s, uint64_t seed, int64_t start, int64_t end,
                           uint16_t command, const char *path, const char *truth, struct yw_error *err) {
    char own[PATH_SIZE], events_path[PATH_SIZE];
    struct yw_truth_events events;
    if (!beside(path, ".truth.csv", own, sizeof own) ||
        !beside(truth ? truth : path, ".events.json", events_path, sizeof events_path))
        return yw_fail(err, YW_E_RANGE, "the path is too long: %.200s", path);
    if (!truth) truth = own;
    bool moment = command == 2011;
    struct table t = {.scenario = s,
                      .fields = moment ? moment_fields : period_fields,
                      .count = moment ? YW_COUNT(moment_fields) : YW_COUNT(period_fields)};
    yw_buf_init(&t.row, ROW_MAX);
    yw_truth_events_init(&events);
    struct work w = {seed, start, end, command, &events};
    t.series = fopen(path, "we");
    t.truth = t.series ? fopen(truth, "we") : NULL;
    enum yw_code code = YW_OK;
    if (!t.truth) code = yw_fail_errno(err, errno, "cannot write %s", t.series ? truth : path);
    if (!code && !write_all(&t, &w, err)) code = err->code;
    if (!code && s->life.kind) code = write_events(&t, &w, events_path, err);
    if (t.series && fclose(t.series) != 0 && !code) code = yw_fail_errno(err, errno, "cannot write %s", path);
    if (t.truth && fclose(t.truth) != 0 && !code) code = yw_fail_errno(err, errno, "cannot write %s", truth);
    yw_buf_free(&t.row);
    yw_truth_events_free(&events);
    return code;
}
