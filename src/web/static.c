/* The pages, built into the program. Paths without a file are addresses inside the pages and get the first
 * page. */
#include "web/web_int.h"

#include <string.h>

const struct yw_embedded *yw_embedded_find(const char *path) {
    for (size_t i = 0; i < yw_embedded_count; i++) {
        if (strcmp(yw_embedded[i].path, path) == 0) return &yw_embedded[i];
    }
    return NULL;
}

static bool accepts_gzip(struct yw_request *q) {
    const char *v = MHD_lookup_connection_value(q->connection, MHD_HEADER_KIND, "Accept-Encoding");
    return v != NULL && strstr(v, "gzip") != NULL && strstr(v, "gzip;q=0") == NULL;
}

unsigned yw_serve_page(struct yw_request *q, struct MHD_Response **out) {
    bool asset = strncmp(q->path, "/assets/", 8) == 0;
    const struct yw_embedded *e = yw_embedded_find(q->path);
    if (e == NULL && asset) return yw_problem(q, 404, "not_found", "没有这个文件", "there is no such file");
    if (e == NULL) e = yw_embedded_find("/index.html");
    if (e == NULL) return yw_problem(q, 404, "not_found", "没有这个文件", "there is no such file");
    bool packed = e->gzip != NULL && accepts_gzip(q);
    struct MHD_Response *r = MHD_create_response_from_buffer(packed ? e->gzip_size : e->size,
                                                             (void *)(uintptr_t)(packed ? e->gzip : e->bytes),
                                                             MHD_RESPMEM_PERSISTENT);
    if (r == NULL) return yw_problem(q, 500, "internal", "内存不足", "out of memory");
    MHD_add_response_header(r, "Content-Type", e->type);
    if (packed) MHD_add_response_header(r, "Content-Encoding", "gzip");
    MHD_add_response_header(r, "Vary", "Accept-Encoding");
    /* Names of assets carry a hash of their content: what lies under one never changes. */
    MHD_add_response_header(r, "Cache-Control", asset ? "public, max-age=31536000, immutable" : "no-cache");
    *out = r;
    return 200;
}
