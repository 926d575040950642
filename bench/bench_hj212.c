/* How many packets a second one core decodes with every check and with typed values.
 *
 * Two packets are measured as devices send them: minute data of six factors with Min, Avg, Max, Cou and Flag
 * (638 bytes) and real-time data of eight factors (376 bytes). Each run goes through many different packets,
 * so that the processor cannot learn one of them by heart. Every engine of this machine is measured. Prints
 * JSON lines. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "hj212.h"

enum { PACKETS = 512, RUNS = 7, RUN_NS = 400000000, VALUES = 64 };

struct stream {
    char *bytes;
    size_t n;
};

static uint64_t random_state = 20260101;

static uint32_t random_below(uint32_t n) {
    random_state = random_state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)((random_state >> 33) % n);
}

static int64_t now_ns(void) { /* of this thread: what others do on the machine counts as little as possible */
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* A positive value printed with `width` characters, the point anywhere. */
static hj212_decimal random_value(uint32_t width) {
    int64_t limit = 10;
    for (uint32_t i = 2; i < width; i++) limit *= 10;
    hj212_decimal d = {limit / 10 + random_below((uint32_t)(limit - limit / 10)), 1};
    d.scale = (uint8_t)(1 + random_below(width - 2));
    return d;
}

/* The values' widths differ from packet to packet, but add up to `total`. */
static void random_widths(uint32_t *width, uint32_t n, uint32_t total) {
    for (uint32_t i = 0; i < n; i++) width[i] = total / n + (i < total % n);
    for (uint32_t i = 0; i < 4 * n; i++) {
        uint32_t from = random_below(n), to = random_below(n);
        if (width[from] <= 4 || width[to] >= 8) continue;
        width[from]--;
        width[to]++;
    }
}

static void put_factors(hj212_writer *w, const char *const *factors, const char *const *fields,
                        const uint32_t *width) {
    for (; *factors; factors++) {
        for (const char *const *f = fields; *f; f++)
            hj212_put_decimal(w, *factors, *f, random_value(*width++));
        hj212_put(w, *factors, "Flag", random_below(20) ? "N" : "D");
    }
}

/* PACKETS frames of exactly `size` bytes each. */
static struct stream make_stream(const char *cn, const char *const *factors, const char *const *fields,
                                 uint32_t count, uint32_t total, size_t size) {
    struct stream s = {malloc(PACKETS * size), 0};
    if (!s.bytes) exit(1);
    while (s.n < PACKETS * size) {
        char area[1024], qn[17], time[14], frame[HJ212_FRAME_MAX];
        int64_t t = INT64_C(1780000000000000) + (int64_t)random_below(1000000) * 60000000;
        hj212_print_time(t + random_below(60000) * 1000, true, qn);
        hj212_print_time(t, false, time);
        hj212_writer w;
        hj212_writer_init(&w, area, sizeof area);
        char terminated[15] = {0};
        memcpy(terminated, time, 14);
        hj212_put(&w, NULL, "DataTime", terminated);
        uint32_t width[VALUES];
        random_widths(width, count, total);
        put_factors(&w, factors, fields, width);
        hj212_message m = {.qn = {qn, 17},
                           .st = hj212_text("31"),
                           .cn = hj212_text(cn),
                           .pw = hj212_text("123456"),
                           .mn = hj212_text("010000A8900016F000169DC0"),
                           .flag = hj212_text("5"),
                           .cp = hj212_written(&w)};
        size_t n = hj212_encode(&m, frame, sizeof frame);
        if (n != size) {
            fprintf(stderr, "bench-hj212: a packet of %zu bytes instead of %zu\n", n, size);
            exit(1);
        }
        memcpy(s.bytes + s.n, frame, n);
        s.n += n;
    }
    return s;
}

static uint64_t decode_once(const struct stream *s, int64_t *sum) {
    hj212_packet p;
    hj212_value values[VALUES];
    uint64_t packets = 0;
    for (size_t at = 0; at < s->n; packets++) {
        hj212_result r = hj212_decode(NULL, s->bytes + at, s->n - at, &p);
        if (r.status != HJ212_PACKET || !p.ok || p.findings_total) {
            fprintf(stderr, "bench-hj212: a packet of its own making has findings\n");
            exit(1);
        }
        size_t count = hj212_values(p.cp, values, VALUES);
        for (size_t i = 0; i < count && i < VALUES; i++)
            if (values[i].kind == HJ212_V_NUMBER) *sum += values[i].number.mantissa;
        at += r.consumed;
    }
    return packets;
}

static int by_size(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void measure(const char *figure, const struct stream *s, size_t size, double target) {
    double rate[RUNS], sorted[RUNS];
    int64_t sum = 0;
    for (int i = 0; i < RUNS; i++) {
        uint64_t packets = 0;
        int64_t begin = now_ns(), end;
        do {
            packets += decode_once(s, &sum);
            end = now_ns();
        } while (end - begin < RUN_NS);
        rate[i] = (double)packets * 1e9 / (double)(end - begin);
    }
    memcpy(sorted, rate, sizeof rate);
    qsort(sorted, RUNS, sizeof sorted[0], by_size);
    printf("{\"bench\":\"hj212\",\"figure\":\"%s\",\"unit\":\"packets/s\",\"engine\":\"%s\",\"bytes\":%zu,"
           "\"median\":%.0f,\"target\":%.0f,\"ratio\":%.2f,\"runs\":[",
           figure, hj212_engine(), size, sorted[RUNS / 2], target, sorted[RUNS / 2] / target);
    for (int i = 0; i < RUNS; i++) printf("%s%.0f", i ? "," : "", rate[i]);
    printf("],\"check\":%" PRId64 "}\n", sum % 1000);
    fflush(stdout);
}

int main(void) {
    static const char *const six[] = {"a21026", "a21002", "a34013", "a19001", "a01011", "a01012", NULL};
    static const char *const eight[] = {"a21026", "a21002", "a34013", "a19001", "a01011",
                                        "a01012", "a01013", "a01014", NULL};
    static const char *const minute[] = {"Min", "Avg", "Max", "Cou", NULL}, *const real[] = {"Rtd", NULL};
    static const char *const engines[] = {"portable", "neon", "avx2", "avx512"};
    struct stream a = make_stream("2051", six, minute, 24, 144, 638);
    struct stream b = make_stream("2011", eight, real, 8, 46, 376);
    for (size_t i = 0; i < sizeof engines / sizeof engines[0]; i++) {
        if (!hj212_use(engines[i])) continue;
        measure("decode_minute_6_factors", &a, 638, 1000000);
        measure("decode_real_8_factors", &b, 376, 1300000);
    }
    free(a.bytes);
    free(b.bytes);
    return 0;
}
