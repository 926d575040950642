/* A line of the acts journal as an offer to a worker. */
#include "supervisor/commands.h"

#include <jansson.h>
#include <sodium.h>
#include <string.h>

#include "register/register.h"

enum { CP_TEXT_MAX = 2048 }; /* sealed it is longer than in clear */

struct reading {
    const json_t *o;
    struct yw_error *err;
    enum yw_code code;
};

static void wrong(struct reading *r, enum yw_code code, const char *name, const char *what) {
    if (r->code == YW_OK)
        r->code = yw_fail(r->err, code, "a command in the acts journal: \"%s\" %s", name, what);
}

static int64_t number(struct reading *r, const char *name, int64_t least, int64_t most, int64_t absent) {
    const json_t *v = json_object_get(r->o, name);
    if (v == NULL) return absent;
    int64_t n = json_integer_value(v);
    if (json_is_integer(v) && n >= least && n <= most) return n;
    wrong(r, YW_E_RANGE, name, "is not a whole number in its range");
    return absent;
}

static void text(struct reading *r, const char *name, char *out, size_t size) {
    const json_t *v = json_object_get(r->o, name);
    out[0] = 0;
    if (v == NULL) return;
    const char *s = json_string_value(v);
    if (s == NULL || json_string_length(v) >= size || strlen(s) != json_string_length(v)) {
        wrong(r, YW_E_FORMAT, name, "is not a text, or too long");
        return;
    }
    memcpy(out, s, strlen(s) + 1);
}

static uint8_t word(struct reading *r, const char *name, const char *const *words, size_t n) {
    const char *s = json_string_value(json_object_get(r->o, name));
    for (size_t i = 0; s != NULL && i < n; i++) {
        if (strcmp(s, words[i]) == 0) return (uint8_t)i;
    }
    wrong(r, YW_E_FORMAT, name, "is none of the words it takes");
    return 0;
}

static void read_cp(struct reading *r, const uint8_t *secret, struct yw_offer *out) {
    char cp[CP_TEXT_MAX], context[YW_SEAL_CONTEXT_MAX], plain[YW_TEXT_SEAL_MAX + 1];
    text(r, "cp", cp, sizeof cp);
    const char *clear = cp;
    if (yw_password_is_sealed(cp)) {
        snprintf(context, sizeof context, "command %lld", (long long)out->id);
        clear = plain;
        plain[0] = 0;
        if (secret == NULL || yw_text_open(secret, context, cp, plain, sizeof plain, NULL) != YW_OK)
            wrong(r, YW_E_DENIED, "cp", "is sealed and does not open with this installation's key");
    }
    if (strlen(clear) >= sizeof out->cp) {
        wrong(r, YW_E_LIMIT, "cp", "is too long");
    } else {
        memcpy(out->cp, clear, strlen(clear) + 1);
    }
    sodium_memzero(plain, sizeof plain);
}

static void read_command(struct reading *r, const uint8_t *secret, struct yw_offer *out) {
    static const char *const flows[] = {[YW_FLOW_REQUEST] = "request", [YW_FLOW_NOTICE] = "notice"};
    static const char *const answers[] = {[YW_ANSWER_NONE] = "none",
                                          [YW_ANSWER_ONE] = "one",
                                          [YW_ANSWER_UPLOADS] = "uploads",
                                          [YW_ANSWER_FOLLOWS] = "follows"};
    const json_t *encrypt = json_object_get(r->o, "encrypt");
    out->id = number(r, "id", 1, INT64_MAX, 0);
    out->device = (uint32_t)number(r, "device", 0, UINT32_MAX, 0);
    out->cn = (uint16_t)number(r, "cn", 1000, 9999, 0);
    out->upload = (uint16_t)number(r, "upload", 0, 9999, 0);
    out->version = (uint16_t)number(r, "version", 0, 2025, 0);
    out->overtime_s = (uint16_t)number(r, "overtime_s", 1, 99, 10);
    out->recount = (uint16_t)number(r, "recount", 0, 99, 3);
    out->execute_s = (uint16_t)number(r, "execute_s", 1, 3600, 60);
    out->from = number(r, "from", 0, INT64_MAX, 0);
    out->to = number(r, "to", 0, INT64_MAX, 0);
    out->valid_until = number(r, "valid_until", 1, INT64_MAX, 0);
    out->flow = word(r, "flow", flows, YW_COUNT(flows));
    out->answer = word(r, "answer", answers, YW_COUNT(answers));
    out->encrypt = json_is_true(encrypt);
    if (encrypt != NULL && !json_is_boolean(encrypt))
        wrong(r, YW_E_FORMAT, "encrypt", "is not true or false");
    text(r, "hardware", out->hardware, sizeof out->hardware);
    text(r, "mn", out->mn, sizeof out->mn);
    text(r, "st", out->st, sizeof out->st);
    text(r, "qn", out->qn, sizeof out->qn);
    read_cp(r, secret, out);
}

enum yw_code command_parse(const char *json, size_t n, const uint8_t *secret, struct yw_offer *out,
                           struct yw_error *err) {
    if (n > COMMAND_LINE_MAX) return yw_fail(err, YW_E_NOT_FOUND, "too long for a command");
    json_t *line = json_loadb(json, n, JSON_REJECT_DUPLICATES, NULL);
    struct reading r = {.o = json_object_get(line, "command"), .err = err, .code = YW_OK};
    if (r.o == NULL) {
        json_decref(line);
        return yw_fail(err, YW_E_NOT_FOUND, "no command");
    }
    union yw_push whole = {.offer = {.kind = YW_PUSH_OFFER}}; /* padding too is zero: it goes to a worker */
    if (!json_is_object(r.o)) wrong(&r, YW_E_FORMAT, "command", "is not an object");
    if (r.code == YW_OK) read_command(&r, secret, &whole.offer);
    if (r.code == YW_OK && (whole.offer.valid_until == 0 || !yw_push_ok(&whole, sizeof whole.offer)))
        wrong(&r, YW_E_FORMAT, "command", "lacks a member, or one does not have its form");
    if (r.code == YW_OK) *out = whole.offer;
    sodium_memzero(&whole, sizeof whole);
    json_decref(line);
    return r.code;
}
