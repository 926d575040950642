/* Reads register, rules and judge.db of a data folder, beside the running platform or without it. */
#include "cli/report_from.h"

#include "journal/journal.h"
#include "register/corrections.h"
#include "web/acts.h"
#include "web/report_look.h"

#include <stdlib.h>
#include <string.h>

/* What kind of data the folder holds: one act of a demonstration makes it one, and a print of it must tell.
 */
static const char *domain_of(const char *data) {
    char folder[4200], blocks[4200];
    struct yw_reader *r = NULL;
    struct yw_record act;
    const char *name = "real";
    snprintf(folder, sizeof folder, "%s/journal/acts", data);
    snprintf(blocks, sizeof blocks, "%s/blocks/acts", data);
    if (yw_reader_open(folder, blocks, &r, NULL) != YW_OK) return name;
    while (strcmp(name, "real") == 0 && yw_reader_next(r, &act, NULL) == YW_OK) {
        if (act.domain == YW_DOMAIN_DEMO) name = "demo";
        if (act.domain == YW_DOMAIN_TRAINING) name = "training";
    }
    yw_reader_close(r);
    return name;
}

static const char left_out_zh[] =
    "超标报警及其处置情况未计入：报警簿由运行中的平台保存，请在页面或接口中查看。";
static const char left_out_en[] =
    "Exceedance alarms and their handling are not counted: the running platform keeps "
    "the book of alarms; see its pages or its API.";

static enum yw_code look(const struct yw_report_source *s, const struct yw_report_wish *w, json_t **out,
                         struct yw_error *err) {
    struct yw_report_period p;
    struct yw_report_look l = {0};
    const char *user = getenv("USER");
    struct yw_report_print print = {.installation = "",
                                    .domain = domain_of(w->data),
                                    .by = user != NULL ? user : "",
                                    .base = "",
                                    .at = w->now,
                                    .english = w->english,
                                    .note = w->outlet != 0 ? NULL
                                            : w->english   ? left_out_en
                                                           : left_out_zh};
    enum yw_code code = yw_report_period_parse(w->period, w->at, w->now, &p, err);
    if (code != YW_OK) return code;
    if (w->outlet != 0) {
        code = yw_report_look_sheet(s, &p, w->outlet, &l, err);
        if (code == YW_OK)
            *out = w->document ? yw_report_sheet_document(&l.sheet, &print) : yw_report_sheet_json(&l.sheet);
    } else {
        code = yw_report_list_rates(s, &p, w->area, 0, &l, err);
        if (code == YW_OK) code = yw_report_count_rates(s, &l, err);
        if (code == YW_OK)
            *out = w->document ? yw_report_rates_document(&l.rates, &print) : yw_report_rates_json(&l.rates);
    }
    yw_report_look_free(&l);
    if (code == YW_OK && *out != NULL && w->outlet == 0) {
        if (!w->document) (void)json_object_set_new(*out, "left_out", json_pack("[s]", "alarms"));
        fprintf(stderr, "yanwu report: %s\n", left_out_en);
    }
    if (code == YW_OK && *out == NULL) code = yw_fail(err, YW_E_NOMEM, "out of memory");
    return code;
}

enum yw_code yw_report_from_folder(const struct yw_report_wish *w, json_t **out, struct yw_error *err) {
    char series[4096];
    struct yw_register *reg = NULL;
    struct yw_rules *rules = NULL;
    struct yw_judged *judged = NULL;
    struct yw_factor_names names = {0};
    *out = NULL;
    int n = snprintf(series, sizeof series, "%s/series", w->data);
    if (n < 0 || (size_t)n >= sizeof series)
        return yw_fail(err, YW_E_LIMIT, "the name of the folder is too long");
    enum yw_code code = yw_acts_read(w->data, &reg, err);
    if (code == YW_OK) code = yw_factor_names_load(&names, "hj212/factors.csv", err);
    if (code == YW_OK) code = yw_rules_load(&rules, err);
    if (code == YW_OK) code = yw_register_correct(reg, rules, NULL, err);
    if (code == YW_OK) {
        code = yw_judged_open(series, "judge.db", true, &judged, err);
        if (code == YW_E_NOT_FOUND)
            code = yw_fail(err, YW_E_NOT_FOUND,
                           "%s: nothing was judged here yet: run the platform, or yanwu rebuild --judge",
                           w->data);
    }
    struct yw_report_source s = {
        .reg = reg, .judged = judged, .rules = rules, .names = &names, .now = w->now};
    if (code == YW_OK) code = look(&s, w, out, err);
    if (judged != NULL) yw_judged_close(judged);
    yw_rules_destroy(rules);
    yw_factor_names_free(&names);
    yw_register_destroy(reg);
    return code;
}
