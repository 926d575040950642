/* A command as a line of the acts journal, written and read. */
#include "web/commands.h"

#include <jansson.h>
#include <string.h>

static const char *const flows[] = {"request", "notice"};
static const char *const answers[] = {"none", "one", "uploads", "follows"};

const char *yw_flow_name(uint8_t flow) {
    return flow < YW_COUNT(flows) ? flows[flow] : "";
}

const char *yw_answer_name(uint8_t answer) {
    return answer < YW_COUNT(answers) ? answers[answer] : "";
}

bool yw_command_line_put(struct yw_buf *b, const struct yw_command_line *l) {
    const struct yw_asked *a = &l->asked;
    yj_open(b, '{');
    yj_key(b, "command");
    yj_open(b, '{');
    yj_put_i64(b, "id", a->id);
    yj_put_text(b, "key", a->key);
    yj_put_i64(b, "cn", a->cn);
    yj_put_i64(b, "device", a->device);
    if (l->hardware != NULL && l->hardware[0] != '\0') yj_put_text(b, "hardware", l->hardware);
    yj_put_text(b, "mn", l->mn);
    yj_put_text(b, "st", l->st);
    yj_put_i64(b, "version", a->version);
    yj_put_text(b, "flow", yw_flow_name(a->flow));
    yj_put_text(b, "answer", yw_answer_name(a->answer));
    yj_put_i64(b, "upload", l->upload);
    yj_put_text(b, "cp", l->cp);
    yj_put_text(b, "qn", a->qn);
    if (a->from != 0 || a->to != 0) {
        yj_put_i64(b, "from", a->from);
        yj_put_i64(b, "to", a->to);
    }
    yj_put_i64(b, "overtime_s", l->overtime_s);
    yj_put_i64(b, "recount", l->recount);
    yj_put_i64(b, "execute_s", l->execute_s);
    yj_put_i64(b, "valid_until", a->valid_until);
    yj_put_bool(b, "encrypt", l->encrypt);
    yj_put_text(b, "origin", yw_origin_name(a->origin));
    if (a->target[0] != '\0') yj_put_text(b, "target", a->target);
    yj_close(b, '}');
    yj_put_text(b, "by", a->by);
    yj_put_i64(b, "at", a->at);
    if (a->reason[0] != '\0') yj_put_text(b, "reason", a->reason);
    yj_close(b, '}');
    return !b->failed;
}

bool yw_area_is_well_formed(const char *cp) {
    size_t n = strlen(cp);
    if (n > YW_COMMAND_CP_MAX || strchr(cp, '&') != NULL || !yw_utf8_valid(cp, n)) return false;
    for (const char *item = cp; *item != '\0';) {
        size_t length = strcspn(item, ";,");
        const char *equals = memchr(item, '=', length);
        if (equals == NULL || equals == item) return false;
        for (size_t i = 0; i < length; i++) {
            if ((unsigned char)item[i] < ' ' || item[i] == 0x7f) return false;
        }
        item += length;
        if (*item != '\0' && *++item == '\0') return false;
    }
    return true;
}

/* ---- reading ---- */

static void take_text(const json_t *o, const char *name, char *to, size_t size) {
    const char *v = json_string_value(json_object_get(o, name));
    if (v != NULL) (void)yw_copy(to, size, v, strlen(v));
}

static int64_t number(const json_t *o, const char *name, int64_t most) {
    int64_t v = json_integer_value(json_object_get(o, name));
    return v >= 0 && v <= most ? v : 0;
}

static uint8_t word(const json_t *o, const char *name, const char *const *words, size_t n) {
    const char *v = json_string_value(json_object_get(o, name));
    for (size_t i = 0; v != NULL && i < n; i++) {
        if (strcmp(words[i], v) == 0) return (uint8_t)i;
    }
    return 0;
}

bool yw_command_line_read(const char *json, size_t n, struct yw_asked *out) {
    json_error_t where;
    json_t *line = json_loadb(json, n, 0, &where);
    const json_t *o = json_object_get(line, "command");
    *out = yw_asked_part(0);
    out->id = number(o, "id", INT64_MAX);
    if (out->id == 0) {
        json_decref(line);
        return false;
    }
    take_text(o, "key", out->key, sizeof out->key);
    take_text(o, "cp", out->cp, sizeof out->cp);
    take_text(o, "qn", out->qn, sizeof out->qn);
    take_text(o, "target", out->target, sizeof out->target);
    take_text(line, "by", out->by, sizeof out->by);
    take_text(line, "reason", out->reason, sizeof out->reason);
    out->cn = (uint16_t)number(o, "cn", UINT16_MAX);
    out->version = (uint16_t)number(o, "version", UINT16_MAX);
    out->device = (uint32_t)number(o, "device", UINT32_MAX);
    out->flow = word(o, "flow", flows, YW_COUNT(flows));
    out->answer = word(o, "answer", answers, YW_COUNT(answers));
    const char *origin = json_string_value(json_object_get(o, "origin"));
    if (origin != NULL) (void)yw_origin_parse(origin, &out->origin);
    out->from = number(o, "from", INT64_MAX);
    out->to = number(o, "to", INT64_MAX);
    out->valid_until = number(o, "valid_until", INT64_MAX);
    out->at = number(line, "at", INT64_MAX);
    if (strncmp(out->cp, "sealed:", 7) == 0) (void)yw_copy(out->cp, sizeof out->cp, "******", 6);
    json_decref(line);
    return true;
}
