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
    {"alarm_exceedance", 2, 0, 3, "", "报警级别：涉嫌超标（0 不报警，1 提示，2 关注，3 紧急）",
     "severity: suspected exceedance (0 none, 1 notice, 2 attention, 3 urgent)"},
    {"alarm_urgent_pct", 50, 0, 100000, "%", "超标倍数达到此百分数时为紧急",
     "an exceedance this far over its limit is urgent"},
    {"alarm_temperature", 3, 0, 3, "", "报警级别：炉温不达标", "severity: furnace too cold"},
    {"alarm_missing", 1, 0, 3, "", "报警级别：数据缺失", "severity: records missing"},
    {"alarm_silent", 2, 0, 3, "", "报警级别：离线", "severity: nothing comes"},
    {"alarm_constant", 2, 0, 3, "", "报警级别：数据恒定", "severity: value does not change"},
    {"alarm_over_range", 2, 0, 3, "", "报警级别：超量程", "severity: outside the instrument's range"},
    {"alarm_overdue_check", 1, 0, 3, "", "报警级别：校准核查超期", "severity: calibration or check overdue"},
    {"alarm_check_failed", 2, 0, 3, "", "报警级别：核查不合格", "severity: check failed"},
    {"alarm_clock", 1, 0, 3, "", "报警级别：时钟偏差", "severity: clock is wrong"},
    {"alarm_share", 2, 0, 3, "", "报警级别：达标小时占比不足", "severity: too few hours keep the limit"},
    {"alarm_amount", 2, 0, 3, "", "报警级别：许可排放量", "severity: permitted amount"},
    {"alarm_capture", 1, 0, 3, "", "报警级别：捕集率不足", "severity: capture rate too low"},
    {"alarm_maintenance_long", 1, 0, 3, "", "报警级别：维护标记超时限",
     "severity: maintenance marks beyond their quota"},
    {"alarm_impossible", 2, 0, 3, "", "报警级别：违反物理约束", "severity: physically impossible"},
    {"alarm_needs_proof", 0, 0, 3, "", "报警级别：需佐证", "severity: needs proof"},
    {"alarm_power", 2, 0, 3, "", "报警级别：生产与治理设施不同步", "severity: production without treatment"},
    {"alarm_stop_mark", 2, 0, 3, "", "报警级别：停运标记与工况不符", "severity: marked stopped but running"},
    {"alarm_heavy_pollution", 3, 0, 3, "", "报警级别：重污染天气限产",
     "severity: production limit of a heavy-pollution day"},
    {"alarm_fault_long", 1, 0, 3, "", "报警级别：单次故障超时限", "severity: one fault longer than allowed"},
    {"alarm_points", 1, 1, 100, "", "连续几个超标均值后报警",
     "means above the limit in a row before an alarm"},
    {"alarm_end_min", 120, 1, 10080, "min", "达标多久后一次过程结束",
     "how long in order before an episode ends"},
    {"alarm_join_min", 120, 0, 10080, "min", "间隔不超过此时长的视为同一过程",
     "gaps up to this do not part an episode"},
    {"alarm_quality_join_min", 1440, 0, 43200, "min", "数据质量类报警：间隔不超过此时长的视为同一过程",
     "the same for missing, constant, over-range and impossible data"},
    {"alarm_silent_s", 3600, 5, 864000, "s", "多久没有数据为离线",
     "silence before an outlet counts as silent"},
    {"alarm_fresh_h", 48, 1, 8760, "h", "早于此的过程按历史登记，不计时限",
     "episodes that ended longer ago are entered as past, without deadlines"},
    {"alarm_settle_s", 300, 0, 86400, "s", "数据质量类初判稳定多久后报警（补传期间不报）",
     "how long verdicts on the quality of data stand unchanged before an alarm"},
    {"alarm_withdraw_s", 120, 0, 86400, "s", "初判消失多久后撤销报警",
     "how long a verdict is gone before its alarm is withdrawn"},
    {"alarm_home_level", 2, 1, 5, "", "由哪一级机构做非现场核查：1 省，2 市，3 县",
     "level of the desk check: 1 province, 2 city, 3 county"},
    {"alarm_limit_raised_min", 120, 0, 525600, "min", "时限：生成后开始核查（0 不限）",
     "limit: raised until begun (0 none)"},
    {"alarm_limit_desk_min", 1440, 0, 525600, "min", "时限：非现场核查", "limit: desk check"},
    {"alarm_limit_assign_min", 1440, 0, 525600, "min", "时限：交办后签收",
     "limit: assigned until signed for"},
    {"alarm_limit_sign_min", 4320, 0, 525600, "min", "时限：签收后核实", "limit: signed for until verified"},
    {"alarm_limit_verify_min", 1440, 0, 525600, "min", "时限：核实后反馈", "limit: verified until fed back"},
    {"alarm_limit_feedback_min", 2880, 0, 525600, "min", "时限：反馈后甄别", "limit: fed back until review"},
    {"alarm_limit_review_min", 2880, 0, 525600, "min", "时限：甄别", "limit: review"},
    {"shift_first_min", 480, 0, 1438, "min", "白班开始（当日零点起的分钟数）",
     "the day shift begins, minutes after midnight"},
    {"shift_second_min", 1200, 1, 1439, "min", "夜班开始（当日零点起的分钟数）",
     "the night shift begins, minutes after midnight"},
    {"delivery_retry_s", 30, 1, 3600, "s", "通知发送失败后的间隔（逐次加倍）",
     "pause before a notice is sent again, doubled each time"},
    {"delivery_tries", 12, 1, 100, "", "同一通知发送次数", "how often a notice is sent"},
};

/* What the installation calls things. */
static const struct named {
    const char *name, *otherwise, *zh, *en;
} texts[] = {
    {"stage_raised", "生成", "环节名称：生成", "name of the stage: raised"},
    {"stage_desk", "非现场核查", "环节名称：非现场核查", "name of the stage: desk check"},
    {"stage_assign", "交办", "环节名称：交办", "name of the stage: assigned"},
    {"stage_sign", "签收", "环节名称：签收", "name of the stage: signed for"},
    {"stage_verify", "核实", "环节名称：核实", "name of the stage: verification"},
    {"stage_feedback", "反馈", "环节名称：反馈", "name of the stage: feedback"},
    {"stage_review", "甄别", "环节名称：甄别", "name of the stage: review"},
    {"stage_closed", "办结归档", "环节名称：办结归档", "name of the stage: closed"},
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
    yj_key(b, "texts");
    yj_open(b, '[');
    for (size_t i = 0; i < YW_COUNT(texts); i++) {
        yj_open(b, '{');
        yj_put_text(b, "name", texts[i].name);
        yj_put_text(b, "value", yw_register_policy_text(q->reg, texts[i].name, texts[i].otherwise));
        yj_put_text(b, "otherwise", texts[i].otherwise);
        yj_put_text(b, "zh", texts[i].zh);
        yj_put_text(b, "en", texts[i].en);
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

static bool is_text(const char *name) {
    for (size_t i = 0; i < YW_COUNT(texts); i++) {
        if (strcmp(texts[i].name, name) == 0) return true;
    }
    return false;
}

static unsigned put(struct yw_request *q, json_t *o) {
    const char *name;
    json_t *v;
    char en[160], zh[160], reason[REASON_MOST + 1];
    if (!yw_member_text(q, o, "reason", reason, sizeof reason)) return 422;
    json_object_del(o, "reason");
    json_object_foreach(o, name, v) {
        const struct policy *p = policy_named(name);
        if (is_text(name) && json_is_null(v)) continue;
        if (is_text(name)) {
            size_t n = json_string_length(v);
            if (json_is_string(v) && n > 0 && n < YW_POLICY_TEXT) continue;
            return yw_problem(q, 422, "invalid", "名称须为 1 至 20 个汉字",
                              "a name is a text of 1 to 63 bytes, or null for the default");
        }
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
        code = yw_act_policy_set(&act, &a, name, json_integer_value(v), json_string_value(v), json_is_null(v))
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
