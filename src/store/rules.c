#include "store/rules.h"

#include <string.h>

/* Data times that are kept in series: 2000-01-01 UTC+8 to a year (9892) that every month name can say. */
#define TIME_FIRST ((int64_t)946656000 * YW_SECOND)
#define TIME_END   ((int64_t)250000000000 * YW_SECOND)

enum yw_code yw_row_check(const struct yw_row *row, struct yw_error *err) {
    if (row->kind < 1 || row->kind >= YW_KIND_COUNT)
        return yw_fail(err, YW_E_RANGE, "a record of kind %u does not exist", row->kind);
    if (row->count > YW_VALUES_MAX)
        return yw_fail(err, YW_E_LIMIT, "a record of %zu values is more than the %d that are kept",
                       row->count, YW_VALUES_MAX);
    if (row->flags >= 64) return yw_fail(err, YW_E_RANGE, "flags %u of a record are unknown", row->flags);
    if (row->source.position > INT64_MAX)
        return yw_fail(err, YW_E_RANGE, "a position past 2^63 does not exist");
    for (size_t i = 0; i < row->count; i++) {
        const struct yw_value *v = &row->values[i];
        if (strnlen(v->factor, sizeof v->factor) > YW_FACTOR_MAX ||
            strnlen(v->field, sizeof v->field) > YW_FIELD_MAX)
            return yw_fail(err, YW_E_LIMIT, "the name of value %zu is not terminated", i);
        if (v->is_text && v->text_n > YW_TEXT_MAX)
            return yw_fail(err, YW_E_LIMIT, "a text of %u bytes is longer than the %d that are kept",
                           v->text_n, YW_TEXT_MAX);
        if (!v->is_text && v->scale > 18) return yw_fail(err, YW_E_RANGE, "scale %u is over 18", v->scale);
    }
    return YW_OK;
}

bool yw_row_is_odd(const struct yw_row *row) {
    if (row->time < TIME_FIRST || row->time >= TIME_END) return true;
    return row->source.arrival < row->time - YW_DAY;
}

int64_t yw_hour_of(int64_t time) {
    int64_t rest = time % YW_HOUR;
    return time - rest - (rest < 0 ? YW_HOUR : 0);
}

bool yw_row_touches(const struct yw_row *row) {
    switch (row->kind) {
    case YW_KIND_MINUTE:
    case YW_KIND_HOUR:
    case YW_KIND_PERIODIC:
    case YW_KIND_FACILITY:
    case YW_KIND_RUNTIME:
        return true;
    case YW_KIND_REAL:
        return yw_hour_of(row->source.arrival) > yw_hour_of(row->time);
    default:
        return false;
    }
}

void yw_waiting_merge(struct yw_waiting *into, const struct yw_waiting *more) {
    if (more->first_seen < into->first_seen) into->first_seen = more->first_seen;
    if (more->last_seen > into->last_seen) into->last_seen = more->last_seen;
    into->packets += more->packets;
    into->bad_pw += more->bad_pw;
    if (yw_source_compare(&more->sample, &into->sample) > 0) {
        into->sample = more->sample;
        memcpy(into->st, more->st, sizeof into->st);
        memcpy(into->peer, more->peer, sizeof into->peer);
    }
}

enum yw_code yw_series_check(int64_t from, int64_t to, size_t most, struct yw_error *err) {
    if (most < 2 || most > YW_POINTS_MAX)
        return yw_fail(err, YW_E_RANGE, "a series has 2 to %d points, not %zu", YW_POINTS_MAX, most);
    if (from < -(INT64_MAX / 4) || to > INT64_MAX / 4)
        return yw_fail(err, YW_E_RANGE, "the time range of a series lies outside the calendar");
    return YW_OK;
}

int32_t yw_month_of(int64_t time) {
    struct yw_civil c;
    yw_time_to_civil(time, YW_CHINA, &c);
    return c.year * 12 + c.month - 1;
}

void yw_month_name(int32_t month, char out[YW_MONTH_NAME]) {
    int year = month / 12, number = month % 12 + 1;
    for (int i = 3; i >= 0; i--, year /= 10) out[i] = (char)('0' + year % 10);
    out[4] = '-';
    out[5] = (char)('0' + number / 10);
    out[6] = (char)('0' + number % 10);
    out[7] = 0;
}

int64_t yw_month_start(int32_t month) {
    struct yw_civil c = {.year = month / 12, .month = month % 12 + 1, .day = 1};
    int64_t time = 0;
    yw_time_from_civil(&c, YW_CHINA, &time);
    return time;
}

bool yw_month_number(const char *name, size_t n, int32_t *out) {
    uint32_t year, month;
    if (n != 7 || name[4] != '-') return false;
    if (!yw_parse_u32(name, 4, 9998, &year) || !yw_parse_u32(name + 5, 2, 12, &month)) return false;
    if (year < 2000 || month < 1) return false;
    *out = (int32_t)(year * 12 + month - 1);
    return true;
}

enum yw_code yw_month_parse(const char *name, int64_t *from, int64_t *to, struct yw_error *err) {
    int32_t month;
    if (!yw_month_number(name, strlen(name), &month))
        return yw_fail(err, YW_E_USAGE, "\"%.20s\" is not a month: write it as 2026-11", name);
    *from = yw_month_start(month);
    *to = yw_month_start(month + 1);
    return YW_OK;
}
