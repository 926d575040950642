/* A target that answers with anything, in any pieces: every byte is accounted for, the same things come out
 * however the bytes were cut, and no answer moves a front over what was not sent. First byte: how the bytes
 * are cut. */
#include <stdlib.h>
#include <string.h>

#include "courier/replies.h"
#include "courier/sending.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { RECORDS = 40 };

static void prepare(struct yw_sending *w, struct yw_mark *marks) {
    memset(marks, 0, YW_SENDING_JOURNALS * sizeof *marks);
    yw_sending_init(w, marks, YW_SENDING_MOST);
    for (unsigned i = 0; i < RECORDS; i++) {
        char qn[18];
        snprintf(qn, sizeof qn, "20260101120000%03u", i % 20);
        yw_sending_send(w, (uint16_t)(i % 3), 10 * i, 10 * i + 10, hj212_text(qn),
                        hj212_text(i % 2 ? "A" : "B"), 0);
    }
}

/* A digest of what came out. */
static uint64_t run(const uint8_t *bytes, size_t n, size_t piece) {
    static struct yw_mark marks[YW_SENDING_JOURNALS];
    static struct yw_sending w;
    static char held[YW_REPLIES_HELD + 4096];
    struct yw_reply reply;
    char out[HJ212_FRAME_MAX + 64];
    size_t have = 0;
    uint64_t digest = 0;
    prepare(&w, marks);
    for (size_t at = 0; at < n;) {
        size_t step = piece < n - at ? piece : n - at;
        memcpy(held + have, bytes + at, step);
        have += step;
        at += step;
        size_t done = 0;
        while (done < have) {
            yw_reply_next(held + done, have - done, &reply);
            if (reply.kind == YW_REPLY_NEED) {
                if (have - done >= YW_REPLIES_HELD) abort();
                break;
            }
            if (reply.consumed == 0 || reply.consumed > have - done) abort();
            if (reply.kind == YW_REPLY_ACK) {
                uint32_t before = w.count;
                int which = yw_sending_answered(&w, reply.qn, reply.mn);
                if (w.count != before - (which >= 0 ? 1u : 0u)) abort();
                digest = digest * 31 + (uint64_t)(which + 2);
            } else if (reply.kind == YW_REPLY_REQUEST) {
                if (yw_reply_refuse(&reply.packet, 2, out, sizeof out) > sizeof out) abort();
                digest = digest * 31 + 1;
            }
            done += reply.consumed;
        }
        memmove(held, held + done, have - done);
        have -= done;
    }
    uint64_t waiting = 0;
    for (uint32_t i = 0; i < w.count; i++) {
        if (w.sent[i].position < marks[w.sent[i].journal].front) abort();
        waiting++;
    }
    return digest * 1000 + waiting;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size < 2 || size > 4096) return 0;
    uint64_t whole = run(data + 1, size - 1, 4096);
    if (run(data + 1, size - 1, 1 + data[0] % 64) != whole) abort();
    return 0;
}
