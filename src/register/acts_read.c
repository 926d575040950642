/* Applying acts: JSON to structs by the table of shapes, everything checked before anything is changed. */
#include "register/acts.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct put { /* the arrays of one act */
    char *rows[YW_SHAPES];
    size_t n[YW_SHAPES];
};

static enum yw_code read_text(const struct yw_field *f, const json_t *v, char *to, const char *path, size_t i,
                              struct yw_error *err) {
    size_t n = json_string_length(v);
    const char *text = json_string_value(v);
    if (n >= f->size) {
        return yw_fail(err, YW_E_LIMIT, "%s[%zu].%s: longer than %zu bytes", path, i, f->name, f->size - 1);
    }
    if (!yw_chars_fit(f->chars, text, n)) {
        return yw_fail(err, YW_E_FORMAT, "%s[%zu].%s: holds characters that are not allowed there", path, i,
                       f->name);
    }
    memcpy(to, text, n);
    to[n] = '\0';
    return YW_OK;
}

static int named(const char *text, const char *(*name)(uint8_t), int first, int last) {
    for (int k = first; k <= last; k++) {
        if (strcmp(text, name((uint8_t)k)) == 0) return k;
    }
    return -1;
}

enum yw_code yw_read_field(const struct yw_field *f, const json_t *v, char *row, const char *path, size_t i,
                           struct yw_error *err) {
    char *to = row + f->offset;
    bool is_text = f->kind == YW_FIELD_TEXT || f->kind == YW_FIELD_DATE || f->kind == YW_FIELD_OUTLET_KIND ||
                   f->kind == YW_FIELD_DEVICE_STATE;
    if (is_text ? !json_is_string(v) : f->kind == YW_FIELD_BOOL ? !json_is_boolean(v) : !json_is_number(v)) {
        return yw_fail(err, YW_E_FORMAT, "%s[%zu].%s: of the wrong type", path, i, f->name);
    }
    if (f->kind == YW_FIELD_TEXT) return read_text(f, v, to, path, i, err);
    if (f->kind == YW_FIELD_DATE) {
        int64_t t;
        if (!yw_time_parse(json_string_value(v), json_string_length(v), &t)) {
            return yw_fail(err, YW_E_FORMAT, "%s[%zu].%s: not a date of the form YYYY-MM-DD", path, i,
                           f->name);
        }
        int32_t day = yw_china_day(t);
        memcpy(to, &day, sizeof day);
        return YW_OK;
    }
    if (f->kind == YW_FIELD_BOOL) {
        *(bool *)to = json_is_true(v);
        return YW_OK;
    }
    if (is_text) {
        int k = f->kind == YW_FIELD_OUTLET_KIND ? named(json_string_value(v), yw_outlet_kind_name, 1, 3)
                                                : named(json_string_value(v), yw_device_state_name, 0, 3);
        if (k < 0) return yw_fail(err, YW_E_FORMAT, "%s[%zu].%s: not a known word", path, i, f->name);
        *(uint8_t *)to = (uint8_t)k;
        return YW_OK;
    }
    double number = json_number_value(v);
    if (!(number >= f->least && number <= f->most) || (f->kind != YW_FIELD_F64 && !json_is_integer(v))) {
        return yw_fail(err, YW_E_RANGE, "%s[%zu].%s: not a number within its range", path, i, f->name);
    }
    if (f->kind == YW_FIELD_F64) {
        memcpy(to, &number, sizeof number);
    } else if (f->kind == YW_FIELD_U32) {
        uint32_t u = (uint32_t)json_integer_value(v);
        memcpy(to, &u, sizeof u);
    } else if (f->kind == YW_FIELD_U8) {
        *(uint8_t *)to = (uint8_t)json_integer_value(v);
    } else {
        uint16_t u = (uint16_t)json_integer_value(v);
        memcpy(to, &u, sizeof u);
    }
    return YW_OK;
}

static enum yw_code read_row(const struct yw_shape *shape, const json_t *object, char *row, size_t i,
                             struct yw_error *err) {
    if (!json_is_object(object)) return yw_fail(err, YW_E_FORMAT, "%s[%zu]: not an object", shape->array, i);
    for (size_t k = 0; k < shape->field_n; k++) {
        const struct yw_field *f = &shape->fields[k];
        const json_t *v = json_object_get(object, f->name);
        if (v == NULL) {
            if (f->required)
                return yw_fail(err, YW_E_FORMAT, "%s[%zu].%s: missing", shape->array, i, f->name);
            if (f->kind == YW_FIELD_F64) memcpy(row + f->offset, &(double){NAN}, sizeof(double));
            continue;
        }
        enum yw_code code = yw_read_field(f, v, row, shape->array, i, err);
        if (code != YW_OK) return code;
        bool empty = f->kind == YW_FIELD_TEXT ? row[f->offset] == '\0'
                                              : f->kind == YW_FIELD_U32 && json_integer_value(v) == 0;
        if (f->required && empty) {
            return yw_fail(err, YW_E_FORMAT, "%s[%zu].%s: empty", shape->array, i, f->name);
        }
    }
    return YW_OK;
}

static struct yw_rows *rows_of(struct yw_register *r, int shape) {
    struct yw_rows *const all[YW_SHAPES] = {&r->areas,   &r->units,   &r->maintainers, &r->enterprises,
                                            &r->outlets, &r->factors, &r->devices};
    return all[shape];
}

static enum yw_code read_array(struct yw_register *r, const json_t *act, int which, struct put *put,
                               struct yw_error *err) {
    const struct yw_shape *shape = &yw_shapes[which];
    const json_t *array = json_object_get(act, shape->array);
    if (array == NULL) return YW_OK;
    if (!json_is_array(array)) return yw_fail(err, YW_E_FORMAT, "%s: not an array", shape->array);
    size_t n = json_array_size(array);
    if (n > rows_of(r, which)->most) return yw_fail(err, YW_E_LIMIT, "%s: too many", shape->array);
    put->rows[which] = calloc(n + 1, shape->size);
    if (put->rows[which] == NULL) return yw_fail(err, YW_E_NOMEM, "%s: out of memory", shape->array);
    put->n[which] = n;
    for (size_t i = 0; i < n; i++) {
        enum yw_code code =
            read_row(shape, json_array_get(array, i), put->rows[which] + i * shape->size, i, err);
        if (code != YW_OK) return code;
    }
    /* In order of their keys, so that doubles lie side by side and references are found quickly. */
    const struct yw_rows *rows = rows_of(r, which);
    qsort(put->rows[which], n, shape->size, rows->order);
    for (size_t i = 1; i < n; i++) {
        const char *row = put->rows[which] + i * shape->size;
        if (rows->order(row - shape->size, row) == 0) {
            return yw_fail(err, YW_E_EXISTS, "%s: the same key stands in two objects", shape->array);
        }
    }
    return YW_OK;
}

static bool has_key(struct yw_register *r, const struct put *put, int which, const void *key) {
    const struct yw_rows *rows = rows_of(r, which);
    return yw_rows_get(rows, key) != NULL ||
           (put->n[which] > 0 &&
            bsearch(key, put->rows[which], put->n[which], rows->size, rows->order) != NULL);
}

static int order_mn(const void *a, const void *b) {
    const struct yw_device *const *x = a, *const *y = b;
    return strcmp((*x)->mn, (*y)->mn);
}

static enum yw_code check_devices(struct yw_register *r, const struct put *put, struct yw_error *err) {
    const struct yw_device *d = (const void *)put->rows[YW_SHAPE_DEVICE];
    size_t n = put->n[YW_SHAPE_DEVICE];
    const struct yw_device **by_mn = calloc(n + 1, sizeof *by_mn);
    if (by_mn == NULL) return yw_fail(err, YW_E_NOMEM, "devices: out of memory");
    enum yw_code code = YW_OK;
    for (size_t i = 0; i < n && code == YW_OK; i++) {
        by_mn[i] = &d[i];
        const struct yw_device *same_mn = yw_register_device_by_mn(r, d[i].mn, strlen(d[i].mn));
        const struct yw_device *same_id = yw_register_device(r, d[i].id);
        struct yw_outlet key = {.id = d[i].outlet};
        if (same_mn != NULL && same_mn->id != d[i].id) {
            code = yw_fail(err, YW_E_EXISTS, "devices: MN %s belongs to device %u", d[i].mn, same_mn->id);
        } else if (same_id != NULL && strcmp(same_id->mn, d[i].mn) != 0) {
            code = yw_fail(err, YW_E_EXISTS, "devices: device %u has MN %s for ever", d[i].id, same_id->mn);
        } else if (d[i].outlet != 0 && !has_key(r, put, YW_SHAPE_OUTLET, &key)) {
            code = yw_fail(err, YW_E_NOT_FOUND, "devices: MN %s names outlet %u, which does not exist",
                           d[i].mn, d[i].outlet);
        } else if ((strlen(d[i].pw) >= YW_PASSWORD_BYTES && !yw_password_is_sealed(d[i].pw)) ||
                   (strlen(d[i].pw_next) >= YW_PASSWORD_BYTES && !yw_password_is_sealed(d[i].pw_next))) {
            code = yw_fail(err, YW_E_LIMIT, "devices: the pw of MN %s is longer than %d bytes", d[i].mn,
                           YW_PASSWORD_BYTES - 1);
        } else if (d[i].outlet == 0 && d[i].state == YW_DEVICE_ADMITTED) {
            code = yw_fail(err, YW_E_FORMAT, "devices: MN %s is admitted without an outlet", d[i].mn);
        }
    }
    if (code == YW_OK) qsort(by_mn, n, sizeof *by_mn, order_mn);
    for (size_t i = 1; i < n && code == YW_OK; i++) {
        if (strcmp(by_mn[i - 1]->mn, by_mn[i]->mn) == 0) {
            code = yw_fail(err, YW_E_EXISTS, "devices: MN %s stands in two objects", by_mn[i]->mn);
        }
    }
    free(by_mn);
    return code;
}

/* The unit as it will be once the act holds. */
static const struct yw_unit *unit_to_be(const struct yw_register *r, const struct put *put,
                                        const char *code) {
    const struct yw_unit *u = NULL;
    struct yw_unit key = {0};
    yw_copy(key.code, sizeof key.code, code, strlen(code));
    if (put->n[YW_SHAPE_UNIT] > 0) {
        u = bsearch(&key, put->rows[YW_SHAPE_UNIT], put->n[YW_SHAPE_UNIT], sizeof key, r->units.order);
    }
    return u != NULL ? u : yw_register_unit(r, code);
}

static enum yw_code check_way_up(const struct yw_register *r, const struct put *put, const char *code,
                                 struct yw_error *err) {
    const struct yw_unit *u = unit_to_be(r, put, code);
    for (int levels = 1; u->parent[0] != '\0'; levels++) {
        const struct yw_unit *above = unit_to_be(r, put, u->parent);
        if (above == NULL) {
            return yw_fail(err, YW_E_NOT_FOUND, "units: %s has the parent %s, which does not exist", u->code,
                           u->parent);
        }
        if (levels == YW_UNIT_DEPTH_MAX) {
            return yw_fail(err, YW_E_FORMAT, "units: %s stands above itself, or below more than %d levels",
                           code, YW_UNIT_DEPTH_MAX - 1);
        }
        u = above;
    }
    return YW_OK;
}

static enum yw_code check_units(struct yw_register *r, const struct put *put, struct yw_error *err) {
    const struct yw_unit *u = (const void *)put->rows[YW_SHAPE_UNIT];
    size_t n = put->n[YW_SHAPE_UNIT];
    enum yw_code code = YW_OK;
    for (size_t i = 0; i < n && code == YW_OK; i++) {
        struct yw_area key = {0};
        memcpy(key.code, u[i].area, sizeof key.code);
        if (key.code[0] != '\0' && !has_key(r, put, YW_SHAPE_AREA, &key)) {
            return yw_fail(err, YW_E_NOT_FOUND, "units: %s names area %s, which does not exist", u[i].code,
                           u[i].area);
        }
        code = check_way_up(r, put, u[i].code, err);
    }
    if (n == 0) return YW_OK;
    /* Those below a unit that moves go with it. */
    size_t known;
    u = yw_register_units(r, &known);
    for (size_t i = 0; i < known && code == YW_OK; i++) code = check_way_up(r, put, u[i].code, err);
    return code;
}

static enum yw_code check_references(struct yw_register *r, const struct put *put, struct yw_error *err) {
    const struct yw_area *a = (const void *)put->rows[YW_SHAPE_AREA];
    for (size_t i = 0; i < put->n[YW_SHAPE_AREA]; i++) {
        struct yw_area key = {0};
        memcpy(key.code, a[i].parent, sizeof key.code);
        if (strcmp(a[i].parent, a[i].code) == 0 ||
            (key.code[0] != '\0' && !has_key(r, put, YW_SHAPE_AREA, &key))) {
            return yw_fail(err, YW_E_NOT_FOUND, "areas: %s has the parent %s, which cannot be", a[i].code,
                           a[i].parent);
        }
    }
    enum yw_code code = check_units(r, put, err);
    if (code != YW_OK) return code;
    const struct yw_enterprise *e = (const void *)put->rows[YW_SHAPE_ENTERPRISE];
    for (size_t i = 0; i < put->n[YW_SHAPE_ENTERPRISE]; i++) {
        struct yw_area key = {0};
        memcpy(key.code, e[i].area, sizeof key.code);
        if (key.code[0] != '\0' && !has_key(r, put, YW_SHAPE_AREA, &key)) {
            return yw_fail(err, YW_E_NOT_FOUND, "enterprises: %s names area %s, which does not exist",
                           e[i].credit_code, e[i].area);
        }
    }
    const struct yw_outlet *o = (const void *)put->rows[YW_SHAPE_OUTLET];
    for (size_t i = 0; i < put->n[YW_SHAPE_OUTLET]; i++) {
        struct yw_enterprise key = {.id = o[i].enterprise};
        struct yw_maintainer keeper = {.id = o[i].maintainer};
        if (!has_key(r, put, YW_SHAPE_ENTERPRISE, &key) ||
            (keeper.id != 0 && !has_key(r, put, YW_SHAPE_MAINTAINER, &keeper))) {
            return yw_fail(err, YW_E_NOT_FOUND,
                           "outlets: outlet %u names an enterprise or maintainer that does not exist",
                           o[i].id);
        }
    }
    const struct yw_factor_rule *f = (const void *)put->rows[YW_SHAPE_FACTOR];
    for (size_t i = 0; i < put->n[YW_SHAPE_FACTOR]; i++) {
        struct yw_outlet key = {.id = f[i].outlet};
        if (!has_key(r, put, YW_SHAPE_OUTLET, &key)) {
            return yw_fail(err, YW_E_NOT_FOUND, "factors: %s names outlet %u, which does not exist",
                           f[i].code, f[i].outlet);
        }
    }
    return check_devices(r, put, err);
}

/* What the objects of an import do not name stays as it was; the moment of the first admission comes from the
 * act. */
static void keep_members(const struct yw_register *r, const json_t *act, struct yw_device *d) {
    const struct yw_device *old = yw_register_device(r, d->id);
    if (old != NULL) {
        struct yw_device whole = *old;
        const struct yw_shape *shape = &yw_shapes[YW_SHAPE_DEVICE];
        for (size_t k = 0; k < shape->field_n; k++) {
            const struct yw_field *f = &shape->fields[k];
            memcpy((char *)&whole + f->offset, (const char *)d + f->offset, f->size);
        }
        if (strcmp(old->pw, d->pw) != 0) whole.pw_next[0] = '\0';
        *d = whole;
    }
    yw_note_admission(d, act);
}

void yw_note_admission(struct yw_device *d, const json_t *act) {
    if (d->state == YW_DEVICE_ADMITTED && d->admitted_at == 0) d->admitted_at = yw_act_at(act);
}

int64_t yw_act_at(const json_t *act) {
    const json_t *at = json_object_get(act, "at");
    return json_is_integer(at) && json_integer_value(at) > 0 ? json_integer_value(at) : 0;
}

enum yw_code yw_check_device(struct yw_register *r, const struct yw_device *d, struct yw_error *err) {
    struct yw_device copy = *d;
    struct put one = {0};
    one.rows[YW_SHAPE_DEVICE] = (char *)&copy;
    one.n[YW_SHAPE_DEVICE] = 1;
    return check_devices(r, &one, err);
}

/* Rows that say something else to the judge than before: those of outlets, of their factors and of the
 * industry of enterprises. */
static void note_changes(struct yw_register *r, int shape, const struct put *put) {
    size_t size = yw_shapes[shape].size, outlet_n;
    const struct yw_outlet *outlets = yw_register_outlets(r, &outlet_n);
    if (shape != YW_SHAPE_OUTLET && shape != YW_SHAPE_FACTOR && shape != YW_SHAPE_ENTERPRISE) return;
    for (size_t i = 0; i < put->n[shape]; i++) {
        const char *row = put->rows[shape] + i * size;
        const char *old = yw_rows_get(rows_of(r, shape), row);
        if (shape == YW_SHAPE_ENTERPRISE) {
            const struct yw_enterprise *e = (const void *)row, *was = (const void *)old;
            if (was == NULL || strcmp(was->industry, e->industry) == 0) continue;
            for (size_t k = 0; k < outlet_n; k++) {
                if (outlets[k].enterprise == e->id) yw_note_judgement(r, outlets[k].id, INT64_MIN);
            }
        } else if (old == NULL || memcmp(old, row, size) != 0) {
            uint32_t outlet = shape == YW_SHAPE_OUTLET
                                  ? ((const struct yw_outlet *)(const void *)row)->id
                                  : ((const struct yw_factor_rule *)(const void *)row)->outlet;
            yw_note_judgement(r, outlet, INT64_MIN);
        }
    }
}

static enum yw_code apply_put(struct yw_register *r, const json_t *act, int first, int last,
                              struct yw_error *err) {
    struct put put = {0};
    enum yw_code code = YW_OK;
    for (int k = first; k <= last && code == YW_OK; k++) code = read_array(r, act, k, &put, err);
    if (code == YW_OK) code = check_references(r, &put, err);
    for (int k = first; k <= last && code == YW_OK; k++) {
        if (!yw_rows_reserve(rows_of(r, k), put.n[k])) {
            code = yw_fail(err, YW_E_LIMIT, "%s: more than the register holds", yw_shapes[k].array);
        }
    }
    size_t devices = put.n[YW_SHAPE_DEVICE];
    for (size_t i = 0; i < devices && code == YW_OK; i++) {
        keep_members(r, act, (struct yw_device *)(void *)put.rows[YW_SHAPE_DEVICE] + i);
    }
    if (code == YW_OK && !yw_register_device_reserve(r, devices)) {
        code = yw_fail(err, YW_E_NOMEM, "devices: out of memory");
    }
    /* Nothing fails from here on. */
    for (int k = first; k <= last && code == YW_OK; k++) note_changes(r, k, &put);
    for (int k = first; k <= last && code == YW_OK; k++) {
        for (size_t i = 0; i < put.n[k]; i++) {
            const char *row = put.rows[k] + i * yw_shapes[k].size;
            if (k == YW_SHAPE_DEVICE) {
                yw_register_put_device(r, (const void *)row);
            } else {
                yw_rows_put(rows_of(r, k), row);
            }
        }
    }
    for (int k = 0; k < YW_SHAPES; k++) free(put.rows[k]);
    return code;
}

/* Admission, refusal and retirement of one device: its row as it will be goes through the same checks as an
 * import. */
static enum yw_code apply_device(struct yw_register *r, const json_t *act, enum yw_device_state state,
                                 struct yw_error *err) {
    const json_t *mn = json_object_get(act, "mn");
    struct yw_device d = {0};
    const struct yw_device *old = NULL;
    const json_t *id = json_object_get(act, "id");
    if (json_is_string(mn)) {
        old = yw_register_device_by_mn(r, json_string_value(mn), json_string_length(mn));
    } else if (json_is_integer(id) && json_integer_value(id) > 0 && json_integer_value(id) <= UINT32_MAX) {
        old = yw_register_device(r, (uint32_t)json_integer_value(id));
    }
    if (old != NULL) d = *old;
    if (old == NULL && (state == YW_DEVICE_RETIRED || !json_is_string(mn))) {
        return yw_fail(err, YW_E_NOT_FOUND, "device: no such device in the register");
    }
    if (old == NULL) d.id = yw_register_next_device(r);
    const struct yw_shape *shape = &yw_shapes[YW_SHAPE_DEVICE];
    for (size_t k = 0; k < shape->field_n; k++) {
        const json_t *v = json_object_get(act, shape->fields[k].name);
        if (v == NULL || shape->fields[k].kind == YW_FIELD_DEVICE_STATE) continue;
        enum yw_code code = yw_read_field(&shape->fields[k], v, (char *)&d, "device", 0, err);
        if (code != YW_OK) return code;
    }
    if (d.mn[0] == '\0' || d.id == 0) return yw_fail(err, YW_E_FORMAT, "device: MN or id is empty");
    d.state = (uint8_t)state;
    yw_note_admission(&d, act);
    enum yw_code code = yw_check_device(r, &d, err);
    if (code != YW_OK) return code;
    if (!yw_register_device_reserve(r, 1)) {
        return yw_fail(err, YW_E_LIMIT, "device: more devices than the register holds");
    }
    yw_register_put_device(r, &d);
    return YW_OK;
}

static enum yw_code fold_register(struct yw_register *r, const json_t *act, struct yw_error *err) {
    return apply_put(r, act, YW_SHAPE_AREA, YW_SHAPE_DEVICE, err);
}
static enum yw_code fold_areas(struct yw_register *r, const json_t *act, struct yw_error *err) {
    return apply_put(r, act, YW_SHAPE_AREA, YW_SHAPE_AREA, err);
}
static enum yw_code fold_units(struct yw_register *r, const json_t *act, struct yw_error *err) {
    return apply_put(r, act, YW_SHAPE_UNIT, YW_SHAPE_UNIT, err);
}
static enum yw_code fold_maintainers(struct yw_register *r, const json_t *act, struct yw_error *err) {
    return apply_put(r, act, YW_SHAPE_MAINTAINER, YW_SHAPE_MAINTAINER, err);
}
static enum yw_code fold_admit(struct yw_register *r, const json_t *act, struct yw_error *err) {
    return apply_device(r, act, YW_DEVICE_ADMITTED, err);
}
static enum yw_code fold_refuse(struct yw_register *r, const json_t *act, struct yw_error *err) {
    return apply_device(r, act, YW_DEVICE_REFUSED, err);
}
static enum yw_code fold_retire(struct yw_register *r, const json_t *act, struct yw_error *err) {
    return apply_device(r, act, YW_DEVICE_RETIRED, err);
}

static const struct {
    const char *act;
    enum yw_code (*fold)(struct yw_register *r, const json_t *act, struct yw_error *err);
} folds[] = {
    {"register.put", fold_register},
    {"area.put", fold_areas},
    {"unit.put", fold_units},
    {"maintainer.put", fold_maintainers},
    {"device.admit", fold_admit},
    {"device.refuse", fold_refuse},
    {"device.retire", fold_retire},
    {"device.set", yw_fold_device_set},
    {"device.key", yw_fold_device_key},
    {"policy.set", yw_fold_policy_set},
    {"target.put", yw_fold_target_put},
    {"target.drop", yw_fold_target_drop},
    {"camera.put", yw_fold_camera_put},
    {"camera.drop", yw_fold_camera_drop},
    {"site.put", yw_fold_site_put},
    {"mark.put", yw_fold_mark_put},
    {"mark.amend", yw_fold_mark_amend},
    {"mark.withdraw", yw_fold_mark_withdraw},
    {"query.put", yw_fold_query_put},
    {"query.receive", yw_fold_query_receive},
    {"query.reply", yw_fold_query_reply},
    {"query.close", yw_fold_query_close},
    {"filing.put", yw_fold_filing_put},
    {"rule.set", yw_fold_rule_set},
    {"plan.put", yw_fold_plan_put},
    {"plan.drop", yw_fold_plan_drop},
};

enum yw_code yw_register_apply(struct yw_register *r, const char *json, size_t n, struct yw_error *err) {
    if (n > YW_ACT_MAX) return yw_fail(err, YW_E_LIMIT, "act: longer than %d bytes", YW_ACT_MAX);
    json_error_t where;
    json_t *act = json_loadb(json, n, JSON_REJECT_DUPLICATES, &where);
    const json_t *kind = json_object_get(act, "act");
    if (!json_is_string(kind)) {
        json_decref(act);
        return yw_fail(err, YW_E_NOT_FOUND, "act: not a JSON object with a member \"act\"");
    }
    r->version++;
    const char *name = json_string_value(kind);
    enum yw_code code = YW_OK;
    for (size_t i = 0; i < YW_COUNT(folds); i++) {
        if (strcmp(name, folds[i].act) == 0) code = folds[i].fold(r, act, err);
    }
    json_decref(act);
    return code;
}
