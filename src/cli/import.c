/* yanwu import: ledgers into the register, as one act, while the platform does not run. */
#include "journal/journal.h"
#include "register/ledger.h"
#include "web/acts.h"
#include "web/json.h"

#include <string.h>
#include <unistd.h>

static void print_errors(const struct yw_import *plan, bool json) {
    for (size_t i = 0; i < plan->error_n; i++) {
        const struct yw_import_error *e = &plan->errors[i];
        if (!json) {
            fprintf(stderr, "%s, row %u%s%s: %s / %s\n", e->sheet, e->row, e->column[0] != '\0' ? ", " : "",
                    e->column, e->text_en, e->text_zh);
            continue;
        }
        struct yw_buf b;
        yw_buf_init(&b, 8192);
        yj_open(&b, '{');
        yj_put_text(&b, "sheet", e->sheet);
        yj_put_i64(&b, "row", e->row);
        yj_put_text(&b, "column", e->column);
        yj_put_text(&b, "text_zh", e->text_zh);
        yj_put_text(&b, "text_en", e->text_en);
        yj_close(&b, '}');
        printf("%s\n", b.data != NULL ? b.data : "");
        yw_buf_free(&b);
    }
    if (plan->error_total > plan->error_n)
        fprintf(stderr, "... and %zu more\n", plan->error_total - plan->error_n);
}

static void print_result(const struct yw_import *plan, bool applied, bool json) {
    if (json) {
        printf(
            "{\"applied\":%s,\"areas\":%zu,\"units\":%zu,\"enterprises\":%zu,\"outlets\":%zu,\"factors\":%zu,"
            "\"devices\":%zu,\"changed\":%zu}\n",
            applied ? "true" : "false", plan->areas, plan->units, plan->enterprises, plan->outlets,
            plan->factors, plan->devices, plan->changed);
        return;
    }
    printf("areas %zu, units %zu, enterprises %zu, outlets %zu, factors %zu, devices %zu; %zu rows new or "
           "changed%s\n",
           plan->areas, plan->units, plan->enterprises, plan->outlets, plan->factors, plan->devices,
           plan->changed,
           applied             ? ", imported"
           : plan->changed > 0 ? ", not imported (dry run)"
                               : ", nothing to import");
}

static enum yw_code apply(struct yw_acts *acts, const struct yw_import *plan, const char *reason,
                          struct yw_error *err) {
    struct yw_buf act;
    yw_buf_init(&act, YW_ACT_MAX);
    char by[40] = "command line";
    struct yw_act a = {.by = by, .at = yw_now(), .reason = reason};
    enum yw_code code = yw_act_register_put(&act, &a, &plan->put)
                            ? yw_acts_commit(acts, act.data, act.len, err)
                            : yw_fail(err, YW_E_LIMIT, "the ledger is too large for one act: split it");
    yw_buf_free(&act);
    return code;
}

int main(int argc, char **argv) {
    const char *data = NULL, *reason = NULL;
    bool dry_run = false, json = false;
    struct yw_opt opts[] = {
        {"data", YW_OPT_TEXT, &data, "DIR", "data folder"},
        {"dry-run", YW_OPT_FLAG, &dry_run, NULL, "only say what would be imported, or what is wrong"},
        {"reason", YW_OPT_TEXT, &reason, "TEXT", "kept with the act"},
        {"json", YW_OPT_FLAG, &json, NULL, "result and errors as JSON lines"},
    };
    struct yw_command command = {
        .name = "yanwu import",
        .usage = "--data DIR [OPTION...] FILE...",
        .summary = "Imports ledgers (.xlsx, .csv, a zip or a folder of .csv) into the register.",
        .more = "All files together are one act: either everything is imported or nothing.\n"
                "While the platform runs, import on the page 一企一档 (Enterprises) instead.",
        .opts = opts,
        .opt_count = YW_COUNT(opts),
        .least = 1,
        .most = 64};
    int count;
    if (yw_options(&command, argc, argv, &count) != YW_OK) return 2;
    if (data == NULL) {
        fprintf(stderr, "yanwu import: --data is missing\n");
        return 2;
    }
    struct yw_error err = {0};
    struct yw_acts *acts = NULL;
    struct yw_register *copy = NULL;
    struct yw_import plan = {0};
    uint8_t secret[32];
    bool has_secret = false;
    struct yw_book *book = yw_book_create();
    enum yw_code code = book == NULL ? yw_fail(&err, YW_E_NOMEM, "out of memory") : YW_OK;
    for (int i = 1; i <= count && code == YW_OK; i++) {
        code = yw_book_read_path(book, argv[i], &err);
        if (code != YW_OK) fprintf(stderr, "%s: ", argv[i]);
    }
    /* A dry run only reads, so it may stand beside the running platform. */
    if (code == YW_OK && dry_run) code = yw_acts_read(data, &copy, &err);
    if (code == YW_OK && !dry_run) code = yw_acts_open(data, YW_DOMAIN_REAL, &acts, &err);
    if (code == YW_E_BUSY) {
        code =
            yw_fail(&err, YW_E_BUSY,
                    "the platform is running: import on its page 一企一档 (Enterprises), or stop it first");
    }
    /* A dry run makes no key either; without one, no password in the register is known to be the same. */
    if (code == YW_OK && dry_run) has_secret = yw_secret_find(data, secret, NULL) == YW_OK;
    if (code == YW_OK && !dry_run) has_secret = (code = yw_secret_load(data, secret, &err)) == YW_OK;
    if (code == YW_OK) {
        code = yw_import_plan(dry_run ? copy : yw_acts_lock_alone(acts), book, has_secret ? secret : NULL,
                              &plan, &err);
        print_errors(&plan, json);
        if (code == YW_OK && !dry_run && plan.changed > 0) code = apply(acts, &plan, reason, &err);
        if (!dry_run) yw_acts_unlock(acts);
        if (code == YW_OK) print_result(&plan, !dry_run && plan.changed > 0, json);
    }
    if (code != YW_OK) fprintf(stderr, "yanwu import: %s\n", err.text);
    yw_import_free(&plan);
    yw_acts_close(acts);
    yw_register_destroy(copy);
    yw_book_destroy(book);
    return code == YW_OK ? 0 : 1;
}
