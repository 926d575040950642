/* Rows of a sheet as filings: read, held against the register, complained about. */
#include "register/filing_book.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "register/filing_table.h"

struct owner { /* an enterprise by its credit code */
    const char *credit;
    uint32_t id;
};

struct reader {
    const struct yw_register *r;
    const struct yw_book *book;
    struct yw_filing_import *out;
    bool (*may)(void *arg, const struct yw_outlet *o, uint8_t kind, const struct yw_filing_row *old);
    void *arg;
    uint8_t role;
    struct owner *owners;
    size_t owner_n, cap;
    uint64_t next;
    int cell[YW_FILING_COLUMNS]; /* of the row, -1: none */
    const struct yw_sheet *sheet;
    const struct yw_book_row *row;
    uint32_t *lines; /* row of the sheet each planned row came from */
};

/* {a} and {b} in the sentences stand for a and b. */
static void complain(struct reader *x, int column, const char *zh, const char *en, const char *a) {
    struct yw_filing_import *out = x->out;
    out->error_total++;
    if (out->error_n == YW_IMPORT_ERRORS_MAX) return;
    struct yw_import_error *e = &out->errors[out->error_n++];
    e->row = x->row != NULL ? x->row->number : 0;
    if (x->sheet != NULL) (void)yw_copy(e->sheet, sizeof e->sheet, x->sheet->name, strlen(x->sheet->name));
    if (column >= 0)
        (void)yw_copy(e->column, sizeof e->column, yw_filing_columns[column].zh,
                      strlen(yw_filing_columns[column].zh));
    struct {
        const char *from;
        char *to;
        size_t size;
    } const texts[] = {{zh, e->text_zh, sizeof e->text_zh}, {en, e->text_en, sizeof e->text_en}};
    for (size_t i = 0; i < YW_COUNT(texts); i++) {
        struct yw_buf b;
        yw_buf_init(&b, texts[i].size - 1);
        for (const char *p = texts[i].from; *p != '\0'; p++) {
            if (strncmp(p, "{a}", 3) == 0) {
                yw_buf_printf(&b, "%.80s", a);
                p += 2;
            } else {
                yw_buf_putc(&b, *p);
            }
        }
        if (b.data != NULL) (void)yw_copy(texts[i].to, texts[i].size, b.data, b.len);
        yw_buf_free(&b);
    }
}

static const char *cell_of(const struct reader *x, int column) {
    int i = x->cell[column];
    return i >= 0 && (uint32_t)i < x->row->n ? x->row->cells[i] : "";
}

static bool read_head(struct reader *x) {
    bool used[YW_BOOK_COLUMNS_MAX] = {false}, good = true;
    x->row = &x->sheet->rows[0];
    for (int c = 0; c < YW_FILING_COLUMNS; c++) {
        x->cell[c] = -1;
        for (uint32_t i = 0; i < x->row->n && x->cell[c] < 0; i++) {
            if (used[i] || !yw_column_named(&yw_filing_columns[c], x->row->cells[i])) continue;
            x->cell[c] = (int)i;
            used[i] = true;
        }
        if (x->cell[c] < 0 && yw_filing_columns[c].key) {
            complain(x, c, "缺少“{a}”列，请补上", "the column \"{a}\" is missing: add it",
                     yw_filing_columns[c].zh);
            good = false;
        }
    }
    for (uint32_t i = 0; i < x->row->n; i++) {
        if (used[i] || yw_head_ignored(x->row->cells[i])) continue;
        complain(x, -1, "不认识的列“{a}”，请改成模板中的列名或删去该列",
                 "unknown column \"{a}\": give it a name of the template or delete it", x->row->cells[i]);
        good = false;
    }
    return good;
}

/* A written time, or the number of days that spreadsheets keep. */
static bool read_time(struct reader *x, int column, int64_t *out) {
    const char *cell = cell_of(x, column);
    char text[40];
    double serial;
    size_t n = strlen(cell);
    if (n < sizeof text) {
        memcpy(text, cell, n + 1);
        for (char *p = text; *p != '\0'; p++) *p = *p == '/' ? '-' : *p;
        if (yw_time_parse(text, n, out) && *out > 0) return true;
    }
    if (yw_parse_f64(cell, n, &serial) && serial >= 20000 && serial < 80000) {
        double days = serial - (x->sheet->date1904 ? 24107 : 25569);
        *out = (int64_t)llround(days * 86400.0) * YW_SECOND - YW_CHINA;
        return true;
    }
    complain(x, column, "“{a}”不是时间，请写成 2026-06-30 08:00 的样子",
             "\"{a}\" is not a time: write it like 2026-06-30 08:00", cell);
    return false;
}

static bool read_number(struct reader *x, int column, double *out) {
    const char *cell = cell_of(x, column);
    *out = NAN;
    if (cell[0] == '\0' || (yw_parse_f64(cell, strlen(cell), out) && fabs(*out) <= 1e12)) return true;
    complain(x, column, "“{a}”不是数字，请填写数字或留空",
             "\"{a}\" is not a number: enter a number or leave it empty", cell);
    return false;
}

/* "31; 30.5; 29" */
static bool read_numbers(struct reader *x, int column, double out[YW_CHECK_PAIRS], size_t *n) {
    const char *p = cell_of(x, column);
    *n = 0;
    while (*p != '\0') {
        p += strspn(p, "; ");
        size_t length = strcspn(p, "; ");
        if (length == 0) break;
        if (*n == YW_CHECK_PAIRS || !yw_parse_f64(p, length, &out[*n]) || !(fabs(out[*n]) <= 1e12)) {
            complain(x, column, "“{a}”应为以分号隔开的数字，最多 16 个",
                     "\"{a}\" is not a list of at most 16 numbers, parted by semicolons", cell_of(x, column));
            return false;
        }
        (*n)++;
        p += length;
    }
    return true;
}

static bool read_passed(struct reader *x, int8_t *out) {
    static const struct {
        const char *word;
        int8_t value;
    } words[] = {{"", -1},      {"合格", 1},   {"通过", 1}, {"是", 1}, {"yes", 1},   {"true", 1}, {"1", 1},
                 {"不合格", 0}, {"未通过", 0}, {"否", 0},   {"no", 0}, {"false", 0}, {"0", 0}};
    const char *cell = cell_of(x, YW_COLUMN_PASSED);
    for (size_t i = 0; i < YW_COUNT(words); i++) {
        if (strcmp(words[i].word, cell) != 0) continue;
        *out = words[i].value;
        return true;
    }
    complain(x, YW_COLUMN_PASSED, "“{a}”不是可选的值，请填写 合格 或 不合格",
             "\"{a}\" is none of: yes no 合格 不合格", cell);
    return false;
}

static bool read_text(struct reader *x, int column, size_t most, const char **out) {
    *out = cell_of(x, column);
    bool plain = yw_utf8_valid(*out, strlen(*out));
    for (const char *p = *out; *p != '\0'; p++) {
        unsigned char c = (unsigned char)*p;
        if ((c < 0x20 && c != '\n' && c != '\t') || c == 0x7f) plain = false;
    }
    if (!plain) {
        complain(x, column, "含有控制字符，请删去", "holds control characters: delete them", "");
        return false;
    }
    if (strlen(*out) <= most) return true;
    char limit[16];
    snprintf(limit, sizeof limit, "%zu", most);
    complain(x, column, "过长，最多 {a} 个字节，请缩短", "is too long: at most {a} bytes, shorten it", limit);
    return false;
}

static int order_owner(const void *a, const void *b) {
    return strcmp(((const struct owner *)a)->credit, ((const struct owner *)b)->credit);
}

static const struct yw_outlet *find_outlet(struct reader *x) {
    struct owner key = {.credit = cell_of(x, YW_COLUMN_CREDIT)};
    const struct owner *o = bsearch(&key, x->owners, x->owner_n, sizeof key, order_owner);
    if (o == NULL) {
        complain(x, YW_COLUMN_CREDIT, "没有信用代码为“{a}”的排污单位",
                 "no enterprise has the credit code \"{a}\"", key.credit);
        return NULL;
    }
    size_t n;
    const struct yw_outlet *all = yw_register_outlets(x->r, &n);
    for (size_t i = 0; i < n; i++) {
        if (all[i].enterprise == o->id && strcmp(all[i].code, cell_of(x, YW_COLUMN_OUTLET)) == 0)
            return &all[i];
    }
    complain(x, YW_COLUMN_OUTLET, "该排污单位没有编号为“{a}”的排放口",
             "this enterprise has no outlet \"{a}\"", cell_of(x, YW_COLUMN_OUTLET));
    return NULL;
}

static bool read_row(struct reader *x, struct yw_filing_row *f) {
    size_t reference = 0, measured = 0;
    const char *factor = cell_of(x, YW_COLUMN_FACTOR);
    *f = (struct yw_filing_row){.role = x->role};
    bool good = true;
    if (!yw_filing_kind_parse(cell_of(x, YW_COLUMN_KIND), &f->kind)) {
        complain(
            x, YW_COLUMN_KIND, "“{a}”不是可选的类别（执法监测、比对监测、标样核查、手工监测、运维台账等）",
            "\"{a}\" is not a kind of filing (enforcement, comparison, standard, manual, maintenance ...)",
            cell_of(x, YW_COLUMN_KIND));
        good = false;
    }
    good = read_time(x, YW_COLUMN_FROM, &f->from) && good;
    f->to = f->from;
    if (cell_of(x, YW_COLUMN_TO)[0] != '\0') good = read_time(x, YW_COLUMN_TO, &f->to) && good;
    if (good && (f->to < f->from || f->to - f->from > 400 * YW_DAY)) {
        complain(x, YW_COLUMN_TO, "“{a}”早于开始时间，或相差超过 400 天",
                 "\"{a}\" lies before the beginning, or over 400 days after", cell_of(x, YW_COLUMN_TO));
        good = false;
    }
    if (strlen(factor) >= sizeof f->factor || !yw_chars_fit(YW_CHARS_CODE, factor, strlen(factor))) {
        complain(x, YW_COLUMN_FACTOR, "“{a}”不是因子编码", "\"{a}\" is not a factor's code", factor);
        good = false;
    } else {
        memcpy(f->factor, factor, strlen(factor) + 1);
    }
    good = read_number(x, YW_COLUMN_READING, &f->reading) && good;
    good = read_number(x, YW_COLUMN_NOMINAL, &f->nominal) && good;
    good = read_number(x, YW_COLUMN_FULL_SCALE, &f->full_scale) && good;
    good = read_passed(x, &f->passed) && good;
    good = read_numbers(x, YW_COLUMN_REFERENCE, f->reference, &reference) && good;
    good = read_numbers(x, YW_COLUMN_MEASURED, f->measured, &measured) && good;
    if (good && reference != measured) {
        complain(x, YW_COLUMN_MEASURED, "“{a}”的个数应与参比值相同",
                 "\"{a}\": as many as reference values must be there", cell_of(x, YW_COLUMN_MEASURED));
        good = false;
    }
    f->pair_n = (uint8_t)reference;
    good = read_text(x, YW_COLUMN_TEXT, YW_FILING_TEXT_MAX, &f->text) && good;
    good = read_text(x, YW_COLUMN_DOCUMENT, YW_FILING_DOCUMENT_MAX, &f->document) && good;
    good = read_text(x, YW_COLUMN_BY_NAME, YW_FILING_BY_NAME_MAX, &f->by_name) && good;
    return read_text(x, YW_COLUMN_STATE, YW_FILING_STATE_MAX, &f->state) && good;
}

struct same {
    const struct yw_filing_row *as, *found;
};

static bool look_same(void *arg, const struct yw_filing_row *f) {
    struct same *s = arg;
    if (f->kind != s->as->kind || f->from != s->as->from || f->to != s->as->to ||
        strcmp(f->factor, s->as->factor) != 0)
        return true;
    s->found = f;
    return false;
}

static bool same_number(double a, double b) {
    return a == b || (isnan(a) && isnan(b));
}

static bool says_the_same(const struct yw_filing_row *a, const struct yw_filing_row *b) {
    bool same = same_number(a->reading, b->reading) && same_number(a->nominal, b->nominal) &&
                same_number(a->full_scale, b->full_scale) && a->passed == b->passed &&
                a->pair_n == b->pair_n && strcmp(a->text, b->text) == 0 &&
                strcmp(a->document, b->document) == 0 && strcmp(a->by_name, b->by_name) == 0 &&
                strcmp(a->state, b->state) == 0;
    for (size_t i = 0; same && i < a->pair_n; i++)
        same = a->reference[i] == b->reference[i] && a->measured[i] == b->measured[i];
    return same;
}

static bool room(struct reader *x, struct yw_error *err) {
    struct yw_filing_import *out = x->out;
    if (out->n < x->cap) return true;
    size_t cap = x->cap == 0 ? 64 : x->cap * 2;
    struct yw_filing_row *rows = realloc(out->rows, cap * sizeof *rows);
    if (rows != NULL) out->rows = rows;
    uint32_t *lines = rows != NULL ? realloc(x->lines, cap * sizeof *lines) : NULL;
    if (lines == NULL) {
        yw_fail(err, YW_E_NOMEM, "out of memory while reading the sheet");
        return false;
    }
    x->lines = lines;
    x->cap = cap;
    return true;
}

static bool twice(struct reader *x, const struct yw_filing_row *f) {
    for (size_t i = 0; i < x->out->n; i++) {
        struct same s = {.as = f};
        if (x->out->rows[i].head.outlet != f->head.outlet || look_same(&s, &x->out->rows[i])) continue;
        char line[16];
        snprintf(line, sizeof line, "%u", x->lines[i]);
        complain(x, -1, "与第 {a} 行重复（同一排放口、类别、因子和时间），请删去其中一行",
                 "is the same as row {a} (outlet, kind, factor and times): delete one of them", line);
        return true;
    }
    return false;
}

static enum yw_code take_row(struct reader *x, struct yw_error *err) {
    struct yw_filing_row f;
    const struct yw_outlet *o = find_outlet(x);
    if (!read_row(x, &f) || o == NULL) return YW_OK;
    f.head.outlet = o->id;
    struct same s = {.as = &f};
    yw_register_filings(x->r, o->id, f.kind, f.from, f.to + 1, false, look_same, &s);
    if (!x->may(x->arg, o, f.kind, s.found)) {
        complain(x, YW_COLUMN_KIND, "您不能为该排放口登记或修改“{a}”",
                 "you may not file or amend \"{a}\" at this outlet", yw_filing_word(f.kind)->zh);
        return YW_OK;
    }
    if (twice(x, &f)) return YW_OK;
    x->out->read++;
    if (s.found != NULL && says_the_same(s.found, &f)) return YW_OK;
    if (x->out->n == YW_FILINGS_ACT_MAX)
        return yw_fail(err, YW_E_LIMIT, "more than %d rows: split the file", YW_FILINGS_ACT_MAX);
    if (!room(x, err)) return YW_E_NOMEM;
    f.head.id = s.found != NULL ? s.found->head.id : x->next++;
    f.head.version = s.found != NULL ? s.found->head.version + 1 : 1;
    if (s.found != NULL) f.evidence = s.found->evidence, x->out->amended++;
    x->lines[x->out->n] = x->row->number;
    x->out->rows[x->out->n++] = f;
    return YW_OK;
}

static int order_id(const void *a, const void *b) {
    const struct yw_filing_row *x = a, *y = b;
    return (x->head.id > y->head.id) - (x->head.id < y->head.id);
}

static bool learn_owners(struct reader *x) {
    const struct yw_enterprise *e = yw_register_enterprises(x->r, &x->owner_n);
    x->owners = calloc(x->owner_n + 1, sizeof *x->owners);
    if (x->owners == NULL) return false;
    for (size_t i = 0; i < x->owner_n; i++) x->owners[i] = (struct owner){e[i].credit_code, e[i].id};
    qsort(x->owners, x->owner_n, sizeof *x->owners, order_owner);
    return true;
}

enum yw_code yw_filing_import(const struct yw_register *r, const struct yw_book *b, uint8_t role,
                              bool (*may)(void *arg, const struct yw_outlet *o, uint8_t kind,
                                          const struct yw_filing_row *old),
                              void *arg, struct yw_filing_import *out, struct yw_error *err) {
    memset(out, 0, sizeof *out);
    struct reader x = {.r = r, .book = b, .out = out, .may = may, .arg = arg, .role = role};
    out->errors = calloc(YW_IMPORT_ERRORS_MAX, sizeof *out->errors);
    enum yw_code code = YW_OK;
    if (out->errors == NULL || !learn_owners(&x)) code = yw_fail(err, YW_E_NOMEM, "out of memory");
    x.next = yw_register_next_filing(r);
    for (size_t i = 0; i < b->n && code == YW_OK; i++) {
        x.sheet = &b->sheets[i];
        if (x.sheet->n == 0 || !read_head(&x)) continue;
        for (size_t k = 1; k < x.sheet->n && code == YW_OK; k++) {
            x.row = &x.sheet->rows[k];
            code = take_row(&x, err);
        }
    }
    if (code == YW_OK && b->n == 0) code = yw_fail(err, YW_E_FORMAT, "there is no sheet in it");
    if (out->n > 0) qsort(out->rows, out->n, sizeof *out->rows, order_id);
    free(x.owners);
    free(x.lines);
    if (code == YW_OK && out->error_total > 0)
        code = yw_fail(err, YW_E_FORMAT, "%zu errors; nothing was imported", out->error_total);
    return code;
}

void yw_filing_import_free(struct yw_filing_import *i) {
    free(i->errors);
    free(i->rows);
    memset(i, 0, sizeof *i);
}
