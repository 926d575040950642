/* Lines of the acts journal: who sees them, and without their secrets. */
#include "web/act_view.h"

#include "web/web_int.h"

#include <stdlib.h>
#include <string.h>

enum { DEPTH_MOST = 16 };

static json_t *parse(const void *line, size_t n) {
    json_t *o = json_loadb(line, n, JSON_REJECT_DUPLICATES, NULL);
    if (json_is_object(o)) return o;
    json_decref(o);
    return NULL;
}

static uint32_t id_of(const json_t *o, const char *name) {
    json_int_t id = json_integer_value(json_object_get(o, name));
    return id > 0 && id <= UINT32_MAX ? (uint32_t)id : 0;
}

bool yw_sees_act(const struct yw_register *r, const struct yw_user *u, const void *line, size_t n) {
    json_t *o = parse(line, n);
    const json_t *station = json_object_get(o, "station"), *command = json_object_get(o, "command");
    bool authority = (u->role & (YW_ROLE_OPERATOR | YW_ROLE_OFFICER | YW_ROLE_LEADER)) != 0;
    bool seen = u->role == YW_ROLE_OPERATOR && u->area[0] == '\0';
    if (o == NULL) {
        seen = false;
    } else if (json_is_object(station)) {
        seen = yw_sees_outlet(r, u, yw_register_outlet(r, id_of(station, "outlet")));
    } else if (json_is_object(command)) {
        const struct yw_device *d = yw_register_device(r, id_of(command, "device"));
        if (d != NULL && d->outlet != 0)
            seen = authority && yw_sees_outlet(r, u, yw_register_outlet(r, d->outlet));
    }
    json_decref(o);
    return seen;
}

/* A password in clear is understood in acts as well, though none is written. */
static bool is_secret(const char *name, const char *text) {
    static const char *const names[] = {"pw", "pw_next"};
    for (size_t i = 0; i < YW_COUNT(names); i++) {
        if (strcmp(name, names[i]) == 0 && text[0] != '\0') return true;
    }
    return strstr(text, "sealed:") != NULL;
}

static void veil(json_t *v, int depth) {
    const char *name;
    json_t *member;
    void *next;
    size_t i;
    if (json_is_object(v)) {
        json_object_foreach_safe(v, next, name, member) {
            if (depth == DEPTH_MOST ||
                (json_is_string(member) && is_secret(name, json_string_value(member)))) {
                json_object_set_new(v, name, json_string("******"));
            } else {
                veil(member, depth + 1);
            }
        }
    } else if (json_is_array(v)) {
        json_array_foreach(v, i, member) {
            if (depth == DEPTH_MOST || (json_is_string(member) && is_secret("", json_string_value(member)))) {
                json_array_set_new(v, i, json_string("******"));
            } else {
                veil(member, depth + 1);
            }
        }
    }
}

bool yw_put_act_line(struct yw_buf *b, const void *line, size_t n) {
    json_t *o = parse(line, n);
    if (o == NULL) return false;
    veil(o, 0);
    char *text = json_dumps(o, JSON_COMPACT | JSON_PRESERVE_ORDER);
    json_decref(o);
    if (text != NULL) yw_buf_puts(b, text);
    free(text);
    return text != NULL;
}
