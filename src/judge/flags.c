/* flags: the rows of flags.csv, and what the flag of a value says by them. */
#include "judge/rules_int.h"

#include <string.h>

#include "judge/words.h"

enum { FLAG, STATION, CLASS, CONDITION, EQUIPMENT, SOURCE, EDITION, CONFIDENCE, NOTE, COLUMNS };
static const char *const columns[COLUMNS] = {"flag",   "station", "class",      "condition", "equipment",
                                             "source", "edition", "confidence", "note"};
static const char *const stations[] = {"any", "gas", "water", "air"};
static const char *const classes[] = {"valid", "invalid", "stopped"};

static bool pick(const char *const *words, size_t n, const char *text, uint8_t *out) {
    for (size_t i = 0; i < n; i++) {
        if (strcmp(words[i], text) != 0) continue;
        *out = (uint8_t)i;
        return true;
    }
    return false;
}

static enum yw_code read_flag(struct yw_rules *set, const char *const *f, const char *where, size_t line,
                              struct yw_error *err) {
    struct yw_flag row = {.flag = ""};
    uint8_t confidence;
    const char *wrong = NULL;
    if (f[FLAG][0] == '\0' || !yw_copy(row.flag, sizeof row.flag, f[FLAG], strlen(f[FLAG])))
        wrong = "flag must have one or two characters";
    else if (!pick(stations, YW_COUNT(stations), f[STATION], &row.station))
        wrong = "station must be any, gas, water or air";
    else if (!pick(classes, YW_COUNT(classes), f[CLASS], &row.class))
        wrong = "class must be valid, invalid or stopped";
    else if (!yw_condition_parse(f[CONDITION], &row.condition))
        wrong = "condition is none of those docs/judge.md names";
    else if (!yw_equipment_parse(f[EQUIPMENT], &row.equipment))
        wrong = "equipment is none of those docs/judge.md names";
    else if (!yw_confidence_parse(f[CONFIDENCE], &confidence))
        wrong = "confidence must be S, C, R+, R-, O or ?";
    if (wrong) return yw_fail(err, YW_E_FORMAT, "%s line %zu: %s", where, line, wrong);
    if (set->flag_n == YW_FLAGS_MAX)
        return yw_fail(err, YW_E_LIMIT, "%s line %zu: more than %d flags", where, line, YW_FLAGS_MAX);
    set->flags[set->flag_n++] = row;
    return YW_OK;
}

static bool head_fits(const char *const *fields, size_t n) {
    if (n != COLUMNS) return false;
    for (size_t i = 0; i < COLUMNS; i++)
        if (strcmp(fields[i], columns[i]) != 0) return false;
    return true;
}

enum yw_code yw_rules_add_flags(struct yw_rules *set, const char *csv, size_t n, const char *where,
                                struct yw_error *err) {
    const char *const *fields;
    size_t count = 0;
    if (n > YW_RULE_FILE_MAX)
        return yw_fail(err, YW_E_LIMIT, "%s: more than %d bytes", where, YW_RULE_FILE_MAX);
    struct yw_csv *c = yw_csv_open(csv, n, err);
    if (!c) return err ? err->code : YW_E_FORMAT;
    enum yw_code code = yw_csv_row(c, &fields, &count, err);
    if (code == YW_E_END || (code == YW_OK && !head_fits(fields, count)))
        code = yw_fail(err, YW_E_FORMAT,
                       "%s line 1: the columns are flag, station, class, condition, "
                       "equipment, source, edition, confidence, note",
                       where);
    while (code == YW_OK) {
        code = yw_csv_row(c, &fields, &count, err);
        if (code == YW_OK && count != COLUMNS)
            code = yw_fail(err, YW_E_FORMAT, "%s line %zu: %zu columns, not %d", where, yw_csv_line(c), count,
                           COLUMNS);
        if (code == YW_OK) code = read_flag(set, fields, where, yw_csv_line(c), err);
    }
    yw_csv_close(c);
    return code == YW_E_END ? YW_OK : code;
}

static uint8_t station_of(uint8_t profile) {
    if (yw_profile_is_gas(profile)) return YW_STATION_GAS;
    return profile == YW_PROFILE_AMBIENT ? YW_STATION_AIR : YW_STATION_WATER;
}

enum yw_flag_class yw_flag_class(const struct yw_rules *rules, uint8_t profile, const char flag[3],
                                 uint8_t *condition, uint8_t *equipment) {
    uint8_t station = station_of(profile);
    *condition = YW_COND_NORMAL;
    *equipment = YW_EQUIP_NORMAL;
    if (flag[0] == '\0') return YW_FLAG_VALID; /* none came */
    for (size_t i = 0; i < rules->flag_n; i++) {
        const struct yw_flag *f = &rules->flags[i];
        if ((f->station != YW_STATION_ANY && f->station != station) ||
            strncmp(f->flag, flag, sizeof f->flag) != 0)
            continue;
        *condition = f->condition;
        *equipment = f->equipment;
        return (enum yw_flag_class)f->class;
    }
    *equipment = YW_EQUIP_UNKNOWN;
    return YW_FLAG_UNKNOWN;
}
