/* Routes of commands: what there is to ask, asking, and what became of it. */
#include "web/web_int.h"

#include "web/commands.h"

#include <stdlib.h>
#include <string.h>

enum { LIST_MOST = 200, LIST_USUAL = 50, FRESH_MOST = 64 };

YW_HANDLER(yw_get_catalogue) {
    yw_put_catalogue(&q->out);
    return 200;
}

/* ---- asking ---- */

unsigned yw_command_problem(struct yw_request *q, enum yw_code code, const struct yw_command_problem *p,
                            const struct yw_error *err) {
    if (p->code == NULL) return yw_problem_from(q, code, err);
    unsigned status = yw_problem(q, p->status, p->code, p->text_zh, err->text);
    if (p->param[0] == '\0') return status;
    /* The member stands inside the error: {"error":{... ,"param":".."}} */
    q->out.len -= 2;
    yj_put_text(&q->out, "param", p->param);
    yw_buf_puts(&q->out, "}}");
    return status;
}

size_t yw_command_arguments(json_t *o, struct yw_argument args[YW_ARGUMENTS_MAX],
                            char numbers[YW_ARGUMENTS_MAX][24]) {
    const char *name;
    json_t *v;
    size_t n = 0;
    json_object_foreach(o, name, v) {
        if (n == YW_ARGUMENTS_MAX) return SIZE_MAX;
        args[n].name = name;
        if (json_is_string(v)) {
            if (strlen(json_string_value(v)) != json_string_length(v)) return SIZE_MAX;
            args[n].value = json_string_value(v);
        } else if (json_is_integer(v)) {
            snprintf(numbers[n], sizeof numbers[n], "%lld", (long long)json_integer_value(v));
            args[n].value = numbers[n];
        } else {
            return SIZE_MAX;
        }
        n++;
    }
    return n;
}

static unsigned ask(struct yw_request *q, json_t *o) {
    struct yw_argument args[YW_ARGUMENTS_MAX];
    char numbers[YW_ARGUMENTS_MAX][24], key[64], reason[YW_COMMAND_REASON_MOST + 1];
    json_t *version = json_object_get(o, "version"), *valid = json_object_get(o, "valid_s");
    json_t *arguments = json_object_get(o, "arguments");
    if (!yw_member_text(q, o, "key", key, sizeof key) ||
        !yw_member_text(q, o, "reason", reason, sizeof reason))
        return 422;
    if (key[0] == '\0' || reason[0] == '\0')
        return yw_problem(q, 422, "reason", "请选择命令并填写原因", "key and reason must be there");
    if (!json_is_true(json_object_get(o, "confirm")))
        return yw_problem(q, 422, "confirm", "下发命令须经确认",
                          "a command must be confirmed: \"confirm\": true");
    size_t n = arguments == NULL || json_is_null(arguments) ? 0
               : json_is_object(arguments)                  ? yw_command_arguments(arguments, args, numbers)
                                                            : SIZE_MAX;
    bool numbers_fit =
        (version == NULL || json_is_null(version) ||
         (json_is_integer(version) && yw_version_bit((uint16_t)json_integer_value(version)) != 0)) &&
        (valid == NULL || json_is_null(valid) ||
         (json_is_integer(valid) && json_integer_value(valid) > 0 &&
          json_integer_value(valid) <= YW_COMMAND_VALID_MOST_S));
    if (n == SIZE_MAX || !numbers_fit)
        return yw_problem(
            q, 422, "invalid", "arguments、version 或 valid_s 不符合要求",
            "arguments is an object of at most 16 texts or numbers, version 2005, 2017 or 2025, "
            "valid_s 1 to 86400");
    struct yw_command_problem problem;
    struct yw_command_request r = {.device = q->id,
                                   .key = key,
                                   .version = (uint16_t)json_integer_value(version),
                                   .args = args,
                                   .arg_n = n,
                                   .origin = YW_ORIGIN_PERSON,
                                   .by = q->session.user.name,
                                   .reason = reason,
                                   .valid_s = json_integer_value(valid),
                                   .problem = &problem};
    struct yw_error err = {0};
    int64_t id = 0;
    enum yw_code code = yw_command_ask(q->web, &r, &id, &err);
    if (code != YW_OK) return yw_command_problem(q, code, &problem, &err);
    yj_open(&q->out, '{');
    yj_put_i64(&q->out, "id", id);
    yj_close(&q->out, '}');
    return 202;
}

YW_HANDLER(yw_post_command) {
    json_t *o = yw_body_json(q);
    if (o == NULL) return 400;
    unsigned status = ask(q, o);
    json_decref(o);
    return status;
}

/* ---- what became of them ---- */

struct list {
    struct yw_asked *at;
    size_t n, max;
};

static bool take(void *arg, const struct yw_asked *a) {
    struct list *l = arg;
    if (a->at == 0) return true; /* its act is not in the store yet: the book has it */
    l->at[l->n++] = *a;
    return l->n < l->max;
}

static void put_fresh(struct yw_request *q, const struct list *stored, const struct yw_asked_filter *f) {
    struct yw_asked *fresh = calloc(FRESH_MOST, sizeof *fresh);
    size_t n =
        fresh != NULL ? yw_commands_fresh(q->web->commands, f->device, f->outlet, fresh, FRESH_MOST) : 0;
    for (size_t i = 0; i < n; i++) {
        bool there = false;
        for (size_t k = 0; k < stored->n && !there; k++) there = stored->at[k].id == fresh[i].id;
        if (!there && (stored->n == 0 || fresh[i].id > stored->at[0].id))
            yw_put_asked(&q->out, q->web, q->reg, &fresh[i], q->now);
    }
    free(fresh);
}

static unsigned put_list(struct yw_request *q, struct yw_asked_filter *f) {
    int64_t limit;
    if (!yw_query_i64(q, "before", 1, INT64_MAX, 0, &f->before) ||
        !yw_query_i64(q, "limit", 1, LIST_MOST, LIST_USUAL, &limit)) {
        return yw_problem(q, 400, "query", "before 或 limit 不是允许的数字",
                          "before or limit is not a number within its range");
    }
    struct list l = {.at = calloc((size_t)limit, sizeof *l.at), .max = (size_t)limit};
    if (l.at == NULL) return yw_problem(q, 500, "internal", "内存不足", "out of memory");
    struct yw_error err = {0};
    struct yw_store *store = yw_web_store_take(q->web, NULL);
    enum yw_code code = store != NULL ? yw_store_sqlite.commands(store, f, l.max, take, &l, &err) : YW_OK;
    yw_web_store_give(q->web, store, code == YW_OK);
    if (code == YW_OK) {
        struct yw_buf *b = &q->out;
        yj_open(b, '{');
        yj_key(b, "commands");
        yj_open(b, '[');
        if (f->before == 0) put_fresh(q, &l, f);
        for (size_t i = 0; i < l.n; i++) yw_put_asked(b, q->web, q->reg, &l.at[i], q->now);
        yj_close(b, ']');
        yj_key(b, "next");
        l.n == l.max ? yj_i64(b, l.at[l.n - 1].id) : yj_null(b);
        yj_close(b, '}');
    }
    free(l.at);
    return code == YW_OK ? 200 : yw_problem_from(q, code, &err);
}

YW_HANDLER(yw_get_device_commands) {
    return put_list(q, &(struct yw_asked_filter){.device = q->id});
}

YW_HANDLER(yw_get_outlet_commands) {
    return put_list(q, &(struct yw_asked_filter){.outlet = q->id});
}

YW_HANDLER(yw_get_command) {
    yw_put_asked(&q->out, q->web, q->reg, q->asked, q->now);
    return 200;
}
