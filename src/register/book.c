/* A book: sheets of text cells, whatever file they came from. */
#include "register/ledger.h"

#include <stdlib.h>
#include <string.h>

struct yw_book *yw_book_create(void) {
    struct yw_book *b = calloc(1, sizeof *b);
    if (b == NULL) return NULL;
    b->arena = yw_arena_create(YW_LEDGER_UNPACKED_MAX);
    if (b->arena == NULL) {
        free(b);
        return NULL;
    }
    return b;
}

void yw_book_destroy(struct yw_book *b) {
    if (b == NULL) return;
    for (size_t i = 0; i < b->n; i++) free(b->sheets[i].rows);
    yw_arena_destroy(b->arena);
    free(b);
}

struct yw_sheet *yw_book_sheet(struct yw_book *b, const char *name, struct yw_error *err) {
    if (b->n == YW_BOOK_SHEETS_MAX) {
        yw_fail(err, YW_E_LIMIT, "more than %d sheets; split the ledger", YW_BOOK_SHEETS_MAX);
        return NULL;
    }
    struct yw_sheet *s = &b->sheets[b->n++];
    yw_copy(s->name, sizeof s->name, name, strlen(name));
    return s;
}

static bool blank(const char *text, size_t n, size_t *bytes) {
    if (n >= 1 && (unsigned char)text[0] <= ' ') return *bytes = 1, true;
    if (n >= 3 && memcmp(text, "　", 3) == 0) return *bytes = 3, true;
    if (n >= 2 && memcmp(text, "\xc2\xa0", 2) == 0) return *bytes = 2, true; /* no-break space */
    return false;
}

static void trim(const char **text, size_t *n) {
    size_t k;
    while (blank(*text, *n, &k)) *text += k, *n -= k;
    while (*n > 0) {
        if (blank(*text + *n - 1, 1, &k)) {
            *n -= 1;
        } else if (*n >= 3 && blank(*text + *n - 3, 3, &k) && k == 3) {
            *n -= 3;
        } else if (*n >= 2 && blank(*text + *n - 2, 2, &k) && k == 2) {
            *n -= 2;
        } else {
            break;
        }
    }
}

enum yw_code yw_book_row(struct yw_book *b, struct yw_sheet *s, uint32_t number, const char *const *cells,
                         const size_t *lengths, size_t n, struct yw_error *err) {
    if (n > YW_BOOK_COLUMNS_MAX) {
        return yw_fail(err, YW_E_LIMIT, "sheet %s, row %u: more than %d columns", s->name, number,
                       YW_BOOK_COLUMNS_MAX);
    }
    if (s->n == YW_BOOK_ROWS_MAX) {
        return yw_fail(err, YW_E_LIMIT, "sheet %s: more than %d rows; split the ledger", s->name,
                       YW_BOOK_ROWS_MAX);
    }
    if (s->n == s->cap) {
        size_t cap = s->cap == 0 ? 64 : s->cap * 2;
        struct yw_book_row *rows = realloc(s->rows, cap * sizeof *rows);
        if (rows == NULL) return yw_fail(err, YW_E_NOMEM, "sheet %s: out of memory", s->name);
        s->rows = rows;
        s->cap = cap;
    }
    const char **copy = yw_arena_alloc(b->arena, (n + 1) * sizeof *copy);
    if (copy == NULL) return yw_fail(err, YW_E_LIMIT, "sheet %s: the ledger is too large; split it", s->name);
    bool any = false;
    for (size_t i = 0; i < n; i++) {
        const char *text = cells[i];
        size_t length = lengths[i];
        trim(&text, &length);
        if (length > YW_BOOK_CELL_MAX) {
            return yw_fail(err, YW_E_LIMIT, "sheet %s, row %u, column %zu: longer than %d bytes", s->name,
                           number, i + 1, YW_BOOK_CELL_MAX);
        }
        copy[i] = length == 0 ? "" : yw_arena_text(b->arena, text, length);
        if (copy[i] == NULL)
            return yw_fail(err, YW_E_LIMIT, "sheet %s: the ledger is too large; split it", s->name);
        any = any || length > 0;
    }
    if (any) s->rows[s->n++] = (struct yw_book_row){.number = number, .n = (uint32_t)n, .cells = copy};
    return YW_OK;
}
