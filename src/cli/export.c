/* yanwu export: the register as a ledger. Reads only, so it may run beside the platform. */
#include "register/ledger.h"
#include "web/acts.h"

#include <string.h>

int main(int argc, char **argv) {
    const char *data = NULL, *out = NULL;
    bool with_passwords = false;
    struct yw_opt opts[] = {
        {"data", YW_OPT_TEXT, &data, "DIR", "data folder"},
        {"out", YW_OPT_TEXT, &out, "FILE", "FILE.xlsx, or a folder that gets one .csv file a sheet"},
        {"with-passwords", YW_OPT_FLAG, &with_passwords, NULL,
         "also the devices' PW; keep such a file to yourself"},
    };
    struct yw_command command = {.name = "yanwu export",
                                 .usage = "--data DIR --out FILE.xlsx|FOLDER [OPTION...]",
                                 .summary = "Writes the register as a ledger that yanwu import reads.",
                                 .opts = opts,
                                 .opt_count = YW_COUNT(opts)};
    int count;
    if (yw_options(&command, argc, argv, &count) != YW_OK) return 2;
    if (data == NULL || out == NULL) {
        fprintf(stderr, "yanwu export: --data and --out are needed\n");
        return 2;
    }
    struct yw_error err = {0};
    struct yw_register *r = NULL;
    struct yw_book *book = yw_book_create();
    uint8_t secret[32];
    bool has_secret = with_passwords && yw_secret_find(data, secret, NULL) == YW_OK;
    struct yw_export how = {.with_passwords = with_passwords, .key = has_secret ? secret : NULL};
    enum yw_code code =
        book == NULL ? yw_fail(&err, YW_E_NOMEM, "out of memory") : yw_acts_read(data, &r, &err);
    if (code == YW_OK) code = yw_export_book(r, &how, book, &err);
    size_t n = strlen(out);
    bool xlsx = n > 5 && strcmp(out + n - 5, ".xlsx") == 0;
    if (code == YW_OK) code = xlsx ? yw_book_write_xlsx(book, out, &err) : yw_book_write_csv(book, out, &err);
    if (code != YW_OK) fprintf(stderr, "yanwu export: %s\n", err.text);
    yw_register_destroy(r);
    yw_book_destroy(book);
    return code == YW_OK ? 0 : 1;
}
