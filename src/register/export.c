/* The register as a book: the import's table read the other way round. */
#include "register/ledger_table.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct exporter {
    const struct yw_register *r;
    const struct yw_export *how;
    struct yw_book *book;
    struct yw_error *err;
};

/* A device's PW in clear, for those who may have it. */
static enum yw_code print_password(const struct exporter *x, const struct yw_device *d, char *out,
                                   size_t size) {
    if (x->how == NULL || !x->how->with_passwords) return YW_OK;
    return yw_password_open(x->how->key, d->mn, d->pw, out, size, x->err);
}

/* The shortest decimal that reads back as the same number. */
static void print_number(char *out, size_t size, double v) {
    for (int digits = 6; digits <= 17; digits++) {
        double back;
        snprintf(out, size, "%.*g", digits, v);
        if (digits == 17 || (yw_parse_f64(out, strlen(out), &back) && back == v)) return;
    }
}

static void print_field(char *out, size_t size, const struct yw_field *f, const char *row) {
    const char *at = row + f->offset;
    uint16_t u16;
    int32_t day;
    double f64;
    out[0] = '\0';
    switch (f->kind) {
    case YW_FIELD_TEXT:
        yw_copy(out, size, at, strlen(at));
        break;
    case YW_FIELD_U8:
    case YW_FIELD_U32:
        break; /* ids are never printed: they mean nothing outside */
    case YW_FIELD_U16:
        memcpy(&u16, at, sizeof u16);
        if (u16 != 0) snprintf(out, size, "%u", u16);
        break;
    case YW_FIELD_F64:
        memcpy(&f64, at, sizeof f64);
        if (!isnan(f64)) print_number(out, size, f64);
        break;
    case YW_FIELD_DATE:
        memcpy(&day, at, sizeof day);
        if (day == 0) break;
        char text[40];
        yw_time_text(yw_china_day_start(day), text);
        snprintf(out, size, "%.10s", text);
        break;
    case YW_FIELD_BOOL:
    case YW_FIELD_OUTLET_KIND:
    case YW_FIELD_DEVICE_STATE:
        snprintf(out, size, "%s", yw_word_zh(f->kind, *(const uint8_t *)at));
        break;
    }
}

static const struct yw_outlet *outlet_of(const struct exporter *x, int shape, const void *row) {
    if (shape == YW_SHAPE_OUTLET) return row;
    if (shape == YW_SHAPE_FACTOR)
        return yw_register_outlet(x->r, ((const struct yw_factor_rule *)row)->outlet);
    if (shape == YW_SHAPE_DEVICE) return yw_register_outlet(x->r, ((const struct yw_device *)row)->outlet);
    return NULL;
}

static bool kept(const struct exporter *x, int shape, const void *row, const struct yw_outlet **o,
                 const struct yw_enterprise **e) {
    *o = outlet_of(x, shape, row);
    *e = shape == YW_SHAPE_ENTERPRISE ? row
         : *o != NULL                 ? yw_register_enterprise(x->r, (*o)->enterprise)
                                      : NULL;
    if (shape == YW_SHAPE_AREA || shape == YW_SHAPE_UNIT) return true;
    /* A device that was refused without ever having an outlet has no place in a ledger. */
    if (*e == NULL) return false;
    return x->how == NULL || x->how->keep == NULL || x->how->keep(x->how->arg, *o, *e);
}

static enum yw_code put_row(struct exporter *x, struct yw_sheet *s, const struct yw_ledger_sheet *kind,
                            const void *row, uint32_t number) {
    const struct yw_outlet *o;
    const struct yw_enterprise *e;
    if (!kept(x, kind->shape, row, &o, &e)) return YW_OK;
    char text[YW_LEDGER_COLUMNS_MAX][256];
    const char *cells[YW_LEDGER_COLUMNS_MAX];
    size_t lengths[YW_LEDGER_COLUMNS_MAX];
    for (size_t c = 0; c < kind->column_n; c++) {
        const char *member = kind->columns[c].member;
        const struct yw_maintainer *m = NULL;
        cells[c] = text[c];
        text[c][0] = '\0';
        if (strcmp(member, "enterprise") == 0) {
            cells[c] = e->credit_code;
        } else if (strcmp(member, "outlet") == 0) {
            cells[c] = o->code;
        } else if (strcmp(member, "maintainer") == 0) {
            m = yw_register_maintainer(x->r, o->maintainer);
            if (m != NULL) cells[c] = m->name;
        } else if (strcmp(member, "pw") == 0) {
            enum yw_code code = print_password(x, row, text[c], sizeof text[c]);
            if (code != YW_OK) return code;
        } else {
            print_field(text[c], sizeof text[c], yw_shape_field(kind->shape, member), row);
        }
        lengths[c] = strlen(cells[c]);
    }
    return yw_book_row(x->book, s, number, cells, lengths, kind->column_n, x->err);
}

static enum yw_code put_sheet(struct exporter *x, const struct yw_ledger_sheet *kind) {
    struct yw_sheet *s = yw_book_sheet(x->book, kind->zh, x->err);
    if (s == NULL) return YW_E_LIMIT;
    const char *cells[YW_LEDGER_COLUMNS_MAX];
    size_t lengths[YW_LEDGER_COLUMNS_MAX];
    for (size_t c = 0; c < kind->column_n; c++) {
        cells[c] = kind->columns[c].zh;
        lengths[c] = strlen(cells[c]);
    }
    enum yw_code code = yw_book_row(x->book, s, 1, cells, lengths, kind->column_n, x->err);
    const struct yw_rows *all[YW_SHAPES] = {&x->r->areas,       &x->r->units,   &x->r->maintainers,
                                            &x->r->enterprises, &x->r->outlets, &x->r->factors,
                                            &x->r->devices};
    const struct yw_rows *rows = all[kind->shape];
    for (size_t i = 0; i < rows->n && code == YW_OK; i++) {
        code = put_row(x, s, kind, rows->at + i * rows->size, (uint32_t)(i + 2));
    }
    return code;
}

enum yw_code yw_export_book(const struct yw_register *r, const struct yw_export *how, struct yw_book *out,
                            struct yw_error *err) {
    struct exporter x = {r, how, out, err};
    enum yw_code code = YW_OK;
    for (int k = 0; k < YW_LEDGER_SHEETS && code == YW_OK; k++) code = put_sheet(&x, &yw_ledger_sheets[k]);
    return code;
}
