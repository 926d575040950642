/* Holding a ledger against the register: which rows are new or changed, or what is wrong with them and what
 * to do.
 *
 * Rows are found again by their keys: code of an area or a unit; credit code; enterprise and outlet code;
 * factor code at an outlet; MN. Columns that a sheet does not have leave the register's value as it is; an
 * empty cell empties it (a device's password excepted). */
#include "register/import_int.h"

#include <stdlib.h>
#include <string.h>

static size_t columns_named(const struct yw_ledger_sheet *kind, const struct yw_book_row *head,
                            bool *all_keys) {
    size_t named = 0;
    *all_keys = true;
    for (size_t c = 0; c < kind->column_n; c++) {
        bool found = false;
        for (uint32_t i = 0; i < head->n && !found; i++)
            found = yw_column_named(&kind->columns[c], head->cells[i]);
        named += found;
        if (kind->columns[c].key && !found) *all_keys = false;
    }
    return named;
}

/* By its name, else by its head. */
static const struct yw_ledger_sheet *kind_of(const struct yw_sheet *s) {
    for (size_t i = 0; i < YW_LEDGER_SHEETS; i++) {
        if (yw_sheet_named(&yw_ledger_sheets[i], s->name)) return &yw_ledger_sheets[i];
    }
    const struct yw_ledger_sheet *best = NULL;
    size_t most = 0;
    for (size_t i = 0; i < YW_LEDGER_SHEETS && s->n > 0; i++) {
        bool all_keys;
        size_t named = columns_named(&yw_ledger_sheets[i], &s->rows[0], &all_keys);
        if (all_keys && named > most) best = &yw_ledger_sheets[i], most = named;
    }
    return best;
}

static bool read_head(struct yw_plan *p, struct yw_plan_head *h) {
    const struct yw_book_row *head = &p->sheet->rows[0];
    bool used[YW_BOOK_COLUMNS_MAX] = {false}, good = true;
    p->row = head->number;
    for (size_t c = 0; c < p->kind->column_n; c++) {
        const struct yw_column *column = &p->kind->columns[c];
        h->cell[c] = -1;
        for (uint32_t i = 0; i < head->n; i++) {
            if (used[i] || !yw_column_named(column, head->cells[i])) continue;
            if (h->cell[c] >= 0) {
                yw_plan_complain(p, column->zh, "有两列都是“{a}”，请删去一列",
                                 "two columns are \"{b}\": delete one", column->zh, column->en);
                good = false;
                break;
            }
            h->cell[c] = (int)i;
            used[i] = true;
        }
        if (h->cell[c] < 0 && column->key) {
            yw_plan_complain(p, column->zh, "缺少“{a}”列，请补上（英文表头写 {b}）",
                             "the column {b} ({a}) is missing: add it", column->zh, column->en);
            good = false;
        }
    }
    for (uint32_t i = 0; i < head->n; i++) {
        if (used[i] || yw_head_ignored(head->cells[i])) continue;
        yw_plan_complain(p, head->cells[i], "不认识的列“{a}”，请改成模板中的列名或删去该列",
                         "unknown column \"{a}\": give it a name of the template or delete it",
                         head->cells[i], "");
        good = false;
    }
    return good;
}

/* Parents may stand behind their children, so they are looked at once all areas are known. */
static void check_area_parents(struct yw_plan *p) {
    const struct yw_area *a = (const void *)p->rows[YW_SHAPE_AREA].at;
    for (size_t i = 0; i < p->rows[YW_SHAPE_AREA].n; i++) {
        if (a[i].parent[0] == '\0') continue;
        struct yw_key *seen = yw_keys_get(&p->seen[YW_SHAPE_AREA], a[i].code);
        p->row = seen != NULL ? seen->row : 0;
        if (yw_keys_get(&p->areas, a[i].parent) == NULL || strcmp(a[i].parent, a[i].code) == 0) {
            yw_plan_complain(p, "上级行政区代码", "没有代码为“{a}”的上级行政区",
                             "no area \"{a}\" that could be the parent", a[i].parent, "");
        }
    }
}

/* The unit as it would be after the import; value of its key: which planned row, from 1, or 0: unchanged. */
static const struct yw_unit *unit_to_be(struct yw_plan *p, const char *code) {
    const struct yw_key *k = yw_keys_get(&p->units, code);
    if (k == NULL) return NULL;
    const struct yw_unit *u = (const void *)p->rows[YW_SHAPE_UNIT].at;
    return k->value > 0 ? &u[k->value - 1] : yw_register_unit(p->r, code);
}

static void check_unit_parents(struct yw_plan *p) {
    const struct yw_unit *u = (const void *)p->rows[YW_SHAPE_UNIT].at;
    size_t n = p->rows[YW_SHAPE_UNIT].n;
    for (size_t i = 0; i < n; i++) yw_keys_put(p, &p->units, u[i].code, (uint32_t)i + 1, 0);
    for (size_t i = 0; i < n; i++) {
        struct yw_key *seen = yw_keys_get(&p->seen[YW_SHAPE_UNIT], u[i].code);
        p->row = seen != NULL ? seen->row : 0;
        if (u[i].parent[0] != '\0' && yw_keys_get(&p->units, u[i].parent) == NULL) {
            yw_plan_complain(p, "上级机构", "没有代码为“{a}”的上级机构，请先在“机构”表中登记",
                             "no unit has the code \"{a}\": add it to the sheet units", u[i].parent, "");
            continue;
        }
        const struct yw_unit *at = &u[i];
        int levels = 0;
        while (at != NULL && at->parent[0] != '\0' && ++levels < YW_UNIT_DEPTH_MAX) {
            at = unit_to_be(p, at->parent);
        }
        if (levels == YW_UNIT_DEPTH_MAX) {
            yw_plan_complain(p, "上级机构", "机构“{a}”的上级绕回自身，或超过 8 级，请改正上级机构",
                             "the unit \"{a}\" stands above itself, or the tree has more than 8 levels: "
                             "correct the parent",
                             u[i].code, "");
        }
    }
}

static void plan_sheets(struct yw_plan *p, int kind, size_t *count) {
    for (size_t i = 0; i < p->book->n; i++) {
        const struct yw_sheet *s = &p->book->sheets[i];
        if (kind_of(s) != &yw_ledger_sheets[kind] || s->n == 0) continue;
        struct yw_plan_head h;
        p->sheet = s;
        p->kind = &yw_ledger_sheets[kind];
        if (!read_head(p, &h)) continue;
        for (size_t k = 1; k < s->n && !p->no_memory; k++) yw_plan_row(p, &h, &s->rows[k], count);
    }
    if (yw_ledger_sheets[kind].shape == YW_SHAPE_AREA) check_area_parents(p);
    if (yw_ledger_sheets[kind].shape == YW_SHAPE_UNIT) check_unit_parents(p);
}

static void hand_over(struct yw_plan *p) {
    struct yw_register_put *put = &p->out->put;
    put->areas = (void *)p->rows[YW_SHAPE_AREA].at, put->area_n = p->rows[YW_SHAPE_AREA].n;
    put->units = (void *)p->rows[YW_SHAPE_UNIT].at, put->unit_n = p->rows[YW_SHAPE_UNIT].n;
    put->maintainers = (void *)p->rows[YW_SHAPE_MAINTAINER].at,
    put->maintainer_n = p->rows[YW_SHAPE_MAINTAINER].n;
    put->enterprises = (void *)p->rows[YW_SHAPE_ENTERPRISE].at,
    put->enterprise_n = p->rows[YW_SHAPE_ENTERPRISE].n;
    put->outlets = (void *)p->rows[YW_SHAPE_OUTLET].at, put->outlet_n = p->rows[YW_SHAPE_OUTLET].n;
    put->factors = (void *)p->rows[YW_SHAPE_FACTOR].at, put->factor_n = p->rows[YW_SHAPE_FACTOR].n;
    put->devices = (void *)p->rows[YW_SHAPE_DEVICE].at, put->device_n = p->rows[YW_SHAPE_DEVICE].n;
    for (int k = 0; k < YW_SHAPES; k++) p->out->changed += p->rows[k].n;
}

enum yw_code yw_import_plan(const struct yw_register *r, const struct yw_book *b, const uint8_t *key,
                            struct yw_import *out, struct yw_error *err) {
    memset(out, 0, sizeof *out);
    struct yw_plan p = {.r = r, .book = b, .key = key, .out = out, .arena = yw_arena_create(512u << 20)};
    out->errors = calloc(YW_IMPORT_ERRORS_MAX, sizeof *out->errors);
    bool known = false;
    for (size_t i = 0; i < b->n; i++) known = known || kind_of(&b->sheets[i]) != NULL;
    if (p.arena == NULL || out->errors == NULL) {
        p.no_memory = true;
    } else if (!known) {
        yw_plan_complain(
            &p, "", "没有认得的工作表：应有 行政区、机构、排污单位、排放口、监测因子、数采仪 中的至少一张",
            "no sheet is known: expected at least one of areas, units, enterprises, outlets, factors, "
            "devices",
            "", "");
    } else {
        yw_plan_learn(&p);
        size_t *const counts[YW_LEDGER_SHEETS] = {&out->areas,   &out->units,   &out->enterprises,
                                                  &out->outlets, &out->factors, &out->devices};
        for (int k = 0; k < YW_LEDGER_SHEETS; k++) plan_sheets(&p, k, counts[k]);
    }
    struct yw_keys *all[] = {&p.enterprises, &p.outlets, &p.maintainers, &p.areas, &p.units};
    for (size_t i = 0; i < YW_COUNT(all); i++) free(all[i]->at);
    for (int k = 0; k < YW_SHAPES; k++) free(p.seen[k].at);
    hand_over(&p);
    yw_arena_destroy(p.arena);
    if (p.no_memory) return yw_fail(err, YW_E_NOMEM, "out of memory while reading the ledger");
    if (out->error_total > 0) {
        return yw_fail(err, YW_E_FORMAT, "the ledger has %zu errors; nothing was imported", out->error_total);
    }
    return YW_OK;
}

void yw_import_free(struct yw_import *i) {
    free(i->errors);
    free((void *)(uintptr_t)i->put.areas);
    free((void *)(uintptr_t)i->put.units);
    free((void *)(uintptr_t)i->put.maintainers);
    free((void *)(uintptr_t)i->put.enterprises);
    free((void *)(uintptr_t)i->put.outlets);
    free((void *)(uintptr_t)i->put.factors);
    free((void *)(uintptr_t)i->put.devices);
    memset(i, 0, sizeof *i);
}
