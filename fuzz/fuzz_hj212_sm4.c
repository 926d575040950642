/* Keys and bytes: decryption is the inverse of encryption, a packet that passes was really written with one
 * of the keys, and nothing passes as encrypted without a key. Input: how many keys (0 to 3) and what to do,
 * the keys, then a data area (encoded raw and printed) or a stream as it comes from a link. */
#include <stdlib.h>
#include <string.h>

#include "hj212.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void hold(bool right) {
    if (!right) abort();
}

static void blocks(const uint8_t *key, const uint8_t *data, size_t size) {
    uint8_t cipher[16], back[16];
    for (size_t i = 0; i + 16 <= size && i < 160; i += 16) {
        hj212_sm4(key, true, data + i, cipher);
        hj212_sm4(key, false, cipher, back);
        hold(memcmp(back, data + i, 16) == 0 && memcmp(cipher, data + i, 16) != 0);
    }
}

/* Encoded with the last key, decoded with all: what passes as decrypted is what went in. */
static void round_trip(const uint8_t *keys, size_t count, const uint8_t *area, size_t n, bool printed) {
    static char out[HJ212_FRAME_MAX], plain[HJ212_FRAME_MAX];
    hj212_message m = {.qn = hj212_text("20240601085857223"),
                       .st = hj212_text("31"),
                       .cn = hj212_text("2011"),
                       .mn = hj212_text("010000A8900016F000169DC0"),
                       .flag = hj212_text("9"),
                       .cp = {(const char *)area, (uint32_t)n},
                       .key = keys + 16 * (count - 1),
                       .printed = printed};
    hj212_options o = {.keys = keys, .key_count = count, .plain = plain, .at_end = true};
    hj212_packet p;
    size_t length = hj212_encode(&m, out, sizeof out);
    hold(length <= sizeof out);
    if (length == 0) return;
    hj212_result r = hj212_decode(&o, out, length, &p);
    hold(r.status != HJ212_INCOMPLETE && r.consumed > 0 && r.consumed <= length);
    if (r.status != HJ212_PACKET || r.consumed != length || !p.decrypted) return;
    hold(p.cp.p >= plain && p.cp.p + p.cp.n <= plain + sizeof plain);
    if (count == 1) hold(p.cp.n == n && memcmp(p.cp.p, area, n) == 0);
}

static void stream(const uint8_t *keys, size_t count, const uint8_t *data, size_t size) {
    static char plain[HJ212_FRAME_MAX];
    hj212_options o = {
        .keys = count ? keys : NULL, .key_count = count, .plain = count ? plain : NULL, .at_end = true};
    for (size_t at = 0; at < size;) {
        hj212_packet p;
        char *copy = malloc(size - at); /* so that one byte too many is seen */
        hold(copy != NULL);
        memcpy(copy, data + at, size - at);
        hj212_result r = hj212_decode(&o, copy, size - at, &p);
        hold(r.status != HJ212_INCOMPLETE && r.consumed > 0 && r.consumed <= size - at);
        if (r.status == HJ212_PACKET && p.decrypted) {
            hold(count > 0 && p.ok);
            hold(p.cp.p >= plain && p.cp.p + p.cp.n <= plain + sizeof plain);
            hj212_iterator it;
            hj212_item item;
            hj212_items(&it, p.cp);
            while (hj212_next(&it, &item)) hold(item.field.n > 0);
        }
        free(copy);
        at += r.consumed;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size < 1) return 0;
    uint8_t choice = data[0];
    size_t count = choice & 3;
    if (size < 1 + 16 * count || size > 1 << 15) return 0;
    const uint8_t *keys = data + 1, *rest = keys + 16 * count;
    size -= 1 + 16 * count;
    if (choice & 4 || count == 0) {
        stream(keys, count, rest, size);
    } else {
        blocks(keys, rest, size);
        round_trip(keys, count, rest, size, (choice & 8) != 0);
    }
    return 0;
}
