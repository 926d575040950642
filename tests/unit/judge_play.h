/* judge_play: an outlet written down hour by hour, judged, and asked what came out. For worked examples: the
 * test sets values by (day, hour) and reads means and verdicts; everything between is the real judge with the
 * real rules of share/rules. */
#ifndef YW_TEST_JUDGE_PLAY_H
#define YW_TEST_JUDGE_PLAY_H

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "judge/judge.h"

enum { PLAY_DAYS = 400, PLAY_OUT = 200000 };

struct play {
    struct yw_rules *rules;
    struct yw_site site;
    int64_t first; /* first hour */
    size_t days;
    struct yw_sample *samples; /* hour records: [hour * YW_SITE_FACTORS + factor] */
    struct yw_sample *furnace; /* five-minute records: [(hour * 12 + block) * YW_SITE_FACTORS + factor] */
    bool has_furnace;          /* five-minute records are given too */
    int64_t now;               /* 0: the end */
    struct yw_mean *hours, *blocks, *means;
    struct yw_verdict *verdicts;
    struct yw_tally_row *tallies;
    size_t mean_n, verdict_n, tally_n;
};

/* Profile, first civil day ("2026-11-01"), days; 24 hours of records each, all without values. */
struct play *play_new(uint8_t profile, const char *day, size_t days);
void play_free(struct play *p);
int64_t play_time(const struct play *p, int day, double hour); /* day 1 is the first */
uint8_t play_factor(struct play *p, const char *code);
/* One value, the same for hours [from, to) of a day, the same for every hour of days [a, b]. */
struct yw_sample *play_at(struct play *p, int day, int hour, uint8_t factor);
void play_set(struct play *p, int day, int from, int to, uint8_t factor, double value);
void play_days(struct play *p, int a, int b, uint8_t factor, double value);
/* The furnace: one thermocouple's value for blocks [a, b) of an hour. */
void play_furnace(struct play *p, int day, int hour, int a, int b, uint8_t factor, double value);
struct yw_site_limit *play_limit(struct play *p, const char *factor, double value, uint8_t period,
                                 uint8_t basis);
struct yw_mark *play_mark(struct play *p, bool is_condition, uint8_t value, int day, double from, int day_to,
                          double to);
struct yw_check *play_check(struct play *p, const char *factor, uint8_t kind, int day, double hour);
void play_manual(struct play *p, const char *factor, int day, double hour, double value);
void play_run(struct play *p); /* again and again: forgets what came out before */

/* Of what came out. */
const struct yw_mean *play_hour(const struct play *p, int day, int hour, uint8_t factor);
const struct yw_mean *play_mean(const struct play *p, uint8_t period, int day, uint8_t factor);
size_t play_count(const struct play *p, uint8_t kind, int factor, uint8_t period); /* -1, 0: any */
const struct yw_verdict *play_verdict(const struct play *p, uint8_t kind, int factor, uint8_t period,
                                      size_t i);
bool play_has(const struct yw_mean *m, uint8_t reason);
bool play_says(const struct yw_verdict *v, uint8_t reason);
#define play_near(got, want) play_near_(got, want, __LINE__)
void play_near_(double got, double want, int line);

#endif
