/* judge: records, marks, site description and rule set in; hours, days, months, verdicts and reasons out,
 * each with the rule that made it. Everything it says is a preliminary verdict (系统初判).
 *
 * Two steps, both pure. Step one makes an hour from the hour's own records (yw_judge_hour); hours can be kept
 * and do not change unless records, marks, checks or rules do. Step two makes days, months, budgets, capture
 * rates, replaced emissions and verdicts from the hours of a longer stretch (yw_judge_stretch). The same
 * hours in, the same verdicts out, in whatever order the records came. */
#ifndef YW_JUDGE_H
#define YW_JUDGE_H

#include "judge/rules.h"
#include "judge/site.h"
#include "judge/words.h"

enum { YW_REASONS = 6, YW_HOUR_RECORDS = 3600 };

/* One factor in a record; NaN: not there. */
struct yw_sample {
    float min, max;
    double avg;   /* -Avg, or -Rtd of real-time and batch records */
    double zs;    /* -ZsAvg or -ZsRtd: converted by the device */
    double cou;   /* -Cou */
    char flag[3]; /* as sent, "" where none came (counts as N) */
};
struct yw_sample_record {
    int64_t time;   /* start of what it is a mean of */
    uint8_t period; /* yw_period: MINUTE (real-time records are given as MINUTE too), HOUR */
    bool backfilled;
    const struct yw_sample *samples; /* one for each factor of the site */
};

struct yw_reason {
    uint8_t code;  /* yw_reason_code */
    uint16_t rule; /* YW_NO_RULE: none */
    float figure;  /* the number it speaks of (minutes, hours ...), NaN: none */
};
/* The mean of one factor over one period. */
struct yw_mean {
    int64_t from, to;
    uint8_t period, factor; /* yw_period; index in the site */
    uint8_t validity, marking, condition, equipment;
    bool judged;         /* held against limits */
    bool transient;      /* start-up or shut-down: judged, and noted */
    bool exempt;         /* taken out of the judgement by a budget */
    bool as_sent;        /* the device's own mean, no finer records */
    uint16_t due, valid; /* minutes of an hour, hours of a day, days of a month */
    float min, max;      /* of the records, NaN */
    double mean;         /* as measured (unit of the factor, dry standard state where it could be made) */
    double raw;          /* as sent, before any change of basis or state */
    double converted;    /* to reference oxygen, NaN: none */
    double sent, sent_converted;     /* the device's own mean of the same period, NaN: none */
    double flow_m3;                  /* dry standard gas, or water, over the period; NaN: not known */
    double emission_kg, replaced_kg; /* measured; replacement where it is missing. NaN: none */
    uint16_t replaced_rule;
    uint8_t reason_n;
    struct yw_reason reasons[YW_REASONS];
};
enum { YW_UNIT_FACTOR = 0x80 };
struct yw_verdict {
    int64_t from, to;
    uint8_t kind, period;
    uint8_t factor; /* 0xFF: of the whole site; YW_UNIT_FACTOR + i: that of unit i, which is not among the
                       site's factors */
    uint8_t basis, confidence;
    bool converted, counts; /* counts: false: shown, but the rule is off, unsure, or the data do not count */
    uint16_t limit;         /* index in site->limits, YW_NO_RULE: none */
    uint16_t rule;
    double value, held;                 /* what is held against what */
    double multiple;                    /* 超标倍数 (value - limit) / limit, NaN */
    double oxygen, measured, reference; /* what a conversion was made from, and to which oxygen; NaN */
    uint8_t marking;
    uint8_t reason_n;
    struct yw_reason reasons[YW_REASONS];
};
/* A rate over a month, quarter or year: 有效数据捕集率 and budgets used. */
struct yw_tally_row {
    int64_t from, to;
    uint8_t period, factor;
    double hours, stopped, invalid, lost, valid;   /* hours */
    double capture;                                /* 0 to 1, NaN: nothing was due */
    double budget60_h, budget700_h, maintenance_h; /* used in that year or quarter; incineration */
    double emission_t, replaced_t, permitted_t;
};

struct yw_judge; /* site, rules and what is worked out from them once */
/* Both must live as long as it. NULL with err: what the rules lack. */
struct yw_judge *yw_judge_create(const struct yw_rules *rules, const struct yw_site *site,
                                 struct yw_error *err);
void yw_judge_destroy(struct yw_judge *j);

/* Step one. records: those with a time in [hour, hour + 1 h), in order of time, each time once; hour records
 * (period HOUR) may be among them. out: one mean for each factor of the site. Does not allocate. */
void yw_judge_hour(const struct yw_judge *j, int64_t hour, const struct yw_sample_record *records, size_t n,
                   struct yw_mean *out);
/* The blocks of five minutes of a furnace in that hour (incineration): at most 12; how many. condition and
 * marks filled in. */
size_t yw_judge_blocks(const struct yw_judge *j, int64_t hour, const struct yw_sample_record *records,
                       size_t n, struct yw_mean out[12]);

/* Where results go; any member may be NULL. Called in order of time. */
struct yw_judge_sink {
    void *arg;
    void (*mean)(void *arg, const struct yw_mean *m); /* days, months, quarters, years; hours again where step
                                                       * two added to them (replacement, exemption) */
    void (*verdict)(void *arg, const struct yw_verdict *v);
    void (*tally)(void *arg, const struct yw_tally_row *t);
};
/* Step two. hours: all factors' means of consecutive hours [first, first + n_hours): n_hours * factor_n of
 * them, hour by hour; what is not known is NO_DATA. blocks: five-minute furnace means in order, may be none.
 * `from`: results from here on are wanted; earlier hours are history for budgets, replacement and look-back
 * (give the year's start, and 2160 h before). `now`: what is not over yet is PARTIAL. May change replaced_kg,
 * exempt, judged and reasons of the hours. */
enum yw_code yw_judge_stretch(const struct yw_judge *j, struct yw_mean *hours, size_t n_hours,
                              const struct yw_mean *blocks, size_t block_n, int64_t from, int64_t now,
                              const struct yw_judge_sink *sink, struct yw_error *err);

/* One check recomputed: error in the unit of its rule, passed or not, and by which rule. */
struct yw_check_result {
    bool known;   /* could be recomputed */
    bool passed;  /* recomputed; as said where it could not */
    bool differs; /* what was said is not what comes out */
    bool out_of_control;
    double error, allowed; /* NaN: not known */
    char measure[24]; /* "relative %", "absolute mg/m3", "drift % of full scale", "relative accuracy %" */
    uint16_t rule;
    uint8_t confidence;
};
void yw_check_evaluate(const struct yw_rules *rules, const struct yw_site *site, const struct yw_check *c,
                       struct yw_check_result *out);

/* ---- formulas (gas.c, water.c), each with its source at the definition ---- */
double yw_gas_standard(double c, double ba_pa, double ps_pa,
                       double ts_c); /* to standard state, same moisture */
double yw_gas_dry(double c_wet, double moisture_pct);
double yw_gas_mass(double ppm, double molar_g); /* umol/mol -> mg/m3 at standard state */
double yw_gas_excess(double o2_dry_pct);        /* alpha */
/* Converted to reference oxygen. NaN with *reason set: O2_NEAR_AIR (21 - o2 < eps), NO_O2. NO_DOWN: o2 below
 * the reference and that is not allowed: c itself. */
double yw_gas_convert(double c_dry, double o2_dry_pct, double o2_ref_pct, double eps, bool allow_down,
                      uint8_t *reason);
double yw_gas_flow_dry(double m3_h_wet, double ts_c, double ba_pa, double ps_pa, double moisture_pct);
double yw_gas_emission_kg_h(double c_mg_m3, double q_m3_h);
double yw_student_t_975(unsigned df);
/* Relative accuracy in % from n pairs (HJ 75 ch. 9). */
double yw_relative_accuracy(const double *reference, const double *measured, size_t n);

/* ---- JSON lines, the same off line and in the API ---- */
struct yw_put_style {
    int64_t outlet; /* "outlet":17 in place of "site":"..."; 0: the site's id */
    int64_t tick; /* 0: times as "2026-11-23T12:00:00+08:00"; 1 or 1000: as numbers of so many microseconds */
    bool compact; /* members that are null, empty or false are left out */
};
/* One JSON object each, without a line end. how NULL: as off line. */
void yw_put_mean(struct yw_buf *b, const struct yw_rules *r, const struct yw_site *s, const struct yw_mean *m,
                 const struct yw_put_style *how);
/* What `value` and `held` of a verdict are in; NULL: the unit of the factor's means. */
const char *yw_verdict_unit(uint8_t kind);
void yw_put_verdict(struct yw_buf *b, const struct yw_rules *r, const struct yw_site *s,
                    const struct yw_verdict *v, const struct yw_put_style *how);
void yw_put_tally(struct yw_buf *b, const struct yw_rules *r, const struct yw_site *s,
                  const struct yw_tally_row *t, const struct yw_put_style *how);
void yw_put_check(struct yw_buf *b, const struct yw_rules *r, const struct yw_site *s,
                  const struct yw_check *c, const struct yw_check_result *result,
                  const struct yw_put_style *how);
/* {"id","title_zh","title_en","standard","edition","clause","confidence","enabled"} or null */
void yw_put_rule_brief(struct yw_buf *b, const struct yw_rules *r, uint16_t rule);

#endif
