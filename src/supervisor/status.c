/* run/supervisor.json: how things stand, for the system page and for whoever looks. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "supervisor/supervisor.h"

static void put_listener(struct yw_buf *b, const char *name, const char *address, bool *first) {
    if (address[0] == 0) return;
    yw_buf_printf(b, "%s{\"name\":\"%s\",\"address\":\"%s\"}", *first ? "" : ",", name, address);
    *first = false;
}

/* Whole or not at all for readers, but not synced: after a power cut there are no processes to tell of, and
 * the gateways' requests must not wait for the disk. */
static enum yw_code replace(const struct supervisor *s, const char *text, size_t n, struct yw_error *err) {
    int fd = openat(s->folder, "run/supervisor.json.new", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    bool written = fd >= 0 && write(fd, text, n) == (ssize_t)n;
    int why = errno;
    if (fd >= 0) close(fd);
    if (written && renameat(s->folder, "run/supervisor.json.new", s->folder, "run/supervisor.json") == 0)
        return YW_OK;
    return yw_fail_errno(err, written ? errno : why, "%s/run/supervisor.json cannot be written", s->data);
}

enum yw_code status_write(const struct supervisor *s, struct yw_error *err) {
    struct yw_buf b;
    yw_buf_init(&b, 64 << 10);
    yw_buf_printf(&b,
                  "{\"pid\":%d,\"since\":%lld,\"domain\":\"%s\",\"ready\":%s,\"stopping\":%s,\"workers\":%u,",
                  (int)getpid(), (long long)(s->since / 1000), s->settings->value[SETTING_DOMAIN],
                  s->ready ? "true" : "false", s->stopping ? "true" : "false", s->workers);
    yw_buf_puts(&b, "\"listeners\":[");
    bool first = true;
    put_listener(&b, "device", s->device_bound, &first);
    put_listener(&b, "device-tls", s->tls_bound, &first);
    put_listener(&b, "http", s->http_bound, &first);
    yw_buf_puts(&b, "],\"processes\":[");
    yw_buf_printf(&b, "{\"name\":\"supervisor\",\"pid\":%d,\"state\":\"%s\",\"since\":%lld,\"restarts\":0}",
                  (int)getpid(), s->stopping ? "stopping" : "running", (long long)(s->since / 1000));
    for (size_t i = 0; i < s->child_count; i++) {
        const struct child *c = &s->children[i];
        yw_buf_printf(&b, ",{\"name\":\"%s\",\"pid\":%d,\"state\":\"%s\",\"since\":%lld,\"restarts\":%u}",
                      c->name, (int)c->pid, child_state_name(c->state), (long long)(c->since / 1000),
                      c->restarts);
    }
    yw_buf_puts(&b, "]}\n");
    enum yw_code code = b.failed ? yw_fail(err, YW_E_NOMEM, "no memory for supervisor.json") : YW_OK;
    if (code == YW_OK) code = replace(s, b.data, b.len, err);
    yw_buf_free(&b);
    return code;
}
