/* sites: what was said of an outlet to the judge, beside what the register's own rows say of it; and which
 * acts ask for judging again.
 *
 *   {"act":"site.put","outlet":17,"site":{..}}: the object of docs/judge.md without marks, checks, manual
 *   results and plans, which are acts of their own; "site":null takes it back */
#ifndef YW_REGISTER_SITES_H
#define YW_REGISTER_SITES_H

#include "register/model.h"

enum {
    YW_SITE_JSON_MAX = 256 << 10,
    YW_SITES_MAX = 200000,
    YW_SITE_DEPTH_MAX = 12,
    YW_JUDGEMENT_CHANGES_MAX = 50000000
};

/* JSON text of the object; NULL: none was put. Until the next act. */
const char *yw_register_site(const struct yw_register *r, uint32_t outlet);
bool yw_act_site_put(struct yw_buf *out, const struct yw_act *a, uint32_t outlet, const char *json);

/* What acts after since_version changed for the judge: that outlet (0: every outlet) from that moment on
 * (INT64_MIN: from its beginning). The same outlet may come more than once; in order of versions, until each
 * returns false. Returns the present version. */
uint32_t yw_register_judgement_change(const struct yw_register *r, uint32_t since_version,
                                      bool (*each)(void *arg, uint32_t outlet, int64_t from), void *arg);

#endif
