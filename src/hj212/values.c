/* Values with a type: exact decimals and moments. */
#include "digits.h"
#include "items.h"

static bool long_decimal(const uint8_t *p, size_t n, hj212_decimal *out) {
    uint64_t m = 0;
    size_t digits = 0, point = n;
    for (size_t i = 0; i < n; i++) {
        if (p[i] == '.' && point == n && i > 0 && i + 1 < n) {
            point = i;
            continue;
        }
        if (!hj_digit(p[i]) || ++digits > 18) return false;
        m = m * 10 + (uint64_t)(p[i] - '0');
    }
    out->mantissa = (int64_t)m;
    out->scale = (uint8_t)(point == n ? 0 : n - 1 - point);
    return digits > 0;
}

static bool unusual_decimal(const uint8_t *p, size_t n, const uint8_t *end, hj212_decimal *out) {
    bool minus = n && *p == '-';
    if (n && (minus || *p == '+')) p++, n--;
    bool fine = n > 0 && n <= 8 ? hj_short_number(hj_load(p, n, end), n, out) : long_decimal(p, n, out);
    if (fine && minus) out->mantissa = -out->mantissa;
    return fine;
}

bool hj_decimal(const uint8_t *p, size_t n, const uint8_t *end, hj212_decimal *out) {
    if (n > 0 && n <= 8 && hj_short_number(hj_load(p, n, end), n, out)) return true;
    return unusual_decimal(p, n, end, out);
}

bool hj212_parse_decimal(hj212_span text, hj212_decimal *out) {
    if (!text.p) return false;
    const uint8_t *p = (const uint8_t *)text.p;
    return hj_decimal(p, text.n, p + text.n, out);
}

/* ---- moments ---- */

static unsigned days_in_month(unsigned year, unsigned month) {
    static const uint8_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return days[month - 1] + (month == 2 && leap);
}

static int64_t days_from_civil(int64_t year, unsigned month, unsigned day) { /* since 1970-01-01 */
    year -= month <= 2;
    int64_t era = (year >= 0 ? year : year - 399) / 400;
    unsigned of_era = (unsigned)(year - era * 400);
    unsigned of_year = (153 * (month + (month > 2 ? -3U : 9U)) + 2) / 5 + day - 1;
    return era * 146097 + (int64_t)(of_era * 365 + of_era / 4 - of_era / 100 + of_year) - 719468;
}

enum { MICROS = 1000000 };
static const int64_t china_us = INT64_C(8) * 3600 * MICROS;

bool hj_date(const uint8_t *p, size_t n, int64_t *out_us) {
    if (n != 14 && n != 17) return false;
    uint64_t a = hj_load(p, 8, p + n), b = hj_load(p + 6, 8, p + n);
    if (!hj_eight_are_digits(a) || !hj_eight_are_digits(b)) return false;
    unsigned date = (unsigned)hj_eight_digits(a), clock = (unsigned)(hj_eight_digits(b) % 1000000),
             millis = 0;
    for (size_t i = 14; i < n; i++) {
        if (!hj_digit(p[i])) return false;
        millis = millis * 10 + (unsigned)(p[i] - '0');
    }
    unsigned year = date / 10000, month = date / 100 % 100, day = date % 100;
    unsigned hour = clock / 10000, minute = clock / 100 % 100, second = clock % 100;
    if (year < 1 || month < 1 || month > 12 || day < 1 || day > days_in_month(year, month)) return false;
    if (hour > 23 || minute > 59 || second > 59) return false;
    int64_t seconds = days_from_civil(year, month, day) * 86400 + hour * 3600 + minute * 60 + second;
    *out_us = seconds * MICROS + millis * 1000 - china_us;
    return true;
}

bool hj212_parse_time(hj212_span text, int64_t *out_us) {
    return text.p && hj_date((const uint8_t *)text.p, text.n, out_us);
}

static void print_digits(char *out, unsigned n, uint64_t v) {
    while (n--) {
        out[n] = (char)('0' + v % 10);
        v /= 10;
    }
}

void hj212_print_time(int64_t time_us, bool millis, char *out) {
    int64_t local = time_us + china_us;
    int64_t seconds = local / MICROS - (local % MICROS < 0);
    int64_t day = seconds / 86400 - (seconds % 86400 < 0);
    unsigned of_day = (unsigned)(seconds - day * 86400), ms = (unsigned)((local - seconds * MICROS) / 1000);
    /* days to civil, in eras of 400 years that begin on 1 March */
    int64_t z = day + 719468, era = (z >= 0 ? z : z - 146096) / 146097;
    unsigned of_era = (unsigned)(z - era * 146097);
    unsigned year_of_era = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    unsigned of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    unsigned m = (5 * of_year + 2) / 153, month = m < 10 ? m + 3 : m - 9;
    int64_t year = era * 400 + year_of_era + (month <= 2);
    print_digits(out, 4, (uint64_t)(year < 0 ? 0 : year > 9999 ? 9999 : year));
    print_digits(out + 4, 2, month);
    print_digits(out + 6, 2, of_year - (153 * m + 2) / 5 + 1);
    print_digits(out + 8, 2, of_day / 3600);
    print_digits(out + 10, 2, of_day / 60 % 60);
    print_digits(out + 12, 2, of_day % 60);
    if (millis) print_digits(out + 14, 3, ms);
}

bool hj212_data_time(const hj212_packet *p, int64_t *out_us) {
    return hj212_parse_time(hj212_cp_field(p->cp, "DataTime"), out_us);
}

/* ---- the data area, typed ---- */

static void give_type(const struct hj_field *f, const uint8_t *p, size_t n, const uint8_t *end,
                      hj212_value *v) {
    v->field = (hj212_field)f->known;
    v->kind = HJ212_V_TEXT;
    if (f->numeric) {
        if (hj_decimal(p, n, end, &v->number)) v->kind = HJ212_V_NUMBER;
    } else if (f->rule == HJ_DATE || f->rule == HJ_MOMENT) {
        if (hj_date(p, n, &v->time_us)) v->kind = HJ212_V_TIME;
    }
}

static size_t values_of_piece(const uint8_t *p, uint32_t n, const struct hj_index *ix, hj212_value *out,
                              size_t max) {
    struct hj_cursor cursor = {0};
    struct hj_item item;
    size_t count = 0;
    const uint8_t *end = p + n;
    while (hj_item_next(p, n, ix, &cursor, &item)) {
        if (item.name == item.name_end && !item.has_value) continue;
        if (count < max) {
            hj212_value *v = &out[count];
            hj_item_public(p, &item, &v->item);
            give_type(item.field, p + item.value, item.value_end - item.value, end, v);
        }
        count++;
    }
    return count;
}

size_t hj212_values(hj212_span cp, hj212_value *out, size_t max) {
    if (!cp.p || cp.n == 0) return 0;
    const uint8_t *p = (const uint8_t *)cp.p;
    if (cp.n > HJ212_LEN_MAX) return values_of_piece(p, cp.n, NULL, out, max);
    struct hj_index ix;
    hj_index_best()(p, cp.n, &ix);
    return values_of_piece(p, cp.n, &ix, out, max);
}
