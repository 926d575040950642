/* sqlite_columns: commands and devices as columns of index.db. One list a struct makes the table, the
 * statements and the copying between a struct and a row. */
#ifndef YW_STORE_SQLITE_COLUMNS_H
#define YW_STORE_SQLITE_COLUMNS_H

#include "store/sqlite_int.h"

/* INT: an integer of any width. TEXT: a fixed array. SOURCE: three columns. COUNTS: an array of uint64_t as
 * JSON, zeros at the end left out. SOURCES: answers and answer_n, as JSON [[arrival,journal,position],..]. */
#define YW_COMMAND_COLUMNS(X)                                                                                \
    X(INT, device)                                                                                           \
    X(INT, outlet)                                                                                           \
    X(INT, cn)                                                                                               \
    X(INT, version)                                                                                          \
    X(INT, flow)                                                                                             \
    X(INT, answer)                                                                                           \
    X(INT, origin)                                                                                           \
    X(TEXT, qn)                                                                                              \
    X(TEXT, by)                                                                                              \
    X(TEXT, key)                                                                                             \
    X(TEXT, cp)                                                                                              \
    X(TEXT, reason)                                                                                          \
    X(TEXT, target)                                                                                          \
    X(INT, at)                                                                                               \
    X(INT, valid_until)                                                                                      \
    X(INT, from)                                                                                             \
    X(INT, to)                                                                                               \
    X(SOURCE, sent)                                                                                          \
    X(SOURCE, first)                                                                                         \
    X(INT, until)                                                                                            \
    X(INT, attempts)                                                                                         \
    X(SOURCE, accepted)                                                                                      \
    X(SOURCE, ended)                                                                                         \
    X(INT, qnrtn)                                                                                            \
    X(INT, exertn)                                                                                           \
    X(INT, outcome)                                                                                          \
    X(INT, uploads)                                                                                          \
    X(SOURCES, answers)                                                                                      \
    X(TEXT, answer_cp)
#define YW_FACT_COLUMNS(X)                                                                                   \
    X(SOURCE, first)                                                                                         \
    X(SOURCE, last)                                                                                          \
    X(INT, packets)                                                                                          \
    X(INT, encrypted)                                                                                        \
    X(INT, crc_modbus)                                                                                       \
    X(INT, crc_lower)                                                                                        \
    X(INT, gbk)                                                                                              \
    X(INT, len_chars)                                                                                        \
    X(INT, no_tail)                                                                                          \
    X(INT, aliased)                                                                                          \
    X(INT, split)                                                                                            \
    X(COUNTS, version)                                                                                       \
    X(COUNTS, findings)                                                                                      \
    X(INT, key_id)                                                                                           \
    X(SOURCE, key_last)                                                                                      \
    X(TEXT, names)
#define YW_CLOCK_COLUMNS(X)                                                                                  \
    X(INT, device)                                                                                           \
    X(INT, n)                                                                                                \
    X(INT, odd_n)                                                                                            \
    X(INT, sum_ms)                                                                                           \
    X(INT, min_ms)                                                                                           \
    X(INT, max_ms)                                                                                           \
    X(INT, last_ms)                                                                                          \
    X(SOURCE, last)
#define YW_LINK_COLUMNS(X)                                                                                   \
    X(INT, journal)                                                                                          \
    X(INT, link)                                                                                             \
    X(TEXT, peer)                                                                                            \
    X(INT, first)                                                                                            \
    X(INT, last)                                                                                             \
    X(INT, packets)                                                                                          \
    X(INT, refused)                                                                                          \
    X(INT, position)
#define YW_NOTICE_COLUMNS(X)                                                                                 \
    X(TEXT, hardware)                                                                                        \
    X(INT, cn)                                                                                               \
    X(INT, count)                                                                                            \
    X(TEXT, cp)                                                                                              \
    X(TEXT, peer)                                                                                            \
    X(SOURCE, last)

/* Each list is used behind a first column that is written out, hence the commas before. */
#define YW_DECLARE(kind, f)   YW_DECLARE_##kind(f)
#define YW_DECLARE_INT(f)     ", \"" #f "\" INTEGER NOT NULL"
#define YW_DECLARE_TEXT(f)    ", \"" #f "\" TEXT NOT NULL"
#define YW_DECLARE_COUNTS(f)  YW_DECLARE_TEXT(f)
#define YW_DECLARE_SOURCES(f) YW_DECLARE_TEXT(f)
#define YW_DECLARE_SOURCE(f)                                                                                 \
    ", " #f "_arrival INTEGER NOT NULL, " #f "_journal INTEGER NOT NULL, " #f "_position INTEGER NOT NULL"
#define YW_NAME(kind, f)   YW_NAME_##kind(f)
#define YW_NAME_INT(f)     ", \"" #f "\""
#define YW_NAME_TEXT(f)    YW_NAME_INT(f)
#define YW_NAME_COUNTS(f)  YW_NAME_INT(f)
#define YW_NAME_SOURCES(f) YW_NAME_INT(f)
#define YW_NAME_SOURCE(f)  ", " #f "_arrival, " #f "_journal, " #f "_position"
#define YW_MARK(kind, f)   YW_MARK_##kind
#define YW_MARK_INT        ",?"
#define YW_MARK_TEXT       ",?"
#define YW_MARK_COUNTS     ",?"
#define YW_MARK_SOURCES    ",?"
#define YW_MARK_SOURCE     ",?,?,?"

/* Statements of sqlite_device.c and sqlite_command.c; sqlite_index.c has more behind them. */
enum yw_index_statement {
    YW_I_COMMAND_GET,
    YW_I_COMMAND_PUT,
    YW_I_COMMAND_OF_ID,
    YW_I_COMMAND_OF_DEVICE,
    YW_I_COMMAND_OF_OUTLET,
    YW_I_COMMAND_OF_CN,
    YW_I_COMMAND_OPEN,
    YW_I_COMMAND_ALL,
    YW_I_LIFE_PUT,
    YW_I_ASKED_CLOCK_PUT,
    YW_I_ASKED_CLOCK_DROP,
    YW_I_ASKED_CLOCK_OF,
    YW_I_ASKED_CLOCK_SINCE,
    YW_I_ASKED_CLOCK_TRIM,
    YW_I_FACT_GET,
    YW_I_FACT_PUT,
    YW_I_FACT_ALL,
    YW_I_CLOCK_GET,
    YW_I_CLOCK_PUT,
    YW_I_CLOCK_SINCE,
    YW_I_CLOCK_DAYS,
    YW_I_CLOCK_TRIM,
    YW_I_LINK_GET,
    YW_I_LINK_PUT,
    YW_I_LINK_OF,
    YW_I_LINK_SINCE,
    YW_I_LINK_TRIM,
    YW_I_NOTICE_GET,
    YW_I_NOTICE_PUT,
    YW_I_NOTICE_COUNT,
    YW_I_NOTICE_SINCE,
    YW_I_TALLIED_PUT,
    YW_I_TALLIED_ALL,
    YW_I_TOUCHED_PUT,
    YW_I_TOUCHED_SINCE,
    YW_I_TOUCHED_LAST,
    YW_I_TOUCHED_TRIM,
    YW_I_STATEMENTS
};

#define YW_DEVICE_SCHEMA                                                                                                                                                   \
    "CREATE TABLE IF NOT EXISTS command(id INTEGER PRIMARY KEY" YW_COMMAND_COLUMNS(                                                                                        \
        YW_DECLARE) ") STRICT;"                                                                                                                                            \
                    "CREATE INDEX IF NOT EXISTS command_device ON command(device, id);"                                                                                    \
                    "CREATE INDEX IF NOT EXISTS command_outlet ON command(outlet, id);"                                                                                    \
                    "CREATE INDEX IF NOT EXISTS command_cn ON command(cn, id);"                                                                                            \
                    "CREATE INDEX IF NOT EXISTS command_open ON command(id) WHERE ended_arrival=0;" /* where                                                               \
                                                                                                       the                                                                 \
                                                                                                       newest                                                              \
                                                                                                       life                                                                \
                                                                                                       of                                                                  \
                                                                                                       each                                                                \
                                                                                                       worker                                                              \
                                                                                                       began                                                               \
                                                                                                     */                                                                    \
                    "CREATE TABLE IF NOT EXISTS life(journal INTEGER PRIMARY KEY, arrival INTEGER NOT NULL,"                                                               \
                    " position INTEGER NOT NULL) STRICT;" /* what the answered 1011 say, one row a command                                                                 \
                                                           */                                                                                                              \
                    "CREATE TABLE IF NOT EXISTS asked_clock(command INTEGER PRIMARY KEY, device INTEGER "                                                                  \
                    "NOT NULL,"                                                                                                                                            \
                    " day INTEGER NOT NULL, ms INTEGER NOT NULL, arrival INTEGER NOT NULL, journal INTEGER "                                                               \
                    "NOT NULL,"                                                                                                                                            \
                    " position INTEGER NOT NULL) STRICT;"                                                                                                                  \
                    "CREATE INDEX IF NOT EXISTS asked_clock_device ON asked_clock(device, day);"                                                                           \
                    "CREATE TABLE IF NOT EXISTS fact(device INTEGER PRIMARY KEY" YW_FACT_COLUMNS(                                                                          \
                        YW_DECLARE) ") STRICT;" /* by day first: what is written to of late lies together */                                                               \
                                    "CREATE TABLE IF NOT EXISTS clock(day INTEGER NOT "                                                                                    \
                                    "NULL" YW_CLOCK_COLUMNS(                                                                                                               \
                                        YW_DECLARE) ", PRIMARY KEY(day, device)) STRICT, WITHOUT ROWID;"                                                                   \
                                                    "CREATE TABLE IF NOT EXISTS link(device INTEGER NOT "                                                                  \
                                                    "NULL" YW_LINK_COLUMNS(                                                                                                \
                                                        YW_DECLARE) ", PRIMARY KEY(device, journal, link, "                                                                \
                                                                    "peer)) STRICT, WITHOUT ROWID;"                                                                        \
                                                                    "CREATE INDEX IF NOT EXISTS link_last "                                                                \
                                                                    "ON link(\"last\");"                                                                                   \
                                                                    "CREATE TABLE IF NOT EXISTS "                                                                          \
                                                                    "notice(device INTEGER NOT "                                                                           \
                                                                    "NULL" YW_NOTICE_COLUMNS(                                                                              \
                                                                        YW_DECLARE) ", PRIMARY KEY(device, "                                                               \
                                                                                    "hardware, cn)) "                                                                      \
                                                                                    "STRICT, WITHOUT ROWID;" /* everything before it is in fact, clock, link and notice */ \
                                                                                    "CREATE TABLE IF NOT "                                                                 \
                                                                                    "EXISTS "                                                                              \
                                                                                    "tallied(journal "                                                                     \
                                                                                    "INTEGER PRIMARY KEY, "                                                                \
                                                                                    "position INTEGER NOT "                                                                \
                                                                                    "NULL) STRICT;"

#define YW_COMMANDS_FROM                                                                                     \
    "SELECT command.id" YW_COMMAND_COLUMNS(                                                                  \
        YW_NAME) ", life.arrival, life.journal, life.position"                                               \
                 " FROM command LEFT JOIN life ON life.journal = first_journal"
#define YW_LINKS_ORDER " ORDER BY \"last\" DESC, device, journal, link, peer"

#define YW_DEVICE_STATEMENTS                                                                                 \
    [YW_I_COMMAND_GET] = "SELECT id" YW_COMMAND_COLUMNS(YW_NAME) " FROM command WHERE id=?",                 \
    [YW_I_COMMAND_PUT] = "INSERT OR REPLACE INTO command VALUES(?" YW_COMMAND_COLUMNS(YW_MARK) ")",          \
    [YW_I_COMMAND_OF_ID] = YW_COMMANDS_FROM " WHERE id=?1 AND id<?2",                                        \
    [YW_I_COMMAND_OF_DEVICE] = YW_COMMANDS_FROM " WHERE device=?1 AND id<?2 ORDER BY id DESC",               \
    [YW_I_COMMAND_OF_OUTLET] = YW_COMMANDS_FROM " WHERE outlet=?1 AND id<?2 ORDER BY id DESC",               \
    [YW_I_COMMAND_OF_CN] = YW_COMMANDS_FROM " WHERE cn=?1 AND id<?2 ORDER BY id DESC",                       \
    [YW_I_COMMAND_OPEN] = YW_COMMANDS_FROM " WHERE ended_arrival=?1 AND id<?2 AND ended_arrival=0"           \
                                           " ORDER BY id DESC",                                              \
    [YW_I_COMMAND_ALL] = YW_COMMANDS_FROM " WHERE ?1=0 AND id<?2 ORDER BY id DESC",                          \
    [YW_I_LIFE_PUT] = "INSERT INTO life VALUES(?,?,?) ON CONFLICT(journal) DO UPDATE SET"                    \
                      " arrival=excluded.arrival, position=excluded.position"                                \
                      " WHERE excluded.position>position",                                                   \
    [YW_I_ASKED_CLOCK_PUT] = "INSERT OR REPLACE INTO asked_clock VALUES(?,?,?,?,?,?,?)",                     \
    [YW_I_ASKED_CLOCK_DROP] = "DELETE FROM asked_clock WHERE command=?",                                     \
    [YW_I_ASKED_CLOCK_OF] = "SELECT device, day, ms, arrival, journal, position FROM asked_clock"            \
                            " WHERE device=?1 AND day>=?2",                                                  \
    [YW_I_ASKED_CLOCK_SINCE] = "SELECT device, day, ms, arrival, journal, position FROM asked_clock"         \
                               " WHERE ?1=0 AND day>=?2",                                                    \
    [YW_I_ASKED_CLOCK_TRIM] = "DELETE FROM asked_clock WHERE day<?",                                         \
    [YW_I_FACT_GET] = "SELECT device" YW_FACT_COLUMNS(YW_NAME) " FROM fact WHERE device=?",                  \
    [YW_I_FACT_PUT] = "INSERT OR REPLACE INTO fact VALUES(?" YW_FACT_COLUMNS(YW_MARK) ")",                   \
    [YW_I_FACT_ALL] = "SELECT device" YW_FACT_COLUMNS(YW_NAME) " FROM fact ORDER BY device",                 \
    [YW_I_CLOCK_GET] = "SELECT day" YW_CLOCK_COLUMNS(YW_NAME) " FROM clock WHERE day=? AND device=?",        \
    [YW_I_CLOCK_PUT] = "INSERT OR REPLACE INTO clock VALUES(?" YW_CLOCK_COLUMNS(YW_MARK) ")",                \
    [YW_I_CLOCK_SINCE] = "SELECT day" YW_CLOCK_COLUMNS(YW_NAME) " FROM clock WHERE day>=?",                  \
    [YW_I_CLOCK_DAYS] = "SELECT min(day), max(day) FROM clock",                                              \
    [YW_I_CLOCK_TRIM] = "DELETE FROM clock WHERE day<?",                                                     \
    [YW_I_LINK_GET] = "SELECT device" YW_LINK_COLUMNS(                                                       \
        YW_NAME) " FROM link WHERE device=? AND journal=? AND link=? AND peer=?",                            \
    [YW_I_LINK_PUT] = "INSERT OR REPLACE INTO link VALUES(?" YW_LINK_COLUMNS(YW_MARK) ")",                   \
    [YW_I_LINK_OF] = "SELECT device" YW_LINK_COLUMNS(                                                        \
        YW_NAME) " FROM link WHERE device=?1 AND \"last\">=?2" YW_LINKS_ORDER,                               \
    [YW_I_LINK_SINCE] =                                                                                      \
        "SELECT device" YW_LINK_COLUMNS(YW_NAME) " FROM link WHERE ?1=0 AND \"last\">=?2" YW_LINKS_ORDER,    \
    [YW_I_LINK_TRIM] = "DELETE FROM link WHERE \"last\"<?",                                                  \
    [YW_I_NOTICE_GET] =                                                                                      \
        "SELECT device" YW_NOTICE_COLUMNS(YW_NAME) " FROM notice WHERE device=? AND cn=? AND hardware=?",    \
    [YW_I_NOTICE_PUT] = "INSERT OR REPLACE INTO notice VALUES(?" YW_NOTICE_COLUMNS(YW_MARK) ")",             \
    [YW_I_NOTICE_COUNT] = "SELECT count(*) FROM notice",                                                     \
    [YW_I_NOTICE_SINCE] =                                                                                    \
        "SELECT device" YW_NOTICE_COLUMNS(YW_NAME) " FROM notice WHERE last_arrival>=?"                      \
                                                   " ORDER BY last_arrival DESC, device, hardware, cn",      \
    [YW_I_TALLIED_PUT] = "INSERT INTO tallied VALUES(?,?) ON CONFLICT(journal)"                              \
                         " DO UPDATE SET position = max(position, excluded.position)",                       \
    [YW_I_TALLIED_ALL] = "SELECT journal, position FROM tallied"

/* ---- copying between a struct and a row ---- */

enum yw_column_kind { YW_COLUMN_INT, YW_COLUMN_TEXT, YW_COLUMN_SOURCE, YW_COLUMN_SOURCES, YW_COLUMN_COUNTS };
struct yw_column {
    uint8_t kind;
    bool is_signed;
    uint16_t offset, size;
};
#define YW_COLUMN(type, kind, f) YW_COLUMN_OF_##kind(type, f)
#define YW_COLUMN_PLACE(type, f) .offset = offsetof(type, f), .size = sizeof(((type *)0)->f)
#define YW_COLUMN_OF_INT(type, f)                                                                            \
    {.kind = YW_COLUMN_INT, .is_signed = (__typeof__(((type *)0)->f))-1 < 1, YW_COLUMN_PLACE(type, f)},
#define YW_COLUMN_OF_TEXT(type, f)    {.kind = YW_COLUMN_TEXT, YW_COLUMN_PLACE(type, f)},
#define YW_COLUMN_OF_SOURCE(type, f)  {.kind = YW_COLUMN_SOURCE, YW_COLUMN_PLACE(type, f)},
#define YW_COLUMN_OF_SOURCES(type, f) {.kind = YW_COLUMN_SOURCES, YW_COLUMN_PLACE(type, f)},
#define YW_COLUMN_OF_COUNTS(type, f)  {.kind = YW_COLUMN_COUNTS, YW_COLUMN_PLACE(type, f)},

struct yw_columns {
    const struct yw_column *list;
    size_t n;
};
/* Fills item from the columns of a row, in order from 0; what the row has behind them is the caller's. */
void yw_columns_read(const struct yw_columns *c, sqlite3_stmt *st, void *item);
/* Binds them in order from 1. Texts are copied. */
void yw_columns_bind(const struct yw_columns *c, sqlite3_stmt *st, const void *item);

/* ---- sqlite_touched.c ---- */

#define YW_TOUCHED_SCHEMA                                                                                    \
    "CREATE TABLE IF NOT EXISTS touched(outlet INTEGER NOT NULL, kind INTEGER NOT NULL, hour INTEGER NOT "   \
    "NULL, generation INTEGER NOT NULL, PRIMARY KEY(outlet, kind, hour)) STRICT, WITHOUT ROWID;"             \
    "CREATE INDEX IF NOT EXISTS touched_generation ON touched(generation);"
#define YW_TOUCHED_STATEMENTS                                                                                \
    [YW_I_TOUCHED_PUT] = "INSERT OR REPLACE INTO touched VALUES(?,?,?,?)",                                   \
    [YW_I_TOUCHED_SINCE] = "SELECT outlet, kind, hour, generation FROM touched WHERE generation>? "          \
                           "ORDER BY generation, outlet, kind, hour",                                        \
    [YW_I_TOUCHED_LAST] = "SELECT coalesce(max(generation), 0) FROM touched",                                \
    [YW_I_TOUCHED_TRIM] = "DELETE FROM touched WHERE generation<?"

#endif
