#include "cli/judge_run.h"

#include "judge/operation.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *name;
    uint32_t bit;
} line_names[] = {
    {"hour", LINE_HOUR},       {"8h", LINE_8H},       {"day", LINE_DAY},     {"month", LINE_MONTH},
    {"quarter", LINE_QUARTER}, {"year", LINE_YEAR},   {"block", LINE_BLOCK}, {"verdict", LINE_VERDICT},
    {"tally", LINE_TALLY},     {"check", LINE_CHECK}, {"unit", LINE_UNIT},   {"end", LINE_END},
};

bool judge_lines_parse(const char *text, uint32_t *out, struct yw_error *err) {
    *out = 0;
    while (*text) {
        size_t n = strcspn(text, ","), i = 0;
        while (i < YW_COUNT(line_names) &&
               (strlen(line_names[i].name) != n || memcmp(line_names[i].name, text, n) != 0))
            i++;
        if (i == YW_COUNT(line_names)) {
            yw_fail(err, YW_E_USAGE,
                    "--lines: no line `%.*s`; there are hour 8h day month quarter year block verdict tally "
                    "check end",
                    (int)(n > 20 ? 20 : n), text);
            return false;
        }
        *out |= line_names[i].bit;
        text += n;
        if (*text == ',') text++;
    }
    return true;
}

struct run {
    const struct yw_rules *rules;
    const struct yw_site *site;
    const struct judge_data *data;
    const struct judge_wish *wish;
    struct yw_put_style style;
    int64_t first, from, to, now; /* hours are [first, to); asked for is [from, to) */
    struct yw_mean *hours, *blocks;
    size_t hour_n, block_n;
    struct yw_unit_hour *units;
    struct yw_buf means, tallies; /* lines of step two, printed behind the hours */
    struct yw_verdict *verdicts;
    size_t verdict_n, verdict_cap, counted;
    bool full;
    struct yw_buf line;
};

static int64_t floor_to(int64_t t, int64_t step) {
    return t - ((t % step) + step) % step;
}

static int64_t ceil_to(int64_t t, int64_t step) {
    return floor_to(t + step - 1, step);
}

/* The judged range: as the site says, else the days of the data; history before it is used. */
static enum yw_code set_range(struct run *r, struct yw_error *err) {
    const struct yw_sample_record *records = r->data->records;
    int64_t data_from = records[0].time, data_to = records[r->data->n - 1].time + 1;
    r->from = r->site->from ? floor_to(r->site->from, YW_HOUR) : yw_china_day_start(yw_china_day(data_from));
    r->to = r->site->to ? ceil_to(r->site->to, YW_HOUR) : yw_china_day_start(yw_china_day(data_to - 1) + 1);
    r->now = r->site->now ? r->site->now : r->to;
    if (r->to > ceil_to(r->now, YW_HOUR)) r->to = ceil_to(r->now, YW_HOUR);
    if (r->to <= r->from) {
        char a[40], b[40];
        yw_time_text(r->from, a);
        yw_time_text(r->to, b);
        return yw_fail(err, YW_E_RANGE,
                       "nothing to judge: the range is %s to %s (keys from, to and now of the site)", a, b);
    }
    r->first = floor_to(data_from < r->from ? data_from : r->from, YW_HOUR);
    if (r->to - r->first > JUDGE_DAYS_MAX * YW_DAY)
        return yw_fail(err, YW_E_LIMIT,
                       "%lld days; at most %d are judged at once: set from and to, or split the data",
                       (long long)((r->to - r->first) / YW_DAY), JUDGE_DAYS_MAX);
    r->hour_n = (size_t)((r->to - r->first) / YW_HOUR);
    return YW_OK;
}

static bool wants(const struct run *r, uint8_t period) {
    static const uint32_t bits[] = {0,        0,          LINE_BLOCK,   LINE_HOUR, LINE_8H,
                                    LINE_DAY, LINE_MONTH, LINE_QUARTER, LINE_YEAR};
    return period < YW_COUNT(bits) && (r->wish->lines & bits[period]) != 0;
}

static void take_mean(void *arg, const struct yw_mean *m) {
    struct run *r = arg;
    if (m->period <= YW_PERIOD_HOUR || !wants(r, m->period)) return; /* hours are printed from the table */
    yw_put_mean(&r->means, r->rules, r->site, m, &r->style);
    yw_buf_putc(&r->means, '\n');
}

static void take_verdict(void *arg, const struct yw_verdict *v) {
    struct run *r = arg;
    if (r->verdict_n == r->verdict_cap) {
        size_t cap = r->verdict_cap ? 2 * r->verdict_cap : 256;
        struct yw_verdict *more = cap <= JUDGE_VERDICTS_MAX ? realloc(r->verdicts, cap * sizeof *more) : NULL;
        r->full = more == NULL;
        if (r->full) return;
        r->verdicts = more;
        r->verdict_cap = cap;
    }
    r->verdicts[r->verdict_n++] = *v;
    r->counted += v->counts;
}

static void take_tally(void *arg, const struct yw_tally_row *t) {
    struct run *r = arg;
    if (!(r->wish->lines & LINE_TALLY)) return;
    yw_put_tally(&r->tallies, r->rules, r->site, t, &r->style);
    yw_buf_putc(&r->tallies, '\n');
}

/* In order of time; of one time by kind, factor, period, basis, limit. */
static int by_time(const void *a, const void *b) {
    const struct yw_verdict *x = a, *y = b;
    if (x->from != y->from) return x->from < y->from ? -1 : 1;
    if (x->kind != y->kind) return x->kind - y->kind;
    if (x->factor != y->factor) return x->factor - y->factor;
    if (x->period != y->period) return x->period - y->period;
    if (x->basis != y->basis) return x->basis - y->basis; /* permit, local, national: the judging order */
    return x->limit - y->limit;
}

/* Step one over all hours. */
static enum yw_code judge_hours(struct run *r, const struct yw_judge *j, struct yw_error *err) {
    size_t at = 0, n = r->data->n, factors = r->site->factor_n;
    const struct yw_sample_record *records = r->data->records;
    for (size_t h = 0; h < r->hour_n; h++) {
        int64_t hour = r->first + (int64_t)h * YW_HOUR;
        size_t count = 0;
        while (at < n && records[at].time < hour) at++;
        while (at + count < n && records[at + count].time < hour + YW_HOUR) count++;
        if (count > YW_HOUR_RECORDS) {
            char text[40];
            yw_time_text(hour, text);
            return yw_fail(err, YW_E_LIMIT,
                           "%zu rows in the hour from %s; at most %d, one a second, are read", count, text,
                           YW_HOUR_RECORDS);
        }
        yw_judge_hour(j, hour, records + at, count, r->hours + h * factors);
        if (r->units) yw_operation_hour(r->site, hour, records + at, count, r->units + h * r->site->unit_n);
        if (r->blocks) r->block_n += yw_judge_blocks(j, hour, records + at, count, r->blocks + r->block_n);
        at += count;
    }
    if (r->units) yw_operation_states(r->rules, r->site, records, n, r->first, r->hour_n, r->units);
    return YW_OK;
}

static void print_line(struct run *r) {
    yw_buf_putc(&r->line, '\n');
    fwrite(r->line.data, 1, r->line.len, stdout);
    yw_buf_clear(&r->line);
}

static void print_mean(struct run *r, const struct yw_mean *m) {
    yw_put_mean(&r->line, r->rules, r->site, m, &r->style);
    print_line(r);
}

static void print_hours(struct run *r) {
    for (size_t i = 0; wants(r, YW_PERIOD_HOUR) && i < r->hour_n * r->site->factor_n; i++)
        if (r->hours[i].from >= r->from) print_mean(r, &r->hours[i]);
    for (size_t i = 0; wants(r, YW_PERIOD_5MIN) && i < r->block_n; i++) {
        const struct yw_mean *m = &r->blocks[i];
        double degc =
            yw_rules_value(r->rules, "order10.temperature", yw_china_day(m->from), "degc", NAN, NULL);
        if (m->from >= r->from && (r->wish->all_blocks || m->mean < degc)) print_mean(r, m);
    }
}

static void print_checks(struct run *r) {
    for (size_t i = 0; (r->wish->lines & LINE_CHECK) && i < r->site->check_n; i++) {
        struct yw_check_result result;
        yw_check_evaluate(r->rules, r->site, &r->site->checks[i], &result);
        yw_put_check(&r->line, r->rules, r->site, &r->site->checks[i], &result, &r->style);
        print_line(r);
    }
}

static void print_units(struct run *r) {
    size_t n = r->site->unit_n;
    for (size_t i = 0; (r->wish->lines & LINE_UNIT) && i < r->hour_n * n; i++) {
        if (r->units[i].hour < r->from) continue;
        yw_put_unit_hour(&r->line, r->site, i % n, &r->units[i], &r->style);
        print_line(r);
    }
}

static void print_verdicts(struct run *r) {
    if (r->verdict_n > 0) qsort(r->verdicts, r->verdict_n, sizeof *r->verdicts, by_time);
    for (size_t i = 0; (r->wish->lines & LINE_VERDICT) && i < r->verdict_n; i++) {
        yw_put_verdict(&r->line, r->rules, r->site, &r->verdicts[i], &r->style);
        print_line(r);
    }
}

static void print_end(struct run *r) {
    if (!(r->wish->lines & LINE_END)) return;
    char digest[17], from[40], to[40], now[40];
    yw_rules_digest(r->rules, digest);
    yw_time_text(r->from, from);
    yw_time_text(r->to, to);
    yw_time_text(r->now, now);
    yw_buf_puts(&r->line, "{\"line\":\"end\",\"site\":");
    yw_buf_json(&r->line, r->site->id, strlen(r->site->id));
    yw_buf_printf(
        &r->line,
        ",\"from\":\"%s\",\"to\":\"%s\",\"now\":\"%s\",\"rows\":%zu,\"repeated\":%zu,\"factors\":%zu,"
        "\"verdicts\":%zu,\"counting\":%zu,\"rules\":\"%s\",\"statement_zh\":\"系统初判，须经执法人员核实\","
        "\"statement_en\":\"Preliminary: to be verified by enforcement officers\"}",
        from, to, now, r->data->rows, r->data->repeated, r->site->factor_n, r->verdict_n, r->counted, digest);
    print_line(r);
}

static void print_text(const struct yw_buf *b) {
    fwrite(b->data ? b->data : "", 1, b->len, stdout);
}

static enum yw_code run_all(struct run *r, const struct yw_judge *j, struct yw_error *err) {
    enum yw_code code = judge_hours(r, j, err);
    const struct yw_judge_sink sink = {
        .arg = r, .mean = take_mean, .verdict = take_verdict, .tally = take_tally};
    if (code == YW_OK)
        code = yw_judge_stretch(j, r->hours, r->hour_n, r->blocks, r->block_n, r->from, r->now, &sink, err);
    if (code != YW_OK) return code;
    if (r->units)
        yw_operation_judge(r->rules, r->site, r->units, r->hours, r->hour_n, r->first, r->from, r->now,
                           &sink);
    if (r->full || r->means.failed || r->tallies.failed)
        return yw_fail(err, YW_E_LIMIT, "too many lines; ask for fewer by --lines, or judge a shorter range");
    print_hours(r);
    print_text(&r->means);
    print_checks(r);
    print_units(r);
    print_text(&r->tallies);
    print_verdicts(r);
    print_end(r);
    if (fflush(stdout) != 0) return yw_fail(err, YW_E_SYSTEM, "standard output cannot be written");
    return YW_OK;
}

/* Tables for the range; false: no memory. */
static bool make_room(struct run *r) {
    const struct yw_site *s = r->site;
    bool blocks = s->profile == YW_PROFILE_INCINERATION, units = s->unit_n + s->plan_n + s->mark_n > 0;
    r->hours = calloc(r->hour_n * s->factor_n, sizeof *r->hours);
    if (blocks) r->blocks = calloc(r->hour_n * 12, sizeof *r->blocks);
    if (units) r->units = calloc(r->hour_n * s->unit_n + 1, sizeof *r->units);
    return r->hours && (!blocks || r->blocks) && (!units || r->units);
}

enum yw_code judge_run(const struct yw_rules *rules, const struct yw_site *site,
                       const struct judge_data *data, const struct judge_wish *wish, struct yw_error *err) {
    struct run r = {
        .rules = rules, .site = site, .data = data, .wish = wish, .style = {.compact = wish->compact}};
    enum yw_code code = set_range(&r, err);
    if (code != YW_OK) return code;
    struct yw_judge *j = yw_judge_create(rules, site, err);
    if (!j) return err->code ? err->code : YW_E_NOMEM;
    yw_buf_init(&r.line, 1 << 20);
    yw_buf_init(&r.means, (size_t)1 << 30);
    yw_buf_init(&r.tallies, (size_t)1 << 28);
    code =
        make_room(&r) ? run_all(&r, j, err) : yw_fail(err, YW_E_NOMEM, "no memory for %zu hours", r.hour_n);
    free(r.hours);
    free(r.blocks);
    free(r.units);
    free(r.verdicts);
    yw_buf_free(&r.line);
    yw_buf_free(&r.means);
    yw_buf_free(&r.tallies);
    yw_judge_destroy(j);
    return code;
}
