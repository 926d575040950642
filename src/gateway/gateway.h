/* gateway: device sessions. A worker takes packets off TCP and TLS links, judges them by register.snap,
 * journals both directions, and answers when, and only when, a packet is committed.
 *
 * Workers share nothing. Each has one loop thread, one thread that writes and syncs its journal, and the
 * listening sockets that the supervisor opened (SO_REUSEPORT). It can open no file: see broker.h. */
#ifndef YW_GATEWAY_H
#define YW_GATEWAY_H

#include "base/base.h"
#include "gateway/link.h"
#include "journal/journal.h"

/* Counters in the live page of the worker's journal (yw_live.counter), in this order. Gauges go up and down.
 */
#define YW_GATEWAY_COUNTER_TABLE(X)                                                                          \
    X(LINKS, "links", "links open now (gauge)")                                                              \
    X(LINKS_TLS, "links_tls", "of these with TLS (gauge)")                                                   \
    X(ACCEPTED, "accepted", "links accepted")                                                                \
    X(CLOSED_PEER, "closed_peer", "links the other side closed")                                             \
    X(CLOSED_IDLE, "closed_idle", "links closed because nothing came for too long")                          \
    X(CLOSED_PARTIAL, "closed_partial",                                                                      \
      "links closed because a frame or a TLS handshake was never finished")                                  \
    X(CLOSED_SLOW, "closed_slow", "links closed because the other side did not read its answers")            \
    X(CLOSED_GARBAGE, "closed_garbage", "links closed because they sent too many bytes that are no packet")  \
    X(CLOSED_LIMIT, "closed_limit", "links closed at once because the worker holds as many as it may")       \
    X(CLOSED_ERROR, "closed_error", "links closed because of an error of the network or of TLS")             \
    X(CLOSED_SHUTDOWN, "closed_shutdown", "links closed because the worker stopped")                         \
    X(BYTES, "bytes", "bytes received (after TLS)")                                                          \
    X(PACKETS, "packets", "packets received")                                                                \
    X(ADMITTED, "admitted", "packets of admitted devices")                                                   \
    X(ACKS, "acks", "answers sent, each after its packet was committed")                                     \
    X(ACKS_LOST, "acks_lost", "answers whose link was gone when the packet was committed")                   \
    X(UNKNOWN, "unknown", "packets of unknown, not admitted or refused MNs")                                 \
    X(BAD_PW, "bad_pw", "packets with a wrong PW")                                                           \
    X(BAD_CRC, "bad_crc", "frames whose CRC does not match or that were not closed")                         \
    X(FINDINGS, "findings", "findings in frame and header of packets")                                       \
    X(GARBAGE_BYTES, "garbage_bytes", "bytes that belong to no packet")                                      \
    X(GARBAGE_RUNS, "garbage_runs", "stretches of such bytes")                                               \
    X(PLANTS, "plants", "training handshakes answered")                                                      \
    X(MOVED, "moved", "times an MN came on another link than before")                                        \
    X(THROTTLED, "throttled", "times a link was made to wait because it sent too fast")                      \
    X(PAUSED, "paused", "links that wait for the disk now (gauge)")                                          \
    X(PENDING, "pending", "bytes accepted and not yet committed (gauge)")                                    \
    X(COMMITS, "commits", "batches committed")                                                               \
    X(COMMIT_US, "commit_us", "time spent writing and syncing them, microseconds")                           \
    X(COMMIT_US_MAX, "commit_us_max", "the slowest of them, microseconds (gauge)")                           \
    X(COMMIT_FAILURES, "commit_failures", "attempts to write a batch that failed")                           \
    X(DISK, "disk", "0: writing works; 1: no space left; 2: another error (gauge)")                          \
    X(REGISTER_VERSION, "register_version", "version of the register that packets are judged by (gauge)")    \
    X(DEVICES, "devices", "devices in it (gauge)")                                                           \
    X(HELD_BYTES, "held_bytes", "memory that holds unfinished frames (gauge)")                               \
    X(LINKS_MAX, "links_max", "links the worker may hold (gauge)")                                           \
    X(RESENT, "resent", "packets that came before, byte for byte, and were answered again")                  \
    X(TWIN, "twin", "packets refused because another link holds their MN")                                   \
    X(TWIN_ALARMS, "twin_alarms", "times two links claimed one MN, once a minute and device")                \
    X(REGISTRATIONS, "registrations", "registration packets of devices that have no MN yet")                 \
    X(COMMANDS, "commands", "commands sent, resends included")                                               \
    X(TALKING, "talking", "commands under way now (gauge)")

enum yw_gateway_counter {
#define X(id, name, text) YW_GW_##id,
    YW_GATEWAY_COUNTER_TABLE(X)
#undef X
        YW_GW_COUNT
};
_Static_assert((int)YW_GW_COUNT <= (int)YW_LIVE_COUNTERS, "the live page has room for all counters");

const char *yw_gateway_counter_name(unsigned counter); /* "closed_idle" */
const char *yw_gateway_counter_text(unsigned counter); /* what it counts, a plain sentence */

struct yw_gateway_config {
    uint32_t worker;                /* number, from 0 */
    uint8_t domain;                 /* yw_domain */
    int listen_fd, tls_fd;          /* listening sockets, -1: none */
    int push_fd;                    /* register.snap arrives here (broker.h), -1: none */
    const char *tls_cert, *tls_key; /* PEM files, read once before the worker locks itself in */
    const char *folder;             /* of the journal, as the I/O table understands it */
    const char *journal;            /* its name: "p0" */
    uint32_t links_max;             /* 0: what RLIMIT_NOFILE allows */
    uint64_t pending_max;           /* bytes accepted and not yet committed before reading pauses */
    uint64_t held_max;              /* bytes of memory for unfinished frames over all links */
    struct yw_link_limits limits;
    bool lock_in; /* apply the seccomp filter */
};
/* Numbers as the settings table has them; no sockets, nothing to journal. */
void yw_gateway_config_init(struct yw_gateway_config *c);

/* Serves until SIGTERM or yw_gateway_stop, then commits and answers what it holds and closes. */
struct yw_gateway;
enum yw_code yw_gateway_open(const struct yw_gateway_config *c, const struct yw_io *io,
                             struct yw_gateway **out, struct yw_error *err);
enum yw_code yw_gateway_run(struct yw_gateway *g, struct yw_error *err);
void yw_gateway_stop(struct yw_gateway *g); /* from any thread, only while it runs */
void yw_gateway_close(struct yw_gateway *g);

#endif
