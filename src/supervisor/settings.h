/* settings: one table of what can be set, with defaults and help. settings.yaml in the data folder may set
 * all that is not said to belong to the command line; the command line wins. */
#ifndef YW_SUPERVISOR_SETTINGS_H
#define YW_SUPERVISOR_SETTINGS_H

#include "base/base.h"

enum setting_scope {
    SCOPE_COMMAND, /* command line alone */
    SCOPE_SERVE,   /* the supervisor */
    SCOPE_GATEWAY, /* handed on to every gateway as --name value */
    SCOPE_FLAG     /* command line alone, takes no value */
};

/* id, name, scope, kind, default, hint, help */
#define SETTING_TABLE(X)                                                                                     \
    X(DATA, "data", COMMAND, TEXT, "", "DIR", "data folder; made if it is not there")                        \
    X(ONLY, "only", COMMAND, TEXT, "", "LIST", "start only these of gateway,pipeline,web,courier")           \
    X(PRINT, "print-settings", FLAG, FLAG, "", NULL, "print all settings with their values and end")         \
    X(DOMAIN, "domain", SERVE, TEXT, "real", "KIND", "real, training or demo")                               \
    X(DEVICE_LISTEN, "device-listen", SERVE, TEXT, "0.0.0.0:9212", "ADDR:PORT",                              \
      "where devices connect (port 0: any free one)")                                                        \
    X(DEVICE_TLS_LISTEN, "device-tls-listen", SERVE, TEXT, "", "ADDR:PORT",                                  \
      "the same with TLS (empty: none)")                                                                     \
    X(TLS_CERT, "tls-cert", SERVE, TEXT, "", "FILE", "certificate chain for devices, PEM")                   \
    X(TLS_KEY, "tls-key", SERVE, TEXT, "", "FILE", "its key, PEM")                                           \
    X(HTTP_LISTEN, "http-listen", SERVE, TEXT, "127.0.0.1:8212", "ADDR:PORT", "where browsers connect")      \
    X(HTTP_TLS_CERT, "http-tls-cert", SERVE, TEXT, "", "FILE",                                               \
      "certificate chain for browsers, PEM (empty: plain)")                                                  \
    X(HTTP_TLS_KEY, "http-tls-key", SERVE, TEXT, "", "FILE", "its key, PEM")                                 \
    X(MASTER_KEY, "master-key", SERVE, TEXT, "", "FILE",                                                     \
      "seals the devices' keys of HJ 212-2025; outside the data folder (empty: DATA.master.key)")            \
    X(WORKERS, "workers", SERVE, U32, "0", "N", "gateway processes (0: one for two cores, at most 4)")       \
    X(LOCK_IN, "lock-in", GATEWAY, TEXT, "yes", "WORD", "no: gateways serve without the system call filter") \
    X(LINKS_MAX, "links-max", GATEWAY, U32, "0", "N", "links per gateway (0: what the system allows)")       \
    X(PENDING_MAX, "pending-max", GATEWAY, SIZE, "16M", "BYTES",                                             \
      "accepted and uncommitted bytes before reading pauses")                                                \
    X(HELD_MAX, "held-max", GATEWAY, SIZE, "64M", "BYTES", "memory per gateway for unfinished frames")       \
    X(LINK_BYTES, "link-bytes", GATEWAY, SIZE, "4M", "BYTES", "bytes a second from one link (0: no limit)")  \
    X(LINK_PACKETS, "link-packets", GATEWAY, U32, "5000", "N",                                               \
      "packets a second from one link (0: no limit)")                                                        \
    X(LINK_REFUSED, "link-refused", GATEWAY, U32, "100", "N", "the same for packets that are not accepted")  \
    X(LINK_FINDINGS, "link-findings", GATEWAY, U32, "10000", "N",                                            \
      "findings a second from one link (0: no limit)")                                                       \
    X(LINK_GARBAGE, "link-garbage", GATEWAY, SIZE, "1M", "BYTES",                                            \
      "bytes an hour that belong to no packet; a link with more is closed (0: no limit)")                    \
    X(LINK_IDLE, "link-idle", GATEWAY, SECONDS, "10m", "TIME",                                               \
      "silence after which a link is closed (0: never)")                                                     \
    X(LINK_PARTIAL, "link-partial", GATEWAY, SECONDS, "60s", "TIME",                                         \
      "age of an unfinished frame at which its link is closed (0: never)")                                   \
    X(LINK_QUIET, "link-quiet", GATEWAY, U32, "500", "MS",                                                   \
      "silence after which a frame without CR LF is taken as it stands (0: never)")                          \
    X(LINK_ANSWERS, "link-answers", GATEWAY, SIZE, "256K", "BYTES",                                          \
      "answers a link may leave unread before it is closed")

enum setting_id {
#define X(id, name, scope, kind, preset, hint, help) SETTING_##id,
    SETTING_TABLE(X)
#undef X
        SETTING_COUNT
};

struct settings {
    const char *value[SETTING_COUNT];
    bool flag[SETTING_COUNT];
    struct yw_arena *texts; /* values that came from the file */
};

/* Reads the command line, then DATA/settings.yaml. Prints what is wrong with the command line itself. */
enum yw_code settings_load(int argc, char **argv, struct settings *out, struct yw_error *err);
void settings_free(struct settings *s);
uint32_t settings_u32(const struct settings *s, enum setting_id id); /* checked by load */
const char *settings_name(enum setting_id id);
enum setting_scope settings_scope(enum setting_id id);
/* As a settings.yaml that sets everything to what it is now. */
void settings_print(const struct settings *s, FILE *to);

/* settings_yaml.c: calls set for each pair of a flat mapping; line counts from 1. */
enum yw_code settings_yaml(const char *path, const char *text, size_t n,
                           enum yw_code (*set)(void *arg, const char *name, const char *value,
                                               struct yw_error *err),
                           void *arg, struct yw_error *err);

#endif
