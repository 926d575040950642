/* operation: what ran when, and what that says: production beside treatment, production limits of
 * heavy-pollution days, stop marks. From ST 44 and 45 factors (currents, power) and SBxxx states, which are
 * units of the site, beside flow and oxygen of the outlet. Its figures are settings
 * (share/rules/operation.yaml), so its verdicts are leads. Pure. */
#ifndef YW_JUDGE_OPERATION_H
#define YW_JUDGE_OPERATION_H

#include "judge/judge.h"

/* One unit in one hour. Bits are minutes, bit 0: minute :00. */
struct yw_unit_hour {
    int64_t hour;
    uint64_t known, running; /* running is a part of known */
    uint64_t alarm;          /* part of known: its state said alarm (SBxxx-RS 4) */
    double mean;             /* of the values that came, NaN: none */
};
/* out: one for each unit of the site. Values count as they came, whatever their flag: a unit may run while
 * its meter is marked. Does not allocate. */
void yw_operation_hour(const struct yw_site *s, int64_t hour, const struct yw_sample_record *records,
                       size_t n, struct yw_unit_hour *out);

/* A value that came from elsewhere than the outlet's own minute and hour records and holds over [from, to):
 * into the hour's minutes that it touches. Given in order of time; means are weighted by minutes. */
void yw_operation_hold(const struct yw_site_unit *u, int64_t from, int64_t to, double value,
                       struct yw_unit_hour *hour);
/* Running hours of a day (SBxxx-RT) tell of each of its minutes only where they are none or all of it: *value
 * is then one that runs or stands still. */
bool yw_operation_runtime(const struct yw_site_unit *u, double hours, double *value);
enum { YW_OPERATION_HOLD_MOST_H = 3 }; /* whatever rule operation.hold says */
/* How long a state (else: a real-time value) holds on that day, microseconds. */
int64_t yw_operation_hold_of(const struct yw_rules *rules, int32_t day, bool state);
/* Units of states and running hours, anew from all records in order of time: a state holds until the next. */
void yw_operation_states(const struct yw_rules *rules, const struct yw_site *s,
                         const struct yw_sample_record *records, size_t n, int64_t first, size_t n_hours,
                         struct yw_unit_hour *out);
/* Minutes of an hour (unit_n of the site) in which a production unit that treatment unit t serves ran while t
 * stood still; *known: both were known. */
uint64_t yw_operation_without(const struct yw_site *s, const struct yw_unit_hour *hour, size_t t,
                              uint64_t *known);

/* units: n_hours * unit_n, hour by hour; hours: n_hours * factor_n means of the same hours, from `first` on.
 * Verdicts POWER, STOP_MARK and HEAVY_POLLUTION that end after `from` go to the sink, kind by kind. */
void yw_operation_judge(const struct yw_rules *rules, const struct yw_site *s,
                        const struct yw_unit_hour *units, const struct yw_mean *hours, size_t n_hours,
                        int64_t first, int64_t from, int64_t now, const struct yw_judge_sink *sink);

void yw_put_unit_hour(struct yw_buf *b, const struct yw_site *s, size_t unit, const struct yw_unit_hour *u,
                      const struct yw_put_style *how);

#endif
