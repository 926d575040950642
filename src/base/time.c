/* Civil time by Howard Hinnant's day-number arithmetic: no tables, no time zone files, no libc calendar. */
#include "base/base.h"

#include <time.h>

static int64_t days_from_civil(int64_t y, int m, int d) {
    y -= m <= 2;
    int64_t era = y / 400;
    int64_t yoe = y - era * 400;
    int64_t doy = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
    int64_t doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;
    return era * 146097 + doe - 719468;
}

static int days_in_month(int y, int m) {
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (y % 4 == 0 && y % 100 != 0) || y % 400 == 0;
    return days[m - 1] + (m == 2 && leap);
}

bool yw_time_from_civil(const struct yw_civil *c, int64_t offset_us, int64_t *out) {
    if (c->year < 1 || c->year > 9999 || c->month < 1 || c->month > 12) return false;
    if (c->day < 1 || c->day > days_in_month(c->year, c->month)) return false;
    if (c->hour < 0 || c->hour > 23 || c->minute < 0 || c->minute > 59) return false;
    if (c->second < 0 || c->second > 59 || c->micro < 0 || c->micro > 999999) return false;
    int64_t seconds =
        days_from_civil(c->year, c->month, c->day) * 86400 + c->hour * 3600 + c->minute * 60 + c->second;
    *out = seconds * YW_SECOND + c->micro - offset_us;
    return true;
}

static int64_t floor_div(int64_t a, int64_t b) {
    return a / b - (a % b < 0);
}

void yw_time_to_civil(int64_t time, int64_t offset_us, struct yw_civil *out) {
    int64_t local = time + offset_us;
    int64_t day = floor_div(local, YW_DAY);
    int64_t rest = local - day * YW_DAY;
    int64_t z = day + 719468;
    int64_t era = floor_div(z, 146097);
    int64_t doe = z - era * 146097;
    int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    int64_t mp = (5 * doy + 2) / 153;
    *out = (struct yw_civil){
        .year = (int)(yoe + era * 400 + (mp >= 10)),
        .month = (int)(mp < 10 ? mp + 3 : mp - 9),
        .day = (int)(doy - (153 * mp + 2) / 5 + 1),
        .hour = (int)(rest / YW_HOUR),
        .minute = (int)(rest / YW_MINUTE % 60),
        .second = (int)(rest / YW_SECOND % 60),
        .micro = (int)(rest % YW_SECOND),
    };
}

int32_t yw_china_day(int64_t time) {
    return (int32_t)floor_div(time + YW_CHINA, YW_DAY);
}

int64_t yw_china_day_start(int32_t day) {
    return day * YW_DAY - YW_CHINA;
}

void yw_time_text(int64_t time, char out[40]) {
    struct yw_civil c;
    yw_time_to_civil(time, YW_CHINA, &c);
    int n = snprintf(out, 40, "%04d-%02d-%02dT%02d:%02d:%02d", c.year, c.month, c.day, c.hour, c.minute,
                     c.second);
    if (c.micro) n += snprintf(out + n, 40 - (size_t)n, ".%06d", c.micro);
    snprintf(out + n, 40 - (size_t)n, "+08:00");
}

/* Takes exactly `digits` digits at *at. */
static bool take(const char *text, size_t n, size_t *at, int digits, int *out) {
    int v = 0;
    for (int i = 0; i < digits; i++, (*at)++) {
        if (*at >= n || text[*at] < '0' || text[*at] > '9') return false;
        v = v * 10 + (text[*at] - '0');
    }
    *out = v;
    return true;
}

static bool take_char(const char *text, size_t n, size_t *at, char c) {
    if (*at >= n || text[*at] != c) return false;
    (*at)++;
    return true;
}

static bool parse_compact(const char *text, size_t n, int64_t *out) {
    struct yw_civil c = {0};
    size_t at = 0;
    int millis = 0;
    if (!take(text, n, &at, 4, &c.year) || !take(text, n, &at, 2, &c.month) ||
        !take(text, n, &at, 2, &c.day) || !take(text, n, &at, 2, &c.hour) ||
        !take(text, n, &at, 2, &c.minute) || !take(text, n, &at, 2, &c.second))
        return false;
    if (n == 17 && !take(text, n, &at, 3, &millis)) return false;
    c.micro = millis * 1000;
    return at == n && yw_time_from_civil(&c, YW_CHINA, out);
}

static bool parse_fraction(const char *text, size_t n, size_t *at, int *micro) {
    int digits = 0, v = 0;
    while (*at < n && text[*at] >= '0' && text[*at] <= '9' && digits < 6) {
        v = v * 10 + (text[(*at)++] - '0');
        digits++;
    }
    if (digits == 0) return false;
    for (; digits < 6; digits++) v *= 10;
    *micro = v;
    return true;
}

static bool parse_zone(const char *text, size_t n, size_t *at, int64_t *offset) {
    if (*at == n) return true;
    if (take_char(text, n, at, 'Z')) {
        *offset = 0;
        return true;
    }
    bool west = *at < n && text[*at] == '-';
    int hours, minutes;
    if (!west && !(*at < n && text[*at] == '+')) return false;
    (*at)++;
    if (!take(text, n, at, 2, &hours) || !take_char(text, n, at, ':') || !take(text, n, at, 2, &minutes))
        return false;
    if (hours > 14 || minutes > 59) return false;
    *offset = (hours * YW_HOUR + minutes * YW_MINUTE) * (west ? -1 : 1);
    return true;
}

bool yw_time_parse(const char *text, size_t n, int64_t *out) {
    if (n == 14 || n == 17) {
        if (parse_compact(text, n, out)) return true;
    }
    struct yw_civil c = {0};
    size_t at = 0;
    int64_t offset = YW_CHINA;
    if (!take(text, n, &at, 4, &c.year) || !take_char(text, n, &at, '-') ||
        !take(text, n, &at, 2, &c.month) || !take_char(text, n, &at, '-') || !take(text, n, &at, 2, &c.day))
        return false;
    if (at < n) {
        if (!take_char(text, n, &at, 'T') && !take_char(text, n, &at, ' ')) return false;
        if (!take(text, n, &at, 2, &c.hour) || !take_char(text, n, &at, ':') ||
            !take(text, n, &at, 2, &c.minute))
            return false;
        if (take_char(text, n, &at, ':')) {
            if (!take(text, n, &at, 2, &c.second)) return false;
            if (take_char(text, n, &at, '.') && !parse_fraction(text, n, &at, &c.micro)) return false;
        }
        if (!parse_zone(text, n, &at, &offset)) return false;
    }
    return at == n && yw_time_from_civil(&c, offset, out);
}

static int64_t read_clock(clockid_t which) {
    struct timespec t;
    clock_gettime(which, &t);
    return t.tv_sec * YW_SECOND + t.tv_nsec / 1000;
}

int64_t yw_now(void) {
    return read_clock(CLOCK_REALTIME);
}

int64_t yw_monotonic(void) {
    return read_clock(CLOCK_MONOTONIC);
}
