/* Queries as acts: sent, received, replied to, closed; each step is a version of its own. */
#include "register/queries.h"

#include <stdlib.h>
#include <string.h>

#include "register/acts.h"
#include "register/marks.h"
#include "register/members.h"

static const struct {
    const char *name, *zh;
} states[] = {
#define X(id, name, zh, en) {name, zh},
    YW_QUERY_STATE_TABLE(X)
#undef X
};
const char *yw_query_state_name(uint8_t s) {
    return s < YW_QUERY_STATES ? states[s].name : "";
}
const char *yw_query_state_zh(uint8_t s) {
    return s < YW_QUERY_STATES ? states[s].zh : "";
}

enum { TEXT_N = 9 }; /* number, text, by, received_by, replied_by, reply, closed_by, closing, alarm */

static void places_of(struct yw_query_row *q, const char **places[TEXT_N]) {
    const char **all[TEXT_N] = {&q->number, &q->text,      &q->by,      &q->received_by, &q->replied_by,
                                &q->reply,  &q->closed_by, &q->closing, &q->alarm};
    memcpy(places, all, sizeof all);
}

/* Puts the row with its texts as they stand in it (wherever they lie). */
static enum yw_code put_query(struct yw_register *r, struct yw_query_row *q, struct yw_error *err) {
    const char **places[TEXT_N];
    places_of(q, places);
    struct yw_texts t;
    yw_texts_begin(&t);
    for (size_t i = 0; i < TEXT_N; i++) yw_texts_add(&t, *places[i] != NULL ? *places[i] : "");
    q->head.texts = yw_texts_end(&t, (const char **const *)places, TEXT_N);
    if (q->head.texts == NULL) return yw_fail(err, YW_E_NOMEM, "query: out of memory");
    enum yw_code code = yw_versions_put(&r->queries, q, "query", err);
    if (code != YW_OK) free(q->head.texts);
    return code;
}

/* by and text of an act, kept in *memory. */
static enum yw_code read_said(const json_t *act, bool text_required, char **memory, const char **by,
                              const char **text, struct yw_error *err) {
    struct yw_texts t;
    yw_texts_begin(&t);
    enum yw_code code = yw_texts_read(&t, act, "query", "by", YW_ACT_BY_MAX, true, err);
    if (code == YW_OK) code = yw_texts_read(&t, act, "query", "text", YW_QUERY_TEXT_MAX, text_required, err);
    const char **const places[] = {by, text};
    *memory = yw_texts_end(&t, places, code == YW_OK ? YW_COUNT(places) : 0);
    if (code == YW_OK && *memory == NULL) code = yw_fail(err, YW_E_NOMEM, "query: out of memory");
    if (code != YW_OK) {
        free(*memory);
        *memory = NULL;
    }
    return code;
}

static void dispute(struct yw_register *r, const struct yw_query_row *q, int change) {
    struct yw_mark_row *m = q->mark != 0 ? yw_versions_get(&r->marks, q->mark) : NULL;
    if (m == NULL) return;
    bool was = m->open_queries > 0;
    m->open_queries = (uint16_t)(m->open_queries + change);
    if (was != (m->open_queries > 0)) yw_note_judgement(r, m->head.outlet, m->from);
}

static bool plain_code(const json_t *v, size_t most) {
    size_t n = json_string_length(v);
    return json_is_string(v) && n > 0 && n <= most && yw_chars_fit(YW_CHARS_CODE, json_string_value(v), n);
}

static enum yw_code read_about(const struct yw_register *r, const json_t *act, struct yw_query_row *q,
                               struct yw_error *err) {
    int64_t mark = 0;
    const json_t *alarm = json_object_get(act, "alarm");
    enum yw_code code = yw_act_i64(act, "query", "mark", 0, INT64_MAX, false, &mark, err);
    if (code != YW_OK) return code;
    if (mark == 0) {
        if (!plain_code(alarm, YW_QUERY_NUMBER - 1))
            return yw_fail(err, YW_E_FORMAT, "query: a mark or the number of an alarm must be there");
        q->alarm = json_string_value(alarm);
        return YW_OK;
    }
    const struct yw_mark_row *m = yw_register_mark(r, (uint64_t)mark);
    if (m == NULL || m->head.outlet != q->head.outlet)
        return yw_fail(err, YW_E_NOT_FOUND, "query.mark: this outlet has no such mark");
    if (m->open_queries == UINT16_MAX) return yw_fail(err, YW_E_LIMIT, "query.mark: too many queries");
    q->mark = (uint64_t)mark;
    q->mark_version = m->head.version;
    return YW_OK;
}

static enum yw_code read_new(const struct yw_register *r, const json_t *act, struct yw_query_row *q,
                             struct yw_error *err) {
    int64_t id = 0, outlet = 0;
    const json_t *number = json_object_get(act, "number");
    enum yw_code code = yw_act_i64(act, "query", "id", 1, INT64_MAX, true, &id, err);
    if (code == YW_OK) code = yw_act_i64(act, "query", "outlet", 1, UINT32_MAX, true, &outlet, err);
    if (code == YW_OK) code = yw_act_i64(act, "query", "deadline", 1, YW_MOMENT_MAX, true, &q->deadline, err);
    if (code != YW_OK) return code;
    q->head = (struct yw_version){.id = (uint64_t)id, .outlet = (uint32_t)outlet, .version = 1};
    q->head.at = q->sent_at = yw_act_at(act);
    q->state = YW_QUERY_SENT;
    if (yw_register_outlet(r, q->head.outlet) == NULL)
        return yw_fail(err, YW_E_NOT_FOUND, "query.outlet: there is no outlet %u", q->head.outlet);
    if (!plain_code(number, YW_QUERY_NUMBER - 1))
        return yw_fail(err, YW_E_FORMAT, "query.number: takes 1 to %d letters, digits and -",
                       YW_QUERY_NUMBER - 1);
    q->number = json_string_value(number);
    return read_about(r, act, q, err);
}

enum yw_code yw_fold_query_put(struct yw_register *r, const json_t *act, struct yw_error *err) {
    struct yw_query_row q = {0};
    char *memory = NULL;
    enum yw_code code = read_new(r, act, &q, err);
    if (code == YW_OK) code = read_said(act, true, &memory, &q.by, &q.text, err);
    if (code == YW_OK && yw_register_query(r, q.head.id) != NULL)
        code = yw_fail(err, YW_E_EXISTS, "query.id: is there already");
    if (code == YW_OK) code = put_query(r, &q, err);
    free(memory);
    if (code == YW_OK) dispute(r, &q, 1);
    return code;
}

static enum yw_code step(struct yw_register *r, const json_t *act, uint8_t state, struct yw_error *err) {
    int64_t id = 0;
    enum yw_code code = yw_act_i64(act, "query", "id", 1, INT64_MAX, true, &id, err);
    const struct yw_query_row *old = code == YW_OK ? yw_register_query(r, (uint64_t)id) : NULL;
    if (code != YW_OK) return code;
    if (old == NULL) return yw_fail(err, YW_E_NOT_FOUND, "query: there is none with this id");
    if (old->state >= state)
        return yw_fail(err, YW_E_STATE, "query %s: is %s already", old->number, states[old->state].name);
    struct yw_query_row q = *old;
    char *memory = NULL;
    const char *by, *text;
    code = read_said(act, state == YW_QUERY_REPLIED, &memory, &by, &text, err);
    if (code != YW_OK) return code;
    q.head.version++;
    q.head.at = yw_act_at(act);
    q.state = state;
    if (state == YW_QUERY_RECEIVED || (state == YW_QUERY_REPLIED && q.received_at == 0)) {
        q.received_at = q.head.at; /* who replies has received */
        q.received_by = by;
    }
    if (state == YW_QUERY_REPLIED) {
        const char *result = json_string_value(json_object_get(act, "result"));
        q.amended = result != NULL && strcmp(result, "amended") == 0;
        q.replied_at = q.head.at;
        q.replied_by = by;
        q.reply = text;
        if (!q.amended && (result == NULL || strcmp(result, "kept") != 0))
            code = yw_fail(err, YW_E_FORMAT, "query.result: amended or kept");
    } else if (state == YW_QUERY_CLOSED) {
        q.closed_at = q.head.at;
        q.closed_by = by;
        q.closing = text;
    }
    if (code == YW_OK) code = put_query(r, &q, err);
    free(memory);
    if (code == YW_OK && state == YW_QUERY_CLOSED) dispute(r, &q, -1);
    return code;
}

enum yw_code yw_fold_query_receive(struct yw_register *r, const json_t *act, struct yw_error *err) {
    return step(r, act, YW_QUERY_RECEIVED, err);
}
enum yw_code yw_fold_query_reply(struct yw_register *r, const json_t *act, struct yw_error *err) {
    return step(r, act, YW_QUERY_REPLIED, err);
}
enum yw_code yw_fold_query_close(struct yw_register *r, const json_t *act, struct yw_error *err) {
    return step(r, act, YW_QUERY_CLOSED, err);
}

/* ---- look-ups ---- */

const struct yw_query_row *yw_register_query(const struct yw_register *r, uint64_t id) {
    return yw_versions_get(&r->queries, id);
}

uint64_t yw_register_next_query(const struct yw_register *r) {
    return yw_versions_next(&r->queries);
}

struct search {
    bool (*each)(void *arg, const struct yw_query_row *q);
    void *arg;
};

static bool look(void *arg, const void *row) {
    const struct search *s = arg;
    return s->each(s->arg, row);
}

void yw_register_queries(const struct yw_register *r, uint32_t outlet,
                         bool (*each)(void *arg, const struct yw_query_row *q), void *arg) {
    struct search s = {each, arg};
    if (outlet != 0) {
        yw_versions_of(&r->queries, outlet, look, &s);
    } else {
        yw_versions_all(&r->queries, look, &s);
    }
}

void yw_query_number(char out[YW_QUERY_NUMBER], uint64_t id, int64_t at) {
    struct yw_civil c;
    yw_time_to_civil(at, YW_CHINA, &c);
    snprintf(out, YW_QUERY_NUMBER, "DB%04u%02u%02u-%04llu", (unsigned)c.year % 10000, (unsigned)c.month % 100,
             (unsigned)c.day % 100, (unsigned long long)(id % 100000000));
}

/* ---- writing ---- */

bool yw_act_query_put(struct yw_buf *out, const struct yw_act *a, uint64_t id, uint64_t mark,
                      const char *alarm, uint32_t outlet, const char *number, const char *text,
                      int64_t deadline) {
    yw_act_begin(out, "query.put", a);
    yw_buf_printf(out, ",\"id\":%llu,\"outlet\":%u,\"deadline\":%lld", (unsigned long long)id, outlet,
                  (long long)deadline);
    if (mark != 0) yw_buf_printf(out, ",\"mark\":%llu", (unsigned long long)mark);
    if (mark == 0) yw_put_text(out, "alarm", alarm);
    yw_put_text(out, "number", number);
    yw_put_text(out, "text", text);
    return yw_act_end(out);
}

bool yw_act_query_step(struct yw_buf *out, const struct yw_act *a, const char *act, uint64_t id,
                       const char *text, const char *result) {
    yw_act_begin(out, act, a);
    yw_buf_printf(out, ",\"id\":%llu", (unsigned long long)id);
    if (text != NULL && text[0] != '\0') yw_put_text(out, "text", text);
    if (result != NULL) yw_put_text(out, "result", result);
    return yw_act_end(out);
}
