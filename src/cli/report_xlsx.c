/* A document as .xlsx: a summary, one sheet a table, and a sheet of charts that stand on cells. */
#include "cli/report.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <xlsxwriter.h>

struct book {
    lxw_workbook *book;
    lxw_format *bold, *wrap, *number[7];
    const json_t *doc;
    bool english;
    lxw_worksheet *charts;
    lxw_row_t chart_row; /* next free row of the charts' cells */
    size_t chart_n, sheet_n;
};

static const char *word(const struct book *b, const char *zh, const char *en) {
    return b->english ? en : zh;
}

/* Names of sheets: at most 31 characters, none of []:*?/\, unique. */
static lxw_worksheet *add_sheet(struct book *b, const char *title) {
    char name[128];
    size_t n = (size_t)snprintf(name, sizeof name, "%zu ", ++b->sheet_n);
    for (int characters = 0; *title != '\0' && characters < 26 && n + 5 < sizeof name;) {
        if (strchr("[]:*?/\\'", *title) == NULL) name[n++] = *title;
        title++;
        if (((unsigned char)*title & 0xC0) != 0x80) characters++;
    }
    name[n] = '\0';
    return workbook_add_worksheet(b->book, name);
}

static void put_number(struct book *b, lxw_worksheet *to, lxw_row_t row, lxw_col_t col, double v,
                       int digits) {
    if (isfinite(v))
        worksheet_write_number(to, row, col, v, b->number[digits < 0 || digits > 6 ? 3 : digits]);
}

static void put_address(struct book *b, lxw_worksheet *to, lxw_row_t row, lxw_col_t col, const char *path,
                        const char *text) {
    const char *base = yw_doc_text(b->doc, "base");
    char url[1024];
    int n = snprintf(url, sizeof url, "%s%s", base, path);
    if (base[0] == '\0' || path[0] == '\0' || n < 0 || (size_t)n >= sizeof url) return;
    worksheet_write_url_opt(to, row, col, url, NULL, text, NULL);
}

static void put_table(struct book *b, const json_t *block) {
    const json_t *columns = json_object_get(block, "columns"), *rows = json_object_get(block, "rows");
    size_t n = json_array_size(columns);
    int digits[YW_DOCUMENT_COLUMNS_MAX];
    lxw_worksheet *to = add_sheet(b, yw_doc_text(block, "title"));
    if (to == NULL) return;
    worksheet_freeze_panes(to, 1, 0);
    worksheet_set_landscape(to);
    worksheet_repeat_rows(to, 0, 0);
    for (size_t i = 0; i < n; i++) {
        const json_t *c = json_array_get(columns, i);
        char text[400];
        const char *unit = yw_doc_text(c, "unit");
        snprintf(text, sizeof text, "%.200s%s%.60s", yw_doc_text(c, "title"), unit[0] != '\0' ? " " : "",
                 unit);
        worksheet_write_string(to, 0, (lxw_col_t)i, text, b->bold);
        double w = yw_doc_number(json_object_get(c, "width"));
        digits[i] = yw_doc_digits(c, 3);
        worksheet_set_column(to, (lxw_col_t)i, (lxw_col_t)i, 8 + w * 6, NULL);
    }
    worksheet_set_column(to, (lxw_col_t)n, (lxw_col_t)n, 14, NULL);
    for (size_t r = 0; r < json_array_size(rows); r++) {
        const json_t *row = json_array_get(rows, r), *cells = json_object_get(row, "cells");
        for (size_t i = 0; i < n; i++) {
            const json_t *c = json_array_get(cells, i);
            if (json_is_string(c)) {
                worksheet_write_string(to, (lxw_row_t)r + 1, (lxw_col_t)i, json_string_value(c), NULL);
            } else {
                put_number(b, to, (lxw_row_t)r + 1, (lxw_col_t)i, yw_doc_number(c), digits[i]);
            }
        }
        put_address(b, to, (lxw_row_t)r + 1, (lxw_col_t)n, yw_doc_text(row, "to"), word(b, "查看", "open"));
    }
}

/* Names and values go into cells of the charts' sheet, the chart beside them reads from there. */
static void put_chart(struct book *b, const json_t *block) {
    enum { CHART_ROWS = 18 };
    bool bars = strcmp(yw_doc_text(block, "kind"), "bars") == 0;
    const json_t *list = json_object_get(block, bars ? "items" : "values"),
                 *names = json_object_get(block, "names");
    size_t n = json_array_size(list);
    if (n == 0 || b->charts == NULL) return;
    double limit = bars ? NAN : yw_doc_number(json_object_get(block, "limit"));
    lxw_row_t first = b->chart_row + 1;
    worksheet_write_string(b->charts, b->chart_row, 0, yw_doc_text(block, "title"), b->bold);
    worksheet_write_string(b->charts, b->chart_row, 1, yw_doc_text(block, "unit"), b->bold);
    for (size_t i = 0; i < n; i++) {
        const json_t *v = json_array_get(list, i);
        const char *name = bars ? yw_doc_text(v, "name") : json_string_value(json_array_get(names, i));
        worksheet_write_string(b->charts, first + (lxw_row_t)i, 0, name, NULL);
        put_number(b, b->charts, first + (lxw_row_t)i, 1,
                   yw_doc_number(bars ? json_object_get(v, "value") : v), 3);
        if (!isnan(limit)) put_number(b, b->charts, first + (lxw_row_t)i, 2, limit, 3);
    }
    lxw_row_t last = first + (lxw_row_t)n - 1;
    const char *sheet = word(b, "图表", "charts");
    lxw_chart *chart = workbook_add_chart(b->book, bars ? LXW_CHART_BAR : LXW_CHART_LINE);
    if (chart == NULL) return;
    for (lxw_col_t col = 1; col <= (isnan(limit) ? 1 : 2); col++) {
        lxw_chart_series *s = chart_add_series(chart, NULL, NULL);
        chart_series_set_categories(s, sheet, first, 0, last, 0);
        chart_series_set_values(s, sheet, first, col, last, col);
        chart_series_set_name(s, col == 1 ? yw_doc_text(block, "title") : word(b, "限值", "limit"));
    }
    chart_title_set_name(chart, yw_doc_text(block, "title"));
    chart_legend_set_position(chart, LXW_CHART_LEGEND_BOTTOM);
    worksheet_insert_chart(b->charts, b->chart_row, 4, chart);
    b->chart_row = last + 2 > b->chart_row + CHART_ROWS ? last + 2 : b->chart_row + CHART_ROWS;
}

static void put_summary(struct book *b) {
    static const struct {
        const char *name, *zh, *en;
    } heads[] = {{"installation", "系统", "installation"},
                 {"printed_by", "打印人", "printed by"},
                 {"printed_at", "打印时间", "printed at"},
                 {"digest", "数据摘要 SHA-256", "digest of the data, SHA-256"}};
    lxw_worksheet *to = workbook_add_worksheet(b->book, word(b, "概要", "summary"));
    if (to == NULL) return;
    worksheet_set_column(to, 0, 0, 26, NULL);
    worksheet_set_column(to, 1, 1, 90, NULL);
    lxw_row_t row = 0;
    const char *domain = yw_doc_text(b->doc, "domain");
    worksheet_write_string(to, row++, 0, yw_doc_text(b->doc, "title"), b->bold);
    worksheet_write_string(to, row++, 0, yw_doc_text(b->doc, "subtitle"), NULL);
    if (strcmp(domain, "demo") == 0)
        worksheet_write_string(to, row++, 0,
                               word(b, "演示数据，非官方统计", "Demonstration data, not official statistics"),
                               b->bold);
    if (strcmp(domain, "training") == 0)
        worksheet_write_string(
            to, row++, 0, word(b, "仿真数据，不是真实监测数据", "Simulated data, not real monitoring data"),
            b->bold);
    for (size_t i = 0; i < YW_COUNT(heads); i++, row++) {
        worksheet_write_string(to, row, 0, word(b, heads[i].zh, heads[i].en), NULL);
        worksheet_write_string(to, row, 1, yw_doc_text(b->doc, heads[i].name), NULL);
    }
    const json_t *notes = json_object_get(b->doc, "notes"), *blocks = json_object_get(b->doc, "blocks");
    for (size_t i = 0; i < json_array_size(notes); i++)
        worksheet_write_string(to, row++, 1, json_string_value(json_array_get(notes, i)), b->wrap);
    for (size_t i = 0; i < json_array_size(blocks); i++) {
        const json_t *items = json_object_get(json_array_get(blocks, i), "items");
        if (strcmp(yw_doc_text(json_array_get(blocks, i), "kind"), "facts") != 0) continue;
        for (size_t k = 0; k < json_array_size(items); k++, row++) {
            const json_t *f = json_array_get(items, k);
            char name[400];
            snprintf(name, sizeof name, "%.200s %.60s", yw_doc_text(f, "name"), yw_doc_text(f, "unit"));
            worksheet_write_string(to, row, 0, name, NULL);
            put_number(b, to, row, 1, yw_doc_number(json_object_get(f, "value")), yw_doc_digits(f, 3));
        }
    }
}

static lxw_error write_book(const json_t *doc, const char *path) {
    struct book b = {.doc = doc, .english = strcmp(yw_doc_text(doc, "lang"), "en") == 0};
    b.book = workbook_new(path);
    if (b.book == NULL) return LXW_ERROR_MEMORY_MALLOC_FAILED;
    static const char *const formats[] = {"0", "0.0", "0.00", "0.000", "0.0000", "0.00000", "0.000000"};
    for (size_t i = 0; i < YW_COUNT(formats); i++) {
        b.number[i] = workbook_add_format(b.book);
        format_set_num_format(b.number[i], formats[i]);
    }
    b.bold = workbook_add_format(b.book);
    format_set_bold(b.bold);
    b.wrap = workbook_add_format(b.book);
    format_set_text_wrap(b.wrap);
    put_summary(&b);
    const json_t *blocks = json_object_get(doc, "blocks");
    b.charts = workbook_add_worksheet(b.book, word(&b, "图表", "charts"));
    if (b.charts != NULL) worksheet_set_column(b.charts, 0, 0, 26, NULL);
    for (size_t i = 0; i < json_array_size(blocks); i++) {
        const json_t *block = json_array_get(blocks, i);
        const char *kind = yw_doc_text(block, "kind");
        if (strcmp(kind, "table") == 0) put_table(&b, block);
        if (strcmp(kind, "bars") == 0 || strcmp(kind, "line") == 0) put_chart(&b, block);
    }
    return workbook_close(b.book);
}

enum yw_code yw_report_xlsx(const json_t *doc, struct yw_buf *out, struct yw_error *err) {
    /* libxlsxwriter writes files only: one that nobody else can open, gone before anybody could look. */
    char path[] = "/tmp/yanwu-report-XXXXXX";
    int fd = mkstemp(path);
    if (fd < 0) return yw_fail_errno(err, errno, "a temporary file");
    close(fd);
    lxw_error code = write_book(doc, path);
    enum yw_code said = code == LXW_NO_ERROR
                            ? yw_file_read(path, YW_REPORT_OUT_MAX, out, err)
                            : yw_fail(err, YW_E_SYSTEM, "the workbook: %s", lxw_strerror(code));
    unlink(path);
    return said;
}
