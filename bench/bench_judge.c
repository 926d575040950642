/* The pure core: minute records of a flue-gas outlet with nine factors to hours, a month of them per run and
 * thread; then the month as a stretch. Target: 20 million minute records a minute on 2 cores. */
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "judge/judge.h"

enum { RUNS = 5, THREADS = 2, DAYS = 31, HOURS = DAYS * 24, FACTORS = 9, OUTLETS = 40 };
static const double target = 20e6;

struct work {
    struct yw_judge *judge;
    const struct yw_sample_record *records; /* of all minutes of the month */
    struct yw_mean *hours;
    double hour_seconds, stretch_seconds;
};

static double seconds(void) {
    return (double)yw_monotonic() / 1e6;
}

static void *judge_month(void *arg) {
    struct work *w = arg;
    double start = seconds();
    for (int outlet = 0; outlet < OUTLETS; outlet++) {
        for (size_t h = 0; h < HOURS; h++)
            yw_judge_hour(w->judge, w->records[h * 60].time, w->records + h * 60, 60, w->hours + h * FACTORS);
    }
    double middle = seconds();
    const struct yw_judge_sink sink = {0};
    struct yw_error err;
    if (yw_judge_stretch(w->judge, w->hours, HOURS, NULL, 0, w->hours[0].from, INT64_MAX, &sink, &err) !=
        YW_OK) {
        fprintf(stderr, "bench-judge: %s\n", err.text);
        exit(1);
    }
    w->hour_seconds = middle - start;
    w->stretch_seconds = seconds() - middle;
    return NULL;
}

static int compare(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void print(const char *figure, const char *unit, double *runs, double goal) {
    double sorted[RUNS];
    memcpy(sorted, runs, sizeof sorted);
    qsort(sorted, RUNS, sizeof *sorted, compare);
    printf("{\"bench\":\"judge\",\"figure\":\"%s\",\"unit\":\"%s\",\"median\":%.0f,\"runs\":[", figure, unit,
           sorted[RUNS / 2]);
    for (int i = 0; i < RUNS; i++) printf("%s%.0f", i ? "," : "", runs[i]);
    printf("]");
    if (goal > 0) printf(",\"target\":%.0f,\"ratio\":%.2f", goal, sorted[RUNS / 2] / goal);
    printf("}\n");
}

static struct yw_sample *make_records(struct yw_sample_record *records, int64_t from) {
    static const double usual[FACTORS] = {20, 38, 5, 7, 60, 15, 110, -0.5, 9};
    struct yw_sample *samples = malloc(sizeof *samples * HOURS * 60 * FACTORS);
    if (!samples) return NULL;
    uint64_t seed = 7;
    for (size_t i = 0; i < HOURS * 60; i++) {
        for (size_t f = 0; f < FACTORS; f++) {
            seed = seed * 6364136223846793005u + 1442695040888963407u;
            double v = usual[f] * (1 + (double)(seed >> 40) / (1 << 24) / 10);
            samples[i * FACTORS + f] = (struct yw_sample){
                .avg = v, .min = (float)v, .max = (float)v, .zs = NAN, .cou = NAN, .flag = "N"};
            if (seed % 997 == 0) samples[i * FACTORS + f].flag[0] = 'C';
        }
        records[i] = (struct yw_sample_record){.time = from + (int64_t)i * YW_MINUTE,
                                               .period = YW_PERIOD_MINUTE,
                                               .samples = samples + i * FACTORS};
    }
    return samples;
}

static void make_site(struct yw_site *site) {
    static const char *const codes[FACTORS] = {"a21026", "a21002", "a34013", "a19001", "a00000",
                                               "a01011", "a01012", "a01013", "a01014"};
    yw_site_init(site, YW_PROFILE_POWER);
    site->reference_oxygen = 6;
    for (size_t f = 0; f < FACTORS; f++) {
        struct yw_site_factor *factor = yw_site_add_factor(site, codes[f]);
        if (f < 4) factor->wet = true; /* every minute is brought to a dry value */
    }
    for (size_t f = 0; f < 3; f++) {
        struct yw_site_limit *l = &site->limits[site->limit_n++];
        *l = (struct yw_site_limit){.value = 50,
                                    .value_low = NAN,
                                    .share = NAN,
                                    .cold_value = NAN,
                                    .cold_c = NAN,
                                    .period = YW_PERIOD_HOUR,
                                    .basis = YW_BASIS_PERMIT,
                                    .confidence = YW_CONF_OFFICIAL,
                                    .converted = true,
                                    .enabled = true,
                                    .valid_from = INT32_MIN,
                                    .valid_to = INT32_MAX};
        yw_copy(l->factor, sizeof l->factor, codes[f], strlen(codes[f]));
    }
}

/* Benchmarks lie two folders below the checkout. */
static enum yw_code load_rules(struct yw_rules **rules, struct yw_error *err) {
    char program[4096], folder[4096 + 32];
    if (yw_rules_load(rules, err) == YW_OK) return YW_OK;
    if (!yw_program_folder(program, sizeof program)) return err->code;
    snprintf(folder, sizeof folder, "%s/../../share/rules", program);
    return yw_rules_load_from(folder, rules, err);
}

int main(void) {
    static struct yw_sample_record records[HOURS * 60];
    static struct yw_site site;
    struct yw_error err = {0};
    struct yw_rules *rules = NULL;
    int64_t from = yw_china_day_start(20728); /* 2026-10-02 */
    if (load_rules(&rules, &err) != YW_OK) {
        fprintf(stderr, "bench-judge: %s\n", err.text);
        return 1;
    }
    make_site(&site);
    struct yw_sample *samples = make_records(records, from);
    struct yw_judge *judge = yw_judge_create(rules, &site, &err);
    struct work work[THREADS] = {0};
    double minute_rate[RUNS], stretch_rate[RUNS];
    for (int t = 0; t < THREADS; t++) {
        work[t].judge = judge;
        work[t].records = records;
        work[t].hours = calloc(HOURS * FACTORS, sizeof *work[t].hours);
        if (!samples || !judge || !work[t].hours) {
            fprintf(stderr, "bench-judge: %s\n", judge ? "out of memory" : err.text);
            return 1;
        }
    }
    for (int run = 0; run < RUNS; run++) {
        pthread_t thread[THREADS];
        double slowest = 0, stretch = 0;
        for (int t = 0; t < THREADS; t++)
            if (pthread_create(&thread[t], NULL, judge_month, &work[t]) != 0) return 1;
        for (int t = 0; t < THREADS; t++) {
            pthread_join(thread[t], NULL);
            slowest = fmax(slowest, work[t].hour_seconds);
            stretch = fmax(stretch, work[t].stretch_seconds);
        }
        minute_rate[run] = THREADS * OUTLETS * HOURS * 60.0 / slowest * 60;
        stretch_rate[run] = THREADS * HOURS / stretch;
    }
    print("minute records of nine factors judged in a minute, 2 threads", "records/min", minute_rate, target);
    print("hours of nine factors through a stretch, 2 threads", "hours/s", stretch_rate, 0);
    for (int t = 0; t < THREADS; t++) free(work[t].hours);
    yw_judge_destroy(judge);
    yw_rules_destroy(rules);
    free(samples);
    return 0;
}
