/* rules: what data are judged by. A rule is a named set of figures with standard, edition, clause, dates and
 * the confidence in it; limits are rows of a table. Both are data (share/rules/), and every figure can be
 * corrected by an act without a build. Code knows names of figures and what they do, never their values.
 *
 * Pure: bytes in, structs out. */
#ifndef YW_JUDGE_RULES_H
#define YW_JUDGE_RULES_H

#include "base/base.h"

enum {
    YW_RULE_ID = 40, /* bytes of "hj75.hour", with the end */
    YW_RULE_FIGURES = 24,
    YW_FIGURE_NAME = 28,
    YW_RULES_MAX = 400,   /* of one set */
    YW_LIMITS_MAX = 2000, /* rows of one set */
    YW_FLAGS_MAX = 64,    /* rows of flags.csv */
    YW_RULE_FILE_MAX = 1 << 20,
    YW_NO_RULE = 0xFFFF
};

/* How sure a figure is, best first. */
enum yw_confidence {
    YW_CONF_UNKNOWN,
    YW_CONF_RECALLED,      /* R-: recalled, not certain: off by default where it would accuse somebody */
    YW_CONF_RECALLED_WELL, /* R+: recalled, well known and stable */
    YW_CONF_CODE,          /* C: read in public program code */
    YW_CONF_SEEN,          /* S: read in a public text */
    YW_CONF_OFFICIAL       /* O: somebody who holds the official text set it (by an act) */
};
const char *yw_confidence_name(uint8_t c); /* "R-", "R+", "C", "S", "O", "?" */
bool yw_confidence_parse(const char *text, uint8_t *out);

struct yw_figure {
    char name[YW_FIGURE_NAME]; /* "valid_minutes" */
    double value;              /* NaN: not known (null in the file); the rule then only annotates */
    char unit[16];
    uint8_t confidence; /* 0: that of the rule */
    bool corrected;     /* by an act or a site file */
};
struct yw_rule {
    char id[YW_RULE_ID];
    char title_zh[96], title_en[128];
    char standard[64], edition[24], clause[48], source[160];
    uint8_t confidence; /* yw_confidence */
    bool accuses;       /* what follows from it may count against somebody */
    bool enabled;       /* as the file says; by default everything but what is unsure (R-, ?) and accuses */
    int32_t valid_from, valid_to; /* yw_china_day, inclusive; INT32_MIN / INT32_MAX: open */
    uint8_t figure_n;
    struct yw_figure figures[YW_RULE_FIGURES];
};

enum yw_basis { /* judging order: the first that exists for factor and period is judged first, all are shown
                 */
                YW_BASIS_PERMIT = 1,
                YW_BASIS_LOCAL = 2,
                YW_BASIS_NATIONAL = 3,
                YW_BASIS_ULTRA_LOW = 4 /* judged by the share of hours in the month */
};
const char *yw_basis_name(uint8_t b); /* "permit", "local", "national", "ultra-low" */
bool yw_basis_parse(const char *text, uint8_t *out);

/* Periods of means and of limits. */
enum yw_period {
    YW_PERIOD_MINUTE = 1,
    YW_PERIOD_5MIN = 2,
    YW_PERIOD_HOUR = 3,
    YW_PERIOD_8H = 4, /* largest 8-hour running mean of a day */
    YW_PERIOD_DAY = 5,
    YW_PERIOD_MONTH = 6,
    YW_PERIOD_QUARTER = 7,
    YW_PERIOD_YEAR = 8
};
const char *yw_period_name(uint8_t p); /* "1min" "5min" "1h" "8h" "24h" "month" "quarter" "year" */
bool yw_period_parse(const char *text, uint8_t *out); /* these, and "minute" "hour" "day" "daily" "annual" */
const char *yw_period_zh(uint8_t p);                  /* "小时均值" */

/* One row of share/rules/limits.csv. */
struct yw_limit_row {
    char id[YW_RULE_ID]; /* "gb13223.coal-boiler.so2.new": what a correction names */
    char standard[80], source_type[64], factor[13], name[40];
    char variant[40]; /* which of several rows of one factor ("new", "existing"); "": the usual one */
    double value;     /* NaN: not known */
    double value_low; /* lower bound (pH 6 to 9), NaN: none */
    char unit[16];
    uint8_t period; /* 0: of manual tests and single values: never held against automatic means */
    uint8_t basis, confidence;
    double reference_oxygen; /* %, NaN: none */
    double share;            /* of valid hours of the month that must keep it (0.95), NaN: each must */
    double cold_value;       /* for water at or below cold_c (GB 18918: 12 degC), NaN: none */
    double cold_c;
    bool enabled;
    int32_t valid_from, valid_to;
    char note[160];
};

struct yw_rules;
struct yw_rules *yw_rules_create(void);
void yw_rules_destroy(struct yw_rules *r);
/* Adds the rules of one YAML file; `where` names it in errors ("share/rules/hj75.yaml line 12: ..."). */
enum yw_code yw_rules_add_yaml(struct yw_rules *r, const char *text, size_t n, const char *where,
                               struct yw_error *err);
enum yw_code yw_rules_add_limits(struct yw_rules *r, const char *csv, size_t n, const char *where,
                                 struct yw_error *err);
enum yw_code yw_rules_add_flags(struct yw_rules *r, const char *csv, size_t n, const char *where,
                                struct yw_error *err);
/* All of share/rules: *.yaml in order of their names, then limits.csv and flags.csv. The only function here
 * that reads files; for programs. */
enum yw_code yw_rules_load(struct yw_rules **out, struct yw_error *err);
/* The same from another folder. */
enum yw_code yw_rules_load_from(const char *folder, struct yw_rules **out, struct yw_error *err);
struct yw_rules *yw_rules_copy(const struct yw_rules *r); /* NULL: no memory */

/* A correction: a figure of a rule or of a limit row (value, low, share, cold_value, cold_c,
 * reference_oxygen), from `from` on (INT32_MIN: always). A rule that holds before that day is cut in two, so
 * that yw_rules_find gives what holds on a day; indices stay. Of two corrections the later one given wins
 * from its day on. enabled: -1 leaves it. figure "": only enabled. confidence 0: official. Unknown ids and
 * names are errors that list what there is. */
struct yw_correction {
    char rule[YW_RULE_ID], figure[YW_FIGURE_NAME];
    double value;
    int enabled; /* -1, 0, 1 */
    uint8_t confidence;
    int32_t from; /* yw_china_day */
};
enum yw_code yw_rules_correct(struct yw_rules *r, const struct yw_correction *c, struct yw_error *err);

size_t yw_rules_count(const struct yw_rules *r);
const struct yw_rule *yw_rules_at(const struct yw_rules *r, size_t i);
/* The rule of that id that holds on that day; YW_NO_RULE: none. Before the first edition there is: that one,
 * unless it accuses. */
uint16_t yw_rules_find(const struct yw_rules *r, const char *id, int32_t day);
/* Its figure; `otherwise` if rule or figure is missing or NaN. */
double yw_rules_figure(const struct yw_rules *r, uint16_t rule, const char *name, double otherwise);
/* The figure of the rule that holds on that day, corrections with a later `from` left out. *rule (may be
 * NULL) is set. */
double yw_rules_value(const struct yw_rules *r, const char *id, int32_t day, const char *name,
                      double otherwise, uint16_t *rule);
bool yw_rules_enabled(const struct yw_rules *r, uint16_t rule);

/* Accuracy bands: a rule whose figures are from_N or above_N (lower edge: reference mean >= or > it; neither:
 * no edge) and one of absolute_N (unit of the factor), relative_N (%), accuracy_N (relative accuracy, %),
 * N = 1, 2, ... The highest N whose edge holds is the band. */
enum yw_band_kind { YW_BAND_NONE, YW_BAND_ABSOLUTE, YW_BAND_RELATIVE, YW_BAND_ACCURACY };
struct yw_band {
    uint8_t kind, number;
    double limit;
};
bool yw_rules_band(const struct yw_rules *r, uint16_t rule, double reference, struct yw_band *out);

const struct yw_limit_row *yw_rules_limits(const struct yw_rules *r, size_t *n);
/* SHA-256 over everything in it, as 16 hexadecimal digits: what a result was judged by. */
void yw_rules_digest(const struct yw_rules *r, char out[17]);

/* What a flag of a value says. Letters mean different things to different kinds of stations; a flag that no
 * row names does not count. */
enum yw_flag_class {
    YW_FLAG_VALID,
    YW_FLAG_INVALID,
    YW_FLAG_STOPPED, /* the source stood still (F of flue gas) */
    YW_FLAG_UNKNOWN
};
/* profile: yw_profile. condition, equipment: what the flag tells of the two axes. */
enum yw_flag_class yw_flag_class(const struct yw_rules *r, uint8_t profile, const char flag[3],
                                 uint8_t *condition, uint8_t *equipment);

#endif
