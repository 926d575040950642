/* Asking a device: everything that is checked before a command becomes a line of the acts journal. */
#include "web/web_int.h"

#include "web/commands.h"
#include "web/policies.h"
#include "web/keys.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { JSON_MAX = 16 << 10, HARDWARE_MOST = 63, MN_MOST = 31 };
#define KNOWN_WITHIN (3 * YW_SECOND)

struct asking {
    struct yw_web *web;
    const struct yw_command_request *request;
    const struct yw_register *reg;
    const struct yw_device *device; /* NULL: by hardware */
    const struct yw_command_spec *spec;
    struct yw_command_line line;
    char plain[YW_COMMAND_CP_MAX + 1], sealed[YW_TEXT_SEALED], st[4];
};

static enum yw_code wrong(struct asking *a, struct yw_error *err, enum yw_code code, unsigned status,
                          const char *word, const char *zh, const char *en) {
    struct yw_command_problem *p = a->request->problem;
    if (p != NULL) {
        memset(p, 0, sizeof *p);
        p->code = word;
        p->status = status;
        (void)yw_copy(p->text_zh, sizeof p->text_zh, zh, strlen(zh));
    }
    return yw_fail(err, code, "%s", en);
}

/* ---- whom ---- */

static enum yw_code find_device(struct asking *a, struct yw_error *err) {
    const struct yw_command_request *r = a->request;
    const char *mn = r->mn != NULL ? r->mn : "";
    if (r->hardware != NULL && r->hardware[0] != '\0') {
        if (strlen(r->hardware) > HARDWARE_MOST || mn[0] == '\0' || strlen(mn) > MN_MOST) {
            return wrong(a, err, YW_E_RANGE, 422, "invalid", "硬件序号或 MN 过长",
                         "hardware or mn is too long");
        }
        a->line.hardware = r->hardware;
        a->line.mn = mn;
        return YW_OK;
    }
    a->device = r->device != 0 ? yw_register_device(a->reg, r->device)
                               : yw_register_device_by_mn(a->reg, mn, strlen(mn));
    if (a->device == NULL) {
        return wrong(a, err, YW_E_NOT_FOUND, 404, "unknown_device", "没有这台设备",
                     "there is no such device");
    }
    if (a->device->state != YW_DEVICE_ADMITTED) {
        return wrong(a, err, YW_E_STATE, 409, "not_admitted", "该设备未入网，不能下发命令",
                     "this device is not admitted: it gets no commands");
    }
    const struct yw_outlet *o = yw_register_outlet(a->reg, a->device->outlet);
    if (o != NULL) memcpy(a->st, o->st, sizeof a->st);
    a->line.mn = a->device->mn;
    a->line.asked.device = a->device->id;
    a->line.asked.outlet = a->device->outlet;
    return YW_OK;
}

/* ---- in which version ---- */

static bool take_version(void *arg, const struct yw_device_fact *f) {
    static const uint16_t versions[] = {2005, 2017, 2025};
    uint64_t most = 0;
    for (size_t i = 0; i < YW_COUNT(versions); i++) {
        if (f->version[i] <= most) continue;
        most = f->version[i];
        *(uint16_t *)arg = versions[i];
    }
    return false;
}

/* What was asked for, else the register, else what most packets said, else 2017. */
static uint16_t version_of(const struct asking *a) {
    uint16_t version = a->request->version;
    if (version == 0 && a->device != NULL) version = a->device->version;
    if (version == 0 && a->device != NULL) {
        struct yw_store *store = yw_web_store_take(a->web, NULL);
        bool good = store != NULL &&
                    yw_store_sqlite.facts(store, a->device->id, take_version, &version, NULL) == YW_OK;
        yw_web_store_give(a->web, store, good);
    }
    return version != 0 ? version : 2017;
}

/* By its CN; of two rows of one CN the one with a range if the data area has one. */
static const struct yw_command_spec *spec_by_cn(const struct yw_command_request *r, uint16_t version) {
    bool range = r->cp != NULL && strstr(r->cp, "BeginTime=") != NULL;
    for (size_t i = 0; range && i < yw_command_spec_n; i++) {
        const struct yw_command_spec *s = &yw_command_specs[i];
        if (s->cn == r->cn && s->range && yw_command_has_version(s, version)) return s;
    }
    return yw_command_by_cn(r->cn, version);
}

static enum yw_code find_spec(struct asking *a, struct yw_error *err) {
    const struct yw_command_request *r = a->request;
    uint16_t version = version_of(a);
    a->spec = r->key != NULL ? yw_command_by_key(r->key) : spec_by_cn(r, version);
    if (a->spec == NULL || (a->spec->machine && r->origin == YW_ORIGIN_PERSON)) {
        return wrong(a, err, YW_E_NOT_FOUND, 422, "unknown_command", "没有这个命令",
                     "there is no such command");
    }
    if (!yw_command_has_version(a->spec, version)) {
        char en[120];
        snprintf(en, sizeof en, "the command %s is not of HJ 212-%u, which this device speaks", a->spec->key,
                 (unsigned)version);
        return wrong(a, err, YW_E_RANGE, 422, "version", "该设备所用的协议版本没有这个命令", en);
    }
    bool secret = yw_command_is_secret(a->spec);
    if (r->origin == YW_ORIGIN_TARGET && (a->spec->machine || secret)) {
        return wrong(a, err, YW_E_DENIED, 403, "not_for_targets", "上级平台不能下发此命令",
                     "a target may not give this command");
    }
    if (r->cp != NULL && secret) {
        return wrong(a, err, YW_E_RANGE, 422, "invalid", "该命令须逐项填写参数",
                     "this command takes arguments, not a data area");
    }
    a->line.asked.version = version;
    return YW_OK;
}

/* ---- the data area ---- */

static void name_parameter(struct asking *a, const struct yw_error *err) {
    struct yw_command_problem *p = a->request->problem;
    if (p == NULL) return;
    for (uint8_t i = 0; i < a->spec->param_n; i++) {
        const struct yw_param *param = &a->spec->params[i];
        if (strstr(err->text, param->name) == NULL) continue;
        (void)yw_copy(p->param, sizeof p->param, param->name, strlen(param->name));
        if (param->least < param->most && param->kind == YW_PARAM_NUMBER) {
            snprintf(p->text_zh, sizeof p->text_zh, "参数 %s（%s）不符合要求：%lld 至 %lld %s", param->name,
                     param->zh, (long long)param->least, (long long)param->most, param->unit);
        } else {
            snprintf(p->text_zh, sizeof p->text_zh, "参数 %s（%s）缺少或不符合要求", param->name, param->zh);
        }
        break;
    }
}

static int64_t moment(const char *cp, const char *name) {
    int64_t at = 0;
    hj212_span v = hj212_cp_field(hj212_text(cp), name);
    return v.p != NULL && hj212_parse_time(v, &at) ? at : 0;
}

static enum yw_code make_area(struct asking *a, struct yw_error *err) {
    const struct yw_command_request *r = a->request;
    struct yw_asked *asked = &a->line.asked;
    if (r->cp != NULL) {
        if (!yw_area_is_well_formed(r->cp)) {
            return wrong(a, err, YW_E_FORMAT, 422, "invalid", "数据区不符合要求",
                         "cp is not a data area of name=value items of at most 950 bytes");
        }
        (void)yw_copy(a->plain, sizeof a->plain, r->cp, strlen(r->cp));
        asked->from = a->spec->range ? moment(r->cp, "BeginTime") : 0;
        asked->to = a->spec->range ? moment(r->cp, "EndTime") : 0;
    } else {
        struct yw_error why = {0};
        enum yw_code code = yw_command_cp(a->spec, asked->version, r->args, r->arg_n, a->plain, &asked->from,
                                          &asked->to, &why);
        if (code != YW_OK) {
            (void)wrong(a, err, code, 422, "invalid", "参数不符合要求", why.text);
            name_parameter(a, &why);
            return code;
        }
    }
    a->line.cp = a->plain;
    (void)yw_command_veil(a->spec, a->plain, asked->cp, sizeof asked->cp);
    return YW_OK;
}

/* ---- limits, number, time ---- */

static enum yw_code check_limits(struct asking *a, struct yw_error *err) {
    struct yw_commands *book = a->web->commands;
    struct yw_commands_count n;
    uint32_t device = a->line.asked.device;
    yw_commands_count(book, device, a->spec->cn, &n);
    if (n.of_device >= YW_COMMANDS_OPEN_DEVICE || n.all >= YW_COMMANDS_OPEN ||
        (n.of_cn > 0 && a->spec->cn == YW_CN_SET_PASSWORD)) {
        struct yw_store *store = yw_web_store_take(a->web, NULL);
        yw_commands_sweep(book, store, yw_now());
        yw_web_store_give(a->web, store, true);
        yw_commands_count(book, device, a->spec->cn, &n);
    }
    if (n.of_cn > 0 && a->spec->cn == YW_CN_SET_PASSWORD) {
        return wrong(a, err, YW_E_STATE, 409, "under_way", "该设备的密码正在修改中",
                     "a change of this device's password is under way");
    }
    if (n.of_device >= YW_COMMANDS_OPEN_DEVICE) {
        return wrong(a, err, YW_E_LIMIT, 429, "too_many", "该设备已有 16 条命令未结束，请稍后再试",
                     "16 commands of this device are under way: try again when they have ended");
    }
    if (n.all >= YW_COMMANDS_OPEN) {
        return wrong(a, err, YW_E_LIMIT, 429, "too_many", "未结束的命令过多，请稍后再试",
                     "2000 commands are under way: try again later");
    }
    return YW_OK;
}

static uint16_t number_of(const struct asking *a, uint16_t of_device, const char *policy) {
    return of_device != 0 ? of_device : (uint16_t)yw_policy_of(a->reg, policy);
}

static void fill(struct asking *a, int64_t now) {
    const struct yw_command_request *r = a->request;
    const struct yw_device *d = a->device;
    struct yw_asked *asked = &a->line.asked;
    asked->id = yw_commands_next_id(a->web->commands, now);
    asked->at = now;
    asked->valid_until = now + (r->valid_s > 0 ? r->valid_s : YW_COMMAND_VALID_S) * YW_SECOND;
    asked->cn = a->spec->cn;
    asked->flow = a->spec->flow;
    asked->answer = a->spec->answer;
    asked->origin = r->origin;
    bool own = r->qn != NULL && strlen(r->qn) == 17 && strspn(r->qn, "0123456789") == 17 &&
               !yw_commands_has_qn(a->web->commands, asked->device, r->qn);
    for (int i = 0; i < YW_COMMANDS_OPEN_DEVICE + 1; i++, asked->id += 1000) {
        hj212_print_time(asked->id, true, asked->qn);
        if (own) memcpy(asked->qn, r->qn, 17);
        if (!yw_commands_has_qn(a->web->commands, asked->device, asked->qn)) break;
    }
    (void)yw_copy(asked->key, sizeof asked->key, a->spec->key, strlen(a->spec->key));
    (void)yw_copy(asked->by, sizeof asked->by, r->by, strlen(r->by));
    if (r->reason != NULL) (void)yw_copy(asked->reason, sizeof asked->reason, r->reason, strlen(r->reason));
    if (r->target != NULL) (void)yw_copy(asked->target, sizeof asked->target, r->target, strlen(r->target));
    a->line.st = a->spec->st != NULL ? a->spec->st : a->st;
    a->line.upload = a->spec->upload;
    a->line.overtime_s = number_of(a, d != NULL ? d->overtime_s : 0, "overtime_s");
    a->line.recount = number_of(a, d != NULL ? d->recount : 0, "recount");
    a->line.execute_s = number_of(a, d != NULL ? d->execute_s : 0, "execute_s");
    const struct yw_device_key *keys[YW_SNAP_KEYS];
    a->line.encrypt = a->spec->encrypted && asked->version == 2025 && d != NULL &&
                      yw_register_keys_now(a->reg, d->id, keys) > 0 && keys[0] != NULL;
}

/* ---- into the journal ---- */

static const char *argument(const struct yw_command_request *r, const struct yw_command_spec *s) {
    for (uint8_t i = 0; i < s->param_n; i++) {
        if (s->params[i].kind != YW_PARAM_SECRET) continue;
        for (size_t k = 0; k < r->arg_n; k++) {
            if (strcmp(r->args[k].name, s->params[i].name) == 0) return r->args[k].value;
        }
    }
    return NULL;
}

static enum yw_code set_next_password(struct asking *a, const char *pw, struct yw_error *err) {
    struct yw_device_set *set = calloc(1, sizeof *set);
    struct yw_buf act;
    yw_buf_init(&act, JSON_MAX);
    enum yw_code code = set != NULL ? YW_OK : yw_fail(err, YW_E_NOMEM, "out of memory");
    if (code == YW_OK) {
        set->members = YW_SET_PW_NEXT;
        code = yw_password_seal(a->web->secret, a->device->mn, pw, set->values.pw_next,
                                sizeof set->values.pw_next, err);
    }
    struct yw_act head = {.by = a->line.asked.by, .at = a->line.asked.at, .reason = "set-password begins"};
    if (code == YW_OK) {
        code = yw_act_device_set(&act, &head, a->device->id, set)
                   ? yw_acts_commit(a->web->acts, act.data, act.len, err)
                   : yw_fail(err, YW_E_LIMIT, "the act is too long");
    }
    yw_buf_free(&act);
    free(set);
    return code;
}

/* The new password is accepted beside the old one before the device hears of it: it may use it at once. The
 * register is unlocked while the gateways take that over. */
static enum yw_code expect_password(struct asking *a, struct yw_error *err) {
    const char *pw = argument(a->request, a->spec);
    enum yw_code code = set_next_password(a, pw != NULL ? pw : "", err);
    if (code != YW_OK) return code;
    uint32_t device = a->device->id, version = yw_register_version(a->reg);
    yw_acts_unlock(a->web->acts);
    bool known = yw_gateways_know(a->web, version);
    for (int64_t end = yw_monotonic() + KNOWN_WITHIN; !known && yw_monotonic() < end;) {
        nanosleep(&(struct timespec){.tv_nsec = 5000000}, NULL);
        known = yw_gateways_know(a->web, version);
    }
    a->reg = yw_acts_lock_alone(a->web->acts);
    a->device = yw_register_device(a->reg, device);
    if (a->device->state != YW_DEVICE_ADMITTED) known = false;
    if (known) {
        a->line.mn = a->device->mn;
        fill(a, yw_now()); /* others may have asked meanwhile: a new number */
        return YW_OK;
    }
    (void)set_next_password(a, "", NULL);
    return wrong(a, err, YW_E_STATE, 503, "not_now", "接入进程暂未就绪，命令未下发，请稍后再试",
                 "the gateways did not take the change over in time: nothing was sent, try again later");
}

static enum yw_code commit(struct asking *a, struct yw_error *err) {
    enum yw_code code = YW_OK;
    if (a->spec->cn == YW_CN_SET_PASSWORD && a->device != NULL) code = expect_password(a, err);
    if (code == YW_OK && yw_command_is_secret(a->spec)) {
        char context[48];
        snprintf(context, sizeof context, "command %lld", (long long)a->line.asked.id);
        code = yw_text_seal(a->web->secret, context, a->plain, a->sealed, sizeof a->sealed, err);
        a->line.cp = a->sealed;
    }
    if (code != YW_OK) return code;
    struct yw_buf b;
    yw_buf_init(&b, JSON_MAX);
    code = yw_command_line_put(&b, &a->line) ? yw_acts_note(a->web->acts, b.data, b.len, err)
                                             : yw_fail(err, YW_E_LIMIT, "the command is too long");
    yw_buf_free(&b);
    if (code == YW_OK) yw_commands_add(a->web->commands, &a->line.asked);
    return code;
}

static enum yw_code check_words(struct asking *a, struct yw_error *err) {
    const struct yw_command_request *r = a->request;
    if (r->by == NULL || r->by[0] == '\0' || strlen(r->by) >= sizeof a->line.asked.by) {
        return wrong(a, err, YW_E_FORMAT, 422, "invalid", "缺少操作人", "by must be there, at most 32 bytes");
    }
    if (r->reason != NULL && strlen(r->reason) > YW_COMMAND_REASON_MOST) {
        return wrong(a, err, YW_E_RANGE, 422, "reason", "原因过长", "reason is longer than 255 bytes");
    }
    if (r->target != NULL && strlen(r->target) >= sizeof a->line.asked.target) {
        return wrong(a, err, YW_E_RANGE, 422, "invalid", "目标名称过长", "target is longer than 39 bytes");
    }
    if (r->valid_s < 0 || r->valid_s > YW_COMMAND_VALID_MOST_S) {
        return wrong(a, err, YW_E_RANGE, 422, "valid_s", "有效时间须在 1 至 86400 秒之间",
                     "valid_s is 1 to 86400");
    }
    return YW_OK;
}

static bool changes_password(const struct yw_command_request *r) {
    const struct yw_command_spec *s = r->key != NULL ? yw_command_by_key(r->key) : NULL;
    return (s != NULL ? s->cn : r->cn) == YW_CN_SET_PASSWORD;
}

enum yw_code yw_command_ask(struct yw_web *w, const struct yw_command_request *r, int64_t *id,
                            struct yw_error *err) {
    struct yw_error own = {0};
    if (err == NULL) err = &own;
    struct asking *a = calloc(1, sizeof *a);
    if (r->problem != NULL) memset(r->problem, 0, sizeof *r->problem);
    if (a == NULL) return yw_fail(err, YW_E_NOMEM, "out of memory");
    a->web = w;
    a->request = r;
    a->line.asked = yw_asked_part(0);
    a->line.hardware = a->line.mn = a->line.st = "";
    bool password = changes_password(r);
    if (password) yw_commands_one_password(w->commands, true);
    a->reg = yw_acts_lock_alone(w->acts);
    enum yw_code code = check_words(a, err);
    if (code == YW_OK) code = find_device(a, err);
    if (code == YW_OK) code = find_spec(a, err);
    if (code == YW_OK) code = make_area(a, err);
    if (code == YW_OK) code = check_limits(a, err);
    if (code == YW_OK) {
        fill(a, yw_now());
        code = commit(a, err);
    }
    yw_acts_unlock(w->acts);
    if (password) yw_commands_one_password(w->commands, false);
    if (code == YW_OK) *id = a->line.asked.id;
    sodium_memzero(a->plain, sizeof a->plain);
    free(a);
    return code;
}
