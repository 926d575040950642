/* What the files of the judge share among themselves. Nobody outside src/judge includes this.
 *
 * The way of an hour:   judge.c compiles rules and site once (figures.c, marks.c, control.c); hour.c counts
 *                       minutes; gas_hour.c, water.c or ambient.c finish the hour.
 * The way of a stretch: stretch.c calls, in this order: budgets and conditions, capture, replacement; then
 *                       day by day the means, and after each mean what is held against it. */
#ifndef YW_JUDGE_INT_H
#define YW_JUDGE_INT_H

#include "judge/figures.h"
#include "judge/judge.h"

enum { YW_MINUTES = 60 };
#define YW_ALL_MINUTES ((UINT64_C(1) << YW_MINUTES) - 1)

/* ---- spans of time that overlap, asked by time ---- */

struct yw_span {
    int64_t from, to; /* [from, to) */
    int64_t max_to;   /* of the part of the tree below it */
    uint32_t item;    /* what it stands for */
};
/* Sorts and prepares; then yw_spans_each calls each(arg, item) for all that overlap [from, to), in no
 * particular order, in O(log n + hits). */
void yw_spans_prepare(struct yw_span *s, size_t n);
void yw_spans_each(const struct yw_span *s, size_t n, int64_t from, int64_t to,
                   void (*each)(void *arg, uint32_t item), void *arg);

/* ---- times in which a factor's data do not count because of checks (control.c, water.c) ---- */

struct yw_control {
    int64_t from, to; /* INT64_MAX: not ended */
    int64_t back_to;  /* where the look-back of a replacement begins: last calibration before it; 0: none */
    uint8_t factor, reason; /* OUT_OF_CONTROL, CALIBRATION_OVERDUE, VERIFICATION_OVERDUE, LOOK_BACK,
                               CHECK_OVERDUE ... */
    uint16_t rule;
    float figure;   /* the number it speaks of: hours of the interval, or the error of the check */
    uint32_t check; /* index in site->checks, UINT32_MAX: none */
    bool effective; /* false: the rule is off: shown as a reason of verdicts only, data stay valid */
    bool keeps;     /* said as a verdict, but data stay valid (water: an overdue check voids nothing) */
};

struct yw_judge {
    const struct yw_rules *rules;
    const struct yw_site *site;
    struct yw_figures *editions; /* in order of from_day; the first holds from the beginning of time */
    size_t edition_n;
    double reference_oxygen; /* the site's, else that of its profile; NaN: none */
    uint64_t converts;       /* factors that are converted to it: they or a limit of theirs say so */
    /* roles: index of the factor, -1 */
    int oxygen, temperature, pressure, moisture, velocity, gas_flow, barometer, water_flow, ph,
        water_temperature;
    int nox, no, no2;                 /* a21002, a21003, a21004 */
    double pressure_pa, barometer_pa; /* Pa in one unit of these factors */
    /* marks that hold (highest version, not withdrawn); rank: their order of precedence, a manual one above
     * an automatic one, later set above earlier. spans' item is an index in marks */
    const struct yw_mark **marks;
    struct yw_span *mark_spans;
    size_t mark_n;
    /* checks in order of time, each with its result (same index) */
    struct yw_check *checks;
    struct yw_check_result *results;
    size_t check_n;
    struct yw_control *control; /* in order of (from, factor) */
    struct yw_span *control_spans;
    size_t control_n, control_cap;
};
/* Figures that hold on the civil day of t; never NULL. */
const struct yw_figures *yw_judge_figures(const struct yw_judge *j, int64_t t);
/* Adds a span of control while the judge is being created; false: no memory. */
bool yw_judge_add_control(struct yw_judge *j, const struct yw_control *c);

/* ---- marks of one hour ---- */

/* Minutes of one factor as bits, bit 0: minute :00. A minute that a mark only touches is in. Of several marks
 * on one axis the one of the highest rank holds. */
struct yw_marked {
    uint64_t condition[YW_COND_COUNT]; /* minutes with that condition; [NORMAL]: marked as normal */
    uint64_t equipment[YW_EQUIP_COUNT];
    uint64_t out;      /* equipment marks that do not count, and stopped */
    uint64_t counting; /* touched by marks that leave data valid */
    uint64_t disputed;
    uint64_t late; /* touched by manual marks set after the hour was over */
};
/* Fills of[0 .. factor_n - 1] for [hour, hour + 1 h); false (of untouched): no mark touches that hour. */
bool yw_marks_of_hour(const struct yw_judge *j, int64_t hour, struct yw_marked *of);
bool yw_marks_compile(struct yw_judge *j); /* false: no memory */
/* The minutes of the hour that [from, to) touches, as bits. */
uint64_t yw_minutes_touched(int64_t hour, int64_t from, int64_t to);

/* ---- counting of an hour ---- */

/* One factor of one hour, counted by hour.c. Bits are minutes. */
struct yw_count {
    uint64_t present;                /* a value came */
    uint64_t valid;                  /* flag, marks and control leave it valid */
    uint64_t flagged, unknown, over; /* by flag: not normal; unknown; over range (T) */
    uint64_t stopped;                /* by mark or flag (F of flue gas) */
    uint64_t marked_out;             /* by mark */
    uint64_t control;                /* by control */
    double sum;                      /* of the valid records, converted to dry, standard, mass where asked */
    double raw_sum;                  /* the same records as sent */
    double zs_sum, cou_sum;
    double any_sum; /* of all records that came, valid or not, as sent */
    double waiting; /* of valid records whose minute lacks what the change of basis needs: as sent, until the
                     * hour's means of temperature, pressure, moisture are known. Changes are linear. */
    uint32_t n, zs_n, cou_n, any_n, waiting_n;
    uint8_t basis_reason; /* NO_MOISTURE or NO_STATE: not even the hour knew */
    uint8_t flag_condition[YW_COND_COUNT], flag_equipment[YW_EQUIP_COUNT]; /* minutes, by flags */
    float min, max;
    bool zs_top;                    /* the device said that it could not convert */
    bool as_sent;                   /* counted from the device's own hour */
    const struct yw_sample *hourly; /* that hour, NULL: none */
};
struct yw_hour_work {
    int64_t hour;
    const struct yw_figures *figures;
    const struct yw_marked *marked; /* of each factor; NULL: no marks */
    const struct yw_sample_record *records;
    size_t record_n;
    bool marks_ignored; /* asked what would be if there were no marks */
    struct yw_count count[YW_SITE_FACTORS];
};
static inline unsigned yw_minutes(uint64_t bits) {
    return (unsigned)__builtin_popcountll(bits & YW_ALL_MINUTES);
}
/* Adds a reason unless that code is there or the list is full. */
void yw_mean_reason(struct yw_mean *m, uint8_t code, uint16_t rule, double figure);
/* The same in front of all others: the one that decided. The last falls out of a full list. */
void yw_mean_reason_first(struct yw_mean *m, uint8_t code, uint16_t rule, double figure);
/* The same for what must be seen: the last falls out of a full list. */
void yw_mean_reason_must(struct yw_mean *m, uint8_t code, uint16_t rule, double figure);
void yw_verdict_reason(struct yw_verdict *v, uint8_t code, uint16_t rule, double figure);
bool yw_mean_has(const struct yw_mean *m, uint8_t code);
/* An empty mean: NO_DATA, NaN everywhere, no reasons. */
void yw_mean_init(struct yw_mean *m, uint8_t period, uint8_t factor, int64_t from, int64_t to);
/* An empty verdict: NaN, no limit, no rule, counts. */
void yw_verdict_init(struct yw_verdict *v, uint8_t kind, uint8_t period, uint8_t factor, int64_t from,
                     int64_t to);
/* What a value of the factor as sent is multiplied by to be mg/m3 at standard state and dry, as the factor
 * asks. aux NaN: not known. NaN with *reason NO_MOISTURE or NO_STATE: cannot be told. */
struct yw_gas_aux {
    double ts_c, ps_pa, ba_pa, moisture_pct;
};
double yw_gas_basis(const struct yw_figures *fig, const struct yw_site_factor *f,
                    const struct yw_gas_aux *aux, uint8_t *reason);
/* Scale of a unit of pressure to Pa (1, 1000 for kPa, 100 for hPa). */
double yw_unit_pa(const char *unit);
/* kg in one m3 at value 1: 1e-6 for mg/m3, 1e-9 for ug/m3 ...; mg/L: 1e-3; 0: no concentration of mass. */
double yw_unit_kg_per_m3(const char *unit);

/* Mean of a factor's valid minutes, NaN: none, or not to be had on the basis asked for. */
double yw_count_mean(const struct yw_hour_work *w, int factor);
struct yw_gas_aux yw_hour_aux(const struct yw_judge *j, const struct yw_hour_work *w);
/* Whether such values of that period are beyond some limit of the factor, whatever its basis. */
bool yw_above_some_limit(const struct yw_judge *j, uint8_t factor, uint8_t period, int32_t day,
                         double measured, double converted);
/* Adds DIFFERS where own and sent mean are further apart than the rule allows. */
void yw_hour_differs(const struct yw_hour_work *w, double own, double sent, struct yw_mean *m);
/* HJ 212-2025 8.1.1 d: where a converted value cannot be had, the largest value of the data type is sent
 * (9999.99). It is no value. */
bool yw_gas_is_top(double sent);
double yw_unit_m3_per_h(const char *unit); /* 3600 for m3/s, 3.6 for L/s, 1 for m3/h */
/* yw_gas_convert with another figure for the oxygen of air. */
double yw_gas_convert_air(double c_dry, double o2_dry_pct, double o2_ref_pct, double air, double eps,
                          bool allow_down, uint8_t *reason);
/* What a wet flow at working conditions is multiplied by to be dry and at standard state; NaN. */
double yw_gas_flow_scale(double kelvin, double pa, const struct yw_gas_aux *aux);
double yw_gas_nox(double no_mg_m3, double no2_mg_m3); /* as NO2 */

/* ---- finishing an hour; each sets mean-wide things of its field ---- */

void yw_gas_hour_finish(const struct yw_judge *j, const struct yw_hour_work *w, struct yw_mean *out);
/* W: zero flow, flow_m3, emission, needs-proof; out: all factors, counted and with validity. */
void yw_water_hour_finish(const struct yw_judge *j, const struct yw_hour_work *w, struct yw_mean *out);
void yw_ambient_hour_finish(const struct yw_judge *j, const struct yw_hour_work *w, struct yw_mean *out);
/* W: blocks of five minutes of the furnace (yw_judge_blocks). */
size_t yw_incineration_blocks(const struct yw_judge *j, int64_t hour, const struct yw_sample_record *records,
                              size_t n, struct yw_mean out[12]);
/* W, while the judge is created: checks that invalidate water data -> yw_judge_add_control. False: no memory.
 */
bool yw_water_control(struct yw_judge *j);
/* F: the same for flue gas. */
bool yw_gas_control(struct yw_judge *j);
/* Marks the changes an hour-long span of control makes (control.c): bits of minutes out, first reason. */
struct yw_control_hit {
    uint64_t minutes;
    const struct yw_control *first;
};
/* of[0 .. factor_n - 1]; false (of untouched): nothing in that hour. */
bool yw_control_of_hour(const struct yw_judge *j, int64_t hour, struct yw_control_hit *of);

/* ---- a stretch ---- */

struct yw_stretch {
    const struct yw_judge *j;
    const struct yw_site *site;
    struct yw_mean *hours; /* hours[(h - first_hour) * factor_n + f] */
    size_t n_hours, factor_n;
    int64_t first; /* start of the first hour */
    int64_t last;  /* end of the last hour */
    const struct yw_mean *blocks;
    size_t block_n;
    int64_t from, now;
    const struct yw_judge_sink *sink;
    /* day means of the whole stretch, days[d * factor_n + f], d = 0: civil day of `first` */
    struct yw_mean *days;
    size_t n_days;
    int32_t first_day;
    void *w; /* W's own state of the stretch, from yw_water_begin; freed by yw_water_end */
};
static inline struct yw_mean *yw_stretch_hour(const struct yw_stretch *st, size_t h, size_t factor) {
    return &st->hours[h * st->factor_n + factor];
}
static inline struct yw_mean *yw_stretch_day(const struct yw_stretch *st, size_t d, size_t factor) {
    return &st->days[d * st->factor_n + factor];
}
/* Hours of the civil day d (index in days) that the stretch has: [*a, *b) as indices of hours. */
void yw_stretch_day_hours(const struct yw_stretch *st, size_t d, size_t *a, size_t *b);
/* Hand on what is asked for (to > st->from); others are dropped. */
void yw_emit_mean(const struct yw_stretch *st, const struct yw_mean *m);
void yw_emit_verdict(const struct yw_stretch *st, const struct yw_verdict *v);

/* Hooks of W, called by stretch.c in this order. */
bool yw_water_begin(struct yw_stretch *st); /* any profile: allocates st->w; false: no memory */
void yw_water_end(struct yw_stretch *st);
/* Once, over all hours in order: exempt, judged, reasons by budgets (incineration), and of power, cement,
 * paper. May change hours. */
void yw_incineration_apply(struct yw_stretch *st);
void yw_conditions_apply(struct yw_stretch *st);
/* Day d of a factor, *out initialised with period DAY; instead of yw_gas_day for water, ambient, furnaces. */
void yw_water_day(struct yw_stretch *st, size_t d, size_t factor, struct yw_mean *out);
void yw_ambient_day(struct yw_stretch *st, size_t d, size_t factor, struct yw_mean *out);
void yw_incineration_day(struct yw_stretch *st, size_t d, size_t factor, struct yw_mean *out);
/* Further means of that day (largest 8-hour mean ...): yw_emit_mean and yw_exceed_emit themselves. */
void yw_ambient_day_more(struct yw_stretch *st, size_t d, size_t factor);
/* The year of ambient air, after yw_long_mean: enough valid days to be held against yearly limits. */
void yw_ambient_year(const struct yw_stretch *st, struct yw_mean *out);
/* Month of water: period MONTH, *out initialised; days are in st->days. */
void yw_water_month(struct yw_stretch *st, size_t factor, struct yw_mean *out);
/* After every mean that is over (or PARTIAL): what is held against it. Called in order of time. */
void yw_exceed_emit(struct yw_stretch *st, const struct yw_mean *m);
/* After the means of day d: missing, constant, over range, impossible, needs proof; temperature of a furnace;
 * maintenance marks. */
void yw_plausible_emit(struct yw_stretch *st, size_t d);
void yw_incineration_emit(struct yw_stretch *st, size_t d);
/* After the means of a month: ultra-low share of hours. */
void yw_share_emit(struct yw_stretch *st, size_t factor, int64_t from, int64_t to);
/* After month, quarter, year, for each factor: fills budget60_h, budget700_h, maintenance_h, permitted_t of a
 * row whose other members are set, and emits verdicts of amounts. */
void yw_tally_fill(struct yw_stretch *st, struct yw_tally_row *row);

/* ---- F: parts of a stretch ---- */

void yw_gas_day(const struct yw_stretch *st, size_t d, size_t factor, struct yw_mean *out);
/* Arithmetic mean of the hours of [a, b) that are valid and not exempt; emission sums; marks; reasons that
 * must carry over (late, disputed). Sets due and valid, not validity. Usable by any profile. */
void yw_day_gather(const struct yw_stretch *st, size_t a, size_t b, size_t factor, struct yw_mean *out);
void yw_gas_month(const struct yw_stretch *st, size_t factor, struct yw_mean *out);
/* The same from days [a, b). */
void yw_days_gather(const struct yw_stretch *st, size_t a, size_t b, size_t factor, struct yw_mean *out);
/* Quarter and year of any profile; capture in %, NaN: none. */
void yw_long_mean(const struct yw_stretch *st, size_t factor, double capture, struct yw_mean *out);
/* Days of [from, to) that the stretch has: [*a, *b) as indices of days. */
void yw_stretch_days(const struct yw_stretch *st, int64_t from, int64_t to, size_t *a, size_t *b);
/* Hours of [from, to) that are over: counts and capture rate. Sets no amounts. */
void yw_capture(const struct yw_stretch *st, size_t factor, int64_t from, int64_t to,
                struct yw_tally_row *out);
bool yw_replace_apply(struct yw_stretch *st); /* false: no memory */
void yw_control_emit(struct yw_stretch *st, size_t d);
/* Adds MARK_LATE to the means of day d: a mark set after the day was over touches them, and with what the
 * marks took out the day was above its limit. */
void yw_day_late(const struct yw_stretch *st, size_t d);
void yw_capture_emit(struct yw_stretch *st, const struct yw_tally_row *row);
/* First instant (UTC) of the civil month, quarter or year (period) that holds t, and of the one behind it. */
void yw_period_bounds(uint8_t period, int64_t t, int64_t *from, int64_t *to);

#endif
