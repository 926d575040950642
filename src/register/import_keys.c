/* Complaints about a ledger, and the keys by which its rows are found again. */
#include "register/import_int.h"

#include <stdlib.h>
#include <string.h>

/* ---- complaints ---- */

static void fill(char *out, size_t size, const char *pattern, const char *a, const char *b) {
    struct yw_buf text;
    yw_buf_init(&text, 8192);
    for (const char *p = pattern; *p != '\0'; p++) {
        if (*p == '{' && (p[1] == 'a' || p[1] == 'b') && p[2] == '}') {
            yw_buf_puts(&text, p[1] == 'a' ? a : b);
            p += 2;
        } else {
            yw_buf_putc(&text, *p);
        }
    }
    yw_copy(out, size, text.data != NULL ? text.data : "", text.len);
    yw_buf_free(&text);
}

void yw_plan_complain(struct yw_plan *p, const char *column, const char *zh, const char *en, const char *a,
                      const char *b) {
    struct yw_import *out = p->out;
    out->error_total++;
    if (out->error_n == YW_IMPORT_ERRORS_MAX) return;
    struct yw_import_error *e = &out->errors[out->error_n++];
    const char *sheet = p->sheet != NULL ? p->sheet->name : "";
    yw_copy(e->sheet, sizeof e->sheet, sheet, strlen(sheet));
    yw_copy(e->column, sizeof e->column, column, strlen(column));
    e->row = p->row;
    fill(e->text_zh, sizeof e->text_zh, zh, a, b);
    fill(e->text_en, sizeof e->text_en, en, a, b);
}

/* ---- keys ---- */

static struct yw_key *keys_slot(struct yw_keys *k, const char *text) {
    size_t i = (size_t)yw_hash64(text, strlen(text), 7) & (k->slots - 1);
    while (k->at[i].text != NULL && strcmp(k->at[i].text, text) != 0) i = (i + 1) & (k->slots - 1);
    return &k->at[i];
}

struct yw_key *yw_keys_get(struct yw_keys *k, const char *text) {
    struct yw_key *slot = k->slots == 0 ? NULL : keys_slot(k, text);
    return slot != NULL && slot->text != NULL ? slot : NULL;
}

void yw_keys_put(struct yw_plan *p, struct yw_keys *k, const char *text, uint32_t value, uint32_t row) {
    if (k->n * 2 >= k->slots) {
        struct yw_keys bigger = {.slots = k->slots == 0 ? 256 : k->slots * 2, .n = k->n};
        bigger.at = calloc(bigger.slots, sizeof *bigger.at);
        if (bigger.at == NULL) {
            p->no_memory = true;
            return;
        }
        for (size_t i = 0; i < k->slots; i++) {
            if (k->at[i].text != NULL) *keys_slot(&bigger, k->at[i].text) = k->at[i];
        }
        free(k->at);
        *k = bigger;
    }
    struct yw_key *slot = keys_slot(k, text);
    if (slot->text == NULL) {
        slot->text = yw_arena_text(p->arena, text, strlen(text));
        if (slot->text == NULL) p->no_memory = true;
        k->n += slot->text != NULL;
    }
    slot->value = value;
    slot->row = row;
}

void yw_outlet_key(char out[YW_KEY_MAX], uint32_t enterprise, const char *code) {
    snprintf(out, YW_KEY_MAX, "%u/%s", enterprise, code);
}

void yw_plan_learn(struct yw_plan *p) {
    size_t n;
    const struct yw_enterprise *e = yw_register_enterprises(p->r, &n);
    for (size_t i = 0; i < n; i++) yw_keys_put(p, &p->enterprises, e[i].credit_code, e[i].id, 0);
    const struct yw_outlet *o = yw_register_outlets(p->r, &n);
    char key[YW_KEY_MAX];
    for (size_t i = 0; i < n; i++) {
        yw_outlet_key(key, o[i].enterprise, o[i].code);
        yw_keys_put(p, &p->outlets, key, o[i].id, 0);
    }
    const struct yw_maintainer *m = yw_register_maintainers(p->r, &n);
    for (size_t i = 0; i < n; i++) yw_keys_put(p, &p->maintainers, m[i].name, m[i].id, 0);
    const struct yw_area *a = yw_register_areas(p->r, &n);
    for (size_t i = 0; i < n; i++) yw_keys_put(p, &p->areas, a[i].code, 1, 0);
    const struct yw_unit *u = yw_register_units(p->r, &n);
    for (size_t i = 0; i < n; i++) yw_keys_put(p, &p->units, u[i].code, 0, 0);
    p->next_enterprise = yw_register_next_enterprise(p->r);
    p->next_outlet = yw_register_next_outlet(p->r);
    p->next_device = yw_register_next_device(p->r);
    p->next_maintainer = yw_register_next_maintainer(p->r);
}
