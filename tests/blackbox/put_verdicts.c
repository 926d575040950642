/* put-verdicts DATA: writes what standard input says into DATA/series/judge.db, as the pipeline's judge
 * would: a test's way to have verdicts of any kind and time. One JSON object a line:
 *   {"outlet":1,"from":µs,"to":µs,"verdicts":[{"factor":"a21026","kind":"exceedance","period":"1h","from":µs,
 *    "to":µs,"value":67.4,"held":50,"counts":true}],"means":[{"factor":"a21026","from":µs,"marked":false}]}
 * Verdicts of the outlet from `from` to `to` that are not in the list are gone afterwards. */
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "judged/judged.h"

enum { MOST = 1000 };

static int64_t whole(const json_t *o, const char *name) {
    return json_integer_value(json_object_get(o, name));
}

static uint8_t factor_of(struct yw_site *site, const json_t *o) {
    const char *code = json_string_value(json_object_get(o, "factor"));
    if (code == NULL) return 0xFF;
    if (yw_site_factor(site, code) < 0) (void)yw_site_add_factor(site, code);
    return (uint8_t)yw_site_factor(site, code);
}

static void read_verdict(const json_t *o, struct yw_site *site, struct yw_verdict *v) {
    memset(v, 0, sizeof *v);
    v->factor = factor_of(site, o);
    v->limit = v->rule = YW_NO_RULE;
    v->basis = YW_BASIS_PERMIT;
    v->from = whole(o, "from");
    v->to = whole(o, "to");
    v->value = json_number_value(json_object_get(o, "value"));
    v->held = json_number_value(json_object_get(o, "held"));
    v->multiple = v->held > 0 ? (v->value - v->held) / v->held : (double)NAN;
    v->oxygen = v->measured = (double)NAN;
    v->counts = !json_is_false(json_object_get(o, "counts"));
    if (!yw_verdict_parse(json_string_value(json_object_get(o, "kind")), &v->kind) ||
        !yw_period_parse(json_string_value(json_object_get(o, "period")), &v->period)) {
        fprintf(stderr, "put-verdicts: kind or period\n");
        exit(2);
    }
}

static enum yw_code put(struct yw_judged *j, const json_t *o, struct yw_error *err) {
    static struct yw_verdict v[MOST];
    static struct yw_site site;
    size_t i, n = 0;
    const json_t *x;
    uint32_t outlet = (uint32_t)whole(o, "outlet");
    enum yw_code code = YW_OK;
    yw_site_init(&site, YW_PROFILE_FLUE_GAS);
    json_array_foreach(json_object_get(o, "means"), i, x) {
        struct yw_mean m = {
            .from = whole(x, "from"), .period = YW_PERIOD_HOUR, .factor = factor_of(&site, x)};
        bool marked = json_is_true(json_object_get(x, "marked"));
        m.to = m.from + YW_HOUR;
        m.validity = marked ? YW_VALIDITY_INVALID : YW_VALIDITY_VALID;
        m.marking = marked ? YW_MARKING_INVALID : YW_MARKING_NONE;
        m.judged = !marked;
        m.due = m.valid = 60;
        m.mean = m.raw = 10;
        m.converted = m.sent = m.sent_converted = m.flow_m3 = m.emission_kg = m.replaced_kg = (double)NAN;
        m.min = m.max = NAN;
        m.replaced_rule = YW_NO_RULE;
        if (code == YW_OK) code = yw_judged_clear_hours(j, outlet, m.from, m.to, err);
        if (code == YW_OK) code = yw_judged_put_hour(j, outlet, &site, &m, &m, 0, err);
    }
    json_array_foreach(json_object_get(o, "verdicts"), i, x) {
        if (n < MOST) read_verdict(x, &site, &v[n++]);
    }
    if (code == YW_OK)
        code = yw_judged_put_verdicts(j, outlet, &site, whole(o, "from"), whole(o, "to"), v, n, err);
    return code;
}

int main(int argc, char **argv) {
    char folder[4096], *line = NULL;
    size_t size = 0;
    struct yw_judged *j = NULL;
    struct yw_error err = {0};
    if (argc != 2) return 2;
    snprintf(folder, sizeof folder, "%s/series", argv[1]);
    enum yw_code code = yw_judged_open(folder, NULL, false, &j, &err);
    for (ssize_t n; code == YW_OK && (n = getline(&line, &size, stdin)) > 0;) {
        json_t *o = json_loadb(line, (size_t)n, 0, NULL);
        code = o == NULL ? yw_fail(&err, YW_E_FORMAT, "no JSON") : yw_judged_begin(j, &err);
        if (code == YW_OK) code = put(j, o, &err);
        if (code == YW_OK) code = yw_judged_commit(j, &err);
        json_decref(o);
    }
    free(line);
    if (j != NULL) yw_judged_close(j);
    if (code != YW_OK) fprintf(stderr, "put-verdicts: %s\n", err.text);
    return code == YW_OK ? 0 : 1;
}
