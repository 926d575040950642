/* control_line: which keys a question has, and what they may hold. */
#include "plants/control_line.h"

#include <jansson.h>
#include <math.h>
#include <stddef.h>
#include <string.h>

enum shape { TEXT, NUMBER, YES };
#define BIT(what)  (1u << YW_ASK_##what)
#define EVERY      ((1u << YW_ASK_COUNT) - 1)
#define AT(member) offsetof(struct yw_control_line, member), sizeof(((struct yw_control_line *)0)->member)

static const char *const asks[YW_ASK_COUNT] = {
    [YW_ASK_LIST] = "list",     [YW_ASK_STATE] = "state",   [YW_ASK_ACT] = "act",
    [YW_ASK_INPUT] = "input",   [YW_ASK_EVENT] = "event",   [YW_ASK_SPEED] = "speed",
    [YW_ASK_FREEZE] = "freeze", [YW_ASK_RESUME] = "resume", [YW_ASK_SAVE] = "save",
    [YW_ASK_LOAD] = "load"};

struct field {
    const char *name;
    enum shape shape;
    uint32_t may, must; /* bit sets of questions */
    size_t offset, size;
    double low, high;
};
static const struct field fields[] = {
    {"tag", TEXT, EVERY, 0, AT(tag), 0, 0},
    {"id", TEXT, BIT(STATE) | BIT(ACT) | BIT(INPUT) | BIT(EVENT),
     BIT(STATE) | BIT(ACT) | BIT(INPUT) | BIT(EVENT), AT(id), 0, 0},
    {"act", TEXT, BIT(ACT), BIT(ACT), AT(act), 0, 0},
    {"channel", TEXT, BIT(ACT) | BIT(EVENT), 0, AT(channel), 0, 0},
    {"parameter", TEXT, BIT(ACT), 0, AT(parameter), 0, 0},
    {"input", TEXT, BIT(INPUT), BIT(INPUT), AT(input), 0, 0},
    {"effect", TEXT, BIT(EVENT), 0, AT(effect), 0, 0},
    {"event", TEXT, BIT(EVENT), 0, AT(event), 0, 0},
    {"file", TEXT, BIT(SAVE) | BIT(LOAD), BIT(SAVE) | BIT(LOAD), AT(file), 0, 0},
    {"value", NUMBER, BIT(ACT) | BIT(INPUT) | BIT(EVENT) | BIT(SPEED), BIT(SPEED), AT(value), -1e9, 1e9},
    {"strength", NUMBER, BIT(EVENT), 0, AT(strength), 0, 5},
    {"lasts_s", NUMBER, BIT(ACT) | BIT(EVENT), 0, AT(lasts_s), 0, 366 * 86400.0},
    {"ramp_s", NUMBER, BIT(EVENT), 0, AT(ramp_s), 0, 366 * 86400.0},
    {"stop", YES, BIT(EVENT), 0, AT(stop), 0, 0},
    {"triggered", YES, BIT(EVENT), 0, AT(triggered), 0, 0},
    {"stream", YES, BIT(STATE), 0, AT(stream), 0, 0},
};

static enum yw_code take_field(const struct field *f, const json_t *v, struct yw_control_line *out,
                               struct yw_error *err) {
    char *at = (char *)out + f->offset;
    if (f->shape == TEXT) {
        const char *text = json_string_value(v);
        size_t n = text ? json_string_length(v) : 0;
        if (!text) return yw_fail(err, YW_E_FORMAT, "%s takes a text", f->name);
        if (n >= f->size || memchr(text, '\0', n))
            return yw_fail(err, YW_E_RANGE, "%s takes a text of at most %zu bytes", f->name, f->size - 1);
        memcpy(at, text, n);
        at[n] = '\0';
        return YW_OK;
    }
    if (f->shape == YES) {
        if (!json_is_boolean(v)) return yw_fail(err, YW_E_FORMAT, "%s takes true or false", f->name);
        bool yes = json_is_true(v);
        memcpy(at, &yes, sizeof yes);
        return YW_OK;
    }
    if (json_is_null(v)) return YW_OK; /* as if it had not been said */
    if (!json_is_number(v)) return yw_fail(err, YW_E_FORMAT, "%s takes a number", f->name);
    double number = json_number_value(v);
    if (!(number >= f->low && number <= f->high))
        return yw_fail(err, YW_E_RANGE, "%s takes a number of %g to %g", f->name, f->low, f->high);
    memcpy(at, &number, sizeof number);
    return YW_OK;
}

static const struct field *field_named(const char *name) {
    for (size_t i = 0; i < YW_COUNT(fields); i++)
        if (strcmp(fields[i].name, name) == 0) return &fields[i];
    return NULL;
}

static enum yw_code take_ask(const json_t *root, struct yw_control_line *out, struct yw_error *err) {
    const char *ask = json_string_value(json_object_get(root, "ask"));
    for (int i = 0; ask && i < YW_ASK_COUNT; i++)
        if (strcmp(asks[i], ask) == 0) {
            out->what = (enum yw_control_what)i;
            return YW_OK;
        }
    return yw_fail(err, YW_E_USAGE,
                   "ask takes list, state, act, input, event, speed, freeze, resume, save or load");
}

static enum yw_code take_all(json_t *root, struct yw_control_line *out, struct yw_error *err) {
    uint32_t bit = 1u << out->what;
    const char *name;
    json_t *v;
    json_object_foreach(root, name, v) {
        if (strcmp(name, "ask") == 0 || strcmp(name, "tag") == 0) continue;
        const struct field *f = field_named(name);
        if (!f || !(f->may & bit))
            return yw_fail(err, YW_E_USAGE, "%s has no key `%.40s`", asks[out->what], name);
        enum yw_code code = take_field(f, v, out, err);
        if (code) return code;
    }
    for (size_t i = 0; i < YW_COUNT(fields); i++)
        if ((fields[i].must & bit) &&
            (!json_object_get(root, fields[i].name) || json_is_null(json_object_get(root, fields[i].name))))
            return yw_fail(err, YW_E_USAGE, "%s needs the key `%s`", asks[out->what], fields[i].name);
    if (out->what == YW_ASK_EVENT && !out->stop && !out->effect[0])
        return yw_fail(err, YW_E_USAGE, "event needs the key `effect`, or `stop` with the event that ends");
    if (out->what == YW_ASK_EVENT && out->stop && !out->event[0] && !out->effect[0])
        return yw_fail(err, YW_E_USAGE, "event with `stop` needs the key `event`");
    return YW_OK;
}

enum yw_code yw_control_parse(const char *text, size_t n, struct yw_control_line *out, struct yw_error *err) {
    memset(out, 0, sizeof *out);
    out->value = out->strength = out->lasts_s = out->ramp_s = NAN;
    if (n > YW_CONTROL_LINE_MAX)
        return yw_fail(err, YW_E_LIMIT, "a line has at most %d bytes", YW_CONTROL_LINE_MAX);
    json_t *root = json_loadb(text, n, JSON_REJECT_DUPLICATES, NULL);
    if (!json_is_object(root)) {
        json_decref(root);
        return yw_fail(err, YW_E_FORMAT, "not a JSON object on one line");
    }
    enum yw_code code = YW_OK;
    const json_t *tag = json_object_get(root, "tag");
    if (tag) code = take_field(field_named("tag"), tag, out, err);
    if (!code) code = take_ask(root, out, err);
    if (!code) code = take_all(root, out, err);
    json_decref(root);
    return code;
}
