/* Documents: a report as blocks (facts, tables, charts) that `yanwu report` lays out on paper or in cells. */
#include "report/json_int.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

const char *yw_doc_word(const struct yw_doc *d, const char *zh, const char *en) {
    return d->print->english ? en : zh;
}

void yw_doc_begin(struct yw_doc *d, const struct yw_report_print *p, const char *report, const char *title,
                  const char *subtitle) {
    *d = (struct yw_doc){.root = json_object(), .blocks = json_array(), .print = p};
    yw_json_text(d->root, "report", report);
    yw_json_text(d->root, "lang", p->english ? "en" : "zh");
    yw_json_text(d->root, "title", title);
    yw_json_text(d->root, "subtitle", subtitle);
    (void)json_object_set(d->root, "blocks", d->blocks);
    json_t *notes = json_array();
    (void)json_array_append_new(notes, json_string(yw_doc_word(d, yw_report_basis_zh, yw_report_basis_en)));
    (void)json_array_append_new(notes, json_string(yw_doc_word(d, yw_standing_zh, yw_standing_en)));
    if (p->note != NULL) (void)json_array_append_new(notes, json_string(p->note));
    (void)json_object_set_new(d->root, "notes", notes);
}

static json_t *block(struct yw_doc *d, const char *kind) {
    json_t *b = json_object();
    yw_json_text(b, "kind", kind);
    (void)json_array_append_new(d->blocks, b);
    return b;
}

json_t *yw_doc_facts(struct yw_doc *d) {
    json_t *items = json_array();
    (void)json_object_set_new(block(d, "facts"), "items", items);
    return items;
}

void yw_doc_fact(struct yw_doc *d, json_t *facts, const char *name, double value, int digits,
                 const char *unit) {
    YW_UNUSED(d);
    json_t *f = json_object();
    yw_json_text(f, "name", name);
    yw_json_f64(f, "value", value);
    yw_json_i64(f, "digits", digits);
    yw_json_text(f, "unit", unit);
    (void)json_array_append_new(facts, f);
}

json_t *yw_doc_table(struct yw_doc *d, const char *title, const char *note, const struct yw_doc_column *c,
                     size_t n) {
    json_t *t = block(d, "table"), *columns = json_array(), *rows = json_array();
    yw_json_text(t, "title", title);
    yw_json_text(t, "note", note);
    for (size_t i = 0; i < n; i++) {
        json_t *col = json_object();
        yw_json_text(col, "title", yw_doc_word(d, c[i].zh, c[i].en));
        yw_json_text(col, "unit", c[i].unit);
        yw_json_i64(col, "digits", c[i].digits);
        yw_json_f64(col, "width", c[i].width);
        (void)json_array_append_new(columns, col);
    }
    (void)json_object_set_new(t, "columns", columns);
    (void)json_object_set_new(t, "rows", rows);
    return rows;
}

json_t *yw_doc_row(json_t *rows, const char *to) {
    json_t *r = json_object(), *cells = json_array();
    (void)json_object_set_new(r, "cells", cells);
    if (to[0] != '\0') yw_json_text(r, "to", to);
    (void)json_array_append_new(rows, r);
    return cells;
}

void yw_doc_cell_text(json_t *cells, const char *text) {
    (void)json_array_append_new(cells, json_string(text));
}

void yw_doc_cell(json_t *cells, double v) {
    (void)json_array_append_new(cells, isfinite(v) ? json_real(v) : json_null());
}

void yw_doc_cell_to(json_t *cells, double v, const char *to) {
    json_t *c = json_object();
    yw_json_f64(c, "v", v);
    yw_json_text(c, "to", to);
    (void)json_array_append_new(cells, c);
}

json_t *yw_doc_chart(struct yw_doc *d, const char *kind, const char *title, const char *unit) {
    json_t *c = block(d, kind);
    yw_json_text(c, "title", title);
    yw_json_text(c, "unit", unit);
    return c;
}

json_t *yw_doc_end(struct yw_doc *d) {
    json_decref(d->blocks);
    /* Who prints it and when is not part of the data, so that two prints of the same data can be told to be
     * the same. */
    char *text = json_dumps(d->root, JSON_COMPACT | JSON_SORT_KEYS | JSON_REAL_PRECISION(15));
    if (text == NULL) {
        json_decref(d->root);
        return NULL;
    }
    uint8_t hash[32];
    char hex[65], at[40];
    yw_sha256(text, strlen(text), hash);
    free(text);
    for (size_t i = 0; i < sizeof hash; i++) snprintf(hex + 2 * i, 3, "%02x", hash[i]);
    yw_time_text(d->print->at, at);
    at[10] = ' ';
    at[19] = '\0';
    yw_json_text(d->root, "digest", hex);
    yw_json_text(d->root, "installation", d->print->installation);
    yw_json_text(d->root, "domain", d->print->domain);
    yw_json_text(d->root, "printed_by", d->print->by);
    yw_json_text(d->root, "printed_at", at);
    yw_json_text(d->root, "base", d->print->base);
    return d->root;
}
