/* yanwu report: documents (report/report.h) onto paper and into cells. */
#ifndef YW_CLI_REPORT_H
#define YW_CLI_REPORT_H

#include "report/report.h"

#include <cairo.h>
#include <pango/pangocairo.h>

enum { YW_PAGES_MAX = 2000, YW_REPORT_OUT_MAX = 64 << 20 };

/* What yw_report_document_read let through, read without further checks. */
const char *yw_doc_text(const json_t *o, const char *name);
double yw_doc_number(const json_t *v);                           /* null: NaN; {v, to}: v */
int yw_doc_digits(const json_t *o, int otherwise);               /* member digits, 0 to 6 */
void yw_doc_print(double v, int digits, char *out, size_t size); /* "–" for NaN */

/* The whole document; both leave nothing behind where they fail. */
enum yw_code yw_report_pdf(const json_t *doc, struct yw_buf *out, struct yw_error *err);
enum yw_code yw_report_xlsx(const json_t *doc, struct yw_buf *out, struct yw_error *err);

/* ---- from here on: paper ---- */

struct yw_ink {
    double r, g, b;
};
extern const struct yw_ink yw_ink, yw_ink_2, yw_ink_3, yw_line, yw_sunk, yw_accent, yw_over, yw_bar;

struct yw_paper {
    const json_t *doc;
    cairo_surface_t *surface;
    cairo_t *cr;
    PangoLayout *layout; /* used for one text after the other */
    double y;            /* where the next thing goes */
    int page, pages;     /* pages 0: they are being counted */
    bool english;
    bool full; /* more pages than are printed */
};
#define YW_PAPER_WIDTH  595.28 /* A4, points */
#define YW_PAPER_HEIGHT 841.89
#define YW_PAPER_LEFT   36.0
#define YW_PAPER_RIGHT  (YW_PAPER_WIDTH - 36.0)
#define YW_PAPER_TOP    64.0
#define YW_PAPER_BOTTOM (YW_PAPER_HEIGHT - 62.0)

enum yw_align { YW_ALIGN_LEFT, YW_ALIGN_RIGHT, YW_ALIGN_CENTRE };
void yw_paper_ink(struct yw_paper *p, struct yw_ink c);
/* Text in a box that begins at x, wrapped to its width; gives its height. draw false: only measured. */
double yw_paper_text(struct yw_paper *p, double x, double y, double width, double size, bool bold,
                     enum yw_align align, const char *text, bool draw);
/* Begins a new page where `height` does not fit any more; true if it did. */
bool yw_paper_need(struct yw_paper *p, double height);
void yw_paper_rule(struct yw_paper *p, double x1, double y1, double x2, double y2, double width);
void yw_paper_fill(struct yw_paper *p, double x, double y, double w, double h);
/* A door: the box leads to base + to, if there is a base. */
void yw_paper_link(struct yw_paper *p, const char *to, double x, double y, double w, double h);
void yw_paper_heading(struct yw_paper *p, const char *title, const char *note);

void yw_paper_table(struct yw_paper *p, const json_t *block);
void yw_paper_bars(struct yw_paper *p, const json_t *block);
void yw_paper_line(struct yw_paper *p, const json_t *block);

#endif
