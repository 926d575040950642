/* The rules as they are now: files and corrections. */
#include "judged/judging.h"

#include "register/corrections.h"

enum yw_code yw_judging_rules(const struct yw_register *r, struct yw_rules **out, char digest[17],
                              struct yw_error *err) {
    struct yw_error passed_over = {0};
    size_t skipped = 0;
    enum yw_code code = yw_rules_load(out, err);
    if (code != YW_OK) return code;
    yw_rules_digest(*out, digest);
    yw_register_correct(r, *out, &skipped, &passed_over);
    return YW_OK;
}
