/* How long the server takes for the charts of a year, and how much room a value takes at rest.
 *
 * A store is filled with a year of minute data of two outlets (six factors, Min, Avg, Max, Cou and a mark
 * each, as daily cycles with noise), packed as it would be after a night, and asked as the outlet page asks:
 * three factors, 1,200 columns. Each question comes from a fresh handle once (nothing cached but by the
 * system) and then again from the same. Prints JSON lines. */
#include "store/store.h"

#include <dirent.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    OUTLETS = 2,
    DAYS = 365,
    FACTORS = 6,
    FIELDS = 4,
    VALUES = FACTORS * (FIELDS + 1),
    RUNS = 15,
    COLUMNS = 1200
};

static const struct yw_store_backend *const B = &yw_store_sqlite;
static const char *const factors[FACTORS] = {"a21026", "a21002", "a34013", "a19001", "a01011", "a01012"};
static const char *const fields[FIELDS] = {"Min", "Avg", "Max", "Cou"};
static uint64_t state = 88172645463325252u;

static double noise(void) { /* -1 to 1 */
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (double)(int64_t)(state >> 11) / (double)((int64_t)1 << 52) - 1;
}

static void check(enum yw_code code, const struct yw_error *err) {
    if (code == YW_OK) return;
    fprintf(stderr, "bench store: %s\n", err->text);
    exit(1);
}

static void fill_values(struct yw_value *v, int64_t minute) {
    for (int f = 0; f < FACTORS; f++) {
        double mean = 1000 * (f + 1) + 300 * sin((double)minute * 6.283185 / 1440) + 90 * noise();
        for (int k = 0; k < FIELDS; k++, v++) {
            memset(v, 0, sizeof *v);
            memcpy(v->factor, factors[f], 7);
            memcpy(v->field, fields[k], 4);
            v->scale = 2;
            v->mantissa = (int64_t)(mean + (k == 0   ? -20
                                            : k == 2 ? 20
                                            : k == 3 ? mean * 9
                                                     : 0) *
                                               (1 + noise() / 5));
        }
        memset(v, 0, sizeof *v);
        memcpy(v->factor, factors[f], 7);
        memcpy(v->field, "Flag", 5);
        v->is_text = true;
        v->text = "N";
        v++->text_n = 1;
    }
}

static int compare(const void *a, const void *b) {
    const double *x = a, *y = b;
    return *x < *y ? -1 : *x > *y;
}

static void print(const char *figure, const char *unit, const double *runs, size_t n) {
    double sorted[64];
    memcpy(sorted, runs, n * sizeof *runs);
    qsort(sorted, n, sizeof *sorted, compare);
    printf("{\"bench\":\"store\",\"figure\":\"%s\",\"unit\":\"%s\",\"median\":%.6g,\"runs\":[", figure, unit,
           sorted[n / 2]);
    for (size_t i = 0; i < n; i++) printf("%s%.6g", i ? "," : "", runs[i]);
    printf("]}\n");
    fflush(stdout);
}

/* A day of both outlets a batch; rates by month. tidied: as the pipeline's writer does it, which packs days
 * as soon as the stream has left them. */
static void fill(struct yw_store *s, int64_t start, bool tidied) {
    static struct yw_value values[VALUES];
    struct yw_error err = {0};
    double rate[12];
    uint64_t position = 0;
    int64_t begin = yw_monotonic();
    for (bool more = tidied; more;) check(B->tidy(s, INT32_MAX / 2, &more, &err), &err);
    for (int day = 0, month = 0; day < DAYS; day++) {
        check(B->begin(s, &err), &err);
        for (int64_t m = 0; m < 1440; m++) {
            for (uint32_t outlet = 1; outlet <= OUTLETS; outlet++) {
                int64_t time = start + day * YW_DAY + m * YW_MINUTE;
                struct yw_row row = {.outlet = outlet,
                                     .device = outlet,
                                     .kind = YW_KIND_MINUTE,
                                     .time = time,
                                     .values = values,
                                     .count = VALUES};
                row.source = (struct yw_source){time + 61 * YW_SECOND, 0, position += 720};
                fill_values(values, m);
                check(B->put(s, &row, &err), &err);
            }
        }
        check(B->commit(s, NULL, 0, &err), &err);
        if ((day + 1) % 30 != 0 || month == 12) continue;
        rate[month++] = 30.0 * 1440 * OUTLETS * 1e6 / (double)(yw_monotonic() - begin);
        begin = yw_monotonic();
    }
    print(tidied ? "put_history" : "put", "rows/s", rate, 12);
}

static void pack(struct yw_store *s) {
    struct yw_error err = {0};
    int64_t begin = yw_monotonic();
    for (int i = 0; i < 2; i++) {
        for (bool more = true; more;) check(B->tidy(s, INT32_MAX / 2, &more, &err), &err);
    }
    double rate = DAYS * 1440.0 * OUTLETS * 1e6 / (double)(yw_monotonic() - begin);
    print("pack", "rows/s", &rate, 1);
}

static double ask(struct yw_store *s, enum yw_kind kind, int64_t from, int64_t to) {
    static struct yw_point points[COLUMNS];
    struct yw_error err = {0};
    int64_t begin = yw_monotonic();
    for (int f = 0; f < 3; f++) {
        size_t n;
        check(B->series(s, 1, kind, factors[f], "Avg", from, to, COLUMNS, points, &n, &err), &err);
        if (n < COLUMNS / 8) {
            fprintf(stderr, "bench store: %zu columns only\n", n);
            exit(1);
        }
    }
    return (double)(yw_monotonic() - begin) / 1000;
}

static void charts(const char *folder, const char *figure, int64_t from, int64_t to) {
    double first[RUNS], again[RUNS];
    char name[64];
    for (int i = 0; i < RUNS; i++) {
        struct yw_store *s;
        struct yw_error err = {0};
        check(B->open(folder, true, &s, &err), &err);
        first[i] = ask(s, YW_KIND_MINUTE, from, to);
        again[i] = ask(s, YW_KIND_MINUTE, from, to);
        B->close(s);
    }
    snprintf(name, sizeof name, "%s_fresh", figure);
    print(name, "ms", first, RUNS);
    print(figure, "ms", again, RUNS);
}

static void remove_folder(const char *folder) {
    DIR *d = opendir(folder);
    for (struct dirent *e; d && (e = readdir(d)) != NULL;) unlinkat(dirfd(d), e->d_name, 0);
    if (d) closedir(d);
    rmdir(folder);
}

int main(void) {
    const char *tmp = getenv("TMPDIR");
    char folder[4096];
    struct yw_store *s;
    struct yw_error err = {0};
    uint64_t bytes;
    snprintf(folder, sizeof folder, "%s/yanwu-bench-XXXXXX", tmp ? tmp : "/tmp");
    if (!mkdtemp(folder)) return 1;
    int64_t start = yw_china_day_start(20454), end = start + DAYS * YW_DAY; /* the year 2026 */
    check(B->open(folder, false, &s, &err), &err);
    fill(s, start, true);
    check(B->sync(s, &err), &err);
    charts(folder, "chart_year_just_come", start, end);
    B->close(s);
    remove_folder(folder);
    check(B->open(folder, false, &s, &err), &err);
    fill(s, start, false);
    check(B->sync(s, &err), &err);
    charts(folder, "chart_year_unpacked", start, end);
    pack(s);
    B->close(s);
    charts(folder, "chart_year", start, end);
    charts(folder, "chart_30_days", end - 30 * YW_DAY, end);
    charts(folder, "chart_1_day", end - YW_DAY, end);
    check(B->open(folder, false, &s, &err), &err);
    check(B->bytes(s, &bytes, &err), &err);
    B->close(s);
    double per_value = (double)bytes / ((double)DAYS * 1440 * OUTLETS * VALUES);
    print("packed_bytes_per_value", "bytes", &per_value, 1);
    remove_folder(folder);
    return 0;
}
