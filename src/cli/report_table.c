/* A table on paper: its head again on every page, a row's height by its longest text, doors on the cells. */
#include "cli/report.h"

#include <math.h>
#include <string.h>

#define PAD  3.0
#define SIZE 7.5

struct table {
    struct yw_paper *p;
    const json_t *columns;
    size_t n;
    double x[YW_DOCUMENT_COLUMNS_MAX + 1];
    int digits[YW_DOCUMENT_COLUMNS_MAX];
};

static void set_columns(struct table *t) {
    double sum = 0, x = YW_PAPER_LEFT;
    for (size_t i = 0; i < t->n; i++)
        sum += yw_doc_number(json_object_get(json_array_get(t->columns, i), "width"));
    for (size_t i = 0; i < t->n; i++) {
        const json_t *c = json_array_get(t->columns, i);
        t->x[i] = x;
        x += yw_doc_number(json_object_get(c, "width")) / sum * (YW_PAPER_RIGHT - YW_PAPER_LEFT);
        t->digits[i] = yw_doc_digits(c, -1);
    }
    t->x[t->n] = x;
}

static double cell(struct table *t, size_t i, double y, const char *text, bool bold, bool draw) {
    return yw_paper_text(t->p, t->x[i] + PAD, y + 2, t->x[i + 1] - t->x[i] - 2 * PAD, SIZE, bold,
                         t->digits[i] >= 0 ? YW_ALIGN_RIGHT : YW_ALIGN_LEFT, text, draw) +
           4;
}

static void head(struct table *t) {
    char text[300];
    double height = 0;
    for (int pass = 0; pass < 2; pass++) {
        if (pass == 1) {
            yw_paper_ink(t->p, yw_sunk);
            yw_paper_fill(t->p, YW_PAPER_LEFT, t->p->y, YW_PAPER_RIGHT - YW_PAPER_LEFT, height);
            yw_paper_ink(t->p, yw_ink_2);
        }
        for (size_t i = 0; i < t->n; i++) {
            const json_t *c = json_array_get(t->columns, i);
            const char *unit = yw_doc_text(c, "unit");
            snprintf(text, sizeof text, "%.200s%s%.60s", yw_doc_text(c, "title"), unit[0] != '\0' ? " " : "",
                     unit);
            double h = cell(t, i, t->p->y, text, false, pass == 1);
            if (h > height) height = h;
        }
    }
    t->p->y += height;
    yw_paper_ink(t->p, yw_ink);
}

static void row(struct table *t, const json_t *r) {
    const json_t *cells = json_object_get(r, "cells");
    double height = 0;
    for (int pass = 0; pass < 2; pass++) {
        if (pass == 1) {
            if (height > YW_PAPER_BOTTOM - YW_PAPER_TOP - 40) height = YW_PAPER_BOTTOM - YW_PAPER_TOP - 40;
            if (yw_paper_need(t->p, height)) head(t);
            if (t->p->full) return;
        }
        for (size_t i = 0; i < t->n; i++) {
            const json_t *c = json_array_get(cells, i);
            char number[64];
            const char *text = json_string_value(c);
            if (text == NULL) {
                yw_doc_print(yw_doc_number(c), t->digits[i], number, sizeof number);
                text = number;
            }
            double h = cell(t, i, t->p->y, text, false, pass == 1);
            if (h > height) height = h;
            if (pass == 1 && json_is_object(c))
                yw_paper_link(t->p, yw_doc_text(c, "to"), t->x[i], t->p->y, t->x[i + 1] - t->x[i], height);
        }
    }
    if (json_is_string(json_array_get(cells, 0)))
        yw_paper_link(t->p, yw_doc_text(r, "to"), t->x[0], t->p->y, t->x[1] - t->x[0], height);
    t->p->y += height;
    yw_paper_ink(t->p, yw_line);
    yw_paper_rule(t->p, YW_PAPER_LEFT, t->p->y, YW_PAPER_RIGHT, t->p->y, 0.4);
    yw_paper_ink(t->p, yw_ink);
}

void yw_paper_table(struct yw_paper *p, const json_t *block) {
    struct table t = {.p = p, .columns = json_object_get(block, "columns")};
    const json_t *rows = json_object_get(block, "rows");
    t.n = json_array_size(t.columns);
    set_columns(&t);
    yw_paper_heading(p, yw_doc_text(block, "title"), yw_doc_text(block, "note"));
    head(&t);
    for (size_t i = 0; i < json_array_size(rows) && !p->full; i++) row(&t, json_array_get(rows, i));
    if (json_array_size(rows) == 0) {
        yw_paper_ink(p, yw_ink_3);
        p->y += yw_paper_text(p, YW_PAPER_LEFT + PAD, p->y + 2, 300, SIZE, false, YW_ALIGN_LEFT,
                              p->english ? "none" : "无", true) +
                4;
        yw_paper_ink(p, yw_ink);
    }
}
