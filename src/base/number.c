/* Text to number, checked: the whole text or nothing. */
#include "base/base.h"

#include <locale.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

bool yw_parse_u64(const char *text, size_t n, uint64_t *out) {
    if (n == 0) return false;
    uint64_t v = 0;
    for (size_t i = 0; i < n; i++) {
        if (text[i] < '0' || text[i] > '9') return false;
        uint64_t digit = (uint64_t)(text[i] - '0');
        if (v > (UINT64_MAX - digit) / 10) return false;
        v = v * 10 + digit;
    }
    *out = v;
    return true;
}

bool yw_parse_i64(const char *text, size_t n, int64_t *out) {
    bool negative = n && text[0] == '-';
    size_t sign = n && (text[0] == '-' || text[0] == '+');
    uint64_t v;
    if (!yw_parse_u64(text + sign, n - sign, &v)) return false;
    if (v > (uint64_t)INT64_MAX + negative) return false;
    *out = negative ? (int64_t)(0 - v) : (int64_t)v;
    return true;
}

bool yw_parse_u32(const char *text, size_t n, uint32_t max, uint32_t *out) {
    uint64_t v;
    if (!yw_parse_u64(text, n, &v) || v > max) return false;
    *out = (uint32_t)v;
    return true;
}

bool yw_parse_u16(const char *text, size_t n, uint16_t *out) {
    uint32_t v;
    if (!yw_parse_u32(text, n, UINT16_MAX, &v)) return false;
    *out = (uint16_t)v;
    return true;
}

bool yw_parse_f64(const char *text, size_t n, double *out) {
    /* Only plain decimal notation: strtod alone would also take "inf", "0x1p3" and blanks. */
    char copy[64];
    if (n == 0 || n >= sizeof copy) return false;
    bool digit = false;
    for (size_t i = 0; i < n; i++) {
        char c = text[i];
        if (c >= '0' && c <= '9')
            digit = true;
        else if (!strchr("+-.eE", c) || c == 0)
            return false;
    }
    if (!digit) return false;
    memcpy(copy, text, n);
    copy[n] = 0;
    static locale_t c_locale; /* made once; every thread would make the same */
    locale_t l = __atomic_load_n(&c_locale, __ATOMIC_ACQUIRE);
    if (!l) {
        l = newlocale(LC_ALL_MASK, "C", (locale_t)0);
        locale_t none = (locale_t)0;
        if (!__atomic_compare_exchange_n(&c_locale, &none, l, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) {
            freelocale(l);
            l = none;
        }
    }
    char *end;
    double v = strtod_l(copy, &end, l);
    if (end != copy + n || !isfinite(v)) return false;
    *out = v;
    return true;
}

static int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    return -1;
}

bool yw_parse_hex(const char *text, size_t n, void *out, size_t out_size, size_t *out_len) {
    if (n % 2 || n / 2 > out_size) return false;
    for (size_t i = 0; i < n / 2; i++) {
        int high = hex_digit(text[2 * i]), low = hex_digit(text[2 * i + 1]);
        if (high < 0 || low < 0) return false;
        ((uint8_t *)out)[i] = (uint8_t)(high << 4 | low);
    }
    if (out_len) *out_len = n / 2;
    return true;
}

/* A whole number with at most one unit letter; factors[i] belongs to letters[i]. */
static bool with_unit(const char *text, const char *letters, const int64_t *factors, int64_t *out) {
    size_t n = strlen(text);
    int64_t factor = 1, v;
    if (n == 0) return false;
    const char *unit = strchr(letters, text[n - 1]);
    if (unit) factor = factors[unit - letters], n--;
    if (!yw_parse_i64(text, n, &v) || v < 0 || v > INT64_MAX / factor) return false;
    *out = v * factor;
    return true;
}

bool yw_parse_duration_s(const char *text, int64_t *out) {
    static const int64_t factors[] = {1, 60, 3600, 86400};
    return with_unit(text, "smhd", factors, out);
}

bool yw_parse_size(const char *text, uint64_t *out) {
    static const int64_t factors[] = {1 << 10, 1 << 20, 1 << 30, (int64_t)1 << 40};
    int64_t v;
    if (!with_unit(text, "KMGT", factors, &v)) return false;
    *out = (uint64_t)v;
    return true;
}
