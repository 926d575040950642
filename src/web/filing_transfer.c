/* Filings as files: import of .xlsx, CSV and zip in one act or not at all, and export of what one sees. */
#include "register/filing_book.h"
#include "web/marks.h"
#include "web/transfer.h"

#include <string.h>

enum { EXPORT_MOST = 100000 };

static bool may(void *arg, const struct yw_outlet *o, uint8_t kind, const struct yw_filing_row *old) {
    const struct yw_request *q = arg;
    return yw_sees_outlet(q->reg, &q->session.user, o) && yw_may_file(q, kind, old);
}

static unsigned import_book(struct yw_request *q, const struct yw_book *book, bool dry_run) {
    struct yw_filing_import plan;
    struct yw_error err = {0};
    struct yw_buf act;
    yw_buf_init(&act, YW_ACT_MAX);
    uint8_t role = q->session.user.role == YW_ROLE_ENTERPRISE   ? 1
                   : q->session.user.role == YW_ROLE_MAINTAINER ? 2
                   : q->session.user.role == YW_ROLE_OFFICER    ? 3
                                                                : 4;
    q->reg = yw_acts_lock_alone(q->web->acts);
    enum yw_code code = yw_filing_import(q->reg, book, role, may, q, &plan, &err);
    bool apply = code == YW_OK && !dry_run && plan.n > 0;
    if (apply) {
        const char *reason = yw_query(q, "reason");
        struct yw_act a = {.by = q->session.user.name,
                           .at = q->now,
                           .reason = strlen(reason) <= YW_REASON_BYTES ? reason : ""};
        code = yw_act_filings_put(&act, &a, plan.rows, plan.n)
                   ? yw_acts_commit(q->web->acts, act.data, act.len, &err)
                   : yw_fail(&err, YW_E_LIMIT, "the file is too large for one act: split it");
    }
    unsigned status = 200;
    if (plan.error_total > 0) {
        yw_put_import_errors(q, plan.errors, plan.error_n, plan.error_total);
        status = 422;
    } else if (code != YW_OK) {
        status = yw_problem_from(q, code, &err);
    } else {
        struct yw_buf *b = &q->out;
        yj_open(b, '{');
        yj_put_bool(b, "applied", apply);
        yj_put_i64(b, "rows", (int64_t)plan.read);
        yj_put_i64(b, "new", (int64_t)(plan.n - plan.amended));
        yj_put_i64(b, "amended", (int64_t)plan.amended);
        yj_put_i64(b, "unchanged", (int64_t)(plan.read - plan.n));
        yj_close(b, '}');
    }
    yw_acts_unlock(q->web->acts);
    yw_filing_import_free(&plan);
    yw_buf_free(&act);
    return status;
}

YW_HANDLER(yw_post_filings_import) {
    struct yw_error err = {0};
    struct yw_book *book = yw_book_create();
    if (book == NULL) return yw_problem(q, 500, "internal", "内存不足", "out of memory");
    enum yw_code code =
        yw_book_read(book, q->body.data != NULL ? q->body.data : "", q->body.len, yw_query(q, "name"), &err);
    unsigned status;
    if (code == YW_E_FORMAT || code == YW_E_CORRUPT) {
        status =
            yw_problem(q, 422, "file", "无法读取该文件：请使用 .xlsx、.csv 或装有 .csv 的 .zip", err.text);
    } else if (code != YW_OK) {
        status = yw_problem_from(q, code, &err);
    } else {
        const char *dry = yw_query(q, "dry_run");
        status = import_book(q, book, dry[0] != '\0' && strcmp(dry, "0") != 0);
    }
    yw_book_destroy(book);
    return status;
}

struct exporting {
    struct yw_request *q;
    struct yw_book *book;
    struct yw_sheet *sheet;
    enum yw_code code;
    struct yw_error err;
    size_t n;
};

static bool put_row(void *arg, const struct yw_filing_row *f) {
    struct exporting *x = arg;
    struct yw_filing_row row = *f;
    if (yw_is_unit(x->q) && f->role > 2) row.text = row.by_name = ""; /* the authority's own words */
    x->code = x->n++ < EXPORT_MOST
                  ? yw_filing_sheet_row(x->q->reg, x->book, x->sheet, &row, &x->err)
                  : yw_fail(&x->err, YW_E_LIMIT, "more than %d rows: ask for a shorter time", EXPORT_MOST);
    return x->code == YW_OK;
}

YW_HANDLER(yw_get_filings_export) {
    int64_t from, to, outlet;
    const char *format = yw_query(q, "format");
    bool csv = strcmp(format, "csv") == 0;
    if (!yw_query_span(q, &from, &to)) return 400;
    if ((!csv && format[0] != '\0' && strcmp(format, "xlsx") != 0) ||
        !yw_query_i64(q, "outlet", 0, UINT32_MAX, 0, &outlet))
        return yw_problem(q, 400, "query", "format 只能是 xlsx 或 csv，outlet 为排放口编号",
                          "format must be xlsx or csv, outlet an id");
    struct exporting x = {.q = q, .book = yw_book_create()};
    if (x.book == NULL) return yw_problem(q, 500, "internal", "内存不足", "out of memory");
    x.sheet = yw_filing_sheet(x.book, &x.err);
    if (x.sheet == NULL) x.code = YW_E_NOMEM;
    size_t n;
    const struct yw_outlet *o = yw_register_outlets(q->reg, &n);
    for (size_t i = 0; i < n && x.code == YW_OK; i++) {
        if ((outlet != 0 && o[i].id != outlet) || !yw_sees_outlet(q->reg, &q->session.user, &o[i])) continue;
        yw_register_filings(q->reg, o[i].id, 0, from, to, false, put_row, &x);
    }
    if (x.code == YW_OK)
        x.code = csv ? yw_book_write_csv_zip(x.book, &q->out, &x.err) : yw_book_xlsx(x.book, &q->out, &x.err);
    yw_book_destroy(x.book);
    if (x.code != YW_OK) return yw_problem_from(q, x.code, &x.err);
    q->content_type =
        csv ? "application/zip" : "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
    q->download = csv ? "yanwu-filings.zip" : "yanwu-filings.xlsx";
    return 200;
}
