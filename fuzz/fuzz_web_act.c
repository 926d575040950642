/* A line of the acts journal as people see it, over any bytes: JSON goes in and JSON comes out, and nothing
 * sealed with it. */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "web/act_view.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size > 20000) return 0;
    struct yw_buf b;
    yw_buf_init(&b, 1 << 20);
    struct yw_register *r = yw_register_create();
    if (r == NULL) return 0;
    struct yw_user whole = {.role = YW_ROLE_OPERATOR}, works = {.role = YW_ROLE_ENTERPRISE, .enterprise = 1};
    bool shown = yw_put_act_line(&b, data, size);
    /* Nobody sees what is no line; a polluter without outlets sees nothing at all. */
    if (yw_sees_act(r, &whole, data, size) && !shown) abort();
    if (yw_sees_act(r, &works, data, size)) abort();
    if (shown) {
        json_t *o = json_loadb(b.data, b.len, 0, NULL);
        if (!json_is_object(o)) abort();
        json_decref(o);
    }
    yw_register_destroy(r);
    yw_buf_free(&b);
    return 0;
}
