/* Settings of delivery: read from the API, shown without their secrets, kept with secrets sealed. */
#include "web/delivery.h"

#include "web/json.h"

#include <curl/curl.h>
#include <string.h>

enum { SEALED_BYTES = YW_TEXT_SEALED };

struct reading {
    const struct yw_delivery_settings *before;
    struct yw_delivery_settings *out;
    const uint8_t *key; /* secrets are sealed by it; NULL: in clear */
    struct yw_error *err;
    enum yw_code code;
};

static bool fail(struct reading *r, const char *what, const char *why) {
    if (r->code == YW_OK) r->code = yw_fail(r->err, YW_E_FORMAT, "%s: %s", what, why);
    return false;
}

static bool plain(const char *text) {
    for (const char *p = text; *p != '\0'; p++) {
        if ((unsigned char)*p < 0x20 || *p == 0x7f) return false;
    }
    return true;
}

static bool text_of(struct reading *r, const json_t *o, const char *name, char *to, size_t size) {
    const json_t *v = json_object_get(o, name);
    to[0] = '\0';
    if (v == NULL || json_is_null(v)) return true;
    if (!json_is_string(v) || json_string_length(v) >= size || !plain(json_string_value(v)))
        return fail(r, name, "a text without control characters that is not too long");
    memcpy(to, json_string_value(v), json_string_length(v) + 1);
    return true;
}

/* A secret that is not said stays what it was. */
static bool secret_of(struct reading *r, const json_t *o, const char *name, const char *before, char *to,
                      size_t size) {
    const json_t *v = json_object_get(o, name);
    if (!json_is_string(v)) return yw_copy(to, size, before, strlen(before));
    if (r->key == NULL) return text_of(r, o, name, to, size);
    char clear[YW_TEXT_SEAL_MAX + 1];
    bool good = json_string_length(v) == 0 ||
                yw_text_open(r->key, "delivery", json_string_value(v), clear, sizeof clear, NULL) == YW_OK;
    if (json_string_length(v) == 0) clear[0] = '\0';
    return good ? yw_copy(to, size, clear, strlen(clear))
                : fail(r, name, "does not open with the installation's key: enter it again");
}

static bool url_fits(struct reading *r, const char *what, const char *url, const char *const *schemes) {
    CURLU *u = curl_url();
    char *scheme = NULL;
    bool good = false;
    char plain_url[YW_DELIVERY_URL];
    /* Holes of a template stand where characters of an address will be. */
    size_t n = strlen(url);
    memcpy(plain_url, url, n + 1);
    for (size_t i = 0; i < n; i++) {
        if (plain_url[i] == '{' || plain_url[i] == '}') plain_url[i] = 'x';
    }
    if (u != NULL &&
        curl_url_set(u, CURLUPART_URL, plain_url, CURLU_NON_SUPPORT_SCHEME | CURLU_DISALLOW_USER) ==
            CURLUE_OK &&
        curl_url_get(u, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK) {
        for (size_t i = 0; schemes[i] != NULL; i++) good = good || strcmp(schemes[i], scheme) == 0;
    }
    curl_free(scheme);
    curl_url_cleanup(u);
    return good || fail(r, what, "not an address of a kind that can be used here (no user in it)");
}

static const char *const web_schemes[] = {"http", "https", NULL}, *const mail_schemes[] = {"smtp", "smtps",
                                                                                           NULL};

static bool is_address(const char *text) {
    const char *at = strchr(text, '@');
    return at != NULL && at != text && at[1] != '\0' && strpbrk(text, " <>,;:\"()[]\\") == NULL;
}

static bool is_phone(const char *text) {
    size_t n = strlen(text);
    return n >= 5 && n <= 20 && strspn(text + (text[0] == '+'), "0123456789") == n - (text[0] == '+');
}

static const struct yw_recipient *robot_named(const struct yw_delivery_settings *s, const char *name) {
    static const struct yw_recipient none;
    for (size_t i = 0; s != NULL && i < s->to_n; i++) {
        if (s->to[i].channel >= YW_CHANNEL_WECOM && strcmp(s->to[i].target, name) == 0) return &s->to[i];
    }
    return &none;
}

static bool read_recipient(struct reading *r, const json_t *o, uint8_t channel) {
    struct yw_recipient *to = &r->out->to[r->out->to_n];
    static const char *const names[] = {"", "address", "phone", "name", "name"};
    const json_t *least = json_object_get(o, "least");
    memset(to, 0, sizeof *to);
    to->channel = channel;
    if (!json_is_object(o) || !text_of(r, o, "unit", to->unit, sizeof to->unit) ||
        !text_of(r, o, names[channel], to->target, sizeof to->target))
        return fail(r, names[channel], "each recipient is an object");
    if (least != NULL &&
        (!json_is_integer(least) || json_integer_value(least) < 1 || json_integer_value(least) > 3))
        return fail(r, "least", "1 to 3");
    to->least = least != NULL ? (uint8_t)json_integer_value(least) : 1;
    if (channel == YW_CHANNEL_MAIL && !is_address(to->target))
        return fail(r, "address", "not an e-mail address");
    if (channel == YW_CHANNEL_SMS && !is_phone(to->target)) return fail(r, "phone", "5 to 20 digits");
    if (channel >= YW_CHANNEL_WECOM) {
        const struct yw_recipient *before = robot_named(r->before, to->target);
        if (to->target[0] == '\0') return fail(r, "name", "a robot needs a name");
        if (robot_named(r->out, to->target)->channel != 0) return fail(r, "name", "two robots of one name");
        if (!secret_of(r, o, "url", before->url, to->url, sizeof to->url) ||
            !secret_of(r, o, "secret", before->secret, to->secret, sizeof to->secret) ||
            !url_fits(r, "url", to->url, web_schemes))
            return false;
    }
    r->out->to_n++;
    return true;
}

static bool read_list(struct reading *r, const json_t *list, uint8_t channel) {
    size_t i;
    const json_t *v;
    if (list == NULL) return true;
    if (!json_is_array(list) || json_array_size(list) > YW_RECIPIENTS_MAX)
        return fail(r, channel >= YW_CHANNEL_WECOM ? "robots" : "to", "a list of at most 100");
    json_array_foreach(list, i, v) {
        uint8_t c = channel;
        char kind[16] = "";
        if (channel == YW_CHANNEL_WECOM) {
            if (!text_of(r, v, "kind", kind, sizeof kind)) return false;
            if (strcmp(kind, "dingtalk") == 0) c = YW_CHANNEL_DINGTALK;
            if (c == YW_CHANNEL_WECOM && strcmp(kind, "wecom") != 0)
                return fail(r, "kind", "wecom or dingtalk");
        }
        if (!read_recipient(r, v, c)) return false;
    }
    return true;
}

static bool read_mail(struct reading *r, const json_t *o) {
    struct yw_delivery_settings *s = r->out;
    s->mail = json_is_true(json_object_get(o, "enabled"));
    if (!text_of(r, o, "url", s->mail_url, sizeof s->mail_url) ||
        !text_of(r, o, "from", s->mail_from, sizeof s->mail_from) ||
        !text_of(r, o, "user", s->mail_user, sizeof s->mail_user) ||
        !secret_of(r, o, "password", r->before != NULL ? r->before->mail_password : "", s->mail_password,
                   sizeof s->mail_password) ||
        !read_list(r, json_object_get(o, "to"), YW_CHANNEL_MAIL))
        return false;
    if (!s->mail) return true;
    if (!is_address(s->mail_from)) return fail(r, "mail.from", "not an e-mail address");
    return url_fits(r, "mail.url", s->mail_url, mail_schemes);
}

static bool read_sms(struct reading *r, const json_t *o) {
    struct yw_delivery_settings *s = r->out;
    s->sms = json_is_true(json_object_get(o, "enabled"));
    if (!text_of(r, o, "url", s->sms_url, sizeof s->sms_url) ||
        !text_of(r, o, "content_type", s->sms_type, sizeof s->sms_type) ||
        !text_of(r, o, "body", s->sms_body, sizeof s->sms_body) ||
        !text_of(r, o, "success", s->sms_success, sizeof s->sms_success) ||
        !secret_of(r, o, "header", r->before != NULL ? r->before->sms_header : "", s->sms_header,
                   sizeof s->sms_header) ||
        !read_list(r, json_object_get(o, "to"), YW_CHANNEL_SMS))
        return false;
    if (s->sms_header[0] != '\0' && strchr(s->sms_header, ':') == NULL)
        return fail(r, "sms.header", "of the form Name: value");
    return !s->sms || url_fits(r, "sms.url", s->sms_url, web_schemes);
}

static enum yw_code read_all(struct reading *r, const json_t *o) {
    struct yw_delivery_settings *s = r->out;
    memset(s, 0, sizeof *s);
    if (r->key != NULL) s->since = json_integer_value(json_object_get(o, "since"));
    s->allow_private = json_is_true(json_object_get(o, "allow_private"));
    bool good = text_of(r, o, "base_url", s->base_url, sizeof s->base_url) &&
                (s->base_url[0] == '\0' || url_fits(r, "base_url", s->base_url, web_schemes)) &&
                read_mail(r, json_object_get(o, "mail")) && read_sms(r, json_object_get(o, "sms")) &&
                read_list(r, json_object_get(o, "robots"), YW_CHANNEL_WECOM);
    size_t n = strlen(s->base_url);
    if (n > 0 && s->base_url[n - 1] == '/') s->base_url[n - 1] = '\0';
    return good ? YW_OK : r->code != YW_OK ? r->code : yw_fail(r->err, YW_E_FORMAT, "a member is too long");
}

enum yw_code yw_delivery_settings_read(const json_t *o, const struct yw_delivery_settings *before,
                                       struct yw_delivery_settings *out, struct yw_error *err) {
    return read_all(&(struct reading){.before = before, .out = out, .err = err, .code = YW_OK}, o);
}

enum yw_code yw_delivery_settings_open(const char *json, size_t n, const uint8_t key[32],
                                       struct yw_delivery_settings *out, struct yw_error *err) {
    memset(out, 0, sizeof *out);
    if (n == 0) return YW_OK;
    json_t *o = json_loadb(json, n, 0, NULL);
    enum yw_code code =
        o == NULL ? yw_fail(err, YW_E_CORRUPT, "settings of delivery: not JSON")
                  : read_all(&(struct reading){.out = out, .key = key, .err = err, .code = YW_OK}, o);
    json_decref(o);
    return code;
}

/* ---- writing ---- */

static bool put_secret(struct yw_buf *b, const char *name, const char *clear, const uint8_t *key) {
    char sealed[SEALED_BYTES];
    yj_key(b, name);
    if (key == NULL) {
        yj_open(b, '{');
        yj_put_bool(b, "set", clear[0] != '\0');
        yj_close(b, '}');
        return true;
    }
    bool good =
        clear[0] == '\0' || yw_text_seal(key, "delivery", clear, sealed, sizeof sealed, NULL) == YW_OK;
    yj_text(b, good && clear[0] != '\0' ? sealed : "");
    return good;
}

static bool put_list(struct yw_buf *b, const struct yw_delivery_settings *s, const char *name, uint8_t from,
                     uint8_t to, const uint8_t *key) {
    bool good = true;
    yj_key(b, name);
    yj_open(b, '[');
    for (size_t i = 0; i < s->to_n; i++) {
        const struct yw_recipient *t = &s->to[i];
        if (t->channel < from || t->channel > to) continue;
        yj_open(b, '{');
        yj_put_text(b, "unit", t->unit);
        yj_put_i64(b, "least", t->least);
        yj_put_text(b,
                    from == YW_CHANNEL_MAIL  ? "address"
                    : from == YW_CHANNEL_SMS ? "phone"
                                             : "name",
                    t->target);
        if (from == YW_CHANNEL_WECOM) {
            yj_put_text(b, "kind", yw_channel_name(t->channel));
            good = put_secret(b, "url", t->url, key) && put_secret(b, "secret", t->secret, key) && good;
        }
        yj_close(b, '}');
    }
    yj_close(b, ']');
    return good;
}

bool yw_delivery_settings_put(struct yw_buf *b, const struct yw_delivery_settings *s, const uint8_t *key) {
    yj_open(b, '{');
    yj_put_text(b, "base_url", s->base_url);
    if (key != NULL) yj_put_i64(b, "since", s->since);
    yj_put_bool(b, "allow_private", s->allow_private);
    yj_key(b, "mail");
    yj_open(b, '{');
    yj_put_bool(b, "enabled", s->mail);
    yj_put_text(b, "url", s->mail_url);
    yj_put_text(b, "from", s->mail_from);
    yj_put_text(b, "user", s->mail_user);
    bool good = put_secret(b, "password", s->mail_password, key);
    good = put_list(b, s, "to", YW_CHANNEL_MAIL, YW_CHANNEL_MAIL, key) && good;
    yj_close(b, '}');
    yj_key(b, "sms");
    yj_open(b, '{');
    yj_put_bool(b, "enabled", s->sms);
    yj_put_text(b, "url", s->sms_url);
    yj_put_text(b, "content_type", s->sms_type);
    good = put_secret(b, "header", s->sms_header, key) && good;
    yj_put_text(b, "body", s->sms_body);
    yj_put_text(b, "success", s->sms_success);
    good = put_list(b, s, "to", YW_CHANNEL_SMS, YW_CHANNEL_SMS, key) && good;
    yj_close(b, '}');
    good = put_list(b, s, "robots", YW_CHANNEL_WECOM, YW_CHANNEL_DINGTALK, key) && good;
    yj_close(b, '}');
    return good && !b->failed;
}
