/* Commands, factor codes and data marks that the standards name. */
#include "internal.h"

/* clang-format off: the numbers stand in groups */

bool hj_command_known(uint32_t cn) {
    /* 3023 is taken to be the upload of retained samples (2025, number not verified) */
    switch (cn) {
    case 1000:
    case 1001:
    case 1002:
    case 1011:
    case 1012:
    case 1013:
    case 1014:
    case 1021:
    case 1022:
    case 1031:
    case 1032:
    case 1041:
    case 1042:
    case 1061:
    case 1062:
    case 1063:
    case 1064:
    case 1072:
    case 2011:
    case 2012:
    case 2013:
    case 2021:
    case 2022:
    case 2031:
    case 2041:
    case 2051:
    case 2052:
    case 2061:
    case 2062:
    case 2071:
    case 2072:
    case 2081:
    case 2111:
    case 3011:
    case 3012:
    case 3013:
    case 3014:
    case 3015:
    case 3016:
    case 3017:
    case 3018:
    case 3019:
    case 3020:
    case 3021:
    case 3022:
    case 3023:
    case 3024:
    case 9011:
    case 9012:
    case 9013:
    case 9014:
    case 9015:
        return true;
    default:
        return false;
    }
}

bool hj_command_is_2025(uint32_t cn) {
    switch (cn) {
    case 1002:
    case 1014:
    case 2013:
    case 2052:
    case 2062:
    case 2111:
    case 3022:
    case 3023:
    case 3024:
    case 9015:
        return true;
    default:
        return false;
    }
}

static bool digits(const uint8_t *p, size_t n) {
    bool all = n > 0;
    for (size_t i = 0; i < n; i++) all &= hj_digit(p[i]);
    return all;
}

static bool is_noise(const uint8_t *p, size_t n) {
    static const char *const codes[] = {"LA",  "L5",  "L10", "L50", "L90", "L95",
                                        "Leq", "Ldn", "Ld",  "Ln",  "LMx", "LMn"};
    if (n < 2 || n > 3 || p[0] != 'L') return false;
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++)
        if (strlen(codes[i]) == n && memcmp(codes[i], p, n) == 0) return true;
    return false;
}

static bool is_facility(const uint8_t *p, size_t n) { /* SB1 .. SB999 */
    return n >= 3 && n <= 5 && p[0] == 'S' && p[1] == 'B' && digits(p + 2, n - 2);
}

bool hj_code_is_2017(const uint8_t *p, size_t n) {
    return n == 6 && p[0] >= 'a' && p[0] <= 'z' && digits(p + 1, 5);
}

bool hj_code_fits(uint16_t version, const uint8_t *p, size_t n) {
    if (version == 2005) {
        if (digits(p, n)) return n == 2 || n == 3;
        return (n == 3 && (p[0] == 'B' || p[0] == 'S') && digits(p + 1, 2)) || is_noise(p, n) ||
               is_facility(p, n);
    }
    if (n == 6 && digits(p + 1, 5)) {
        /* w water, a air, e and g process, i device information (once printed as I); d and p came with 2025
         */
        switch (p[0]) {
        case 'w':
        case 'a':
        case 'e':
        case 'g':
        case 'i':
        case 'I':
            return true;
        case 'd':
        case 'p':
            return version == 2025;
        default:
            return false;
        }
    }
    return is_noise(p, n) || is_facility(p, n);
}

bool hj_mark_known(uint16_t version, const uint8_t *p, size_t n) {
    if (n == 1) switch (p[0]) {
        case 'N':
        case 'F':
        case 'M':
        case 'S':
        case 'D':
        case 'C':
        case 'T':
        case 'B':
            return true;
        case 'P':
        case '0':
        case '1':
        case '2':
        case '3':
            return version == 2005;
        default:
            return false;
        }
    if (n != 2) return false;
    /* two letters: practice of flue gas monitoring, and 2025 */
    static const char pairs[] = "StSdMdTdSr";
    for (size_t i = 0; i + 1 < sizeof pairs; i += 2)
        if (memcmp(pairs + i, p, 2) == 0) return true;
    return false;
}
