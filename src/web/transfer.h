/* Files in and out: what import and export of ledgers and of filings share. */
#ifndef YW_WEB_TRANSFER_H
#define YW_WEB_TRANSFER_H

#include "register/ledger.h"
#include "web/web_int.h"

/* The rows that are wrong, as the answer of an import. */
void yw_put_import_errors(struct yw_request *q, const struct yw_import_error *errors, size_t n, size_t total);
/* Import: the body (.xlsx, .csv or .zip, the query's name says which) as a book, handed to take with the
 * query's dry_run; answers what cannot be read. */
typedef unsigned yw_book_taker(struct yw_request *q, const struct yw_book *book, bool dry_run);
unsigned yw_take_book(struct yw_request *q, yw_book_taker *take);

/* Export: a book that fill fills, in the query's format. The names (of the file one gets) must last. */
typedef enum yw_code yw_book_filler(struct yw_request *q, void *arg, struct yw_book *book,
                                    struct yw_error *err);
unsigned yw_send_book(struct yw_request *q, const char *zip, const char *xlsx, yw_book_filler *fill,
                      void *arg);

#endif
