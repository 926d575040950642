/* Web hooks in office.db: who may tell what happens in a station room without signing in. Of a token only a
 * hash is kept; it is shown once, when it is made. */
#ifndef YW_WEB_HOOKS_KEEP_H
#define YW_WEB_HOOKS_KEEP_H

#include "web/office.h"

enum { YW_HOOKS_MAX = 10000, YW_HOOK_PER_MINUTE = 60 };
struct yw_hook {
    int64_t id;
    uint32_t outlet;
    char name[33], by[33]; /* by: who made it */
    int64_t made, used;    /* used: last, 0: never */
};

/* YW_E_FORMAT: the name; YW_E_LIMIT: too many. */
enum yw_code yw_hook_add(struct yw_office *o, struct yw_hook *h, char token[YW_TOKEN_TEXT],
                         struct yw_error *err);
/* In order of id, behind `after`. */
enum yw_code yw_hooks_each(struct yw_office *o, int64_t after,
                           bool (*each)(void *arg, const struct yw_hook *h), void *arg, struct yw_error *err);
enum yw_code yw_hook_drop(struct yw_office *o, int64_t id, struct yw_error *err); /* YW_E_NOT_FOUND */
/* One use: YW_E_DENIED: no such token. YW_E_LIMIT: more than YW_HOOK_PER_MINUTE in this minute. */
enum yw_code yw_hook_use(struct yw_office *o, const char *token, int64_t now, struct yw_hook *out,
                         struct yw_error *err);

#endif
