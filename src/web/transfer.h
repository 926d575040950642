/* Files in and out: what import and export of ledgers and of filings share. */
#ifndef YW_WEB_TRANSFER_H
#define YW_WEB_TRANSFER_H

#include "register/ledger.h"
#include "web/web_int.h"

/* The rows that are wrong, as the answer of an import. */
void yw_put_import_errors(struct yw_request *q, const struct yw_import_error *errors, size_t n, size_t total);
/* A book as the bytes of an .xlsx. */
enum yw_code yw_book_xlsx(const struct yw_book *book, struct yw_buf *out, struct yw_error *err);

#endif
