/* End to end on loopback: devices on 1,000 links, gateway, journal, pipeline and store on the same cores.
 * Starts a `yanwu serve` of its own (YANWU_BUILD, else beside the bench folder) with a temporary data folder
 * below TMPDIR.
 *
 *   window4, window1   packets a second acknowledged after commit, as fast as the window lets
 *   rate               acknowledgement time at 10,000 packets a second, window 1
 *   first              from the start of serve to the first acknowledged packet
 *   idle               10,000 links that say nothing: user memory of the gateways for each
 *   wide               100,000 links over several client processes and source addresses (by hand)
 *
 * After each load everything sent must stand in the store exactly once. Prints JSON lines. */
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "e2e/load.h"
#include "e2e/platform.h"
#include "e2e/stored.h"

enum { CLIENT_LINKS_MAX = 18000, WORKER_LINKS = 15000, SOURCES = 32, RUNS_MAX = 9 };

struct bench {
    const char *mode;
    uint32_t links, seconds, rate, workers, runs;
    bool keep, no_store;
};

static int complain(const struct yw_error *err) {
    fprintf(stderr, "bench-e2e: %s\n", err->text);
    return 1;
}

static int by_value(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

static void report(const char *figure, const char *unit, const double *runs, size_t n, const char *more) {
    double sorted[RUNS_MAX];
    memcpy(sorted, runs, n * sizeof *runs);
    qsort(sorted, n, sizeof *sorted, by_value);
    printf("{\"bench\":\"e2e\",\"figure\":\"%s\",\"unit\":\"%s\",\"median\":%.6g,\"runs\":[", figure, unit,
           sorted[n / 2]);
    for (size_t i = 0; i < n; i++) printf("%s%.6g", i ? "," : "", runs[i]);
    printf("]%s%s}\n", more[0] ? "," : "", more);
    fflush(stdout);
}

/* Processor time of this process, the generator: what it takes from the cores that are measured. */
static double own_cpu_s(void) {
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
           (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

/* ---- loads ---- */

struct run {
    uv_loop_t loop;
    uv_timer_t timer;
    struct load *load;
    struct platform *platform;
    int64_t began, went, ended;
    double cpu_s;
    struct stored_progress at_go, at_end;
    bool failed;
};

static void on_look(uv_timer_t *timer) {
    struct run *r = timer->data;
    int64_t now = yw_monotonic();
    if (!r->went && load_all_up(r->load)) {
        r->went = now;
        stored_progress(r->platform, &r->at_go);
        r->cpu_s = own_cpu_s();
        load_go(r->load);
    } else if (!r->went && now - r->began > 60 * YW_SECOND) {
        fprintf(stderr, "bench-e2e: links do not come up: %llu up, %s\n",
                (unsigned long long)load_result(r->load)->up, load_result(r->load)->why);
        r->failed = true;
    }
    if (r->failed || load_done(r->load)) {
        r->ended = now;
        r->cpu_s = own_cpu_s() - r->cpu_s;
        stored_progress(r->platform, &r->at_end);
        load_close(r->load);
        uv_close((uv_handle_t *)&r->timer, NULL);
    }
}

/* Runs one load to its end; the caller destroys r->load. */
static enum yw_code run_load(struct run *r, struct platform *p, const struct load_options *o,
                             struct yw_error *err) {
    *r = (struct run){.platform = p, .began = yw_monotonic()};
    uv_loop_init(&r->loop);
    enum yw_code code = load_create(&r->loop, o, &r->load, err);
    if (code) return code;
    uv_timer_init(&r->loop, &r->timer);
    r->timer.data = r;
    uv_timer_start(&r->timer, on_look, 1, 1);
    uv_run(&r->loop, UV_RUN_DEFAULT);
    uv_loop_close(&r->loop);
    return r->failed ? yw_fail(err, YW_E_STATE, "the load did not run") : YW_OK;
}

/* Waits until the store has caught up with the journals; says how far it was behind and how long that took.
 */
static int drain_and_check(struct run *r, const struct bench *b, uint64_t *lag, int64_t *drain_us,
                           struct yw_error *err) {
    const struct load_result *x = load_result(r->load);
    *lag = x->sent > r->at_end.packets ? x->sent - r->at_end.packets : 0;
    *drain_us = 0;
    if (b->no_store) return 0;
    int64_t began = yw_monotonic();
    if (stored_wait(r->platform, x->sent, 600 * YW_SECOND, err)) return complain(err);
    *drain_us = yw_monotonic() - began;
    uint64_t wrong = 0;
    for (uint32_t i = 0; i < b->links; i++) {
        uint64_t rows = 0;
        if (stored_count(r->platform, i + 1, &rows, err)) return complain(err);
        if (rows != load_device_sent(r->load, i) && wrong++ < 5)
            fprintf(stderr, "bench-e2e: device %u sent %u packets, the store has %llu records\n", i,
                    load_device_sent(r->load, i), (unsigned long long)rows);
    }
    if (wrong) return fprintf(stderr, "bench-e2e: %llu devices are wrong\n", (unsigned long long)wrong), 1;
    return 0;
}

static void print_run(const struct bench *b, const struct run *r, uint32_t window, double rate,
                      const double figures[4], uint64_t lag, const char *exactly_once) {
    const struct load_result *x = load_result(r->load);
    const struct platform *p = r->platform;
    double journal = (double)(platform_disk(p, "journal") + platform_disk(p, "blocks"));
    double values = (double)x->sent * LOAD_VALUES, store = (double)platform_disk(p, "series");
    printf("{\"bench\":\"e2e\",\"run\":\"window "
           "%u%s\",\"links\":%u,\"workers\":%u,\"seconds\":%u,\"packets\":%llu,",
           window, rate > 0 ? " at a fixed rate" : "", b->links, b->workers, b->seconds,
           (unsigned long long)x->sent);
    printf("\"acknowledged_per_s\":%.0f,\"ack_p50_ms\":%.2f,\"ack_p99_ms\":%.2f,\"ack_max_ms\":%.2f,"
           "\"resent\":%llu,"
           "\"lost\":%llu,\"generator_cpu_us_per_packet\":%.2f,",
           figures[0], (double)load_percentile_us(x, 0.5) / 1000, figures[1],
           (double)x->latency_max_us / 1000, (unsigned long long)x->resent, (unsigned long long)x->lost,
           x->sent ? r->cpu_s * 1e6 / (double)x->sent : 0);
    printf(
        "\"stored_per_s\":%.0f,\"lag_packets_at_end\":%llu,\"drain_s\":%.2f,\"journal_bytes_per_value\":%.2f,"
        "\"store_bytes_per_value\":%.2f,\"exactly_once\":%s}\n",
        figures[2], (unsigned long long)lag, figures[3], values > 0 ? journal / values : 0,
        values > 0 ? store / values : 0, exactly_once);
    fflush(stdout);
}

static int window_run(const struct bench *b, uint32_t window, double rate, double figures[4]) {
    struct yw_error err;
    struct platform p;
    struct run r;
    int64_t month;
    if (platform_create(&p, b->links, b->workers, &err)) return complain(&err);
    snprintf(p.only, sizeof p.only, "%s", b->no_store ? "gateway" : "gateway,pipeline");
    yw_time_parse("2026-10-01", 10, &month);
    if (platform_start(&p, &err)) return complain(&err);
    struct load_options o = {.port = p.device_port,
                             .links = b->links,
                             .window = window,
                             .rate = rate,
                             .seconds_us = (int64_t)b->seconds * YW_SECOND,
                             .first_time = month};
    if (run_load(&r, &p, &o, &err)) return complain(&err);
    const struct load_result *x = load_result(r.load);
    uint64_t lag;
    int64_t drain_us;
    int bad = drain_and_check(&r, b, &lag, &drain_us, &err);
    bad |= x->acked != x->sent || x->lost;
    figures[0] = (double)x->acked_in_time / b->seconds;
    figures[1] = (double)load_percentile_us(x, 0.99) / 1000;
    figures[2] = (double)(r.at_end.packets - r.at_go.packets) * 1e6 / (double)(r.ended - r.went);
    figures[3] = (double)drain_us / 1e6;
    print_run(b, &r, window, rate, figures, lag, b->no_store ? "null" : bad ? "false" : "true");
    load_destroy(r.load);
    if (!platform_stop(&p)) bad |= fprintf(stderr, "bench-e2e: serve did not end well\n") > 0;
    if (!b->keep) platform_remove(&p);
    return bad;
}

static int windows(const struct bench *b, uint32_t window, double rate, const char *name) {
    double runs[4][RUNS_MAX], one[4] = {0};
    int bad = 0;
    for (uint32_t i = 0; i < b->runs; i++) {
        if (window_run(b, window, rate, one)) bad = 1;
        for (int k = 0; k < 4; k++) runs[k][i] = one[k];
    }
    char figure[64];
    snprintf(figure, sizeof figure, "%s", name);
    if (rate > 0) {
        report(figure, "ms, p99 of acknowledgement", runs[1], b->runs, "\"limit\":5");
    } else {
        report(figure, "packets/s acknowledged", runs[0], b->runs,
               window == 4 ? "\"limit\":100000" : "\"limit\":40000");
        if (!b->no_store)
            report("pipeline during the run", "packets/s stored", runs[2], b->runs, "\"limit\":20000");
        if (!b->no_store) report("time to drain", "s", runs[3], b->runs, "");
    }
    return bad;
}

/* ---- first packet ---- */

static int first(const struct bench *b) {
    double runs[RUNS_MAX], ready[RUNS_MAX];
    struct yw_error err;
    for (uint32_t i = 0; i < b->runs; i++) {
        struct platform p;
        struct run r;
        if (platform_create(&p, 1, b->workers, &err)) return complain(&err);
        if (b->no_store) yw_copy(p.only, sizeof p.only, "gateway", 7);
        int64_t began = yw_monotonic();
        if (platform_start(&p, &err)) return complain(&err);
        struct load_options o = {
            .port = p.device_port, .links = 1, .window = 1, .rate = 100, .seconds_us = 11000};
        if (run_load(&r, &p, &o, &err)) return complain(&err);
        runs[i] = (double)(r.ended - began) / 1000;
        ready[i] = (double)p.ready_us / 1000;
        load_destroy(r.load);
        platform_remove(&p);
    }
    report("first acknowledged packet after start", "ms", runs, b->runs, "\"limit\":500");
    report("serve says ready", "ms", ready, b->runs, "");
    return 0;
}

/* ---- many links ---- */

/* A client process: opens its links, says so with one byte, holds them until its input closes. */
static int hold_links(uint16_t port, uint32_t links, uint32_t sources, int say, int until) {
    uv_loop_t loop;
    struct yw_error err;
    struct load *l;
    uv_loop_init(&loop);
    struct load_options o = {.port = port, .links = links, .window = 1, .sources = sources, .idle = true};
    if (load_create(&loop, &o, &l, &err)) return complain(&err);
    int64_t until_us = yw_monotonic() + 60 * YW_SECOND;
    while (!load_all_up(l) && yw_monotonic() < until_us) uv_run(&loop, UV_RUN_ONCE);
    if (!load_all_up(l))
        fprintf(stderr, "bench-e2e: %llu of %u links came up: %s\n", (unsigned long long)load_result(l)->up,
                links, load_result(l)->why);
    char c = 'u';
    if (write(say, &c, 1) != 1) return 1;
    return read(until, &c, 1) < 0;
}

static int idle(const struct bench *b, uint32_t links, const char *name) {
    struct yw_error err;
    struct platform p;
    int say[2], until[2], bad = 0;
    /* a worker may hold as many links as it may open files */
    uint32_t workers = links / WORKER_LINKS + 1;
    if (platform_create(&p, 1, workers > b->workers ? workers : b->workers, &err)) return complain(&err);
    yw_copy(p.only, sizeof p.only, "gateway", 7);
    if (platform_start(&p, &err) || pipe(say) || pipe(until)) return complain(&err);
    uint64_t before = platform_memory(&p, "(yanwu-gateway)");
    uint32_t clients = 0;
    int64_t began = yw_monotonic();
    for (uint32_t left = links; left;) {
        uint32_t n = left < CLIENT_LINKS_MAX ? left : CLIENT_LINKS_MAX;
        if (fork() == 0) {
            close(until[1]);
            _exit(hold_links(p.device_port, n, links > 20000 ? SOURCES : 0, say[1], until[0]));
        }
        clients++;
        left -= n;
    }
    close(until[0]);
    close(say[1]);
    for (uint32_t i = 0; i < clients && !bad; i++) {
        char c;
        if (read(say[0], &c, 1) != 1) bad = 1;
    }
    int64_t took = yw_monotonic() - began;
    uint64_t up = platform_counter(&p, YW_GW_LINKS), after = platform_memory(&p, "(yanwu-gateway)");
    double each = up ? ((double)after - (double)before) / (double)up : 0;
    char more[160];
    snprintf(more, sizeof more,
             "\"limit\":4096,\"links\":%llu,\"seconds\":%.1f,\"gateway_bytes_before\":%llu",
             (unsigned long long)up, (double)took / 1e6, (unsigned long long)before);
    report(name, "bytes of user memory an idle link", &each, 1, more);
    close(until[1]);
    while (wait(NULL) > 0 && --clients > 0) {
    }
    if (up < links)
        bad |=
            fprintf(stderr, "bench-e2e: only %llu of %u links came up\n", (unsigned long long)up, links) > 0;
    platform_remove(&p);
    return bad;
}

/* ---- */

static bool wanted(const struct bench *b, const char *mode) {
    return strcmp(b->mode, mode) == 0 || (strcmp(b->mode, "all") == 0 && strcmp(mode, "wide") != 0);
}

int main(int argc, char **argv) {
    struct bench b = {.mode = "all", .links = 1000, .seconds = 60, .rate = 10000, .workers = 1, .runs = 1};
    const struct yw_opt opts[] = {
        {"mode", YW_OPT_TEXT, &b.mode, "MODE",
         "window4, window1, rate, first, idle, wide or all (all but wide)"},
        {"links", YW_OPT_U32, &b.links, "N", "links of the loads (1000)"},
        {"seconds", YW_OPT_U32, &b.seconds, "N", "length of a load (60)"},
        {"rate", YW_OPT_U32, &b.rate, "N", "packets a second of the rate mode (10000)"},
        {"workers", YW_OPT_U32, &b.workers, "N", "gateway workers (1, as serve on two cores)"},
        {"runs", YW_OPT_U32, &b.runs, "N", "runs of each load, at most 9 (1)"},
        {"gateway-only", YW_OPT_FLAG, &b.no_store, NULL, "without pipeline and store"},
        {"keep", YW_OPT_FLAG, &b.keep, NULL, "leave the data folder"},
    };
    const struct yw_command cmd = {"bench-e2e",
                                   "[OPTION...]",
                                   "Measures the path from a device's packet to the store.",
                                   NULL,
                                   opts,
                                   YW_COUNT(opts),
                                   0,
                                   0};
    int count, bad = 0;
    if (yw_options(&cmd, argc, argv, &count)) return 2;
    if (b.runs < 1 || b.runs > RUNS_MAX || b.links < 1 || b.seconds < 1) return 2;
    if (wanted(&b, "window4")) bad |= windows(&b, 4, 0, "window 4");
    if (wanted(&b, "window1")) bad |= windows(&b, 1, 0, "window 1");
    if (wanted(&b, "rate")) bad |= windows(&b, 1, b.rate, "window 1 at a fixed rate");
    if (wanted(&b, "first")) bad |= first(&b);
    if (wanted(&b, "idle")) bad |= idle(&b, 10000, "10,000 idle links");
    if (wanted(&b, "wide")) bad |= idle(&b, 100000, "100,000 idle links");
    return bad;
}
