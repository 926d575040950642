/* yanwu-gateway: one worker. The supervisor starts it; nobody types it. */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <stdio.h>

#include "gateway/broker.h"
#include "gateway/gateway.h"
#include "gateway/probe.h"

struct arguments {
    struct yw_gateway_config config;
    const char *domain, *probe, *lock_in;
    uint32_t listen_fd, tls_fd, broker_fd, push_fd;
    uint64_t rate_bytes, garbage, answers;
    int64_t idle_s, partial_s;
};

#define NO_FD UINT32_MAX

static enum yw_code parse(struct arguments *a, int argc, char **argv) {
    struct yw_gateway_config *c = &a->config;
    const struct yw_opt opts[] = {
        {"worker", YW_OPT_U32, &c->worker, "N", "number of this worker, from 0"},
        {"domain", YW_OPT_TEXT, &a->domain, "KIND", "real, training or demo"},
        {"listen-fd", YW_OPT_U32, &a->listen_fd, "FD", "listening socket for plain links"},
        {"tls-fd", YW_OPT_U32, &a->tls_fd, "FD", "listening socket for TLS links"},
        {"tls-cert", YW_OPT_TEXT, &c->tls_cert, "FILE", "certificate chain, PEM"},
        {"tls-key", YW_OPT_TEXT, &c->tls_key, "FILE", "its key, PEM"},
        {"broker-fd", YW_OPT_U32, &a->broker_fd, "FD", "socket to the supervisor that opens files"},
        {"push-fd", YW_OPT_U32, &a->push_fd, "FD", "socket on which register.snap comes"},
        {"links-max", YW_OPT_U32, &c->links_max, "N", "links to hold at most (0: what the system allows)"},
        {"pending-max", YW_OPT_SIZE, &c->pending_max, "BYTES",
         "accepted and uncommitted bytes before reading pauses"},
        {"held-max", YW_OPT_SIZE, &c->held_max, "BYTES", "memory for unfinished frames"},
        {"link-bytes", YW_OPT_SIZE, &a->rate_bytes, "BYTES", "bytes a second from one link (0: no limit)"},
        {"link-packets", YW_OPT_U32, &c->limits.packets_s, "N",
         "packets a second from one link (0: no limit)"},
        {"link-refused", YW_OPT_U32, &c->limits.refused_s, "N", "the same for packets that are not accepted"},
        {"link-findings", YW_OPT_U32, &c->limits.findings_s, "N",
         "findings a second from one link (0: no limit)"},
        {"link-garbage", YW_OPT_SIZE, &a->garbage, "BYTES",
         "bytes an hour that are no packet, then the link is closed"},
        {"link-idle", YW_OPT_SECONDS, &a->idle_s, "TIME", "silence after which a link is closed"},
        {"link-partial", YW_OPT_SECONDS, &a->partial_s, "TIME",
         "age of an unfinished frame at which a link is closed"},
        {"link-quiet", YW_OPT_U32, &c->limits.quiet_ms, "MS",
         "silence after which a frame without its end is taken"},
        {"link-answers", YW_OPT_SIZE, &a->answers, "BYTES",
         "answers a link leaves unread before it is closed"},
        {"lock-in", YW_OPT_TEXT, &a->lock_in, "WORD", "yes, or no to serve without the system call filter"},
        {"probe", YW_OPT_TEXT, &a->probe, "FILE", "lock in, try to open FILE and more, report, and end"},
    };
    const struct yw_command cmd = {.name = "yanwu-gateway",
                                   .usage = "OPTION...",
                                   .summary =
                                       "Serves devices; started by yanwu serve, which hands it its sockets.",
                                   .opts = opts,
                                   .opt_count = YW_COUNT(opts)};
    int count;
    return yw_options(&cmd, argc, argv, &count);
}

static bool domain_of(const char *name, uint8_t *out) {
    static const char *const names[] = {
        [YW_DOMAIN_REAL] = "real", [YW_DOMAIN_TRAINING] = "training", [YW_DOMAIN_DEMO] = "demo"};
    for (uint8_t i = YW_DOMAIN_REAL; i <= YW_DOMAIN_DEMO; i++) {
        if (strcmp(name, names[i]) == 0) {
            *out = i;
            return true;
        }
    }
    return false;
}

static bool to_seconds(int64_t value, uint32_t *out) {
    if (value < 0 || value > 365 * 86400) return false;
    *out = (uint32_t)value;
    return true;
}

static bool to_u32(uint64_t value, uint32_t *out) {
    if (value > UINT32_MAX) return false;
    *out = (uint32_t)value;
    return true;
}

static int fd_of(uint32_t value) {
    return value > INT32_MAX ? -1 : (int)value;
}

static const char *fill(struct arguments *a, char *journal, size_t size) {
    struct yw_gateway_config *c = &a->config;
    if (!domain_of(a->domain, &c->domain)) return "--domain takes real, training or demo";
    if (!to_seconds(a->idle_s, &c->limits.idle_s)) return "--link-idle is at most a year";
    if (!to_seconds(a->partial_s, &c->limits.partial_s)) return "--link-partial is at most a year";
    if (!to_u32(a->rate_bytes, &c->limits.bytes_s)) return "--link-bytes is below 4G";
    if (!to_u32(a->garbage, &c->limits.garbage)) return "--link-garbage is below 4G";
    if (!to_u32(a->answers, &c->limits.answers)) return "--link-answers is below 4G";
    if (c->pending_max < 1 << 20 || c->pending_max > 48 << 20) return "--pending-max is between 1M and 48M";
    c->listen_fd = fd_of(a->listen_fd);
    c->tls_fd = fd_of(a->tls_fd);
    c->push_fd = fd_of(a->push_fd);
    if (fd_of(a->broker_fd) < 0) return "--broker-fd is missing: a worker is started by yanwu serve";
    if (c->tls_fd >= 0 && (c->tls_cert == NULL || c->tls_key == NULL))
        return "--tls-fd needs --tls-cert and --tls-key";
    c->lock_in = strcmp(a->lock_in, "yes") == 0;
    if (!c->lock_in && strcmp(a->lock_in, "no") != 0) return "--lock-in takes yes or no";
    snprintf(journal, size, "p%u", c->worker);
    c->journal = c->folder = journal;
    return NULL;
}

static int serve(const struct yw_gateway_config *c, int broker_fd) {
    struct yw_error err;
    struct yw_io *io = yw_broker_io_create(broker_fd, &err);
    struct yw_gateway *g = NULL;
    enum yw_code code = io != NULL ? yw_gateway_open(c, io, &g, &err) : err.code;
    if (code == YW_OK) code = yw_gateway_run(g, &err);
    yw_gateway_close(g);
    yw_broker_io_destroy(io);
    if (code == YW_OK) return 0;
    yw_log(YW_LOG_ERROR, "%s", err.text);
    return 1;
}

int main(int argc, char **argv) {
    struct arguments a = {.domain = "real",
                          .lock_in = "yes",
                          .listen_fd = NO_FD,
                          .tls_fd = NO_FD,
                          .broker_fd = NO_FD,
                          .push_fd = NO_FD};
    yw_gateway_config_init(&a.config);
    a.rate_bytes = a.config.limits.bytes_s;
    a.garbage = a.config.limits.garbage;
    a.answers = a.config.limits.answers;
    a.idle_s = a.config.limits.idle_s;
    a.partial_s = a.config.limits.partial_s;
    if (parse(&a, argc, argv) != YW_OK) return 2;
    if (a.probe != NULL) {
        struct yw_error err;
        enum yw_code code = yw_gateway_probe(a.probe, &err);
        fprintf(stderr, "yanwu-gateway: %s\n", err.text);
        return code == YW_E_DENIED ? 0 : 1;
    }
    char journal[16], program[32];
    const char *wrong = fill(&a, journal, sizeof journal);
    if (wrong != NULL) {
        fprintf(stderr, "yanwu-gateway: %s\n", wrong);
        return 2;
    }
    snprintf(program, sizeof program, "gateway-%u", a.config.worker);
    yw_log_setup(program, YW_LOG_INFO);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN); /* a file size limit is a full disk, not the end */
    signal(SIGINT, SIG_IGN);  /* the terminal's; the supervisor decides */
    return serve(&a.config, fd_of(a.broker_fd));
}
