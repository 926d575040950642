/* A data logger's firmware in one page: a minute of readings becomes a packet, the host's answer is
 * recognised.
 *
 * libhj212 allocates nothing and needs no operating system: `send` and `receive` are whatever the board has.
 * Build: cc logger.c $(pkg-config --cflags --libs hj212) */
#include <stdio.h>
#include <string.h>

#include <hj212.h>

struct reading {
    const char *factor;
    hj212_decimal min, avg, max; /* mantissa and decimals: 12.3 is {123, 1} */
    const char *mark;            /* N normal, D fault, M maintenance ... */
};

/* Builds the packet of CN=2051 (minute data) into out; returns its length, 0 if it does not fit. */
static size_t minute_packet(int64_t now_us, const struct reading *r, size_t count, void *out, size_t size) {
    char area[950], qn[18] = "", time[15] = "";
    hj212_writer w;
    hj212_print_time(now_us, true, qn);
    hj212_print_time(now_us - now_us % 60000000 - 60000000, false, time); /* the minute that has just ended */
    hj212_writer_init(&w, area, sizeof area);
    hj212_put(&w, NULL, "DataTime", time);
    for (size_t i = 0; i < count; i++) {
        hj212_put_decimal(&w, r[i].factor, "Min", r[i].min);
        hj212_put_decimal(&w, r[i].factor, "Avg", r[i].avg);
        hj212_put_decimal(&w, r[i].factor, "Max", r[i].max);
        hj212_put(&w, r[i].factor, "Flag", r[i].mark);
    }
    if (!hj212_written(&w).p) return 0;
    hj212_message m = {.qn = hj212_text(qn),
                       .st = hj212_text("31"),
                       .cn = hj212_text("2051"),
                       .pw = hj212_text("123456"),
                       .mn = hj212_text("010000A8900016F000169DC0"),
                       .flag = hj212_text("5"),
                       /* 2017, answer wanted */ .cp = hj212_written(&w)};
    return hj212_encode(&m, out, size);
}

int main(void) {
    const struct reading readings[] = {{"a21026", {118, 1}, {123, 1}, {140, 1}, "N"},
                                       {"a19001", {615, 2}, {620, 2}, {633, 2}, "N"}};
    char out[HJ212_FRAME_MAX], in[HJ212_FRAME_MAX];
    hj212_packet sent, answer;
    size_t n = minute_packet(1764000000000000, readings, 2, out, sizeof out);
    if (n == 0) return 1;
    fwrite(out, 1, n, stdout); /* send(out, n) */

    /* what the host would answer; the firmware would receive() it */
    if (hj212_decode(NULL, out, n, &sent).status != HJ212_PACKET || !sent.ok) return 1;
    n = hj212_encode_ack(&sent, in, sizeof in);
    if (hj212_decode(NULL, in, n, &answer).status != HJ212_PACKET || !answer.ok) return 1;
    bool mine = answer.command == 9014 && answer.qn.n == 17 && memcmp(answer.qn.p, sent.qn.p, 17) == 0;
    return mine && sent.findings_total == 0 ? 0 : 1; /* not mine: send the packet again after ten seconds */
}
