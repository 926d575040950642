/* commands: asking a device for something, and knowing what became of it. A command is one line of the acts
 * journal; gateways carry it out, the pipeline folds what happened into the store. The book holds the
 * commands that are under way, so that they can be limited, shown before the pipeline has seen them, and
 * followed up. */
#ifndef YW_WEB_COMMANDS_H
#define YW_WEB_COMMANDS_H

#include "command/command.h"
#include "command/dialog.h"
#include "store/store.h"
#include "web/json.h"

#include <jansson.h>

struct yw_web;
struct yw_register;

enum {
    YW_COMMANDS_OPEN_DEVICE = 16, /* under way for one device */
    YW_COMMANDS_OPEN = 2000,      /* in all */
    YW_COMMAND_VALID_S = 600,     /* how long a command waits for the device's link, unless said otherwise */
    YW_COMMAND_VALID_MOST_S = 86400,
    YW_COMMAND_REASON_MOST = 255
};
enum { /* commands that the platform itself has to do with */
       YW_CN_SET_CLOCK = 1012,
       YW_CN_ASK_CLOCK = 1013, /* a device wants its clock set */
       YW_CN_SET_RTD_INTERVAL = 1062,
       YW_CN_SET_MIN_INTERVAL = 1064,
       YW_CN_SET_KEY = 1014,
       YW_CN_SET_PASSWORD = 1072
};

/* What was wrong with a request, in a word for programs. */
struct yw_command_problem {
    const char *code; /* "unknown_command" */
    unsigned status;  /* of HTTP */
    char text_zh[240];
    char param[32]; /* the parameter that is wrong, "" */
};
struct yw_command_request {
    uint32_t device;           /* id; 0: by mn or hardware */
    const char *mn, *hardware; /* hardware: of a device not activated yet (1002), with the MN to install */
    const char *key;           /* of the row in yw_command_specs; NULL: by cn */
    uint16_t cn, version;      /* version 0: as the device speaks */
    const struct yw_argument *args; /* checked against the row ... */
    size_t arg_n;
    const char *cp; /* ... or the data area as it is (of targets); NULL: from args */
    const char *qn; /* kept if no command under way of that device has it; NULL: one is made */
    uint8_t origin; /* yw_origin */
    const char *target, *by, *reason;
    int64_t valid_s;                    /* 0: YW_COMMAND_VALID_S */
    struct yw_command_problem *problem; /* filled on failure; may be NULL */
};
/* Checks, commits the line, gives its id. Locks the register alone: call it with no lock held. On failure
 * nothing was asked. Safe from any thread. */
enum yw_code yw_command_ask(struct yw_web *w, const struct yw_command_request *r, int64_t *id,
                            struct yw_error *err);

/* ---- the book ---- */
struct yw_commands;
struct yw_commands *yw_commands_create(void);
void yw_commands_destroy(struct yw_commands *c);
/* For yw_acts_open_with: commands of the last days, ids given out, what was followed up. */
void yw_commands_replay(void *commands, const char *json, size_t n);
/* Takes out what has ended, as the store tells; store may be NULL (then only what has lapsed long ago). */
void yw_commands_sweep(struct yw_commands *c, struct yw_store *store, int64_t now);
/* One command, from the store or, until the pipeline has seen it, from the book. False: there is none. */
bool yw_commands_find(struct yw_web *w, struct yw_store *store, int64_t id, struct yw_asked *out);
/* The newest command with this CN to a device, wherever it is known; false: none. */
bool yw_commands_newest(struct yw_web *w, struct yw_store *store, uint32_t device, uint16_t cn,
                        struct yw_asked *out);
/* Those that the pipeline has not seen yet: newest first, at most max; device and outlet 0: any. */
size_t yw_commands_fresh(struct yw_commands *c, uint32_t device, uint32_t outlet, struct yw_asked *out,
                         size_t max);
/* Ids of commands with this CN that have ended and were not followed up; at most max. */
size_t yw_commands_unfollowed(struct yw_commands *c, uint16_t cn, int64_t *ids, size_t max);
void yw_commands_followed(struct yw_commands *c, int64_t id);

/* Of yw_command_ask: an id greater than all before; is a QN under way; what counts against the limits. */
int64_t yw_commands_next_id(struct yw_commands *c, int64_t now);
bool yw_commands_has_qn(struct yw_commands *c, uint32_t device, const char *qn);
struct yw_commands_count {
    size_t all, of_device, of_cn; /* under way; of_cn: with that CN, for that device */
};
void yw_commands_count(struct yw_commands *c, uint32_t device, uint16_t cn, struct yw_commands_count *out);
/* Changes of passwords go one after the other: each lets go of the register on its way. */
void yw_commands_one_password(struct yw_commands *c, bool begin);
/* Whether all gateways that run judge by this version of the register, or a later one (gateways.c). */
bool yw_gateways_know(const struct yw_web *w, uint32_t version);
void yw_commands_add(struct yw_commands *c, const struct yw_asked *a);

/* ---- the line in the acts journal ---- */
struct yw_command_line {
    struct yw_asked asked;               /* without what happened afterwards; cp veiled where it is secret */
    const char *hardware, *mn, *st, *cp; /* cp: as it goes into the journal (sealed where it is secret) */
    uint16_t upload, overtime_s, recount, execute_s;
    bool encrypt;
};
bool yw_command_line_put(struct yw_buf *b, const struct yw_command_line *l);
/* Items name=value between ; or , and nothing that would end the data area; "" is one. */
bool yw_area_is_well_formed(const char *cp);
/* Of a line {"command":{..}}; false: it is none. */
bool yw_command_line_read(const char *json, size_t n, struct yw_asked *out);

/* ---- requests from outside ---- */
struct yw_request;
/* The answer to a request that yw_command_ask refused; gives the HTTP status. */
unsigned yw_command_problem(struct yw_request *q, enum yw_code code, const struct yw_command_problem *p,
                            const struct yw_error *err);
/* Members of an object as arguments; they point into it and into numbers. SIZE_MAX: too many, or neither text
 * nor whole number. */
size_t yw_command_arguments(json_t *o, struct yw_argument args[YW_ARGUMENTS_MAX],
                            char numbers[YW_ARGUMENTS_MAX][24]);

/* ---- as JSON ---- */
void yw_put_asked(struct yw_buf *b, struct yw_web *w, const struct yw_register *r, const struct yw_asked *a,
                  int64_t now);
void yw_put_catalogue(struct yw_buf *b);
/* [{name,value,zh,en}] of a data area. */
void yw_put_answer(struct yw_buf *b, struct yw_web *w, const char *cp);
const char *yw_flow_name(uint8_t flow);
const char *yw_answer_name(uint8_t answer);

#endif
