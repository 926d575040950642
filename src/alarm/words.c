#include <string.h>

#include "alarm/alarm.h"

static const struct yw_word stages[] = {
#define X(id, name, zh, en) {name, zh, en},
    YW_STAGE_TABLE(X)
#undef X
};
static const struct yw_word steps[] = {
#define X(id, name, zh, en) {name, zh, en},
    YW_STEP_TABLE(X)
#undef X
};
enum { RESULTS_OF_PEOPLE = 5 };
static const struct yw_word results[] = {
    {"exceedance", "超标属实", "exceedance confirmed"},
    {"equipment", "监测设备原因", "measuring equipment"},
    {"operating", "工况原因", "operating condition"},
    {"false-alarm", "误报", "false alarm"},
    {"other", "其他", "other"},
    {"past", "历史数据，不计时限", "of the past: no deadlines"},
    {"withdrawn", "初判撤销", "the verdict is gone"},
    {"marked", "标记后初判撤销", "the verdict is gone after a mark"},
};

static const struct yw_word none = {"", "", ""};

const struct yw_word *yw_stage_word(uint8_t s) {
    return s < YW_COUNT(stages) ? &stages[s] : &none;
}

const struct yw_word *yw_step_word(uint8_t s) {
    return s < YW_COUNT(steps) ? &steps[s] : &none;
}

const char *yw_stage_name(uint8_t s) {
    return yw_stage_word(s)->name;
}

const char *yw_step_name(uint8_t s) {
    return yw_step_word(s)->name;
}

bool yw_step_parse(const char *name, uint8_t *out) {
    for (size_t i = 0; i < YW_COUNT(steps); i++) {
        if (strcmp(steps[i].name, name) != 0) continue;
        *out = (uint8_t)i;
        return true;
    }
    return false;
}

const struct yw_word *yw_result_word(const char *result) {
    for (size_t i = 0; i < YW_COUNT(results); i++) {
        if (strcmp(results[i].name, result) == 0) return &results[i];
    }
    return NULL;
}

bool yw_result_known(const char *result) {
    const struct yw_word *w = yw_result_word(result);
    return w != NULL && w < results + RESULTS_OF_PEOPLE;
}
