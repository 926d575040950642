/* A line of the acts journal as people may see it. */
#ifndef YW_WEB_ACT_VIEW_H
#define YW_WEB_ACT_VIEW_H

#include "register/register.h"
#include "web/office.h"

/* What a station told: who sees the outlet. A command: authorities who see the device's outlet. Other acts:
 * operators of the whole. */
bool yw_sees_act(const struct yw_register *r, const struct yw_user *u, const void *line, size_t n);
/* The line as JSON, whatever is secret in it as asterisks. False: it is no JSON object. */
bool yw_put_act_line(struct yw_buf *b, const void *line, size_t n);

#endif
