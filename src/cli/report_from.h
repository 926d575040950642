/* A report of a data folder, for people without a browser. */
#ifndef YW_CLI_REPORT_FROM_H
#define YW_CLI_REPORT_FROM_H

#include "report/report.h"

struct yw_report_wish {
    const char *data, *period, *at, *area;
    uint32_t outlet;        /* 0: the rates */
    bool english, document; /* document: as `yanwu report` prints it; else the answer of the API */
    int64_t now;
};
enum yw_code yw_report_from_folder(const struct yw_report_wish *w, json_t **out, struct yw_error *err);

#endif
