/* The columns of a sheet of filings: import and export both go by them. */
#ifndef YW_REGISTER_FILING_TABLE_H
#define YW_REGISTER_FILING_TABLE_H

#include "register/ledger_table.h"

enum yw_filing_column {
    YW_COLUMN_CREDIT,
    YW_COLUMN_OUTLET,
    YW_COLUMN_KIND,
    YW_COLUMN_FROM,
    YW_COLUMN_TO,
    YW_COLUMN_FACTOR,
    YW_COLUMN_READING,
    YW_COLUMN_NOMINAL,
    YW_COLUMN_FULL_SCALE,
    YW_COLUMN_PASSED,
    YW_COLUMN_REFERENCE,
    YW_COLUMN_MEASURED,
    YW_COLUMN_TEXT,
    YW_COLUMN_DOCUMENT,
    YW_COLUMN_BY_NAME,
    YW_COLUMN_STATE,
    YW_FILING_COLUMNS
};
extern const struct yw_column yw_filing_columns[YW_FILING_COLUMNS];

#endif
