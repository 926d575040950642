/* The benchmark works: 14 days of dry weather with CVODE at rtol 1e-6, open and ideal loop, behind a steady
 * state that is not measured (target: 1 s); and a day of the training works (target: 15 ms). The influent is
 * influent_dry.csv of the folder $YANWU_BSM1, else a made-up one that swings alike. Times are of the
 * processor, one core. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "plant/plant.h"
#include "plant/works/benchmark.h"

enum { RUNS = 5, DAYS = 20 };

static double seconds(void) {
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static int compare(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void print(const char *figure, const char *unit, const double runs[RUNS], double target,
                  const char *influent) {
    double sorted[RUNS];
    memcpy(sorted, runs, sizeof sorted);
    qsort(sorted, RUNS, sizeof *sorted, compare);
    printf("{\"bench\":\"bsm1\",\"figure\":\"%s\",\"unit\":\"%s\",\"median\":%.4g,\"runs\":[", figure, unit,
           sorted[RUNS / 2]);
    for (int i = 0; i < RUNS; i++) printf("%s%.4g", i ? "," : "", runs[i]);
    printf("],\"target\":%g,\"influent\":\"%s\"}\n", target, influent);
}

static int fail(const struct yw_error *err) {
    fprintf(stderr, "bench-bsm1: %s\n", err->text);
    return 1;
}

static enum yw_code made_up(struct yw_influent *out, struct yw_error *err) {
    static double rows[YW_BENCHMARK_DAYS * YW_BENCHMARK_MARKS][1 + YW_INFLOW_N];
    struct yw_bsm1 b = yw_bsm1_benchmark();
    YW_UNUSED(err);
    for (int i = 0; i < YW_BENCHMARK_DAYS * YW_BENCHMARK_MARKS; i++) {
        double t = i / 96.0, w = 6.283185307179586 * t;
        rows[i][0] = t;
        for (int k = 0; k < YW_INFLOW_N; k++) {
            double swing = k == YW_ASM_SI || k == YW_ASM_SALK
                               ? 0
                               : 0.35 * cos(w - 4.5) + 0.15 * cos(2 * w - 1) + 0.02 * cos(i * 1.7);
            rows[i][1 + k] = b.inflow[k] * (1 + swing);
        }
    }
    *out = (struct yw_influent){rows, YW_COUNT(rows)};
    return YW_OK;
}

static enum yw_code influent_of(const char *folder, struct yw_influent *out, struct yw_error *err) {
    char path[4096];
    if (!folder) return made_up(out, err);
    snprintf(path, sizeof path, "%s/influent_dry.csv", folder);
    struct yw_buf text;
    yw_buf_init(&text, 16 << 20);
    enum yw_code code = yw_file_read(path, (16 << 20) - 1, &text, err);
    if (!code) code = yw_influent_parse(text.data ? text.data : "", text.len, out, err);
    yw_buf_free(&text);
    return code;
}

static enum yw_code dynamics(enum yw_bsm1_loop loop, const struct yw_influent *influent, double runs[RUNS],
                             struct yw_error *err) {
    static struct yw_benchmark b, settled;
    enum yw_code code = yw_benchmark_open(loop, 1e-6, 1, &settled, err);
    if (!code) code = yw_benchmark_settle(&settled, err);
    for (int i = 0; i < RUNS && !code; i++) {
        b = settled;
        double start = seconds();
        code = yw_benchmark_run(&b, influent, err);
        runs[i] = seconds() - start;
    }
    yw_benchmark_close(&settled);
    return code;
}

static enum yw_code training(double runs[RUNS], struct yw_error *err) {
    const struct yw_plant_kind *k = yw_plant_kind_find("works", 5);
    enum yw_code code = YW_OK;
    for (int i = 0; i < RUNS && !code; i++) {
        struct yw_plant *p;
        if ((code = yw_plant_open(k, NULL, (uint64_t)i, 0, 60, &p, err))) break;
        double start = seconds();
        code = yw_plant_run(p, DAYS * YW_DAY, err);
        runs[i] = (seconds() - start) / DAYS * 1000;
        yw_plant_close(p);
    }
    return code;
}

int main(void) {
    struct yw_error err;
    struct yw_influent influent;
    double runs[RUNS] = {0};
    const char *folder = getenv("YANWU_BSM1"), *name = folder ? "dry" : "made up";
    if (influent_of(folder, &influent, &err) || dynamics(YW_BSM1_OPEN, &influent, runs, &err))
        return fail(&err);
    print("14 days, open loop", "s", runs, 1, name);
    if (dynamics(YW_BSM1_IDEAL, &influent, runs, &err)) return fail(&err);
    print("14 days, ideal loop", "s", runs, 1, name);
    if (training(runs, &err)) return fail(&err);
    print("a day of the training works", "ms", runs, 15, "its own");
    if (folder) yw_influent_free(&influent);
    return 0;
}
