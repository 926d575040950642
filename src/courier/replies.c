#include "courier/replies.h"

#include <string.h>

void yw_reply_next(const char *bytes, size_t n, struct yw_reply *out) {
    static const hj212_options options = {.header_only = true};
    out->qn = out->mn = (hj212_span){NULL, 0};
    hj212_result r = hj212_decode(&options, bytes, n, &out->packet);
    out->consumed = r.consumed;
    if (r.status == HJ212_INCOMPLETE) {
        /* what cannot become a frame any more is passed over */
        out->kind = n >= YW_REPLIES_HELD ? YW_REPLY_SKIP : YW_REPLY_NEED;
        out->consumed = out->kind == YW_REPLY_SKIP ? 1 : 0;
        return;
    }
    const hj212_packet *p = &out->packet;
    out->kind = YW_REPLY_SKIP;
    if (r.status != HJ212_PACKET || !p->ok) return;
    if (p->command == 9014 || p->command == 9013) {
        out->kind = YW_REPLY_ACK;
        out->qn = p->qn.n > 0 ? p->qn : hj212_cp_field(p->cp, "QN");
        out->mn = p->mn;
    } else if (p->command >= 1000 && p->command < 9000) {
        out->kind = YW_REPLY_REQUEST;
    }
}

size_t yw_reply_refuse(const hj212_packet *request, int qnrtn, char *out, size_t size) {
    char cp[64];
    bool old = request->version == 2005;
    int n = old ? snprintf(cp, sizeof cp, "QN=%.*s;QnRtn=%d", (int)(request->qn.n < 20 ? request->qn.n : 20),
                           request->qn.p != NULL ? request->qn.p : "", qnrtn)
                : snprintf(cp, sizeof cp, "QnRtn=%d", qnrtn);
    const hj212_message m = {.qn = old ? hj212_text(NULL) : request->qn,
                             .st = hj212_text("91"),
                             .cn = hj212_text("9011"),
                             .pw = request->pw,
                             .mn = request->mn,
                             .flag = hj212_text(old                        ? "0"
                                                : request->version == 2025 ? "8"
                                                                           : "4"),
                             .cp = {cp, (uint32_t)n}};
    return hj212_encode(&m, out, size);
}
