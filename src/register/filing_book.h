/* Filings as a sheet: import and export of monitoring results, checks, reports and maintenance ledgers. Both
 * go by one table, so that importing what was exported changes nothing. */
#ifndef YW_REGISTER_FILING_BOOK_H
#define YW_REGISTER_FILING_BOOK_H

#include "register/filings.h"
#include "register/ledger.h"

struct yw_filing_import {
    struct yw_import_error *errors; /* at most YW_IMPORT_ERRORS_MAX */
    size_t error_n, error_total;
    struct yw_filing_row *rows; /* new or changed, in order of id; texts lie in the book */
    size_t n, read, amended;    /* read: good rows of the book */
};
/* Holds the book against the register. A row is found again by outlet, kind, factor and times: one that says
 * something else becomes the next version. may: whether this person files that kind at that outlet (and may
 * amend what is there). YW_E_FORMAT: see errors. */
enum yw_code yw_filing_import(const struct yw_register *r, const struct yw_book *b, uint8_t role,
                              bool (*may)(void *arg, const struct yw_outlet *o, uint8_t kind,
                                          const struct yw_filing_row *old),
                              void *arg, struct yw_filing_import *out, struct yw_error *err);
void yw_filing_import_free(struct yw_filing_import *i);

/* The sheet with its head; then rows, one by one. */
struct yw_sheet *yw_filing_sheet(struct yw_book *b, struct yw_error *err);
enum yw_code yw_filing_sheet_row(const struct yw_register *r, struct yw_book *b, struct yw_sheet *s,
                                 const struct yw_filing_row *f, struct yw_error *err);

#endif
