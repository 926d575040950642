/* feed: the rows of a replay over one link, in order, as fast as acknowledged. */
#ifndef YW_PLANTS_FEED_H
#define YW_PLANTS_FEED_H

#include "plants/plants.h"

struct yw_replay_feed;
struct yw_replay_feed_options {
    struct yw_replay *replay; /* owned by the caller */
    const char *mn, *pw, *st;
    uint16_t command; /* 2011, 2051, 2061, 2031 */
    uint32_t version;
};
enum yw_code yw_replay_feed_create(struct uv_loop_s *loop, const struct yw_plant_client_options *client,
                                   const struct yw_replay_feed_options *o, struct yw_replay_feed **out,
                                   struct yw_error *err);
void yw_replay_feed_state(const struct yw_replay_feed *f, struct yw_host_state *out);
void yw_replay_feed_close(struct yw_replay_feed *f); /* then run the loop dry, then destroy */
void yw_replay_feed_destroy(struct yw_replay_feed *f);

#endif
