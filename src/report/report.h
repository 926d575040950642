/* report: what judged hours add up to. Rates of transmission and validity, networking, handling of
 * exceedances, amounts used; and the reports that are printed from them. Pure: hours, verdicts and words in;
 * counts, JSON and documents out.
 *
 * 本平台口径 (this platform's own definition), counted in hours of each assessed factor:
 *
 *   transmission rate  = (due - missing) / due
 *   valid rate         = valid / (due - missing)
 *   数据传输有效率        = transmission rate * valid rate  = valid / due
 *
 * due: hours that are over, after the outlet's first data, without those in which the source was stopped
 * (they leave both sides) and without those that a waste-water outlet may lose to its automatic check
 * (hj356.complete). Sums of outlets are sums of hours, never means of rates. */
#ifndef YW_REPORT_H
#define YW_REPORT_H

#include "judge/judge.h"

#include <jansson.h>

/* ---- hours ---- */

#define YW_REPORT_HOUR_TABLE(X)                                                                              \
    X(OUT, "out", "不计", "not due")                                                                         \
    X(VALID, "valid", "有效", "valid")                                                                       \
    X(INVALID, "invalid", "无效", "invalid")                                                                 \
    X(MISSING, "missing", "缺失", "missing")                                                                 \
    X(STOPPED, "stopped", "停运", "stopped")                                                                 \
    X(SPARED, "spared", "自动核查免计", "spared for the automatic check")
enum yw_report_hour {
#define X(id, name, zh, en) YW_REPORT_##id,
    YW_REPORT_HOUR_TABLE(X)
#undef X
        YW_REPORT_HOUR_COUNT
};
const struct yw_word *yw_report_hour_word(uint8_t h);
/* What an hour mean counts as: yw_validity -> yw_report_hour. PARTIAL is not due yet. */
uint8_t yw_report_hour_of(uint8_t validity);

enum { YW_REPORT_HOURS_MAX = 366 * 24, YW_REPORT_FACTORS_MAX = 64 };

struct yw_report_count { /* hours; due = missing + invalid + valid */
    uint32_t stopped, spared, missing, invalid, valid;
};
struct yw_report_rate { /* 0 to 1, NaN: nothing to divide by */
    double transmission, validity, effective;
};
/* hours[i] is the hour that begins at from + i h. Hours before `since` or not over at `now` become OUT. */
void yw_report_owed(uint8_t *hours, size_t n, int64_t from, int64_t since, int64_t now);
/* On each civil day on which something came, up to `a_day` missing hours become SPARED, the first ones. */
void yw_report_spare(uint8_t *hours, size_t n, int64_t from, uint32_t a_day);
void yw_report_count(const uint8_t *hours, size_t n, struct yw_report_count *out);
void yw_report_count_add(struct yw_report_count *to, const struct yw_report_count *c);
uint32_t yw_report_due(const struct yw_report_count *c);
struct yw_report_rate yw_report_rate(const struct yw_report_count *c);

struct yw_report_run { /* [from, to): hours of one state in a row */
    int64_t from, to;
    uint8_t state;
};
/* Runs that want to be listed: everything but VALID and OUT. At most `most`; how many there are. */
size_t yw_report_runs(const uint8_t *hours, size_t n, int64_t from, struct yw_report_run *out, size_t most);

/* ---- periods ---- */

struct yw_report_period {
    uint8_t period; /* yw_period: DAY, MONTH, QUARTER, YEAR */
    int64_t from, to;
    char at[24]; /* "2026-11-23" "2026-11" "2026-Q4" "2026" */
};
/* period: "day" "month" "quarter" "year" ("" day); at: any of the texts above, the period that holds its
 * first day; "": the one that holds now. YW_E_FORMAT says what is wrong. */
enum yw_code yw_report_period_parse(const char *period, const char *at, int64_t now,
                                    struct yw_report_period *out, struct yw_error *err);
/* The one `by` periods later (earlier where negative). */
void yw_report_period_step(const struct yw_report_period *p, int by, struct yw_report_period *out);
const char *yw_report_period_name(uint8_t period); /* "month" */
void yw_report_period_title(const struct yw_report_period *p, bool english, char *out, size_t size);
uint8_t yw_report_step(uint8_t period); /* period of the rows of a report: hours of a day, days of a month,
                                           months of a quarter or year */

/* ---- figures of an outlet, an enterprise, an area ---- */

struct yw_report_figures {
    struct yw_report_count count;
    uint32_t outlets, networked; /* 联网率: of those not stopped all the time, those that sent */
    uint32_t exceedances, handled, in_time; /* 超标处置率: alarms raised in the period, closed, in time */
};
void yw_report_figures_add(struct yw_report_figures *to, const struct yw_report_figures *f);
double yw_report_networking(const struct yw_report_figures *f);
double yw_report_handling(const struct yw_report_figures *f);

struct yw_report_factor {
    char code[13], name_zh[64], name_en[96];
    struct yw_report_count count;
    double emission_t, replaced_t, permitted_t; /* of the year so far; NaN: not known */
};
/* Share of the permitted amount that is used: measured and replaced emissions are parts of one sum. NaN: not
 * known. */
double yw_report_used(const struct yw_report_factor *f);
struct yw_report_outlet {
    uint32_t id, enterprise;
    char code[16], name[96];
    const char *kind; /* "air" */
    struct yw_report_figures figures;
    struct yw_report_factor *factors;
    size_t factor_n;
    uint32_t spare; /* hours a day that need not come */
};
struct yw_report_enterprise {
    uint32_t id;
    char name[128], area[16];
    struct yw_report_figures figures;
};
struct yw_report_area {
    char code[16], parent[16], name[64];
    struct yw_report_figures figures; /* of the whole subtree */
};
struct yw_report_rates {
    struct yw_report_period period;
    int64_t now;
    double low, bad; /* lists under these: 0.9 and 0.6 */
    bool alarms;     /* exceedances, handled, in_time were counted and may be shown */
    char area[16], area_name[64];
    struct yw_report_area *areas;
    struct yw_report_enterprise *enterprises;
    struct yw_report_outlet *outlets; /* all sorted by id (areas: by code) */
    size_t area_n, enterprise_n, outlet_n;
    struct yw_report_figures total;
};
/* Sums the figures of outlets (their counts from their factors) into enterprises, areas and total. */
void yw_report_roll_up(struct yw_report_rates *r);

/* Exact sentences that stand on every report. */
extern const char yw_report_basis_zh[], yw_report_basis_en[];

/* The answer of GET /api/reports/rates. NULL: no memory. */
json_t *yw_report_rates_json(const struct yw_report_rates *r);

/* ---- one outlet's report ---- */

struct yw_report_verdict {
    const struct yw_verdict *v;
    char number[40], factor[13], unit[16], limit_source[128];
};
struct yw_report_sheet { /* daily to yearly report of one outlet */
    struct yw_report_period period;
    int64_t now;
    uint32_t outlet;
    char code[16], name[96], enterprise[128], area_name[64];
    uint32_t enterprise_id;
    const char *kind;
    struct yw_report_factor *factors; /* all that were judged */
    char (*units)[16];
    double *limits;  /* of the permit for the usual period, NaN: none */
    bool *converted; /* judged as converted */
    bool *assessed;  /* counts for the rates */
    size_t factor_n;
    const int64_t *rows; /* starts of the rows */
    size_t row_n;
    const struct yw_mean *const *cells; /* row_n * factor_n, NULL: no mean */
    const struct yw_mean *const *whole; /* factor_n: the mean of the whole period, NULL: none */
    const struct yw_report_run *const *runs;
    const size_t *run_n; /* per factor */
    const struct yw_report_verdict *verdicts;
    size_t verdict_n;
    bool verdicts_cut;            /* there are more */
    struct yw_report_count count; /* of the assessed factors */
};
json_t *yw_report_sheet_json(const struct yw_report_sheet *s);

/* ---- documents: what `yanwu report` prints (document.c; docs/reports.md) ---- */

struct yw_report_print {
    const char *installation, *domain; /* "real", "training", "demo" */
    const char *by, *base;             /* who prints it; "https://host" that links begin with, "": none */
    int64_t at;
    bool english;
    const char *note; /* stands below it beside the others; NULL: none */
};
json_t *yw_report_rates_document(const struct yw_report_rates *r, const struct yw_report_print *p);
json_t *yw_report_sheet_document(const struct yw_report_sheet *s, const struct yw_report_print *p);

enum {
    YW_DOCUMENT_BYTES_MAX = 32 << 20,
    YW_DOCUMENT_BLOCKS_MAX = 400,
    YW_DOCUMENT_COLUMNS_MAX = 16,
    YW_DOCUMENT_ROWS_MAX = 60000,  /* of all tables */
    YW_DOCUMENT_POINTS_MAX = 2000, /* of one chart */
    YW_DOCUMENT_TEXT_MAX = 4000
};
/* A document from bytes of anybody: every member that a renderer reads is there, of its type and within its
 * limits. YW_E_FORMAT, YW_E_LIMIT say where ("blocks[3].rows[17].cells"). */
enum yw_code yw_report_document_read(const char *text, size_t n, json_t **out, struct yw_error *err);

#endif
