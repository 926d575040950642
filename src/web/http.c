/* Between libmicrohttpd and the routes: bodies, headers, limits, start and stop. */
#include "web/rules.h"
#include "web/acts_socket.h"
#include "web/alarms.h"
#include "web/commands.h"
#include "web/delivery.h"
#include "web/gaps_policy.h"
#include "web/judged_policy.h"
#include "web/policies.h"
#include "web/shifts.h"
#include "web/snapshot.h"
#include "web/web_int.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum { CONNECTIONS_MAX = 2000, HEADER_MAX = 32 << 10, IDLE_S = 30, CERT_MAX = 1 << 20 };

static const char *const csp =
    "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
    "font-src 'self' data:; worker-src 'self' blob:; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'";

static void add_headers(const struct yw_request *q, struct MHD_Response *r, bool page) {
    MHD_add_response_header(r, "X-Content-Type-Options", "nosniff");
    MHD_add_response_header(r, "X-Frame-Options", "DENY");
    MHD_add_response_header(r, "Referrer-Policy", "same-origin");
    MHD_add_response_header(r, "Cross-Origin-Opener-Policy", "same-origin");
    MHD_add_response_header(r, "Cross-Origin-Resource-Policy", "same-origin");
    MHD_add_response_header(r, "Content-Security-Policy", csp);
    if (q->secure) MHD_add_response_header(r, "Strict-Transport-Security", "max-age=31536000");
    if (page) return;
    MHD_add_response_header(r, "Cache-Control", "no-store");
    if (q->cookie[0] != '\0') MHD_add_response_header(r, "Set-Cookie", q->cookie);
    char text[160];
    if (q->retry_after_s > 0) {
        snprintf(text, sizeof text, "%lld", (long long)q->retry_after_s);
        MHD_add_response_header(r, "Retry-After", text);
    }
    if (q->download != NULL) {
        snprintf(text, sizeof text, "attachment; filename=\"%s\"", q->download);
        MHD_add_response_header(r, "Content-Disposition", text);
    }
}

static enum MHD_Result answer(struct yw_request *q, unsigned status) {
    struct MHD_Response *r = q->stream;
    bool page = false;
    if (r == NULL && q->route == NULL && strncmp(q->path, "/api/", 5) != 0 && status == 200) {
        status = yw_serve_page(q, &r);
        page = r != NULL;
    }
    if (r == NULL) {
        if (q->out.failed)
            status = yw_problem(q, 500, "too_large", "回答过大，请缩小范围",
                                "the answer is too large: ask for less");
        r = MHD_create_response_from_buffer(q->out.len, q->out.data, MHD_RESPMEM_MUST_COPY);
        if (r == NULL) return MHD_NO;
        MHD_add_response_header(
            r, "Content-Type", q->content_type != NULL ? q->content_type : "application/json; charset=utf-8");
    }
    add_headers(q, r, page);
    enum MHD_Result done = MHD_queue_response(q->connection, status, r);
    MHD_destroy_response(r);
    return done;
}

static void free_request(void *cls, struct MHD_Connection *c, void **state,
                         enum MHD_RequestTerminationCode how) {
    YW_UNUSED(cls), YW_UNUSED(c), YW_UNUSED(how);
    struct yw_request *q = *state;
    if (q == NULL) return;
    yw_buf_free(&q->body);
    yw_buf_free(&q->out);
    yw_snapshot_free(q->snapshot);
    free(q);
    *state = NULL;
}

static const char *header(struct MHD_Connection *c, const char *name) {
    return MHD_lookup_connection_value(c, MHD_HEADER_KIND, name);
}

/* A reverse proxy on the same machine says whom it speaks for, last in the list. Nobody else is believed:
 * everybody can send such a header, and failed sign-ins are counted by address. */
static void look_behind_proxy(struct yw_request *q) {
    bool local = strcmp(q->address, "127.0.0.1") == 0 || strcmp(q->address, "::1") == 0;
    const char *list = local ? header(q->connection, "X-Forwarded-For") : NULL;
    const char *proto = local ? header(q->connection, "X-Forwarded-Proto") : NULL;
    if (proto != NULL && strcmp(proto, "https") == 0) q->secure = true;
    if (list == NULL) return;
    const char *comma = strrchr(list, ','), *last = comma != NULL ? comma + 1 : list;
    last += strspn(last, " ");
    struct in6_addr ignored;
    if (inet_pton(AF_INET, last, &ignored) == 1 || inet_pton(AF_INET6, last, &ignored) == 1) {
        (void)yw_copy(q->address, sizeof q->address, last, strlen(last));
    }
}

static struct yw_request *new_request(struct yw_web *w, struct MHD_Connection *c, const char *path,
                                      const char *method) {
    struct yw_request *q = calloc(1, sizeof *q);
    if (q == NULL) return NULL;
    q->web = w;
    q->connection = c;
    q->path = path;
    q->method = method;
    q->now = yw_now();
    q->secure = w->config.tls_cert != NULL;
    yw_buf_init(&q->out, YW_ANSWER_MAX);
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(c, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    if (info != NULL && info->client_addr != NULL) {
        socklen_t size = info->client_addr->sa_family == AF_INET6 ? sizeof(struct sockaddr_in6)
                                                                  : sizeof(struct sockaddr_in);
        (void)getnameinfo(info->client_addr, size, q->address, sizeof q->address, NULL, 0, NI_NUMERICHOST);
    }
    look_behind_proxy(q);
    return q;
}

/* Before the body comes: does the path exist, may it be that long, and for long ones, who is it. */
static unsigned begin(struct yw_request *q) {
    bool other_method = false;
    bool api = strncmp(q->path, "/api/", 5) == 0 || strcmp(q->path, "/api") == 0;
    bool reads = strcmp(q->method, "GET") == 0 || strcmp(q->method, "HEAD") == 0;
    yw_buf_init(&q->body, YW_BODY_MAX);
    if (!api)
        return reads ? 200 : yw_problem(q, 405, "method", "不支持的请求方法", "only GET is possible here");
    q->route = yw_route_find(q->method, q->path, q->params, &other_method);
    if (q->route == NULL) {
        return other_method ? yw_problem(q, 405, "method", "不支持的请求方法",
                                         "this path is there, but not with this method")
                            : yw_problem(q, 404, "not_found", "没有这个接口", "there is no such path");
    }
    q->body_max = q->route->body_max > 0 ? q->route->body_max : YW_BODY_MAX;
    yw_buf_init(&q->body, q->body_max);
    const char *length = header(q->connection, "Content-Length");
    uint64_t n = 0;
    if (length != NULL && yw_parse_u64(length, strlen(length), &n) && n > q->body_max) {
        return yw_problem(q, 413, "too_large", "请求内容过大", "the body is too large");
    }
    return q->route->body_max > YW_BODY_MAX ? yw_route_check(q) : 200;
}

static enum MHD_Result on_request(void *cls, struct MHD_Connection *c, const char *url, const char *method,
                                  const char *version, const char *upload, size_t *upload_n, void **state) {
    YW_UNUSED(version);
    struct yw_request *q = *state;
    if (q == NULL) {
        q = new_request(cls, c, url, method);
        if (q == NULL) return MHD_NO;
        *state = q;
        unsigned status = begin(q);
        return status == 200 ? MHD_YES : answer(q, status);
    }
    if (*upload_n > 0) {
        q->too_large = q->too_large || !yw_buf_add(&q->body, upload, *upload_n);
        *upload_n = 0;
        return MHD_YES;
    }
    if (q->too_large)
        return answer(q, yw_problem(q, 413, "too_large", "请求内容过大", "the body is too large"));
    q->path = url;
    unsigned status = q->route != NULL ? yw_route_serve(q) : 200;
    return status == YW_STATUS_LATER ? MHD_YES : answer(q, status);
}

static void on_log(void *cls, const char *format, va_list ap) {
    YW_UNUSED(cls);
    char text[400];
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    int n = vsnprintf(text, sizeof text, format, ap);
#pragma GCC diagnostic pop
    while (n > 0 && n < (int)sizeof text && text[n - 1] == '\n') text[--n] = '\0';
    yw_log(YW_LOG_DEBUG, "http: %s", text);
}

/* ---- store handles ---- */

struct yw_store *yw_web_store_take(struct yw_web *w, struct yw_error *err) {
    struct yw_store *s = NULL;
    pthread_mutex_lock(&w->stores_lock);
    if (w->store_n > 0) s = w->stores[--w->store_n];
    pthread_mutex_unlock(&w->stores_lock);
    if (s == NULL && yw_store_sqlite.open(w->series, true, &s, err) != YW_OK) return NULL;
    return s;
}

void yw_web_store_give(struct yw_web *w, struct yw_store *s, bool good) {
    if (s == NULL) return;
    pthread_mutex_lock(&w->stores_lock);
    bool keep = good && w->store_n < YW_STORES_MAX;
    if (keep) w->stores[w->store_n++] = s;
    pthread_mutex_unlock(&w->stores_lock);
    if (!keep) yw_store_sqlite.close(s);
}

/* ---- start and stop ---- */

static enum yw_code listen_now(struct yw_web *w, struct yw_error *err) {
    struct yw_buf cert, key;
    yw_buf_init(&cert, CERT_MAX);
    yw_buf_init(&key, CERT_MAX);
    unsigned flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG;
    struct MHD_OptionItem options[12] = {
        {MHD_OPTION_LISTEN_SOCKET, w->config.listen_fd, NULL},
        {MHD_OPTION_THREAD_POOL_SIZE, (intptr_t)w->config.threads, NULL},
        {MHD_OPTION_CONNECTION_LIMIT, CONNECTIONS_MAX, NULL},
        {MHD_OPTION_CONNECTION_TIMEOUT, IDLE_S, NULL},
        {MHD_OPTION_CONNECTION_MEMORY_LIMIT, HEADER_MAX, NULL},
        {MHD_OPTION_NOTIFY_COMPLETED, (intptr_t)free_request, NULL},
    };
    size_t n = 6;
    enum yw_code code = YW_OK;
    if (w->config.tls_cert != NULL) {
        if (MHD_is_feature_supported(MHD_FEATURE_TLS) != MHD_YES) {
            code = yw_fail(err, YW_E_STATE,
                           "this libmicrohttpd was built without TLS: put a reverse proxy in front");
        }
        if (code == YW_OK) code = yw_file_read(w->config.tls_cert, CERT_MAX, &cert, err);
        if (code == YW_OK) code = yw_file_read(w->config.tls_key, CERT_MAX, &key, err);
        flags |= MHD_USE_TLS;
        options[n++] = (struct MHD_OptionItem){MHD_OPTION_HTTPS_MEM_CERT, 0, cert.data};
        options[n++] = (struct MHD_OptionItem){MHD_OPTION_HTTPS_MEM_KEY, 0, key.data};
    }
    options[n] = (struct MHD_OptionItem){MHD_OPTION_END, 0, NULL};
    if (code == YW_OK) {
        w->daemon = MHD_start_daemon(flags, 0, NULL, NULL, on_request, w, MHD_OPTION_EXTERNAL_LOGGER, on_log,
                                     NULL, MHD_OPTION_ARRAY, options, MHD_OPTION_END);
        if (w->daemon == NULL)
            code =
                yw_fail(err, YW_E_SYSTEM, "the HTTP server could not start; are certificate and key right?");
    }
    yw_buf_free(&cert);
    yw_buf_free(&key);
    return code;
}

/* Every line that is no act goes into the book that keeps it. */
static void replay(void *web, const char *json, size_t n) {
    struct yw_web *w = web;
    yw_commands_replay(w->commands, json, n);
    yw_alarms_replay(w->alarms, json, n);
    yw_shifts_replay(w->shifts, json, n);
}

enum yw_code yw_web_start(const struct yw_web_config *c, struct yw_web **out, struct yw_error *err) {
    struct yw_web *w = calloc(1, sizeof *w);
    if (w == NULL) return yw_fail(err, YW_E_NOMEM, "out of memory");
    w->config = *c;
    w->started = yw_now();
    pthread_mutex_init(&w->stores_lock, NULL);
    pthread_mutex_init(&w->rates_lock, NULL);
    yw_copy(w->name, sizeof w->name, c->name != NULL ? c->name : "", c->name != NULL ? strlen(c->name) : 0);
    bool fits = yw_copy(w->data, sizeof w->data, c->data, strlen(c->data));
    snprintf(w->series, sizeof w->series, "%s/series", w->data);
    enum yw_code code = fits ? YW_OK : yw_fail(err, YW_E_LIMIT, "the path of the data folder is too long");
    w->commands = yw_commands_create();
    w->gaps = yw_gap_book_create();
    w->snapshots = yw_snapshots_create();
    w->alarms = yw_alarms_create();
    w->alarm_watch = yw_alarm_watch_create();
    w->judged_watch = yw_judged_watch_create();
    w->shifts = yw_shifts_create();
    if (code == YW_OK &&
        (w->alarms == NULL || w->alarm_watch == NULL || w->judged_watch == NULL || w->shifts == NULL ||
         w->commands == NULL || w->gaps == NULL || w->snapshots == NULL))
        code = yw_fail(err, YW_E_NOMEM, "out of memory");
    if (code == YW_OK) code = yw_acts_open_with(yw_io_system(), c->data, c->domain, replay, w, &w->acts, err);
    if (code == YW_OK) code = yw_secret_load(c->data, w->secret, err);
    if (code == YW_OK) code = yw_office_open(c->data, &w->office, err);
    if (code == YW_OK) code = yw_factor_names_load(&w->factors, "hj212/factors.csv", err);
    if (code == YW_OK) code = yw_factor_names_load(&w->infos, "hj212/device_info.csv", err);
    if (code == YW_OK) code = yw_rule_book_open(&w->rules, err);
    w->states = yw_states_create();
    if (code == YW_OK && w->states == NULL) code = yw_fail(err, YW_E_NOMEM, "out of memory");
    if (code == YW_OK) code = yw_live_start(w, &w->hub, err);
    if (code == YW_OK && fcntl(c->listen_fd, F_SETFL, O_NONBLOCK) != 0)
        code = yw_fail_errno(err, errno, "the listening socket");
    if (code == YW_OK) code = yw_deliveries_start(w, &w->deliveries, err);
    if (code == YW_OK) code = yw_policies_start(w, &w->policies, err);
    if (code == YW_OK) code = yw_acts_socket_start(w, &w->acts_socket, err);
    if (code == YW_OK) code = listen_now(w, err);
    if (code != YW_OK) {
        yw_web_stop(w);
        return code;
    }
    *out = w;
    return YW_OK;
}

void yw_web_stop(struct yw_web *w) {
    if (w == NULL) return;
    if (w->hub != NULL) yw_live_wake_all(w->hub);
    yw_snapshots_end(w->snapshots);
    if (w->daemon != NULL) MHD_stop_daemon(w->daemon);
    yw_acts_socket_stop(w->acts_socket);
    yw_policies_stop(w->policies);
    yw_deliveries_stop(w->deliveries);
    if (w->hub != NULL) yw_live_stop(w->hub);
    yw_states_destroy(w->states);
    for (size_t i = 0; i < w->store_n; i++) yw_store_sqlite.close(w->stores[i]);
    yw_factor_names_free(&w->factors);
    yw_factor_names_free(&w->infos);
    yw_rule_book_close(w->rules);
    yw_office_close(w->office);
    yw_acts_close(w->acts);
    yw_commands_destroy(w->commands);
    yw_gap_book_destroy(w->gaps);
    yw_alarms_destroy(w->alarms);
    yw_alarm_watch_destroy(w->alarm_watch);
    yw_judged_watch_destroy(w->judged_watch);
    yw_shifts_destroy(w->shifts);
    yw_snapshots_destroy(w->snapshots);
    pthread_mutex_destroy(&w->stores_lock);
    pthread_mutex_destroy(&w->rates_lock);
    free(w);
}
