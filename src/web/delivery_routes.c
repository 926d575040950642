/* The API of delivery: settings and the log. */
#include "web/delivery.h"

#include "web/web_int.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

enum { LIST_MOST = 500, LIST_USUAL = 100 };

static unsigned put_settings(struct yw_request *q, const struct yw_delivery_settings *s) {
    return yw_delivery_settings_put(&q->out, s, NULL)
               ? 200
               : yw_problem(q, 500, "internal", "服务器内部错误", "the answer is too large");
}

static void forget(struct yw_delivery_settings *s) {
    if (s != NULL) sodium_memzero(s, sizeof *s);
    free(s);
}

YW_HANDLER(yw_get_delivery_settings) {
    struct yw_delivery_settings *s = malloc(sizeof *s);
    if (s == NULL) return yw_problem(q, 500, "internal", "内存不足", "out of memory");
    yw_delivery_settings_now(q->web, s);
    unsigned status = put_settings(q, s);
    forget(s);
    return status;
}

/* Recipients are of units that there are. */
static bool units_known(const struct yw_request *q, const struct yw_delivery_settings *s) {
    for (size_t i = 0; i < s->to_n; i++) {
        if (s->to[i].unit[0] != '\0' && yw_register_unit(q->reg, s->to[i].unit) == NULL) return false;
    }
    return true;
}

YW_HANDLER(yw_put_delivery_settings) {
    struct yw_error err = {0};
    json_t *o = yw_body_json(q);
    if (o == NULL) return 400;
    struct yw_delivery_settings *before = malloc(sizeof *before), *s = malloc(sizeof *s);
    unsigned status = 200;
    if (before == NULL || s == NULL) {
        status = yw_problem(q, 500, "internal", "内存不足", "out of memory");
    } else {
        yw_delivery_settings_now(q->web, before);
        enum yw_code code = yw_delivery_settings_read(o, before, s, &err);
        if (code == YW_OK && !units_known(q, s))
            code = yw_fail(&err, YW_E_FORMAT, "unit: there is no such unit");
        s->since = q->now;
        if (code == YW_OK) code = yw_delivery_settings_change(q->web, s, &err);
        if (code == YW_OK) yw_log(YW_LOG_INFO, "settings of delivery changed by %s", q->session.user.name);
        status = code == YW_OK ? put_settings(q, s) : yw_problem_from(q, code, &err);
    }
    json_decref(o);
    forget(before);
    forget(s);
    return status;
}

struct list {
    struct yw_request *q;
    int64_t limit, n, last;
};

static bool put_one(void *arg, const struct yw_delivery *d) {
    struct list *l = arg;
    struct yw_buf *b = &l->q->out;
    if (l->n++ == l->limit) return false;
    l->last = d->id;
    yj_open(b, '{');
    yj_put_i64(b, "id", d->id);
    yj_put_text(b, "channel", yw_channel_name(d->channel));
    yj_put_text(b, "target", d->target);
    yj_put_text_or_null(b, "number", d->number);
    yj_put_text(b, "text", d->channel == YW_CHANNEL_MAIL ? d->subject : d->text);
    yj_put_text(b, "state", yw_delivery_state_name(d->state));
    yj_put_i64(b, "tries", d->tries);
    yj_put_time(b, "made", d->made);
    yj_put_time(b, "next", d->state == YW_DELIVERY_WAITING ? d->next : 0);
    yj_put_time(b, "done", d->done);
    yj_put_text_or_null(b, "error", d->error);
    yj_close(b, '}');
    return true;
}

YW_HANDLER(yw_get_deliveries) {
    static const char *const states[] = {"", "waiting", "sent", "failed"};
    const char *state = yw_query(q, "state");
    struct list l = {.q = q};
    struct yw_error err = {0};
    int64_t before;
    size_t i = 0;
    while (i < YW_COUNT(states) && strcmp(states[i], state) != 0) i++;
    if (i == YW_COUNT(states) || !yw_query_i64(q, "before", 1, INT64_MAX, 0, &before) ||
        !yw_query_i64(q, "limit", 1, LIST_MOST, LIST_USUAL, &l.limit))
        return yw_problem(q, 400, "query", "state、before 或 limit 不正确",
                          "state: waiting, sent or failed; before: an id; limit 1 to 500");
    yj_open(&q->out, '{');
    yj_key(&q->out, "deliveries");
    yj_open(&q->out, '[');
    enum yw_code code = yw_deliveries_each(q->web->office, before, (uint8_t)i, put_one, &l, &err);
    if (code != YW_OK) return yw_problem_from(q, code, &err);
    yj_close(&q->out, ']');
    yj_key(&q->out, "next");
    l.n > l.limit ? yj_i64(&q->out, l.last) : yj_null(&q->out);
    yj_close(&q->out, '}');
    return 200;
}

/* A notice of no alarm to everybody who is entered, so that an operator sees what arrives. */
YW_HANDLER(yw_post_delivery_test) {
    struct yw_delivery_settings *s = malloc(sizeof *s);
    struct yw_error err = {0};
    enum yw_code code = s != NULL ? YW_OK : YW_E_NOMEM;
    int64_t n = 0;
    if (s != NULL) yw_delivery_settings_now(q->web, s);
    for (size_t i = 0; code == YW_OK && i < s->to_n; i++) {
        if ((s->to[i].channel == YW_CHANNEL_MAIL && !s->mail) ||
            (s->to[i].channel == YW_CHANNEL_SMS && !s->sms))
            continue;
        struct yw_delivery d = {.channel = s->to[i].channel, .made = q->now, .next = q->now};
        snprintf(d.event, sizeof d.event, "test %lld", (long long)q->now);
        memcpy(d.target, s->to[i].target, sizeof d.target);
        yw_delivery_write(
            &d,
            &(struct yw_delivery_words){
                .number = "BJ-TEST", .link = s->base_url, .what = "送达测试", .detail = "", .domain = ""});
        code = yw_delivery_add(q->web->office, &d, &err);
        n++;
    }
    forget(s);
    if (code != YW_OK) return yw_problem_from(q, code, &err);
    yw_delivery_wake(q->web);
    yj_open(&q->out, '{');
    yj_put_i64(&q->out, "queued", n);
    yj_close(&q->out, '}');
    return 202;
}
