/* host_memory: what all devices of a host keep when their power is cut, in one file. */
#include <string.h>

#include "plants/host_int.h"

enum { FILE_MAX = 4 << 20 };
static const char SECTION[] = "device ";

bool yw_host_save(const struct yw_host *h, struct yw_buf *out) {
    for (const struct yw_hosted *o = h->outlets; o; o = o->next) {
        yw_buf_printf(out, "%s%s\n", SECTION, o->id);
        yw_memory_save(&o->responder, out);
    }
    return !out->failed;
}

static struct yw_hosted *find(struct yw_host *h, const char *id, size_t n) {
    for (struct yw_hosted *o = h->outlets; o; o = o->next)
        if (strlen(o->id) == n && memcmp(o->id, id, n) == 0) return o;
    return NULL;
}

static const char *next_section(const char *at, const char *end) {
    size_t n = sizeof SECTION - 1;
    while (at < end && ((size_t)(end - at) < n || memcmp(at, SECTION, n) != 0)) {
        const char *line = memchr(at, '\n', (size_t)(end - at));
        at = line ? line + 1 : end;
    }
    return at;
}

enum yw_code yw_host_restore(struct yw_host *h, const char *text, size_t n, struct yw_error *err) {
    const char *end = text + n, *at = next_section(text, end);
    while (at < end) {
        const char *line = memchr(at, '\n', (size_t)(end - at));
        if (!line) break;
        const char *id = at + sizeof SECTION - 1, *next = next_section(line + 1, end);
        struct yw_hosted *o = find(h, id, (size_t)(line - id));
        struct yw_error inner;
        enum yw_code code = YW_OK;
        if (o) code = yw_memory_load(&o->responder, line + 1, (size_t)(next - line - 1), &inner);
        if (code) return yw_fail(err, code, "device %s: %s", o->id, inner.text);
        at = next;
    }
    return YW_OK;
}

enum yw_code yw_host_load_file(struct yw_host *h, const char *path, struct yw_error *err) {
    struct yw_buf text;
    struct yw_error inner;
    yw_buf_init(&text, FILE_MAX + 1);
    enum yw_code code = yw_file_read(path, FILE_MAX, &text, err);
    if (code == YW_E_NOT_FOUND) {
        code = YW_OK;
    } else if (!code && (code = yw_host_restore(h, text.data ? text.data : "", text.len, &inner))) {
        yw_fail(err, code, "%s: %s", path, inner.text);
    }
    yw_buf_free(&text);
    return code;
}

enum yw_code yw_host_save_file(struct yw_host *h, const char *path, struct yw_error *err) {
    struct yw_buf text;
    yw_buf_init(&text, FILE_MAX);
    enum yw_code code = YW_OK;
    if (!yw_host_save(h, &text)) code = yw_fail(err, YW_E_LIMIT, "too many devices for %s", path);
    uint64_t hash = code ? 0 : yw_hash64(text.data ? text.data : "", text.len, 1);
    if (!code && hash != h->saved)
        code = yw_file_replace(yw_io_system(), path, text.data ? text.data : "", text.len, err);
    if (!code) h->saved = hash;
    yw_buf_free(&text);
    return code;
}
