/* Days, months, quarters and years of reports, as civil time UTC+8. */
#include "report/report.h"

#include <stdlib.h>
#include <string.h>

static const struct {
    uint8_t period, step;
    const char *name;
} table[] = {
    {YW_PERIOD_DAY, YW_PERIOD_HOUR, "day"},
    {YW_PERIOD_MONTH, YW_PERIOD_DAY, "month"},
    {YW_PERIOD_QUARTER, YW_PERIOD_MONTH, "quarter"},
    {YW_PERIOD_YEAR, YW_PERIOD_MONTH, "year"},
};

const char *yw_report_period_name(uint8_t period) {
    for (size_t i = 0; i < YW_COUNT(table); i++)
        if (table[i].period == period) return table[i].name;
    return "";
}

uint8_t yw_report_step(uint8_t period) {
    for (size_t i = 0; i < YW_COUNT(table); i++)
        if (table[i].period == period) return table[i].step;
    return YW_PERIOD_HOUR;
}

static int64_t civil(int year, int month, int day) {
    int64_t t = 0;
    struct yw_civil c = {.year = year, .month = month, .day = day};
    (void)yw_time_from_civil(&c, YW_CHINA, &t);
    return t;
}

/* month counts from 1 and may lie outside the year */
static int64_t month_start(int year, int month) {
    int months = year * 12 + month - 1;
    return civil(months / 12, months % 12 + 1, 1);
}

static void around(uint8_t period, int64_t time, struct yw_report_period *out) {
    struct yw_civil c;
    yw_time_to_civil(time, YW_CHINA, &c);
    out->period = period;
    if (period == YW_PERIOD_DAY) {
        out->from = civil(c.year, c.month, c.day);
        out->to = out->from + YW_DAY;
        snprintf(out->at, sizeof out->at, "%04d-%02d-%02d", c.year % 10000, c.month % 100, c.day % 100);
    } else if (period == YW_PERIOD_MONTH) {
        out->from = month_start(c.year, c.month);
        out->to = month_start(c.year, c.month + 1);
        snprintf(out->at, sizeof out->at, "%04d-%02d", c.year % 10000, c.month % 100);
    } else if (period == YW_PERIOD_QUARTER) {
        int quarter = (c.month - 1) / 3;
        out->from = month_start(c.year, quarter * 3 + 1);
        out->to = month_start(c.year, quarter * 3 + 4);
        snprintf(out->at, sizeof out->at, "%04d-Q%d", c.year % 10000, quarter + 1);
    } else {
        out->from = month_start(c.year, 1);
        out->to = month_start(c.year + 1, 1);
        snprintf(out->at, sizeof out->at, "%04d", c.year % 10000);
    }
}

static bool number(const char *text, size_t n, uint32_t least, uint32_t most, int *out) {
    uint32_t v;
    if (!yw_parse_u32(text, n, most, &v) || v < least) return false;
    *out = (int)v;
    return true;
}

/* The first day that a text names. */
static bool first_day(const char *at, int64_t *out) {
    size_t n = strlen(at);
    int year, month = 1, day = 1, quarter;
    if (n < 4 || !number(at, 4, 2000, 2200, &year)) return false;
    if (n == 7 && at[4] == '-' && at[5] == 'Q') {
        if (!number(at + 6, 1, 1, 4, &quarter)) return false;
        month = quarter * 3 - 2;
    } else if (n == 7 || n == 10) {
        if (at[4] != '-' || !number(at + 5, 2, 1, 12, &month)) return false;
        if (n == 10 && (at[7] != '-' || !number(at + 8, 2, 1, 31, &day))) return false;
    } else if (n != 4) {
        return false;
    }
    struct yw_civil c = {.year = year, .month = month, .day = day};
    return yw_time_from_civil(&c, YW_CHINA, out);
}

enum yw_code yw_report_period_parse(const char *period, const char *at, int64_t now,
                                    struct yw_report_period *out, struct yw_error *err) {
    const char *name = period[0] != '\0' ? period : "day";
    int64_t time = now;
    for (size_t i = 0; i < YW_COUNT(table); i++) {
        if (strcmp(table[i].name, name) != 0) continue;
        if (at[0] != '\0' && !first_day(at, &time)) {
            return yw_fail(err, YW_E_FORMAT,
                           "\"%.20s\" names no day, month, quarter or year from 2000 to 2200: write "
                           "2026-11-23, 2026-11, 2026-Q4 or 2026",
                           at);
        }
        memset(out, 0, sizeof *out);
        around(table[i].period, time, out);
        return YW_OK;
    }
    return yw_fail(err, YW_E_FORMAT, "there is no period \"%.20s\": it is day, month, quarter or year", name);
}

void yw_report_period_step(const struct yw_report_period *p, int by, struct yw_report_period *out) {
    struct yw_report_period here = *p;
    for (; by != 0; by += by > 0 ? -1 : 1) around(p->period, by > 0 ? here.to : here.from - 1, &here);
    *out = here;
}

void yw_report_period_title(const struct yw_report_period *p, bool english, char *out, size_t size) {
    struct yw_civil c;
    yw_time_to_civil(p->from, YW_CHINA, &c);
    if (english) {
        snprintf(out, size, "%s", p->at);
    } else if (p->period == YW_PERIOD_DAY) {
        snprintf(out, size, "%d年%d月%d日", c.year, c.month, c.day);
    } else if (p->period == YW_PERIOD_MONTH) {
        snprintf(out, size, "%d年%d月", c.year, c.month);
    } else if (p->period == YW_PERIOD_QUARTER) {
        snprintf(out, size, "%d年第%d季度", c.year, (c.month - 1) / 3 + 1);
    } else {
        snprintf(out, size, "%d年", c.year);
    }
}
