/* judged_policy: the last whole hour that was judged of every outlet, for the first page. */
#ifndef YW_WEB_JUDGED_POLICY_H
#define YW_WEB_JUDGED_POLICY_H

#include "store/store.h"

struct yw_web;
struct yw_judged_watch; /* what the policy remembers between two looks; all of it can be found again */
struct yw_judged_watch *yw_judged_watch_create(void);
void yw_judged_watch_destroy(struct yw_judged_watch *x);
void yw_judged_policy(struct yw_web *w, struct yw_store *store, int64_t now);

#endif
