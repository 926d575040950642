/* supervisor: opens the sockets, starts the children, starts again what died, opens files for the gateways,
 * and tells in run/supervisor.json how things stand. It reads no byte that a device or a browser sent. */
#ifndef YW_SUPERVISOR_SUPERVISOR_H
#define YW_SUPERVISOR_SUPERVISOR_H

#include "base/base.h"
#include "supervisor/commands.h"
#include "supervisor/listen.h"
#include "supervisor/settings.h"

enum {
    WORKERS_MAX = 32,
    CHILDREN_MAX = WORKERS_MAX + 3,
    ARGUMENTS_MAX = 64,
    STOP_US = 15000000 /* for children to end in good order: a gateway waits 10 s for disk and links */
};

enum child_kind { CHILD_PIPELINE, CHILD_GATEWAY, CHILD_WEB, CHILD_COURIER };
enum child_state { CHILD_WAITING, CHILD_STARTING, CHILD_RUNNING, CHILD_STOPPING, CHILD_STOPPED };

struct child {
    enum child_kind kind;
    enum child_state state;
    uint32_t worker; /* of a gateway */
    char name[24];   /* "gateway-0" */
    pid_t pid;
    int64_t since;            /* wall clock of the last start */
    int64_t started;          /* monotonic, of the same */
    int64_t start_at;         /* monotonic: when to start it again */
    uint32_t restarts, quick; /* quick: deaths in a row shortly after the start */
    int broker, push;         /* our ends, gateways only; -1: none */
    int folder;               /* of its journal, gateways only */
    bool snap_due;            /* register.snap is to be sent */
};

struct supervisor {
    const struct settings *settings;
    char programs[4096]; /* folder of the executables */
    char data[4096];     /* absolute */
    char master[4096];   /* the master key, whether it is there or not */
    struct child children[CHILDREN_MAX];
    size_t child_count;
    uint32_t workers;
    int device_fds[WORKERS_MAX], tls_fds[WORKERS_MAX], http_fd;
    char device_bound[LISTEN_TEXT], tls_bound[LISTEN_TEXT], http_bound[LISTEN_TEXT];
    int lock_fd, signals, watch, folder; /* folder: the data folder */
    int64_t since, began;                /* wall clock; monotonic */
    bool ready, stopping, failed;        /* failed: a child could not be started at all */
    bool register_waits;                 /* acts are there and register.snap is not yet renewed */
    int64_t kill_at;
    struct commands *commands;
};

/* supervisor.c: runs until it is told to stop. */
enum yw_code supervisor_run(const struct settings *settings, struct yw_error *err);

/* child.c */
enum yw_code child_start(struct supervisor *s, struct child *c, struct yw_error *err);
void child_died(struct supervisor *s, struct child *c, int status, int64_t now);
void child_disconnect(struct child *c);
enum yw_code child_check_programs(const struct supervisor *s, struct yw_error *err);
const char *child_state_name(enum child_state state);

/* broker.c: answers one request of a gateway; false: the socket is at its end or broken. */
bool broker_serve(int socket, int folder);
/* Sends register.snap of the data folder to a gateway, and before it the key that opens the devices' keys in
 * it, where there is a master key; false: it is to be tried again. */
bool broker_push_snap(int push, int data_folder, const char *master);

/* push.c */
bool push_snaps(struct supervisor *s); /* to gateways that wait for one; true: some wait still */
enum yw_code push_open(struct supervisor *s, struct yw_error *err);
bool push_hear(struct supervisor *s, struct child *c); /* what came from a gateway; true: its state changed */
void push_commands(struct supervisor *s, int64_t now);

/* status.c */
enum yw_code status_write(const struct supervisor *s, struct yw_error *err);

#endif
