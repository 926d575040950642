/* What holds for all devices for which nothing else was said: the table, shown and changed. */
#include "web/policies.h"
#include "web/web_int.h"

#include <string.h>

enum { REASON_MOST = 500, ACT_BYTES = 4096 };

/* What an operator can set for all devices together; a device's own setting wins where it has one. */
static const struct policy {
    const char *name;
    int64_t otherwise, least, most;
    const char *unit, *zh, *en;
} policies[] = {
    {"overtime_s", 10, 1, 99, "s", "命令应答超时", "how long a command waits for its answer"},
    {"recount", 3, 0, 99, "", "命令重发次数", "how often a command is sent again"},
    {"execute_s", 60, 1, 3600, "s", "命令执行超时", "how long a command waits for its result"},
    {"clock_policy", 1, 1, 2, "", "时钟：1 仅观察，2 超限后自动校时",
     "clocks: 1 watch, 2 set beyond the limit"},
    {"clock_limit_s", 60, 1, 3600, "s", "时钟偏差限度", "how far a clock may be off"},
    {"clock_odd", 0, 0, 1, "", "偏差超过一天时是否自动校时",
     "whether a clock more than a day off is set, too"},
    {"twin_policy", 1, 1, 3, "", "同一 MN 出现在两条连接上：1 报警，2 保留先到者，3 只认指定地址",
     "two links claim one MN: 1 alarm, 2 the first keeps it, 3 only from its addresses"},
    {"gap_policy", 2, 1, 2, "", "缺数：1 仅观察，2 自动补取", "gaps: 1 watch, 2 ask for what is missing"},
    {"gap_days", 7, 1, 60, "d", "补取：每轮检查的天数", "gaps: days that every round looks at"},
    {"gap_old_days", 60, 0, 400, "d", "补取：更早的数据追溯天数（缓慢补取）",
     "gaps: how far back it looks gently when nothing newer is missing"},
    {"gap_per_hour", 30, 0, 3600, "", "每台设备每小时补取次数", "how often an hour one device is asked"},
    {"gap_per_minute", 240, 0, 6000, "", "全部设备每分钟补取次数",
     "how often a minute all devices are asked"},
    {"gap_tries", 4, 1, 100, "", "同一缺口补取次数", "how often one gap is asked for before it is given up"},
    {"gap_records", 360, 1, 10000, "", "一次补取的记录数", "records asked for at a time"},
    {"key_days", 80, 1, 90, "d", "密钥更换周期，到期提醒", "age at which a key is due to be changed"},
    {"key_limit_days", 90, 1, 400, "d", "密钥使用期限，超限报警", "longest use of a key"},
    {"key_rotate", 1, 1, 2, "", "密钥更换：1 设备申请时，2 到期由平台主动下发",
     "keys are changed: 1 when the device asks, 2 also by the platform when due"},
    {"key_grace_h", 48, 1, 2400, "h", "更换后旧密钥仍可接收的时间",
     "how long the key before still opens packets"},
    {"key_tries", 5, 1, 100, "", "同一新密钥下发次数", "how often a new key is sent"},
    {"key_retry_s", 600, 10, 86400, "s", "新密钥下发失败后的间隔（逐次加倍）",
     "pause before a new key is sent again, doubled each time"},
    {"mn_carrier", 1, 1, 2, "", "下发 MN（1002）的位置：1 数据段 MN 字段，2 另在数据区给出",
     "where 1002 carries the MN: 1 in the header, 2 in the data area as well"},
};

int64_t yw_policy_of(const struct yw_register *r, const char *name) {
    for (size_t i = 0; i < YW_COUNT(policies); i++) {
        const struct policy *p = &policies[i];
        if (strcmp(p->name, name) != 0) continue;
        int64_t v = yw_register_policy(r, name, p->otherwise);
        return v < p->least ? p->least : v > p->most ? p->most : v;
    }
    return yw_register_policy(r, name, 0);
}

static void put_policies(struct yw_request *q) {
    struct yw_buf *b = &q->out;
    yj_open(b, '{');
    yj_key(b, "policies");
    yj_open(b, '[');
    for (size_t i = 0; i < YW_COUNT(policies); i++) {
        const struct policy *p = &policies[i];
        yj_open(b, '{');
        yj_put_text(b, "name", p->name);
        yj_put_i64(b, "value", yw_register_policy(q->reg, p->name, p->otherwise));
        yj_put_i64(b, "otherwise", p->otherwise);
        yj_put_i64(b, "least", p->least);
        yj_put_i64(b, "most", p->most);
        yj_put_text(b, "unit", p->unit);
        yj_put_text(b, "zh", p->zh);
        yj_put_text(b, "en", p->en);
        yj_close(b, '}');
    }
    yj_close(b, ']');
    yj_close(b, '}');
}

YW_HANDLER(yw_get_policies) {
    put_policies(q);
    return 200;
}

static const struct policy *policy_named(const char *name) {
    for (size_t i = 0; i < YW_COUNT(policies); i++) {
        if (strcmp(policies[i].name, name) == 0) return &policies[i];
    }
    return NULL;
}

static unsigned put(struct yw_request *q, json_t *o) {
    const char *name;
    json_t *v;
    char en[160], zh[160], reason[REASON_MOST + 1];
    if (!yw_member_text(q, o, "reason", reason, sizeof reason)) return 422;
    json_object_del(o, "reason");
    json_object_foreach(o, name, v) {
        const struct policy *p = policy_named(name);
        if (p == NULL) {
            snprintf(en, sizeof en, "there is no policy %.40s", name);
            return yw_problem(q, 422, "invalid", "没有这项策略", en);
        }
        bool good = json_is_null(v) || (json_is_integer(v) && json_integer_value(v) >= p->least &&
                                        json_integer_value(v) <= p->most);
        if (good) continue;
        snprintf(zh, sizeof zh, "%s 须为 %lld 至 %lld 的整数", p->name, (long long)p->least,
                 (long long)p->most);
        snprintf(en, sizeof en, "%s is a whole number of %lld to %lld, or null for the default", p->name,
                 (long long)p->least, (long long)p->most);
        return yw_problem(q, 422, "invalid", zh, en);
    }
    struct yw_error err = {0};
    struct yw_act a = {.by = q->session.user.name, .at = q->now, .reason = reason};
    enum yw_code code = YW_OK;
    struct yw_buf act;
    yw_buf_init(&act, ACT_BYTES);
    q->reg = yw_acts_lock_alone(q->web->acts);
    json_object_foreach(o, name, v) {
        yw_buf_clear(&act);
        if (code != YW_OK) break;
        code = yw_act_policy_set(&act, &a, name, json_integer_value(v), NULL, json_is_null(v))
                   ? yw_acts_commit(q->web->acts, act.data, act.len, &err)
                   : yw_fail(&err, YW_E_LIMIT, "the act is too long");
    }
    if (code == YW_OK) put_policies(q);
    yw_acts_unlock(q->web->acts);
    yw_buf_free(&act);
    return code == YW_OK ? 200 : yw_problem_from(q, code, &err);
}

YW_HANDLER(yw_put_policies) {
    json_t *o = yw_body_json(q);
    if (o == NULL) return 400;
    unsigned status = put(q, o);
    json_decref(o);
    return status;
}
