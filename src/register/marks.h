/* marks: 工况标记 and 异常标记 of outlets, set by the enterprise or its maintainer and by nobody else. Every
 * version is kept; an officer who doubts one raises a 标记质疑 (queries.h) and changes nothing.
 *
 *   {"act":"mark.put","id":7,"outlet":17,"from":µs,"to":µs,"axis":"condition|equipment","value":"stopped",
 *    "factors":["a21026"],"counts":false,"automatic":false,"evidence":["SHA-256 in hexadecimal"],
 *    "deadline":µs,"role":"enterprise|maintainer","by":..,"at":..,"reason":..}
 *   {"act":"mark.amend", the same with "version": the present one + 1}
 *   {"act":"mark.withdraw","id":7,"version":..,"role":..,"by":..,"at":..,"reason":..} */
#ifndef YW_REGISTER_MARKS_H
#define YW_REGISTER_MARKS_H

#include "judge/site.h"
#include "register/versions.h"

enum {
    YW_MARKS_MAX = 4000000,       /* versions in all */
    YW_MARKS_OUTLET_MAX = 100000, /* marks of one outlet */
    YW_MARK_VERSIONS_MAX = 100,   /* of one mark */
    YW_MARK_REASON_MAX = 600,     /* bytes */
    YW_MARK_FACTORS_MAX = 32,
    YW_MARK_EVIDENCE_MAX = 8, /* files */
    YW_MARK_DAYS_MAX = 400,   /* that one mark covers */
    YW_DIGEST_TEXT = 64       /* characters of a SHA-256 */
};

struct yw_mark_row { /* one version of one mark */
    struct yw_version head;
    int64_t from, to; /* [from, to) */
    int64_t deadline; /* until when it was due by marks.deadline of the day it was set, 0: not said */
    bool is_condition, counts, automatic, withdrawn;
    bool late;     /* set after its deadline */
    uint8_t value; /* yw_condition or yw_equipment_state */
    uint8_t role;  /* 1 enterprise, 2 maintainer */
    uint8_t evidence_n, factor_n;
    uint16_t open_queries; /* of the newest version: 标记质疑 that are open */
    const char *by, *reason;
    const char *factors;  /* codes separated by blanks, "": all */
    const char *evidence; /* digests separated by blanks */
};

/* The newest version of a mark, NULL: there is none. Pointers hold until the next act. */
const struct yw_mark_row *yw_register_mark(const struct yw_register *r, uint64_t id);
/* Marks of an outlet that touch [from, to), newest versions, the newest id first; withdrawn ones only if
 * asked for. */
void yw_register_marks(const struct yw_register *r, uint32_t outlet, int64_t from, int64_t to,
                       bool with_withdrawn, bool (*each)(void *arg, const struct yw_mark_row *m), void *arg);
/* Versions of a mark, the newest first; at most max, how many there are. */
size_t yw_register_mark_versions(const struct yw_register *r, uint64_t id, const struct yw_mark_row **out,
                                 size_t max);
/* As the judge takes it. false: withdrawn, or of factors that the site does not have. */
bool yw_mark_of(const struct yw_mark_row *m, const struct yw_site *site, struct yw_mark *out);
uint64_t yw_register_next_mark(const struct yw_register *r);
/* The first moment that the version says something else about than the one before it. */
int64_t yw_mark_changes_from(const struct yw_mark_row *now, const struct yw_mark_row *before);

struct yw_mark_wish { /* what an act of a mark says */
    uint64_t id;
    uint32_t outlet, version; /* version 1: mark.put */
    int64_t from, to, deadline;
    bool is_condition, counts, automatic;
    uint8_t value, role;
    const char *const *factors;
    size_t factor_n;
    const char *const *evidence;
    size_t evidence_n;
};
bool yw_act_mark_put(struct yw_buf *out, const struct yw_act *a, const struct yw_mark_wish *m);
bool yw_act_mark_withdraw(struct yw_buf *out, const struct yw_act *a, uint64_t id, uint32_t version,
                          uint8_t role);

#endif
