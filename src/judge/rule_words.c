/* rule_words: names of confidences, bases and periods. */
#include "judge/rules.h"

#include <string.h>

static const char *const confidences[] = {"?", "R-", "R+", "C", "S", "O"};

const char *yw_confidence_name(uint8_t c) {
    return c < YW_COUNT(confidences) ? confidences[c] : "?";
}

bool yw_confidence_parse(const char *text, uint8_t *out) {
    for (size_t i = 0; i < YW_COUNT(confidences); i++) {
        if (strcmp(text, confidences[i]) != 0) continue;
        *out = (uint8_t)i;
        return true;
    }
    return false;
}

static const char *const bases[] = {"", "permit", "local", "national", "ultra-low"};

const char *yw_basis_name(uint8_t b) {
    return b < YW_COUNT(bases) ? bases[b] : "";
}

bool yw_basis_parse(const char *text, uint8_t *out) {
    for (size_t i = 1; i < YW_COUNT(bases); i++) {
        if (strcmp(text, bases[i]) != 0) continue;
        *out = (uint8_t)i;
        return true;
    }
    return false;
}

static const struct {
    const char *name, *zh;
} periods[] = {
    {"", ""},
    {"1min", "分钟均值"},
    {"5min", "5 分钟均值"},
    {"1h", "小时均值"},
    {"8h", "日最大 8 小时均值"},
    {"24h", "日均值"},
    {"month", "月均值"},
    {"quarter", "季均值"},
    {"year", "年均值"},
};

const char *yw_period_name(uint8_t p) {
    return p < YW_COUNT(periods) ? periods[p].name : "";
}

const char *yw_period_zh(uint8_t p) {
    return p < YW_COUNT(periods) ? periods[p].zh : "";
}

bool yw_period_parse(const char *text, uint8_t *out) {
    static const struct {
        const char *name;
        uint8_t period;
    } also[] = {
        {"minute", YW_PERIOD_MINUTE}, {"hour", YW_PERIOD_HOUR},   {"day", YW_PERIOD_DAY},
        {"daily", YW_PERIOD_DAY},     {"annual", YW_PERIOD_YEAR},
    };
    for (size_t i = 1; i < YW_COUNT(periods); i++) {
        if (strcmp(text, periods[i].name) != 0) continue;
        *out = (uint8_t)i;
        return true;
    }
    for (size_t i = 0; i < YW_COUNT(also); i++) {
        if (strcmp(text, also[i].name) != 0) continue;
        *out = also[i].period;
        return true;
    }
    return false;
}
