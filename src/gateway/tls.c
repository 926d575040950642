/* TLS between the socket and the state machine: OpenSSL on memory BIOs, bytes in and out by our own loop. */
#include "gateway/worker.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdlib.h>
#include <string.h>

enum { PLAIN_BYTES = 16 << 10 }; /* a TLS record */

struct tls_context {
    SSL_CTX *ctx;
    char plain[YW_LINK_HELD_MAX + PLAIN_BYTES]; /* what a link held is put in front, as in the read buffer */
    char cipher[PLAIN_BYTES + 1024];
};

struct tls_session {
    SSL *ssl;
    BIO *in, *out; /* owned by ssl */
};

static enum yw_code refuse(struct yw_error *err, const char *what, const char *path) {
    char reason[160];
    ERR_error_string_n(ERR_get_error(), reason, sizeof reason);
    return yw_fail(err, YW_E_FORMAT, "the TLS %s %s cannot be used: %s", what, path, reason);
}

static enum yw_code set_up(SSL_CTX *ctx, const char *cert, const char *key, struct yw_error *err) {
    SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION);
    SSL_CTX_set_options(ctx, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
    SSL_CTX_set_mode(ctx, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                              SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_num_tickets(ctx, 0);
    if (SSL_CTX_use_certificate_chain_file(ctx, cert) != 1) return refuse(err, "certificate", cert);
    if (SSL_CTX_use_PrivateKey_file(ctx, key, SSL_FILETYPE_PEM) != 1) return refuse(err, "key", key);
    if (SSL_CTX_check_private_key(ctx) != 1) return refuse(err, "key (it does not fit the certificate)", key);
    return YW_OK;
}

struct tls_context *tls_load(const char *cert, const char *key, struct yw_error *err) {
    struct tls_context *c = malloc(sizeof *c);
    if (c == NULL) {
        yw_fail(err, YW_E_NOMEM, "no memory for TLS");
        return NULL;
    }
    c->ctx = SSL_CTX_new(TLS_server_method());
    if (c->ctx == NULL || set_up(c->ctx, cert, key, err) != YW_OK) {
        if (c->ctx == NULL) yw_fail(err, YW_E_NOMEM, "TLS cannot be set up");
        tls_unload(c);
        return NULL;
    }
    return c;
}

void tls_unload(struct tls_context *c) {
    if (c == NULL) return;
    SSL_CTX_free(c->ctx);
    free(c);
}

struct tls_session *tls_begin(struct tls_context *c) {
    struct tls_session *s = calloc(1, sizeof *s);
    if (s == NULL) return NULL;
    s->ssl = SSL_new(c->ctx);
    s->in = BIO_new(BIO_s_mem());
    s->out = BIO_new(BIO_s_mem());
    if (s->ssl == NULL || s->in == NULL || s->out == NULL) {
        BIO_free(s->in);
        BIO_free(s->out);
        SSL_free(s->ssl);
        free(s);
        return NULL;
    }
    SSL_set_bio(s->ssl, s->in, s->out);
    SSL_set_accept_state(s->ssl);
    return s;
}

void tls_end(struct tls_session *s) {
    SSL_free(s->ssl);
    free(s);
}

bool tls_shaking(const struct tls_session *s) {
    return !SSL_is_init_finished(s->ssl);
}

/* What OpenSSL wants to send; the link may be closed by it. */
static void flush(struct link *l) {
    char *cipher = l->worker->tls->cipher;
    while (l->ending != LINK_CLOSED) {
        int n = BIO_read(l->tls->out, cipher, sizeof l->worker->tls->cipher);
        if (n <= 0) return;
        gateway_write_raw(l, cipher, (size_t)n);
    }
}

static bool shake_hands(struct link *l) {
    ERR_clear_error();
    int rc = SSL_do_handshake(l->tls->ssl);
    int why = rc == 1 ? SSL_ERROR_NONE : SSL_get_error(l->tls->ssl, rc);
    flush(l);
    if (l->ending == LINK_CLOSED) return true;
    if (rc == 1) chain_remove(&l->partial);
    return rc == 1 || why == SSL_ERROR_WANT_READ;
}

/* One record at a time, in the worker's buffer behind what the link held of an unfinished frame. */
static bool read_records(struct link *l) {
    struct yw_gateway *g = l->worker;
    char *plain = g->tls->plain;
    while (l->ending == LINK_OPEN) {
        ERR_clear_error();
        size_t held = l->held;
        int n = SSL_read(l->tls->ssl, plain + held, PLAIN_BYTES);
        if (n <= 0) {
            int why = SSL_get_error(l->tls->ssl, n);
            if (why == SSL_ERROR_ZERO_RETURN) {
                if (held > 0) memcpy(plain, l->hold->bytes, held);
                gateway_feed(l, plain, held, true);
                gateway_end_link(l);
                return true;
            }
            return why == SSL_ERROR_WANT_READ;
        }
        if (held > 0) memcpy(plain, l->hold->bytes, held);
        counter_add(g, YW_GW_BYTES, (uint64_t)n);
        gateway_feed(l, plain, held + (size_t)n, false);
    }
    return true;
}

bool tls_received(struct link *l, const char *bytes, size_t n) {
    if (BIO_write(l->tls->in, bytes, (int)n) != (int)n) return false;
    if (tls_shaking(l->tls)) {
        if (!shake_hands(l)) return false;
        if (l->ending == LINK_CLOSED || tls_shaking(l->tls)) return true;
    }
    bool sound = read_records(l);
    if (l->ending != LINK_CLOSED) flush(l);
    return sound;
}

bool tls_send(struct link *l, const char *bytes, size_t n) {
    while (n > 0 && l->ending != LINK_CLOSED) {
        ERR_clear_error();
        int sent = SSL_write(l->tls->ssl, bytes, (int)n);
        if (sent <= 0) return false;
        flush(l);
        bytes += sent;
        n -= (size_t)sent;
    }
    return true;
}

/* Best effort: the link is about to be closed anyway. */
void tls_goodbye(struct link *l) {
    if (tls_shaking(l->tls) || l->unread > 0) return;
    ERR_clear_error();
    SSL_shutdown(l->tls->ssl);
    int n = BIO_read(l->tls->out, l->worker->tls->cipher, sizeof l->worker->tls->cipher);
    if (n <= 0) return;
    uv_buf_t b = uv_buf_init(l->worker->tls->cipher, (unsigned)n);
    uv_try_write((uv_stream_t *)&l->tcp, &b, 1);
}
