/* filings: what people file about an outlet beside what its devices send. Measurements by others (执法监测,
 * 比对监测, 手工监测), checks of the instruments (标样核查, 零点, 跨度, 校准, 校验), reports of the unit
 * (停运, 故障, 异常) and the maintainer's ledger (运维台账) and work orders. Every version is kept.
 *
 *   {"act":"filing.put","id":5,"outlet":17,"version":1,"kind":"comparison","from":µs,"to":µs,"factor":..,
 *    "reading":..,"nominal":..,"full_scale":..,"passed":true,"reference":[..],"measured":[..],"text":..,
 *    "document":..,"by_name":..,"state":"done","evidence":[..],"role":"maintainer"}; the same id with
 *    version + 1 amends it; "withdrawn":true takes it back. "filings":[{..}] in place of the members: several
 *    that come in together or not at all */
#ifndef YW_REGISTER_FILINGS_H
#define YW_REGISTER_FILINGS_H

#include "judge/site.h"
#include "register/versions.h"

enum {
    YW_FILINGS_MAX = 4000000, /* versions in all */
    YW_FILINGS_OUTLET_MAX = 100000,
    YW_FILING_VERSIONS_MAX = 100,
    YW_FILINGS_ACT_MAX = 20000,   /* in one act */
    YW_FILING_TEXT_MAX = 2000,    /* bytes */
    YW_FILING_DOCUMENT_MAX = 120, /* bytes of a document's number or name */
    YW_FILING_BY_NAME_MAX = 60,
    YW_FILING_STATE_MAX = 30
};
#define YW_FILING_TABLE(X)                                                                                   \
    X(ENFORCEMENT, "enforcement", "执法监测", "enforcement monitoring")                                      \
    X(COMPARISON, "comparison", "比对监测", "comparison monitoring")                                         \
    X(STANDARD, "standard", "标样核查", "standard check")                                                    \
    X(MANUAL, "manual", "手工监测", "manual monitoring")                                                     \
    X(ZERO, "zero", "零点核查", "zero drift check")                                                          \
    X(SPAN, "span", "跨度核查", "span drift check")                                                          \
    X(CALIBRATION, "calibration", "校准", "calibration")                                                     \
    X(FULL_SYSTEM, "full-system", "全系统校准", "full-system calibration")                                   \
    X(VERIFICATION, "verification", "校验", "verification")                                                  \
    X(STOP_REPORT, "stop-report", "停运报告", "stop report")                                                 \
    X(FAULT_REPORT, "fault-report", "故障报告", "fault report")                                              \
    X(ABNORMAL_REPORT, "abnormal-report", "异常报告", "report of abnormal operation")                        \
    X(MAINTENANCE, "maintenance", "运维台账", "maintenance ledger")                                          \
    X(WORK_ORDER, "work-order", "运维工单", "work order")
enum yw_filing_kind {
    YW_FILING_NONE,
#define X(id, name, zh, en) YW_FILING_##id,
    YW_FILING_TABLE(X)
#undef X
        YW_FILING_KINDS
};
struct yw_filing_word {
    const char *name, *zh, *en;
};
const struct yw_filing_word *yw_filing_word(uint8_t kind);
bool yw_filing_kind_parse(const char *text, uint8_t *out); /* by name or by its Chinese or English words */

struct yw_filing_row { /* one version */
    struct yw_version head;
    uint8_t kind, role; /* role: 1 enterprise, 2 maintainer, 3 officer, 4 operator, 0: not said */
    bool withdrawn;
    int8_t passed;    /* 1, 0; -1: not said */
    int64_t from, to; /* to is its end; the moment it counts from as a check */
    char factor[13];  /* "": none */
    uint8_t pair_n, evidence_n;
    double reading, nominal, full_scale; /* NaN: not said */
    double reference[YW_CHECK_PAIRS], measured[YW_CHECK_PAIRS];
    const char *by, *reason;
    const char *text, *document, *by_name, *state; /* by_name: who did the work; state: of a work order */
    const char *evidence;                          /* digests separated by blanks */
};
const struct yw_filing_row *yw_register_filing(const struct yw_register *r, uint64_t id);
/* Newest versions of an outlet that touch [from, to) (an instant touches at its moment), the newest id first;
 * kind 0: any. */
void yw_register_filings(const struct yw_register *r, uint32_t outlet, uint8_t kind, int64_t from, int64_t to,
                         bool with_withdrawn, bool (*each)(void *arg, const struct yw_filing_row *f),
                         void *arg);
size_t yw_register_filing_versions(const struct yw_register *r, uint64_t id, const struct yw_filing_row **out,
                                   size_t max);
/* As the judge takes it; false: it is no check (or no manual result), or withdrawn. */
bool yw_filing_check(const struct yw_filing_row *f, struct yw_check *out);
bool yw_filing_manual(const struct yw_filing_row *f, struct yw_manual *out);
uint64_t yw_register_next_filing(const struct yw_register *r);

/* f.head.id, .outlet and .version are those of the act; NULL texts are left out. */
bool yw_act_filing_put(struct yw_buf *out, const struct yw_act *a, const struct yw_filing_row *f);
/* Several in one act, of the first one's role. */
bool yw_act_filings_put(struct yw_buf *out, const struct yw_act *a, const struct yw_filing_row *f, size_t n);

#endif
