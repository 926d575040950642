/* What handlers need of a request: its query, its JSON body, problems as answers. */
#include "web/web_int.h"

#include <string.h>

unsigned yw_problem(struct yw_request *q, unsigned status, const char *code, const char *zh, const char *en) {
    struct yw_buf *b = &q->out;
    yw_buf_clear(b);
    q->content_type = NULL;
    yj_open(b, '{');
    yj_key(b, "error");
    yj_open(b, '{');
    yj_put_text(b, "code", code);
    yj_put_text(b, "text_zh", zh);
    yj_put_text(b, "text_en", en);
    yj_close(b, '}');
    yj_close(b, '}');
    return status;
}

unsigned yw_problem_from(struct yw_request *q, enum yw_code code, const struct yw_error *err) {
    switch (code) {
    case YW_E_NOT_FOUND:
        return yw_problem(q, 404, "not_found", "没有找到", err->text);
    case YW_E_EXISTS:
        return yw_problem(q, 409, "exists", "已经存在", err->text);
    case YW_E_DENIED:
        return yw_problem(q, 403, "denied", "不允许", err->text);
    case YW_E_FORMAT:
    case YW_E_RANGE:
    case YW_E_USAGE:
        return yw_problem(q, 422, "invalid", "内容不符合要求", err->text);
    case YW_E_LIMIT:
        return yw_problem(q, 413, "too_large", "超过限度", err->text);
    case YW_E_FULL:
        return yw_problem(q, 507, "disk_full", "磁盘已满，未作任何更改", err->text);
    case YW_E_BUSY:
    case YW_E_STATE:
        return yw_problem(q, 503, "not_now", "暂时不可用，请稍后再试", err->text);
    default:
        /* What went wrong inside is for the log, not for the browser. */
        yw_log(YW_LOG_ERROR, "%s %s: %s", q->method, q->path, err->text);
        return yw_problem(q, 500, "internal", "服务器内部错误，已记入日志",
                          "an error inside the server; it is in the log");
    }
}

const char *yw_query(const struct yw_request *q, const char *name) {
    const char *v = MHD_lookup_connection_value(q->connection, MHD_GET_ARGUMENT_KIND, name);
    return v != NULL ? v : "";
}

bool yw_query_i64(const struct yw_request *q, const char *name, int64_t least, int64_t most,
                  int64_t otherwise, int64_t *out) {
    const char *v = yw_query(q, name);
    *out = otherwise;
    if (v[0] == '\0') return true;
    return yw_parse_i64(v, strlen(v), out) && *out >= least && *out <= most;
}

void yw_put_journal(struct yw_buf *b, uint16_t journal) {
    char name[16] = "acts";
    if (journal != YW_JOURNAL_ACTS) snprintf(name, sizeof name, "p%u", journal);
    yj_put_text(b, "journal", name);
}

json_t *yw_body_json(struct yw_request *q) {
    json_error_t where;
    json_t *o =
        q->body.len == 0 ? NULL : json_loadb(q->body.data, q->body.len, JSON_REJECT_DUPLICATES, &where);
    if (json_is_object(o)) return o;
    json_decref(o);
    (void)yw_problem(q, 400, "json", "请求内容不是 JSON 对象", "the body is not a JSON object");
    return NULL;
}

bool yw_member_text(struct yw_request *q, const json_t *o, const char *name, char *to, size_t size) {
    const json_t *v = json_object_get(o, name);
    to[0] = '\0';
    if (v == NULL || json_is_null(v)) return true;
    const char *text = json_string_value(v);
    if (text != NULL && json_string_length(v) < size) {
        memcpy(to, text, json_string_length(v) + 1);
        return true;
    }
    char en[160];
    snprintf(en, sizeof en, "%s: must be a text of at most %zu bytes", name, size - 1);
    (void)yw_problem(q, 422, "invalid", "内容不符合要求", en);
    return false;
}

static char lower(char c) {
    return c >= 'A' && c <= 'Z' ? (char)(c + 'a' - 'A') : c;
}

bool yw_text_has(const char *text, const char *part) {
    for (; *text != '\0'; text++) {
        size_t i = 0;
        while (part[i] != '\0' && lower(text[i]) == lower(part[i])) i++;
        if (part[i] == '\0') return true;
    }
    return part[0] == '\0';
}
