/* Files of rules and limits with anything in them: a rule set or an error, never a crash. */
#include <math.h>
#include <string.h>

#include "judge/rules.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size < 1 || size > 1 << 16) return 0;
    struct yw_rules *r = yw_rules_create();
    struct yw_error err = {0};
    const char *text = (const char *)data + 1;
    enum yw_code code = data[0] == 'c' ? yw_rules_add_limits(r, text, size - 1, "limits.csv", &err)
                                       : yw_rules_add_yaml(r, text, size - 1, "rules.yaml", &err);
    if (code != YW_OK && err.text[0] == '\0') __builtin_trap();
    for (size_t i = 0; i < yw_rules_count(r) && i < 8; i++) {
        const struct yw_rule *rule = yw_rules_at(r, i);
        struct yw_correction c = {.value = 1, .enabled = 1, .from = 20000};
        yw_copy(c.rule, sizeof c.rule, rule->id, strlen(rule->id));
        if (rule->figure_n > 0)
            yw_copy(c.figure, sizeof c.figure, rule->figures[0].name, strlen(rule->figures[0].name));
        struct yw_band band;
        yw_rules_band(r, (uint16_t)i, 10, &band);
        yw_rules_correct(r, &c, &err);
    }
    char digest[17];
    yw_rules_digest(r, digest);
    yw_rules_destroy(r);
    return 0;
}
