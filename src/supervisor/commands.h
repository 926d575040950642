/* commands: from the acts journal to the worker that holds the device. Lines {"command":{..}} written since
 * the supervisor began are kept until their time is over, and offered to one worker at a time. What a worker
 * took, or died with, is forgotten here: nothing is ever sent to a device twice by an accident of the host.
 */
#ifndef YW_SUPERVISOR_COMMANDS_H
#define YW_SUPERVISOR_COMMANDS_H

#include "base/base.h"
#include "gateway/offer.h"

enum {
    COMMANDS_MOST = 4096,       /* kept at a time; further ones are logged and passed over */
    COMMANDS_ASKING_MOST = 32,  /* asked about at a time */
    COMMAND_LINE_MAX = 64 << 10 /* bytes of a line; a longer one is no command */
};

/* YW_E_NOT_FOUND: the line is no command. YW_E_FORMAT, YW_E_RANGE: it is a wrong one, and which member is.
 * secret: the key that opens a sealed cp, NULL: none. YW_E_DENIED: it does not. */
enum yw_code command_parse(const char *json, size_t n, const uint8_t *secret, struct yw_offer *out,
                           struct yw_error *err);

struct commands;
/* Where the master key lies, which opens commands that bring a device a new key; the text stays the caller's.
 */
void commands_set_master(struct commands *c, const char *path);
struct commands_wire { /* how workers are reached; false: the message did not go out */
    bool (*send)(void *arg, uint32_t worker, const void *message, size_t n);
    void *arg;
};
/* data: the data folder, whose acts journal need not be there yet. wall: lines older than this are passed
 * over. NULL: out of memory. */
struct commands *commands_create(const char *data, struct commands_wire wire, int64_t wall);
void commands_destroy(struct commands *c);
/* Takes what was committed since. */
void commands_read(struct commands *c, int64_t wall);
/* A command that is offered from now on; false: there are too many, its time is over, or it is there already.
 */
bool commands_add(struct commands *c, const struct yw_offer *o, int64_t wall);
/* Asks, offers, asks again. running: one bit for each worker that serves. now: monotonic. */
void commands_turn(struct commands *c, uint32_t running, int64_t now, int64_t wall);
void commands_hear(struct commands *c, uint32_t worker, const union yw_pull *m, int64_t now);
void commands_worker_died(struct commands *c, uint32_t worker);
size_t commands_waiting(const struct commands *c);
/* When turn has something to do if nothing is heard before. */
int64_t commands_due(const struct commands *c);

#endif
