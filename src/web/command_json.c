/* Commands as the API shows them: the catalogue, what became of one, what a device answered in words. */
#include "web/web_int.h"

#include "web/commands.h"

#include <string.h>

static const char *const kinds[] = {"number", "time14", "time17", "clock6", "clock4", "factor",
                                    "info",   "choice", "text",   "secret", "free",   "decimal"};

/* ---- the catalogue ---- */

static void put_choices(struct yw_buf *b, const char *text) {
    yj_open(b, '[');
    while (text != NULL && *text != '\0') {
        size_t n = strcspn(text, ",");
        yj_text_n(b, text, n);
        text += n + (text[n] == ',');
    }
    yj_close(b, ']');
}

static void put_versions(struct yw_buf *b, uint8_t versions) {
    yj_key(b, "versions");
    yj_open(b, '[');
    if (versions & YW_V2005) yj_i64(b, 2005);
    if (versions & YW_V2017) yj_i64(b, 2017);
    if (versions & YW_V2025) yj_i64(b, 2025);
    yj_close(b, ']');
}

static void put_param(struct yw_buf *b, const struct yw_param *p, uint8_t versions) {
    yj_open(b, '{');
    yj_put_text(b, "name", p->name);
    yj_put_text(b, "kind", p->kind < YW_COUNT(kinds) ? kinds[p->kind] : "text");
    yj_put_bool(b, "required", p->required);
    yj_put_i64(b, "least", p->least);
    yj_put_i64(b, "most", p->most);
    yj_key(b, "choices");
    put_choices(b, p->choices);
    yj_put_text(b, "unit", p->unit != NULL ? p->unit : "");
    yj_put_text_or_null(b, "preset", p->preset);
    yj_put_i64(b, "many", p->many);
    put_versions(b, p->versions != 0 ? p->versions : versions);
    yj_put_text(b, "zh", p->zh);
    yj_put_text(b, "en", p->en);
    yj_close(b, '}');
}

static void put_spec(struct yw_buf *b, const struct yw_command_spec *s) {
    yj_open(b, '{');
    yj_put_text(b, "key", s->key);
    yj_put_i64(b, "cn", s->cn);
    put_versions(b, s->versions);
    yj_put_text(b, "zh", s->zh);
    yj_put_text(b, "en", s->en);
    yj_put_text(b, "help_zh", s->help_zh != NULL ? s->help_zh : "");
    yj_put_text(b, "help_en", s->help_en != NULL ? s->help_en : "");
    yj_put_text(b, "flow", yw_flow_name(s->flow));
    yj_put_text(b, "answer", yw_answer_name(s->answer));
    yj_put_bool(b, "range", s->range);
    yj_put_bool(b, "touches", s->touches);
    yj_put_bool(b, "sure", s->sure);
    yj_key(b, "params");
    yj_open(b, '[');
    for (uint8_t i = 0; i < s->param_n; i++) put_param(b, &s->params[i], s->versions);
    yj_close(b, ']');
    yj_close(b, '}');
}

static void put_code(struct yw_buf *b, int code, const char *zh, const char *en) {
    yj_open(b, '{');
    yj_put_i64(b, "code", code);
    yj_put_text(b, "zh", zh);
    yj_put_text(b, "en", en);
    yj_close(b, '}');
}

static void put_codes(struct yw_buf *b, const char *key, const struct yw_return_word *w, size_t n) {
    yj_key(b, key);
    yj_open(b, '[');
    for (size_t i = 0; i < n; i++) put_code(b, w[i].code, w[i].zh, w[i].en);
    yj_close(b, ']');
}

void yw_put_catalogue(struct yw_buf *b) {
    yj_open(b, '{');
    yj_key(b, "commands");
    yj_open(b, '[');
    for (size_t i = 0; i < yw_command_spec_n; i++) {
        if (!yw_command_specs[i].machine) put_spec(b, &yw_command_specs[i]);
    }
    yj_close(b, ']');
    put_codes(b, "qnrtn", yw_qnrtn_words, yw_qnrtn_word_n);
    put_codes(b, "exertn", yw_exertn_words, yw_exertn_word_n);
    yj_close(b, '}');
}

/* ---- an answer in words ---- */

struct word {
    const char *name, *zh, *en;
};
static const struct word words[] = {
    {"DataTime", "数据时间", "data time"},
    {"SystemTime", "系统时间", "system time"},
    {"RtdInterval", "实时数据间隔", "real-time interval"},
    {"MinInterval", "分钟数据间隔", "minute interval"},
    {"RestartTime", "开机时间", "power-on time"},
    {"AlarmTarget", "报警目标", "alarm target"},
    {"ReportTime", "数据上报时间", "daily report time"},
    {"PolId", "污染因子", "factor"},
    {"InfoId", "信息编码", "information code"},
    {"VaseNo", "留样瓶编号", "bottle number"},
    {"CstartTime", "首次采样时间", "first sampling"},
    {"CTime", "采样周期", "sampling period"},
    {"Ctime", "采样周期", "sampling period"},
    {"Stime", "出样时间", "sample-to-result time"},
    {"QnRtn", "请求返回", "answer to the request"},
    {"ExeRtn", "执行结果", "result"},
    {"Rtd", "实时值", "real-time value"},
    {"Min", "最小值", "minimum"},
    {"Avg", "平均值", "mean"},
    {"Max", "最大值", "maximum"},
    {"Cou", "累计值", "amount"},
    {"ZsRtd", "折算实时值", "converted real-time value"},
    {"ZsMin", "折算最小值", "converted minimum"},
    {"ZsAvg", "折算平均值", "converted mean"},
    {"ZsMax", "折算最大值", "converted maximum"},
    {"Flag", "数据标记", "data mark"},
    {"EFlag", "设备标记", "maker's mark"},
    {"SampleTime", "采样时间", "sampling time"},
    {"CompleteTime", "完成时间", "completion time"},
    {"SampleType", "样品类型", "kind of sample"},
    {"SampleRd", "核查测定值", "check reading"},
    {"StandardValue", "标样值", "standard value"},
    {"ResultType", "核查结果", "result of the check"},
    {"LowValue", "报警下限", "lower alarm limit"},
    {"UpValue", "报警上限", "upper alarm limit"},
    {"Ala", "报警值", "alarm"},
    {"Data", "噪声值", "noise level"},
    {"DayData", "昼间值", "level by day"},
    {"NightData", "夜间值", "level by night"},
    {"RS", "运行状态", "running state"},
    {"RT", "运行时间", "running time"},
    {"Info", "信息", "information"},
    {"SN", "设备标识", "serial number"},
};

static const struct word *word_of(hj212_span name) {
    for (size_t i = 0; i < YW_COUNT(words); i++) {
        if (strlen(words[i].name) == name.n && memcmp(words[i].name, name.p, name.n) == 0) return &words[i];
    }
    return NULL;
}

static void put_item(struct yw_buf *b, struct yw_web *w, const hj212_item *item) {
    char name[96], code[32], zh[200], en[200];
    hj212_span whole = item->code.p != NULL ? item->code : item->field;
    const struct word *word = word_of(item->field);
    int field_n = (int)(item->field.n < 40 ? item->field.n : 40);
    if (item->code.p == NULL) {
        snprintf(name, sizeof name, "%.*s", field_n, item->field.p);
        snprintf(zh, sizeof zh, "%s", word != NULL ? word->zh : name);
        snprintf(en, sizeof en, "%s", word != NULL ? word->en : name);
    } else {
        snprintf(code, sizeof code, "%.*s", (int)(whole.n < 31 ? whole.n : 31), whole.p);
        snprintf(name, sizeof name, "%s-%.*s", code, field_n, item->field.p);
        const struct yw_factor_name *f = yw_factor_name(&w->factors, code);
        if (f == NULL) f = yw_factor_name(&w->infos, code);
        /* Of a device's information its name says all. */
        bool bare = code[0] == 'i' && word != NULL && strcmp(word->name, "Info") == 0;
        const char *field_zh = word != NULL ? word->zh : name + strlen(code) + 1;
        const char *field_en = word != NULL ? word->en : name + strlen(code) + 1;
        snprintf(zh, sizeof zh, "%s%s%s", f != NULL ? f->name_zh : code, bare ? "" : " ",
                 bare ? "" : field_zh);
        snprintf(en, sizeof en, "%s%s%s", f != NULL ? f->name_en : code, bare ? "" : ", ",
                 bare ? "" : field_en);
    }
    yj_open(b, '{');
    yj_put_text(b, "name", name);
    yj_key(b, "value");
    yj_text_n(b, item->value.p != NULL ? item->value.p : "", item->value.n);
    yj_put_text(b, "zh", zh);
    yj_put_text(b, "en", en);
    yj_close(b, '}');
}

void yw_put_answer(struct yw_buf *b, struct yw_web *w, const char *cp) {
    hj212_iterator it;
    hj212_item item;
    yj_open(b, '[');
    hj212_items(&it, hj212_text(cp));
    while (hj212_next(&it, &item)) {
        if (item.field.p != NULL) put_item(b, w, &item);
    }
    yj_close(b, ']');
}

/* ---- one command ---- */

static void put_source(struct yw_buf *b, const char *key, const struct yw_source *s) {
    yj_key(b, key);
    if (s->arrival == 0) {
        yj_null(b);
        return;
    }
    yj_open(b, '{');
    yj_put_time(b, "arrival", s->arrival);
    yw_put_journal(b, s->journal);
    yj_key(b, "position");
    yj_u64_text(b, s->position);
    yj_close(b, '}');
}

static void put_return(struct yw_buf *b, const char *key, int code, const char *(*text)(int code, bool zh)) {
    yj_key(b, key);
    if (code < 0) {
        yj_null(b);
    } else {
        put_code(b, code, text(code, true), text(code, false));
    }
}

static void put_answers(struct yw_buf *b, const struct yw_asked *a) {
    yj_key(b, "answers");
    yj_open(b, '[');
    for (size_t i = 0; i < a->answer_n && i < YW_COUNT(a->answers); i++) {
        yj_open(b, '{');
        yj_put_time(b, "arrival", a->answers[i].arrival);
        yw_put_journal(b, a->answers[i].journal);
        yj_key(b, "position");
        yj_u64_text(b, a->answers[i].position);
        yj_put_text_or_null(b, "cp", i == 0 ? a->answer_cp : "");
        yj_close(b, '}');
    }
    yj_close(b, ']');
}

void yw_put_asked(struct yw_buf *b, struct yw_web *w, const struct yw_register *r, const struct yw_asked *a,
                  int64_t now) {
    const struct yw_command_spec *s = yw_command_by_key(a->key);
    if (s == NULL) s = yw_command_by_cn(a->cn, a->version);
    const struct yw_device *d = yw_register_device(r, a->device);
    yj_open(b, '{');
    yj_put_i64(b, "id", a->id);
    yj_put_i64(b, "device", a->device);
    yj_put_text_or_null(b, "mn", d != NULL ? d->mn : "");
    yj_key(b, "outlet");
    a->outlet != 0 ? yj_i64(b, a->outlet) : yj_null(b);
    yj_put_text(b, "key", a->key);
    yj_put_i64(b, "cn", a->cn);
    yj_put_i64(b, "version", a->version);
    yj_put_text(b, "zh", s != NULL ? s->zh : a->key);
    yj_put_text(b, "en", s != NULL ? s->en : a->key);
    yj_put_text(b, "cp", a->cp);
    yj_put_text(b, "qn", a->qn);
    yj_put_text(b, "by", a->by);
    yj_put_text(b, "origin", yw_origin_name(a->origin));
    yj_put_text_or_null(b, "target", a->target);
    yj_put_text(b, "reason", a->reason);
    yj_put_time(b, "at", a->at);
    yj_put_time(b, "valid_until", a->valid_until);
    yj_put_text(b, "state", yw_asked_state_name(yw_asked_state(a, now)));
    yj_put_text_or_null(b, "outcome", a->outcome != YW_OUTCOME_NONE ? yw_outcome_name(a->outcome) : "");
    yj_put_i64(b, "attempts", a->attempts);
    put_return(b, "qnrtn", a->qnrtn, yw_qnrtn_text);
    put_return(b, "exertn", a->exertn, yw_exertn_text);
    put_source(b, "sent", &a->sent);
    put_source(b, "accepted", &a->accepted);
    put_source(b, "ended", &a->ended);
    put_answers(b, a);
    yj_put_i64(b, "uploads", a->uploads);
    yj_key(b, "answer");
    yw_put_answer(b, w, a->answer_cp);
    yj_close(b, '}');
}
