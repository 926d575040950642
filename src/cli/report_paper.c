/* A page of paper: text, rules, doors, head and foot. */
#include "cli/report.h"

#include <math.h>
#include <string.h>

const struct yw_ink yw_ink = {0.086, 0.102, 0.106}, yw_ink_2 = {0.282, 0.314, 0.322},
                    yw_ink_3 = {0.416, 0.451, 0.459}, yw_line = {0.788, 0.812, 0.812},
                    yw_sunk = {0.965, 0.969, 0.969}, yw_accent = {0.043, 0.353, 0.369},
                    yw_over = {0.706, 0.137, 0.102}, yw_bar = {0.392, 0.455, 0.490};

const char *yw_doc_text(const json_t *o, const char *name) {
    const char *text = json_string_value(json_object_get(o, name));
    return text != NULL ? text : "";
}

double yw_doc_number(const json_t *v) {
    if (json_is_object(v)) v = json_object_get(v, "v");
    return json_is_number(v) ? json_number_value(v) : NAN;
}

int yw_doc_digits(const json_t *o, int otherwise) {
    double d = yw_doc_number(json_object_get(o, "digits"));
    return d >= 0 && d <= 6 ? (int)d : otherwise;
}

void yw_doc_print(double v, int digits, char *out, size_t size) {
    if (isnan(v)) {
        snprintf(out, size, "–");
    } else if (fabs(v) >= 1e9) {
        snprintf(out, size, "%.4g", v);
    } else {
        snprintf(out, size, "%.*f", digits < 0 ? 3 : digits > 6 ? 6 : digits, v);
    }
}

void yw_paper_ink(struct yw_paper *p, struct yw_ink c) {
    cairo_set_source_rgb(p->cr, c.r, c.g, c.b);
}

double yw_paper_text(struct yw_paper *p, double x, double y, double width, double size, bool bold,
                     enum yw_align align, const char *text, bool draw) {
    static const PangoAlignment alignments[] = {PANGO_ALIGN_LEFT, PANGO_ALIGN_RIGHT, PANGO_ALIGN_CENTER};
    PangoFontDescription *font =
        pango_font_description_from_string("Noto Sans CJK SC, Noto Sans, sans-serif");
    pango_font_description_set_absolute_size(font, size * PANGO_SCALE);
    pango_font_description_set_weight(font, bold ? PANGO_WEIGHT_BOLD : PANGO_WEIGHT_NORMAL);
    pango_layout_set_font_description(p->layout, font);
    pango_font_description_free(font);
    pango_layout_set_width(p->layout, (int)(width * PANGO_SCALE));
    pango_layout_set_wrap(p->layout, PANGO_WRAP_WORD_CHAR);
    pango_layout_set_alignment(p->layout, alignments[align]);
    pango_layout_set_text(p->layout, text, -1);
    int w, h;
    pango_layout_get_size(p->layout, &w, &h);
    if (draw) {
        cairo_move_to(p->cr, x, y);
        pango_cairo_show_layout(p->cr, p->layout);
    }
    return (double)h / PANGO_SCALE;
}

void yw_paper_rule(struct yw_paper *p, double x1, double y1, double x2, double y2, double width) {
    cairo_set_line_width(p->cr, width);
    cairo_move_to(p->cr, x1, y1);
    cairo_line_to(p->cr, x2, y2);
    cairo_stroke(p->cr);
}

void yw_paper_fill(struct yw_paper *p, double x, double y, double w, double h) {
    cairo_rectangle(p->cr, x, y, w, h);
    cairo_fill(p->cr);
}

/* Only what a path or an address of ours can hold: the text goes between quotes of an attribute. */
static bool plain_address(const char *text) {
    for (; *text != '\0'; text++)
        if ((unsigned char)*text <= ' ' || (unsigned char)*text >= 127 || strchr("'\"\\<>", *text) != NULL)
            return false;
    return true;
}

void yw_paper_link(struct yw_paper *p, const char *to, double x, double y, double w, double h) {
    const char *base = yw_doc_text(p->doc, "base");
    char attributes[800];
    if (base[0] == '\0' || to[0] == '\0' || !plain_address(base) || !plain_address(to)) return;
    int n = snprintf(attributes, sizeof attributes, "rect=[%.2f %.2f %.2f %.2f] uri='%s%s'", x, y, w, h, base,
                     to);
    if (n < 0 || (size_t)n >= sizeof attributes) return;
    cairo_tag_begin(p->cr, CAIRO_TAG_LINK, attributes);
    cairo_tag_end(p->cr, CAIRO_TAG_LINK);
}

static const char *domain_words(const struct yw_paper *p) {
    const char *domain = yw_doc_text(p->doc, "domain");
    if (strcmp(domain, "demo") == 0)
        return p->english ? "Demonstration data, not official statistics" : "演示数据，非官方统计";
    if (strcmp(domain, "training") == 0)
        return p->english ? "Simulated data, not real monitoring data" : "仿真数据，不是真实监测数据";
    return "";
}

static void head_and_foot(struct yw_paper *p) {
    double width = YW_PAPER_RIGHT - YW_PAPER_LEFT, foot = YW_PAPER_HEIGHT - 50;
    const char *domain = domain_words(p);
    yw_paper_ink(p, yw_ink_2);
    yw_paper_text(p, YW_PAPER_LEFT, 30, width * 0.62, 8, false, YW_ALIGN_LEFT,
                  yw_doc_text(p->doc, "installation"), true);
    yw_paper_ink(p, yw_accent);
    yw_paper_text(p, YW_PAPER_LEFT + width * 0.5, 30, width * 0.5, 8, true, YW_ALIGN_RIGHT, domain, true);
    yw_paper_ink(p, yw_line);
    yw_paper_rule(p, YW_PAPER_LEFT, 46, YW_PAPER_RIGHT, 46, 0.6);
    yw_paper_rule(p, YW_PAPER_LEFT, foot, YW_PAPER_RIGHT, foot, 0.6);
    char text[400], number[64];
    yw_paper_ink(p, yw_ink_2);
    yw_paper_text(p, YW_PAPER_LEFT, foot + 4, width, 7, true, YW_ALIGN_LEFT,
                  p->english ? yw_standing_en : yw_standing_zh, true);
    snprintf(text, sizeof text,
             p->english ? "Printed by %.80s, %.30s · digest %.16s" : "打印人 %.80s · %.30s · 数据摘要 %.16s",
             yw_doc_text(p->doc, "printed_by"), yw_doc_text(p->doc, "printed_at"),
             yw_doc_text(p->doc, "digest"));
    yw_paper_ink(p, yw_ink_3);
    yw_paper_text(p, YW_PAPER_LEFT, foot + 16, width * 0.8, 7, false, YW_ALIGN_LEFT, text, true);
    snprintf(number, sizeof number, p->english ? "page %d of %d" : "第 %d 页，共 %d 页", p->page, p->pages);
    yw_paper_text(p, YW_PAPER_LEFT + width * 0.7, foot + 16, width * 0.3, 7, false, YW_ALIGN_RIGHT, number,
                  true);
    yw_paper_ink(p, yw_ink);
}

bool yw_paper_need(struct yw_paper *p, double height) {
    if (p->page > 0 && p->y + height <= YW_PAPER_BOTTOM) return false;
    if (p->page >= YW_PAGES_MAX) {
        p->full = true;
        return false;
    }
    if (p->page > 0) cairo_show_page(p->cr);
    p->page++;
    p->y = YW_PAPER_TOP;
    head_and_foot(p);
    return true;
}

void yw_paper_heading(struct yw_paper *p, const char *title, const char *note) {
    double width = YW_PAPER_RIGHT - YW_PAPER_LEFT;
    yw_paper_need(p, 60); /* never a heading alone at the foot */
    p->y += 8;
    yw_paper_ink(p, yw_ink);
    double h = yw_paper_text(p, YW_PAPER_LEFT, p->y, width, 10, true, YW_ALIGN_LEFT, title, true);
    p->y += h + 2;
    if (note[0] == '\0') return;
    yw_paper_ink(p, yw_ink_3);
    p->y += yw_paper_text(p, YW_PAPER_LEFT, p->y, width, 7.5, false, YW_ALIGN_LEFT, note, true) + 2;
    yw_paper_ink(p, yw_ink);
}
