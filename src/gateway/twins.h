/* twins: two links claim one MN. A device that connects again is none: its old link is closed or stays
 * silent. Twins are told by the older link that goes on sending after the newer one came. Pure; the caller
 * knows links. */
#ifndef YW_GATEWAY_TWINS_H
#define YW_GATEWAY_TWINS_H

#include "base/base.h"

struct link;

enum twin_policy { TWIN_ALARM = 1, TWIN_FIRST = 2, TWIN_PEERS = 3 };
enum { TWIN_FRESH_S = 30, TWIN_TELL_S = 60, TWIN_LEASE_S = 120 };
/* Stands for whatever link another worker has: later than all of this one's. */
#define TWIN_ELSEWHERE(worker) (UINT64_MAX - (uint64_t)(worker))

struct twin_link {     /* a link as of some moment */
    struct link *link; /* NULL: of another worker */
    uint64_t serial;   /* grows with every link accepted; 0: none */
    int64_t heard;     /* monotonic: the device's last packet on it */
};
struct twin_state {          /* of one device */
    struct twin_link now;    /* where its last believed packet came */
    bool kept;               /* policy FIRST and twins were seen: `now` alone is believed while it lives */
    struct twin_link before; /* the link it came on before that */
    uint64_t first;          /* serial of the one of the two that had the device when the other came */
    int64_t since;           /* when `now` took over */
    uint32_t turns;          /* changes between the two */
    int64_t told_at;         /* last alarm; 0: none yet */
};
struct twin_facts {        /* about the packet at hand */
    struct twin_link from; /* its link; heard: now */
    uint8_t policy;        /* twin_policy */
    bool peer_fits;        /* the address lies in the networks the device may come from */
    bool now_lives;        /* state.now is a link that nobody has closed */
    bool from_lives;       /* the same for `from`; false: bytes that a closed link left behind */
};
enum twin_verdict {
    TWIN_FINE,   /* believed */
    TWIN_SEEN,   /* believed, and two links claim the MN */
    TWIN_REFUSED /* not believed */
};
/* Judges and remembers. *tell: an alarm is due (at most one a minute); *other: the other link. */
enum twin_verdict twins_judge(struct twin_state *s, const struct twin_facts *f, bool *tell,
                              struct twin_link *other);

/* What another worker says of the device: it came there. kept: it found twins and believes its own link alone
 * (said again within TWIN_LEASE_S as long as that holds); told: it raised the alarm. */
struct twin_claim {
    uint32_t worker;
    bool kept, told;
    int64_t heard; /* now */
};
void twins_elsewhere(struct twin_state *s, const struct twin_claim *c, bool now_lives);
static inline bool twin_is_elsewhere(const struct twin_link *t) {
    return t->serial >= TWIN_ELSEWHERE(UINT32_MAX);
}

#endif
