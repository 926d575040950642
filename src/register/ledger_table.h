/* Which sheet and column of a ledger is which member of which struct. */
#ifndef YW_REGISTER_LEDGER_TABLE_H
#define YW_REGISTER_LEDGER_TABLE_H

#include "register/ledger.h"
#include "register/model.h"

struct yw_column {
    const char *member; /* of the sheet's struct; "enterprise"/"outlet"/"maintainer": a reference, see
                           import_plan.c */
    const char *zh, *en;
    const char *others; /* further names, separated by '|' */
    bool key;           /* must be there as a column, and filled in every row */
};
struct yw_ledger_sheet {
    int shape; /* YW_SHAPE_* */
    const char *zh, *en;
    const struct yw_column *columns;
    size_t column_n;
};
enum { YW_LEDGER_SHEETS = 6, YW_LEDGER_COLUMNS_MAX = 16 };
extern const struct yw_ledger_sheet yw_ledger_sheets[YW_LEDGER_SHEETS];

/* Chinese and English words for kinds and states as ledgers print them. */
const char *yw_word_zh(enum yw_field_kind kind, uint8_t value);
bool yw_word_value(enum yw_field_kind kind, const char *text, uint8_t *out);
/* Whether a cell of the head names this column: blanks, case, '*' and what stands in brackets do not count.
 */
bool yw_column_named(const struct yw_column *c, const char *head);
bool yw_head_ignored(const char *head); /* 序号, 备注 and the like */
bool yw_sheet_named(const struct yw_ledger_sheet *s, const char *name);
const struct yw_field *yw_shape_field(int shape, const char *member);

#endif
