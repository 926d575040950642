/* Changing how the platform treats a device; overlays. */
#include "web/web_int.h"

#include "web/device_detail.h"
#include "web/overlay.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

enum { REASON_MOST = 500, ACT_BYTES = 32 << 10 };

/* ---- a device ---- */

static bool put_alias(struct yw_device_set *set, const struct yw_alias *a) {
    for (size_t i = 0; i < set->alias_n; i++) {
        if (strcmp(set->aliases[i].from, a->from) == 0) return true; /* what was said by hand wins */
    }
    if (set->alias_n == YW_ALIASES_MAX) return false;
    set->aliases[set->alias_n++] = *a;
    return true;
}

/* The overlay's aliases go into the act itself: the journal alone decides, whatever becomes of the file. */
static enum yw_code resolve_overlay(struct yw_device_set *set, struct yw_error *err) {
    if ((set->members & YW_SET_OVERLAY) == 0) return YW_OK;
    if ((set->members & YW_SET_ALIASES) == 0) set->alias_n = 0;
    set->members |= YW_SET_ALIASES;
    if (set->values.overlay[0] == '\0') return YW_OK;
    struct yw_overlay *o = malloc(sizeof *o);
    if (o == NULL) return yw_fail(err, YW_E_NOMEM, "out of memory");
    enum yw_code code = yw_overlay_load(set->values.overlay, o, err);
    if (code == YW_E_NOT_FOUND) code = YW_E_RANGE;
    for (size_t i = 0; code == YW_OK && i < o->alias_n; i++) {
        if (!put_alias(set, &o->aliases[i]))
            code = yw_fail(err, YW_E_LIMIT, "aliases: more than %d", YW_ALIASES_MAX);
    }
    free(o);
    return code;
}

static enum yw_code seal_password(struct yw_request *q, const char *mn, struct yw_device_set *set,
                                  struct yw_error *err) {
    char plain[YW_PASSWORD_SEALED];
    if ((set->members & YW_SET_PW) == 0) return YW_OK;
    set->members |= YW_SET_PW_NEXT; /* whoever says which password is right ends a change under way */
    memcpy(plain, set->values.pw, sizeof plain);
    enum yw_code code =
        yw_password_seal(q->web->secret, mn, plain, set->values.pw, sizeof set->values.pw, err);
    sodium_memzero(plain, sizeof plain);
    return code;
}

static unsigned commit_set(struct yw_request *q, struct yw_device_set *set, const char *reason) {
    struct yw_error err = {0};
    struct yw_buf act;
    yw_buf_init(&act, ACT_BYTES);
    q->reg = yw_acts_lock_alone(q->web->acts);
    const struct yw_device *d = yw_register_device(q->reg, q->id);
    enum yw_code code = seal_password(q, d->mn, set, &err);
    struct yw_act a = {.by = q->session.user.name, .at = q->now, .reason = reason};
    if (code == YW_OK && !yw_act_device_set(&act, &a, q->id, set))
        code = yw_fail(&err, YW_E_LIMIT, "the act is too long");
    if (code == YW_OK) code = yw_acts_commit(q->web->acts, act.data, act.len, &err);
    if (code == YW_OK) {
        yj_open(&q->out, '{');
        yj_put_i64(&q->out, "register_version", yw_register_version(q->reg));
        yj_key(&q->out, "device");
        yj_open(&q->out, '{');
        yj_put_i64(&q->out, "id", q->id);
        yw_put_device_settings(&q->out, q->reg, yw_register_device(q->reg, q->id));
        yj_close(&q->out, '}');
        yj_close(&q->out, '}');
    }
    yw_acts_unlock(q->web->acts);
    yw_buf_free(&act);
    return code == YW_OK ? 200 : yw_problem_from(q, code, &err);
}

static unsigned patch(struct yw_request *q, const json_t *o, struct yw_device_set *set) {
    char reason[REASON_MOST + 1];
    struct yw_error err = {0};
    size_t used = 0;
    if (!yw_member_text(q, o, "reason", reason, sizeof reason)) return 422;
    size_t others = json_object_get(o, "reason") != NULL;
    enum yw_code code = yw_device_set_read(q->body.data, q->body.len, set, &used, &err);
    if (code != YW_OK) return yw_problem_from(q, code, &err);
    if ((set->members & YW_SET_PW_NEXT) != 0)
        return yw_problem(q, 422, "pw_next", "请用“设置现场机密码”命令修改设备密码",
                          "pw_next: the command set-password changes a device's password");
    if (used == 0 || used + others != json_object_size(o))
        return yw_problem(q, 422, "invalid", "没有可修改的内容，或含有不认识的成员",
                          "nothing to change, or a member that is not known");
    code = resolve_overlay(set, &err);
    return code == YW_OK ? commit_set(q, set, reason) : yw_problem_from(q, code, &err);
}

YW_HANDLER(yw_patch_device) {
    json_t *o = yw_body_json(q);
    if (o == NULL) return 400;
    struct yw_device_set *set = calloc(1, sizeof *set);
    unsigned status =
        set != NULL ? patch(q, o, set) : yw_problem(q, 500, "internal", "内存不足", "out of memory");
    if (set != NULL) sodium_memzero(set, sizeof *set);
    free(set);
    json_decref(o);
    return status;
}

YW_HANDLER(yw_get_overlays) {
    char(*names)[32] = calloc(YW_OVERLAYS_MAX, sizeof *names);
    struct yw_overlay *o = malloc(sizeof *o);
    size_t n = names != NULL && o != NULL ? yw_overlay_names(names, YW_OVERLAYS_MAX) : 0;
    struct yw_buf *b = &q->out;
    yj_open(b, '{');
    yj_key(b, "overlays");
    yj_open(b, '[');
    for (size_t i = 0; i < n; i++) {
        struct yw_error err = {0};
        if (yw_overlay_load(names[i], o, &err) != YW_OK) {
            yw_log(YW_LOG_WARN, "%s", err.text);
            continue;
        }
        yj_open(b, '{');
        yj_put_text(b, "name", o->name);
        yj_put_text(b, "title_zh", o->title_zh);
        yj_put_text(b, "title_en", o->title_en);
        yj_put_text(b, "source", o->source);
        yj_put_text(b, "confidence", o->confidence);
        yj_key(b, "aliases");
        yj_open(b, '{');
        for (size_t k = 0; k < o->alias_n; k++) yj_put_text(b, o->aliases[k].from, o->aliases[k].to);
        yj_close(b, '}');
        const struct {
            const char *key;
            const struct yw_overlay_word *at;
            size_t n;
        } words[] = {{"fields", o->fields, o->field_n}, {"commands", o->commands, o->command_n}};
        for (size_t which = 0; which < YW_COUNT(words); which++) {
            yj_key(b, words[which].key);
            yj_open(b, '[');
            for (size_t k = 0; k < words[which].n; k++) {
                yj_open(b, '{');
                yj_put_text(b, "name", words[which].at[k].name);
                yj_put_text(b, "zh", words[which].at[k].zh);
                yj_put_text(b, "en", words[which].at[k].en);
                yj_close(b, '}');
            }
            yj_close(b, ']');
        }
        yj_close(b, '}');
    }
    yj_close(b, ']');
    yj_close(b, '}');
    free(names);
    free(o);
    return 200;
}
