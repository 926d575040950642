/* How the targets are, once a second, for the web process and its pages. */
#include "courier/courier.h"

#include <string.h>

enum { STATE_BYTES = 8 << 20 };

static const char *link_name(const struct target *t) {
    static const char *const names[] = {"down", "connecting", "connected", "paused"};
    return names[t->link];
}

static void put_time(struct yw_buf *b, const char *name, int64_t at) {
    if (at == 0) {
        yw_buf_printf(b, ",\"%s\":null", name);
    } else {
        yw_buf_printf(b, ",\"%s\":%lld", name, (long long)(at / 1000));
    }
}

static void put_positions(struct yw_buf *b, const struct target *t) {
    bool first = true;
    yw_buf_puts(b, ",\"position\":[");
    for (int i = 0; i < YW_SENDING_JOURNALS; i++) {
        const struct yw_mark *m = &t->sending.marks[i];
        if (t->feeds[i].reader == NULL) continue;
        uint64_t end = yw_reader_committed(t->feeds[i].reader);
        yw_buf_printf(b, "%s{\"journal\":\"%s\",\"position\":\"%llX\",\"behind_bytes\":%llu}",
                      first ? "" : ",", m->name, (unsigned long long)m->front,
                      (unsigned long long)(end > m->front ? end - m->front : 0));
        first = false;
    }
    yw_buf_puts(b, "]");
}

static void put_history(struct yw_buf *b, const struct target *t) {
    yw_buf_puts(b, ",\"history\":[");
    for (uint32_t i = 0; i < t->history_n; i++) {
        const struct point *p = &t->history[i];
        yw_buf_printf(b, "%s[%lld,%.1f,%llu]", i == 0 ? "" : ",", (long long)(p->at / 1000), p->sent_s,
                      (unsigned long long)p->lag_bytes);
    }
    yw_buf_puts(b, "]");
}

static void put_target(struct yw_buf *b, struct target *t, int64_t now) {
    uint64_t bytes;
    int64_t ms;
    target_lag(t, now, &bytes, &ms);
    yw_buf_printf(b, "{\"id\":%u,\"link\":\"%s\",\"since\":%lld,\"peer\":", t->config.id, link_name(t),
                  (long long)(t->since / 1000));
    const char *peer = t->wire != NULL ? yw_wire_peer(t->wire) : "";
    peer[0] != 0 ? yw_buf_json(b, peer, strlen(peer)) : yw_buf_puts(b, "null");
    put_positions(b, t);
    yw_buf_printf(b, ",\"lag_bytes\":%llu,\"lag_ms\":", (unsigned long long)bytes);
    ms > 0 ? yw_buf_printf(b, "%lld", (long long)ms) : yw_buf_puts(b, "null");
    yw_buf_printf(
        b,
        ",\"waiting\":%u,\"rate\":%.2f,\"sent\":%llu,\"acked\":%llu,\"resent\":%llu,\"doubles\":%llu,"
        "\"refused\":%llu,\"unreadable\":%llu,\"commands\":%llu",
        t->sending.count, t->rate, (unsigned long long)t->sent, (unsigned long long)t->acked,
        (unsigned long long)t->resent, (unsigned long long)t->doubles, (unsigned long long)t->refused,
        (unsigned long long)t->unreadable, (unsigned long long)t->commands);
    put_history(b, t);
    put_time(b, "last_sent", t->last_sent);
    put_time(b, "last_ack", t->last_ack);
    yw_buf_puts(b, ",\"last_error\":");
    if (t->error_at != 0) {
        yw_buf_printf(b, "{\"at\":%lld,\"text\":", (long long)(t->error_at / 1000));
        yw_buf_json(b, t->error, strlen(t->error));
        yw_buf_puts(b, "}");
    } else {
        yw_buf_puts(b, "null");
    }
    yw_buf_putc(b, '}');
}

void courier_state_write(struct courier *c, int64_t now) {
    struct yw_buf b;
    char path[4200], fresh[4200];
    yw_buf_init(&b, STATE_BYTES);
    yw_buf_printf(&b, "{\"now\":%lld,\"domain\":\"%s\",\"targets\":[", (long long)(now / 1000), c->domain);
    for (size_t i = 0; i < c->target_n; i++) {
        if (i > 0) yw_buf_putc(&b, ',');
        put_target(&b, c->targets[i], now);
    }
    yw_buf_puts(&b, "]}\n");
    snprintf(path, sizeof path, "%s/state.json", c->folder);
    snprintf(fresh, sizeof fresh, "%s/state.json.new", c->folder);
    /* not synced: it is worth nothing after a cut of power */
    FILE *f = b.failed ? NULL : fopen(fresh, "we");
    bool whole = f != NULL && fwrite(b.data, 1, b.len, f) == b.len;
    if (f != NULL) whole = fclose(f) == 0 && whole;
    whole = whole && rename(fresh, path) == 0;
    if (!whole && !c->mute) yw_log(YW_LOG_WARN, "%s cannot be written: pages show an older state", path);
    c->mute = !whole; /* said once */
    yw_buf_free(&b);
}
