/* client_int: what the two files of the client share. */
#ifndef YW_PLANTS_CLIENT_INT_H
#define YW_PLANTS_CLIENT_INT_H

#include <uv.h>

#include "plants/plants.h"

enum {
    YW_PLANT_ANSWER_MAX = 4096,                    /* bytes of an answer */
    YW_PLANT_INPUT_MAX = 64 * YW_PLANT_ANSWER_MAX, /* bytes read at a time */
    YW_PLANT_WINDOW_MAX = 256,
    YW_PLANT_NONCE_HEX = 32
};

enum yw_plant_link_phase {
    PHASE_IDLE,
    PHASE_CONNECTING,
    PHASE_SHAKING,
    PHASE_UP,
    PHASE_CLOSING,
    PHASE_REFUSED
};

struct yw_plant_link {
    struct yw_plant_client *client;
    struct yw_plant_link *next;
    struct yw_plant_link_face face;
    void *arg;
    uv_tcp_t tcp;
    uv_connect_t connect;
    uv_write_t write;
    uint32_t number, used, failures;
    enum yw_plant_link_phase phase;
    bool writing;       /* a write the socket did not take at once is under way */
    int64_t timeout_us; /* before a packet is sent again */
    uint32_t resends;
    int64_t since, come_back; /* monotonic: phase entered; next try to connect */
    char nonce[YW_PLANT_NONCE_HEX + 1];
    uint32_t input;              /* bytes of an unfinished answer */
    char *pending;               /* them, YW_PLANT_ANSWER_MAX bytes; allocated when first needed */
    struct yw_plant_slot *slots; /* `used` of them, oldest first; frames stand in one block behind */
    char *frames;
};

struct yw_plant_client {
    uv_loop_t *loop;
    uv_timer_t timer;
    struct yw_plant_client_options options;
    struct sockaddr_storage address;
    struct yw_plant_link *links;
    uint32_t count;
    bool closing;
    char domain[16];
    char *input; /* shared: reads are handled before the next one begins */
};

/* Ends the link: its packets go back to the owner, it comes back after a growing pause (after REFUSED:
 * never). */
void yw_plant_link_drop(struct yw_plant_link *l, enum yw_plant_link_phase after, const char *why);
/* The socket is connected: says the first line of the handshake and listens. */
void yw_plant_link_begin(struct yw_plant_link *l);
/* Fills the window from the owner and sends what is new in one write. */
void yw_plant_link_fill(struct yw_plant_link *l);
/* Sends again what has waited too long for its answer. */
void yw_plant_link_overdue(struct yw_plant_link *l, int64_t now);

#endif
