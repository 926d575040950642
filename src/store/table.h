/* table: the values of a store as an SQL table, one row a factor of a record. */
#ifndef YW_STORE_TABLE_H
#define YW_STORE_TABLE_H

#include "store/store.h"

struct sqlite3;
/* Adds the table yw_value over the store in folder (DATA/series) to a connection; yw_value('2026-11') is one
 * month, and what the view `value` inside that month's file stands for. Columns: outlet, kind ('minute'),
 * time (microseconds UTC), at (text, UTC+8), factor, rtd, min, avg, max, cou, zsrtd, zsmin, zsavg, zsmax
 * (numbers), flag, fields (JSON, everything exactly as sent), arrival, journal ('p0'), position, device,
 *   backfilled, copies, current (1: no other revision counts instead) */
enum yw_code yw_store_table(struct sqlite3 *db, const char *folder, struct yw_error *err);
enum yw_code yw_store_table_months(const char *folder, struct yw_buf *out,
                                   struct yw_error *err); /* "2026-10\n2026-11\n" */

#endif
