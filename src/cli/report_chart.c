/* Charts on paper: bars with their figures, and stepped lines with limit, excess and gaps. */
#include "cli/report.h"

#include <math.h>
#include <string.h>

void yw_paper_bars(struct yw_paper *p, const json_t *block) {
    enum { ROW = 13 };
    const json_t *items = json_object_get(block, "items"), *lines = json_object_get(block, "lines");
    double top = yw_doc_number(json_object_get(block, "top"));
    double left = YW_PAPER_LEFT + 170, right = YW_PAPER_RIGHT - 50, width = right - left;
    char text[120];
    snprintf(text, sizeof text, "%.80s", yw_doc_text(block, "unit"));
    yw_paper_heading(p, yw_doc_text(block, "title"), text);
    for (size_t i = 0; i < json_array_size(items) && !p->full; i++) {
        const json_t *bar = json_array_get(items, i);
        double v = yw_doc_number(json_object_get(bar, "value"));
        yw_paper_need(p, ROW);
        yw_paper_ink(p, yw_ink);
        char name[200];
        snprintf(name, sizeof name, "%.60s", yw_doc_text(bar, "name"));
        size_t n = strlen(name);
        while (n > 0 && !yw_utf8_valid(name, n)) name[--n] = '\0';
        yw_paper_text(p, YW_PAPER_LEFT, p->y, 164, 7.5, false, YW_ALIGN_RIGHT, name, true);
        double share = isnan(v) || v < 0 ? 0 : v > top ? 1 : v / top;
        yw_paper_ink(p, yw_bar);
        yw_paper_fill(p, left, p->y + 3, width * share, 6);
        yw_paper_ink(p, yw_ink);
        for (size_t k = 0; k < json_array_size(lines); k++) {
            double at = yw_doc_number(json_array_get(lines, k)) / top;
            if (at >= 0 && at <= 1)
                yw_paper_rule(p, left + width * at, p->y, left + width * at, p->y + ROW, 0.7);
        }
        yw_doc_print(v, 2, text, sizeof text);
        yw_paper_text(p, right + 4, p->y, 46, 7.5, true, YW_ALIGN_RIGHT, text, true);
        p->y += ROW;
    }
}

/* Round top of a scale from zero. */
static double nice_top(double most) {
    static const double steps[] = {1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10};
    if (!(most > 0)) return 1;
    double power = pow(10, floor(log10(most)));
    for (size_t i = 0; i < YW_COUNT(steps); i++)
        if (most <= steps[i] * power * 1.0001) return steps[i] * power;
    return 10 * power;
}

struct plot {
    double left, top, width, height, low, high;
    size_t n;
};
static double px(const struct plot *a, size_t i) {
    return a->left + a->width * (double)i / (double)a->n;
}
static double py(const struct plot *a, double v) {
    return a->top + a->height * (1 - (v - a->low) / (a->high - a->low));
}

static void draw_axes(struct yw_paper *p, const struct plot *a, const json_t *names) {
    char text[64];
    for (int k = 0; k <= 2; k++) {
        double v = a->low + (a->high - a->low) * k / 2;
        yw_paper_ink(p, yw_line);
        yw_paper_rule(p, a->left, py(a, v), a->left + a->width, py(a, v), 0.4);
        yw_doc_print(v, a->high - a->low < 10 ? 2 : 0, text, sizeof text);
        yw_paper_ink(p, yw_ink_3);
        yw_paper_text(p, YW_PAPER_LEFT, py(a, v) - 5, a->left - YW_PAPER_LEFT - 4, 7, false, YW_ALIGN_RIGHT,
                      text, true);
    }
    size_t stride = a->n / 12 + 1;
    for (size_t i = 0; i < a->n; i += stride)
        yw_paper_text(p, px(a, i) - 2, a->top + a->height + 2, 40, 7, false, YW_ALIGN_LEFT,
                      json_string_value(json_array_get(names, i)), true);
    yw_paper_ink(p, yw_ink);
}

/* Flat over each row; where nothing is, the line stops. Above the limit it is thick and in the colour of the
 * state. */
static void draw_steps(struct yw_paper *p, const struct plot *a, const json_t *values, double limit) {
    double before = NAN;
    for (size_t i = 0; i < a->n; i++) {
        double v = yw_doc_number(json_array_get(values, i));
        if (!isnan(v)) {
            bool over = v > limit;
            yw_paper_ink(p, over ? yw_over : yw_ink_2);
            if (!isnan(before)) yw_paper_rule(p, px(a, i), py(a, before), px(a, i), py(a, v), 0.8);
            yw_paper_rule(p, px(a, i), py(a, v), px(a, i + 1), py(a, v), over ? 2 : 1);
        }
        before = v;
    }
    yw_paper_ink(p, yw_ink);
}

void yw_paper_line(struct yw_paper *p, const json_t *block) {
    const json_t *values = json_object_get(block, "values");
    double limit = yw_doc_number(json_object_get(block, "limit")), low = 0, high = isnan(limit) ? 0 : limit;
    size_t n = json_array_size(values);
    if (n == 0) return;
    for (size_t i = 0; i < n; i++) {
        double v = yw_doc_number(json_array_get(values, i));
        if (v > high) high = v;
        if (v < low) low = v;
    }
    yw_paper_need(p, 130);
    yw_paper_heading(p, yw_doc_text(block, "title"), yw_doc_text(block, "unit"));
    struct plot a = {.left = YW_PAPER_LEFT + 44,
                     .top = p->y + 4,
                     .width = YW_PAPER_RIGHT - YW_PAPER_LEFT - 50,
                     .height = 74,
                     .low = low < 0 ? -nice_top(-low) : 0,
                     .high = nice_top(high * 1.05),
                     .n = n};
    draw_axes(p, &a, json_object_get(block, "names"));
    draw_steps(p, &a, values, isnan(limit) ? INFINITY : limit);
    if (!isnan(limit)) {
        static const double dash[] = {10, 3};
        char text[80], number[40];
        yw_doc_print(limit, 1, number, sizeof number);
        snprintf(text, sizeof text, "%s %s", p->english ? "limit" : "限值", number);
        cairo_set_dash(p->cr, dash, 2, 0);
        yw_paper_rule(p, a.left, py(&a, limit), a.left + a.width, py(&a, limit), 0.8);
        cairo_set_dash(p->cr, NULL, 0, 0);
        yw_paper_text(p, a.left + 2, py(&a, limit) - 11, 120, 7, false, YW_ALIGN_LEFT, text, true);
    }
    p->y = a.top + a.height + 18;
}
