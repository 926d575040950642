/* plans: 重污染天气, what an enterprise is allowed while one holds.
 *
 *   {"act":"plan.put","id":4,"enterprise":9,"from":µs,"to":µs,"level":"红色","measure":"限产 50
 * %","stop":false, "power_share":0.5,"flow_share":0.5}; again with the same id: replaced ·
 * {"act":"plan.drop","id":4} */
#ifndef YW_REGISTER_PLANS_H
#define YW_REGISTER_PLANS_H

#include "judge/site.h"
#include "register/model.h"

enum { YW_PLANS_MAX = 20000 };

struct yw_plan_entry {
    uint32_t id, enterprise;
    struct yw_stop_plan plan;
    int64_t at;
    char by[64];
};
const struct yw_plan_entry *yw_register_plan(const struct yw_register *r, uint32_t id);
/* Of an enterprise (0: of all), in order of id. */
void yw_register_plans(const struct yw_register *r, uint32_t enterprise,
                       bool (*each)(void *arg, const struct yw_plan_entry *p), void *arg);
uint32_t yw_register_next_plan(const struct yw_register *r);
bool yw_act_plan_put(struct yw_buf *out, const struct yw_act *a, const struct yw_plan_entry *p);
bool yw_act_plan_drop(struct yw_buf *out, const struct yw_act *a, uint32_t id);

#endif
