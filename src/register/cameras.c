/* Cameras as acts, and looked up. */
#include "register/cameras.h"

#include <string.h>

#include "register/acts.h"

#define TEXT(member, required, chars)                                                                        \
    {                                                                                                        \
#member, YW_FIELD_TEXT, offsetof(struct yw_camera, member), sizeof(((struct yw_camera *)0)->member), \
            required, chars, 0, 0                                                                            \
    }
#define ID(member)                                                                                           \
    {                                                                                                        \
#member, YW_FIELD_U32, offsetof(struct yw_camera, member), sizeof(uint32_t), true, YW_CHARS_ANY, 1,  \
            UINT32_MAX                                                                                       \
    }
static const struct yw_field fields[] = {
    ID(id),
    ID(outlet),
    TEXT(name, true, YW_CHARS_ANY),
    TEXT(kind, true, YW_CHARS_CODE),
    TEXT(address, false, YW_CHARS_PRINT),
    TEXT(channel, false, YW_CHARS_PRINT),
    TEXT(snapshot_url, false, YW_CHARS_PRINT),
    TEXT(link_url, false, YW_CHARS_PRINT),
    TEXT(user, false, YW_CHARS_PRINT),
    TEXT(pw, false, YW_CHARS_PRINT),
};

static enum yw_code read_camera(const json_t *o, struct yw_camera *c, struct yw_error *err) {
    if (!json_is_object(o)) return yw_fail(err, YW_E_FORMAT, "camera: not an object");
    for (size_t i = 0; i < YW_COUNT(fields); i++) {
        const json_t *v = json_object_get(o, fields[i].name);
        if (v == NULL && !fields[i].required) continue;
        if (v == NULL) return yw_fail(err, YW_E_FORMAT, "camera.%s: missing", fields[i].name);
        enum yw_code code = yw_read_field(&fields[i], v, (char *)c, "camera", 0, err);
        if (code != YW_OK) return code;
    }
    if (c->name[0] == '\0') return yw_fail(err, YW_E_FORMAT, "camera.name: empty");
    if (strcmp(c->kind, "rtsp") != 0 && strcmp(c->kind, "gb28181") != 0 && strcmp(c->kind, "other") != 0)
        return yw_fail(err, YW_E_FORMAT, "camera.kind: rtsp, gb28181 or other");
    return YW_OK;
}

enum yw_code yw_fold_camera_put(struct yw_register *r, const json_t *act, struct yw_error *err) {
    struct yw_camera c = {0};
    const struct yw_camera *others[YW_CAMERAS_OUTLET_MAX + 1];
    enum yw_code code = read_camera(json_object_get(act, "camera"), &c, err);
    if (code != YW_OK) return code;
    if (yw_register_outlet(r, c.outlet) == NULL)
        return yw_fail(err, YW_E_NOT_FOUND, "camera: outlet %u does not exist", c.outlet);
    const struct yw_camera *old = yw_register_camera(r, c.id);
    bool moves = old == NULL || old->outlet != c.outlet;
    if (moves && yw_register_cameras_of(r, c.outlet, others, YW_COUNT(others)) >= YW_CAMERAS_OUTLET_MAX)
        return yw_fail(err, YW_E_LIMIT, "camera: an outlet has at most %d", YW_CAMERAS_OUTLET_MAX);
    if (!yw_rows_reserve(&r->cameras, 1))
        return yw_fail(err, YW_E_LIMIT, "camera: at most %d in all", YW_CAMERAS_MAX);
    yw_rows_put(&r->cameras, &c);
    return YW_OK;
}

enum yw_code yw_fold_camera_drop(struct yw_register *r, const json_t *act, struct yw_error *err) {
    json_int_t id = json_integer_value(json_object_get(act, "id"));
    struct yw_camera key = {.id = id > 0 && id <= UINT32_MAX ? (uint32_t)id : 0};
    struct yw_rows *rows = &r->cameras;
    bool found;
    size_t at = yw_rows_find(rows, &key, &found);
    if (!found) return yw_fail(err, YW_E_NOT_FOUND, "camera: there is none with this id");
    memmove(rows->at + at * rows->size, rows->at + (at + 1) * rows->size, (rows->n - at - 1) * rows->size);
    rows->n--;
    return YW_OK;
}

/* ---- look-ups ---- */

const struct yw_camera *yw_register_camera(const struct yw_register *r, uint32_t id) {
    return yw_rows_get(&r->cameras, &(struct yw_camera){.id = id});
}

size_t yw_register_cameras_of(const struct yw_register *r, uint32_t outlet, const struct yw_camera **out,
                              size_t max) {
    const struct yw_camera *c = (const void *)r->cameras.at;
    size_t n = 0;
    for (size_t i = 0; i < r->cameras.n && n < max; i++) {
        if (c[i].outlet == outlet) out[n++] = &c[i];
    }
    return n;
}

uint32_t yw_register_next_camera(const struct yw_register *r) {
    const struct yw_camera *c = (const void *)r->cameras.at;
    return r->cameras.n == 0 ? 1 : c[r->cameras.n - 1].id + 1;
}

/* ---- writing ---- */

bool yw_act_camera_put(struct yw_buf *out, const struct yw_act *a, const struct yw_camera *c) {
    yw_act_begin(out, "camera.put", a);
    yw_put_name(out, "camera");
    size_t begin = out->len;
    for (size_t i = 0; i < YW_COUNT(fields); i++) yw_put_field(out, &fields[i], (const char *)c);
    if (out->failed || out->len == begin) return false;
    out->data[begin] = '{'; /* in place of the first comma */
    yw_buf_putc(out, '}');
    return yw_act_end(out);
}

bool yw_act_camera_drop(struct yw_buf *out, const struct yw_act *a, uint32_t id) {
    yw_act_begin(out, "camera.drop", a);
    yw_put_id(out, "id", id);
    return yw_act_end(out);
}
