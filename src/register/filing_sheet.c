/* The table of columns of filings, and filings written by it. */
#include "register/filing_book.h"
#include "register/filing_table.h"

#include <math.h>
#include <string.h>

const struct yw_column yw_filing_columns[YW_FILING_COLUMNS] = {
    [YW_COLUMN_CREDIT] = {"credit_code", "统一社会信用代码", "credit_code",
                          "信用代码|社会信用代码|统一信用代码", true},
    [YW_COLUMN_OUTLET] = {"outlet", "排放口编号", "outlet_code", "排口编号|排放口编码|排口编码|outlet", true},
    [YW_COLUMN_KIND] = {"kind", "类别", "kind", "类型|记录类别|工作类别", true},
    [YW_COLUMN_FROM] = {"from", "开始时间", "from", "时间|采样时间|监测时间|日期", true},
    [YW_COLUMN_TO] = {"to", "结束时间", "to", "完成时间", false},
    [YW_COLUMN_FACTOR] = {"factor", "因子编码", "factor", "因子|监测因子|污染物编码", false},
    [YW_COLUMN_READING] = {"reading", "仪器读数", "reading", "读数|监测结果|结果值", false},
    [YW_COLUMN_NOMINAL] = {"nominal", "标准值", "nominal", "标称值|标样浓度|实验室值", false},
    [YW_COLUMN_FULL_SCALE] = {"full_scale", "满量程", "full_scale", "量程", false},
    [YW_COLUMN_PASSED] = {"passed", "结论", "passed", "是否合格|结果|合格", false},
    [YW_COLUMN_REFERENCE] = {"reference", "参比值", "reference", "参比方法值", false},
    [YW_COLUMN_MEASURED] = {"measured", "仪器值", "measured", "自动监测值", false},
    [YW_COLUMN_TEXT] = {"text", "内容", "text", "工作内容|说明|情况说明", false},
    [YW_COLUMN_DOCUMENT] = {"document", "文件编号", "document", "报告编号|工单号", false},
    [YW_COLUMN_BY_NAME] = {"by_name", "实施人", "by_name", "操作人|运维人员|监测单位", false},
    [YW_COLUMN_STATE] = {"state", "状态", "state", "办理状态", false},
};

struct yw_sheet *yw_filing_sheet(struct yw_book *b, struct yw_error *err) {
    const char *cells[YW_FILING_COLUMNS];
    size_t lengths[YW_FILING_COLUMNS];
    struct yw_sheet *s = yw_book_sheet(b, "监测与台账", err);
    for (int c = 0; c < YW_FILING_COLUMNS; c++) {
        cells[c] = yw_filing_columns[c].zh;
        lengths[c] = strlen(cells[c]);
    }
    return s != NULL && yw_book_row(b, s, 1, cells, lengths, YW_FILING_COLUMNS, err) == YW_OK ? s : NULL;
}

static void print_time(char *out, size_t size, int64_t at) {
    struct yw_civil c;
    yw_time_to_civil(at, YW_CHINA, &c);
    snprintf(out, size, "%04d-%02d-%02d %02d:%02d:%02d", c.year, c.month, c.day, c.hour, c.minute, c.second);
}

/* The shortest decimal that reads back as the same number. */
static void print_number(char *out, size_t size, double v) {
    out[0] = '\0';
    for (int digits = 6; digits <= 17 && !isnan(v); digits++) {
        double back;
        snprintf(out, size, "%.*g", digits, v);
        if (yw_parse_f64(out, strlen(out), &back) && back == v) return;
    }
}

static void print_numbers(struct yw_buf *b, const double *v, size_t n) {
    for (size_t i = 0; i < n; i++) {
        char text[40];
        print_number(text, sizeof text, v[i]);
        yw_buf_printf(b, "%s%s", i > 0 ? "; " : "", text);
    }
    yw_buf_putc(b, '\0');
}

enum yw_code yw_filing_sheet_row(const struct yw_register *r, struct yw_book *b, struct yw_sheet *s,
                                 const struct yw_filing_row *f, struct yw_error *err) {
    const struct yw_outlet *o = yw_register_outlet(r, f->head.outlet);
    const struct yw_enterprise *e = o != NULL ? yw_register_enterprise(r, o->enterprise) : NULL;
    if (e == NULL) return YW_OK;
    char from[40], to[40] = "", reading[40], nominal[40], full_scale[40];
    struct yw_buf reference, measured;
    yw_buf_init(&reference, 1024);
    yw_buf_init(&measured, 1024);
    print_time(from, sizeof from, f->from);
    if (f->to != f->from) print_time(to, sizeof to, f->to);
    print_number(reading, sizeof reading, f->reading);
    print_number(nominal, sizeof nominal, f->nominal);
    print_number(full_scale, sizeof full_scale, f->full_scale);
    print_numbers(&reference, f->reference, f->pair_n);
    print_numbers(&measured, f->measured, f->pair_n);
    const char *cells[YW_FILING_COLUMNS] = {[YW_COLUMN_CREDIT] = e->credit_code,
                                            [YW_COLUMN_OUTLET] = o->code,
                                            [YW_COLUMN_KIND] = yw_filing_word(f->kind)->zh,
                                            [YW_COLUMN_FROM] = from,
                                            [YW_COLUMN_TO] = to,
                                            [YW_COLUMN_FACTOR] = f->factor,
                                            [YW_COLUMN_READING] = reading,
                                            [YW_COLUMN_NOMINAL] = nominal,
                                            [YW_COLUMN_FULL_SCALE] = full_scale,
                                            [YW_COLUMN_PASSED] = f->passed < 0    ? ""
                                                                 : f->passed == 1 ? "合格"
                                                                                  : "不合格",
                                            [YW_COLUMN_REFERENCE] = reference.data,
                                            [YW_COLUMN_MEASURED] = measured.data,
                                            [YW_COLUMN_TEXT] = f->text,
                                            [YW_COLUMN_DOCUMENT] = f->document,
                                            [YW_COLUMN_BY_NAME] = f->by_name,
                                            [YW_COLUMN_STATE] = f->state};
    size_t lengths[YW_FILING_COLUMNS];
    for (int c = 0; c < YW_FILING_COLUMNS; c++) lengths[c] = strlen(cells[c]);
    enum yw_code code = reference.failed || measured.failed
                            ? yw_fail(err, YW_E_NOMEM, "out of memory")
                            : yw_book_row(b, s, (uint32_t)s->n + 1, cells, lengths, YW_FILING_COLUMNS, err);
    yw_buf_free(&reference);
    yw_buf_free(&measured);
    return code;
}
