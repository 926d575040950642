/* Sheets of filings from anywhere: read or refused with a sentence for each row, and what is let through the
 * register takes as it is. */
#include <stdlib.h>
#include <string.h>

#include "register/filing_book.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool may(void *arg, const struct yw_outlet *o, uint8_t kind, const struct yw_filing_row *old) {
    (void)arg, (void)o, (void)old;
    return kind != YW_FILING_ENFORCEMENT;
}

static struct yw_register *province(void) {
    static const char put[] =
        "{\"act\":\"register.put\",\"by\":\"x\",\"at\":1,\"enterprises\":[{\"id\":1,\"credit_code\":"
        "\"91410100MA0000001X\",\"name\":\"e\"}],"
        "\"outlets\":[{\"id\":1,\"enterprise\":1,\"code\":\"DA001\",\"name\":\"o\",\"kind\":\"air\"}]}";
    struct yw_register *r = yw_register_create();
    if (r == NULL || yw_register_apply(r, put, sizeof put - 1, NULL) != YW_OK) abort();
    return r;
}

/* Importing it again must change nothing. */
static void apply(struct yw_register *r, const struct yw_book *book, const struct yw_filing_import *plan) {
    struct yw_buf act;
    struct yw_act a = {.by = "u", .at = 5};
    struct yw_filing_import again;
    struct yw_error err = {0};
    yw_buf_init(&act, YW_ACT_MAX);
    if (plan->n > 0 && yw_act_filings_put(&act, &a, plan->rows, plan->n)) {
        if (yw_register_apply(r, act.data, act.len, &err) != YW_OK) abort();
        if (yw_filing_import(r, book, 1, may, NULL, &again, &err) != YW_OK || again.n != 0) abort();
        yw_filing_import_free(&again);
    }
    yw_buf_free(&act);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct yw_register *r = province();
    struct yw_book *book = yw_book_create();
    struct yw_filing_import plan;
    struct yw_error err = {0};
    if (book != NULL && yw_book_read(book, data, size, "filings.csv", &err) == YW_OK) {
        enum yw_code code = yw_filing_import(r, book, 1, may, NULL, &plan, &err);
        if (code == YW_OK) apply(r, book, &plan);
        if (code != YW_OK && err.text[0] == '\0') abort();
        for (size_t i = 0; i < plan.error_n; i++) {
            if (plan.errors[i].text_zh[0] == '\0' || plan.errors[i].text_en[0] == '\0') abort();
        }
        yw_filing_import_free(&plan);
    }
    yw_book_destroy(book);
    yw_register_destroy(r);
    return 0;
}
