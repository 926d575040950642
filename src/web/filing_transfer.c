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
    return yw_take_book(q, import_book);
}

struct exporting {
    struct yw_request *q;
    struct yw_book *book;
    struct yw_sheet *sheet;
    struct yw_error *err;
    enum yw_code code;
    int64_t from, to, outlet; /* outlet 0: all one sees */
    size_t n;
};

static bool put_row(void *arg, const struct yw_filing_row *f) {
    struct exporting *x = arg;
    struct yw_filing_row row = *f;
    if (yw_is_unit(x->q) && f->role > 2) row.text = row.by_name = ""; /* the authority's own words */
    x->code = x->n++ < EXPORT_MOST
                  ? yw_filing_sheet_row(x->q->reg, x->book, x->sheet, &row, x->err)
                  : yw_fail(x->err, YW_E_LIMIT, "more than %d rows: ask for a shorter time", EXPORT_MOST);
    return x->code == YW_OK;
}

static enum yw_code fill(struct yw_request *q, void *arg, struct yw_book *book, struct yw_error *err) {
    struct exporting *x = arg;
    x->book = book;
    x->err = err;
    x->sheet = yw_filing_sheet(book, err);
    if (x->sheet == NULL) return YW_E_NOMEM;
    size_t n;
    const struct yw_outlet *o = yw_register_outlets(q->reg, &n);
    for (size_t i = 0; i < n && x->code == YW_OK; i++) {
        if ((x->outlet != 0 && o[i].id != x->outlet) || !yw_sees_outlet(q->reg, &q->session.user, &o[i]))
            continue;
        yw_register_filings(q->reg, o[i].id, 0, x->from, x->to, false, put_row, x);
    }
    return x->code;
}

YW_HANDLER(yw_get_filings_export) {
    struct exporting x = {.q = q};
    if (!yw_query_span(q, &x.from, &x.to)) return 400;
    if (!yw_query_i64(q, "outlet", 0, UINT32_MAX, 0, &x.outlet))
        return yw_problem(q, 400, "query", "outlet 为排放口编号", "outlet must be an id");
    return yw_send_book(q, "yanwu-filings.zip", "yanwu-filings.xlsx", fill, &x);
}
