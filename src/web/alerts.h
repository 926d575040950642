/* alerts: what wants a person's attention about devices, gathered from every part that knows of something. */
#ifndef YW_WEB_ALERTS_H
#define YW_WEB_ALERTS_H

#include "register/register.h"
#include "web/json.h"
#include "web/office.h"

struct yw_web;

enum yw_severity { YW_NOTE, YW_WARNING, YW_ALARM };
struct yw_alert {
    const char *code; /* "clock" */
    enum yw_severity severity;
    uint32_t outlet, device;       /* 0: none; without an outlet only operators of the whole see it */
    int64_t since;                 /* 0: not known */
    const char *text_zh, *text_en; /* whole sentences */
    const char *params;            /* JSON object, NULL: none */
};
/* Appends it to an open array if the user sees it; false: not. */
bool yw_put_alert(struct yw_buf *b, const struct yw_register *r, const struct yw_user *u,
                  const struct yw_alert *a);
/* A part's alerts, as elements of an open array; the register is locked for reading. */
typedef void (*yw_put_alerts)(struct yw_buf *b, struct yw_web *w, const struct yw_register *r,
                              const struct yw_user *u, int64_t now);
/* Of the web's own: twins, clocks, passwords under change, commands nobody knows the end of (alerts.c). */
void yw_put_alerts_devices(struct yw_buf *b, struct yw_web *w, const struct yw_register *r,
                           const struct yw_user *u, int64_t now);
/* Of forwarding: targets that are behind, or that nobody serves (targets.c). */
void yw_put_alerts_targets(struct yw_buf *b, struct yw_web *w, const struct yw_register *r,
                           const struct yw_user *u, int64_t now);

#endif
