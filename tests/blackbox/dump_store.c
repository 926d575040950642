/* dump-store DATA OUTLET KIND: an outlet's records in the store as JSON lines, numbers exactly as sent:
 * {"time":microseconds,"copies":n,"flags":n,"values":{"a21026-Avg":"12.30"}}. */
#include <stdio.h>
#include <string.h>

#include "store/store.h"

static bool print_row(void *arg, const struct yw_row *row) {
    struct yw_buf *line = arg;
    yw_buf_clear(line);
    yw_buf_printf(line, "{\"time\":%lld,\"copies\":%u,\"flags\":%u,\"values\":{", (long long)row->time,
                  row->copies, row->flags);
    for (size_t i = 0; i < row->count; i++) {
        const struct yw_value *v = &row->values[i];
        char name[40];
        int n = snprintf(name, sizeof name, "%s%s%s", v->factor, v->factor[0] ? "-" : "", v->field);
        if (i) yw_buf_putc(line, ',');
        yw_buf_json(line, name, (size_t)n);
        yw_buf_putc(line, ':');
        if (v->is_text) {
            yw_buf_json(line, v->text, v->text_n);
        } else {
            char number[YW_NUMBER_TEXT_MAX];
            size_t m = yw_value_print(v, number, sizeof number);
            yw_buf_json(line, number, m);
        }
    }
    yw_buf_puts(line, "}}");
    return puts(line->data) >= 0;
}

int main(int argc, char **argv) {
    char place[4096];
    struct yw_error err;
    struct yw_store *s;
    uint32_t outlet;
    enum yw_kind kind;
    if (argc != 4 || !yw_parse_u32(argv[2], strlen(argv[2]), UINT32_MAX, &outlet) ||
        !yw_kind_parse(argv[3], &kind))
        return 2;
    snprintf(place, sizeof place, "%s/series", argv[1]);
    struct yw_buf line;
    yw_buf_init(&line, 1 << 20);
    enum yw_code code = yw_store_sqlite.open(place, true, &s, &err);
    if (!code) {
        code = yw_store_sqlite.rows(s, outlet, kind, 0, INT64_MAX / 2, print_row, &line, &err);
        yw_store_sqlite.close(s);
    }
    if (code) fprintf(stderr, "dump-store: %s\n", err.text);
    yw_buf_free(&line);
    return code != YW_OK;
}
