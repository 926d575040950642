/* The packet behind a number: its journalled bytes with what they mean, where they came from, and the answer
 * they got. */
#include "web/web_int.h"

#include "web/keys.h"
#include "web/act_view.h"
#include "web/packet_text.h"

#include <arpa/inet.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

enum { ACK_SEARCH_RECORDS = 20000 };
#define ACK_SEARCH_SPAN (30 * YW_SECOND)

static void put_record_head(struct yw_request *q, const struct yw_record *r) {
    static const char *const domains[] = {"", "real", "training", "demo"};
    struct yw_buf *b = &q->out;
    char peer[64] = "", with_port[80];
    bool v4 = memcmp(r->peer.addr, "\0\0\0\0\0\0\0\0\0\0\xff\xff", 12) == 0;
    (void)inet_ntop(v4 ? AF_INET : AF_INET6, v4 ? r->peer.addr + 12 : r->peer.addr, peer, sizeof peer);
    snprintf(with_port, sizeof with_port, v4 ? "%s:%u" : "[%s]:%u", peer, r->peer.port);
    yj_put_text(b, "journal", q->params[0]);
    yj_key(b, "position");
    yj_u64_text(b, r->position);
    yj_put_time(b, "arrival", r->arrival);
    yj_key(b, "link");
    yj_u64_text(b, r->link);
    yj_put_text(b, "peer", with_port);
    yj_put_text(b, "direction", r->direction == YW_DIR_OUT ? "out" : "in");
    yj_put_text(b, "domain", r->domain < YW_COUNT(domains) ? domains[r->domain] : "");
    static const struct {
        uint32_t bit;
        const char *name;
    } flags[] = {{YW_REC_ADMITTED, "admitted"}, {YW_REC_UNKNOWN, "unknown"}, {YW_REC_BAD_PW, "bad_pw"},
                 {YW_REC_BAD_CRC, "bad_crc"},   {YW_REC_GARBAGE, "garbage"}, {YW_REC_ACKED, "acked"},
                 {YW_REC_ASKED, "asked"},       {YW_REC_COMMAND, "command"}, {YW_REC_TWIN, "twin"}};
    yj_key(b, "flags");
    yj_open(b, '[');
    for (size_t i = 0; i < YW_COUNT(flags); i++) {
        if (r->flags & flags[i].bit) yj_text(b, flags[i].name);
    }
    yj_close(b, ']');
    yj_put_i64(b, "register_version", r->register_version);
    yj_put_i64(b, "device", r->device);
    uint32_t outlet = r->device == 0 ? 0 : yw_register_outlet_at(q->reg, r->device, r->register_version);
    yj_key(b, "outlet");
    outlet != 0 ? yj_i64(b, outlet) : yj_null(b);
    yj_put_i64(b, "size", r->length);
}

/* The answer was journalled behind the packet, on the same link, with the same QN. */
static void put_ack(struct yw_request *q, const char *qn) {
    struct yw_buf *b = &q->out;
    const struct yw_record packet = q->record;
    bool found = false, wanted = (packet.flags & YW_REC_ACKED) != 0 && qn[0] != '\0';
    struct yw_record r;
    yj_key(b, "ack");
    wanted = wanted && yw_reader_seek(q->reader, packet.position, NULL) == YW_OK;
    for (int i = 0;
         wanted && !found && i < ACK_SEARCH_RECORDS && yw_reader_next(q->reader, &r, NULL) == YW_OK; i++) {
        if (r.arrival - packet.arrival > ACK_SEARCH_SPAN) break;
        if (r.direction != YW_DIR_OUT || r.link != packet.link) continue;
        found = memmem(r.payload, r.length, qn, strlen(qn)) != NULL;
    }
    if (found) {
        yj_open(b, '{');
        yj_key(b, "position");
        yj_u64_text(b, r.position);
        yj_put_time(b, "arrival", r.arrival);
        yj_close(b, '}');
    } else {
        yj_null(b);
    }
}

/* What a person or a web hook told: the line of the acts journal itself. */
static unsigned put_act(struct yw_request *q) {
    const struct yw_record *r = &q->record;
    struct yw_buf *b = &q->out;
    yj_open(b, '{');
    yj_put_text(b, "journal", "acts");
    yj_key(b, "position");
    yj_u64_text(b, r->position);
    yj_put_time(b, "arrival", r->arrival);
    yj_put_text(b, "direction", "act");
    yj_put_i64(b, "register_version", r->register_version);
    yj_put_i64(b, "size", r->length);
    yj_key(b, "act");
    if (!yw_put_act_line(b, r->payload, r->length))
        return yw_problem(q, 500, "internal", "该行已损坏", "this line is damaged");
    yj_close(b, '}');
    return 200;
}

YW_HANDLER(yw_get_packet) {
    const struct yw_record *r = &q->record;
    if (r->direction == YW_DIR_ACT) return put_act(q);
    char qn[YW_QN_TEXT];
    uint8_t key[YW_SM4_BYTES];
    bool opens = r->key_id != 0 && yw_web_key(q->web, q->reg, r->key_id, key);
    yj_open(&q->out, '{');
    put_record_head(q, r);
    yj_key(&q->out, "key_id");
    r->key_id != 0 ? yj_i64(&q->out, r->key_id) : yj_null(&q->out);
    yj_put_bool(&q->out, "key_missing", r->key_id != 0 && !opens);
    bool good = yw_packet_view(&q->out, r->payload, r->length, opens ? key : NULL, qn);
    sodium_memzero(key, sizeof key);
    if (!good) return yw_problem(q, 500, "internal", "内存不足", "out of memory");
    yj_put_bool(&q->out, "acked", (r->flags & YW_REC_ACKED) != 0);
    put_ack(q, qn);
    yj_close(&q->out, '}');
    return 200;
}
