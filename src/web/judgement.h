/* What the routes about judgements share. */
#ifndef YW_WEB_JUDGEMENT_H
#define YW_WEB_JUDGEMENT_H

#include "judged/judged.h"
#include "web/web_int.h"

/* NULL with *status set: 503 while nothing was judged yet. */
struct yw_judged *yw_web_judged_open(struct yw_request *q, unsigned *status);
/* The object of a verdict, left open: whoever calls may add members and closes it by '}'. */
void yw_put_judged_verdict(struct yw_request *q, const struct yw_rules *rules,
                           const struct yw_judged_verdict *v);

#endif
