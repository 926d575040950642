#include "cli/sql_views.h"

#include "command/dialog.h"
#include "store/store.h"

#include <sqlite3.h>

/* Every view names the device by its MN; d is the register's table. */
static const char views[] =
    "CREATE TEMP VIEW commands AS SELECT c.id, at_time(c.at) AS at, c.device, d.mn, c.outlet, c.key, c.cn, "
    "c.cp,"
    " origin_name(c.origin) AS origin, c.by, c.target, c.reason, c.qn, at_time(c.valid_until) AS valid_until,"
    " command_state(c.ended_arrival, c.first_journal = l.journal AND c.first_position < l.position,"
    "  c.first_arrival, c.accepted_arrival, c.valid_until, c.until, c.answer) AS state,"
    " outcome_name(c.outcome) AS outcome, c.attempts, nullif(c.qnrtn, -1) AS qnrtn, nullif(c.exertn, -1) AS "
    "exertn,"
    " at_time(c.sent_arrival) AS sent, at_time(c.accepted_arrival) AS accepted, at_time(c.ended_arrival) AS "
    "ended,"
    " c.uploads, c.answer_cp AS answered, CASE WHEN c.first_arrival <> 0 THEN 'p' || c.first_journal END AS "
    "journal,"
    " CASE WHEN c.first_arrival <> 0 THEN c.first_position END AS position"
    " FROM main.command c LEFT JOIN device d ON d.id = c.device LEFT JOIN main.life l ON l.journal = "
    "c.first_journal"
    " WHERE c.cn <> 0;"
    "CREATE TEMP VIEW facts AS SELECT f.device, d.mn, f.packets, at_time(f.first_arrival) AS first,"
    " at_time(f.last_arrival) AS last, coalesce(json_extract(f.version, '$[0]'), 0) AS v2005,"
    " coalesce(json_extract(f.version, '$[1]'), 0) AS v2017, coalesce(json_extract(f.version, '$[2]'), 0) AS "
    "v2025,"
    " f.encrypted, nullif(f.key_id, 0) AS key_id, f.crc_modbus, f.crc_lower, f.gbk, f.len_chars, f.no_tail, "
    "f.split,"
    " f.aliased, f.names FROM main.fact f LEFT JOIN device d ON d.id = f.device;"
    "CREATE TEMP VIEW findings AS SELECT f.device, d.mn, finding_name(e.key) AS finding, e.value AS packets"
    " FROM main.fact f JOIN json_each(f.findings) e LEFT JOIN device d ON d.id = f.device WHERE e.value > 0;"
    "CREATE TEMP VIEW clocks AS SELECT c.device, d.mn, date(c.day * 86400, 'unixepoch') AS day, c.n,"
    " CASE WHEN c.n > 0 THEN c.sum_ms / c.n END AS mean_ms, CASE WHEN c.n > 0 THEN c.min_ms END AS min_ms,"
    " CASE WHEN c.n > 0 THEN c.max_ms END AS max_ms, c.last_ms, c.odd_n,"
    " (SELECT a.ms FROM main.asked_clock a WHERE a.device = c.device AND a.day = c.day ORDER BY a.arrival "
    "DESC"
    "  LIMIT 1) AS asked_ms FROM main.clock c LEFT JOIN device d ON d.id = c.device;"
    "CREATE TEMP VIEW links AS SELECT l.device, d.mn, 'p' || l.journal AS journal, l.link, l.peer,"
    " at_time(l.\"first\") AS first, at_time(l.\"last\") AS last, l.packets, l.refused"
    " FROM main.link l LEFT JOIN device d ON d.id = l.device;"
    "CREATE TEMP VIEW notices AS SELECT n.device, d.mn, n.hardware, n.cn, n.count, n.cp, n.peer,"
    " at_time(n.last_arrival) AS last FROM main.notice n LEFT JOIN device d ON d.id = n.device;";

/* Microseconds UTC -> text in UTC+8; 0 is NULL. */
static void at_time(sqlite3_context *x, int n, sqlite3_value **v) {
    char text[40];
    YW_UNUSED(n);
    int64_t time = sqlite3_value_int64(v[0]);
    if (time == 0) return;
    yw_time_text(time, text);
    sqlite3_result_text(x, text, -1, SQLITE_TRANSIENT);
}

static void origin_name(sqlite3_context *x, int n, sqlite3_value **v) {
    YW_UNUSED(n);
    sqlite3_result_text(x, yw_origin_name((uint8_t)sqlite3_value_int(v[0])), -1, SQLITE_STATIC);
}

static void outcome_name(sqlite3_context *x, int n, sqlite3_value **v) {
    YW_UNUSED(n);
    uint8_t outcome = (uint8_t)sqlite3_value_int(v[0]);
    if (outcome != YW_OUTCOME_NONE) sqlite3_result_text(x, yw_outcome_name(outcome), -1, SQLITE_STATIC);
}

static void finding_name(sqlite3_context *x, int n, sqlite3_value **v) {
    YW_UNUSED(n);
    int code = sqlite3_value_int(v[0]);
    if (code >= 0 && code < HJ212_F_COUNT)
        sqlite3_result_text(x, hj212_finding_name(code), -1, SQLITE_STATIC);
}

static void command_state(sqlite3_context *x, int n, sqlite3_value **v) {
    YW_UNUSED(n);
    struct yw_asked a = yw_asked_part(0);
    a.ended.arrival = sqlite3_value_int64(v[0]);
    a.lost = sqlite3_value_int(v[1]) != 0;
    a.first.arrival = sqlite3_value_int64(v[2]);
    a.accepted.arrival = sqlite3_value_int64(v[3]);
    a.valid_until = sqlite3_value_int64(v[4]);
    a.until = sqlite3_value_int64(v[5]);
    a.answer = (uint8_t)sqlite3_value_int(v[6]);
    sqlite3_result_text(x, yw_asked_state_name(yw_asked_state(&a, yw_now())), -1, SQLITE_STATIC);
}

enum yw_code yw_sql_views(struct sqlite3 *db, struct yw_error *err) {
    static const struct {
        const char *name;
        int arguments;
        void (*call)(sqlite3_context *x, int n, sqlite3_value **v);
    } functions[] = {{"at_time", 1, at_time},
                     {"origin_name", 1, origin_name},
                     {"outcome_name", 1, outcome_name},
                     {"finding_name", 1, finding_name},
                     {"command_state", 7, command_state}};
    int rc = SQLITE_OK;
    for (size_t i = 0; rc == SQLITE_OK && i < YW_COUNT(functions); i++)
        rc = sqlite3_create_function_v2(db, functions[i].name, functions[i].arguments,
                                        SQLITE_UTF8 | SQLITE_INNOCUOUS, NULL, functions[i].call, NULL, NULL,
                                        NULL);
    if (rc == SQLITE_OK) rc = sqlite3_exec(db, views, NULL, NULL, NULL);
    return rc == SQLITE_OK ? YW_OK : yw_fail(err, YW_E_FORMAT, "%s", sqlite3_errmsg(db));
}
