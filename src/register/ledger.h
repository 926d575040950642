/* Ledgers (台账): the register as sheets of a workbook, for import and export.
 *
 * A book is a few sheets of text cells, whatever file it came from: .xlsx, one CSV file per sheet, or a zip
 * of them. One table (ledger.c) says which sheet and column is which member of which struct; import and
 * export both go by it, so that importing what was exported changes nothing. */
#ifndef YW_REGISTER_LEDGER_H
#define YW_REGISTER_LEDGER_H

#include "register/register.h"

enum {
    YW_LEDGER_BYTES_MAX = 32 << 20,     /* of a file given for import */
    YW_LEDGER_UNPACKED_MAX = 192 << 20, /* of all that is unpacked from it */
    YW_BOOK_SHEETS_MAX = 64,
    YW_BOOK_ROWS_MAX = 400000, /* of a sheet */
    YW_BOOK_COLUMNS_MAX = 64,
    YW_BOOK_CELL_MAX = 4096 /* bytes */
};

/* ---- book ---- */

struct yw_book_row {
    uint32_t number;          /* as people count: from 1 */
    uint32_t n;               /* cells */
    const char *const *cells; /* never NULL, "" where empty; UTF-8, blanks at both ends cut off */
};
struct yw_sheet {
    char name[64];
    struct yw_book_row *rows;
    size_t n, cap;
    bool date1904; /* numbers that are dates count from 1904 */
};
struct yw_book {
    struct yw_sheet sheets[YW_BOOK_SHEETS_MAX];
    size_t n;
    struct yw_arena *arena;
};
struct yw_book *yw_book_create(void);
void yw_book_destroy(struct yw_book *b);
struct yw_sheet *yw_book_sheet(struct yw_book *b, const char *name, struct yw_error *err);
enum yw_code yw_book_row(struct yw_book *b, struct yw_sheet *s, uint32_t number, const char *const *cells,
                         const size_t *lengths, size_t n, struct yw_error *err);

/* Reads any kind of ledger file into the book; name (may be "") is the file's name and gives a CSV its sheet
 * name. */
enum yw_code yw_book_read(struct yw_book *b, const void *bytes, size_t n, const char *name,
                          struct yw_error *err);
enum yw_code yw_book_read_xlsx(struct yw_book *b, const void *bytes, size_t n, struct yw_error *err);
enum yw_code yw_book_read_csv(struct yw_book *b, const void *bytes, size_t n, const char *name,
                              struct yw_error *err);
/* A file, or a folder of CSV files. */
enum yw_code yw_book_read_path(struct yw_book *b, const char *path, struct yw_error *err);

enum yw_code yw_book_write_xlsx(const struct yw_book *b, const char *path, struct yw_error *err);
/* FOLDER/SHEET.csv each, UTF-8 with a byte order mark (so that spreadsheet programs show Chinese). */
enum yw_code yw_book_write_csv(const struct yw_book *b, const char *folder, struct yw_error *err);
enum yw_code yw_book_write_csv_zip(const struct yw_book *b, struct yw_buf *out, struct yw_error *err);

/* ---- import ---- */

struct yw_import_error {
    char sheet[64], column[64];
    uint32_t row; /* 0: the sheet as a whole */
    char text_zh[240], text_en[240];
};
enum { YW_IMPORT_ERRORS_MAX = 200 }; /* kept; error_total counts all */

struct yw_import { /* what a ledger would change, or why it may not */
    struct yw_import_error *errors;
    size_t error_n, error_total;
    size_t areas, units, enterprises, outlets, factors, devices; /* rows read */
    struct yw_register_put put; /* rows that are new or changed; arrays belong to this struct */
    size_t changed;             /* rows in put */
};
/* Holds the book against the register; passwords of devices in put are sealed with key (the installation's;
 * NULL: left in clear, for a register that lives in memory alone). YW_OK with errors empty: put may be made
 * an act of. YW_E_FORMAT: see errors. */
enum yw_code yw_import_plan(const struct yw_register *r, const struct yw_book *b, const uint8_t *key,
                            struct yw_import *out, struct yw_error *err);
void yw_import_free(struct yw_import *i);

/* ---- export ---- */

/* All of the register (with_passwords: devices' PW too), or what `keep` lets through (NULL: everything). */
struct yw_export {
    bool with_passwords;
    const uint8_t *key; /* opens them; NULL if none is sealed */
    bool (*keep)(void *arg, const struct yw_outlet *o,
                 const struct yw_enterprise *e); /* o NULL: the enterprise */
    void *arg;
};
enum yw_code yw_export_book(const struct yw_register *r, const struct yw_export *how, struct yw_book *out,
                            struct yw_error *err);

#endif
