/* Hours of one factor: which are due, which were lost, what the rates are. */
#include "report/report.h"

#include <math.h>
#include <string.h>

static const struct yw_word words[YW_REPORT_HOUR_COUNT] = {
#define X(id, name, zh, en) {name, zh, en},
    YW_REPORT_HOUR_TABLE(X)
#undef X
};
const struct yw_word *yw_report_hour_word(uint8_t h) {
    return &words[h < YW_REPORT_HOUR_COUNT ? h : 0];
}

uint8_t yw_report_hour_of(uint8_t validity) {
    switch (validity) {
    case YW_VALIDITY_VALID:
        return YW_REPORT_VALID;
    case YW_VALIDITY_INVALID:
        return YW_REPORT_INVALID;
    case YW_VALIDITY_STOPPED:
        return YW_REPORT_STOPPED;
    case YW_VALIDITY_PARTIAL:
        return YW_REPORT_OUT;
    default:
        return YW_REPORT_MISSING;
    }
}

void yw_report_owed(uint8_t *hours, size_t n, int64_t from, int64_t since, int64_t now) {
    for (size_t i = 0; i < n; i++) {
        int64_t at = from + (int64_t)i * YW_HOUR;
        if (at + YW_HOUR <= since || at + YW_HOUR > now) hours[i] = YW_REPORT_OUT;
    }
}

/* Spares missing hours of [first, last): one civil day. */
static void spare_day(uint8_t *hours, size_t first, size_t last, uint32_t most) {
    bool came = false;
    for (size_t i = first; i < last; i++)
        came |= hours[i] == YW_REPORT_VALID || hours[i] == YW_REPORT_INVALID;
    /* A station that sent nothing all day made no check either. */
    for (size_t i = first; came && i < last && most > 0; i++) {
        if (hours[i] != YW_REPORT_MISSING) continue;
        hours[i] = YW_REPORT_SPARED;
        most--;
    }
}

void yw_report_spare(uint8_t *hours, size_t n, int64_t from, uint32_t a_day) {
    size_t first = 0;
    for (size_t i = 1; i <= n; i++) {
        bool over = i == n || yw_china_day(from + (int64_t)i * YW_HOUR) !=
                                  yw_china_day(from + (int64_t)first * YW_HOUR);
        if (!over) continue;
        spare_day(hours, first, i, a_day);
        first = i;
    }
}

void yw_report_count(const uint8_t *hours, size_t n, struct yw_report_count *out) {
    uint32_t by[YW_REPORT_HOUR_COUNT] = {0};
    for (size_t i = 0; i < n; i++) by[hours[i] < YW_REPORT_HOUR_COUNT ? hours[i] : YW_REPORT_OUT]++;
    *out = (struct yw_report_count){.stopped = by[YW_REPORT_STOPPED],
                                    .spared = by[YW_REPORT_SPARED],
                                    .missing = by[YW_REPORT_MISSING],
                                    .invalid = by[YW_REPORT_INVALID],
                                    .valid = by[YW_REPORT_VALID]};
}

void yw_report_count_add(struct yw_report_count *to, const struct yw_report_count *c) {
    to->stopped += c->stopped;
    to->spared += c->spared;
    to->missing += c->missing;
    to->invalid += c->invalid;
    to->valid += c->valid;
}

uint32_t yw_report_due(const struct yw_report_count *c) {
    return c->missing + c->invalid + c->valid;
}

static double part(double a, double b) {
    return b > 0 ? a / b : NAN;
}

struct yw_report_rate yw_report_rate(const struct yw_report_count *c) {
    double due = yw_report_due(c), came = c->invalid + c->valid;
    return (struct yw_report_rate){
        .transmission = part(came, due), .validity = part(c->valid, came), .effective = part(c->valid, due)};
}

size_t yw_report_runs(const uint8_t *hours, size_t n, int64_t from, struct yw_report_run *out, size_t most) {
    size_t runs = 0;
    for (size_t i = 0; i < n;) {
        size_t end = i + 1;
        while (end < n && hours[end] == hours[i]) end++;
        if (hours[i] != YW_REPORT_VALID && hours[i] != YW_REPORT_OUT) {
            if (runs < most) {
                out[runs] = (struct yw_report_run){.from = from + (int64_t)i * YW_HOUR,
                                                   .to = from + (int64_t)end * YW_HOUR,
                                                   .state = hours[i]};
            }
            runs++;
        }
        i = end;
    }
    return runs;
}
