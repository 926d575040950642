/* queries: electronic notices (督办单) with number and deadline to the unit, which receives them and replies.
 * One about a mark is a 标记质疑: an officer doubts it, the unit alone may amend it, and while the query is
 * open the mark is disputed. One about an alarm carries the alarm's number.
 *
 *   {"act":"query.put","id":3,"mark":7,"outlet":17,"number":"DB20261123-0003","text":..,"deadline":µs} or, in
 *   place of mark, "alarm":"BJ20261123-0147"
 *   {"act":"query.receive","id":3} by the unit ·
 * {"act":"query.reply","id":3,"text":..,"result":"amended|kept"}
 *   {"act":"query.close","id":3,"text":..} by an officer */
#ifndef YW_REGISTER_QUERIES_H
#define YW_REGISTER_QUERIES_H

#include "register/versions.h"

enum {
    YW_QUERIES_MAX = 2000000, /* steps in all */
    YW_QUERIES_OUTLET_MAX = 20000,
    YW_QUERY_TEXT_MAX = 1500, /* bytes */
    YW_QUERY_NUMBER = 24
};
#define YW_QUERY_STATE_TABLE(X)                                                                              \
    X(SENT, "sent", "已发出", "sent")                                                                        \
    X(RECEIVED, "received", "已签收", "received")                                                            \
    X(REPLIED, "replied", "已回复", "replied")                                                               \
    X(CLOSED, "closed", "已办结", "closed")
enum yw_query_state {
#define X(id, name, zh, en) YW_QUERY_##id,
    YW_QUERY_STATE_TABLE(X)
#undef X
        YW_QUERY_STATES
};
const char *yw_query_state_name(uint8_t s);
const char *yw_query_state_zh(uint8_t s);

struct yw_query_row { /* as it stood after one step; head.version counts the steps */
    struct yw_version head;
    uint64_t mark;         /* 0: not about a mark */
    uint32_t mark_version; /* that was doubted */
    uint8_t state;
    bool amended; /* the reply says that the mark was amended */
    int64_t sent_at, deadline, received_at, replied_at, closed_at; /* 0: not happened */
    const char *number, *text;                                     /* what is asked */
    const char *alarm;                                             /* its number, "": none */
    const char *by;                                                /* who asked: never shown to the unit */
    const char *received_by, *replied_by, *reply;
    const char *closed_by, *closing;
};
const struct yw_query_row *yw_register_query(const struct yw_register *r, uint64_t id);
/* Of an outlet (0: of all), the newest first. */
void yw_register_queries(const struct yw_register *r, uint32_t outlet,
                         bool (*each)(void *arg, const struct yw_query_row *q), void *arg);
uint64_t yw_register_next_query(const struct yw_register *r);
/* "DB20261123-0003": the day (UTC+8) and the query's id in at least four digits. */
void yw_query_number(char out[YW_QUERY_NUMBER], uint64_t id, int64_t at);

/* mark 0: of the alarm of that number. */
bool yw_act_query_put(struct yw_buf *out, const struct yw_act *a, uint64_t id, uint64_t mark,
                      const char *alarm, uint32_t outlet, const char *number, const char *text,
                      int64_t deadline);
/* act: "query.receive", "query.reply" (with result), "query.close"; text NULL: none. */
bool yw_act_query_step(struct yw_buf *out, const struct yw_act *a, const char *act, uint64_t id,
                       const char *text, const char *result);

#endif
