/* Printing in a program of its own: whatever drawing does with somebody's text, this process does not. */
#ifndef YW_WEB_REPORT_PRINT_H
#define YW_WEB_REPORT_PRINT_H

#include "base/base.h"

enum { YW_PRINT_SECONDS = 60, YW_PRINT_BYTES_MAX = 64 << 20 };
/* Gives the document to `yanwu report` and takes what it makes. YW_E_STATE: it took longer than
 * YW_PRINT_SECONDS, or said no; its own words are in the log. */
enum yw_code yw_report_print_run(const char *format, const char *document, size_t n, struct yw_buf *out,
                                 struct yw_error *err);

#endif
