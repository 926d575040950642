/* sql_views: commands and devices in index.db as views for people. */
#ifndef YW_SQL_VIEWS_H
#define YW_SQL_VIEWS_H

#include "base/base.h"

struct sqlite3;
/* Adds the temporary views commands, facts, findings, clocks, links and notices, and the functions they use.
 */
enum yw_code yw_sql_views(struct sqlite3 *db, struct yw_error *err);
/* What the judge said: means, verdicts and tallies of SERIES/judge.db, attached as `judged` if it is there.
 */
enum yw_code yw_sql_judged(struct sqlite3 *db, const char *series, struct yw_error *err);

#endif
