/* Cells of a ledger to members of the register's structs, each with a sentence about what is wrong with it.
 */
#include "register/import_int.h"

#include <math.h>
#include <string.h>

static bool scientific(const char *text) {
    const char *e = strpbrk(text, "Ee");
    return e != NULL && e[1] == '+' && text[strspn(text, "0123456789.")] == *e &&
           strspn(e + 2, "0123456789") == strlen(e + 2);
}

static void read_text(struct yw_plan *p, const struct yw_column *c, const struct yw_field *f,
                      const char *cell, char *to) {
    char most[16];
    /* A password's place is made for its sealed text. */
    size_t size = strcmp(c->member, "pw") == 0 ? YW_PASSWORD_BYTES : f->size;
    snprintf(most, sizeof most, "%zu", size - 1);
    if (strlen(cell) >= size) {
        yw_plan_complain(p, c->zh, "“{a}”过长，最多 {b} 个字节，请缩短",
                         "\"{a}\" is too long: at most {b} bytes, shorten it", cell, most);
    } else if (f->chars != YW_CHARS_ANY && scientific(cell)) {
        yw_plan_complain(
            p, c->zh, "“{a}”被表格软件转成了科学计数，请把该列设为文本后重新填写",
            "\"{a}\" was turned into a number by the spreadsheet: format the column as text and enter "
            "it again",
            cell, "");
    } else if (!yw_chars_fit(f->chars, cell, strlen(cell)) ||
               (size != f->size && yw_password_is_sealed(cell))) {
        yw_plan_complain(p, c->zh, "“{a}”含有不允许的字符，只能用字母、数字和 - _ .",
                         "\"{a}\" holds characters that are not allowed here: use letters, digits, - _ .",
                         cell, "");
    } else {
        memset(to, 0, f->size);
        memcpy(to, cell, strlen(cell));
    }
}

/* 2026-06-30, 2026/6/30, 2026.6.30, 2026年6月30日 */
static bool written_date(const char *cell, int32_t *day) {
    uint32_t part[3] = {0};
    size_t at = 0, digits = 0;
    for (const char *c = cell; *c != '\0' && at < YW_COUNT(part); c++) {
        if (*c >= '0' && *c <= '9') {
            if (++digits > 4) break;
            part[at] = part[at] * 10 + (uint32_t)(*c - '0');
        } else if (digits > 0) {
            at++;
            digits = 0;
        }
    }
    int64_t t;
    char plain[40];
    snprintf(plain, sizeof plain, "%04u-%02u-%02u", part[0], part[1], part[2]);
    if (!yw_time_parse(plain, strlen(plain), &t)) return false;
    *day = yw_china_day(t);
    return true;
}

static void read_date(struct yw_plan *p, const struct yw_column *c, const char *cell, char *to) {
    int32_t day = 0;
    double serial;
    if (cell[0] != '\0' && !written_date(cell, &day)) {
        if (!yw_parse_f64(cell, strlen(cell), &serial) || serial < 20000 || serial >= 80000) {
            yw_plan_complain(p, c->zh, "“{a}”不是日期，请写成 2026-06-30 的样子",
                             "\"{a}\" is not a date: write it like 2026-06-30", cell, "");
            return;
        }
        /* Spreadsheets keep a date as days since 1899-12-30, some since 1904-01-01. */
        day = (int32_t)serial - (p->sheet->date1904 ? 24107 : 25569);
    }
    memcpy(to, &day, sizeof day);
}

static void read_number(struct yw_plan *p, const struct yw_column *c, const struct yw_field *f,
                        const char *cell, char *to) {
    double v = f->kind == YW_FIELD_F64 ? NAN : 0;
    size_t n = strlen(cell);
    if (n > 0 && !yw_parse_f64(cell, n, &v)) {
        yw_plan_complain(p, c->zh, "“{a}”不是数字，请填写数字或留空",
                         "\"{a}\" is not a number: enter a number or leave it empty", cell, "");
        return;
    }
    char range[80];
    snprintf(range, sizeof range, "%g ~ %g", f->least, f->most);
    bool whole = f->kind == YW_FIELD_F64 || v == floor(v);
    if (n > 0 && (v < f->least || v > f->most || !whole)) {
        yw_plan_complain(p, c->zh, "“{a}”超出允许范围 {b}", "\"{a}\" is outside the range {b}", cell, range);
        return;
    }
    if (f->kind == YW_FIELD_F64) {
        memcpy(to, &v, sizeof v);
    } else if (f->kind == YW_FIELD_U16) {
        uint16_t u = (uint16_t)v;
        memcpy(to, &u, sizeof u);
    }
}

static void read_word(struct yw_plan *p, const struct yw_column *c, const struct yw_field *f,
                      const char *cell, char *to) {
    uint8_t value = 0;
    if (cell[0] == '\0' && f->kind == YW_FIELD_DEVICE_STATE)
        return; /* a new device is admitted, an old one stays */
    if (cell[0] != '\0' && !yw_word_value(f->kind, cell, &value)) {
        const char *words = f->kind == YW_FIELD_BOOL ? "是 否 yes no"
                            : f->kind == YW_FIELD_OUTLET_KIND
                                ? "废气 废水 其他 air water other"
                                : "待审核 已入网 已拒绝 已停用 waiting admitted refused retired";
        yw_plan_complain(p, c->zh, "“{a}”不是可选的值，请填写其中之一：{b}",
                         "\"{a}\" is not one of the choices: {b}", cell, words);
        return;
    }
    *(uint8_t *)to = value;
}

void yw_plan_cell(struct yw_plan *p, const struct yw_column *c, const char *cell, char *row) {
    const struct yw_field *f = yw_shape_field(p->kind->shape, c->member);
    if (cell[0] == '\0' && (c->key || (f->required && f->kind != YW_FIELD_DEVICE_STATE))) {
        yw_plan_complain(p, c->zh, "不能为空，请填写{a}", "is empty: fill in {b}", c->zh, c->en);
        return;
    }
    char *to = row + f->offset;
    switch (f->kind) {
    case YW_FIELD_TEXT:
        if (cell[0] == '\0' && strcmp(c->member, "pw") == 0) return;
        read_text(p, c, f, cell, to);
        break;
    case YW_FIELD_DATE:
        read_date(p, c, cell, to);
        break;
    case YW_FIELD_U32:
    case YW_FIELD_U16:
    case YW_FIELD_U8:
    case YW_FIELD_F64:
        read_number(p, c, f, cell, to);
        break;
    case YW_FIELD_BOOL:
    case YW_FIELD_OUTLET_KIND:
    case YW_FIELD_DEVICE_STATE:
        read_word(p, c, f, cell, to);
        break;
    }
}
