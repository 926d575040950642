/* What the routes of marks, queries, filings, plans, sites and rules share: answers of the same shape
 * wherever such a thing stands in them, and the way to an act. */
#ifndef YW_WEB_MARKS_H
#define YW_WEB_MARKS_H

#include "register/filings.h"
#include "register/marks.h"
#include "register/plans.h"
#include "register/queries.h"
#include "web/web_int.h"

enum { YW_REASON_BYTES = 600, YW_EVIDENCE_BYTES = 8 << 20, YW_THING_ACT_MAX = 64 << 10 };

/* Enterprise or maintainer: they see what is theirs and what was sent to them, never officers' inner texts.
 */
static inline bool yw_is_unit(const struct yw_request *q) {
    return (q->session.user.role & (YW_ROLE_ENTERPRISE | YW_ROLE_MAINTAINER)) != 0;
}

/* ---- answers (mark_json.c) ---- */
void yw_put_mark_row(struct yw_request *q, const struct yw_mark_row *m);
void yw_put_query_row(struct yw_request *q, const struct yw_query_row *d);
void yw_put_plan(struct yw_request *q, const struct yw_plan_entry *p); /* plans.c */
void yw_put_filing_row(struct yw_request *q, const struct yw_filing_row *f);
void yw_put_codes(struct yw_buf *b, const char *key, const char *joined); /* "a b" -> ["a","b"] */
/* The name people know a user by; "" where there is no such user. */
void yw_person_name(struct yw_request *q, const char *user, char out[65]);

/* Whether this role files that kind, and may change what is there (old, NULL: nothing); filings.c. */
bool yw_may_file(const struct yw_request *q, uint8_t kind, const struct yw_filing_row *old);

/* ---- acts ---- */
/* The act into the journal and the register; between lock_alone and unlock. */
unsigned yw_commit_thing(struct yw_request *q, const struct yw_buf *act);
/* Member `reason` of a body, which must say something. */
bool yw_member_reason(struct yw_request *q, const json_t *o, char reason[YW_REASON_BYTES + 1]);
/* Times in bodies are milliseconds. false: absent or not a whole number of the range, with the problem
 * written; where `otherwise` is not NULL absent takes its value. */
bool yw_member_time(struct yw_request *q, const json_t *o, const char *name, const int64_t *otherwise,
                    int64_t *micros);
/* from and to of the query in microseconds; absent: open. */
bool yw_query_span(struct yw_request *q, int64_t *from, int64_t *to);

/* ---- evidence (evidence.c): files by their SHA-256 under DATA/evidence ---- */
bool yw_evidence_there(struct yw_web *w, const char *digest);
/* The file of that digest as an answer, if it is among `joined`. */
unsigned yw_evidence_answer(struct yw_request *q, const char *joined);
/* Digests of a body's member `evidence`: each must have been uploaded. *n of out point into o. */
bool yw_member_evidence(struct yw_request *q, const json_t *o, const char *out[YW_MARK_EVIDENCE_MAX],
                        size_t *n);

#endif
