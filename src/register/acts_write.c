/* Writing acts: structs to JSON by the same table of shapes that reads them. */
#include "register/acts.h"

#include <math.h>
#include <string.h>

void yw_put_name(struct yw_buf *b, const char *name) {
    yw_buf_putc(b, ',');
    yw_buf_json(b, name, strlen(name));
    yw_buf_putc(b, ':');
}

void yw_put_text(struct yw_buf *b, const char *name, const char *text) {
    yw_put_name(b, name);
    yw_buf_json(b, text, strlen(text));
}

void yw_put_field(struct yw_buf *b, const struct yw_field *f, const char *row) {
    const char *at = row + f->offset;
    uint32_t u32;
    uint16_t u16;
    int32_t day;
    double f64;
    switch (f->kind) {
    case YW_FIELD_TEXT:
        if (at[0] != '\0') yw_put_text(b, f->name, at);
        break;
    case YW_FIELD_U32:
        memcpy(&u32, at, sizeof u32);
        if (u32 == 0) break;
        yw_put_name(b, f->name);
        yw_buf_printf(b, "%u", u32);
        break;
    case YW_FIELD_U16:
        memcpy(&u16, at, sizeof u16);
        if (u16 == 0) break;
        yw_put_name(b, f->name);
        yw_buf_printf(b, "%u", u16);
        break;
    case YW_FIELD_U8:
        if (*(const uint8_t *)at == 0) break;
        yw_put_name(b, f->name);
        yw_buf_printf(b, "%u", *(const uint8_t *)at);
        break;
    case YW_FIELD_F64:
        memcpy(&f64, at, sizeof f64);
        if (isnan(f64)) break;
        yw_put_name(b, f->name);
        yw_buf_printf(b, "%.17g", f64);
        break;
    case YW_FIELD_DATE:
        memcpy(&day, at, sizeof day);
        if (day == 0) break;
        char text[40];
        yw_time_text(yw_china_day_start(day), text);
        text[10] = '\0';
        yw_put_text(b, f->name, text);
        break;
    case YW_FIELD_BOOL:
        if (!*(const bool *)at) break;
        yw_put_name(b, f->name);
        yw_buf_puts(b, "true");
        break;
    case YW_FIELD_OUTLET_KIND:
        yw_put_text(b, f->name, yw_outlet_kind_name(*(const uint8_t *)at));
        break;
    case YW_FIELD_DEVICE_STATE:
        yw_put_text(b, f->name, yw_device_state_name(*(const uint8_t *)at));
        break;
    }
}

static void put_array(struct yw_buf *b, int which, const void *rows, size_t n) {
    if (n == 0) return;
    const struct yw_shape *shape = &yw_shapes[which];
    yw_put_name(b, shape->array);
    for (size_t i = 0; i < n; i++) {
        yw_buf_putc(b, i == 0 ? '[' : ',');
        size_t begin = b->len;
        for (size_t k = 0; k < shape->field_n; k++) {
            yw_put_field(b, &shape->fields[k], (const char *)rows + i * shape->size);
        }
        if (b->failed) return;
        if (b->len > begin) b->data[begin] = '{'; /* in place of the first comma */
        yw_buf_putc(b, '}');
    }
    yw_buf_putc(b, ']');
}

void yw_act_begin(struct yw_buf *b, const char *kind, const struct yw_act *a) {
    yw_buf_printf(b, "{\"act\":\"%s\"", kind);
    yw_put_text(b, "by", a->by);
    yw_put_name(b, "at");
    yw_buf_printf(b, "%lld", (long long)a->at);
    if (a->reason != NULL && a->reason[0] != '\0') yw_put_text(b, "reason", a->reason);
}

bool yw_act_end(struct yw_buf *b) {
    yw_buf_putc(b, '}');
    return !b->failed;
}

bool yw_act_register_put(struct yw_buf *out, const struct yw_act *a, const struct yw_register_put *p) {
    yw_act_begin(out, "register.put", a);
    put_array(out, YW_SHAPE_AREA, p->areas, p->area_n);
    put_array(out, YW_SHAPE_UNIT, p->units, p->unit_n);
    put_array(out, YW_SHAPE_MAINTAINER, p->maintainers, p->maintainer_n);
    put_array(out, YW_SHAPE_ENTERPRISE, p->enterprises, p->enterprise_n);
    put_array(out, YW_SHAPE_OUTLET, p->outlets, p->outlet_n);
    put_array(out, YW_SHAPE_FACTOR, p->factors, p->factor_n);
    put_array(out, YW_SHAPE_DEVICE, p->devices, p->device_n);
    return yw_act_end(out);
}

void yw_put_id(struct yw_buf *out, const char *name, uint32_t id) {
    yw_put_name(out, name);
    yw_buf_printf(out, "%u", id);
}

bool yw_act_device_admit(struct yw_buf *out, const struct yw_act *a, const char *mn, uint32_t id,
                         uint32_t outlet, const char *pw) {
    yw_act_begin(out, "device.admit", a);
    yw_put_text(out, "mn", mn);
    yw_put_id(out, "id", id);
    yw_put_id(out, "outlet", outlet);
    if (pw != NULL) yw_put_text(out, "pw", pw);
    return yw_act_end(out);
}

bool yw_act_device_refuse(struct yw_buf *out, const struct yw_act *a, const char *mn, uint32_t id) {
    yw_act_begin(out, "device.refuse", a);
    yw_put_text(out, "mn", mn);
    yw_put_id(out, "id", id);
    return yw_act_end(out);
}

bool yw_act_device_retire(struct yw_buf *out, const struct yw_act *a, uint32_t id) {
    yw_act_begin(out, "device.retire", a);
    yw_put_id(out, "id", id);
    return yw_act_end(out);
}
