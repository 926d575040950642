/* Pictures by HTTP, with libcurl. */
#include "web/fetch.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { CONNECT_MS = 3000, PART = 600 };

const char *yw_picture_type(const void *bytes, size_t n) {
    if (n >= 3 && memcmp(bytes, "\xff\xd8\xff", 3) == 0) return "image/jpeg";
    if (n >= 8 && memcmp(bytes, "\x89PNG\r\n\x1a\n", 8) == 0) return "image/png";
    return NULL;
}

/* ---- addresses ---- */

struct place {
    char scheme[16], host[PART], port[16];
};

static bool part(CURLU *u, CURLUPart which, unsigned flags, char *to, size_t size) {
    char *text = NULL;
    bool good = curl_url_get(u, which, &text, flags) == CURLUE_OK && yw_copy(to, size, text, strlen(text));
    curl_free(text);
    return good;
}

static enum yw_code place_of(const char *url, struct place *p, struct yw_error *err) {
    char user[PART];
    uint16_t port = 0;
    CURLU *u = curl_url();
    if (u == NULL) return yw_fail(err, YW_E_NOMEM, "out of memory");
    memset(p, 0, sizeof *p);
    bool good = strlen(url) < PART && curl_url_set(u, CURLUPART_URL, url, CURLU_DISALLOW_USER) == CURLUE_OK &&
                part(u, CURLUPART_SCHEME, 0, p->scheme, sizeof p->scheme) &&
                part(u, CURLUPART_HOST, 0, p->host, sizeof p->host) &&
                part(u, CURLUPART_PORT, CURLU_DEFAULT_PORT, p->port, sizeof p->port) &&
                yw_parse_u16(p->port, strlen(p->port), &port);
    bool named = good && part(u, CURLUPART_USER, 0, user, sizeof user);
    curl_url_cleanup(u);
    if (!good || named)
        return yw_fail(err, YW_E_FORMAT, "not an address of the form http://host/path, without a user in it");
    if (strcmp(p->scheme, "http") != 0 && strcmp(p->scheme, "https") != 0)
        return yw_fail(err, YW_E_FORMAT, "pictures are fetched by http or https alone");
    if (port != 80 && port != 81 && port != 88 && port != 443 && port < 1024)
        return yw_fail(err, YW_E_FORMAT, "port %u: use 80, 81, 88, 443 or one from 1024 on", port);
    return YW_OK;
}

enum yw_code yw_fetch_check(const char *url, struct yw_error *err) {
    struct place p;
    return place_of(url, &p, err);
}

static bool v4_allowed(uint32_t a, bool loopback) {
    if (a >> 24 == 127) return loopback;
    /* this network, the link's own (where clouds keep secrets), for many, reserved */
    return a >> 24 != 0 && a >> 16 != 0xA9FE && a >> 28 < 14;
}

static bool address_allowed(const struct sockaddr *sa, bool loopback) {
    if (sa->sa_family == AF_INET) {
        struct sockaddr_in in;
        memcpy(&in, sa, sizeof in);
        return v4_allowed(ntohl(in.sin_addr.s_addr), loopback);
    }
    if (sa->sa_family != AF_INET6) return false;
    struct sockaddr_in6 in6;
    memcpy(&in6, sa, sizeof in6);
    const struct in6_addr *a = &in6.sin6_addr;
    if (IN6_IS_ADDR_LOOPBACK(a)) return loopback;
    if (IN6_IS_ADDR_V4MAPPED(a) || IN6_IS_ADDR_V4COMPAT(a)) {
        uint32_t v4;
        memcpy(&v4, a->s6_addr + 12, sizeof v4);
        return v4_allowed(ntohl(v4), loopback);
    }
    return !IN6_IS_ADDR_UNSPECIFIED(a) && !IN6_IS_ADDR_LINKLOCAL(a) && !IN6_IS_ADDR_MULTICAST(a);
}

/* ---- the transfer ---- */

struct transfer {
    const struct yw_fetch *f;
    struct yw_buf *out;
    bool forbidden;
};

/* Called with the address that a name turned into, just before connecting. */
static curl_socket_t open_socket(void *arg, curlsocktype purpose, struct curl_sockaddr *a) {
    struct transfer *t = arg;
    if (purpose != CURLSOCKTYPE_IPCXN || !address_allowed(&a->addr, t->f->loopback)) {
        t->forbidden = true;
        return CURL_SOCKET_BAD;
    }
    return socket(a->family, a->socktype | SOCK_CLOEXEC, a->protocol);
}

static size_t take(char *bytes, size_t size, size_t n, void *arg) {
    struct transfer *t = arg;
    n *= size;
    if (!yw_buf_add(t->out, bytes, n)) return 0;
    return n;
}

static int look_up(void *arg, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d) {
    const struct transfer *t = arg;
    YW_UNUSED(a), YW_UNUSED(b), YW_UNUSED(c), YW_UNUSED(d);
    return t->f->stop != NULL && atomic_load(t->f->stop);
}

static bool set_up(CURL *c, struct transfer *t) {
    const struct yw_fetch *f = t->f;
    bool good = curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "http,https") == CURLE_OK &&
                curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 0L) == CURLE_OK &&
                curl_easy_setopt(c, CURLOPT_PROXY, "") == CURLE_OK &&
                curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L) == CURLE_OK &&
                curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_MS) == CURLE_OK &&
                curl_easy_setopt(c, CURLOPT_OPENSOCKETFUNCTION, open_socket) == CURLE_OK &&
                curl_easy_setopt(c, CURLOPT_OPENSOCKETDATA, t) == CURLE_OK &&
                curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, take) == CURLE_OK &&
                curl_easy_setopt(c, CURLOPT_WRITEDATA, t) == CURLE_OK &&
                curl_easy_setopt(c, CURLOPT_NOPROGRESS, 0L) == CURLE_OK &&
                curl_easy_setopt(c, CURLOPT_XFERINFOFUNCTION, look_up) == CURLE_OK &&
                curl_easy_setopt(c, CURLOPT_XFERINFODATA, t) == CURLE_OK &&
                curl_easy_setopt(c, CURLOPT_MAXFILESIZE, (long)YW_PICTURE_MAX) == CURLE_OK &&
                curl_easy_setopt(c, CURLOPT_USERAGENT, "yanwu") == CURLE_OK;
    if (good && f->user != NULL && f->user[0] != '\0') {
        good = curl_easy_setopt(c, CURLOPT_HTTPAUTH, (long)(CURLAUTH_BASIC | CURLAUTH_DIGEST)) == CURLE_OK &&
               curl_easy_setopt(c, CURLOPT_USERNAME, f->user) == CURLE_OK &&
               curl_easy_setopt(c, CURLOPT_PASSWORD, f->pw != NULL ? f->pw : "") == CURLE_OK;
    }
    return good;
}

static enum yw_code failed(CURLcode rc, const struct transfer *t, struct yw_error *err) {
    if (t->forbidden)
        return yw_fail(err, YW_E_DENIED, "the camera's address is not one that is connected to");
    if (t->out->failed || rc == CURLE_FILESIZE_EXCEEDED)
        return yw_fail(err, YW_E_LIMIT, "the picture is larger than %d MiB", YW_PICTURE_MAX >> 20);
    return yw_fail(err, YW_E_STATE, "the camera gave no picture: %s", curl_easy_strerror(rc));
}

/* One question; *to gets where it redirects to, "" where it does not. */
static enum yw_code fetch_once(CURL *c, struct transfer *t, const char *url, int64_t left_ms, char to[PART],
                               struct yw_error *err) {
    long status = 0;
    char *elsewhere = NULL;
    to[0] = '\0';
    yw_buf_clear(t->out);
    if (curl_easy_setopt(c, CURLOPT_URL, url) != CURLE_OK ||
        curl_easy_setopt(c, CURLOPT_TIMEOUT_MS, (long)left_ms) != CURLE_OK)
        return yw_fail(err, YW_E_NOMEM, "out of memory");
    CURLcode rc = curl_easy_perform(c);
    if (rc != CURLE_OK) return failed(rc, t, err);
    curl_easy_getinfo(c, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_getinfo(c, CURLINFO_REDIRECT_URL, &elsewhere);
    if (status / 100 == 3 && elsewhere != NULL && yw_copy(to, PART, elsewhere, strlen(elsewhere)))
        return YW_OK;
    if (status != 200) return yw_fail(err, YW_E_STATE, "the camera answered with status %ld", status);
    return YW_OK;
}

enum yw_code yw_fetch_picture(const struct yw_fetch *f, struct yw_buf *out, const char **type,
                              struct yw_error *err) {
    struct place home, next;
    struct transfer t = {.f = f, .out = out};
    char url[PART], to[PART];
    enum yw_code code = place_of(f->url, &home, err);
    if (code != YW_OK) return code;
    CURL *c = curl_easy_init();
    if (c == NULL || !set_up(c, &t)) {
        curl_easy_cleanup(c);
        return yw_fail(err, YW_E_NOMEM, "libcurl cannot start");
    }
    int64_t end = yw_monotonic() + (int64_t)YW_FETCH_MS * 1000;
    (void)yw_copy(url, sizeof url, f->url, strlen(f->url));
    for (int redirects = 0; code == YW_OK; redirects++) {
        int64_t left_ms = (end - yw_monotonic()) / 1000;
        code = left_ms < 1 ? yw_fail(err, YW_E_STATE, "the camera gave no picture in time")
                           : fetch_once(c, &t, url, left_ms, to, err);
        if (code != YW_OK || to[0] == '\0') break;
        /* Only within the same place, or credentials and the server's reach would go astray. */
        code = place_of(to, &next, err);
        if (code == YW_OK && (redirects == YW_FETCH_REDIRECTS || strcmp(home.scheme, next.scheme) != 0 ||
                              strcmp(home.host, next.host) != 0 || strcmp(home.port, next.port) != 0))
            code = yw_fail(err, YW_E_DENIED, "the camera points elsewhere: that is not followed");
        memcpy(url, to, sizeof url);
    }
    curl_easy_cleanup(c);
    if (code != YW_OK) return code;
    *type = yw_picture_type(out->data, out->len);
    return *type != NULL ? YW_OK : yw_fail(err, YW_E_FORMAT, "what the camera sent is neither JPEG nor PNG");
}
