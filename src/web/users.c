/* Users: list, make, change. Only for operators of the whole installation. */
#include "web/web_int.h"

#include <sodium.h>
#include <string.h>

static void put_one(void *arg, const struct yw_user *u) {
    struct yw_request *q = arg;
    yw_put_user(&q->out, q->reg, u);
}

YW_HANDLER(yw_get_users) {
    struct yw_error err = {0};
    yj_open(&q->out, '{');
    yj_key(&q->out, "users");
    yj_open(&q->out, '[');
    enum yw_code code = yw_office_users(q->web->office, put_one, q, &err);
    if (code != YW_OK) return yw_problem_from(q, code, &err);
    yj_close(&q->out, ']');
    yj_close(&q->out, '}');
    return 200;
}

/* By id or by name. 0: none. */
static uint32_t maintainer_of(const struct yw_request *q, const json_t *v) {
    size_t n;
    const struct yw_maintainer *m = yw_register_maintainers(q->reg, &n);
    for (size_t i = 0; i < n; i++) {
        if (json_is_string(v) ? strcmp(m[i].name, json_string_value(v)) == 0
                              : json_integer_value(v) == m[i].id)
            return m[i].id;
    }
    return 0;
}

/* Members that are there change u; the others stay. False: the problem is written. */
static bool read_user(struct yw_request *q, const json_t *o, struct yw_user *u,
                      char password[YW_PASSWORD_MOST + 2]) {
    char role[24] = "";
    bool good = true;
    if (json_object_get(o, "display_name") != NULL)
        good = yw_member_text(q, o, "display_name", u->display_name, sizeof u->display_name);
    if (good && json_object_get(o, "area") != NULL)
        good = yw_member_text(q, o, "area", u->area, sizeof u->area);
    if (good && json_object_get(o, "unit") != NULL)
        good = yw_member_text(q, o, "unit", u->unit, sizeof u->unit);
    if (good) good = yw_member_text(q, o, "role", role, sizeof role);
    if (good) good = yw_member_text(q, o, "password", password, YW_PASSWORD_MOST + 2);
    if (!good) return false;
    if (role[0] != '\0' && !yw_role_parse(role, &u->role)) {
        (void)yw_problem(q, 422, "role", "角色只能是 operator、officer、leader、maintainer、enterprise 之一",
                         "role: one of operator, officer, leader, maintainer, enterprise");
        return false;
    }
    const json_t *enterprise = json_object_get(o, "enterprise"),
                 *maintainer = json_object_get(o, "maintainer");
    const json_t *disabled = json_object_get(o, "disabled");
    if (enterprise != NULL) u->enterprise = (uint32_t)json_integer_value(enterprise);
    if (maintainer != NULL) u->maintainer = maintainer_of(q, maintainer);
    if (disabled != NULL) u->disabled = json_is_true(disabled);
    const char *zh = NULL, *en = NULL;
    if (u->area[0] != '\0' && yw_register_area(q->reg, u->area) == NULL) {
        zh = "没有这个行政区", en = "area: there is no such area";
    } else if (u->role == YW_ROLE_ENTERPRISE && yw_register_enterprise(q->reg, u->enterprise) == NULL) {
        zh = "请选择该账号所属的排污单位", en = "enterprise: there is no such enterprise";
    } else if (u->role == YW_ROLE_MAINTAINER && yw_register_maintainer(q->reg, u->maintainer) == NULL) {
        zh = "请选择该账号所属的运维单位", en = "maintainer: there is no such maintainer";
    }
    if (en != NULL) (void)yw_problem(q, 422, "invalid", zh, en);
    return en == NULL;
}

static unsigned answer(struct yw_request *q, enum yw_code code, const struct yw_error *err,
                       const struct yw_user *u) {
    if (code == YW_E_RANGE) return yw_problem(q, 422, "password", "密码须为 8 至 128 个字符", err->text);
    if (code != YW_OK) return yw_problem_from(q, code, err);
    yj_open(&q->out, '{');
    yj_key(&q->out, "user");
    yw_put_user(&q->out, q->reg, u);
    yj_close(&q->out, '}');
    return 200;
}

YW_HANDLER(yw_post_user) {
    json_t *o = yw_body_json(q);
    if (o == NULL) return 400;
    struct yw_user u = {0};
    char password[YW_PASSWORD_MOST + 2] = "";
    struct yw_error err = {0};
    bool good = yw_member_text(q, o, "name", u.name, sizeof u.name) && read_user(q, o, &u, password);
    json_decref(o);
    if (!good) return 422;
    enum yw_code code = yw_office_user_add(q->web->office, &u, password, q->now, &err);
    sodium_memzero(password, sizeof password);
    if (code == YW_OK) yw_log(YW_LOG_INFO, "user %s made by %s", u.name, q->session.user.name);
    return answer(q, code, &err, &u);
}

YW_HANDLER(yw_patch_user) {
    struct yw_user u = {0};
    struct yw_error err = {0};
    enum yw_code code = yw_office_user(q->web->office, q->params[0], &u, &err);
    if (code != YW_OK) return yw_problem_from(q, code, &err);
    json_t *o = yw_body_json(q);
    if (o == NULL) return 400;
    char password[YW_PASSWORD_MOST + 2] = "";
    bool good = read_user(q, o, &u, password);
    json_decref(o);
    if (!good) return 422;
    /* Or nobody might be left who can let anybody in again. */
    bool self = strcmp(u.name, q->session.user.name) == 0;
    if (self && (u.disabled || u.role != YW_ROLE_OPERATOR || u.area[0] != '\0')) {
        return yw_problem(q, 409, "self", "不能停用自己的账号或收回自己的管理权限",
                          "you cannot disable yourself or give up your own administration");
    }
    code = yw_office_user_change(q->web->office, &u, &err);
    if (code == YW_OK && password[0] != '\0')
        code = yw_office_password_set(q->web->office, u.name, password, self ? q->token : NULL, &err);
    sodium_memzero(password, sizeof password);
    if (code == YW_OK) yw_log(YW_LOG_INFO, "user %s changed by %s", u.name, q->session.user.name);
    return answer(q, code, &err, &u);
}
