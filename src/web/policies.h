/* policies: what the platform does to devices by itself. One thread calls each part once a second; every part
 * decides from the store (what happened) and the register (what shall be), so that a restart goes on where it
 * was, and asks through yw_command_ask like anybody else. */
#ifndef YW_WEB_POLICIES_H
#define YW_WEB_POLICIES_H

#include "register/register.h"
#include "store/store.h"

struct yw_web;
struct yw_policies;
struct yw_clock_rule;

/* A part: called without locks; store is for reading. */
typedef void (*yw_policy_part)(struct yw_web *w, struct yw_store *store, int64_t now);

enum yw_code yw_policies_start(struct yw_web *w, struct yw_policies **out, struct yw_error *err);
void yw_policies_stop(struct yw_policies *p);

/* ---- the web's own parts ---- */
void yw_clock_policy(struct yw_web *w, struct yw_store *store, int64_t now);  /* clock_policy.c */
void yw_follow_policy(struct yw_web *w, struct yw_store *store, int64_t now); /* follow_policy.c */

/* ---- defaults of the installation (policy_settings.c) ---- */
/* What was set, or the default that GET /api/policies shows. */
int64_t yw_policy_of(const struct yw_register *r, const char *name);
/* What holds for the clock of one device. */
void yw_clock_rule_of(const struct yw_register *r, const struct yw_device *d, struct yw_clock_rule *rule);

#endif
