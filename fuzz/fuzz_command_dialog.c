/* A dialog under any sequence of packets and times: it is sent at most recount + 1 times, what has ended
 * stays ended, after a tick nothing is due in the past, and `until` is never before `due`.
 *
 * Input: flow, answer, recount, overtime, execute (one byte each), then steps: a byte that says how much time
 * passes and what comes (a kind of packet and its QN, or the next bytes as a frame of the device's own). */
#include <stdlib.h>
#include <string.h>

#include "command/command.h"
#include "command/dialog.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define QN "20160801085857223"

static void hold(bool right) {
    if (!right) abort();
}

static void check(const struct yw_dialog *d, const struct yw_dialog *before, enum yw_say say) {
    hold(d->attempts >= 1 && d->attempts <= d->rule.recount + 1);
    hold(d->attempts >= before->attempts && d->uploads >= before->uploads);
    hold(yw_dialog_until(d) >= d->due);
    hold((d->state == YW_DIALOG_ENDED) == (d->outcome != YW_OUTCOME_NONE));
    hold((d->state == YW_DIALOG_ENDED) == (d->due == INT64_MAX));
    if (before->state == YW_DIALOG_ENDED) {
        hold(say == YW_SAY_NOTHING && memcmp(d, before, sizeof *d) == 0);
    } else {
        hold((say == YW_SAY_END) == (d->state == YW_DIALOG_ENDED));
        hold(before->state != YW_DIALOG_ACCEPTED || d->attempts == before->attempts);
        hold(d->state >= before->state);
    }
}

static size_t packet_of(const uint8_t *data, size_t size, uint8_t what, hj212_packet *p) {
    static const char *const cns[] = {"9011", "9012", "9013", "9014", "2051", "1061", "2011", "1012"};
    static const char *const qns[] = {QN, "20160801085857224", NULL, ""};
    static const char *const areas[] = {"",
                                        "QnRtn=1",
                                        "QnRtn=2",
                                        "ExeRtn=1",
                                        "QN=" QN ";ExeRtn=100",
                                        "QN=" QN ";QnRtn=1",
                                        "DataTime=20160801080000;w01018-Avg=1",
                                        "DataTime=20170801080000"};
    static char frame[HJ212_FRAME_MAX];
    if (what & 0x80) { /* the device's own frame: the rest of the input, up to 255 bytes */
        hj212_options o = {.at_end = true};
        hj212_result r = hj212_decode(&o, data, size < 255 ? size : 255, p);
        return r.status == HJ212_PACKET ? r.consumed : 0;
    }
    hj212_message m = {.qn = hj212_text(qns[size ? data[0] & 3 : 0]),
                       .st = hj212_text("91"),
                       .cn = hj212_text(cns[what & 7]),
                       .flag = hj212_text("4"),
                       .cp = hj212_text(areas[what >> 3 & 7])};
    size_t n = hj212_encode(&m, frame, sizeof frame);
    hold(hj212_decode(NULL, frame, n, p).status == HJ212_PACKET);
    return 1;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size < 5) return 0;
    struct yw_dialog_rule rule = {.flow = data[0] & 1,
                                  .answer = data[1] & 3,
                                  .cn = 2051,
                                  .upload = data[1] & 4   ? 0
                                            : data[1] & 8 ? 1061
                                                          : 2051,
                                  .recount = data[2] % 100,
                                  .overtime_s = data[3],
                                  .execute_s = (uint16_t)(data[4] << (data[0] & 8))};
    if (data[0] & 2) {
        hj212_parse_time(hj212_text("20160801080000"), &rule.from);
        hj212_parse_time(hj212_text("20160801090000"), &rule.to);
    }
    struct yw_dialog d;
    int64_t now = INT64_C(1470013137223000), began = now;
    yw_dialog_start(&d, &rule, QN, now);
    hold(d.state == YW_DIALOG_SENT && d.attempts == 1 && yw_dialog_until(&d) >= d.due && d.due > now);
    unsigned sent = 1;
    for (size_t at = 5; at + 1 < size;) {
        struct yw_dialog before = d;
        uint8_t pass = data[at], what = data[at + 1];
        at += 2;
        now += (int64_t)(pass & 0x7F) * (pass & 0x80 ? YW_MINUTE : YW_SECOND / 4);
        enum yw_say say;
        if (what == 0x7F) {
            say = yw_dialog_tick(&d, now);
            hold(say == YW_SAY_NOTHING || say == YW_SAY_SEND || say == YW_SAY_END);
            hold(d.due > now);
            hold(say != YW_SAY_NOTHING || memcmp(&d, &before, sizeof d) == 0);
            sent += say == YW_SAY_SEND;
        } else {
            hj212_packet p;
            size_t n = packet_of(data + at, size - at, what, &p);
            if (n == 0) continue;
            if (at + n <= size) at += n;
            say = yw_dialog_packet(&d, &p, now);
            hold(say != YW_SAY_SEND);
            hold(say != YW_SAY_NOTHING || memcmp(&d, &before, sizeof d) == 0);
        }
        check(&d, &before, say);
        hold(sent == d.attempts);
    }
    /* left alone it comes to its end in time: at the latest when it says */
    yw_dialog_tick(&d, now);
    int64_t until = yw_dialog_until(&d);
    while (d.state != YW_DIALOG_ENDED) {
        hold(d.due <= until && d.due <= began + YW_DIALOG_LONGEST_S * YW_SECOND);
        now = d.due > now ? d.due : now;
        yw_dialog_tick(&d, now);
    }
    return 0;
}
