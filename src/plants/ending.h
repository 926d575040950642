/* ending: a loop of plants that runs until they are done, are refused or are told to stop. */
#ifndef YW_PLANTS_ENDING_H
#define YW_PLANTS_ENDING_H

#include <uv.h>

#include "plants/control_socket.h"
#include "plants/feed.h"
#include "plants/plants.h"

struct yw_ending {
    uv_loop_t loop;
    uv_timer_t timer;
    uv_signal_t interrupt, terminate;
    struct yw_host *host;
    struct yw_replay_feed *feed;
    struct yw_control_socket *control;
    int64_t asked;
    const char *memory;                /* file of what the devices keep; NULL: none */
    bool stop, failed, quiet, patient; /* patient: waits for a gateway however long it takes */
    char why[320];
};
void yw_ending_begin(struct yw_ending *e);
/* Ends it before or while it runs; the reason is said at the end. */
void yw_ending_give_up(struct yw_ending *e, const char *why);
/* Runs the loop, then frees what it holds; the status of the program. */
int yw_ending_run(struct yw_ending *e, bool json);

int yw_plant_fail(const struct yw_error *err); /* says it; 2 for wrong use, else 1 */
int yw_plant_usage(const char *what);

/* `yanwu plant host`: argv[0] is "host". */
int yw_plant_host(int argc, char **argv);

#endif
