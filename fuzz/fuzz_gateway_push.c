/* Messages between supervisor and worker, both ways: what passes the check is safe to use. */
#include <stdlib.h>
#include <string.h>

#include "gateway/offer.h"
#include "hj212.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void terminated(const char *text, size_t size) {
    if (memchr(text, 0, size) == NULL) abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    union yw_push push;
    union yw_pull pull;
    memset(&push, 0x55, sizeof push);
    memset(&pull, 0x55, sizeof pull);
    memcpy(&push, data, size < sizeof push ? size : sizeof push);
    memcpy(&pull, data, size < sizeof pull ? size : sizeof pull);
    (void)yw_pull_ok(&pull, size);
    if (!yw_push_ok(&push, size)) return 0;
    if (push.kind == YW_PUSH_ASK) terminated(push.ask.hardware, sizeof push.ask.hardware);
    if (push.kind != YW_PUSH_OFFER) return 0;
    const struct yw_offer *o = &push.offer;
    terminated(o->hardware, sizeof o->hardware);
    terminated(o->mn, sizeof o->mn);
    terminated(o->st, sizeof o->st);
    terminated(o->cp, sizeof o->cp);
    char cp[YW_COMMAND_CP_MAX + 1], frame[HJ212_FRAME_MAX];
    size_t n = yw_command_fill(o->cp, 1767225600000000, cp, sizeof cp);
    const hj212_message m = {.qn = hj212_text(o->qn),
                             .st = hj212_text(o->st),
                             .cn = hj212_text("1012"),
                             .pw = hj212_text("123456"),
                             .mn = hj212_text(o->mn),
                             .flag = hj212_text("5"),
                             .cp = {cp, (uint32_t)n}};
    size_t length = hj212_encode(&m, frame, sizeof frame);
    hj212_packet p;
    const hj212_options options = {.header_only = true, .at_end = true};
    /* an offer that passed becomes one frame with the header it says, never two */
    if (length == 0 || hj212_decode(&options, frame, length, &p).status != HJ212_PACKET) abort();
    if (!p.ok || p.frame_len != length || p.command != 1012) abort();
    if (p.mn.n != strlen(o->mn) || p.cp.n != n) abort();
    return 0;
}
