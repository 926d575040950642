/* How fast history is judged out of the store: minute records of several factors of some outlets, packed as
 * they are after a night, judged by as many threads as there are processors into one judge.db, as `yanwu
 * rebuild
 * --judge` does. Prints JSON lines; the figure is minute records a minute, held against the 5,000,000 that
 * are asked for. */
#include "judged/judging.h"
#include "pipeline/pipeline.h"
#include "journal/journal.h"

#include <ftw.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { OUTLETS = 4, DAYS = 60, FACTORS = 4, FIELDS = 3, VALUES = FACTORS * (FIELDS + 1), RUNS = 5 };
static const double ASKED = 5e6;

static const char *const factors[FACTORS] = {"a21026", "a21002", "a34013", "a19001"};
static const char *const fields[FIELDS] = {"Min", "Avg", "Max"};

static void check(enum yw_code code, const struct yw_error *err) {
    if (code == YW_OK) return;
    fprintf(stderr, "bench judged: %s\n", err->text);
    exit(1);
}

static void fill_values(struct yw_value *v, int64_t minute) {
    for (int f = 0; f < FACTORS; f++) {
        double mean = f == 3 ? 900 : 2500 + 900 * sin((double)minute * 6.283185 / 1440 + f);
        for (int k = 0; k < FIELDS; k++, v++) {
            memset(v, 0, sizeof *v);
            memcpy(v->factor, factors[f], 7);
            memcpy(v->field, fields[k], 4);
            v->scale = 2;
            v->mantissa = (int64_t)mean + 20 * (k - 1) + minute % 7;
        }
        memset(v, 0, sizeof *v);
        memcpy(v->factor, factors[f], 7);
        memcpy(v->field, "Flag", 5);
        v->is_text = true;
        v->text = "N";
        v++->text_n = 1;
    }
}

static void fill(const char *series, int64_t start) {
    static struct yw_value values[VALUES];
    const struct yw_store_backend *b = &yw_store_sqlite;
    struct yw_store *s;
    struct yw_error err = {0};
    uint64_t position = 0;
    bool more = true;
    check(b->open(series, false, &s, &err), &err);
    for (int day = 0; day < DAYS; day++) {
        check(b->begin(s, &err), &err);
        for (int64_t m = 0; m < 1440; m++) {
            int64_t time = start + day * YW_DAY + m * YW_MINUTE;
            fill_values(values, m);
            for (uint32_t outlet = 1; outlet <= OUTLETS; outlet++) {
                const struct yw_row row = {.outlet = outlet,
                                           .device = outlet,
                                           .kind = YW_KIND_MINUTE,
                                           .time = time,
                                           .source = {time + 61 * YW_SECOND, 0, position += 400},
                                           .values = values,
                                           .count = VALUES};
                check(b->put(s, &row, &err), &err);
            }
        }
        check(b->commit(s, NULL, 0, &err), &err);
    }
    for (int i = 0; i < 2; i++)
        for (more = true; more;) check(b->tidy(s, INT32_MAX / 2, &more, &err), &err);
    b->close(s);
}

/* The register: one act of the acts journal. */
static void make_register(const char *data) {
    struct yw_buf act, folder;
    struct yw_error err = {0};
    struct yw_journal *j;
    yw_buf_init(&act, 1 << 20);
    yw_buf_init(&folder, 4096);
    yw_buf_printf(&folder, "%s/journal/acts", data);
    yw_buf_puts(
        &act,
        "{\"act\":\"register.put\",\"by\":\"bench\",\"at\":1,\"areas\":[{\"code\":\"37\",\"parent\":\"\","
        "\"name\":\"a\"}],\"enterprises\":[{\"id\":1,\"credit_code\":\"91370000TEST000001\",\"name\":"
        "\"e\",\"short_name\":\"e\",\"area\":\"37\"}],\"outlets\":[");
    for (int o = 1; o <= OUTLETS; o++)
        yw_buf_printf(&act,
                      "%s{\"id\":%d,\"enterprise\":1,\"code\":\"DA%03d\",\"name\":\"o\",\"kind\":\"air\","
                      "\"st\":\"31\"}",
                      o > 1 ? "," : "", o, o);
    yw_buf_puts(&act, "],\"factors\":[");
    for (int o = 1; o <= OUTLETS; o++)
        for (int f = 0; f < FACTORS; f++)
            yw_buf_printf(&act, "%s{\"outlet\":%d,\"code\":\"%s\"%s}", o > 1 || f > 0 ? "," : "", o,
                          factors[f],
                          f < 3 ? ",\"limit\":35,\"reference_oxygen\":6,\"judge_converted\":true" : "");
    yw_buf_puts(&act, "]}");
    check(yw_make_dirs(folder.data, &err), &err);
    check(yw_journal_open_sized(yw_io_system(), folder.data, "acts", 4 << 20, &j, NULL, &err), &err);
    struct yw_record record = {
        .arrival = 1, .direction = YW_DIR_ACT, .payload = act.data, .length = (uint32_t)act.len};
    check(yw_journal_append(j, &record, &err), &err);
    check(yw_journal_commit(j, &err), &err);
    yw_journal_close(j);
    yw_buf_free(&act);
    yw_buf_free(&folder);
}

static int drop(const char *path, const struct stat *st, int kind, struct FTW *at) {
    YW_UNUSED(st), YW_UNUSED(kind), YW_UNUSED(at);
    return remove(path);
}

static int compare(const void *a, const void *b) {
    const double *x = a, *y = b;
    return *x < *y ? -1 : *x > *y;
}

int main(void) {
    char data[] = "/tmp/yanwu-bench-judged-XXXXXX", series[64];
    double runs[RUNS], sorted[RUNS];
    struct yw_error err = {0};
    if (!mkdtemp(data)) return 1;
    snprintf(series, sizeof series, "%s/series", data);
    make_register(data);
    fill(series, yw_china_day_start(20700));
    uint64_t hours = 0;
    for (int i = 0; i < RUNS; i++) {
        char file[32];
        struct yw_rejudge r = {.data = data};
        snprintf(file, sizeof file, "judge-%d.db", i);
        int64_t begin = yw_monotonic();
        check(yw_judge_everything(&r, series, file, &err), &err);
        runs[i] = (double)r.records * 60e6 / (double)(yw_monotonic() - begin);
        hours = r.hours;
        if (r.records != (uint64_t)OUTLETS * DAYS * 1440) {
            fprintf(stderr, "bench judged: %llu records only\n", (unsigned long long)r.records);
            return 1;
        }
    }
    memcpy(sorted, runs, sizeof runs);
    qsort(sorted, RUNS, sizeof *sorted, compare);
    printf("{\"bench\":\"judged\",\"figure\":\"with_store\",\"unit\":\"records/"
           "min\",\"median\":%.6g,\"ratio_to_asked\":%.3g,"
           "\"hours\":%llu,\"runs\":[",
           sorted[RUNS / 2], sorted[RUNS / 2] / ASKED, (unsigned long long)hours);
    for (int i = 0; i < RUNS; i++) printf("%s%.6g", i ? "," : "", runs[i]);
    printf("]}\n");
    return nftw(data, drop, 16, FTW_DEPTH | FTW_PHYS) == 0 ? 0 : 1;
}
