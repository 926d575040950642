/* Import and export of ledgers through the web: the same code as `yanwu import` and `yanwu export`. */
#include "web/transfer.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { EXPORT_MAX = 64 << 20 };

void yw_put_import_errors(struct yw_request *q, const struct yw_import_error *errors, size_t n,
                          size_t total) {
    struct yw_buf *b = &q->out;
    yw_buf_clear(b);
    yj_open(b, '{');
    yj_key(b, "error");
    yj_open(b, '{');
    yj_put_text(b, "code", "ledger");
    yj_put_text(b, "text_zh", "台账有错误，未导入任何内容，请按行修改后重试");
    yj_put_text(b, "text_en", "the ledger has errors; nothing was imported: correct the rows and try again");
    yj_close(b, '}');
    yj_put_i64(b, "total", (int64_t)total);
    yj_key(b, "rows");
    yj_open(b, '[');
    for (size_t i = 0; i < n; i++) {
        const struct yw_import_error *e = &errors[i];
        yj_open(b, '{');
        yj_put_text(b, "sheet", e->sheet);
        yj_put_i64(b, "row", e->row);
        yj_put_text(b, "column", e->column);
        yj_put_text(b, "text_zh", e->text_zh);
        yj_put_text(b, "text_en", e->text_en);
        yj_close(b, '}');
    }
    yj_close(b, ']');
    yj_close(b, '}');
}

static unsigned import_book(struct yw_request *q, const struct yw_book *book, bool dry_run) {
    struct yw_import plan;
    struct yw_error err = {0};
    struct yw_buf act;
    yw_buf_init(&act, YW_ACT_MAX);
    /* Alone from the look at the register to the act, or two imports could give the same ids away. */
    q->reg = yw_acts_lock_alone(q->web->acts);
    enum yw_code code = yw_import_plan(q->reg, book, q->web->secret, &plan, &err);
    unsigned status = 200;
    bool apply = code == YW_OK && !dry_run && plan.changed > 0;
    if (apply) {
        struct yw_act a = {.by = q->session.user.name, .at = q->now, .reason = yw_query(q, "reason")};
        if (!yw_act_register_put(&act, &a, &plan.put)) {
            code = yw_fail(&err, YW_E_LIMIT, "the ledger is too large for one act: split it");
        } else {
            code = yw_acts_commit(q->web->acts, act.data, act.len, &err);
        }
    }
    if (plan.error_total > 0) {
        yw_put_import_errors(q, plan.errors, plan.error_n, plan.error_total);
        status = 422;
    } else if (code != YW_OK) {
        status = yw_problem_from(q, code, &err);
    } else {
        struct yw_buf *b = &q->out;
        yj_open(b, '{');
        yj_put_bool(b, "applied", apply);
        yj_put_i64(b, "areas", (int64_t)plan.areas);
        yj_put_i64(b, "units", (int64_t)plan.units);
        yj_put_i64(b, "enterprises", (int64_t)plan.enterprises);
        yj_put_i64(b, "outlets", (int64_t)plan.outlets);
        yj_put_i64(b, "factors", (int64_t)plan.factors);
        yj_put_i64(b, "devices", (int64_t)plan.devices);
        yj_put_i64(b, "changed", (int64_t)plan.changed);
        yj_put_i64(b, "register_version", yw_register_version(q->reg));
        yj_close(b, '}');
    }
    yw_acts_unlock(q->web->acts);
    yw_import_free(&plan);
    yw_buf_free(&act);
    return status;
}

unsigned yw_take_book(struct yw_request *q, yw_book_taker *take) {
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
        status = take(q, book, dry[0] != '\0' && strcmp(dry, "0") != 0);
    }
    yw_book_destroy(book);
    return status;
}

YW_HANDLER(yw_post_import) {
    return yw_take_book(q, import_book);
}

/* ---- export ---- */

static bool keep(void *arg, const struct yw_outlet *o, const struct yw_enterprise *e) {
    struct yw_request *q = arg;
    return o != NULL ? yw_sees_outlet(q->reg, &q->session.user, o)
                     : yw_sees_enterprise(q->reg, &q->session.user, e);
}

/* libxlsxwriter writes files only: one that nobody else can open, gone before anybody could look. */
static enum yw_code book_xlsx(const struct yw_book *book, struct yw_buf *out, struct yw_error *err) {
    char path[] = "/tmp/yanwu-export-XXXXXX";
    int fd = mkstemp(path);
    if (fd < 0) return yw_fail_errno(err, errno, "a temporary file");
    close(fd);
    enum yw_code code = yw_book_write_xlsx(book, path, err);
    struct yw_buf file;
    yw_buf_init(&file, EXPORT_MAX);
    if (code == YW_OK) code = yw_file_read(path, EXPORT_MAX, &file, err);
    unlink(path);
    if (code == YW_OK && !yw_buf_add(out, file.data, file.len))
        code = yw_fail(err, YW_E_LIMIT, "the ledger is too large");
    yw_buf_free(&file);
    return code;
}

unsigned yw_send_book(struct yw_request *q, const char *zip, const char *xlsx, yw_book_filler *fill,
                      void *arg) {
    const char *format = yw_query(q, "format");
    bool csv = strcmp(format, "csv") == 0;
    if (!csv && format[0] != '\0' && strcmp(format, "xlsx") != 0) {
        return yw_problem(q, 400, "query", "format 只能是 xlsx 或 csv", "format must be xlsx or csv");
    }
    struct yw_error err = {0};
    struct yw_book *book = yw_book_create();
    if (book == NULL) return yw_problem(q, 500, "internal", "内存不足", "out of memory");
    enum yw_code code = fill(q, arg, book, &err);
    if (code == YW_OK)
        code = csv ? yw_book_write_csv_zip(book, &q->out, &err) : book_xlsx(book, &q->out, &err);
    yw_book_destroy(book);
    if (code != YW_OK) return yw_problem_from(q, code, &err);
    q->content_type =
        csv ? "application/zip" : "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
    q->download = csv ? zip : xlsx;
    return 200;
}

static enum yw_code fill_ledger(struct yw_request *q, void *arg, struct yw_book *book, struct yw_error *err) {
    YW_UNUSED(arg);
    struct yw_export how = {.keep = keep, .arg = q};
    return yw_export_book(q->reg, &how, book, err);
}

YW_HANDLER(yw_get_export) {
    return yw_send_book(q, "yanwu-ledger.zip", "yanwu-ledger.xlsx", fill_ledger, NULL);
}
