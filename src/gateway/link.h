/* link: one device connection as a pure state machine. Bytes and the time go in, events come out; no sockets,
 * no clock, no memory of its own. The caller keeps the bytes that belong to an unfinished frame. */
#ifndef YW_GATEWAY_LINK_H
#define YW_GATEWAY_LINK_H

#include "base/base.h"
#include "hj212.h"

enum {
    YW_LINK_HELD_MAX = 2 * HJ212_FRAME_MAX, /* bytes of an unfinished frame; more is no frame */
    YW_LINK_GARBAGE_KEPT = 1024,            /* bytes of a stretch of garbage that are journalled */
    YW_LINK_NONCE_MAX = 64
};

struct yw_link_limits {  /* 0 means no limit everywhere */
    uint32_t bytes_s;    /* received per second, with a burst of two seconds' worth; then the link waits */
    uint32_t packets_s;  /* the same for packets */
    uint32_t refused_s;  /* the same for packets that are not accepted, with a burst of ten seconds' worth */
    uint32_t findings_s; /* the same for findings in frame and header */
    uint32_t garbage;    /* bytes that belong to no packet, restored within an hour; more: close */
    uint32_t idle_s;     /* nothing came for so long: close */
    uint32_t partial_s;  /* an unfinished frame this old: close */
    uint32_t quiet_ms;   /* an unfinished frame is closed as it stands if nothing came for so long */
    uint32_t answers;    /* bytes of answers the other side has not read: close */
};

struct yw_link_state {
    /* when each allowance is whole again */
    int64_t bytes_due, packets_due, refused_due, findings_due, garbage_due;
    uint32_t needed; /* do not look again before there are so many bytes */
    uint32_t run;    /* length of the present stretch of garbage, capped */
    bool begun;      /* something was taken off the stream */
    bool plant;      /* passed the training handshake */
    bool tail_owed;  /* the last frame was closed without its CR LF: they may still come */
};

struct yw_link_rules {
    struct yw_link_limits limits;
    bool handshake; /* answer plants: training and demonstration domains */
};

enum yw_link_event_kind {
    YW_LINK_NEED,    /* keep all n bytes, come again with more */
    YW_LINK_PACKET,  /* packet is filled */
    YW_LINK_GARBAGE, /* bytes that belong to no packet; journal the first `keep` of them */
    YW_LINK_HELLO,   /* a plant said hello: answer with its nonce */
    YW_LINK_SKIP,    /* nothing to journal: the late CR LF of a frame already taken */
    YW_LINK_HOPELESS /* too much garbage: journal `keep`, close the link */
};

struct yw_link_event {
    enum yw_link_event_kind kind;
    size_t consumed; /* bytes to take off the front */
    size_t keep;     /* of these, to be journalled (GARBAGE, HOPELESS) */
    char nonce[YW_LINK_NONCE_MAX + 1];
    hj212_packet packet;
};

/* Looks at the front of [bytes, bytes + n), n > 0, and always takes something off it, except with
 * YW_LINK_NEED. at_end: nothing will follow (the link was closed, or went quiet). */
void yw_link_step(struct yw_link_state *s, const struct yw_link_rules *r, const char *bytes, size_t n,
                  bool at_end, int64_t now, struct yw_link_event *ev);
/* A link that went quiet in the middle of a frame: true if the bytes are a whole frame but for its tail. */
bool yw_link_quiet(struct yw_link_state *s, const char *bytes, size_t n, struct yw_link_event *ev);
/* Counts n received bytes; one more packet that was not accepted. */
void yw_link_received(struct yw_link_state *s, const struct yw_link_limits *l, size_t n, int64_t now);
void yw_link_refused(struct yw_link_state *s, const struct yw_link_limits *l, int64_t now);
/* When reading may go on; now or earlier: at once. */
int64_t yw_link_resume(const struct yw_link_state *s, const struct yw_link_limits *l, int64_t now);

#endif
