/* A book into files: .xlsx by libxlsxwriter, CSV one file a sheet, or a zip of those. */
#include "register/ledger.h"

#include <stdlib.h>
#include <string.h>
#include <xlsxwriter.h>
#include <zip.h>

/* Only what would be printed just so becomes a number in the sheet: "0012" and 20-digit codes stay text. */
static bool plain_number(const char *text, double *v) {
    char back[40];
    if (text[0] == '\0' || strlen(text) > 15 || !yw_parse_f64(text, strlen(text), v)) return false;
    snprintf(back, sizeof back, "%.15g", *v);
    return strcmp(back, text) == 0;
}

enum yw_code yw_book_write_xlsx(const struct yw_book *b, const char *path, struct yw_error *err) {
    lxw_workbook *book = workbook_new(path);
    if (book == NULL) return yw_fail(err, YW_E_NOMEM, "%s: out of memory", path);
    lxw_format *bold = workbook_add_format(book);
    format_set_bold(bold);
    for (size_t s = 0; s < b->n; s++) {
        const struct yw_sheet *sheet = &b->sheets[s];
        lxw_worksheet *to = workbook_add_worksheet(book, sheet->name);
        if (to == NULL) break;
        worksheet_freeze_panes(to, 1, 0);
        worksheet_set_column(to, 0, YW_BOOK_COLUMNS_MAX - 1, 18, NULL);
        for (size_t i = 0; i < sheet->n; i++) {
            for (uint32_t c = 0; c < sheet->rows[i].n; c++) {
                const char *cell = sheet->rows[i].cells[c];
                double v;
                if (cell[0] == '\0') continue;
                if (i > 0 && plain_number(cell, &v)) {
                    worksheet_write_number(to, (lxw_row_t)i, (lxw_col_t)c, v, NULL);
                } else {
                    worksheet_write_string(to, (lxw_row_t)i, (lxw_col_t)c, cell, i == 0 ? bold : NULL);
                }
            }
        }
    }
    lxw_error code = workbook_close(book);
    return code == LXW_NO_ERROR ? YW_OK : yw_fail(err, YW_E_SYSTEM, "%s: %s", path, lxw_strerror(code));
}

static bool print_sheet(const struct yw_sheet *sheet, struct yw_buf *out) {
    yw_buf_puts(out, "\xEF\xBB\xBF");
    struct yw_buf cell;
    yw_buf_init(&cell, YW_BOOK_CELL_MAX + 2);
    for (size_t i = 0; i < sheet->n; i++) {
        for (uint32_t c = 0; c < sheet->rows[i].n; c++) {
            const char *text = sheet->rows[i].cells[c];
            double v;
            yw_buf_clear(&cell);
            /* Spreadsheet programs take a cell that begins so for a formula and run it; see import_csv.c. */
            bool formula =
                text[0] != '\0' && strchr("=+-@", text[0]) != NULL && !yw_parse_f64(text, strlen(text), &v);
            if (formula) yw_buf_putc(&cell, '\'');
            yw_buf_puts(&cell, text);
            yw_csv_put(out, cell.data != NULL ? cell.data : "", c + 1 == sheet->rows[i].n);
        }
    }
    yw_buf_free(&cell);
    return !out->failed;
}

enum yw_code yw_book_write_csv(const struct yw_book *b, const char *folder, struct yw_error *err) {
    enum yw_code code = yw_make_dirs(folder, err);
    for (size_t s = 0; s < b->n && code == YW_OK; s++) {
        struct yw_buf text, path;
        yw_buf_init(&text, YW_LEDGER_UNPACKED_MAX);
        yw_buf_init(&path, 8192);
        yw_buf_printf(&path, "%s/%s.csv", folder, b->sheets[s].name);
        if (!print_sheet(&b->sheets[s], &text) || path.failed) {
            code = yw_fail(err, YW_E_LIMIT, "sheet %s is too large", b->sheets[s].name);
        } else {
            code = yw_file_replace(yw_io_system(), path.data, text.data, text.len, err);
        }
        yw_buf_free(&text);
        yw_buf_free(&path);
    }
    return code;
}

enum yw_code yw_book_write_csv_zip(const struct yw_book *b, struct yw_buf *out, struct yw_error *err) {
    struct yw_buf text[YW_BOOK_SHEETS_MAX];
    zip_error_t why;
    zip_source_t *place = zip_source_buffer_create(NULL, 0, 0, &why);
    zip_t *zip = place == NULL ? NULL : zip_open_from_source(place, ZIP_TRUNCATE, &why);
    if (zip == NULL) {
        zip_source_free(place);
        return yw_fail(err, YW_E_NOMEM, "out of memory for the zip");
    }
    zip_source_keep(place); /* zip_close lets go of it, and we read it afterwards */
    bool good = true;
    for (size_t s = 0; s < b->n; s++) {
        yw_buf_init(&text[s], YW_LEDGER_UNPACKED_MAX);
        char name[80];
        snprintf(name, sizeof name, "%s.csv", b->sheets[s].name);
        good = good && print_sheet(&b->sheets[s], &text[s]);
        zip_source_t *part = good ? zip_source_buffer(zip, text[s].data, text[s].len, 0) : NULL;
        if (part == NULL || zip_file_add(zip, name, part, ZIP_FL_ENC_UTF_8) < 0) {
            zip_source_free(part);
            good = false;
        }
    }
    if (!good || zip_close(zip) != 0) {
        good = false;
        zip_discard(zip);
    }
    for (size_t s = 0; s < b->n; s++) yw_buf_free(&text[s]);
    if (good && zip_source_open(place) == 0) {
        char chunk[16384];
        zip_int64_t n;
        while ((n = zip_source_read(place, chunk, sizeof chunk)) > 0) yw_buf_add(out, chunk, (size_t)n);
        good = n == 0 && !out->failed;
        zip_source_close(place);
    } else {
        good = false;
    }
    zip_source_free(place);
    return good ? YW_OK : yw_fail(err, YW_E_LIMIT, "the zip of CSV files could not be made");
}
