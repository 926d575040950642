/* What the parts of planning an import share. */
#ifndef YW_REGISTER_IMPORT_INT_H
#define YW_REGISTER_IMPORT_INT_H

#include "register/ledger_table.h"

enum { YW_KEY_MAX = 200 };

/* Texts to numbers, open addressing; keys live in the arena. */
struct yw_keys {
    struct yw_key {
        const char *text;
        uint32_t value, row;
    } * at;
    size_t n, slots;
};

struct yw_plan {
    const struct yw_register *r;
    const struct yw_book *book;
    const uint8_t *key; /* NULL: passwords stay in clear */
    struct yw_import *out;
    struct yw_arena *arena;
    struct yw_keys enterprises, outlets, maintainers, areas, units;
    struct yw_keys seen[YW_SHAPES]; /* keys met in this ledger, with the row */
    struct list {
        char *at;
        size_t n, cap;
    } rows[YW_SHAPES];
    uint32_t next_enterprise, next_outlet, next_device, next_maintainer;
    bool no_memory;
    /* where we are */
    const struct yw_sheet *sheet;
    const struct yw_ledger_sheet *kind;
    uint32_t row;
};

struct yw_plan_head { /* which cell of a row belongs to which column, -1: none */
    int cell[YW_LEDGER_COLUMNS_MAX];
};

/* {a} and {b} in the sentences stand for a and b. */
void yw_plan_complain(struct yw_plan *p, const char *column, const char *zh, const char *en, const char *a,
                      const char *b);
struct yw_key *yw_keys_get(struct yw_keys *k, const char *text);
void yw_keys_put(struct yw_plan *p, struct yw_keys *k, const char *text, uint32_t value, uint32_t row);
void yw_outlet_key(char out[YW_KEY_MAX], uint32_t enterprise, const char *code);
/* Keys of everything the register has. */
void yw_plan_learn(struct yw_plan *p);
/* Reads one cell into its member of row; complains if it cannot be. */
void yw_plan_cell(struct yw_plan *p, const struct yw_column *c, const char *cell, char *row);
/* Takes one row of the present sheet into the plan; *count counts the good ones. */
void yw_plan_row(struct yw_plan *p, const struct yw_plan_head *h, const struct yw_book_row *row,
                 size_t *count);

#endif
