/* judged_int: the inside of judge.db. */
#ifndef YW_JUDGED_INT_H
#define YW_JUDGED_INT_H

#include "judged/judged.h"
#include "store/sql.h"

/* Columns of a mean that are copied member by member: kind of number, member. */
#define YW_MEAN_COLUMNS(X)                                                                                   \
    X(INT, to)                                                                                               \
    X(INT, validity)                                                                                         \
    X(INT, marking)                                                                                          \
    X(INT, condition)                                                                                        \
    X(INT, equipment)                                                                                        \
    X(INT, judged)                                                                                           \
    X(INT, transient)                                                                                        \
    X(INT, exempt)                                                                                           \
    X(INT, as_sent)                                                                                          \
    X(INT, due)                                                                                              \
    X(INT, valid)                                                                                            \
    X(INT, replaced_rule)                                                                                    \
    X(REAL, min)                                                                                             \
    X(REAL, max)                                                                                             \
    X(REAL, mean)                                                                                            \
    X(REAL, raw)                                                                                             \
    X(REAL, converted)                                                                                       \
    X(REAL, sent)                                                                                            \
    X(REAL, sent_converted)                                                                                  \
    X(REAL, flow_m3)                                                                                         \
    X(REAL, emission_kg)                                                                                     \
    X(REAL, replaced_kg)
#define YW_VERDICT_COLUMNS(X)                                                                                \
    X(INT, to)                                                                                               \
    X(INT, kind)                                                                                             \
    X(INT, period)                                                                                           \
    X(INT, basis)                                                                                            \
    X(INT, converted)                                                                                        \
    X(INT, confidence)                                                                                       \
    X(INT, counts)                                                                                           \
    X(INT, marking)                                                                                          \
    X(INT, rule)                                                                                             \
    X(REAL, value)                                                                                           \
    X(REAL, held)                                                                                            \
    X(REAL, multiple)                                                                                        \
    X(REAL, oxygen)                                                                                          \
    X(REAL, measured)                                                                                        \
    X(REAL, reference)
#define YW_TALLY_COLUMNS(X)                                                                                  \
    X(INT, to)                                                                                               \
    X(REAL, hours)                                                                                           \
    X(REAL, stopped)                                                                                         \
    X(REAL, invalid)                                                                                         \
    X(REAL, lost)                                                                                            \
    X(REAL, valid)                                                                                           \
    X(REAL, capture)                                                                                         \
    X(REAL, budget60_h)                                                                                      \
    X(REAL, budget700_h)                                                                                     \
    X(REAL, maintenance_h)                                                                                   \
    X(REAL, emission_t)                                                                                      \
    X(REAL, replaced_t)                                                                                      \
    X(REAL, permitted_t)

#define YW_COLUMN(kind, name)   ", \"" #name "\""
#define YW_DECLARED(kind, name) YW_DECLARED_##kind(name)
#define YW_DECLARED_INT(name)   ", \"" #name "\" INTEGER NOT NULL"
#define YW_DECLARED_REAL(name)  ", \"" #name "\" REAL"
#define YW_QUESTION(kind, name) ",?"

enum yw_judged_statement {
    YW_J_MEAN_PUT,
    YW_J_MEAN_GET,
    YW_J_VALIDITY_GET,
    YW_J_MEAN_REMOVE,
    YW_J_MEAN_CLEAR,
    YW_J_VERDICT_PUT,
    YW_J_VERDICT_ALL,
    YW_J_VERDICT_GONE,
    YW_J_TALLY_PUT,
    YW_J_TALLY_CLEAR,
    YW_J_ABOUT_PUT,
    YW_J_ABOUT_GET,
    YW_J_OUTLET_PUT,
    YW_J_OUTLET_GET,
    YW_J_OUTLET_ALL,
    YW_J_OUTLET_REMOVE,
    YW_J_UNIT_PUT,
    YW_J_UNIT_REMOVE,
    YW_J_UNIT_ALL,
    YW_J_UNIT_FORGET,
    YW_J_UNIT_SETTLE,
    YW_J_FACTOR_SETTLE,
    YW_J_FACTOR_UNIT,
    YW_J_MEAN_FORGET,
    YW_J_TALLY_FORGET,
    YW_J_STATEMENTS
};

struct yw_judged {
    struct yw_sql sql;
    char path[YW_STORE_PATH_MAX];
    bool read_only, batch;
    int64_t change;  /* in a batch: of the last row changed */
    uint32_t opened; /* how often another file was opened */
};

enum { YW_PACKED_MEAN = 320, YW_PACKED_REASON = 7 };
/* The bytes of a mean, the same wherever they come from; how many. */
size_t yw_mean_pack(const struct yw_mean *m, uint8_t out[YW_PACKED_MEAN]);
bool yw_mean_unpack(const uint8_t *bytes, size_t n, struct yw_mean *m);
/* Tells two rows apart: the mean, and what step one had made of it (NULL: the same). Never 0. */
uint64_t yw_mean_print(const struct yw_mean *after, const struct yw_mean *before);
size_t yw_reasons_pack(const struct yw_reason *r, size_t n, uint8_t *out);
uint8_t yw_reasons_unpack(const uint8_t *bytes, size_t n, struct yw_reason out[YW_REASONS]);

enum yw_code yw_judged_failed(struct yw_judged *j, struct yw_error *err, const char *doing);
/* A reader whose file was replaced opens the new one. */
enum yw_code yw_judged_look(struct yw_judged *j, struct yw_error *err);
sqlite3_stmt *yw_judged_statement(struct yw_judged *j, enum yw_judged_statement which, struct yw_error *err);
double yw_column_f64(sqlite3_stmt *st, int column); /* NULL: NaN */
void yw_bind_f64(sqlite3_stmt *st, int column, double v);
void yw_column_copy(sqlite3_stmt *st, int column, char *to, size_t size);
/* Columns from `at` on, as the lists above order them, then reasons. */
int yw_mean_columns(sqlite3_stmt *st, int at, struct yw_mean *m);
int yw_mean_bind(sqlite3_stmt *st, int at, const struct yw_mean *m, uint8_t *reasons);
int yw_verdict_columns(sqlite3_stmt *st, int at, struct yw_verdict *v);
int yw_verdict_bind(sqlite3_stmt *st, int at, const struct yw_verdict *v, uint8_t *reasons);
int yw_tally_columns(sqlite3_stmt *st, int at, struct yw_tally_row *t);
int yw_tally_bind(sqlite3_stmt *st, int at, const struct yw_tally_row *t);
/* The row as YW_VERDICT_SELECT gives it. */
void yw_verdict_row(sqlite3_stmt *st, struct yw_judged_verdict *v);
void yw_verdict_number(uint32_t outlet, const char *factor, const struct yw_verdict *v, char out[48]);

#define YW_MEAN_SELECT "outlet, period, \"from\", factor, unit" YW_MEAN_COLUMNS(YW_COLUMN) ", reasons"
#define YW_VERDICT_SELECT                                                                                    \
    "number, outlet, factor, unit, \"from\", change, gone, has_limit, limit_value, limit_low, limit_unit, "  \
    "limit_source, "                                                                                         \
    "limit_confidence" YW_VERDICT_COLUMNS(YW_COLUMN) ", reasons"
#define YW_TALLY_SELECT "outlet, period, \"from\", factor" YW_TALLY_COLUMNS(YW_COLUMN)

#endif
