/* rules: what every back end must do alike. */
#ifndef YW_STORE_RULES_H
#define YW_STORE_RULES_H

#include "store/store.h"

/* YW_E_RANGE with a sentence if a row could not be kept exactly. */
enum yw_code yw_row_check(const struct yw_row *row, struct yw_error *err);
bool yw_row_is_odd(const struct yw_row *row);
int64_t yw_hour_of(int64_t time); /* start of the hour it lies in */
/* Is its hour noted as touched? (see yw_store_backend.touched) */
bool yw_row_touches(const struct yw_row *row);
/* The tally of an MN takes one more packet (or another tally of it): the same in any order. */
void yw_waiting_merge(struct yw_waiting *into, const struct yw_waiting *more);
/* Parts of one command (the same id) in any order; lost stays as it is. */
void yw_asked_merge(struct yw_asked *into, const struct yw_asked *more);
/* start: of the newest life of the worker whose journal a was sent from. */
bool yw_asked_is_lost(const struct yw_asked *a, const struct yw_source *start);
bool yw_asked_fits(const struct yw_asked *a, const struct yw_asked_filter *f);

/* Tallies of one thing: the same in any order. `into` may be empty (all zero but for what names it). */
void yw_fact_merge(struct yw_device_fact *into, const struct yw_device_fact *more);
void yw_clock_merge(struct yw_device_day *into, const struct yw_device_day *more);
void yw_link_merge(struct yw_device_link *into, const struct yw_device_link *more);
void yw_notice_merge(struct yw_notice *into, const struct yw_notice *more);
/* Adds a name to yw_device_fact.names. */
void yw_names_add(char *list, size_t size, const char *name, size_t n);
/* What an answered 1011 says of the device's clock, as a tally of its day. */
bool yw_clock_of_asked(const struct yw_asked *a, struct yw_device_day *out);
/* Sorts the days, newest first, and adds up those of one device and day; returns how many are left. */
size_t yw_clocks_sum(struct yw_device_day *days, size_t n);

enum yw_code yw_series_check(int64_t from, int64_t to, size_t most, struct yw_error *err);

/* Months are those of UTC+8; their number is year * 12 + month - 1. */
enum { YW_MONTH_NAME = 8 };
int32_t yw_month_of(int64_t time);
void yw_month_name(int32_t month, char out[YW_MONTH_NAME]); /* "2026-11" */
int64_t yw_month_start(int32_t month);
bool yw_month_number(const char *name, size_t n, int32_t *out); /* 2000-01 to 9998-12 */
enum yw_code yw_month_parse(const char *name, int64_t *from, int64_t *to, struct yw_error *err);

#endif
