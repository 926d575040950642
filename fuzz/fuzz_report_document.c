/* Any bytes as a document: what is let through can be laid out on paper and in cells; and as a period. */
#include <stdlib.h>
#include <string.h>

#include "cli/report.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size < 1 || size > 1 << 16) return 0;
    char at[32];
    struct yw_report_period p;
    static const char *const periods[] = {"day", "month", "quarter", "year"};
    (void)yw_copy(at, sizeof at, (const char *)data + 1, size - 1 < 20 ? size - 1 : 20);
    if (yw_report_period_parse(periods[data[0] % 4], at, 0, &p, NULL) == YW_OK) {
        struct yw_report_period next, back;
        yw_report_period_step(&p, 1, &next);
        yw_report_period_step(&next, -1, &back);
        if (p.from >= p.to || next.from != p.to || back.from != p.from || strcmp(back.at, p.at) != 0) abort();
    }
    json_t *doc;
    struct yw_error err;
    if (yw_report_document_read((const char *)data, size, &doc, &err) != YW_OK) return 0;
    struct yw_buf out;
    yw_buf_init(&out, YW_REPORT_OUT_MAX);
    if (yw_report_pdf(doc, &out, &err) == YW_OK && (out.len < 5 || memcmp(out.data, "%PDF-", 5) != 0))
        abort();
    yw_buf_clear(&out);
    if (yw_report_xlsx(doc, &out, &err) == YW_OK && (out.len < 2 || memcmp(out.data, "PK", 2) != 0)) abort();
    yw_buf_free(&out);
    json_decref(doc);
    return 0;
}
