/* A small flue-gas outlet for tests: SO2, oxygen and flow, minute by minute. */
#ifndef JUDGE_GAS_H
#define JUDGE_GAS_H

#include "judge/judge.h"

enum { SO2, O2, FLOW, GAS_FACTORS, GAS_MOST = 8 };

struct gas {
    struct yw_rules *rules;
    struct yw_site site;
    struct yw_judge *judge;
};
/* 40 mg/m3 of SO2, 9 % of oxygen, 60 m3/s, reference oxygen 6 %; no marks, no checks, no limits. */
void gas_open(struct gas *g, uint8_t profile);
void gas_close(struct gas *g);
/* Makes the judge (again) after the site was changed. */
void gas_judge(struct gas *g);
void gas_mark(struct gas *g, struct yw_mark mark); /* id and to_factor as given; set_at 0: as it began */
void gas_check(struct gas *g, const char *factor, uint8_t kind, int64_t time, double reading, double nominal);

struct gas_hour {
    int64_t hour;
    struct yw_sample_record records[200];
    struct yw_sample samples[200][GAS_MOST];
    size_t n;
    struct yw_mean out[YW_SITE_FACTORS];
};
int64_t gas_time(const char *text);
/* Minutes [a, b) in steps, each with 40, 9 and 60 and no flag. */
void gas_fill(struct gas_hour *h, int64_t hour, unsigned a, unsigned b, unsigned step);
void gas_flag(struct gas_hour *h, unsigned a, unsigned b, int factor, const char *flag); /* records [a, b) */
/* The device's own hour, put behind the minutes. */
struct yw_sample *gas_own_hour(struct gas_hour *h, double so2, double o2, double flow);
void gas_run(const struct gas *g, struct gas_hour *h);
bool gas_reason(const struct yw_mean *m, uint8_t code);
const struct yw_reason *gas_reason_of(const struct yw_mean *m, uint8_t code);
/* An hour as step one gives it, without going through records. */
struct yw_mean gas_mean(const struct gas *g, int64_t hour, uint8_t factor, uint8_t validity, double mean,
                        double kg);

#define assert_near(a, b, eps) assert_true(fabs((a) - (b)) <= (eps))

#endif
