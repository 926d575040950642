/* A link fed with anything in any pieces: nothing is read outside, every byte is accounted for, and the
 * packets are those that come when the bytes arrive at once. First byte: split rule and domain. */
#include <stdlib.h>
#include <string.h>

#include "gateway/admit.h"
#include "gateway/link.h"
#include "journal/journal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct total {
    uint64_t digest;
    size_t taken, packets, hellos;
};

static void feed(const char *bytes, size_t n, unsigned rule, struct total *t) {
    struct yw_link_state s = {0};
    const struct yw_link_rules rules = {.handshake = (rule & 1) != 0};
    static char plain[HJ212_FRAME_MAX];
    struct yw_link_event ev;
    size_t from = 0, to = 0;
    while (from < n) {
        size_t step = (rule >> 1) == 0 ? n : 1 + (to * 7 + rule) % ((rule >> 1) * 4);
        to = step > n - to ? n : to + step;
        while (from < to) {
            size_t have = to - from;
            char *copy = malloc(have); /* so that one byte too many is seen */
            memcpy(copy, bytes + from, have);
            yw_link_step(&s, &rules, copy, have, to == n, 0, &ev);
            bool need = ev.kind == YW_LINK_NEED;
            if (need && (to == n || have > YW_LINK_HELD_MAX)) abort();
            if (!need && (ev.consumed == 0 || ev.consumed > have)) abort();
            if (ev.kind == YW_LINK_PACKET) {
                struct yw_admission a;
                char out[2048];
                yw_admit(NULL, (rule & 1) == 0, s.plant, &ev.packet, plain, &a);
                if (a.flags & YW_REC_ADMITTED) abort(); /* there is no register */
                if (yw_admit_answer(&ev.packet, NULL, out, sizeof out) > sizeof out) abort();
                t->digest = yw_hash64(copy, ev.consumed, t->digest);
                t->packets++;
            }
            if (ev.kind == YW_LINK_HELLO) t->hellos++;
            if (ev.kind == YW_LINK_GARBAGE && ev.keep > YW_LINK_GARBAGE_KEPT) abort();
            free(copy);
            if (need) break;
            from += ev.consumed;
            t->taken += ev.consumed;
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size < 2 || size > 1 << 16) return 0;
    struct total whole = {0}, split = {0};
    feed((const char *)data + 1, size - 1, data[0] & 1, &whole);
    feed((const char *)data + 1, size - 1, data[0], &split);
    if (whole.taken != size - 1 || split.taken != size - 1) abort();
    if (whole.packets != split.packets || whole.digest != split.digest || whole.hellos != split.hellos)
        abort();
    return 0;
}
