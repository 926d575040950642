/* The system page: processes, gateways, pipeline, space, and what wants attention. */
#include "web/web_int.h"

#include "gateway/gateway.h"

#include <stdatomic.h>

#include <string.h>
#include <sys/statvfs.h>

enum { WORKERS_MAX = 64, STATUS_MAX = 256 << 10 };
#define SIGN_OF_LIFE (10 * YW_SECOND) /* an owner that has not shown itself for so long is not well */

struct alerts {
    struct yw_buf list; /* JSON objects, so that they can stand behind what caused them */
};

static void alert(struct alerts *a, const char *code, const char *zh, const char *en) {
    yj_open(&a->list, '{');
    yj_put_text(&a->list, "code", code);
    yj_put_text(&a->list, "text_zh", zh);
    yj_put_text(&a->list, "text_en", en);
    yj_close(&a->list, '}');
}

/* ---- processes: what the supervisor writes down ---- */

static void put_processes(struct yw_request *q, struct alerts *a) {
    struct yw_buf *b = &q->out, file;
    char path[4200];
    yw_buf_init(&file, STATUS_MAX);
    snprintf(path, sizeof path, "%s/run/supervisor.json", q->web->data);
    json_error_t where;
    bool there = yw_file_read(path, STATUS_MAX, &file, NULL) == YW_OK && file.len > 0;
    json_t *o = there ? json_loadb(file.data, file.len, 0, &where) : NULL;
    const json_t *list = json_object_get(o, "processes");
    yj_key(b, "processes");
    yj_open(b, '[');
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *p = json_array_get(list, i);
        const char *name = json_string_value(json_object_get(p, "name")),
                   *state = json_string_value(json_object_get(p, "state"));
        yj_open(b, '{');
        yj_put_text(b, "name", name != NULL ? name : "");
        yj_put_i64(b, "pid", json_integer_value(json_object_get(p, "pid")));
        yj_put_text(b, "state", state != NULL ? state : "");
        yj_put_i64(b, "since", json_integer_value(json_object_get(p, "since")));
        yj_put_i64(b, "restarts", json_integer_value(json_object_get(p, "restarts")));
        yj_close(b, '}');
        if (name != NULL && state != NULL && strcmp(state, "running") != 0) {
            char zh[160], en[160];
            snprintf(zh, sizeof zh, "进程 %s 未在运行（%s），正在自动重启", name, state);
            snprintf(en, sizeof en, "the process %s is not running (%s); it is being started again", name,
                     state);
            alert(a, "process", zh, en);
        }
    }
    yj_close(b, ']');
    json_decref(o);
    yw_buf_free(&file);
}

/* ---- gateways: their live pages ---- */

static double rate(struct yw_rate *r, uint64_t value, int64_t now) {
    if (r->at == 0 || value < r->value) {
        r->at = now;
        r->value = value;
        r->per_second = 0;
    } else if (now - r->at >= YW_SECOND) {
        r->per_second = (double)(value - r->value) * (double)YW_SECOND / (double)(now - r->at);
        r->at = now;
        r->value = value;
    }
    return r->per_second;
}

double yw_system_rate(struct yw_web *w, unsigned which, uint64_t value, int64_t now) {
    pthread_mutex_lock(&w->rates_lock);
    double per_second = which < YW_RATES_MAX ? rate(&w->rates[which], value, now) : 0;
    pthread_mutex_unlock(&w->rates_lock);
    return per_second;
}

static uint64_t counter(const struct yw_live *l, unsigned which) {
    return atomic_load_explicit(&l->counter[which], memory_order_relaxed);
}

static void gateway_alerts(struct alerts *a, const struct yw_live *l, uint32_t worker, int64_t age) {
    char zh[200], en[200];
    uint64_t disk = counter(l, YW_GW_DISK);
    if (disk == 1) {
        alert(a, "disk_full", "磁盘已满：新数据包不再应答，腾出空间后自动恢复",
              "the disk is full: new packets are not acknowledged; this ends by itself once there is space");
    } else if (disk != 0) {
        alert(a, "disk_error", "磁盘写入失败：新数据包不再应答，请检查磁盘",
              "writing to the disk fails: new packets are not acknowledged; look at the disk");
    }
    if (age > SIGN_OF_LIFE) {
        snprintf(zh, sizeof zh, "接入进程 %u 已 %lld 秒没有响应", worker, (long long)(age / YW_SECOND));
        snprintf(en, sizeof en, "gateway %u has shown no sign of life for %lld s", worker,
                 (long long)(age / YW_SECOND));
        alert(a, "gateway_silent", zh, en);
    }
}

/* Gives the committed bytes of all packet journals. */
static uint64_t put_gateways(struct yw_request *q, struct alerts *a, bool *disk_full) {
    static const struct {
        unsigned counter;
        const char *name;
    } shown[] = {
#define X(id, name, text) {YW_GW_##id, name},
        YW_GATEWAY_COUNTER_TABLE(X)
#undef X
    };
    struct yw_buf *b = &q->out;
    uint64_t bytes = 0;
    yj_key(b, "gateways");
    yj_open(b, '[');
    for (uint32_t worker = 0; worker < WORKERS_MAX; worker++) {
        char folder[4200];
        snprintf(folder, sizeof folder, "%s/journal/p%u", q->web->data, worker);
        const struct yw_live *l = yw_live_open(folder, NULL);
        if (l == NULL) break;
        int64_t age = q->now - atomic_load(&l->updated);
        yj_open(b, '{');
        yj_put_i64(b, "worker", worker);
        yj_put_time(b, "updated", atomic_load(&l->updated));
        yj_put_i64(b, "committed", (int64_t)atomic_load(&l->committed));
        for (size_t i = 0; i < YW_COUNT(shown); i++)
            yj_put_i64(b, shown[i].name, (int64_t)counter(l, shown[i].counter));
        yj_put_i64(b, "bad", (int64_t)(counter(l, YW_GW_BAD_CRC) + counter(l, YW_GW_BAD_PW)));
        yj_put_f64(b, "rate", yw_system_rate(q->web, worker, counter(l, YW_GW_PACKETS), q->now));
        yj_close(b, '}');
        gateway_alerts(a, l, worker, age);
        *disk_full = *disk_full || counter(l, YW_GW_DISK) == 1;
        bytes += atomic_load(&l->committed);
        yw_live_close(l);
    }
    yj_close(b, ']');
    return bytes;
}

/* ---- space ---- */

static void put_space(struct yw_request *q, struct alerts *a, uint64_t journal_bytes, bool full) {
    struct yw_buf *b = &q->out;
    struct statvfs v;
    uint64_t store_bytes = 0;
    struct yw_store *store = yw_web_store_take(q->web, NULL);
    bool good = store != NULL && yw_store_sqlite.bytes(store, &store_bytes, NULL) == YW_OK;
    yw_web_store_give(q->web, store, good);
    yj_key(b, "store");
    yj_open(b, '{');
    yj_put_i64(b, "bytes", (int64_t)store_bytes);
    yj_close(b, '}');
    yj_key(b, "journal");
    yj_open(b, '{');
    yj_put_i64(b, "bytes", (int64_t)journal_bytes);
    yj_close(b, '}');
    yj_key(b, "disk");
    if (statvfs(q->web->data, &v) != 0) {
        yj_null(b);
        return;
    }
    double unused = (double)v.f_bavail * (double)v.f_frsize, total = (double)v.f_blocks * (double)v.f_frsize;
    yj_open(b, '{');
    yj_put_f64(b, "free", unused);
    yj_put_f64(b, "total", total);
    yj_put_text(b, "state", full ? "full" : "ok");
    yj_close(b, '}');
    if (!full && unused < total / 20)
        alert(a, "disk_low", "磁盘剩余空间不足 5%，请尽快清理或扩容",
              "less than 5% of the disk is free: make room soon");
}

YW_HANDLER(yw_get_system) {
    struct yw_buf *b = &q->out;
    struct alerts a;
    bool full = false;
    yw_buf_init(&a.list, 64 << 10);
    yj_open(b, '{');
    yj_put_time(b, "now", q->now);
    yj_put_i64(b, "uptime_s", (q->now - q->web->started) / YW_SECOND);
    put_processes(q, &a);
    uint64_t bytes = put_gateways(q, &a, &full);
    yj_key(b, "pipeline");
    yw_put_pipeline(q);
    put_space(q, &a, bytes, full);
    yj_put_i64(b, "register_version", yw_register_version(q->reg));
    yj_key(b, "alerts");
    yj_open(b, '[');
    if (a.list.len > 0) yw_buf_add(b, a.list.data, a.list.len);
    yj_close(b, ']');
    yj_close(b, '}');
    yw_buf_free(&a.list);
    return 200;
}
