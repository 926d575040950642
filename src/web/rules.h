/* rules: what is judged by at the moment, for the routes. */
#ifndef YW_WEB_RULES_H
#define YW_WEB_RULES_H

#include "judge/rules.h"
#include "register/register.h"

struct yw_web;
struct yw_rule_book;
/* Reads share/rules. */
enum yw_code yw_rule_book_open(struct yw_rule_book **out, struct yw_error *err);
void yw_rule_book_close(struct yw_rule_book *b);
/* share/rules with all corrections of the register; valid while the register stays locked (corrections change
 * only under the lock of one who is alone). NULL: no memory. */
const struct yw_rules *yw_web_rules(struct yw_web *w, const struct yw_register *r);
/* Without corrections; valid as long as the web process. */
const struct yw_rules *yw_web_rules_plain(const struct yw_web *w);

#endif
