#include "courier/wire.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdlib.h>
#include <string.h>

enum { READ_BYTES = 16 << 10, HANDSHAKE_MS = 15000 };

struct yw_wire {
    uv_tcp_t tcp;
    uv_getaddrinfo_t lookup;
    uv_connect_t connect;
    uv_timer_t patience; /* look-up, connection and handshake together */
    struct yw_wire_calls calls;
    void *arg;
    char host[128], peer[64], read[READ_BYTES];
    bool tls, verify, up, closing;
    bool looking; /* the look-up is under way: memory must stay */
    int handles;  /* still to be closed */
    SSL_CTX *context;
    SSL *ssl;
    BIO *in, *out; /* owned by ssl */
};

struct sending {
    uv_write_t request;
    char bytes[];
};

static void release(struct yw_wire *w) {
    if (w->handles > 0 || w->looking) return;
    SSL_free(w->ssl);
    SSL_CTX_free(w->context);
    free(w);
}

static void on_closed(uv_handle_t *h) {
    struct yw_wire *w = h->data;
    w->handles--;
    release(w);
}

void yw_wire_close(struct yw_wire *w) {
    if (w == NULL || w->closing) return;
    w->closing = true;
    w->up = false;
    if (w->looking) uv_cancel((uv_req_t *)&w->lookup);
    uv_close((uv_handle_t *)&w->tcp, on_closed);
    uv_close((uv_handle_t *)&w->patience, on_closed);
}

static void fail(struct yw_wire *w, const char *why) {
    if (w->closing) return;
    void (*down)(void *, const char *) = w->calls.down;
    void *arg = w->arg;
    yw_wire_close(w);
    down(arg, why);
}

static void on_written(uv_write_t *request, int status) {
    struct yw_wire *w = request->handle->data;
    free(request);
    if (status < 0 && status != UV_ECANCELED) fail(w, uv_strerror(status));
}

static bool write_raw(struct yw_wire *w, const char *bytes, size_t n) {
    struct sending *s = malloc(sizeof *s + n);
    if (s == NULL) return false;
    memcpy(s->bytes, bytes, n);
    uv_buf_t buf = uv_buf_init(s->bytes, (unsigned)n);
    if (uv_write(&s->request, (uv_stream_t *)&w->tcp, &buf, 1, on_written) == 0) return true;
    free(s);
    return false;
}

/* What TLS made goes out. */
static bool flush(struct yw_wire *w) {
    char bytes[READ_BYTES];
    int n;
    while ((n = BIO_read(w->out, bytes, sizeof bytes)) > 0) {
        if (!write_raw(w, bytes, (size_t)n)) return false;
    }
    return true;
}

static void tls_failed(struct yw_wire *w, const char *what) {
    char text[256], why[300];
    unsigned long code = ERR_get_error();
    long verdict = SSL_get_verify_result(w->ssl);
    ERR_error_string_n(code, text, sizeof text);
    snprintf(why, sizeof why, "%s: %s", what,
             verdict != X509_V_OK ? X509_verify_cert_error_string(verdict) : text);
    ERR_clear_error();
    fail(w, why);
}

static void become_up(struct yw_wire *w) {
    w->up = true;
    uv_timer_stop(&w->patience);
    w->calls.up(w->arg);
}

static void tls_bytes(struct yw_wire *w, const char *bytes, size_t n) {
    if (BIO_write(w->in, bytes, (int)n) != (int)n) {
        fail(w, "TLS: out of memory");
        return;
    }
    if (!w->up) {
        int rc = SSL_do_handshake(w->ssl);
        bool sent = flush(w);
        if (rc != 1) {
            if (SSL_get_error(w->ssl, rc) != SSL_ERROR_WANT_READ || !sent) tls_failed(w, "TLS handshake");
            return;
        }
        become_up(w);
    }
    char plain[READ_BYTES];
    while (!w->closing) {
        int got = SSL_read(w->ssl, plain, sizeof plain);
        if (got > 0) {
            w->calls.bytes(w->arg, plain, (size_t)got);
            continue;
        }
        int kind = SSL_get_error(w->ssl, got);
        if (kind == SSL_ERROR_ZERO_RETURN) {
            fail(w, "the other side closed the connection");
        } else if (kind != SSL_ERROR_WANT_READ) {
            tls_failed(w, "TLS");
        } else if (!flush(w)) {
            fail(w, "TLS: out of memory");
        }
        return;
    }
}

static void on_alloc(uv_handle_t *h, size_t suggested, uv_buf_t *buf) {
    struct yw_wire *w = h->data;
    YW_UNUSED(suggested);
    *buf = uv_buf_init(w->read, sizeof w->read);
}

static void on_read(uv_stream_t *s, ssize_t n, const uv_buf_t *buf) {
    struct yw_wire *w = s->data;
    YW_UNUSED(buf);
    if (n == 0 || w->closing) return;
    if (n < 0) {
        fail(w, n == UV_EOF ? "the other side closed the connection" : uv_strerror((int)n));
    } else if (w->tls) {
        tls_bytes(w, w->read, (size_t)n);
    } else {
        w->calls.bytes(w->arg, w->read, (size_t)n);
    }
}

static bool tls_begin(struct yw_wire *w) {
    w->context = SSL_CTX_new(TLS_client_method());
    if (w->context == NULL) return false;
    SSL_CTX_set_min_proto_version(w->context, TLS1_2_VERSION);
    if (w->verify) {
        SSL_CTX_set_default_verify_paths(w->context);
        SSL_CTX_set_verify(w->context, SSL_VERIFY_PEER, NULL);
    }
    w->ssl = SSL_new(w->context);
    w->in = BIO_new(BIO_s_mem());
    w->out = BIO_new(BIO_s_mem());
    if (w->ssl == NULL || w->in == NULL || w->out == NULL) {
        BIO_free(w->in);
        BIO_free(w->out);
        return false;
    }
    SSL_set_bio(w->ssl, w->in, w->out);
    SSL_set_tlsext_host_name(w->ssl, w->host);
    if (w->verify) SSL_set1_host(w->ssl, w->host);
    SSL_set_connect_state(w->ssl);
    SSL_do_handshake(w->ssl);
    return flush(w);
}

static void note_peer(struct yw_wire *w) {
    struct sockaddr_storage a;
    int size = sizeof a;
    char name[48] = "?";
    if (uv_tcp_getpeername(&w->tcp, (struct sockaddr *)&a, &size) != 0) return;
    uv_ip_name((const struct sockaddr *)&a, name, sizeof name);
    unsigned port = a.ss_family == AF_INET6 ? ntohs(((struct sockaddr_in6 *)&a)->sin6_port)
                                            : ntohs(((struct sockaddr_in *)&a)->sin_port);
    snprintf(w->peer, sizeof w->peer, a.ss_family == AF_INET6 ? "[%s]:%u" : "%s:%u", name, port);
}

static void on_connect(uv_connect_t *request, int status) {
    struct yw_wire *w = request->handle->data;
    if (w->closing) return;
    if (status == 0) {
        note_peer(w);
        uv_tcp_nodelay(&w->tcp, 1);
        uv_tcp_keepalive(&w->tcp, 1, 60);
        status = uv_read_start((uv_stream_t *)&w->tcp, on_alloc, on_read);
    }
    if (status != 0) {
        fail(w, uv_strerror(status));
    } else if (!w->tls) {
        become_up(w);
    } else if (!tls_begin(w)) {
        fail(w, "TLS cannot be begun");
    }
}

static void on_lookup(uv_getaddrinfo_t *request, int status, struct addrinfo *found) {
    struct yw_wire *w = request->data;
    w->looking = false;
    if (w->closing) {
        release(w);
    } else if (status != 0) {
        fail(w, uv_strerror(status));
    } else {
        w->connect.data = w;
        int rc = uv_tcp_connect(&w->connect, &w->tcp, found->ai_addr, on_connect);
        if (rc != 0) fail(w, uv_strerror(rc));
    }
    uv_freeaddrinfo(found);
}

static void on_patience(uv_timer_t *t) {
    fail(t->data, "no connection within 15 s");
}

struct yw_wire *yw_wire_open(uv_loop_t *loop, const char *host, uint16_t port, bool tls, bool verify,
                             const struct yw_wire_calls *calls, void *arg) {
    struct yw_wire *w = calloc(1, sizeof *w);
    if (w == NULL) return NULL;
    w->calls = *calls;
    w->arg = arg;
    w->tls = tls;
    w->verify = verify;
    w->handles = 2;
    yw_copy(w->host, sizeof w->host, host, strlen(host));
    uv_tcp_init(loop, &w->tcp);
    uv_timer_init(loop, &w->patience);
    w->tcp.data = w->patience.data = w->lookup.data = w;
    uv_timer_start(&w->patience, on_patience, HANDSHAKE_MS, 0);
    char service[8];
    snprintf(service, sizeof service, "%u", port);
    const struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
    w->looking = uv_getaddrinfo(loop, &w->lookup, on_lookup, w->host, service, &hints) == 0;
    if (w->looking) return w;
    yw_wire_close(w);
    return NULL;
}

bool yw_wire_has_room(const struct yw_wire *w) {
    return w->up && uv_stream_get_write_queue_size((const uv_stream_t *)&w->tcp) < YW_WIRE_QUEUE_MOST;
}

bool yw_wire_send(struct yw_wire *w, const char *bytes, size_t n) {
    if (!yw_wire_has_room(w)) return false;
    if (!w->tls) return write_raw(w, bytes, n);
    return SSL_write(w->ssl, bytes, (int)n) == (int)n && flush(w);
}

const char *yw_wire_peer(const struct yw_wire *w) {
    return w->peer;
}
