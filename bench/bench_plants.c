/* What simulated plants cost on one core: a thousand mixed ones in real time, two hundred at sixty times, and
 * a year of one stack with plant, station and means. Prints JSON lines. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "plants/plants.h"

enum { KINDS = 3, MIXED = 1000, FAST = 200, PLANT_MINUTES = 10, FAST_MINUTES = 60, YEAR_DAYS = 365 };

static void check(enum yw_code code, const struct yw_error *err) {
    if (code == YW_OK) return;
    fprintf(stderr, "bench plants: %s\n", err->text);
    exit(1);
}

static double cpu_s(void) {
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void say(const char *figure, const char *unit, double value, const char *more) {
    printf("{\"bench\":\"plants\",\"figure\":\"%s\",\"unit\":\"%s\",\"median\":%.4g,\"runs\":[%.4g]%s}\n",
           figure, unit, value, value, more);
    fflush(stdout);
}

static void load(const char *name, const struct yw_effect_book *book, struct yw_scenario *out) {
    char path[4096], file[96];
    struct yw_error err;
    snprintf(file, sizeof file, "scenarios/%s.yaml", name);
    check(yw_share_path(file, path, sizeof path, &err), &err);
    check(yw_scenario_load(path, book, out, &err), &err);
}

static void live(struct yw_outlet_run *runs, size_t n, int64_t until) {
    struct yw_plant_record records[YW_RECORDS_PER_STEP];
    for (size_t i = 0; i < n; i++)
        while (runs[i].model.time < until) yw_outlet_step(&runs[i], records, NULL);
}

/* Share of one core that n mixed plants need when plant time runs `speed` times as fast as the clock. */
static void share(const char *figure, const struct yw_scenario *s, size_t kinds, size_t n, double speed,
                  int minutes, int64_t start) {
    struct yw_outlet_run *runs = calloc(n, sizeof *runs);
    if (!runs) exit(1);
    for (size_t i = 0; i < n; i++) yw_outlet_begin(&runs[i], &s[i % kinds], 1000 + i, start);
    double began = cpu_s();
    live(runs, n, start + minutes * YW_MINUTE);
    double took = cpu_s() - began;
    say(figure, "share of a core", took / (minutes * 60.0) * speed, "");
    for (size_t i = 0; i < n; i++) yw_outlet_end(&runs[i]);
    free(runs);
}

/* Minute data of a year of one stack in steps of a minute. */
static void year(const char *figure, const struct yw_scenario *scenario, int64_t start) {
    struct yw_scenario *s = malloc(sizeof *s);
    struct yw_outlet_run run;
    struct yw_plant_record records[YW_RECORDS_PER_STEP];
    size_t minutes = 0;
    if (!s) exit(1);
    *s = *scenario;
    s->sample_s = s->minute_s = s->realtime_s = 60;
    double began = cpu_s();
    yw_outlet_begin(&run, s, 1, start);
    while (run.model.time < start + YEAR_DAYS * YW_DAY) {
        size_t n = yw_outlet_step(&run, records, NULL);
        for (size_t i = 0; i < n; i++) minutes += records[i].command == 2051;
    }
    yw_outlet_end(&run);
    char more[48];
    snprintf(more, sizeof more, ",\"minute_records\":%zu", minutes);
    say(figure, "s", cpu_s() - began, more);
    free(s);
}

int main(void) {
    static const char *const names[KINDS][2] = {{"power-stack", "plant-year of a stack"},
                                                {"waste-incinerator", "plant-year of an incinerator"},
                                                {"wastewater-works", "plant-year of a works"}};
    struct yw_scenario *s = calloc(KINDS, sizeof *s);
    struct yw_effect_book *book = NULL;
    struct yw_error err;
    static const char midnight[] = "2026-11-02 00:00";
    int64_t start;
    if (!s || !yw_time_parse(midnight, strlen(midnight), &start)) return 1;
    check(yw_book_load(&book, &err), &err);
    for (size_t i = 0; i < KINDS; i++) load(names[i][0], book, &s[i]);
    share("1000 mixed plants in real time", s, KINDS, MIXED, 1, PLANT_MINUTES, start);
    share("200 mixed plants at 60x", s, KINDS, FAST, 60, FAST_MINUTES, start);
    for (size_t i = 0; i < KINDS; i++) year(names[i][1], &s[i], start);
    free(s);
    free(book);
    return 0;
}
