/* Any bytes as a line of a command, as the data area a target sends, and as an overlay: what is shown of them
 * is JSON, and what goes into a packet cannot end its data area. */
#include "web/commands.h"
#include "web/overlay.h"
#include "web/web_int.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_json(struct yw_buf *b) {
    json_t *o = b->failed ? NULL : json_loadb(b->data, b->len, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
    if (o == NULL && !b->failed) abort();
    json_decref(o);
    yw_buf_clear(b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct yw_web web;
    static struct yw_overlay overlay;
    struct yw_asked asked;
    struct yw_buf b;
    if (size < 1 || size > 70000) return 0;
    char *text = malloc(size);
    if (text == NULL) return 0;
    memcpy(text, data + 1, size - 1);
    text[size - 1] = '\0';
    yw_buf_init(&b, 4 << 20);
    if (data[0] % 3 == 0) {
        struct yw_commands *book = yw_commands_create();
        struct yw_register *r = yw_register_create();
        yw_commands_replay(book, text, size - 1);
        if (yw_command_line_read(text, size - 1, &asked)) {
            yw_put_asked(&b, &web, r, &asked, 0);
            check_json(&b);
            struct yw_command_line line = {.asked = asked, .mn = "", .st = "", .cp = asked.cp};
            struct yw_asked again;
            if (yw_command_line_put(&b, &line) &&
                (!yw_command_line_read(b.data, b.len, &again) || again.id != asked.id))
                abort();
        }
        yw_register_destroy(r);
        yw_commands_destroy(book);
    } else if (data[0] % 3 == 1) {
        if (yw_area_is_well_formed(text) && (strstr(text, "&") != NULL || strlen(text) > YW_COMMAND_CP_MAX))
            abort();
        yw_put_answer(&b, &web, text);
        check_json(&b);
    } else {
        (void)yw_overlay_read("fuzz", text, size - 1, &overlay, NULL);
    }
    yw_buf_free(&b);
    free(text);
    return 0;
}
