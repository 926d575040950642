/* Corrections of rules as acts, and put onto a set of rules. */
#include "register/corrections.h"

#include <math.h>
#include <string.h>

#include "register/acts.h"
#include "register/members.h"

static enum yw_code read_code(const json_t *act, const char *name, char *to, size_t size, bool required,
                              struct yw_error *err) {
    const json_t *v = json_object_get(act, name);
    size_t n = json_string_length(v);
    if ((n == 0 && required) || n >= size || (v != NULL && !json_is_string(v)) ||
        (n > 0 && !yw_chars_fit(YW_CHARS_CODE, json_string_value(v), n)))
        return yw_fail(err, YW_E_FORMAT, "rule.%s: takes 1 to %zu letters, digits, _ - and .", name,
                       size - 1);
    if (n > 0) memcpy(to, json_string_value(v), n + 1);
    return YW_OK;
}

static enum yw_code read_day(const json_t *act, int32_t *day, struct yw_error *err) {
    const json_t *v = json_object_get(act, "from");
    int64_t t;
    *day = INT32_MIN;
    if (v == NULL || json_is_null(v)) return YW_OK;
    if (!json_is_string(v) || json_string_length(v) != 10 || !yw_time_parse(json_string_value(v), 10, &t))
        return yw_fail(err, YW_E_FORMAT, "rule.from: not a date of the form YYYY-MM-DD");
    *day = yw_china_day(t);
    return YW_OK;
}

static enum yw_code read_reason(const json_t *act, struct yw_correction_row *c, struct yw_error *err) {
    const json_t *by = json_object_get(act, "by"), *reason = json_object_get(act, "reason");
    if (!json_is_string(reason) || json_string_length(reason) == 0 ||
        !yw_copy(c->reason, sizeof c->reason, json_string_value(reason), json_string_length(reason)))
        return yw_fail(err, YW_E_FORMAT, "rule.reason: 1 to %zu bytes must be there", sizeof c->reason - 1);
    if (!json_is_string(by) || !yw_copy(c->by, sizeof c->by, json_string_value(by), json_string_length(by)))
        return yw_fail(err, YW_E_FORMAT, "rule.by: 1 to %zu bytes must be there", sizeof c->by - 1);
    return YW_OK;
}

static enum yw_code read_row(const json_t *act, struct yw_correction_row *row, struct yw_error *err) {
    struct yw_correction *c = &row->correction;
    const json_t *value = json_object_get(act, "value"), *enabled = json_object_get(act, "enabled");
    const json_t *confidence = json_object_get(act, "confidence");
    c->value = NAN;
    c->enabled = json_is_boolean(enabled) ? json_is_true(enabled) : -1;
    c->confidence = YW_CONF_OFFICIAL;
    enum yw_code code = read_code(act, "rule", c->rule, sizeof c->rule, true, err);
    if (code == YW_OK) code = read_code(act, "figure", c->figure, sizeof c->figure, false, err);
    if (code == YW_OK) code = read_day(act, &c->from, err);
    if (code == YW_OK) code = yw_act_f64(act, "rule", "value", &c->value, err);
    if (code == YW_OK) code = read_reason(act, row, err);
    if (code != YW_OK) return code;
    if (enabled != NULL && !json_is_null(enabled) && !json_is_boolean(enabled))
        return yw_fail(err, YW_E_FORMAT, "rule.enabled: not true or false");
    if (confidence != NULL &&
        (!json_is_string(confidence) || !yw_confidence_parse(json_string_value(confidence), &c->confidence)))
        return yw_fail(err, YW_E_FORMAT, "rule.confidence: O, S, C, R+, R- or ?");
    if (c->figure[0] == '\0' && c->enabled < 0 && !json_is_true(json_object_get(act, "withdrawn")))
        return yw_fail(err, YW_E_FORMAT, "rule: a figure with its value, or enabled, must be there");
    if (c->figure[0] != '\0' && value == NULL && !json_is_true(json_object_get(act, "withdrawn")))
        return yw_fail(err, YW_E_FORMAT, "rule.value: a number, or null for not known, must be there");
    row->at = yw_act_at(act);
    return YW_OK;
}

static bool same(const struct yw_correction *a, const struct yw_correction *b) {
    return a->from == b->from && strcmp(a->rule, b->rule) == 0 && strcmp(a->figure, b->figure) == 0;
}

enum yw_code yw_fold_rule_set(struct yw_register *r, const json_t *act, struct yw_error *err) {
    struct yw_correction_row row = {0};
    struct yw_rows *rows = &r->corrections;
    bool withdrawn = json_is_true(json_object_get(act, "withdrawn"));
    enum yw_code code = read_row(act, &row, err);
    if (code != YW_OK) return code;
    struct yw_correction_row *all = (void *)rows->at;
    size_t i = 0;
    while (i < rows->n && !same(&all[i].correction, &row.correction)) i++;
    bool known = i < rows->n;
    if (withdrawn && !known) return yw_fail(err, YW_E_NOT_FOUND, "rule: there is no such correction");
    if (!known && !yw_rows_reserve(rows, 1))
        return yw_fail(err, YW_E_LIMIT, "rule: more than %d corrections", YW_CORRECTIONS_MAX);
    all = (void *)rows->at;
    if (known) memmove(all + i, all + i + 1, (--rows->n - i) * sizeof *all);
    row.order = rows->n > 0 ? all[rows->n - 1].order + 1 : 1;
    if (!withdrawn) all[rows->n++] = row;
    int32_t from = row.correction.from;
    yw_note_judgement(r, 0, from == INT32_MIN ? INT64_MIN : yw_china_day_start(from));
    return YW_OK;
}

const struct yw_correction_row *yw_register_corrections(const struct yw_register *r, size_t *n) {
    *n = r->corrections.n;
    return (const void *)r->corrections.at;
}

enum yw_code yw_register_correct(const struct yw_register *r, struct yw_rules *rules, size_t *skipped,
                                 struct yw_error *err) {
    size_t n, left = 0;
    const struct yw_correction_row *all = yw_register_corrections(r, &n);
    for (size_t i = 0; i < n; i++) {
        enum yw_code code = yw_rules_correct(rules, &all[i].correction, err);
        if (code == YW_E_NOMEM) return code;
        if (code != YW_OK) left++;
    }
    if (skipped != NULL) *skipped = left;
    return YW_OK;
}

bool yw_act_rule_set(struct yw_buf *out, const struct yw_act *a, const struct yw_correction *c,
                     bool withdrawn) {
    char day[40];
    yw_act_begin(out, "rule.set", a);
    yw_put_text(out, "rule", c->rule);
    if (c->figure[0] != '\0') {
        yw_put_text(out, "figure", c->figure);
        yw_put_name(out, "value");
        isnan(c->value) ? yw_buf_puts(out, "null") : yw_buf_printf(out, "%.17g", c->value);
    }
    if (c->enabled >= 0) yw_buf_puts(out, c->enabled == 1 ? ",\"enabled\":true" : ",\"enabled\":false");
    yw_put_text(out, "confidence", yw_confidence_name(c->confidence));
    if (c->from != INT32_MIN) {
        yw_time_text(yw_china_day_start(c->from), day);
        day[10] = '\0';
        yw_put_text(out, "from", day);
    }
    if (withdrawn) yw_buf_puts(out, ",\"withdrawn\":true");
    return yw_act_end(out);
}
