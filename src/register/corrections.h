/* corrections: figures of rules as somebody who holds the official text set them.
 *
 *   {"act":"rule.set","rule":"hj75.day","figure":"valid_hours","value":18,"enabled":true,"confidence":"O",
 *    "from":"2026-01-01","reason":..}: value null: not known; figure or enabled may be absent; from absent:
 * for ever. "withdrawn":true takes the correction of that rule, figure and from back.
 *
 * Whether there is such a rule is not asked here: rule files are no part of the register, and the same acts
 * make the same register everywhere. */
#ifndef YW_REGISTER_CORRECTIONS_H
#define YW_REGISTER_CORRECTIONS_H

#include "judge/rules.h"
#include "register/model.h"

enum { YW_CORRECTIONS_MAX = 4000, YW_CORRECTION_REASON = 480 };

struct yw_correction_row {
    struct yw_correction correction;
    uint32_t order; /* of its act among all, from 1: they hold in this order */
    int64_t at;
    char by[64], reason[YW_CORRECTION_REASON];
};
/* In the order in which they are to be applied. */
const struct yw_correction_row *yw_register_corrections(const struct yw_register *r, size_t *n);
/* All of them onto a rule set; those that name what it does not have are passed over and counted (skipped may
 * be NULL), err keeps the last of their sentences. */
enum yw_code yw_register_correct(const struct yw_register *r, struct yw_rules *rules, size_t *skipped,
                                 struct yw_error *err);
bool yw_act_rule_set(struct yw_buf *out, const struct yw_act *a, const struct yw_correction *c,
                     bool withdrawn);

#endif
