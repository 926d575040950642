/* Answers to the socket: at once where the socket takes them, else queued up to a bound. */
#include "gateway/worker.h"

#include <stdlib.h>
#include <string.h>

struct queued { /* what the socket did not take; only links whose other side is slow have any */
    uv_write_t request;
    struct link *link;
    uint32_t length;
    char bytes[];
};

static void on_written(uv_write_t *request, int status) {
    struct queued *q = (struct queued *)request;
    struct link *l = q->link;
    l->unread -= q->length;
    free(q);
    if (l->ending == LINK_CLOSED) return;
    if (status != 0) {
        gateway_close_link(l, YW_GW_CLOSED_ERROR);
    } else if (l->ending == LINK_ENDING) {
        gateway_end_link(l);
    } else {
        gateway_resume_link(l);
    }
}

void gateway_write_raw(struct link *l, const char *bytes, size_t n) {
    if (l->ending == LINK_CLOSED || n == 0) return;
    uint32_t most = l->worker->rules.limits.answers;
    size_t sent = 0;
    if (l->unread == 0) {
        uv_buf_t b = uv_buf_init((char *)bytes, (unsigned)n);
        int rc = uv_try_write((uv_stream_t *)&l->tcp, &b, 1);
        if (rc < 0 && rc != UV_EAGAIN) {
            gateway_close_link(l, rc == UV_EPIPE || rc == UV_ECONNRESET ? YW_GW_CLOSED_PEER
                                                                        : YW_GW_CLOSED_ERROR);
            return;
        }
        if (rc > 0) sent = (size_t)rc;
        if (sent == n) return;
    }
    size_t rest = n - sent;
    if (most != 0 && l->unread + rest > most) {
        gateway_close_link(l, YW_GW_CLOSED_SLOW);
        return;
    }
    struct queued *q = malloc(sizeof *q + rest);
    if (q == NULL) {
        gateway_close_link(l, YW_GW_CLOSED_ERROR);
        return;
    }
    q->link = l;
    q->length = (uint32_t)rest;
    memcpy(q->bytes, bytes + sent, rest);
    l->unread += q->length;
    uv_buf_t b = uv_buf_init(q->bytes, (unsigned)rest);
    if (uv_write(&q->request, (uv_stream_t *)&l->tcp, &b, 1, on_written) != 0) {
        l->unread -= q->length;
        free(q);
        gateway_close_link(l, YW_GW_CLOSED_ERROR);
    }
}

void gateway_write(struct link *l, const char *bytes, size_t n) {
    if (l->tls == NULL) {
        gateway_write_raw(l, bytes, n);
    } else if (!tls_send(l, bytes, n)) {
        gateway_close_link(l, YW_GW_CLOSED_ERROR);
    }
}
