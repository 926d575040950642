/* What browsers send, before anybody is known: a path against the table of routes, and a body as JSON with
 * its text members. */
#include <stdlib.h>
#include <string.h>

#include "web/web_int.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const uint8_t *split = memchr(data, '\n', size);
    size_t path_n = split != NULL ? (size_t)(split - data) : size;
    char path[4096], params[YW_PARAMS_MAX][64] = {{0}};
    if (path_n >= sizeof path) return 0;
    memcpy(path, data, path_n);
    path[path_n] = '\0';
    bool other;
    static const char *const methods[] = {"GET", "POST", "DELETE", "PATCH", "PUT"};
    for (size_t i = 0; i < YW_COUNT(methods); i++) {
        const struct yw_route *r = yw_route_find(methods[i], path, params, &other);
        if (r != NULL && strcmp(r->method, methods[i]) != 0) abort();
        for (size_t k = 0; k < YW_PARAMS_MAX; k++) {
            if (memchr(params[k], '\0', sizeof params[k]) == NULL || strchr(params[k], '/') != NULL) abort();
        }
    }
    struct yw_request *q = calloc(1, sizeof *q);
    if (q == NULL) return 0;
    yw_buf_init(&q->out, 1 << 20);
    yw_buf_init(&q->body, YW_BODY_MAX);
    if (split != NULL) yw_buf_add(&q->body, split + 1, size - path_n - 1);
    json_t *o = yw_body_json(q);
    if (o == NULL && q->out.len == 0) abort();
    char text[33];
    if (o != NULL) {
        static const char *const members[] = {"user", "password", "mn", "pw", "reason", "name"};
        for (size_t i = 0; i < YW_COUNT(members); i++)
            (void)yw_member_text(q, o, members[i], text, sizeof text);
    }
    json_decref(o);
    yw_buf_free(&q->out);
    yw_buf_free(&q->body);
    free(q);
    return 0;
}
