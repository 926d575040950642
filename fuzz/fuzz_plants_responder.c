/* Any bytes as what a host sends to a simulated device, and as what it remembers: bounded answers, no crash.
 * The first byte chooses version and dialect; the rest is a stream of frames. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "hj212.h"
#include "plants/responder.h"

static const char scenario[] =
    "id: fuzz\nname: fuzz\nmedium: water\nversion: 2025\nst: '32'\nmn: '595700000000000000000001'\n"
    "password: '123456'\nsample: 60s\nrealtime: 60s\nminute: 10m\nfacility: SB1\n"
    "load: [1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1]\n"
    "calibration: {every: 1h, lasts: 10m}\n"
    "logger: {station: 1h, door: {every: 6h, lasts: 1h}, electricity: 15m, conditions: 15m, memory: 1d, "
    "rate: 10000,\n"
    "  hardware: H1, key: '0000000000000000', key_created: '20261101000000000', lost: {every: 1d, lasts: "
    "1h}}\n"
    "factors:\n"
    "  - {code: w01018, digits: 1, mean: 23, noise: 0.1, low: 0, high: 150, batch: 2h, span_gas: 80, mass: "
    "yes}\n"
    "  - {code: w00000, digits: 1, mean: 400, low: 0, high: 1500}\n";

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

static void take_all(struct yw_responder *r, struct yw_device_face *face, int64_t now) {
    char frame[YW_PLANT_FRAME_PRINTED], qn[17];
    for (int i = 0; i < 50; i++) {
        struct yw_parcel *p = yw_responder_next(r, now);
        if (!p && !r->recall.active) return;
        if (!p) continue;
        size_t length = yw_frame_write(face, p, yw_responder_clock(r, now), frame, sizeof frame, qn);
        if (length == 0 || length > sizeof frame) abort();
        if (i % 7 == 6)
            yw_responder_lost(r, p);
        else
            yw_responder_acked(r, p);
        free(p);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n) {
    static const uint32_t versions[] = {2005, 2017, 2025, 2025};
    static struct yw_scenario built; /* read once */
    struct yw_error err;
    if (n < 1) return 0;
    if (!built.id[0] && yw_scenario_parse(scenario, sizeof scenario - 1, NULL, &built, &err)) abort();
    struct yw_scenario s = built;
    struct yw_device_face face = {.mn = "595700000000000000000001", .pw = "123456", .st = "32"};
    s.version = face.version = versions[bytes[0] & 3];
    face.odd = (uint32_t)bytes[0] >> 2 << 4;
    struct yw_responder r;
    int64_t now = yw_china_day_start(20780) + 10 * YW_HOUR;
    yw_responder_init(&r, &s, 1, &face, now);
    yw_memory_load(&r, (const char *)bytes + 1, n - 1, &err);
    hj212_packet p;
    for (size_t at = 1; at < n;) {
        hj212_result got = hj212_decode(NULL, bytes + at, n - at, &p);
        if (got.status == HJ212_INCOMPLETE || got.consumed == 0) break;
        uint32_t before = r.out.count;
        if (got.status == HJ212_PACKET) yw_responder_take(&r, p.frame, p.frame_len, now);
        if (r.out.count > before + YW_RESPONDER_PER_FRAME || r.out.count > YW_RESPONDER_QUEUE) abort();
        yw_responder_tick(&r, now);
        take_all(&r, &face, now);
        now += YW_MINUTE;
        at += got.consumed;
    }
    yw_responder_free(&r);
    return 0;
}
