/* targets: upper platforms that packets are forwarded to, part of the register so that it stays known who
 * began to forward what, where and when.
 *
 *   {"act":"target.put","target":{id,name,host,port,tls,tls_verify,pw,areas,outlets,commands,require_ack,
 *    commands_allowed,overtime_s,recount,window,rate,paused,since,"rewrite":[{"mn","to"}]}} replaces the
 * whole target
 *   {"act":"target.drop","id":N} */
#ifndef YW_REGISTER_TARGETS_H
#define YW_REGISTER_TARGETS_H

#include "register/register.h"

enum { YW_TARGETS_MAX = 64, YW_REWRITES_MAX = 2000 /* of one target */ };

struct yw_target {
    uint32_t id;
    char name[96], host[128];
    uint16_t port;
    bool tls, tls_verify;
    char pw[YW_PASSWORD_SEALED]; /* sealed under the name "target-ID"; "": each device's own */
    char areas[512];             /* codes separated by commas; areas and outlets both "": everything */
    char outlets[2048];          /* ids separated by commas */
    char commands[256];          /* CNs separated by commas, "": every upload of data */
    bool require_ack;            /* a packet counts as delivered once it is answered, else once it is sent */
    bool commands_allowed;       /* requests from above are routed down */
    uint16_t overtime_s, recount, window;
    uint32_t rate; /* packets a second at most */
    bool paused;
    int64_t since; /* packets that arrived before are not forwarded */
};
struct yw_target_mn { /* what a device is called there */
    uint32_t target;
    char mn[32], to[32];
};

const struct yw_target *yw_register_targets(const struct yw_register *r, size_t *n);
const struct yw_target *yw_register_target(const struct yw_register *r, uint32_t id);
/* NULL: its own MN. The other direction: the device behind a name. */
const char *yw_register_target_to(const struct yw_register *r, uint32_t target, const char *mn);
const char *yw_register_target_from(const struct yw_register *r, uint32_t target, const char *to, size_t n);
const struct yw_target_mn *yw_register_target_mns(const struct yw_register *r, uint32_t target, size_t *n);
uint32_t yw_register_next_target(const struct yw_register *r);
/* Each appends one act to out; false if it did not fit. */
bool yw_act_target_put(struct yw_buf *out, const struct yw_act *a, const struct yw_target *t,
                       const struct yw_target_mn *mns, size_t mn_n);
bool yw_act_target_drop(struct yw_buf *out, const struct yw_act *a, uint32_t id);

#endif
