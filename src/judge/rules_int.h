/* rules_int: what is inside a rule set; for the files of rules only. */
#ifndef YW_JUDGE_RULES_INT_H
#define YW_JUDGE_RULES_INT_H

#include "judge/rules.h"
#include "judge/site.h"

/* One row of flags.csv; the first that fits the kind of station holds. */
enum yw_station { YW_STATION_ANY, YW_STATION_GAS, YW_STATION_WATER, YW_STATION_AIR };
struct yw_flag {
    char flag[3];
    uint8_t station, class, condition, equipment; /* class: yw_flag_class */
};

struct yw_rules {
    struct yw_rule *rules;
    size_t n, cap;
    struct yw_limit_row *limits;
    size_t limit_n, limit_cap;
    struct yw_flag flags[YW_FLAGS_MAX];
    size_t flag_n;
};

/* Room for one more of either, zeroed and counted; NULL with an error at the maximum. */
struct yw_rule *yw_rules_new(struct yw_rules *r, struct yw_error *err);
struct yw_limit_row *yw_rules_new_limit(struct yw_rules *r, struct yw_error *err);
struct yw_figure *yw_rule_figure(struct yw_rule *rule, const char *name); /* NULL: it has none of that name */
/* Unsure and accusing: off unless the file says otherwise. */
bool yw_rule_default_on(bool accuses, uint8_t confidence);

#endif
