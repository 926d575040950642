/* Arguments from anyone: what is accepted is a data area whose items are the row's and nothing else, it can
 * be filled and veiled, and no secret shows. Input: row, version, then "name=value" lines. */
#include <stdlib.h>
#include <string.h>

#include "command/command.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void hold(bool right) {
    if (!right) abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const uint16_t versions[] = {2005, 2017, 2025, 2013};
    static char text[8192], cp[YW_COMMAND_CP_MAX + 1], out[2048];
    struct yw_argument args[YW_ARGUMENTS_MAX];
    size_t n = 0;
    if (size < 2 || size > sizeof text) return 0;
    const struct yw_command_spec *s = &yw_command_specs[data[0] % yw_command_spec_n];
    memcpy(text, data + 2, size - 2);
    text[size - 2] = 0;
    for (char *at = text; at < text + size - 2 && n < YW_ARGUMENTS_MAX;) {
        char *end = strchr(at, '\n'), *equals;
        if (end) *end = 0;
        equals = strchr(at, '=');
        if (equals) *equals = 0;
        args[n++] = (struct yw_argument){at, equals ? equals + 1 : NULL};
        at = end ? end + 1 : text + size;
    }
    int64_t from, to;
    struct yw_error err = {.code = YW_OK};
    enum yw_code code = yw_command_cp(s, versions[data[1] & 3], args, n, cp, &from, &to, &err);
    if (code != YW_OK) {
        hold(cp[0] == 0 && err.code == code && err.text[0]);
        return 0;
    }
    hold(strlen(cp) <= YW_COMMAND_CP_MAX && from <= to && !strchr(cp, '&'));
    hj212_iterator it;
    hj212_item item;
    size_t items = 0, most = 0;
    for (unsigned i = 0; i < s->param_n; i++) most += s->params[i].many ? s->params[i].many : 1;
    hj212_items(&it, hj212_text(cp));
    while (hj212_next(&it, &item)) items++;
    hold(items <= most && (!s->range || from > 0 || to != 0 || cp[0] == 0 || from == to));
    size_t filled = yw_command_fill(cp, INT64_C(1470013137223000), out, sizeof out);
    hold(filled == strlen(out) && (filled > 0) == (cp[0] != 0) && !strstr(out, "=@now;"));
    yw_command_veil(s, cp, out, sizeof out);
    for (size_t i = 0; i < n; i++) /* the one row's secrets are its parameters NewPW and NewSK */
        if (strncmp(args[i].name, "New", 3) == 0) hold(!strchr(out, '=') || strstr(out, "******"));
    return 0;
}
