#include "judge/words.h"

#include <string.h>

#define WORD(id, name, zh, en) {name, zh, en},

static const struct yw_word conditions[] = {YW_CONDITION_TABLE(WORD)};
static const struct yw_word equipments[] = {YW_EQUIPMENT_TABLE(WORD)};
static const struct yw_word markings[] = {YW_MARKING_TABLE(WORD)};
static const struct yw_word validities[] = {YW_VALIDITY_TABLE(WORD)};
static const struct yw_word reasons[] = {YW_REASON_TABLE(WORD)};
static const struct yw_word verdicts[] = {YW_VERDICT_TABLE(WORD)};

const char yw_standing_zh[] = "涉嫌超标，须经执法人员核实，不单独作为处罚依据";
const char yw_standing_en[] =
    "Suspected exceedance: to be verified by enforcement officers, no ground for a penalty by itself";

static const struct yw_word *word(const struct yw_word *table, size_t n, uint8_t i) {
    static const struct yw_word none = {"", "", ""};
    return i < n ? &table[i] : &none;
}

static bool find(const struct yw_word *table, size_t n, const char *name, uint8_t *out) {
    for (size_t i = 0; i < n; i++) {
        if (table[i].name[0] == '\0' || strcmp(table[i].name, name) != 0) continue;
        *out = (uint8_t)i;
        return true;
    }
    return false;
}

const struct yw_word *yw_condition_word(uint8_t c) {
    return word(conditions, YW_COUNT(conditions), c);
}

const struct yw_word *yw_equipment_word(uint8_t e) {
    return word(equipments, YW_COUNT(equipments), e);
}

const struct yw_word *yw_marking_word(uint8_t m) {
    return word(markings, YW_COUNT(markings), m);
}

const struct yw_word *yw_validity_word(uint8_t v) {
    return word(validities, YW_COUNT(validities), v);
}

const struct yw_word *yw_reason_word(uint8_t r) {
    return word(reasons, YW_COUNT(reasons), r);
}

const struct yw_word *yw_verdict_word(uint8_t v) {
    return word(verdicts, YW_COUNT(verdicts), v);
}

bool yw_condition_parse(const char *name, uint8_t *out) {
    return find(conditions, YW_COUNT(conditions), name, out);
}

bool yw_equipment_parse(const char *name, uint8_t *out) {
    return find(equipments, YW_COUNT(equipments), name, out);
}

bool yw_verdict_parse(const char *name, uint8_t *out) {
    return find(verdicts, YW_COUNT(verdicts), name, out);
}
