/* Encrypted packets before the gate. The first byte says how: as a frame from anywhere; or the rest is a data
 * area, encrypted with one of the device's keys or a strange one, raw or printed. What is let in was
 * encrypted with a key of the device, and reads as it was written. */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "gateway/admit.h"
#include "journal/journal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MN "010000A8900016F000169DC0"
static const char *const keys[] = {"AAAAAAAAAAAAAAAA", "BBBBBBBBBBBBBBBB", "CCCCCCCCCCCCCCCC",
                                   "DDDDDDDDDDDDDDDD"};
enum { KNOWN = 3 }; /* the first ones are the device's: before, present, offered */

static void put(struct yw_register *r, const char *text, size_t n) {
    if (yw_register_apply(r, text, n, NULL) != YW_OK) abort();
}

static struct yw_snap *make_snap(void) {
    static const char act[] =
        "{\"act\":\"register.put\",\"enterprises\":[{\"id\":1,\"credit_code\":\"c\",\"name\":\"n\"}],"
        "\"outlets\":[{\"id\":1,\"enterprise\":1,\"code\":\"DA001\",\"name\":\"n\",\"kind\":\"air\"}],"
        "\"devices\":[{\"id\":1,\"outlet\":1,\"mn\":\"" MN "\",\"state\":\"admitted\"}]}";
    static const uint8_t state[KNOWN] = {YW_KEY_CONFIRMED, YW_KEY_CONFIRMED, YW_KEY_OFFERED};
    uint8_t master[YW_MASTER_BYTES] = {7}, key[32];
    const struct yw_act by = {.by = "t", .at = 1};
    char path[] = "/tmp/yanwu-fuzz-snap-XXXXXX";
    struct yw_register *r = yw_register_create();
    struct yw_snap *s;
    struct yw_buf b;
    yw_buf_init(&b, 4096);
    put(r, act, sizeof act - 1);
    for (uint32_t i = 0; i < KNOWN; i++) {
        struct yw_device_key k = {.device = 1, .key_id = i + 1, .state = state[i], .source = YW_KEY_ROTATED};
        if (yw_key_seal(master, 1, i + 1, (const uint8_t *)keys[i], k.key, NULL) != YW_OK) abort();
        yw_buf_clear(&b);
        if (!yw_act_device_key(&b, &by, &k)) abort();
        put(r, b.data, b.len);
    }
    yw_buf_free(&b);
    int fd = mkstemp(path);
    if (fd < 0 || yw_snap_write(yw_io_system(), path, r, NULL, master, NULL, NULL) != YW_OK) abort();
    close(fd);
    FILE *f = fopen(path, "rb");
    yw_master_snapshot_key(master, key);
    if (f == NULL || yw_snap_map(fileno(f), key, &s, NULL) != YW_OK || yw_snap_locked(s) != 0) abort();
    fclose(f);
    unlink(path);
    yw_register_destroy(r);
    return s;
}

/* Any frame: let in, it opens once more with the key that is said to have opened it. */
static void any_frame(const struct yw_snap *s, const char *frame, size_t n) {
    static char plain[HJ212_FRAME_MAX], again[HJ212_FRAME_MAX];
    struct yw_admission a;
    hj212_packet p, q;
    const hj212_options at_end = {.at_end = true};
    if (hj212_decode(&at_end, frame, n, &p).status != HJ212_PACKET) return;
    yw_admit(s, true, false, &p, plain, &a);
    if (a.key_id > KNOWN) abort();
    if (a.key_id == 0) return;
    const hj212_options options = {
        .keys = (const uint8_t *)keys[a.key_id - 1], .key_count = 1, .plain = again, .at_end = true};
    if (hj212_decode(&options, frame, p.frame_len, &q).status != HJ212_PACKET || !q.ok || !q.decrypted)
        abort();
    if (q.cp.n != p.cp.n || memcmp(q.cp.p, p.cp.p, p.cp.n) != 0) abort();
}

/* A data area under a key: let in, it is what was written. */
static void own_area(const struct yw_snap *s, unsigned which, bool printed, const char *area, size_t n) {
    static char frame[HJ212_FRAME_MAX], plain[HJ212_FRAME_MAX];
    struct yw_admission a;
    hj212_packet p;
    const hj212_message m = {.qn = hj212_text("20260101000000001"),
                             .st = hj212_text("31"),
                             .cn = hj212_text("2011"),
                             .pw = hj212_text("123456"),
                             .mn = hj212_text(MN),
                             .flag = hj212_text("9"),
                             .cp = {area, (uint32_t)n},
                             .key = (const uint8_t *)keys[which],
                             .printed = printed};
    if (memmem(area, n, "&&", 2) != NULL) return; /* ends the data area: none that has it is one */
    size_t length = hj212_encode(&m, frame, sizeof frame);
    const hj212_options at_end = {.at_end = true};
    if (length == 0 || hj212_decode(&at_end, frame, length, &p).status != HJ212_PACKET) return;
    yw_admit(s, true, false, &p, plain, &a);
    /* A strange key opens nothing but by an accident that no short area excludes: CRC and form are all there
     * is. */
    if (which < KNOWN && a.key_id == which + 1 && (p.cp.n != n || memcmp(p.cp.p, area, n) != 0)) abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct yw_snap *snap;
    if (snap == NULL) snap = make_snap();
    if (size < 1 || size > HJ212_FRAME_MAX) return 0;
    const char *rest = (const char *)data + 1;
    if (data[0] & 1) {
        own_area(snap, data[0] >> 1 & 3, data[0] >> 3 & 1, rest, size - 1);
    } else {
        any_frame(snap, rest, size - 1);
    }
    return 0;
}
