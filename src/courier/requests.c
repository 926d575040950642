/* Requests from above. A request becomes a command of the platform, through the same door as a person's, with
 * the QN the target gave it; what the device then says with that QN, or sends because of it, goes up to that
 * target at once, before whatever waits in its journals. */
#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "courier/courier.h"

enum { ASK_BYTES = 8192, ANSWER_BYTES = 8192, EXPRESS_TURN = 2000 };

/* ---- the door: DATA/run/acts.sock ---- */

static int open_door(const struct courier *c) {
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    const struct timeval patience = {.tv_sec = 1};
    int n = snprintf(a.sun_path, sizeof a.sun_path, "%s/run/acts.sock", c->data);
    if (n < 0 || (size_t)n >= sizeof a.sun_path) return -1;
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) return -1;
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    if (connect(fd, (struct sockaddr *)&a, sizeof a) == 0) return fd;
    close(fd);
    return -1;
}

/* One line out, one line in; NULL: nobody answers. */
static json_t *ask(const struct courier *c, const char *line, size_t n) {
    char answer[ANSWER_BYTES];
    size_t got = 0;
    int fd = open_door(c);
    if (fd < 0) return NULL;
    bool sent = send(fd, line, n, MSG_NOSIGNAL) == (ssize_t)n && send(fd, "\n", 1, MSG_NOSIGNAL) == 1;
    while (sent && got < sizeof answer) {
        ssize_t r = recv(fd, answer + got, sizeof answer - got, 0);
        if (r <= 0) break;
        got += (size_t)r;
        if (memchr(answer, '\n', got) != NULL) break;
    }
    close(fd);
    return got > 0 ? json_loadb(answer, got, JSON_DISABLE_EOF_CHECK, NULL) : NULL;
}

/* 0: taken; else the QnRtn that says why not. */
static int ask_command(struct target *t, const struct yw_device *d, const hj212_packet *p, const char *qn) {
    struct yw_buf b;
    yw_buf_init(&b, ASK_BYTES);
    yw_buf_printf(&b,
                  "{\"ask\":\"command\",\"device\":%u,\"cn\":%u,\"version\":%u,\"qn\":\"%s\",\"cp\":", d->id,
                  p->command, p->version, qn);
    yw_buf_json(&b, p->cp.p != NULL ? p->cp.p : "", p->cp.n);
    yw_buf_puts(&b, ",\"origin\":\"target\",\"target\":");
    yw_buf_json(&b, t->config.name, strlen(t->config.name));
    yw_buf_puts(&b, ",\"by\":\"target\",\"reason\":");
    yw_buf_json(&b, t->config.name, strlen(t->config.name));
    yw_buf_putc(&b, '}');
    json_t *answer = b.failed ? NULL : ask(t->courier, b.data, b.len);
    yw_buf_free(&b);
    int rtn = 2;
    if (json_is_integer(json_object_get(answer, "id"))) rtn = 0;
    const char *code = json_string_value(json_object_get(json_object_get(answer, "error"), "code"));
    if (code != NULL && strcmp(code, "unknown_command") == 0) rtn = 8;
    json_decref(answer);
    return rtn;
}

/* ---- a request ---- */

static struct request *free_place(struct target *t, int64_t now) {
    for (int i = 0; i < COURIER_ASKED_MOST; i++) {
        if (t->requests[i].until < now) return &t->requests[i];
    }
    return NULL;
}

static bool any_request(const struct target *t, int64_t now) {
    for (int i = 0; i < COURIER_ASKED_MOST; i++) {
        if (t->requests[i].until >= now) return true;
    }
    return false;
}

/* What the device says comes behind what is committed now. */
static void begin_express(struct target *t) {
    for (int i = 0; i < YW_SENDING_JOURNALS; i++) {
        struct yw_error err;
        struct feed *x = &t->express[i];
        if (x->reader == NULL) continue;
        x->has = false;
        if (yw_reader_seek(x->reader, yw_reader_committed(x->reader), &err) != YW_OK) {
            yw_log(YW_LOG_ERROR, "target %s: %s", t->config.name, err.text);
        }
    }
}

static const struct yw_device *device_of(struct target *t, const hj212_packet *p) {
    const struct yw_register *r = t->courier->reg;
    const char *own = yw_register_target_from(r, t->config.id, p->mn.p, p->mn.n);
    const struct yw_device *d = own != NULL ? yw_register_device_by_mn(r, own, strlen(own))
                                            : yw_register_device_by_mn(r, p->mn.p, p->mn.n);
    bool seen =
        d != NULL && d->state == YW_DEVICE_ADMITTED && yw_target_wants_outlet(r, &t->config, d->outlet);
    return seen ? d : NULL;
}

static void refuse(struct target *t, const hj212_packet *p, int qnrtn) {
    size_t n = yw_reply_refuse(p, qnrtn, t->courier->out, sizeof t->courier->out);
    t->refused++;
    if (n > 0) (void)yw_wire_send(t->wire, t->courier->out, n);
}

void target_request(struct target *t, const hj212_packet *p, int64_t now) {
    const struct yw_device *d = device_of(t, p);
    struct request *place = free_place(t, now);
    char qn[18];
    t->commands++;
    bool sound = p->qn.n == 17 && yw_copy(qn, sizeof qn, p->qn.p, p->qn.n) && strspn(qn, "0123456789") == 17;
    if (!sound) {
        refuse(t, p, 7);
    } else if (d == NULL) {
        refuse(t, p, 4);
    } else if (!t->config.commands_allowed || place == NULL) {
        refuse(t, p, 2);
    } else {
        bool first = !any_request(t, now);
        if (first) begin_express(t);
        int rtn = ask_command(t, d, p, qn);
        if (rtn != 0) {
            refuse(t, p, rtn);
            return;
        }
        *place = (struct request){.device = d->id, .until = now + COURIER_REQUEST_US};
        memcpy(place->qn, qn, sizeof qn);
    }
}

/* ---- answers back ---- */

static bool qn_is(const hj212_packet *p, const char *qn) {
    hj212_span s = p->qn.n > 0 ? p->qn : hj212_cp_field(p->cp, "QN");
    return s.n == strlen(qn) && memcmp(s.p, qn, s.n) == 0;
}

bool target_asked(struct target *t, const struct yw_record *r, const hj212_packet *p, int64_t now) {
    for (int i = 0; i < COURIER_ASKED_MOST; i++) {
        struct request *q = &t->requests[i];
        if (q->until < now || q->device != r->device) continue;
        bool reply = p->command >= 9011 && p->command <= 9013;
        if (reply && !qn_is(p, q->qn)) continue;
        bool over = p->command == 9012 || p->command == 9013;
        hj212_span rtn = hj212_cp_field(p->cp, "QnRtn");
        if (p->command == 9011 && rtn.n > 0 && !(rtn.n == 1 && rtn.p[0] == '1')) over = true;
        if (over) q->until = 0;
        return true;
    }
    return false;
}

static bool express(struct target *t, const struct yw_record *r, int64_t now) {
    hj212_packet p;
    hj212_span mn;
    if (r->direction != YW_DIR_IN || r->domain != YW_DOMAIN_REAL || !(r->flags & YW_REC_ADMITTED) ||
        !(r->flags & YW_REC_ASKED)) {
        return true;
    }
    if (!courier_decode(t->courier, r, true, &p)) return true;
    if (yw_target_wants_command(&t->config, p.command)) return true; /* comes in its turn, acknowledged */
    if (!yw_wire_has_room(t->wire)) return false;
    if (!target_asked(t, r, &p, now)) return true;
    size_t n = courier_frame(t, &p, false, &mn);
    if (n > 0) (void)yw_wire_send(t->wire, t->courier->out, n);
    return true;
}

void target_express(struct target *t, int64_t now) {
    if (!any_request(t, now)) return;
    for (int i = 0; i < YW_SENDING_JOURNALS; i++) {
        struct feed *x = &t->express[i];
        struct yw_error err;
        if (x->reader == NULL) continue;
        for (int k = 0; k < EXPRESS_TURN; k++) {
            if (!x->has) x->has = yw_reader_next(x->reader, &x->record, &err) == YW_OK;
            if (!x->has || !express(t, &x->record, now)) break;
            x->has = false;
        }
    }
}
