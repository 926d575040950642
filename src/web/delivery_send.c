/* One attempt to deliver one notice, with libcurl. */
#include "web/delivery.h"

#include <curl/curl.h>
#include <sodium.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { SEND_MS = 15000, CONNECT_MS = 5000, ANSWER_MOST = 8 << 10, BODY_MOST = 32 << 10, URL_MOST = 1024 };

struct transfer {
    const struct yw_delivery_settings *settings;
    const atomic_bool *stop;
    struct yw_buf answer, body;
    size_t read; /* bytes of body that were given away */
    bool forbidden;
};

static curl_socket_t open_socket(void *arg, curlsocktype purpose, struct curl_sockaddr *a) {
    struct transfer *t = arg;
    if (purpose != CURLSOCKTYPE_IPCXN || (!t->settings->allow_private && !yw_address_is_public(&a->addr))) {
        t->forbidden = true;
        return CURL_SOCKET_BAD;
    }
    return socket(a->family, a->socktype | SOCK_CLOEXEC, a->protocol);
}

/* More than fits is of no interest. */
static size_t take(char *bytes, size_t size, size_t n, void *arg) {
    struct transfer *t = arg;
    n *= size;
    size_t room = ANSWER_MOST - t->answer.len;
    (void)yw_buf_add(&t->answer, bytes, n < room ? n : room);
    return n;
}

static size_t give(char *to, size_t size, size_t n, void *arg) {
    struct transfer *t = arg;
    size_t left = t->body.len - t->read, room = size * n;
    if (left > room) left = room;
    memcpy(to, t->body.data + t->read, left);
    t->read += left;
    return left;
}

static int look_up(void *arg, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d) {
    const struct transfer *t = arg;
    YW_UNUSED(a), YW_UNUSED(b), YW_UNUSED(c), YW_UNUSED(d);
    return t->stop != NULL && atomic_load(t->stop);
}

static bool set_up(CURL *c, struct transfer *t, const char *url, const char *protocols) {
    return curl_easy_setopt(c, CURLOPT_URL, url) == CURLE_OK &&
           curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, protocols) == CURLE_OK &&
           curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 0L) == CURLE_OK &&
           curl_easy_setopt(c, CURLOPT_PROXY, "") == CURLE_OK &&
           curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L) == CURLE_OK &&
           curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_MS) == CURLE_OK &&
           curl_easy_setopt(c, CURLOPT_TIMEOUT_MS, (long)SEND_MS) == CURLE_OK &&
           curl_easy_setopt(c, CURLOPT_OPENSOCKETFUNCTION, open_socket) == CURLE_OK &&
           curl_easy_setopt(c, CURLOPT_OPENSOCKETDATA, t) == CURLE_OK &&
           curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, take) == CURLE_OK &&
           curl_easy_setopt(c, CURLOPT_WRITEDATA, t) == CURLE_OK &&
           curl_easy_setopt(c, CURLOPT_NOPROGRESS, 0L) == CURLE_OK &&
           curl_easy_setopt(c, CURLOPT_XFERINFOFUNCTION, look_up) == CURLE_OK &&
           curl_easy_setopt(c, CURLOPT_XFERINFODATA, t) == CURLE_OK &&
           curl_easy_setopt(c, CURLOPT_USERAGENT, "yanwu") == CURLE_OK;
}

/* Never the address: a robot's is a secret. */
static enum yw_code perform(CURL *c, struct transfer *t, struct yw_error *err) {
    CURLcode rc = curl_easy_perform(c);
    if (t->forbidden)
        return yw_fail(err, YW_E_DENIED,
                       "the address is not public: allow private addresses in the settings if it is meant");
    if (rc != CURLE_OK) return yw_fail(err, YW_E_STATE, "%s", curl_easy_strerror(rc));
    return YW_OK;
}

/* ---- HTTP ---- */

static enum yw_code post(struct transfer *t, const char *url, const char *type, const char *header,
                         struct yw_error *err) {
    char line[128];
    long status = 0;
    struct curl_slist *headers = NULL;
    CURL *c = curl_easy_init();
    snprintf(line, sizeof line, "Content-Type: %s", type);
    headers = curl_slist_append(headers, line);
    if (header[0] != '\0') headers = curl_slist_append(headers, header);
    bool good = c != NULL && headers != NULL && set_up(c, t, url, "http,https") &&
                curl_easy_setopt(c, CURLOPT_HTTPHEADER, headers) == CURLE_OK &&
                curl_easy_setopt(c, CURLOPT_POSTFIELDSIZE, (long)t->body.len) == CURLE_OK &&
                curl_easy_setopt(c, CURLOPT_POSTFIELDS, t->body.data != NULL ? t->body.data : "") == CURLE_OK;
    enum yw_code code = good ? perform(c, t, err) : yw_fail(err, YW_E_NOMEM, "libcurl cannot start");
    if (code == YW_OK) {
        curl_easy_getinfo(c, CURLINFO_RESPONSE_CODE, &status);
        if (status / 100 != 2) code = yw_fail(err, YW_E_STATE, "answered with status %ld", status);
    }
    curl_easy_cleanup(c);
    curl_slist_free_all(headers);
    return code;
}

static const struct yw_recipient *robot_of(const struct yw_delivery_settings *s,
                                           const struct yw_delivery *d) {
    for (size_t i = 0; i < s->to_n; i++) {
        if (s->to[i].channel == d->channel && strcmp(s->to[i].target, d->target) == 0) return &s->to[i];
    }
    return NULL;
}

/* DingTalk: the time and HMAC-SHA256(secret, "time\nsecret") as base64, escaped for an address. */
static bool sign(char *url, size_t size, const struct yw_recipient *robot, int64_t now) {
    char text[256], coded[64], escaped[200] = "";
    unsigned char mac[crypto_auth_hmacsha256_BYTES];
    crypto_auth_hmacsha256_state state;
    struct yw_buf b;
    int n = snprintf(text, sizeof text, "%lld\n%s", (long long)(now / 1000), robot->secret);
    crypto_auth_hmacsha256_init(&state, (const unsigned char *)robot->secret, strlen(robot->secret));
    crypto_auth_hmacsha256_update(&state, (const unsigned char *)text, (unsigned long long)n);
    crypto_auth_hmacsha256_final(&state, mac);
    sodium_bin2base64(coded, sizeof coded, mac, sizeof mac, sodium_base64_VARIANT_ORIGINAL);
    yw_buf_init(&b, sizeof escaped - 1);
    bool good =
        yw_template_fill(&b, "{text}", "url", "", "", coded) &&
        yw_copy(escaped, sizeof escaped, b.data, b.len) &&
        snprintf(url, size, "%s%ctimestamp=%lld&sign=%s", robot->url,
                 strchr(robot->url, '?') != NULL ? '&' : '?', (long long)(now / 1000), escaped) < (int)size;
    yw_buf_free(&b);
    sodium_memzero(text, sizeof text);
    return good;
}

/* Robots answer 200 and say in JSON what went wrong. */
static enum yw_code robot_said(const struct transfer *t, struct yw_error *err) {
    json_t *o = t->answer.len > 0 ? json_loadb(t->answer.data, t->answer.len, 0, NULL) : NULL;
    const json_t *code = json_object_get(o, "errcode");
    const char *text = json_string_value(json_object_get(o, "errmsg"));
    enum yw_code result = YW_OK;
    if (!json_is_integer(code) || json_integer_value(code) != 0)
        result = yw_fail(err, YW_E_STATE, "the robot refused: %lld %.80s",
                         (long long)json_integer_value(code), text != NULL ? text : "");
    json_decref(o);
    return result;
}

static enum yw_code send_robot(struct transfer *t, const struct yw_delivery *d, int64_t now,
                               struct yw_error *err) {
    const struct yw_recipient *robot = robot_of(t->settings, d);
    char url[URL_MOST];
    if (robot == NULL) return yw_fail(err, YW_E_NOT_FOUND, "there is no robot of this name any more");
    bool good = robot->channel == YW_CHANNEL_DINGTALK && robot->secret[0] != '\0'
                    ? sign(url, sizeof url, robot, now)
                    : yw_copy(url, sizeof url, robot->url, strlen(robot->url));
    if (!good || !yw_robot_body(&t->body, d->channel, d->text))
        return yw_fail(err, YW_E_LIMIT, "the message is too long");
    enum yw_code code = post(t, url, "application/json", "", err);
    sodium_memzero(url, sizeof url);
    return code == YW_OK ? robot_said(t, err) : code;
}

static enum yw_code send_sms(struct transfer *t, const struct yw_delivery *d, struct yw_error *err) {
    const struct yw_delivery_settings *s = t->settings;
    struct yw_buf url;
    const char *type = s->sms_type[0] != '\0' ? s->sms_type : "application/json";
    const char *how = strstr(type, "json") != NULL ? "json" : strstr(type, "urlencoded") != NULL ? "url" : "";
    if (!s->sms) return yw_fail(err, YW_E_STATE, "the SMS gateway is switched off");
    yw_buf_init(&url, URL_MOST);
    enum yw_code code = yw_template_fill(&url, s->sms_url, "url", d->target, d->number, d->text) &&
                                yw_template_fill(&t->body, s->sms_body, how, d->target, d->number, d->text)
                            ? post(t, url.data, type, s->sms_header, err)
                            : yw_fail(err, YW_E_LIMIT, "the message is too long");
    if (code == YW_OK && s->sms_success[0] != '\0' &&
        (t->answer.len == 0 || strstr(t->answer.data, s->sms_success) == NULL))
        code = yw_fail(err, YW_E_STATE, "the gateway's answer does not hold what means success");
    yw_buf_free(&url);
    return code;
}

/* ---- SMTP ---- */

static enum yw_code send_mail(struct transfer *t, const struct yw_delivery *d, int64_t now,
                              struct yw_error *err) {
    const struct yw_delivery_settings *s = t->settings;
    char from[128], to[128];
    if (!s->mail) return yw_fail(err, YW_E_STATE, "e-mail is switched off");
    snprintf(from, sizeof from, "<%s>", s->mail_from);
    snprintf(to, sizeof to, "<%s>", d->target);
    CURL *c = curl_easy_init();
    struct curl_slist *rcpt = curl_slist_append(NULL, to);
    bool good = c != NULL && rcpt != NULL &&
                yw_mail_write(&t->body, s->mail_from, d->target, d->subject, d->text, now, d->id) &&
                set_up(c, t, s->mail_url, "smtp,smtps") &&
                curl_easy_setopt(c, CURLOPT_MAIL_FROM, from) == CURLE_OK &&
                curl_easy_setopt(c, CURLOPT_MAIL_RCPT, rcpt) == CURLE_OK &&
                curl_easy_setopt(c, CURLOPT_READFUNCTION, give) == CURLE_OK &&
                curl_easy_setopt(c, CURLOPT_READDATA, t) == CURLE_OK &&
                curl_easy_setopt(c, CURLOPT_UPLOAD, 1L) == CURLE_OK;
    /* A password goes over TLS or not at all. */
    long tls = s->mail_password[0] != '\0' ? (long)CURLUSESSL_ALL : (long)CURLUSESSL_TRY;
    good = good && curl_easy_setopt(c, CURLOPT_USE_SSL, tls) == CURLE_OK;
    if (good && s->mail_user[0] != '\0')
        good = curl_easy_setopt(c, CURLOPT_USERNAME, s->mail_user) == CURLE_OK &&
               curl_easy_setopt(c, CURLOPT_PASSWORD, s->mail_password) == CURLE_OK;
    enum yw_code code = good ? perform(c, t, err) : yw_fail(err, YW_E_NOMEM, "libcurl cannot start");
    curl_easy_cleanup(c);
    curl_slist_free_all(rcpt);
    return code;
}

enum yw_code yw_delivery_send(const struct yw_delivery_settings *s, const struct yw_delivery *d, int64_t now,
                              const atomic_bool *stop, struct yw_error *err) {
    struct transfer t = {.settings = s, .stop = stop};
    enum yw_code code;
    yw_buf_init(&t.answer, ANSWER_MOST);
    yw_buf_init(&t.body, BODY_MOST);
    switch (d->channel) {
    case YW_CHANNEL_MAIL:
        code = send_mail(&t, d, now, err);
        break;
    case YW_CHANNEL_SMS:
        code = send_sms(&t, d, err);
        break;
    default:
        code = send_robot(&t, d, now, err);
        break;
    }
    yw_buf_free(&t.answer);
    yw_buf_free(&t.body);
    return code;
}
