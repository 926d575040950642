/* book: the effects of share/plant/effects.yaml. */
#include <stdlib.h>

#include "plants/plants.h"

enum { BOOK_FILE_MAX = 512 << 10, PATH_SIZE = 4096 };

enum yw_code yw_book_load(struct yw_effect_book **out, struct yw_error *err) {
    char path[PATH_SIZE];
    struct yw_buf text;
    struct yw_error inner;
    yw_buf_init(&text, BOOK_FILE_MAX + 1);
    *out = calloc(1, sizeof **out);
    enum yw_code code = *out ? YW_OK : yw_fail(err, YW_E_NOMEM, "no memory for the book of effects");
    if (!code) code = yw_share_path("plant/effects.yaml", path, sizeof path, err);
    if (!code) code = yw_file_read(path, BOOK_FILE_MAX, &text, err);
    if (!code && (code = yw_effects_parse(text.data ? text.data : "", text.len, *out, &inner)))
        yw_fail(err, code, "%s: %s", path, inner.text);
    yw_buf_free(&text);
    if (code) {
        free(*out);
        *out = NULL;
    }
    return code;
}
