/* replies: what a target sends. Pure: bytes in, one thing at a time out. */
#ifndef YW_COURIER_REPLIES_H
#define YW_COURIER_REPLIES_H

#include "base/base.h"
#include "hj212.h"

enum { YW_REPLIES_HELD = 2 * HJ212_FRAME_MAX }; /* bytes of an unfinished frame; more is no frame */

enum yw_reply_kind {
    YW_REPLY_NEED,    /* come again with more bytes */
    YW_REPLY_ACK,     /* 9014 or 9013: an answer to what was sent */
    YW_REPLY_REQUEST, /* a command for a device */
    YW_REPLY_SKIP     /* garbage, or a packet that asks for nothing */
};
struct yw_reply {
    enum yw_reply_kind kind;
    size_t consumed;
    hj212_span qn, mn; /* of an answer; in 2005 form QN stands in CP */
    hj212_packet packet;
};
/* Looks at the front of [bytes, bytes + n), n > 0. */
void yw_reply_next(const char *bytes, size_t n, struct yw_reply *out);

/* The 9011 by which a request from above is turned away: qnrtn 2 refused, 4 MN wrong, 8 CN wrong. Returns its
 * length. */
size_t yw_reply_refuse(const hj212_packet *request, int qnrtn, char *out, size_t size);

#endif
