/* rules: what every back end must do alike. */
#ifndef YW_STORE_RULES_H
#define YW_STORE_RULES_H

#include "store/store.h"

/* YW_E_RANGE with a sentence if a row could not be kept exactly. */
enum yw_code yw_row_check(const struct yw_row *row, struct yw_error *err);
bool yw_row_is_odd(const struct yw_row *row);
/* The tally of an MN takes one more packet (or another tally of it): the same in any order. */
void yw_waiting_merge(struct yw_waiting *into, const struct yw_waiting *more);
enum yw_code yw_series_check(int64_t from, int64_t to, size_t most, struct yw_error *err);

/* Months are those of UTC+8; their number is year * 12 + month - 1. */
enum { YW_MONTH_NAME = 8 };
int32_t yw_month_of(int64_t time);
void yw_month_name(int32_t month, char out[YW_MONTH_NAME]); /* "2026-11" */
int64_t yw_month_start(int32_t month);
bool yw_month_number(const char *name, size_t n, int32_t *out); /* 2000-01 to 9998-12 */
enum yw_code yw_month_parse(const char *name, int64_t *from, int64_t *to, struct yw_error *err);

#endif
