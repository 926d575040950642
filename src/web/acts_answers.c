/* What can be asked over the acts socket: a command, its state, what is known of a device. */
#include "web/acts_answers.h"

#include "web/commands.h"
#include "web/device_detail.h"
#include "web/web_int.h"

#include <stdlib.h>
#include <string.h>

enum { LIST_USUAL = 20 };

static const char *text(const json_t *o, const char *name) {
    const char *v = json_string_value(json_object_get(o, name));
    return v != NULL && strlen(v) == json_string_length(json_object_get(o, name)) ? v : NULL;
}

static int64_t number(const json_t *o, const char *name, int64_t most) {
    int64_t v = json_integer_value(json_object_get(o, name));
    return v >= 0 && v <= most ? v : 0;
}

/* ---- a command ---- */

static void ask_command(struct yw_web *w, const json_t *o, struct yw_buf *out) {
    struct yw_argument args[YW_ARGUMENTS_MAX];
    char numbers[YW_ARGUMENTS_MAX][24];
    json_t *arguments = json_object_get(o, "arguments");
    size_t n = json_is_object(arguments) ? yw_command_arguments(arguments, args, numbers)
               : arguments == NULL       ? 0
                                         : SIZE_MAX;
    const char *origin = text(o, "origin");
    struct yw_command_problem problem;
    struct yw_command_request r = {.device = (uint32_t)number(o, "device", UINT32_MAX),
                                   .mn = text(o, "mn"),
                                   .hardware = text(o, "hardware"),
                                   .key = text(o, "key"),
                                   .cn = (uint16_t)number(o, "cn", 9999),
                                   .version = (uint16_t)number(o, "version", UINT16_MAX),
                                   .args = args,
                                   .arg_n = n,
                                   .cp = text(o, "cp"),
                                   .qn = text(o, "qn"),
                                   .target = text(o, "target"),
                                   .by = text(o, "by"),
                                   .reason = text(o, "reason"),
                                   .valid_s = number(o, "valid_s", INT32_MAX),
                                   .problem = &problem};
    if (n == SIZE_MAX) {
        yw_acts_refuse(out, "invalid", "参数不符合要求",
                       "arguments is an object of at most 16 texts or numbers");
        return;
    }
    if (origin == NULL || !yw_origin_parse(origin, &r.origin) || r.origin == YW_ORIGIN_POLICY) {
        yw_acts_refuse(out, "invalid", "来源不符合要求", "origin is person or target");
        return;
    }
    if (r.origin == YW_ORIGIN_PERSON && (r.reason == NULL || r.reason[0] == '\0')) {
        yw_acts_refuse(out, "reason", "请填写原因", "reason must be there");
        return;
    }
    struct yw_error err = {0};
    int64_t id = 0;
    if (yw_command_ask(w, &r, &id, &err) != YW_OK) {
        bool said = problem.code != NULL;
        if (!said) yw_log(YW_LOG_ERROR, "a command over the acts socket: %s", err.text);
        yw_acts_refuse(out, said ? problem.code : "internal", said ? problem.text_zh : "服务器内部错误",
                       err.text);
        return;
    }
    yj_open(out, '{');
    yj_put_i64(out, "id", id);
    yj_close(out, '}');
}

/* ---- what became of it ---- */

static void ask_state(struct yw_web *w, const json_t *o, struct yw_buf *out) {
    struct yw_asked *a = malloc(sizeof *a);
    struct yw_store *store = yw_web_store_take(w, NULL);
    bool there = a != NULL && yw_commands_find(w, store, number(o, "id", INT64_MAX), a);
    yw_web_store_give(w, store, true);
    if (there) {
        const struct yw_register *r = yw_acts_lock(w->acts);
        yw_put_asked(out, w, r, a, yw_now());
        yw_acts_unlock(w->acts);
    } else {
        yw_acts_refuse(out, "not_found", "没有这条命令", "there is no such command");
    }
    free(a);
}

/* ---- a device ---- */

struct list {
    struct yw_asked *at;
    size_t n;
};

static bool take(void *arg, const struct yw_asked *a) {
    struct list *l = arg;
    if (a->at != 0) l->at[l->n++] = *a;
    return true;
}

static void put_commands(struct yw_web *w, const struct yw_register *r, uint32_t device, struct yw_buf *out) {
    struct list l = {.at = calloc(LIST_USUAL, sizeof *l.at)};
    struct yw_store *store = yw_web_store_take(w, NULL);
    if (store != NULL && l.at != NULL)
        (void)yw_store_sqlite.commands(store, &(struct yw_asked_filter){.device = device}, LIST_USUAL, take,
                                       &l, NULL);
    yw_web_store_give(w, store, true);
    yj_key(out, "commands");
    yj_open(out, '[');
    for (size_t i = 0; i < l.n; i++) yw_put_asked(out, w, r, &l.at[i], yw_now());
    yj_close(out, ']');
    free(l.at);
}

static void ask_device(struct yw_web *w, const json_t *o, struct yw_buf *out) {
    const char *mn = text(o, "mn");
    struct yw_error err = {0};
    const struct yw_register *r = yw_acts_lock(w->acts);
    const struct yw_device *d = mn != NULL ? yw_register_device_by_mn(r, mn, strlen(mn)) : NULL;
    if (d == NULL) {
        yw_acts_refuse(out, "unknown_device", "没有这台设备", "there is no such device");
    } else {
        yj_open(out, '{');
        yj_key(out, "device");
        enum yw_code code = yw_put_device_detail(out, w, r, d, yw_now(), &err);
        put_commands(w, r, d->id, out);
        yj_close(out, '}');
        if (code != YW_OK) yw_acts_refuse(out, "not_now", "暂时不可用", err.text);
    }
    yw_acts_unlock(w->acts);
}

yw_acts_answer yw_acts_answer_to(const char *ask) {
    static const struct {
        const char *ask;
        yw_acts_answer answer;
    } questions[] = {
        {"command", ask_command},
        {"state", ask_state},
        {"device", ask_device},
    };
    for (size_t i = 0; i < YW_COUNT(questions); i++) {
        if (strcmp(questions[i].ask, ask) == 0) return questions[i].answer;
    }
    return NULL;
}
