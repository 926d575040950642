/* The policy that asks devices for what is missing. What it remembers is only when to look again and what the
 * last look found; what is missing, asked and given up follows from the store each time. */
#ifndef YW_WEB_GAPS_POLICY_H
#define YW_WEB_GAPS_POLICY_H

#include "base/base.h"

struct yw_web;
struct yw_store;
struct yw_register;
struct yw_user;
struct yw_gap_book;

#define YW_GAPS_BY "policy:gaps"

struct yw_gap_book *yw_gap_book_create(void);
void yw_gap_book_destroy(struct yw_gap_book *b);

/* Policies of the installation (policy.set), with what holds where none is set:
 *   gap_policy 2     1: watch only, 2: ask for what is missing (a device's own gap_policy counts over it)
 *   gap_days 7       days back that are looked at in every round
 *   gap_old_days 60  further back it looks gently: one window of gap_days at a time, when nothing newer is
 * missing gap_per_hour 30  questions to one device in an hour gap_per_minute 240  questions of the whole
 * platform in a minute gap_tries 4      unanswered questions after which a record is given up gap_records 360
 * most records of one question; minute data moreover at most 6 h, hour data 7 d, day data 31 d */

/* Once a second, from the policies' thread: looks at a few outlets, asks where something is missing. */
void yw_gaps_policy(struct yw_web *w, struct yw_store *store, int64_t now);
/* Elements of an open JSON array: outlets that the user sees with records given up in the last gap_days. */
void yw_put_alerts_gaps(struct yw_buf *b, struct yw_web *w, const struct yw_register *r,
                        const struct yw_user *u, int64_t now);
/* An object: what the last look at an outlet found, {minute:{missing,asked,lost},..,looked}; null: not looked
 * yet. */
void yw_put_gaps_summary(struct yw_buf *b, struct yw_web *w, uint32_t outlet);

#endif
