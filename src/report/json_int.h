/* Small pieces of JSON that answers and documents of reports are made of. */
#ifndef YW_REPORT_JSON_INT_H
#define YW_REPORT_JSON_INT_H

#include "report/report.h"

void yw_json_f64(json_t *o, const char *key, double v); /* NaN: null */
void yw_json_text(json_t *o, const char *key, const char *text);
void yw_json_i64(json_t *o, const char *key, int64_t v);
void yw_json_time(json_t *o, const char *key, int64_t micros); /* milliseconds, 0: null */
void yw_json_bool(json_t *o, const char *key, bool v);
/* Where a number leads, as a path of the pages. */
void yw_report_door_outlet(const struct yw_report_period *p, uint32_t outlet, char *out, size_t size);
void yw_report_door_area(const struct yw_report_period *p, const char *area, char *out, size_t size);
void yw_report_door_enterprise(const struct yw_report_period *p, uint32_t enterprise, char *out, size_t size);
/* The chart of an outlet at that stretch, with the factor's record of `from` in hand. */
void yw_report_door_values(uint32_t outlet, uint8_t period, int64_t from, int64_t to, const char *factor,
                           char *out, size_t size);
json_t *yw_report_period_json(const struct yw_report_period *p, int64_t now);
json_t *yw_report_count_json(const struct yw_report_count *c); /* hours and rates */
json_t *yw_report_figures_json(const struct yw_report_figures *f, bool alarms);

/* ---- documents ---- */
struct yw_doc { /* a document being written */
    json_t *root, *blocks;
    const struct yw_report_print *print;
    bool failed;
};
/* Begins one; the standing texts are in it. */
void yw_doc_begin(struct yw_doc *d, const struct yw_report_print *p, const char *report, const char *title,
                  const char *subtitle);
const char *yw_doc_word(const struct yw_doc *d, const char *zh, const char *en);
void yw_doc_fact(struct yw_doc *d, json_t *facts, const char *name, double value, int digits,
                 const char *unit);
json_t *yw_doc_facts(struct yw_doc *d); /* an array of facts, already in the document */
/* columns: zh, en, unit, digits (-1: text), weight of the width */
struct yw_doc_column {
    const char *zh, *en, *unit;
    int digits;
    double width;
};
/* Gives the array of rows. */
json_t *yw_doc_table(struct yw_doc *d, const char *title, const char *note, const struct yw_doc_column *c,
                     size_t n);
json_t *yw_doc_row(json_t *rows, const char *to); /* gives the array of cells; to: a path or "" */
void yw_doc_cell_text(json_t *cells, const char *text);
void yw_doc_cell(json_t *cells, double v);
void yw_doc_cell_to(json_t *cells, double v, const char *to);
json_t *yw_doc_chart(struct yw_doc *d, const char *kind, const char *title, const char *unit);
/* The digest over everything that is data; gives the document and ends d. NULL: no memory. */
json_t *yw_doc_end(struct yw_doc *d);

#endif
