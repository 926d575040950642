/* site: what the judge must know of one outlet. The same description off line (SITE.yaml) and in the register
 * (act site.put); docs/judge.md tells it key by key. Pure. */
#ifndef YW_JUDGE_SITE_H
#define YW_JUDGE_SITE_H

#include <jansson.h>

#include "judge/rules.h"
#include "judge/words.h"

enum {
    YW_SITE_FACTORS = 64,
    YW_SITE_LIMITS = 128,
    YW_SITE_CHECKS = 100000,
    YW_SITE_MARKS = 100000,
    YW_SITE_MANUAL = 100000,
    YW_SITE_THERMOCOUPLES = 16,
    YW_SITE_PLANS = 64,
    YW_SITE_UNITS = 32,
    YW_SITE_CORRECTIONS = 64,
    YW_SITE_TEXT = 4 << 20 /* bytes of a site file */
};

enum { YW_RECORDS_REAL = 0 }; /* of yw_site.records: real-time rows, made into minutes first */

enum yw_profile {
    YW_PROFILE_FLUE_GAS = 1,
    YW_PROFILE_WASTE_WATER = 2,
    YW_PROFILE_INCINERATION = 3,
    YW_PROFILE_POWER = 4,
    YW_PROFILE_CEMENT = 5,
    YW_PROFILE_PAPER = 6, /* waste water of paper mills: marking rule of paper */
    YW_PROFILE_AMBIENT = 7
};
const char *
yw_profile_name(uint8_t p); /* "flue-gas" "waste-water" "incineration" "power" "cement" "paper" "ambient" */
bool yw_profile_parse(const char *text, uint8_t *out);
static inline bool yw_profile_is_water(uint8_t p) {
    return p == YW_PROFILE_WASTE_WATER || p == YW_PROFILE_PAPER;
}
static inline bool yw_profile_is_gas(uint8_t p) {
    return !yw_profile_is_water(p) && p != YW_PROFILE_AMBIENT;
}

/* What a factor is to the calculations. */
enum yw_factor_role {
    YW_ROLE_POLLUTANT = 0,
    YW_ROLE_OXYGEN,            /* a19001, % */
    YW_ROLE_TEMPERATURE,       /* a01012, degC */
    YW_ROLE_PRESSURE,          /* a01013, static, as `unit` says: Pa or kPa */
    YW_ROLE_MOISTURE,          /* a01014, % */
    YW_ROLE_VELOCITY,          /* a01011, m/s */
    YW_ROLE_GAS_FLOW,          /* a00000, m3/s or m3/h */
    YW_ROLE_BAROMETER,         /* a01006, kPa or hPa */
    YW_ROLE_WATER_FLOW,        /* w00000, L/s or m3/h */
    YW_ROLE_PH,                /* w01001 */
    YW_ROLE_WATER_TEMPERATURE, /* w01010 */
    YW_ROLE_FURNACE,           /* a01901 or one thermocouple, degC */
    YW_ROLE_POWER,             /* ST 44, 45: power, current or state of a unit */
    YW_ROLE_OTHER              /* shown, never judged */
};

struct yw_site_factor {
    char code[13], name[40], unit[16];
    uint8_t role;
    bool wet;       /* sent on a wet basis */
    bool actual;    /* sent at working conditions: not yet standard state */
    bool ppm;       /* sent as volume (umol/mol): molar_g turns it into mg/m3 */
    bool converted; /* limits hold for the value converted to reference oxygen */
    double molar_g;
    double low, high;  /* of the instrument, NaN: not said */
    double detection;  /* detection limit, NaN: not said */
    uint8_t method;    /* yw_method: which interval of calibration holds */
    double constant_h; /* hours of the same value that ask for a look, NaN: that of the rule */
};
enum yw_method {                       /* HJ 75 ch. 11: what the calibration interval depends on */
                 YW_METHOD_UNKNOWN,    /* no overdue is concluded */
                 YW_METHOD_AUTOMATIC,  /* calibrates itself */
                 YW_METHOD_EXTRACTIVE, /* extractive gas, no automatic calibration */
                 YW_METHOD_IN_SITU,    /* direct gas, no automatic calibration */
                 YW_METHOD_PM,         /* particulates, no automatic calibration */
                 YW_METHOD_VELOCITY,
                 YW_METHOD_WATER
};
const char *
yw_method_name(uint8_t m); /* "unknown" "automatic" "extractive" "in-situ" "pm" "velocity" "water" */
bool yw_method_parse(const char *text, uint8_t *out);
/* "pollutant" "oxygen" "temperature" "pressure" "moisture" "velocity" "gas-flow" "barometer" "water-flow"
 * "ph" "water-temperature" "furnace" "power" "other" */
const char *yw_factor_role_name(uint8_t role);
bool yw_factor_role_parse(const char *text, uint8_t *out);

struct yw_site_limit {
    char factor[13];
    double value, value_low, share, cold_value, cold_c; /* NaN: none; as in yw_limit_row */
    char unit[16], source[128]; /* source: "排污许可证 表5" or "GB 13223-2011 power coal boiler" */
    uint8_t period, basis, confidence;
    bool converted, enabled;
    int32_t valid_from, valid_to;
};
struct yw_site_amount { /* permitted amount */
    char factor[13], source[128];
    double t;
    uint8_t period; /* month, quarter, year */
};

struct yw_mark { /* one version of one mark; of several versions of an id the highest that is not withdrawn
                    holds */
    uint64_t id;
    uint32_t version;
    int64_t from, to;  /* [from, to) */
    bool is_condition; /* else: equipment */
    uint8_t value;     /* yw_condition or yw_equipment_state */
    uint64_t factors;  /* bits of the site's factors, 0: all */
    bool automatic, withdrawn;
    bool disputed; /* an officer's 标记质疑 is open */
    bool counts; /* the unit says that the data stay valid (标记有效); by default equipment marks do not count
                  */
    int64_t set_at;
    char by[40], reason[160];
};

/* Whether data under such a mark stay in use (标记有效): of conditions only a stopped source takes them away,
 * of equipment every state but the normal one unless the unit says that the data count. */
bool yw_mark_keeps(bool is_condition, uint8_t value, bool counts);

enum yw_check_kind {
    YW_CHECK_ZERO = 1,     /* zero drift */
    YW_CHECK_SPAN,         /* span drift */
    YW_CHECK_CALIBRATION,  /* zero and span done and within limits */
    YW_CHECK_FULL_SYSTEM,  /* gas at the probe */
    YW_CHECK_VERIFICATION, /* reference method, pairs */
    YW_CHECK_STANDARD,     /* 标样核查: reading against nominal */
    YW_CHECK_COMPARISON, /* 比对监测, real sample: pairs, or reading (mean of runs) against laboratory */
    YW_CHECK_ENFORCEMENT /* 执法监测: one laboratory result beside the instrument's */
};
const char *yw_check_kind_name(uint8_t k); /* "zero" "span" "calibration" "full-system" "verification"
                                              "standard" "comparison" "enforcement" */
bool yw_check_kind_parse(const char *text, uint8_t *out);
enum { YW_CHECK_PAIRS = 16 };
struct yw_check {
    int64_t time; /* when it ended */
    char factor[13];
    uint8_t kind;
    int8_t said; /* result that was sent or written: 1 passed, 0 failed, -1 not said. Recomputed where
                    possible */
    double reading, nominal, full_scale; /* NaN: not said. nominal: laboratory result of a comparison */
    uint8_t pair_n;
    double reference[YW_CHECK_PAIRS], measured[YW_CHECK_PAIRS];
    char by[40], document[64];
};
struct yw_manual { /* a manual result while the instrument was out */
    int64_t time;
    char factor[13];
    double value;
};
struct yw_stop_plan { /* 重污染天气: what is allowed while it holds */
    int64_t from, to;
    char level[16], measure[96];
    bool stop;          /* the unit must stand still */
    double power_share; /* of the usual power, NaN: none */
    double flow_share;  /* of the usual flow, NaN: none */
};
enum yw_unit_records { /* where the values of a unit come from; off line the columns of the CSV do */
                       YW_UNIT_VALUES =
                           0, /* "values": minute and hour records, where they do not say it real-time ones */
                       YW_UNIT_FACILITY = 1, /* "facility": 2021, SBxxx-RS; a state holds until the next */
                       YW_UNIT_RUNTIME = 2   /* "runtime": 2041, SBxxx-RT, hours of a day */
};
const char *yw_unit_records_name(uint8_t records);
struct yw_site_unit { /* a production or treatment unit with what shows that it runs */
    char id[24], name[64];
    bool treatment;
    char outlet[64]; /* code of another outlet of the enterprise that sends it, "": this one */
    uint8_t records; /* yw_unit_records */
    uint32_t source; /* number of the outlet that sends it; filled by whoever reads records, 0: none */
    char factor[24], field[16]; /* "p10101","Rtd"; "SB1","RS" */
    double running_above;       /* the value above which it runs */
    double rated;               /* NaN: not said */
    char serves[24];            /* of a treatment unit: the production unit it must run beside, "" all */
};

struct yw_site {
    char id[64], name[128];
    uint8_t profile, records; /* records: yw_period of the CSV's rows; MINUTE unless said */
    uint16_t minute_interval; /* minutes that a minute record stands for, 1 to 60 */
    uint16_t due_per_day;     /* waste water: records due a day, 24 unless said */
    int64_t from, to, now;    /* judged range, 0: that of the data; now 0: end of the range */
    double reference_oxygen;  /* %, NaN: no conversion */
    bool allow_down;          /* convert when oxygen is below the reference */
    double stack_area_m2, velocity_k, barometric_pa; /* NaN, 1, 101325 unless said */
    bool flow_is_standard_dry; /* a00000 is already dry at standard state (default: yes) */
    int64_t commissioned;      /* calibration and verification are due from here on; 0: not said */
    struct yw_site_factor factors[YW_SITE_FACTORS];
    size_t factor_n;
    struct yw_site_limit limits[YW_SITE_LIMITS];
    size_t limit_n;
    struct yw_site_amount amounts[YW_SITE_FACTORS];
    size_t amount_n;
    char thermocouples[YW_SITE_THERMOCOUPLES]
                      [13]; /* factor codes, the furnace value is their mean; 0: a01901 */
    size_t thermocouple_n;
    struct yw_mark *marks; /* owned, any order */
    size_t mark_n;
    struct yw_check *checks;
    size_t check_n;
    struct yw_manual *manual;
    size_t manual_n;
    struct yw_stop_plan plans[YW_SITE_PLANS];
    size_t plan_n;
    struct yw_site_unit units[YW_SITE_UNITS];
    size_t unit_n;
    struct yw_correction corrections[YW_SITE_CORRECTIONS]; /* key `rules` */
    size_t correction_n;
};

/* Fills *out from YAML or from JSON of the same shape; names of limits' `standard`/`source_type` are resolved
 * in rules at once. What is wrong is told with line (YAML) or path (JSON). Free what it owns by
 * yw_site_free. */
enum yw_code yw_site_from_yaml(const char *text, size_t n, const struct yw_rules *rules, struct yw_site *out,
                               struct yw_error *err);
enum yw_code yw_site_from_json(const json_t *site, const struct yw_rules *rules, struct yw_site *out,
                               struct yw_error *err);
/* A site with the defaults of a profile and no factors. */
void yw_site_init(struct yw_site *s, uint8_t profile);
void yw_site_free(struct yw_site *s);
/* Adds a factor with what its code is known for (role, unit, converted ...); NULL: full. */
struct yw_site_factor *yw_site_add_factor(struct yw_site *s, const char *code);
/* The same without a site: what a code is known for under a profile. */
void yw_site_factor_defaults(uint8_t profile, const char *code, struct yw_site_factor *out);
int yw_site_factor(const struct yw_site *s, const char *code); /* index, -1 */
/* The unit a factor's means are in: volume has become mass. */
const char *yw_mean_unit(const struct yw_site_factor *f);
int yw_site_role(const struct yw_site *s, uint8_t role); /* first factor of that role, -1 */
/* The rules with the site's own corrections; the caller destroys them. */
enum yw_code yw_site_rules(const struct yw_site *s, const struct yw_rules *rules, struct yw_rules **out,
                           struct yw_error *err);

#endif
