/* A document as PDF: laid out twice, first to count the pages. */
#include "cli/report.h"

#include <cairo-pdf.h>
#include <math.h>
#include <string.h>

static cairo_status_t keep(void *arg, const unsigned char *bytes, unsigned n) {
    struct yw_buf *out = arg;
    return out == NULL || yw_buf_add(out, bytes, n) ? CAIRO_STATUS_SUCCESS : CAIRO_STATUS_WRITE_ERROR;
}

static void put_title(struct yw_paper *p) {
    double width = YW_PAPER_RIGHT - YW_PAPER_LEFT;
    yw_paper_need(p, 60);
    p->y += yw_paper_text(p, YW_PAPER_LEFT, p->y, width, 16, true, YW_ALIGN_LEFT,
                          yw_doc_text(p->doc, "title"), true) +
            2;
    yw_paper_ink(p, yw_ink_2);
    p->y += yw_paper_text(p, YW_PAPER_LEFT, p->y, width, 9, false, YW_ALIGN_LEFT,
                          yw_doc_text(p->doc, "subtitle"), true) +
            6;
    yw_paper_ink(p, yw_ink);
}

static void put_facts(struct yw_paper *p, const json_t *block) {
    const json_t *items = json_object_get(block, "items");
    size_t n = json_array_size(items);
    if (n == 0) return;
    double step = (YW_PAPER_RIGHT - YW_PAPER_LEFT) / (double)n;
    yw_paper_need(p, 40);
    for (size_t i = 0; i < n; i++) {
        const json_t *f = json_array_get(items, i);
        double x = YW_PAPER_LEFT + step * (double)i;
        char number[64], text[160];
        yw_doc_print(yw_doc_number(json_object_get(f, "value")), yw_doc_digits(f, 3), number, sizeof number);
        bool none = isnan(yw_doc_number(json_object_get(f, "value")));
        snprintf(text, sizeof text, "%s %.40s", number, none ? "" : yw_doc_text(f, "unit"));
        yw_paper_ink(p, yw_ink_3);
        yw_paper_text(p, x, p->y, step - 4, 7.5, false, YW_ALIGN_LEFT, yw_doc_text(f, "name"), true);
        yw_paper_ink(p, yw_ink);
        yw_paper_text(p, x, p->y + 13, step - 4, 12, true, YW_ALIGN_LEFT, text, true);
    }
    p->y += 38;
}

/* The definition, the standing sentence, the whole digest. */
static void put_notes(struct yw_paper *p) {
    const json_t *notes = json_object_get(p->doc, "notes");
    double width = YW_PAPER_RIGHT - YW_PAPER_LEFT;
    p->y += 8;
    for (size_t i = 0; i <= json_array_size(notes); i++) {
        char text[120];
        const char *note = json_string_value(json_array_get(notes, i));
        if (i == json_array_size(notes)) {
            snprintf(text, sizeof text, "%s SHA-256 %.64s", p->english ? "Digest of the data:" : "数据摘要：",
                     yw_doc_text(p->doc, "digest"));
            note = text;
        }
        yw_paper_need(p, yw_paper_text(p, 0, 0, width - 12, 8, false, YW_ALIGN_LEFT, note, false) + 8);
        double h =
            yw_paper_text(p, YW_PAPER_LEFT + 8, p->y + 2, width - 12, 8, false, YW_ALIGN_LEFT, note, true);
        yw_paper_ink(p, yw_ink_2);
        yw_paper_fill(p, YW_PAPER_LEFT, p->y, 2.2, h + 4);
        yw_paper_ink(p, yw_ink);
        p->y += h + 8;
    }
}

static void lay_out(struct yw_paper *p) {
    const json_t *blocks = json_object_get(p->doc, "blocks");
    put_title(p);
    for (size_t i = 0; i < json_array_size(blocks) && !p->full; i++) {
        const json_t *b = json_array_get(blocks, i);
        const char *kind = yw_doc_text(b, "kind");
        if (strcmp(kind, "facts") == 0) put_facts(p, b);
        if (strcmp(kind, "table") == 0) yw_paper_table(p, b);
        if (strcmp(kind, "bars") == 0) yw_paper_bars(p, b);
        if (strcmp(kind, "line") == 0) yw_paper_line(p, b);
    }
    put_notes(p);
    cairo_show_page(p->cr);
}

static cairo_status_t print(const json_t *doc, int pages, struct yw_buf *out, struct yw_paper *p) {
    *p =
        (struct yw_paper){.doc = doc, .pages = pages, .english = strcmp(yw_doc_text(doc, "lang"), "en") == 0};
    p->surface = cairo_pdf_surface_create_for_stream(keep, out, YW_PAPER_WIDTH, YW_PAPER_HEIGHT);
    cairo_pdf_surface_set_metadata(p->surface, CAIRO_PDF_METADATA_TITLE, yw_doc_text(doc, "title"));
    cairo_pdf_surface_set_metadata(p->surface, CAIRO_PDF_METADATA_AUTHOR, yw_doc_text(doc, "printed_by"));
    cairo_pdf_surface_set_metadata(p->surface, CAIRO_PDF_METADATA_SUBJECT, yw_doc_text(doc, "digest"));
    char at[40];
    snprintf(at, sizeof at, "%.30s", yw_doc_text(doc, "printed_at"));
    if (strlen(at) == 19) at[10] = 'T';
    cairo_pdf_surface_set_metadata(p->surface, CAIRO_PDF_METADATA_CREATE_DATE, at);
    p->cr = cairo_create(p->surface);
    p->layout = pango_cairo_create_layout(p->cr);
    /* Paper has no pixels that letters would have to keep to. */
    cairo_font_options_t *font = cairo_font_options_create();
    cairo_font_options_set_hint_metrics(font, CAIRO_HINT_METRICS_OFF);
    pango_cairo_context_set_font_options(pango_layout_get_context(p->layout), font);
    cairo_font_options_destroy(font);
    pango_layout_context_changed(p->layout);
    lay_out(p);
    cairo_status_t status = cairo_status(p->cr);
    g_object_unref(p->layout);
    cairo_destroy(p->cr);
    cairo_surface_finish(p->surface);
    if (status == CAIRO_STATUS_SUCCESS) status = cairo_surface_status(p->surface);
    cairo_surface_destroy(p->surface);
    return status;
}

enum yw_code yw_report_pdf(const json_t *doc, struct yw_buf *out, struct yw_error *err) {
    struct yw_paper p;
    cairo_status_t status = print(doc, 0, NULL, &p);
    if (status == CAIRO_STATUS_SUCCESS && p.full)
        return yw_fail(err, YW_E_LIMIT, "more than %d pages: ask for a smaller area or a shorter period",
                       YW_PAGES_MAX);
    if (status == CAIRO_STATUS_SUCCESS) status = print(doc, p.page, out, &p);
    if (out->failed) return yw_fail(err, YW_E_LIMIT, "the PDF is larger than %d bytes", YW_REPORT_OUT_MAX);
    if (status != CAIRO_STATUS_SUCCESS)
        return yw_fail(err, YW_E_SYSTEM, "drawing failed: %s", cairo_status_to_string(status));
    return YW_OK;
}
