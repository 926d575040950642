/* Rows of a ledger: what they refer to, whether the register has them, whether they change it. */
#include "register/import_int.h"

#include <math.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

static const char *cell_of(const struct yw_plan *p, const struct yw_plan_head *h,
                           const struct yw_book_row *row, const char *member) {
    for (size_t c = 0; c < p->kind->column_n; c++) {
        if (strcmp(p->kind->columns[c].member, member) != 0) continue;
        return h->cell[c] >= 0 && (uint32_t)h->cell[c] < row->n ? row->cells[h->cell[c]] : "";
    }
    return "";
}

static bool has_column(const struct yw_plan *p, const struct yw_plan_head *h, const char *member) {
    for (size_t c = 0; c < p->kind->column_n; c++) {
        if (strcmp(p->kind->columns[c].member, member) == 0) return h->cell[c] >= 0;
    }
    return false;
}

static uint32_t find_enterprise(struct yw_plan *p, const char *credit) {
    struct yw_key *k = credit[0] != '\0' ? yw_keys_get(&p->enterprises, credit) : NULL;
    if (k == NULL) {
        yw_plan_complain(p, "统一社会信用代码", "没有信用代码为“{a}”的排污单位，请先在“排污单位”表中登记",
                         "no enterprise has the credit code \"{a}\": add it to the sheet enterprises", credit,
                         "");
    }
    return k != NULL ? k->value : 0;
}

static uint32_t find_outlet(struct yw_plan *p, uint32_t enterprise, const char *code) {
    if (enterprise == 0) return 0;
    char key[YW_KEY_MAX];
    yw_outlet_key(key, enterprise, code);
    struct yw_key *k = strlen(code) < 64 ? yw_keys_get(&p->outlets, key) : NULL;
    if (k == NULL) {
        yw_plan_complain(p, "排放口编号", "该排污单位没有编号为“{a}”的排放口，请先在“排放口”表中登记",
                         "this enterprise has no outlet \"{a}\": add it to the sheet outlets", code, "");
    }
    return k != NULL ? k->value : 0;
}

static void add_row(struct yw_plan *p, int shape, const void *row) {
    struct list *l = &p->rows[shape];
    size_t size = yw_shapes[shape].size;
    if (l->n == l->cap) {
        size_t cap = l->cap == 0 ? 64 : l->cap * 2;
        char *at = realloc(l->at, cap * size);
        if (at == NULL) {
            p->no_memory = true;
            return;
        }
        l->at = at;
        l->cap = cap;
    }
    memcpy(l->at + l->n++ * size, row, size);
}

static uint32_t find_maintainer(struct yw_plan *p, const char *name) {
    if (name[0] == '\0') return 0;
    struct yw_key *k = yw_keys_get(&p->maintainers, name);
    if (k != NULL) return k->value;
    struct yw_maintainer m = {.id = p->next_maintainer++};
    if (!yw_copy(m.name, sizeof m.name, name, strlen(name)) ||
        !yw_chars_fit(YW_CHARS_ANY, name, strlen(name))) {
        yw_plan_complain(p, "运维单位", "“{a}”过长或含有控制字符",
                         "\"{a}\" is too long or holds control characters", name, "");
        return 0;
    }
    yw_keys_put(p, &p->maintainers, name, m.id, p->row);
    add_row(p, YW_SHAPE_MAINTAINER, &m);
    return m.id;
}

/* False if this key stands in the ledger already. */
static bool first_time(struct yw_plan *p, const char *key) {
    struct yw_keys *seen = &p->seen[p->kind->shape];
    struct yw_key *k = yw_keys_get(seen, key);
    if (k == NULL) {
        yw_keys_put(p, seen, key, 1, p->row);
        return true;
    }
    char row[16];
    snprintf(row, sizeof row, "%u", k->row);
    yw_plan_complain(p, "", "与第 {a} 行重复（{b}），请删去其中一行",
                     "is the same as row {a} ({b}): delete one of them", row, key);
    return false;
}

union any_row {
    struct yw_area area;
    struct yw_unit unit;
    struct yw_enterprise enterprise;
    struct yw_outlet outlet;
    struct yw_factor_rule factor;
    struct yw_device device;
};

/* The row as the register has it, or a fresh one; `key` becomes its identity. False: complained already. */
static bool begin_row(struct yw_plan *p, const struct yw_plan_head *h, const struct yw_book_row *row,
                      union any_row *at, char key[YW_KEY_MAX], bool *known) {
    memset(at, 0, sizeof *at);
    *known = false;
    uint32_t enterprise = 0, outlet = 0;
    const void *old = NULL;
    const char *code = cell_of(p, h, row, "code");
    key[0] = '\0';
    switch (p->kind->shape) {
    case YW_SHAPE_AREA:
        snprintf(key, YW_KEY_MAX, "%.64s", code);
        old = yw_register_area(p->r, code);
        break;
    case YW_SHAPE_UNIT:
        snprintf(key, YW_KEY_MAX, "%.64s", code);
        old = yw_register_unit(p->r, code);
        break;
    case YW_SHAPE_ENTERPRISE:
        snprintf(key, YW_KEY_MAX, "%.64s", cell_of(p, h, row, "credit_code"));
        struct yw_key *e = yw_keys_get(&p->enterprises, key);
        old = e != NULL ? yw_register_enterprise(p->r, e->value) : NULL;
        at->enterprise.lon = at->enterprise.lat = NAN;
        break;
    case YW_SHAPE_OUTLET:
        enterprise = find_enterprise(p, cell_of(p, h, row, "enterprise"));
        if (enterprise == 0) return false;
        yw_outlet_key(key, enterprise, strlen(code) < 64 ? code : "");
        struct yw_key *o = yw_keys_get(&p->outlets, key);
        old = o != NULL ? yw_register_outlet(p->r, o->value) : NULL;
        at->outlet.lon = at->outlet.lat = NAN;
        at->outlet.enterprise = enterprise;
        break;
    case YW_SHAPE_FACTOR:
        enterprise = find_enterprise(p, cell_of(p, h, row, "enterprise"));
        outlet = find_outlet(p, enterprise, cell_of(p, h, row, "outlet"));
        if (outlet == 0) return false;
        snprintf(key, YW_KEY_MAX, "%u/%.64s", outlet, code);
        size_t n;
        const struct yw_factor_rule *f = yw_register_factors(p->r, outlet, &n);
        for (size_t i = 0; i < n; i++) {
            if (strcmp(f[i].code, code) == 0) old = &f[i];
        }
        at->factor = (struct yw_factor_rule){.outlet = outlet,
                                             .range_low = NAN,
                                             .range_high = NAN,
                                             .limit = NAN,
                                             .amount_t_a = NAN,
                                             .reference_oxygen = NAN};
        break;
    default: {
        const char *mn = cell_of(p, h, row, "mn"), *credit = cell_of(p, h, row, "enterprise");
        snprintf(key, YW_KEY_MAX, "%.64s", mn);
        old = yw_register_device_by_mn(p->r, mn, strlen(mn));
        enterprise = find_enterprise(p, credit);
        outlet = find_outlet(p, enterprise, cell_of(p, h, row, "outlet"));
        if (outlet == 0) return false;
        at->device.state = YW_DEVICE_ADMITTED;
        break;
    }
    }
    if (old != NULL) memcpy(at, old, yw_shapes[p->kind->shape].size);
    if (p->kind->shape == YW_SHAPE_DEVICE) at->device.outlet = outlet;
    *known = old != NULL;
    return true;
}

static void check_area(struct yw_plan *p, const char *column, const char *code) {
    if (code[0] == '\0' || yw_keys_get(&p->areas, code) != NULL) return;
    yw_plan_complain(p, column, "没有代码为“{a}”的行政区，请先在“行政区”表中登记",
                     "no area has the code \"{a}\": add it to the sheet areas", code, "");
}

static void end_row(struct yw_plan *p, union any_row *at, const char *key, bool known,
                    const struct yw_plan_head *h, const struct yw_book_row *row) {
    switch (p->kind->shape) {
    case YW_SHAPE_AREA:
        yw_keys_put(p, &p->areas, at->area.code, 1, p->row);
        break;
    case YW_SHAPE_UNIT:
        yw_keys_put(p, &p->units, at->unit.code, 0, p->row);
        check_area(p, "行政区", at->unit.area);
        break;
    case YW_SHAPE_ENTERPRISE:
        if (!known) at->enterprise.id = p->next_enterprise++;
        yw_keys_put(p, &p->enterprises, key, at->enterprise.id, p->row);
        check_area(p, "行政区代码", at->enterprise.area);
        break;
    case YW_SHAPE_OUTLET:
        if (!known) at->outlet.id = p->next_outlet++;
        if (has_column(p, h, "maintainer")) {
            at->outlet.maintainer = find_maintainer(p, cell_of(p, h, row, "maintainer"));
        }
        yw_keys_put(p, &p->outlets, key, at->outlet.id, p->row);
        break;
    case YW_SHAPE_DEVICE:
        if (!known) at->device.id = p->next_device++;
        break;
    default:
        break;
    }
}

static bool differs(const struct yw_plan *p, const void *row) {
    const union any_row *at = row;
    const void *old = NULL;
    size_t n;
    const struct yw_factor_rule *f;
    switch (p->kind->shape) {
    case YW_SHAPE_AREA:
        old = yw_register_area(p->r, at->area.code);
        break;
    case YW_SHAPE_UNIT:
        old = yw_register_unit(p->r, at->unit.code);
        break;
    case YW_SHAPE_ENTERPRISE:
        old = yw_register_enterprise(p->r, at->enterprise.id);
        break;
    case YW_SHAPE_OUTLET:
        old = yw_register_outlet(p->r, at->outlet.id);
        break;
    case YW_SHAPE_DEVICE:
        old = yw_register_device(p->r, at->device.id);
        break;
    default:
        f = yw_register_factors(p->r, at->factor.outlet, &n);
        for (size_t i = 0; i < n; i++) {
            if (strcmp(f[i].code, at->factor.code) == 0) old = &f[i];
        }
    }
    if (old == NULL) return true;
    /* Member by member: padding and the bits of NaN do not count. */
    const struct yw_shape *shape = &yw_shapes[p->kind->shape];
    for (size_t k = 0; k < shape->field_n; k++) {
        const struct yw_field *m = &shape->fields[k];
        const char *a = (const char *)row + m->offset, *b = (const char *)old + m->offset;
        double x, y;
        if (m->kind == YW_FIELD_F64) {
            memcpy(&x, a, sizeof x);
            memcpy(&y, b, sizeof y);
            if (!(x == y || (isnan(x) && isnan(y)))) return true;
        } else if (m->kind == YW_FIELD_TEXT ? strcmp(a, b) != 0 : memcmp(a, b, m->size) != 0) {
            return true;
        }
    }
    return false;
}

/* Passwords are compared in clear: what came in a cell is, what the register has is sealed. */
static void keep_same_password(const struct yw_plan *p, struct yw_device *d) {
    const struct yw_device *old = yw_register_device(p->r, d->id);
    char was[YW_PASSWORD_BYTES], is[YW_PASSWORD_BYTES];
    if (old != NULL && yw_password_open(p->key, old->mn, old->pw, was, sizeof was, NULL) == YW_OK &&
        yw_password_open(p->key, d->mn, d->pw, is, sizeof is, NULL) == YW_OK && strcmp(was, is) == 0) {
        memcpy(d->pw, old->pw, sizeof d->pw);
    }
    sodium_memzero(was, sizeof was);
    sodium_memzero(is, sizeof is);
}

static void seal_password(struct yw_plan *p, struct yw_device *d) {
    char sealed[YW_PASSWORD_SEALED] = "";
    if (p->key == NULL || yw_password_is_sealed(d->pw)) return;
    /* The cell was looked at before, so nothing is wrong with it here. */
    (void)yw_password_seal(p->key, d->mn, d->pw, sealed, sizeof sealed, NULL);
    memcpy(d->pw, sealed, sizeof d->pw);
}

void yw_plan_row(struct yw_plan *p, const struct yw_plan_head *h, const struct yw_book_row *row,
                 size_t *count) {
    union any_row at;
    char key[YW_KEY_MAX];
    bool known;
    p->row = row->number;
    size_t before = p->out->error_total;
    if (!begin_row(p, h, row, &at, key, &known)) return;
    for (size_t c = 0; c < p->kind->column_n; c++) {
        const struct yw_column *column = &p->kind->columns[c];
        bool reference = strcmp(column->member, "enterprise") == 0 || strcmp(column->member, "outlet") == 0 ||
                         strcmp(column->member, "maintainer") == 0;
        if (h->cell[c] < 0 || reference) continue;
        yw_plan_cell(p, column, (uint32_t)h->cell[c] < row->n ? row->cells[h->cell[c]] : "", (char *)&at);
    }
    if (p->out->error_total != before) {
        /* Later sheets may name it all the same, and should not complain about it again. */
        if (p->kind->shape == YW_SHAPE_ENTERPRISE || p->kind->shape == YW_SHAPE_OUTLET)
            end_row(p, &at, key, known, h, row);
        return;
    }
    if (!first_time(p, key)) return;
    end_row(p, &at, key, known, h, row);
    (*count)++;
    bool device = p->kind->shape == YW_SHAPE_DEVICE;
    if (device) keep_same_password(p, &at.device);
    if (!differs(p, &at)) return;
    if (device) seal_password(p, &at.device);
    add_row(p, p->kind->shape, &at);
}
